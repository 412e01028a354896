"""Rows → records as the REST API shows them.

Source: REST API Developer Guide, "Query"; SOQL and SOSL Reference, "FORMAT()", "Understanding Relationship Query
Results".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from fakes.salesforce.soql.plan import ChildShape, CompoundShape, RecordShape, ValueShape
from fakes.salesforce.values import address_json, location_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from fakes.salesforce.schema import SObject
    from fakes.salesforce.soql.plan import Expression


@dataclass(frozen=True, slots=True)
class Shaper:
    """Turns rows of one query into records.

    Args:
        base: the address of the sobjects in this API version, ``/services/data/v63.0/sobjects``.
        sobject_of: the sobject whose ids begin with these three characters.
        children: the JSON of the n-th child subquery for a parent's id.
        timezone: the user's, for FORMAT().
    """

    base: str
    sobject_of: Callable[[str], SObject | None]
    children: Callable[[int, str], Any]
    timezone: tzinfo

    def record(self, shape: RecordShape, row: Sequence[Any]) -> dict[str, Any] | None:
        """The record that a row holds, or None for a parent that is not there."""
        record_id = row[shape.id_index]
        if record_id is None:
            return None
        sobject = shape.sobject or self.sobject_of(record_id[:3])
        chosen = shape
        shown = "Name" if shape.sobject is None else shape.sobject.name
        if shape.cases:
            chosen = shape.cases.get(sobject.name if sobject else None) or shape.cases.get(None) or shape
            shown = sobject.name if sobject else shown
        name = sobject.name if sobject else shown
        record: dict[str, Any] = {
            "attributes": {"type": shown, "url": f"{self.base}/{name}/{record_id}"},
        }
        for key, entry in chosen.entries.items():
            record[key] = self._entry(entry, row, record_id)
        return record

    def aggregate(self, shape: RecordShape, row: Sequence[Any]) -> dict[str, Any]:
        """A row of an aggregate query."""
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for key, entry in shape.entries.items():
            blank = isinstance(entry, ValueShape) and row[entry.index] is None  # in a subtotal, a checkbox can be
            record[key] = None if blank else self._entry(entry, row, "")
        return record

    def _entry(self, entry: Any, row: Sequence[Any], record_id: str) -> Any:
        match entry:
            case ValueShape(index, expression, formatted):
                value = row[index]
                if formatted:
                    return format_value(expression, value, self.timezone)
                if expression.type == "base64" and value is not None and expression.field is not None:
                    sobject = self.sobject_of(record_id[:3])
                    name = sobject.name if sobject else ""
                    return f"{self.base}/{name}/{record_id}/{expression.field.name}"
                return json_value(expression, value)
            case CompoundShape(field, parts):
                fields = [part for part, _ in parts]
                values = {part.name: row[index] for part, index in parts}
                if field.type == "location":
                    return location_json(fields, values)
                return address_json(fields, values, field.name.removesuffix("Address"))
            case ChildShape(number):
                return self.children(number, record_id)
            case RecordShape():
                return self.record(entry, row)
        raise TypeError(type(entry).__name__)


def json_value(expression: Expression, value: Any) -> Any:
    """A stored value as JSON: dateTimes in UTC with ``+0000``, checkboxes true or false, numbers by their type."""
    if value is None:
        return False if expression.type == "boolean" else None
    match expression.type:
        case "boolean":
            return bool(value)
        case "datetime":
            return f"{value.removesuffix('Z')}+0000"
        case "int":
            return int(value)
        case "double" | "currency" | "percent":
            return float(value)
        case _:
            return value


def format_value(expression: Expression, value: Any, zone: tzinfo) -> Any:
    """A value as FORMAT() shows it to a user of the locale en_US; null stays null."""
    if value is None:
        return None
    match expression.type:
        case "datetime":
            moment = datetime.fromisoformat(value).astimezone(zone)
            half = "AM" if moment.hour < 12 else "PM"
            return f"{_day(moment)}, {moment.hour % 12 or 12}:{moment.minute:02d} {half}"
        case "date":
            return _day(date.fromisoformat(value))
        case "int":
            return f"{int(value):,}"
        case "currency":
            sign = "-" if value < 0 else ""
            return f"{sign}${abs(value):,.2f}"
        case "double" | "percent":
            scale = expression.field.scale if expression.field is not None else 2
            number = f"{value:,.{scale}f}"
            return f"{number}%" if expression.type == "percent" else number
        case "boolean":
            return bool(value)
        case _:
            return value


def _day(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"
