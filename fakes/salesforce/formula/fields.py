"""How stored values become values of the language."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import types
from fakes.salesforce.formula.types import FieldInfo, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.salesforce.formula.types import RecordContext

_READERS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: types.text_of,
    Type.LONG_TEXT: types.text_of,
    Type.PICKLIST: types.text_of,
    Type.NUMBER: types.number_of,
    Type.BOOLEAN: types.boolean_of,
    Type.DATE: types.date_of,
    Type.DATETIME: types.datetime_of,
    Type.TIME: types.time_of,
}


def entries_of(value: Any) -> str:
    """A multi-select picklist as ``a;b``, however it is stored."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return types.text_of(value)


def location_of(value: Any) -> tuple[Decimal | None, Decimal | None] | None:
    """Latitude and longitude, from the API's object or from a pair."""
    if value is None:
        return None
    pair: Sequence[Any] = [value.get("latitude"), value.get("longitude")] if isinstance(value, dict) else value
    latitude, longitude = (types.number_of(part) for part in pair)
    return None if latitude is None or longitude is None else (latitude, longitude)


_READERS |= {Type.MULTIPICKLIST: entries_of, Type.LOCATION: location_of}


def reader(info: FieldInfo) -> Callable[[Any], Any]:
    """Turns the API's value of such a field into what a formula computes with."""
    if types.is_id(info.type):
        return types.id_of
    if types.is_percent(info.type):
        return types.percent_of
    return _READERS[types.type_of(info.type)]


def access(info: FieldInfo, path: tuple[str, ...]) -> Callable[[RecordContext], Any]:
    """Reads a field of a record; values that already have their type are not converted."""
    read = reader(info)
    if read is types.text_of:
        expected: type = str
    elif read is types.number_of:
        expected = Decimal
    else:
        return lambda record: read(record.value(path))

    def run(record: RecordContext) -> Any:
        value = record.value(path)
        return value if type(value) is expected else read(value)

    return run
