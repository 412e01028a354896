"""The tree of a query: frozen data without behaviour. ``position`` is the offset of the first character in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """``Account.Owner.Name``: relationships and, last, a field; spelled as written."""

    parts: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        """The path as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Geolocation:
    """``GEOLOCATION(37.7, -122.4)``."""

    latitude: float
    longitude: float
    position: int


@dataclass(frozen=True, slots=True)
class Unit:
    """The ``'mi'`` or ``'km'`` of a DISTANCE."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: aggregate, date function, toLabel, FORMAT, DISTANCE …; ``name`` in upper case."""

    name: str
    arguments: tuple[Operand | Geolocation | Unit, ...]
    position: int
    typed: str


Operand: TypeAlias = Path | Call


@dataclass(frozen=True, slots=True)
class Literal:
    r"""A value of a condition.

    ``kind`` is string, number, boolean, null, date, datetime, time or currency; ``value`` is the value as the
    language means it (behind LIKE a pattern with ``\\`` as its escape); ``currency`` the code before an amount.
    """

    kind: str
    value: str | float | int | bool | None
    position: int
    currency: str = ""


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """``TODAY`` or, with a number, ``LAST_N_DAYS:30``."""

    name: str
    number: int | None
    position: int


Value: TypeAlias = Literal | DateLiteral


@dataclass(frozen=True, slots=True)
class Comparison:
    """``field op value``; ``operator`` is one of ``= != < <= > >= LIKE``."""

    left: Operand
    operator: str
    right: Value
    position: int
    operator_position: int


@dataclass(frozen=True, slots=True)
class Membership:
    """``field [NOT] IN (values)``, ``INCLUDES (values)`` or ``EXCLUDES (values)``."""

    left: Operand
    operator: str
    values: tuple[Value, ...]
    position: int
    operator_position: int


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """``field [NOT] IN (SELECT …)``."""

    left: Operand
    negated: bool
    query: Query
    position: int


@dataclass(frozen=True, slots=True)
class And:
    """All of several conditions."""

    terms: tuple[Condition, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several conditions."""

    terms: tuple[Condition, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of one condition."""

    term: Condition
    position: int


Condition: TypeAlias = Comparison | Membership | SemiJoin | And | Or | Not


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or a function of one, with its alias."""

    operand: Operand
    alias: str | None
    position: int


@dataclass(frozen=True, slots=True)
class CountAll:
    """``COUNT()``."""

    position: int


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """``FIELDS(ALL)``; ``group`` is ALL, STANDARD or CUSTOM."""

    group: str
    position: int


@dataclass(frozen=True, slots=True)
class ChildQuery:
    """``(SELECT … FROM Contacts)`` among the selected fields."""

    query: Query
    position: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """``TYPEOF What WHEN Account THEN Phone ELSE Name END``."""

    relationship: Path
    cases: tuple[tuple[str, int, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    position: int


Item: TypeAlias = Selected | CountAll | FieldsOf | ChildQuery | TypeOf


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind FROM, with its alias."""

    path: Path
    alias: str | None


@dataclass(frozen=True, slots=True)
class Ordering:
    """One entry of ORDER BY; ``nulls_last`` is False unless NULLS LAST is written."""

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP BY; ``kind`` is PLAIN, ROLLUP or CUBE."""

    kind: str
    operands: tuple[Operand, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query or subquery; ``text`` is that of the outermost, for the places in errors."""

    text: str
    position: int
    items: tuple[Item, ...]
    sources: tuple[Source, ...]
    scope: str | None = None
    scope_position: int = 0
    where: Condition | None = None
    security: str | None = None
    grouping: Grouping | None = None
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    limit_position: int = 0
    offset: int | None = None
    offset_position: int = 0
    touch: tuple[str, ...] = ()
