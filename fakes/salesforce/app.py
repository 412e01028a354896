"""The fake Salesforce as a WSGI app: every blueprint and error handler, listed.

``create_app(org)`` is all there is to it; the org it is handed keeps the state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, PreconditionFailed

from fakes.kit.control import install
from fakes.salesforce import errors, wire
from fakes.salesforce.api import http
from fakes.salesforce.api.oauth import oauth
from fakes.salesforce.api.rest.collections import collections
from fakes.salesforce.api.rest.discovery import discovery
from fakes.salesforce.api.rest.limits import limits
from fakes.salesforce.api.rest.query import query
from fakes.salesforce.api.rest.sobjects import sobjects
from fakes.salesforce.api.side_door import create as create_side_door
from fakes.salesforce.api.soap.calls import soap
from fakes.salesforce.errors import NotFound, OAuthRefused, RequestLimitExceeded, SalesforceError

if TYPE_CHECKING:
    from fakes.kit.control import Control
    from fakes.salesforce.org import Org

_REST = "/services/data/v"
_VERBS = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")
_KNOWN_TO_THE_VENDOR = frozenset(
    {
        "actions", "analytics", "appmenu", "async", "chatter", "commerce", "compactlayouts", "composite", "connect",
        "event", "folders", "jobs", "jsonxform", "knowledgemanagement", "licensing", "metadata", "parameterizedsearch",
        "process", "quickactions", "recent", "search", "smartdatadiscovery", "support", "tabs", "theme", "tooling",
        "ui-api", "wave",
    }
)  # fmt: skip


def create_app(
    org: Org,
    control: Control | None = None,
    *,
    side_door: bool = True,
    side_door_token: str | None = None,
) -> Flask:
    """An app that serves an org; several apps can serve several orgs in one process.

    Args:
        org: the state and the rules.
        control: what the side door moves; None: this org alone.
        side_door: False leaves ``/_fake/`` away.
        side_door_token: wanted by every side door call as ``X-Syncrig-Token``.

    """
    app = Flask("fakes.salesforce", static_folder=None)
    app.url_map.strict_slashes = False  # clients put a slash behind every kind of address
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # keys in the vendor's order
    app.config["MAX_CONTENT_LENGTH"] = http.MAX_BODY

    app.before_request(lambda: _begin(org))
    for blueprint in (discovery, sobjects, collections, query, limits, oauth, soap):
        app.register_blueprint(blueprint)
    app.after_request(_finish)
    app.register_error_handler(SalesforceError, http.refuse)
    app.register_error_handler(OAuthRefused, _refuse_oauth)
    app.register_error_handler(HTTPException, _refuse_http)

    if side_door:
        app.register_blueprint(create_side_door(org))
    app.wsgi_app = http.MethodOverride(app.wsgi_app)  # type: ignore[method-assign]
    install(app, org, control, token=side_door_token, enabled=side_door)
    app.wsgi_app = http.Compression(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _begin(org: Org) -> None:
    """Before every request: which org; for REST also which version and who asks."""
    g.org = org
    if not request.path.startswith(_REST):
        return
    g.version = http.check_version(request.path[len(_REST) :].partition("/")[0])
    g.user = http.authenticate()
    org.usage.count()
    if request.accept_mimetypes.best == "application/xml":
        raise http.not_modelled("answers in XML")
    if org.usage.limit and org.strict and org.usage.used > org.usage.limit:
        raise RequestLimitExceeded


def _finish(response: Response) -> Response:
    """The headers that every REST answer carries."""
    if "user" in g and request.path.startswith(_REST):
        usage = http.org().usage
        response.headers["Sforce-Limit-Info"] = f"api-usage={usage.used}/{usage.limit}"
        response.headers.setdefault("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _refuse_oauth(refused: OAuthRefused) -> Response:
    return http.answer(wire.oauth_json(refused), refused.http_status)


def _refuse_http(problem: HTTPException) -> Any:
    """What Flask itself refuses: an unknown address, a verb, a body that is too large."""
    if request.path.startswith("/_fake/"):
        return jsonify({"errors": [{"message": problem.description}]}), problem.code or 500
    if isinstance(problem, MethodNotAllowed):
        allowed = sorted(set(problem.valid_methods or ()) - {"OPTIONS"}, key=_VERBS.index)
        response = http.refuse(errors.MethodNotAllowed(request.method, allowed))
        response.headers["Allow"] = ",".join(allowed)
        return response
    if isinstance(problem, PreconditionFailed):
        return http.nothing(412)
    if problem.code == 413:
        return http.refuse(errors.RequestTooLarge())
    if problem.code == 404:
        return http.refuse(_unknown_address())
    return http.refuse(errors.UnknownException())


def _unknown_address() -> SalesforceError:
    """An address that Salesforce has and the fake has not stands in the ledger; any other is not found."""
    if request.path.startswith(_REST):
        rest = request.path[len(_REST) :].partition("/")[2]
        if rest.partition("/")[0].lower() in _KNOWN_TO_THE_VENDOR:
            return http.not_modelled(f"{request.method} {rest}")
        return NotFound()
    for start in ("/services/async/", "/services/Soap/", "/services/apexrest/", "/cometd/"):
        if request.path.startswith(start):
            return http.not_modelled(f"{request.method} {start}")
    return NotFound()
