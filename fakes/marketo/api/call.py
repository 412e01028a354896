"""What a route needs of its call: parameters from address and form, a JSON body, the caller.

Address and form parameters are one set, the form's winning; ``id=1&id=2`` and ``id=1,2`` mean the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from flask import g, request

from fakes.marketo.errors import InvalidContentType, InvalidJson, InvalidParameter, InvalidRequest, MissingParameter
from fakes.marketo.origin import SALESFORCE, Origin, by_api
from fakes.marketo.paging import MAX_BATCH
from fakes.marketo.store import MAX_ID
from fakes.marketo.values import parse_datetime
from fakes.marketo.wsgi import OVERRIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fakes.marketo.identity import Client


def value(name: str) -> str | None:
    """The parameter's text, or None when it is absent or empty."""
    text = request.form.get(name)
    if text is None:
        text = request.args.get(name)
    return text or None


def required(name: str) -> str:
    """The parameter's text.

    Raises:
        MissingParameter: it is absent or empty.
    """
    text = value(name)
    if text is None:
        raise MissingParameter(name)
    return text


def values(name: str) -> list[str]:
    """Every text that a repeated or comma-separated parameter has; blanks are trimmed and dropped."""
    given = request.form.getlist(name) or request.args.getlist(name)
    return [text.strip() for part in given for text in part.split(",") if text.strip()]


def integers(name: str, most: int | None = None) -> list[int]:
    """Whole numbers of a repeated or comma-separated parameter, each once.

    Raises:
        InvalidParameter: one is no number.
        InvalidRequest: there are more than ``most``.
    """
    numbers = list(dict.fromkeys(_integer(text) for text in values(name)))
    if most is not None and len(numbers) > most:
        raise InvalidRequest(f"Too many values specified for {name}. Maximum allowed is {most}")
    return numbers


def integer(name: str) -> int | None:
    """A whole number, or None when the parameter is absent.

    Raises:
        InvalidParameter: it is no number.
    """
    text = value(name)
    return None if text is None else _integer(text)


def batch_size() -> int:
    """``batchSize``: 300 unless less was asked for; more is cut without a word.

    Raises:
        InvalidParameter: it is no number.
    """
    number = integer("batchSize")
    return MAX_BATCH if number is None or number < 1 else min(number, MAX_BATCH)


def boolean(name: str) -> bool:
    """``true`` in any case; a client sends Python's ``False``."""
    return (value(name) or "").lower() == "true"


def moment(name: str) -> datetime:
    """A required ISO 8601 time.

    Raises:
        MissingParameter: it is absent.
        InvalidParameter: it is no time.
    """
    text = required(name)
    try:
        return parse_datetime(text)
    except (ValueError, OverflowError):
        raise InvalidParameter(text, "DateTime") from None


def body() -> dict[str, Any]:
    """The JSON object that the call carries; nothing at all is an empty object.

    Raises:
        InvalidContentType: there is a body and it is not ``application/json``.
        InvalidJson: it cannot be parsed, or is no object.
    """
    raw = request.get_data()
    if request.method == "GET" and OVERRIDDEN not in request.environ:
        return {}
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise InvalidContentType
    try:
        parsed = json.loads(raw, parse_constant=_no_constant)
        json.dumps(parsed, ensure_ascii=False).encode()  # half of a surrogate pair is no text that can be kept
    except (ValueError, RecursionError):
        raise InvalidJson from None
    if not isinstance(parsed, dict):
        raise InvalidJson
    return {str(name).strip(): item for name, item in parsed.items()}


def records(most: int, limit_text: str = "records") -> list[Any]:
    """The list ``input`` of the body.

    Raises:
        InvalidJson: it is no list.
        InvalidRequest: it has more than ``most``.
    """
    found = body().get("input")
    if found is None:
        return []
    if not isinstance(found, list):
        raise InvalidJson
    if len(found) > most:
        raise InvalidRequest(f"Too many {limit_text} specified. Maximum allowed is {most}")
    return found


def lead_ids(most: int) -> list[int]:
    """The lead ids of a call that takes them as ``{"input": [{"id": 1}]}`` or as ``id=1,2``.

    Raises:
        InvalidRequest: none, or more than ``most``.
        InvalidParameter: one is no number.
    """
    found = ids_of(records(most, "leads")) if request.mimetype == "application/json" else []
    found = found or integers("id", most)
    if not found:
        raise InvalidRequest("Leads not specified")
    return found


def ids_of(rows: Sequence[Any]) -> list[int]:
    """The ids of ``[{"id": 1}]``; a client sends them as texts.

    Raises:
        InvalidParameter: a row without a number.
    """
    return [_integer(row.get("id") if isinstance(row, dict) else row) for row in rows]


def caller() -> Client:
    """Who calls."""
    client: Client = g.client
    return client


def origin(method: str) -> Origin:
    """What the activity log says of a write: the connector user's are the native sync's."""
    client = caller()
    return SALESFORCE if client.connector else by_api(method, client.user, g.request_id)


def _integer(text: Any) -> int:
    if isinstance(text, int) and not isinstance(text, bool) and abs(text) <= MAX_ID:
        return text
    try:
        number = int(text) if isinstance(text, str) and len(text) <= 20 else None
    except ValueError:
        number = None
    if number is None or abs(number) > MAX_ID:
        raise InvalidParameter("" if text is None else text, "Integer")
    return number


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)
