"""The console's app: one page, read only. It calls the services that the vendors' APIs call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from flask import Flask, render_template, request

from fakes.kit.clock import VirtualClock, format_time

from .people import people, with_log

if TYPE_CHECKING:
    from fakes.world import World

A_PAGE = 50
ENGINE_SECONDS = 5


def create_app(world: World, engine_url: str | None = None, session: requests.Session | None = None) -> Flask:
    """The page of a world.

    Args:
        engine_url: where the engine tells its status; None: no engine is connected.
        session: how to reach it; a test mounts an app in this process on it.
    """
    app = Flask(__name__)
    caller = session or requests.Session()
    caller.trust_env = False

    @app.get("/")
    def page() -> str:
        search = request.args.get("search", "")
        found = people(world.org, world.instance, search)
        number = max(request.args.get("page", 1, type=int), 1)
        start = (number - 1) * A_PAGE
        engine = _engine(caller, engine_url)
        return render_template(
            "index.html",
            scenario=world.scenario,
            now=format_time(world.clock.now()),
            frozen=isinstance(world.clock, VirtualClock) and world.clock.mode == "frozen",
            crm_sync=world.scenario.marketo.crm_sync,
            people=[with_log(person, world.instance) for person in found[start : start + A_PAGE]],
            total=len(found),
            search=search,
            page=number,
            pages=max(-(-len(found) // A_PAGE), 1),
            engine=engine,
        )

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"ready": True}

    @app.after_request
    def protect(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app


def _engine(session: requests.Session, url: str | None) -> dict[str, Any]:
    """What the engine says of itself, or why it says nothing."""
    if url is None:
        return {"problem": "No engine is connected: start with --engine auto, or --engine URL."}
    try:
        answer = session.get(f"{url}/status", timeout=ENGINE_SECONDS)
        answer.raise_for_status()
        return {"url": url, "status": answer.json()}
    except (requests.RequestException, ValueError) as problem:
        return {"url": url, "problem": f"The engine at {url} does not answer: {problem}"}
