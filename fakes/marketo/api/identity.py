"""Identity. Source: Marketo developer guide, "Authentication"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from . import answers, call

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance


def create(instance: Instance) -> Blueprint:
    """The identity service: no envelope, no quota."""
    identity = Blueprint("identity", __name__, url_prefix="/identity")

    @identity.route("/oauth/token", methods=["GET", "POST"])
    def token() -> Response:
        """The live token of a client; parameters in the address or in a form."""
        answer = instance.identity.token(call.value("grant_type"), call.value("client_id"), call.value("client_secret"))
        request.environ["syncrig.user"] = answer["scope"]
        response = answers.respond(answer)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Pragma"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return identity
