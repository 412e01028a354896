# ruff: noqa: S608 - names come from the schema and are quoted; values are parameters
"""Resolved query → SQL text and parameters. Values of the query are never in the text.

What the text contains are names of tables and columns, which come from the schema, and words of SQL. Conditions are
written so that SQLite can use the store's indexes: a bare column on the left, a parameter on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from fakes.salesforce.soql.filters import IDS, NUMBERS
from fakes.salesforce.soql.functions import fold, sort_key
from fakes.salesforce.soql.plan import (
    Aggregate,
    All,
    AnyOf,
    Column,
    Constant,
    DatePart,
    Distance,
    FirstOf,
    FormulaValue,
    Includes,
    InQuery,
    IsBlank,
    IsSubtotal,
    Label,
    Like,
    LocalTime,
    Never,
    OneOf,
    Opposite,
    Test,
    TypeName,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fakes.salesforce.soql.plan import Child, Expression, Filter, Order, Resolved, Table

# More spellings than this of one value are looked for by reading every row instead of the index.
MAX_SPELLINGS = 16
MAX_VALUES = 1000
_BINARY = frozenset({"boolean", "date", "datetime", "time", *NUMBERS, *IDS})


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT for SQLite and the values of its question marks."""

    sql: str
    parameters: tuple[Any, ...]


def compile_sql(resolved: Resolved, *, include_deleted: bool = False) -> Statement:
    """The statement that finds the query's rows; its columns are ``resolved.columns`` in order.

    ``COUNT()`` finds one row with one number.
    """
    return _Compiler(include_deleted=include_deleted).statement(resolved)


def compile_ids(resolved: Resolved, *, include_deleted: bool = False) -> Statement:
    """The statement that finds only the ids of the query's rows, in the same order: what a locator keeps."""
    return _Compiler(include_deleted=include_deleted).ids(resolved)


def compile_page(resolved: Resolved, record_ids: Sequence[str], *, include_deleted: bool = False) -> Statement:
    """The statement that reads the query's columns for these records, in no order."""
    return _Compiler(include_deleted=include_deleted).page(resolved, record_ids)


def compile_child(child: Child, *, include_deleted: bool = False) -> Statement:
    """The statement that finds one parent's children: the parent's id goes in the place of ``PARENT``."""
    return _Compiler(include_deleted=include_deleted).child(child)


PARENT = object()
"""Stands in the parameters of a child's statement where the parent's id belongs."""


