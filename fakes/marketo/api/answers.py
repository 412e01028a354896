"""Flask responses around Marketo's envelope: every answer that a route or an error handler gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, g

from fakes.marketo.envelope import JSON, dumps, refusal_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakes.marketo.errors import HttpRefused, IdentityRefused, RequestRefused


def respond(body: Mapping[str, object]) -> Response:
    """An answer of HTTP status 200."""
    return Response(dumps(body), content_type=JSON)


def result(records: Sequence[Mapping[str, object]], **more: object) -> Response:
    """``{"requestId", "result", "success": true}`` and what the family of endpoints adds; None is left away."""
    extra = {name: value for name, value in more.items() if value is not None}
    return respond({"requestId": g.request_id, "result": records, "success": True, **extra})


def done(**more: object) -> Response:
    """Success without a ``result``, as merge and paging token answer."""
    return respond({"requestId": g.request_id, "success": True, **more})


def refused(refusal: RequestRefused) -> Response:
    """The whole call was refused: HTTP status 200 all the same."""
    g.refused_code = refusal.code
    return respond(refusal_body(getattr(g, "request_id", ""), refusal.code, refusal.message))


def bare(refusal: HttpRefused) -> Response:
    """The refusal of a gateway: HTML, and no envelope."""
    title = f"{refusal.status.value} {refusal.status.phrase}"
    head, body = f"<head><title>{title}</title></head>", f"<body><center><h1>{title}</h1></center></body>"
    page = f"<html>\r\n{head}\r\n{body}\r\n</html>\r\n"
    return Response(page, status=refusal.status.value, content_type="text/html")


def oauth(refusal: IdentityRefused) -> Response:
    """The identity service's refusal: an OAuth body."""
    body = {"error": refusal.error, "error_description": refusal.description}
    return Response(dumps(body), status=refusal.status.value, content_type=JSON)
