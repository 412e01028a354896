"""Marketo's envelope: the one place that builds answers and error bodies.

Members stand in the order in which a real instance sends them. Source: Marketo developer guide, "REST API", recorded
answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, g

from .errors import PLAIN, HttpRefused, IdentityRefused, RecordSkipped, RequestRefused, as_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

JSON = "application/json;charset=UTF-8"


def request_id(random: Random, now_ms: int) -> str:
    """``hex{2,5}#hex{11}``: the second part is the time in milliseconds."""
    return f"{random.randrange(0x10, 0x100000):x}#{now_ms:x}"


def dumps(body: Mapping[str, Any]) -> str:
    """Compact JSON, unescaped as a real instance sends it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def respond(body: Mapping[str, Any]) -> Response:
    """An answer of HTTP status 200."""
    return Response(dumps(body), content_type=JSON)


def result(records: Sequence[Mapping[str, Any]], **more: object) -> Response:
    """``{"requestId", "result", "success": true}`` and what the family of endpoints adds; None is left away."""
    extra = {name: value for name, value in more.items() if value is not None}
    return respond({"requestId": g.request_id, "result": records, "success": True, **extra})


def done(**more: object) -> Response:
    """Success without a ``result``, as merge and paging token answer."""
    return respond({"requestId": g.request_id, "success": True, **more})


def skipped(refusal: RecordSkipped, lead_id: int | None = None) -> dict[str, Any]:
    """One record that was skipped: lead sync gives no id, list calls do."""
    row: dict[str, Any] = {} if lead_id is None else {"id": lead_id}
    return {**row, "status": "skipped", "reasons": [as_reason(refusal)]}


def refused(refusal: RequestRefused) -> Response:
    """The whole call was refused: HTTP status 200 all the same."""
    g.refused_code = refusal.code
    return respond(refusal_body(getattr(g, "request_id", ""), refusal.code, refusal.message))


def refusal_body(request: str, code: str, message: str | None = None) -> dict[str, Any]:
    """The envelope of a refusal; without a message, the one that belongs to the code."""
    text = message if message is not None else PLAIN.get(code, "System error")
    return {"requestId": request, "success": False, "errors": [{"code": code, "message": text}]}


def bare(refusal: HttpRefused) -> Response:
    """The refusal of a gateway: HTML, and no envelope."""
    title = f"{refusal.status.value} {refusal.status.phrase}"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    return Response(page, status=refusal.status.value, content_type="text/html")


def oauth(refusal: IdentityRefused) -> Response:
    """The identity service's refusal: an OAuth body."""
    body = {"error": refusal.error, "error_description": refusal.description}
    return Response(dumps(body), status=refusal.status.value, content_type=JSON)
