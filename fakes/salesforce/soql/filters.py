"""Conditions of WHERE and HAVING: which operators a field takes, which values, and what they mean.

Every condition is true or false for every row, never unknown: a blank differs from every value (``!=``, ``NOT IN``
and ``NOT (… = …)`` find it), and is neither smaller nor greater than any. Source: SOQL and SOSL Reference,
"fieldExpression Syntax", "Comparison Operators", "Use null in WHERE", "Querying Multi-Select Picklists".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from fakes.salesforce import ids
from fakes.salesforce.errors import InvalidField, InvalidQueryFilterOperator, MalformedQuery
from fakes.salesforce.soql import nodes
from fakes.salesforce.soql.dates import literal_range, midnight, parse_date, parse_datetime, parse_time
from fakes.salesforce.soql.plan import (
    All,
    AnyOf,
    Includes,
    IsBlank,
    Label,
    Like,
    Never,
    OneOf,
    Opposite,
    Test,
    Within,
)
from fakes.salesforce.soql.positions import caret

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.salesforce.soql.names import Environment
    from fakes.salesforce.soql.plan import Expression, Filter

    ReadOperand: TypeAlias = Callable[[nodes.Operand], tuple[Expression, str]]
    ReadSemiJoin: TypeAlias = Callable[[nodes.SemiJoin], Filter]

NUMBERS = frozenset({"int", "double", "currency", "percent"})
IDS = frozenset({"id", "reference"})
TEXTS = frozenset({"string", "picklist", "email", "phone", "url", "textarea", "combobox", "encryptedstring"})

# The type's name in the message about a wrong value, and whether such values stand in quotes.
_WORDS = {
    "boolean": ("boolean", False),
    "int": ("int", False),
    "double": ("double", False),
    "currency": ("double", False),
    "percent": ("double", False),
    "date": ("date", False),
    "datetime": ("dateTime", False),
    "time": ("time", False),
    "id": ("ID", True),
    "reference": ("ID", True),
}


class Filters:
    """Turns the conditions of one query into filters.

    Args:
        text: the whole query, for the places in errors.
        operand: the expression behind an operand and its name as written; refuses what cannot be filtered.
        semi_join: the filter that a semi-join stands for.
    """

    def __init__(self, environment: Environment, text: str, operand: ReadOperand, semi_join: ReadSemiJoin) -> None:
        self._environment = environment
        self._text = text
        self._operand = operand
        self._semi_join = semi_join

    def condition(self, node: nodes.Condition) -> Filter:
        """The filter for a condition.

        Raises:
            InvalidField: a field or a value of the wrong type.
            InvalidQueryFilterOperator: an operator that the field's type does not take, or a malformed id.
        """
        match node:
            case nodes.And(terms):
                return All(tuple(self.condition(term) for term in terms))
            case nodes.Or(terms):
                return AnyOf(tuple(self.condition(term) for term in terms))
            case nodes.Not(term):
                return Opposite(self.condition(term))
            case nodes.SemiJoin():
                return self._semi_join(node)
            case nodes.Membership():
                return self._membership(node)
            case nodes.Comparison():
                return self._comparison(node)

    def _comparison(self, node: nodes.Comparison) -> Filter:
        value, typed = self._operand(node.left)
        kind = value.type
        if node.operator == "LIKE":
            return self._like(node, value, typed)
        if kind in {"boolean", "multipicklist"} and node.operator not in {"=", "!="}:
            self._refuse_operator(node.left, kind)
        if isinstance(node.right, nodes.DateLiteral):
            return self._date_literal(value, typed, node.operator, node.right, node.left.position)
        stored = self._stored(value, typed, node.right, node.left.position)
        if node.operator in {"=", "!="}:
            found = _equals(value, stored)
            return Opposite(found) if node.operator == "!=" else found
        return Never() if stored is None else Test(value, node.operator, stored)

    def _like(self, node: nodes.Comparison, value: Expression, typed: str) -> Filter:
        if value.type not in TEXTS:
            self._refuse_operator(node.left, value.type)
        if not isinstance(node.right, nodes.Literal) or node.right.kind not in {"string", "null"}:
            self._refuse_value(value, typed, node.left.position)
        if node.right.value is None or node.right.value == "":
            return IsBlank(value)
        return Like(value, str(node.right.value))

    def _membership(self, node: nodes.Membership) -> Filter:
        value, typed = self._operand(node.left)
        kind = value.type
        if node.operator in {"INCLUDES", "EXCLUDES"}:
            if kind != "multipicklist":
                self._refuse_operator(node.left, kind)
            included = self._includes(node, value, typed)
            return Opposite(included) if node.operator == "EXCLUDES" else included
        if kind in {"boolean", "multipicklist"}:
            self._refuse_operator(node.left, kind)
        plain: list[Any] = []
        others: list[Filter] = []
        for literal in node.values:
            if isinstance(literal, nodes.DateLiteral):
                others.append(self._date_literal(value, typed, "=", literal, node.left.position))
                continue
            stored = self._stored(value, typed, literal, node.left.position)
            if stored is None:
                others.append(IsBlank(value))
            elif isinstance(value, Label):
                others.append(_equals(value, stored))
            else:
                plain.append(stored)
        if plain:
            others.insert(0, OneOf(value, tuple(plain)))
        found = others[0] if len(others) == 1 else AnyOf(tuple(others))
        return Opposite(found) if node.operator == "NOT IN" else found

    def _includes(self, node: nodes.Membership, value: Expression, typed: str) -> Filter:
        sets: list[tuple[str, ...]] = []
        blank = False
        for literal in node.values:
            stored = self._stored(value, typed, literal, node.left.position)
            if stored is None:
                blank = True
            else:
                sets.append(tuple(part.strip() for part in str(stored).split(";") if part.strip()))
        filters: list[Filter] = [Includes(value, tuple(sets))] if sets else []
        if blank:
            filters.append(IsBlank(value))
        return filters[0] if len(filters) == 1 else AnyOf(tuple(filters))

    # -- values ------------------------------------------------------------------------------------------

    def _date_literal(
        self, value: Expression, typed: str, operator: str, literal: nodes.DateLiteral, position: int
    ) -> Filter:
        if value.type not in {"date", "datetime"}:
            self._refuse_value(value, typed, position)
        calendar = self._environment.calendar
        days = literal_range(literal.name, literal.number, calendar.today(self._environment.now), calendar)
        if value.type == "date":
            start, end = (day.isoformat() for day in days)
        else:
            start, end = (midnight(day, calendar.timezone) for day in days)
        match operator:
            case "=":
                return Within(value, start, end)
            case "!=":
                return Opposite(Within(value, start, end))
            case "<":
                return Test(value, "<", start)
            case "<=":
                return Test(value, "<", end)
            case ">":
                return Test(value, ">=", end)
            case _:
                return Test(value, ">=", start)

    def _stored(self, value: Expression, typed: str, literal: nodes.Value, position: int) -> Any:
        """The value as the store keeps it; None for null and for an empty text, which are the same."""
        kind = value.type
        if isinstance(literal, nodes.DateLiteral):
            self._refuse_value(value, typed, position)
        if literal.kind == "null":
            return None
        if literal.kind == "currency":
            self._environment.not_modelled("SOQL currency literals", f"{literal.currency}{literal.value}")
            raise MalformedQuery(
                caret(self._text, literal.position)
                + "currency literals are only allowed in organizations with multiple currencies"
            )
        if kind in IDS:
            if literal.kind != "string":
                self._refuse_value(value, typed, position)
            if literal.value == "":
                return None
            found = ids.canonical(str(literal.value))
            if found is None:
                raise InvalidQueryFilterOperator(caret(self._text, position) + f"invalid ID field: {literal.value}")
            return found
        stored = _convert(kind, literal)
        if stored is None and literal.value != "":
            self._refuse_value(value, typed, position)
        return stored

    def _refuse_value(self, value: Expression, typed: str, position: int) -> NoReturn:
        word, quoted = _WORDS.get(value.type, ("string", True))
        enclosed = "should be enclosed" if quoted else "should not be enclosed"
        raise InvalidField(
            caret(self._text, position)
            + f"value of filter criterion for field '{typed}' must be of type {word} and {enclosed} in quotes"
        )

    def _refuse_operator(self, operand: nodes.Operand, kind: str) -> NoReturn:
        shown = "id" if kind == "reference" else kind
        raise InvalidQueryFilterOperator(caret(self._text, operand.position) + f"invalid operator on {shown} field")


def _convert(kind: str, literal: nodes.Literal) -> Any:
    """A literal as a stored value of that type, or None where it does not fit."""
    written, value = literal.kind, literal.value
    match kind:
        case "boolean":
            return int(bool(value)) if written == "boolean" else None
        case "int":
            return value if written == "number" and isinstance(value, int) else None
        case "double" | "currency" | "percent":
            return float(value or 0) if written == "number" else None
        case "date":
            return parse_date(str(value)) if written == "date" else None
        case "datetime":
            return parse_datetime(str(value)) if written == "datetime" else None
        case "time":
            return parse_time(str(value)) if written == "time" else None
        case _:
            return value if written == "string" and value != "" else None


def _equals(value: Expression, stored: Any) -> Filter:
    if stored is None:
        return IsBlank(value)
    if isinstance(value, Label):
        # Compared as a value, so that an index on the field still serves.
        wanted = str(stored).lower()
        values = [api for api, label in value.labels.items() if label.lower() == wanted]
        labelled = {api.lower() for api in value.labels}
        if wanted not in labelled:
            values.append(str(stored))  # a value outside the picklist is its own label
        return OneOf(value.value, tuple(values)) if values else Never()
    return Test(value, "=", stored)
