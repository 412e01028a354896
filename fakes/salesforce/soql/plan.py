"""A query once every name in it is known: tables, expressions, conditions and the shape of the answer.

Frozen data without behaviour. :mod:`resolve <fakes.salesforce.soql.resolve>` makes it, ``compile`` turns it into SQL,
``shape`` turns rows into records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.salesforce.schema import Field, SObject

# -- where values come from ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """An sobject's table under an alias; joined tables say which id of theirs is looked for by ``key``."""

    alias: str
    sobject: SObject
    key: Expression | None = None

    @property
    def joined(self) -> bool:
        """Whether the row may be missing: every parent is an outer join."""
        return self.key is not None


@dataclass(frozen=True, slots=True)
class Column:
    """A stored field of a table."""

    table: Table
    field: Field

    @property
    def type(self) -> str:
        """The describe type of the value."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class FormulaValue:
    """A formula field of a table, computed for the row when it is read."""

    table: Table
    field: Field

    @property
    def type(self) -> str:
        """The describe type of the value."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class FirstOf:
    """A field of whichever sobject a polymorphic lookup points at."""

    options: tuple[Expression, ...]
    type: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name of the sobject that a polymorphic lookup points at (``Owner.Type``)."""

    tables: tuple[Table, ...]
    type: str = "picklist"
    field: None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A picklist's value in the words that people see."""

    value: Expression
    labels: Mapping[str, str]
    field: Field | None = None
    type: str = "string"


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A dateTime as the user's clock shows it."""

    value: Expression
    zone: str
    type: str = "datetime"
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class DatePart:
    """A date function of a date or dateTime; DAY_ONLY makes a date, the others a number."""

    name: str
    value: Expression
    fiscal_start: int = 1
    field: None = None

    @property
    def type(self) -> str:
        """The describe type of the value."""
        return "date" if self.name == "DAY_ONLY" else "int"


@dataclass(frozen=True, slots=True)
class Distance:
    """The way between two points on the earth; ``unit`` is mi or km."""

    from_latitude: Expression
    from_longitude: Expression
    to_latitude: Expression
    to_longitude: Expression
    unit: str
    type: str = "double"
    field: None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number written in the query."""

    value: float
    type: str = "double"
    field: None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT, COUNT_DISTINCT, AVG, SUM, MIN or MAX of an expression."""

    name: str
    value: Expression
    type: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class IsSubtotal:
    """``GROUPING(field)``: 1 where ROLLUP or CUBE left the field out, else 0."""

    value: Expression
    type: str = "int"
    field: None = None


Expression: TypeAlias = (
    Column
    | FormulaValue
    | FirstOf
    | TypeName
    | Label
    | LocalTime
    | DatePart
    | Distance
    | Constant
    | Aggregate
    | IsSubtotal
)

# -- conditions: each is true or false, never unknown ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test:
    """``=``, ``<``, ``<=``, ``>`` or ``>=`` with a stored value; a blank passes none of them."""

    value: Expression
    operator: str
    operand: Any


@dataclass(frozen=True, slots=True)
class IsBlank:
    """There is no value; a checkbox is blank when it is false."""

    value: Expression


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of several stored ones."""

    value: Expression
    operands: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The value lies in [start, end)."""

    value: Expression
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Like:
    r"""The text fits a pattern with ``%`` and ``_``, and ``\`` before a character that means itself."""

    value: Expression
    pattern: str


@dataclass(frozen=True, slots=True)
class Includes:
    """A multi-select picklist has every value of at least one of these sets."""

    value: Expression
    sets: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class InQuery:
    """The id is among those that another query finds."""

    value: Expression
    query: Resolved


@dataclass(frozen=True, slots=True)
class All:
    """Every one of several conditions."""

    terms: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions."""

    terms: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """What does not fulfil the condition, blanks too."""

    term: Filter


@dataclass(frozen=True, slots=True)
class Never:
    """What no row fulfils, such as ``Amount > null``."""


Filter: TypeAlias = Test | IsBlank | OneOf | Within | Like | Includes | InQuery | All | AnyOf | Opposite | Never

# -- the answer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueShape:
    """One value, from the column of that number; ``formatted`` for FORMAT()."""

    index: int
    expression: Expression
    formatted: bool = False


@dataclass(frozen=True, slots=True)
class CompoundShape:
    """An address or a geolocation, from the columns of its parts."""

    field: Field
    parts: tuple[tuple[Field, int], ...]


@dataclass(frozen=True, slots=True)
class ChildShape:
    """The records of a child subquery: the how manieth of ``Resolved.children``."""

    number: int


@dataclass(slots=True)
class RecordShape:
    """A record: its sobject (None: whichever the id says, shown as ``Name``), its id's column, its keys in order.

    ``cases`` is for TYPEOF: the shape for each sobject, and for others the shape under None.
    """

    sobject: SObject | None
    id_index: int
    entries: dict[str, Shape] = field(default_factory=dict)
    cases: dict[str | None, RecordShape] = field(default_factory=dict)


Shape: TypeAlias = ValueShape | CompoundShape | ChildShape | RecordShape


@dataclass(frozen=True, slots=True)
class Order:
    """One entry of ORDER BY."""

    value: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Child:
    """A child subquery and the lookup field by which its records belong to the parent."""

    query: Resolved
    lookup: Column


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query of which every name is known.

    ``kind`` is ``rows``, ``count`` (``COUNT()``) or ``aggregate``; ``tables`` begins with the queried sobject's.
    ``grouping_sets`` lists which of ``groups`` each pass keeps: one pass of all of them unless ROLLUP or CUBE is
    written.
    """

    kind: str
    tables: tuple[Table, ...]
    columns: tuple[Expression, ...]
    shape: RecordShape
    where: Filter | None = None
    groups: tuple[Expression, ...] = ()
    grouping_sets: tuple[frozenset[int], ...] = ()
    having: Filter | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None
    children: tuple[Child, ...] = ()
    touch: tuple[str, ...] = ()

    @property
    def root(self) -> Table:
        """The table of the sobject behind FROM."""
        return self.tables[0]
