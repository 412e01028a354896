"""What a field's value may look like in JSON, how it is kept, and how it is given back.

``from_json`` reads what a caller sent, ``length_problem`` and ``format_problem`` say what is wrong with a value
that is about to be saved, ``to_json`` gives it back.  Kept values are what SQLite holds: text, int, float or
None; blank is always None.
Source: REST API Developer Guide, "Supported Date and Time Formats"; Object Reference, "Field Types".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from fakes.salesforce import ids
from fakes.salesforce.errors import (
    InvalidEmailAddress,
    InvalidTypeOnField,
    JsonParserError,
    MalformedId,
    NumberOutsideValidRange,
    RestrictedPicklistValue,
    SalesforceError,
    StringTooLong,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakes.salesforce.schema import Field

NUMBERS = frozenset({"int", "double", "currency", "percent"})
_ASCII_BLANKS = " \t\r\n\f\v"  # a no-break space is not trimmed
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DATETIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?Z?")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
_EARLIEST, _LATEST = "1700-01-01", "4000-12-31"
_INT_BITS = 31
_SHOWN = 255
"""So much of a value that is too long is repeated in the message."""
_JSON_TYPES = {
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "reference": "string",
    "id": "string",
}


class NotOfType(JsonParserError):
    """A JSON value that its field cannot take.

    ``key`` is where it stood and ``index`` in which record of a collection, so that an API can say the column.
    """

    def __init__(self, key: str, message: str, *, structured: bool = False) -> None:
        super().__init__(message)
        self.key, self.structured = key, structured
        self.index: int | None = None

    def at(self, line: int, column: int) -> JsonParserError:
        """The same refusal with the place in the body that the vendor's parser names."""
        place = f"[line:{line}, column:{column}]"
        return JsonParserError(f"{self.message} {place}" if self.structured else f"{self.message} at {place}")


def from_json(field: Field, value: Any, key: str | None = None) -> Any:
    """The kept form of a JSON value: blank texts None, ids 18 characters, numbers rounded half up.

    ``key`` is how the caller spelt the field; the message about a bad value repeats it.

    Raises:
        NotOfType: the value is not of the field's type.
        MalformedId: the text given to a lookup is no id.

    """
    if isinstance(value, dict | list):
        token = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
        raise NotOfType(
            key or field.name,
            f"Cannot deserialize instance of {_JSON_TYPES.get(field.type, 'string')} from {token} value",
            structured=True,
        )
    kind = field.type
    if kind in NUMBERS:
        return None if value is None else _number(field, value, key)
    if kind == "boolean":
        return _boolean(field, value, key)
    if value is None:
        return None
    if kind == "date":
        return _date(field, value, key)
    if kind == "datetime":
        return _datetime(field, value, key)
    if kind == "time":
        return _time(field, value, key)
    return from_text(field, _text(value))


def from_text(field: Field, text: str) -> str | None:
    """The kept form of a text: trimmed, without control characters, in its field's own spelling."""
    text = _CONTROL.sub("", text).strip(_ASCII_BLANKS)
    if not text:
        return None
    if field.type in {"reference", "id"}:
        found = ids.canonical(text)
        if found is None:
            raise MalformedId(f"{field.label}: id value of incorrect type: {text}", [field.name])
        return found
    if field.type == "email":
        return text.lower()
    if field.type == "picklist":
        return _spelling(field, text)
    if field.type == "multipicklist":
        return _multipicklist(field, text)
    return text


def to_json(field: Field, kept: Any) -> Any:
    """What the REST API shows for a kept value: times in UTC with ``+0000``, checkboxes true or false."""
    if field.type == "boolean":
        return bool(kept)
    if kept is None:
        return None
    if field.type == "datetime":
        return f"{kept[:-1]}+0000"
    if field.type in NUMBERS:
        return int(kept) if field.type == "int" else float(kept)
    return kept


def length_problem(field: Field, kept: Any) -> SalesforceError | None:
    """What is wrong with the value's size, or None."""
    if isinstance(kept, str):
        if field.length and len(kept) > field.length and field.type not in {"reference", "id"}:
            shown = kept if len(kept) <= _SHOWN else kept[:_SHOWN] + "..."
            return StringTooLong(
                f"{field.label}: data value too large: {shown} (max length={field.length})", [field.name]
            )
        if field.type in {"date", "datetime"} and not _EARLIEST <= kept[:10] <= _LATEST:
            return InvalidTypeOnField(f"{field.label}: value not of required type: {kept[:10]}", [field.name])
    elif kept is not None and field.type in NUMBERS and _too_many_digits(field, kept):
        return NumberOutsideValidRange(
            f"{field.label}: value outside of valid range on numeric field: {_java_number(kept)}",
            [field.name],
        )
    return None


def format_problem(field: Field, kept: Any) -> SalesforceError | None:
    """What is wrong with the value's form, or None: addresses, and the values of restricted picklists."""
    if kept is None:
        return None
    if field.type == "email" and not _EMAIL.fullmatch(kept):
        return InvalidEmailAddress(f"{field.label}: invalid email address: {kept}", [field.name])
    if field.restricted_picklist and field.type in {"picklist", "multipicklist"}:
        allowed = {entry.value for entry in field.picklist_values if entry.active}
        for part in kept.split(";") if field.type == "multipicklist" else (kept,):
            if part not in allowed:
                return RestrictedPicklistValue(
                    f"{field.label}: bad value for restricted picklist field: {part}", [field.name]
                )
    return None


