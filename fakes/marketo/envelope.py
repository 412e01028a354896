"""Marketo's envelope: the one place that words a refusal. ``api/answers.py`` puts it into responses.

Pure. Members stand in the order in which a real instance sends them.
Source: Marketo developer guide, "REST API", "Error Codes"; recorded answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import PLAIN, RecordSkipped, as_reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

JSON = "application/json;charset=UTF-8"


def request_id(random: Random, now_ms: int) -> str:
    """``hex{2,5}#hex{11}``: the second part is the time in milliseconds."""
    return f"{random.randrange(0x10, 0x100000):x}#{now_ms:x}"


def dumps(body: Mapping[str, Any]) -> str:
    """Compact JSON, unescaped as a real instance sends it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def skipped(refusal: RecordSkipped, lead_id: int | None = None) -> dict[str, Any]:
    """One record that was skipped: lead sync gives no id, list calls do."""
    row: dict[str, Any] = {} if lead_id is None else {"id": lead_id}
    return {**row, "status": "skipped", "reasons": [as_reason(refusal)]}


def refusal_body(request: str, code: str, message: str | None = None) -> dict[str, Any]:
    """The envelope of a call that was refused; without a message, the one that belongs to the code."""
    text = message if message is not None else PLAIN.get(code, "System error")
    return {"requestId": request, "success": False, "errors": [{"code": code, "message": text}]}