class _Compiler:
    """Writes one statement; parameters are collected in the order in which the text mentions them."""

    def __init__(self, *, include_deleted: bool) -> None:
        self._include_deleted = include_deleted
        self._parameters: list[Any] = []
        self._left_out: list[Expression] = []

    # -- statements --------------------------------------------------------------------------------------

    def statement(self, resolved: Resolved) -> Statement:
        if resolved.kind == "count":
            return self._count(resolved)
        if resolved.kind == "aggregate":
            return self._aggregate(resolved)
        return self._done(self._select(resolved, resolved.columns) + self._window(resolved))

    def ids(self, resolved: Resolved) -> Statement:
        identifier = resolved.columns[resolved.shape.id_index]
        return self._done(self._select(resolved, (identifier,)) + self._window(resolved))

    def page(self, resolved: Resolved, record_ids: Sequence[str]) -> Statement:
        columns = self._columns(resolved.columns)
        tables = self._from(resolved.tables)
        alias = resolved.root.alias
        marks = self._several(record_ids)
        where = f'{alias}."Id" IN ({marks}){self._not_deleted(resolved.root, " AND ")}'
        return self._done(f"SELECT {columns} FROM {tables} WHERE {where}")

    def child(self, child: Child) -> Statement:
        resolved = child.query
        return self._done(self._select(resolved, resolved.columns, child.lookup) + self._window(resolved))

    def _done(self, sql: str) -> Statement:
        return Statement(sql, tuple(self._parameters))

    def _select(self, resolved: Resolved, columns: Iterable[Expression], lookup: Column | None = None) -> str:
        selected = self._columns(columns)
        tables = self._from(resolved.tables)
        where = self._where(resolved, lookup)
        order = self._order(resolved, lookup)
        return f"SELECT {selected} FROM {tables}{where}{order}"

    def _count(self, resolved: Resolved) -> Statement:
        tables = self._from(resolved.tables)
        where = self._where(resolved)
        if resolved.limit is None and resolved.offset is None:
            return self._done(f"SELECT COUNT(*) FROM {tables}{where}")
        return self._done(f"SELECT COUNT(*) FROM (SELECT 1 FROM {tables}{where}{self._window(resolved)})")

    def _aggregate(self, resolved: Resolved) -> Statement:
        if len(resolved.grouping_sets) < 2:
            sql = self._group_pass(resolved, resolved.groups)
            order = ", ".join(self._ordering(each) for each in resolved.order)
            sql += f" ORDER BY {order}" if order else ""
            return self._done(sql + self._window(resolved))
        # SQLite has no ROLLUP: one pass for each subtotal, then sorted together by columns of their own.
        passes = [
            self._group_pass(
                resolved,
                [group for number, group in enumerate(resolved.groups) if number in kept],
                sort_columns=True,
            )
            for kept in resolved.grouping_sets
        ]
        sql = " UNION ALL ".join(passes)
        start = len(resolved.columns) + 1
        order = ", ".join(f"{start + at}{_direction(each, subtotals=True)}" for at, each in enumerate(resolved.order))
        sql += f" ORDER BY {order}" if order else ""
        return self._done(sql + self._window(resolved))

    def _group_pass(self, resolved: Resolved, kept: Sequence[Expression], *, sort_columns: bool = False) -> str:
        """One SELECT grouped by these expressions; the query's other groups are NULL in it."""
        self._left_out = [group for group in resolved.groups if group not in kept]
        selected = [self._value(each) for each in resolved.columns]
        if sort_columns:
            selected += [self._sort_value(each.value) for each in resolved.order]
        self._left_out = []
        tables = self._from(resolved.tables)
        where = self._where(resolved)
        groups = ", ".join(self._comparable(each) for each in kept)
        if resolved.groups and not kept:
            groups = "NULL"  # the grand total: one row for all of them
        group_by = f" GROUP BY {groups}" if groups else ""
        having = ""
        if resolved.having is not None:
            self._left_out = [group for group in resolved.groups if group not in kept]
            having = f" HAVING {self._condition(resolved.having)}"
            self._left_out = []
        return f"SELECT {', '.join(selected)} FROM {tables}{where}{group_by}{having}"

    # -- clauses -----------------------------------------------------------------------------------------

    def _columns(self, columns: Iterable[Expression]) -> str:
        return ", ".join(self._value(each) for each in columns)

    def _from(self, tables: Sequence[Table]) -> str:
        first, *joined = tables
        text = f"{_quoted(first.sobject.name)} AS {first.alias}"
        for table in joined:
            if table.key is not None:
                key = self._value(table.key)
                text += f' LEFT JOIN {_quoted(table.sobject.name)} AS {table.alias} ON {table.alias}."Id" = {key}'
        return text

    def _where(self, resolved: Resolved, lookup: Column | None = None) -> str:
        conditions: list[str] = []
        if lookup is not None:
            self._parameters.append(PARENT)
            conditions.append(f"{self._value(lookup)} = ?")
        if resolved.where is not None:
            conditions.append(f"({self._condition(resolved.where)})")
        if deleted := self._not_deleted(resolved.root):
            conditions.append(deleted)
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _not_deleted(self, table: Table, before: str = "") -> str:
        # The plus keeps SQLite from choosing this column over an index that narrows the rows down.
        return "" if self._include_deleted else f'{before}+{table.alias}."IsDeleted" = 0'

    def _order(self, resolved: Resolved, lookup: Column | None) -> str:
        """ORDER BY as written, and the id behind it, so that equal records stand in a stable order."""
        alias = resolved.root.alias
        entries: list[str] = []
        by_id = False
        free = lookup is None and (resolved.where is None or _mentions_id(resolved.where, alias))
        for each in resolved.order:
            value = each.value
            if isinstance(value, Column) and value.field.type == "id" and value.table is resolved.root:
                by_id = True
                # Where the filter has an index of its own, SQLite shall not walk the ids instead.
                plus = "" if free or entries else "+"
                entries.append(f'{plus}{alias}."Id"{" DESC" if each.descending else ""}')
                break
            entries.append(self._ordering(each))
        if not by_id:
            plus = "" if free or entries else "+"
            entries.append(f'{plus}{alias}."Id"')
        return f" ORDER BY {', '.join(entries)}"

    def _ordering(self, order: Order) -> str:
        return self._sort_value(order.value) + _direction(order)

    def _window(self, resolved: Resolved) -> str:
        if resolved.limit is None and resolved.offset is None:
            return ""
        self._parameters.append(-1 if resolved.limit is None else resolved.limit)
        if resolved.offset is None:
            return " LIMIT ?"
        self._parameters.append(resolved.offset)
        return " LIMIT ? OFFSET ?"

    # -- values ------------------------------------------------------------------------------------------

    def _value(self, value: Expression) -> str:
        if self._left_out and value in self._left_out:
            return "NULL"
        match value:
            case Column(table, field):
                return f"{table.alias}.{_quoted(field.name)}"
            case FormulaValue(table, field):
                self._parameters += [table.sobject.name, field.name]
                call = f'sf_formula(?, ?, {table.alias}."Id")'
                return call if not table.joined else f'CASE WHEN {table.alias}."Id" IS NULL THEN NULL ELSE {call} END'
            case FirstOf(options):
                if not options:
                    return "NULL"
                if len(options) == 1:
                    return self._value(options[0])
                return f"COALESCE({', '.join(self._value(option) for option in options)})"
            case TypeName(tables):
                return self._type_name(tables)
            case Label(inner, labels):
                return self._labelled(inner, labels)
            case LocalTime(inner, zone):
                text = self._value(inner)
                self._parameters.append(zone)
                return f"sf_local({text}, ?)"
            case DatePart():
                return self._date_part(value)
            case Distance():
                points = (value.from_latitude, value.from_longitude, value.to_latitude, value.to_longitude)
                text = ", ".join(self._value(point) for point in points)
                self._parameters.append(value.unit)
                return f"sf_distance({text}, ?)"
            case Constant(number):
                self._parameters.append(number)
                return "?"
            case Aggregate():
                return self._aggregated(value)
            case IsSubtotal(inner):
                return str(int(inner in self._left_out))

    def _aggregated(self, value: Aggregate) -> str:
        # A subtotal still counts and sums the field that it leaves out of its groups.
        left_out, self._left_out = self._left_out, []
        text = self._comparable(value.value)
        self._left_out = left_out
        return f"COUNT(DISTINCT {text})" if value.name == "COUNT_DISTINCT" else f"{value.name}({text})"

    def _type_name(self, tables: Sequence[Table]) -> str:
        if not tables:
            return "NULL"
        cases = ""
        for table in tables:
            self._parameters.append(table.sobject.name)
            cases += f' WHEN {table.alias}."Id" IS NOT NULL THEN ?'
        return f"CASE{cases} END"

    def _labelled(self, inner: Expression, labels: Any) -> str:
        text = self._value(inner)
        cases = ""
        for api, label in labels.items():
            self._parameters += [api, label]
            cases += " WHEN ? THEN ?"
        if not cases:
            return text
        mentioned = self._value(inner)
        return f"CASE {text}{cases} ELSE {mentioned} END"

    def _date_part(self, value: DatePart) -> str:
        """A part of a date, counted in UTC unless the value went through convertTimezone."""
        if value.name == "DAY_ONLY":
            return f"SUBSTR({self._value(value.value)}, 1, 10)"
        text = self._value(value.value)
        match value.name:
            case "CALENDAR_YEAR":
                return f"CAST(SUBSTR({text}, 1, 4) AS INTEGER)"
            case "CALENDAR_MONTH":
                return f"CAST(SUBSTR({text}, 6, 2) AS INTEGER)"
            case "DAY_IN_MONTH":
                return f"CAST(SUBSTR({text}, 9, 2) AS INTEGER)"
            case "HOUR_IN_DAY":
                return f"CAST(SUBSTR({text}, 12, 2) AS INTEGER)"
            case _:
                # The rest is asked of a function, for the text would be needed, with its parameters, several times.
                self._parameters += [value.name, value.fiscal_start]
                return f"sf_date_part({text}, ?, ?)"

    def _comparable(self, value: Expression) -> str:
        """A value with the collation by which its type compares."""
        text = self._value(value)
        if isinstance(value, Column) or value.type in _BINARY or text == "NULL":
            return text
        field = value.field
        return text if field is not None and field.case_sensitive else f"{text} COLLATE NOCASE"

    def _sort_value(self, value: Expression) -> str:
        """What ORDER BY sorts by: text as people read it, picklists in the order of their values."""
        if value.type in _BINARY:
            return self._value(value)
        field = value.field
        if field is not None and field.picklist_values and not isinstance(value, Label | Aggregate):
            return self._picklist_place(value, [entry.value for entry in field.picklist_values])
        return f"sf_sort({self._value(value)})"

    def _picklist_place(self, value: Expression, values: Sequence[str]) -> str:
        text = self._comparable(value)
        if text == "NULL":
            return text
        # One text for each row: the value's place with leading zeros, and for those outside the value behind it.
        cases = ""
        for place, each in enumerate(values):
            self._parameters += [each, f"{place:05}"]
            cases += " WHEN ? THEN ?"
        self._parameters.append(f"{len(values):05}")
        return f"CASE {text}{cases} ELSE ? || sf_sort({self._value(value)}) END"

    def _several(self, values: Iterable[Any]) -> str:
        listed = list(values)
        self._parameters += listed
        return ", ".join("?" * len(listed))

    # -- conditions --------------------------------------------------------------------------------------

    def _condition(self, node: Filter) -> str:
        """A condition, true for the rows it wants; for others it is false or NULL, which WHERE reads as false."""
        match node:
            case All(terms):
                return _balanced("AND", [self._condition(term) for term in terms])
            case AnyOf(terms):
                return _balanced("OR", [self._condition(term) for term in terms])
            case Opposite(term):
                return self._opposite(term)
            case Test():
                return self._test(node)
            case IsBlank(value):
                return self._blank(value)
            case OneOf(value, operands):
                return self._one_of(value, operands)
            case Within(value, start, end):
                left = self._value(value)
                self._parameters.append(start)
                right = self._value(value)
                self._parameters.append(end)
                return f"{left} >= ? AND {right} < ?"
            case Like(value, pattern):
                return self._like(value, pattern)
            case Includes(value, sets):
                return _balanced("OR", [self._has_all(value, wanted) for wanted in sets])
            case InQuery(value, query):
                return self._in_query(value, query)
            case Never():
                return "0"

    def _opposite(self, term: Filter) -> str:
        if isinstance(term, Opposite):
            return self._condition(term.term)
        if isinstance(term, IsBlank) and term.value.type != "boolean":
            return f"{self._value(term.value)} IS NOT NULL"
        return f"({self._condition(term)}) IS NOT TRUE"

    def _blank(self, value: Expression) -> str:
        text = self._value(value)
        # A checkbox is never blank: null means false, also for a parent that is not there.
        return f"COALESCE({text}, 0) = 0" if value.type == "boolean" else f"{text} IS NULL"

    def _test(self, node: Test) -> str:
        value, operator, operand = node.value, node.operator, node.operand
        if value.type == "boolean":
            text = self._value(value)
            self._parameters.append(operand)
            plain = isinstance(value, Column) and not value.table.joined
            return f"{text} = ?" if plain else f"COALESCE({text}, 0) = ?"
        if value.type in _BINARY or _is_case_sensitive(value):
            text = self._value(value)
            self._parameters.append(operand)
            return f"{text} {operator} ?"
        if operator == "=":
            return self._one_of(value, (operand,))
        text = self._value(value)
        self._parameters.append(sort_key(operand))
        return f"sf_sort({text}) {operator} ?"

    def _one_of(self, value: Expression, operands: Sequence[Any]) -> str:
        if value.type in _BINARY or _is_case_sensitive(value):
            text = self._value(value)
            return (
                f"{text} = {self._several(operands)}"
                if len(operands) == 1
                else f"{text} IN ({self._several(operands)})"
            )
        # NOCASE knows A to Z only; other letters are looked for in either case.
        spelled: list[str] = []
        for operand in operands:
            found = spellings(str(operand))
            if found is None or len(spelled) > max(MAX_VALUES, len(operands)):
                text = self._value(value)
                return f"sf_fold({text}) IN ({self._several([fold(str(each)) for each in operands])})"
            spelled += found
        text = self._comparable(value)
        return f"{text} = {self._several(spelled)}" if len(spelled) == 1 else f"{text} IN ({self._several(spelled)})"

    def _like(self, value: Expression, pattern: str) -> str:
        text = self._value(value)
        if not pattern.isascii():
            text, pattern = f"sf_fold({text})", str(fold(pattern))
        self._parameters.append(pattern)
        return f"{text} LIKE ? ESCAPE '\\'" if "\\" in pattern else f"{text} LIKE ?"

    def _has_all(self, value: Expression, wanted: Sequence[str]) -> str:
        conditions = []
        for each in wanted:
            text = self._value(value)
            self._parameters.append(f";{fold(each)};")
            conditions.append(f"INSTR(';' || sf_fold({text}) || ';', ?) > 0")
        return _balanced("AND", conditions) if conditions else "0"

    def _in_query(self, value: Expression, query: Resolved) -> str:
        text = self._value(value)
        selected = self._columns(query.columns)
        tables = self._from(query.tables)
        return f"{text} IN (SELECT {selected} FROM {tables}{self._where(query)})"


