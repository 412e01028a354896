"""What a lead field can hold: JSON values in, stored values, JSON values and activity texts out.

Pure: no Flask, no database, no clock. Source: Marketo developer guide, "Field Types"; the wording of refusals is
recorded from real instances.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from .errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

Stored = str | int | float | None
"""What SQLite keeps: booleans as 0 and 1, dates and datetimes as the text that the API answers."""

TEXT_BYTES = 30_000
"""A text area holds so many bytes."""

MAX_INTEGER = 2**63 - 1

DATA_TYPES = frozenset(
    [
        "string",
        "email",
        "phone",
        "url",
        "text",
        "integer",
        "score",
        "percent",
        "float",
        "currency",
        "boolean",
        "date",
        "datetime",
        "reference",
        "lead_function",
        "formula",
        "array",
    ]
)
COMPUTED = frozenset({"reference", "lead_function", "formula", "array"})
"""Types that no caller writes."""

_TEXTS = frozenset({"string", "phone", "url", "reference", "lead_function", "formula", "array"})
_EMAIL = re.compile(r"[^\s@,;<>()\[\]\"]+@[^\s@,;<>()\[\]\"]+")
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def coerce(name: str, data_type: str, length: int | None, value: Any) -> Stored:
    """The stored form of a value that a caller sent; null and an empty text clear (a boolean becomes false).

    Raises:
        InvalidValue: the type cannot hold it; the message quotes the value as it was sent.
    """
    if value is None or value == "":
        return 0 if data_type == "boolean" else None
    try:
        stored = _READERS[data_type](value)
    except (ValueError, OverflowError):
        raise InvalidValue(name, as_sent(value)) from None
    if isinstance(stored, str) and length is not None and len(stored) > length:
        if data_type == "email":
            raise InvalidValue(name, as_sent(value))  # a shorter address would be somebody else's
        return stored[:length]
    return stored


def render(data_type: str, stored: Any) -> Any:
    """The JSON value of a stored one; numbers without a fraction come without one."""
    if stored is None:
        return False if data_type == "boolean" else None
    if data_type == "boolean":
        return bool(stored)
    if isinstance(stored, float) and stored.is_integer() and abs(stored) < 2**53:
        return int(stored)
    return stored


def as_text(data_type: str, stored: Any) -> str | None:
    """The value as an activity shows it; None where it is empty. Datetimes lose the T there, as recorded."""
    if data_type == "boolean":
        return "True" if stored else "False"
    if stored is None:
        return None
    if data_type == "datetime":
        return str(stored).replace("T", " ").removesuffix("Z")
    return str(render(data_type, stored))


def as_sent(value: Any) -> str:
    """A value as a refusal quotes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def parse_datetime(text: str) -> datetime:
    """The instant that an ISO 8601 text names, in UTC; without an offset it is UTC.

    A plus sign that a query string turned into a blank is put back.

    Raises:
        ValueError: it names none.
    """
    text = text.strip()
    head, blank, offset = text.rpartition(" ")
    if blank and "T" in head and re.fullmatch(r"\d\d:?\d\d", offset):
        text = f"{head}+{offset}"
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_datetime(moment: datetime) -> str:
    """``2026-03-02T22:57:08Z``: whole seconds, as every Lead Database answer has them."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return as_sent(value)
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(value)


def _text_area(value: Any) -> str:
    text = _text(value)
    encoded = text.encode()
    return text if len(encoded) <= TEXT_BYTES else encoded[:TEXT_BYTES].decode("utf-8", "ignore")


def _email(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004  one refusal for every wrong value
    text = value.strip()
    if not text.isascii() or not _EMAIL.fullmatch(text):
        raise ValueError(value)
    return text


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)  # noqa: TRY004  as above
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(value)
        value = int(value)
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?\d{1,19}(?:\.0+)?\s*", value, re.ASCII):
            raise ValueError(value)
        value = int(value.partition(".")[0])
    if abs(value) > MAX_INTEGER:
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)  # noqa: TRY004  as above
    if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", value, re.ASCII):
        raise ValueError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _boolean(value: Any) -> int:
    word = as_sent(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise ValueError(value)


def _date(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004
    text = value.strip()
    if len(text) > 10:
        parse_datetime(text)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text[:10], re.ASCII):
        raise ValueError(value)
    return date.fromisoformat(text[:10]).isoformat()


def _datetime(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004
    return format_datetime(parse_datetime(value))


_READERS: dict[str, Callable[[Any], Stored]] = {
    **dict.fromkeys(_TEXTS, _text),
    "text": _text_area,
    "email": _email,
    "integer": _integer,
    "score": _integer,
    "percent": _number,
    "float": _number,
    "currency": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
