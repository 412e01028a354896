"""The Flask app of a Marketo instance: every blueprint, every check before a call, every wording of a refusal.

The checks come in this order: size of address and body, route, token, concurrency, rate, daily quota, then the route's
own. Source: Marketo developer guide, "Error Codes", "Rate Limits"; the order is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Rule

from fakes.kit.control import install

from . import envelope, errors
from .api import activities, answers, campaigns, identity, leads, lists, not_modelled, schema, side_door, stats
from .wsgi import MethodOverride

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.kit.control import Control

    from .instance import Instance

MAX_BODY = 1024 * 1024
MAX_IMPORT = 10 * 1024 * 1024
MAX_ADDRESS = 8 * 1024
MAX_ASSET_ADDRESS = 65 * 1024
API = ("/rest/", "/bulk/")


class _Route(Rule):
    """A rule that is only matched: nobody here asks for addresses, and to compile their makers takes most of the time
    that an app takes to make.
    """  # noqa: D205

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: ARG002
        return _no_address


def _no_address(*_: object, **__: object) -> tuple[str, str]:
    raise NotImplementedError("the fake makes no addresses of its routes")


class _App(Flask):
    url_rule_class = _Route


def create_app(
    instance: Instance,
    control: Control | None = None,
    *,
    side_door: bool = True,
    side_door_token: str | None = None,
) -> Flask:
    """The REST API of an instance, with the side door unless it is left away."""
    app = _App("fakes.marketo", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(identity.create(instance))
    app.register_blueprint(leads.create(instance))
    app.register_blueprint(schema.create(instance))
    app.register_blueprint(activities.create(instance))
    app.register_blueprint(activities.create_custom(instance))
    app.register_blueprint(campaigns.create(instance))
    app.register_blueprint(lists.create(instance))
    app.register_blueprint(stats.create(instance))
    app.register_blueprint(not_modelled.create(instance))
    _register_errors(app, instance)
    _register_checks(app, instance)
    app.wsgi_app = MethodOverride(app.wsgi_app)  # type: ignore[method-assign]
    if side_door:
        app.register_blueprint(_side_door(instance))
    install(app, instance, control, token=side_door_token, enabled=side_door)
    return app


_side_door = side_door.create


def _register_checks(app: Flask, instance: Instance) -> None:
    @app.before_request
    def check() -> None:
        """Let a call of the API in, or refuse it before its route sees it."""
        if not request.path.startswith(API):
            return
        g.request_id = instance.request_id()
        _check_sizes()
        request.get_data()  # kept, so that a form's fields and a JSON body can both be read
        match request.routing_exception:
            case MethodNotAllowed():
                raise errors.MethodNotSupported(request.method)
            case HTTPException():
                raise errors.NotFound
        client = instance.identity.client_of(_token())
        g.client = client
        request.environ["syncrig.user"] = client.user
        if not client.connector:
            instance.quota.enter(client.user)
            g.entered = client.user

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        """End the call for the quotas."""
        if user := g.pop("entered", None):
            instance.quota.leave(user, g.get("refused_code"))


def _register_errors(app: Flask, instance: Instance) -> None:
    @app.errorhandler(errors.RequestRefused)
    def refused(refusal: errors.RequestRefused) -> Response:
        instance.quota.refused(refusal.code)
        return answers.refused(refusal)

    @app.errorhandler(errors.RecordSkipped)
    def skipped(skip: errors.RecordSkipped) -> Response:
        """A record's refusal that no list of records could take up: the call is about this one thing."""
        instance.quota.refused(skip.code)
        return answers.respond(envelope.refusal_body(g.request_id, skip.code, skip.message))

    @app.errorhandler(errors.HttpRefused)
    def bare(refusal: errors.HttpRefused) -> Response:
        return answers.bare(refusal)

    @app.errorhandler(errors.IdentityRefused)
    def oauth(refusal: errors.IdentityRefused) -> Response:
        return answers.oauth(refusal)

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        """A fault of the fake itself, logged by Flask: Marketo's word for it."""
        return answers.respond(envelope.refusal_body(g.get("request_id", ""), "611"))

    @app.errorhandler(NotFound)
    def elsewhere(_: NotFound) -> Response:
        return Response("Not Found", status=404, content_type="text/plain")


def _check_sizes() -> None:
    address = len(request.environ.get("PATH_INFO", "")) + len(request.environ.get("QUERY_STRING", ""))
    if address > (MAX_ASSET_ADDRESS if request.path.startswith("/rest/asset/") else MAX_ADDRESS):
        raise errors.AddressTooLong
    length = request.content_length or 0
    if length > (MAX_IMPORT if request.mimetype == "multipart/form-data" else MAX_BODY):
        raise errors.BodyTooLarge


def _token() -> str | None:
    """The access token: of the header first, else of the address or a form."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    return request.args.get("access_token") or request.form.get("access_token")