def spellings(text: str) -> list[str] | None:
    """The text in every mixture of cases of its letters beyond ASCII, or None when those are too many."""
    letters = [
        (letter,) if letter.isascii() else tuple(dict.fromkeys((letter.lower(), letter.upper()))) for letter in text
    ]
    total = 1
    for each in letters:
        total *= len(each)
        if total > MAX_SPELLINGS:
            return None
    return ["".join(each) for each in product(*letters)]


def _balanced(word: str, conditions: Sequence[str]) -> str:
    """Conditions joined by AND or OR in a tree that grows in breadth: SQLite takes a depth of a thousand."""
    if len(conditions) <= 2:
        return f" {word} ".join(f"({condition})" for condition in conditions)
    middle = len(conditions) // 2
    return f"({_balanced(word, conditions[:middle])}) {word} ({_balanced(word, conditions[middle:])})"


def _is_case_sensitive(value: Expression) -> bool:
    return value.field is not None and value.field.case_sensitive


def _mentions_id(node: Filter, alias: str) -> bool:
    """Whether the condition narrows the record's own id down."""
    match node:
        case All(terms):
            return any(_mentions_id(term, alias) for term in terms)
        case Test(value) | OneOf(value) | InQuery(value):
            return isinstance(value, Column) and value.field.type == "id" and value.table.alias == alias
        case _:
            return False


def _direction(order: Order, *, subtotals: bool = False) -> str:
    """ASC or DESC with the nulls where they belong: first, unless NULLS LAST is written, in both directions.

    A field that is never blank goes without, so that an index can be read backwards; except among subtotals, where
    every field can be.
    """
    direction = " DESC" if order.descending else ""
    value = order.value
    never_null = isinstance(value, Column) and not value.table.joined and not value.field.nillable
    if never_null and not subtotals:
        return direction
    if order.nulls_last:
        return f"{direction or ' ASC'} NULLS LAST"
    return f"{direction} NULLS FIRST" if order.descending else ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