def address_json(parts: Sequence[Field], row: Mapping[str, Any], prefix: str) -> dict[str, Any] | None:
    """A compound address as JSON, or None when every part is blank; keys in alphabetical order.

    Args:
        parts: the fields the address is made of.
        row: kept values.
        prefix: what the parts' names begin with: ``Billing`` of ``BillingCity``, nothing on a Lead.

    """
    found = {}
    for part in sorted(parts, key=lambda each: each.name):
        short = part.name[len(prefix) :]
        found[short[0].lower() + short[1:]] = to_json(part, row.get(part.name))
    return None if all(value is None for value in found.values()) else found


def location_json(parts: Sequence[Field], row: Mapping[str, Any]) -> dict[str, Any] | None:
    """A compound geolocation as JSON, or None when it is blank."""
    found = {
        axis: row.get(part.name)
        for part in parts
        for axis in ("latitude", "longitude")
        if part.name.lower().removesuffix("__s").endswith(axis)
    }
    return None if all(value is None for value in found.values()) else found


def stamp(moment: datetime) -> str:
    """A moment as it is kept in the system fields: whole seconds, in UTC."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}.000Z"


def kept_datetime(moment: datetime) -> str:
    """A moment as it is kept in a date/time field: milliseconds, in UTC."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def parse_kept_datetime(kept: str) -> datetime:
    """The moment that a kept date/time names."""
    return datetime.fromisoformat(kept)


# -- one function a kind of value ---------------------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else str(value)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _number(field: Field, value: Any, key: str | None) -> int | float:
    try:
        if isinstance(value, bool):
            raise InvalidOperation  # noqa: TRY301 - the one way out for everything that is no number
        number = Decimal(value.strip() if isinstance(value, str) else str(value))
        if not number.is_finite():
            raise InvalidOperation  # noqa: TRY301
    except InvalidOperation:
        raise _refused(field, value, key) from None
    if field.type == "int":
        if number != number.to_integral_value():
            raise _refused(field, value, key)
        return int(number) if number.adjusted() < 18 else float(number)  # checked for its range later
    if number.adjusted() < 20:
        number = number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP)
    return float(number)


def _boolean(field: Field, value: Any, key: str | None) -> int:
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value in {"true", "True"}:
        return 1
    if isinstance(value, str) and value in {"false", "False"}:
        return 0
    raise _refused(field, value, key)


def _date(field: Field, value: Any, key: str | None) -> str:
    match = _DATE.match(value) if isinstance(value, str) else None
    if match is None or not (match.end() == len(value) or _DATETIME.fullmatch(value)):
        raise _refused(field, value, key)
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        raise _refused(field, value, key) from None


def _datetime(field: Field, value: Any, key: str | None) -> str:
    match = _DATETIME.fullmatch(value) if isinstance(value, str) else None
    try:
        if match is None:
            bare = _DATE.fullmatch(value) if isinstance(value, str) else None
            if bare is None:
                raise _refused(field, value, key)
            year, month, day = (int(part) for part in bare.groups())
            return kept_datetime(datetime(year, month, day, tzinfo=UTC))
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        milliseconds = int((match[7] or "0").ljust(3, "0"))
        zone = _zone(match[8])
        moment = datetime(year, month, day, hour, minute, second, milliseconds * 1000, tzinfo=zone)
        return kept_datetime(moment)
    except (ValueError, OverflowError):
        raise _refused(field, value, key) from None


def _zone(text: str | None) -> timezone:
    if text in {None, "Z"}:
        return UTC
    digits = str(text).replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-offset if digits[0] == "-" else offset)


def _time(field: Field, value: Any, key: str | None) -> str:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _refused(field, value, key)
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if hour > 23 or minute > 59 or second > 59:
        raise _refused(field, value, key)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{(match[4] or '0').ljust(3, '0')}Z"


def _spelling(field: Field, text: str) -> str:
    """A known picklist value in its defined spelling, whatever case it came in; unknown ones as they are."""
    folded = text.casefold()
    for entry in field.picklist_values:
        if entry.value.casefold() == folded:
            return entry.value
    return text


def _multipicklist(field: Field, text: str) -> str | None:
    chosen = dict.fromkeys(
        _spelling(field, part.strip(_ASCII_BLANKS)) for part in text.split(";") if part.strip(_ASCII_BLANKS)
    )
    order = {entry.value: index for index, entry in enumerate(field.picklist_values)}
    return ";".join(sorted(chosen, key=lambda value: order.get(value, len(order)))) or None


def _too_many_digits(field: Field, number: float) -> bool:
    if field.type == "int":
        return not -(2**_INT_BITS) <= number < 2**_INT_BITS or (field.digits > 0 and abs(number) >= 10**field.digits)
    return field.precision > 0 and abs(number) >= 10 ** (field.precision - field.scale)


def _java_number(number: float) -> str:
    """A number as Java writes a double: 100.0, 1.0E20."""
    if not isinstance(number, float) or abs(number) < 1e7:
        return str(number)
    mantissa, exponent = f"{number:E}".split("E")
    return f"{float(mantissa)}E{int(exponent)}"


def _refused(field: Field, value: Any, key: str | None) -> NotOfType:
    wanted = _JSON_TYPES.get(field.type, "string")
    if isinstance(value, bool):
        token, shown = ("VALUE_TRUE", "true") if value else ("VALUE_FALSE", "false")
    elif isinstance(value, str):
        token, shown = "VALUE_STRING", value
    elif isinstance(value, int):
        token, shown = "VALUE_NUMBER_INT", str(value)
    else:
        token, shown = "VALUE_NUMBER_FLOAT", str(value)
    return NotOfType(
        key or field.name,
        f"Cannot deserialize instance of {wanted} from {token} value {shown} or request may be missing "
        "a required field",
    )
