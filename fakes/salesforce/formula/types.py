"""The types of the formula language, and what a formula is told about fields and records.

Source: Salesforce help, "Formula Data Types" and "Formula Field Limits and Restrictions".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Protocol

from fakes.salesforce.formula.numbers import shifted

Value = str | Decimal | bool | date | datetime | time | None
"""What a formula computes with: blank text is ``""``, any other blank is None; datetimes carry a time zone."""

BlankAs = Literal["zero", "blank"]
Purpose = Literal["validation", "formula_field", "default", "workflow", "any"]
Mode = Literal["memory", "query"]


class Type(Enum):
    """A type of the language, by the name that messages give it."""

    TEXT = "Text"
    NUMBER = "Number"
    BOOLEAN = "Boolean"
    DATE = "Date"
    DATETIME = "DateTime"
    TIME = "Time"
    NULL = "Null"
    LOCATION = "Geolocation"
    PICKLIST = "Picklist"
    MULTIPICKLIST = "Multi-Select Picklist"
    LONG_TEXT = "Long Text"
    UNUSABLE = "Unusable"


_FIELD_TYPES: dict[str, Type] = {
    **dict.fromkeys(
        (
            "text", "string", "textarea", "email", "phone", "url", "autonumber", "id", "reference", "lookup",
            "masterdetail", "combobox", "hierarchy", "metadatarelationship", "externallookup", "indirectlookup",
        ),
        Type.TEXT,
    ),
    **dict.fromkeys(("number", "double", "int", "long", "currency", "percent", "summary"), Type.NUMBER),
    **dict.fromkeys(("checkbox", "boolean"), Type.BOOLEAN),
    "date": Type.DATE,
    "datetime": Type.DATETIME,
    "time": Type.TIME,
    "picklist": Type.PICKLIST,
    **dict.fromkeys(("multipicklist", "multiselectpicklist"), Type.MULTIPICKLIST),
    **dict.fromkeys(("geolocation", "location"), Type.LOCATION),
    **dict.fromkeys(("longtextarea", "html", "richtextarea"), Type.LONG_TEXT),
    **dict.fromkeys(("encryptedstring", "encryptedtext", "address", "base64", "anytype"), Type.UNUSABLE),
}  # fmt: skip
_IDS = frozenset({"id", "reference", "lookup", "masterdetail", "hierarchy"})
_RESULT_NAMES = {"currency": "Currency", "percent": "Percent"}


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace("/", "").replace(" ", "").lower()


def type_of(field_type: str) -> Type:
    """The language's type of a field whose type is named as in describe, in sfdx source, or in the help."""
    return _FIELD_TYPES.get(_plain(field_type), Type.UNUSABLE)


def is_id(field_type: str) -> bool:
    """Whether a field holds a record id: 18 characters in the API, 15 in a formula."""
    return _plain(field_type) in _IDS


def is_percent(field_type: str) -> bool:
    """Whether a field holds per cents: 45 in the API, 0.45 in a formula."""
    return _plain(field_type) == "percent"


def result_name(field_type: str) -> str:
    """How messages name the type that a formula has to yield."""
    return _RESULT_NAMES.get(_plain(field_type), type_of(field_type).value)


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a formula has to know of a field.

    Args:
        type: as describe, sfdx source or the help name it: ``string``, ``Text``, ``percent``, ``picklist`` …
        options: the API values of a picklist, active or not; empty when unknown.
        scale: decimals of a number.
        formula: the text of a formula field; it is compiled in place, so its value is never rounded on the way.
        blank_as: how that formula field treats blank numbers.
    """

    type: str
    options: tuple[str, ...] = ()
    scale: int | None = None
    formula: str | None = None
    blank_as: BlankAs = "zero"


class CompileContext(Protocol):
    """Where a formula stands: what names mean, and what it may use."""

    @property
    def blank_as(self) -> BlankAs:
        """``"zero"``: a blank number field counts as 0."""

    @property
    def purpose(self) -> Purpose:
        """What the formula is for; ``"any"`` allows every function."""

    def field(self, path: tuple[str, ...]) -> FieldInfo | None:
        """The field of a dotted name, in any case: ``("Account", "Name")``, ``("$User", "FirstName")``."""


class RecordContext(Protocol):
    """The record that a formula is evaluated for, and what surrounds it."""

    @property
    def is_new(self) -> bool:
        """The record is being inserted."""

    @property
    def is_clone(self) -> bool:
        """The record is a copy made on a page; never true through the API."""

    @property
    def now(self) -> datetime:
        """With a time zone; the same throughout one evaluation."""

    @property
    def today(self) -> date:
        """In the running user's time zone."""

    @property
    def timezone(self) -> tzinfo:
        """The running user's."""

    def value(self, path: tuple[str, ...]) -> Any:
        """The API's value of a field, as now being saved; blank is None."""

    def prior(self, path: tuple[str, ...]) -> Any:
        """The value before this save; on insert the current one."""

    def lookup(self, sobject: str, key_field: str, value: Value, return_field: str) -> Any:
        """VLOOKUP: ``return_field`` of the first row whose ``key_field`` is the value, else None."""


def text_of(value: Any) -> str:
    """A stored text as formulas see it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def id_of(value: Any) -> str:
    """An id as formulas see it: 15 characters."""
    return "" if value is None else str(value)[:15]


def number_of(value: Any) -> Decimal | None:
    """A stored number with the digits it was sent with."""
    if value is None or type(value) is Decimal:
        return value
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(str(value)) if value != "" else None


def percent_of(value: Any) -> Decimal | None:
    """A stored per cent as formulas see it: 45 is 0.45."""
    number = number_of(value)
    return None if number is None else shifted(number, -2)


def boolean_of(value: Any) -> bool:
    """A stored checkbox; a blank one is false."""
    return bool(value) and value not in {"false", "0"}


def date_of(value: Any) -> date | None:
    """A stored date."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(value[:10]) if value else None


def datetime_of(value: Any) -> datetime | None:
    """A stored instant, in UTC."""
    if value is None or value == "":
        return None
    instant: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def time_of(value: Any) -> time | None:
    """A stored time of the day, without a zone."""
    if isinstance(value, str):
        value = time.fromisoformat(value.removesuffix("Z")) if value else None
    return None if value is None else value.replace(tzinfo=None)


_DAY = timedelta(days=1)


def milliseconds(value: time) -> int:
    """Milliseconds since midnight."""
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000


def time_at(count: int) -> time:
    """The time so many milliseconds after midnight, past midnight again from 0."""
    moment = timedelta(milliseconds=count) % _DAY
    hours, rest = divmod(moment.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return time(hours, minutes, seconds, moment.microseconds)
