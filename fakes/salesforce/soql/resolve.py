"""Tree → resolved query: names, relationships, field-level security, types and the rules between clauses.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax" and the pages of its clauses.
"""

from __future__ import annotations

from itertools import combinations, count
from typing import TYPE_CHECKING, NoReturn

from fakes.salesforce.errors import (
    ExceededMaxSemijoinSubselects,
    FunctionNotInVersion,
    InvalidField,
    InvalidType,
    MalformedQuery,
    SalesforceError,
)
from fakes.salesforce.soql import nodes
from fakes.salesforce.soql.filters import IDS, NUMBERS, Filters
from fakes.salesforce.soql.names import (
    NO_SUCH_CHILD_RELATIONSHIP,
    NO_SUCH_RELATIONSHIP,
    Environment,
    Found,
    Place,
    Scope,
    visible_sobject,
)
from fakes.salesforce.soql.parser import AGGREGATES, DATE_FUNCTIONS
from fakes.salesforce.soql.plan import (
    Aggregate,
    All,
    Child,
    ChildShape,
    Column,
    CompoundShape,
    Constant,
    DatePart,
    Distance,
    FormulaValue,
    InQuery,
    IsSubtotal,
    Label,
    LocalTime,
    Opposite,
    Order,
    RecordShape,
    Resolved,
    Table,
    Test,
    ValueShape,
)
from fakes.salesforce.soql.positions import caret
from fakes.salesforce.soql.refusals import InvalidQueryScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from fakes.salesforce.schema import SObject
    from fakes.salesforce.soql.plan import Expression, Filter

    _ReadPath: TypeAlias = Callable[[nodes.Path], Expression]

__all__ = ["Environment", "Resolved", "resolve"]

MAX_CHILD_QUERIES = 20
MAX_CHILD_LEVELS = 5
MAX_SEMI_JOINS = 2
MAX_ORDER_FIELDS = 32
MAX_CUBE_FIELDS = 3
MAX_FIELDS_LIMIT = 200
COMPOUND_TYPES = frozenset({"address", "location"})


def resolve(query: nodes.Query, environment: Environment) -> Resolved:
    """The meaning of a query for one user at one moment.

    Raises:
        InvalidType, InvalidField: a name that does not exist, or that this user may not see.
        MalformedQuery: clauses that do not go together.
        InvalidQueryFilterOperator: an operator or an id that a field does not take.
    """
    source = query.sources[0]
    sobject = visible_sobject(environment, query.text, source.path)
    aliases = (f"t{number}" for number in count())
    return _Resolver(query, environment, sobject, aliases).resolve()


class _Resolver:
    """Resolves one SELECT; subqueries have resolvers of their own over the same supply of table aliases."""

    def __init__(
        self,
        query: nodes.Query,
        environment: Environment,
        sobject: SObject,
        aliases: Iterator[str],
        *,
        level: int = 0,
    ) -> None:
        self._query = query
        self._environment = environment
        self._aliases = aliases
        self._level = level
        self._scope = Scope(environment, query.text, Table(next(aliases), sobject), self._source_aliases(), aliases)
        self._columns: list[Expression] = []
        self._column_of: dict[tuple[str, str], int] = {}
        self._children: list[Child] = []
        self._aggregate = self._is_aggregate()
        self._groups: tuple[Expression, ...] = ()

    def resolve(self) -> Resolved:
        """The whole query."""
        query = self._query
        self._check_touch()
        where = self._where()
        if self._is_count():
            if query.grouping is not None:
                self._refuse(query.items[0].position, "Count not allowed in this context")
            return Resolved(
                "count",
                tuple(self._scope.tables),
                (),
                RecordShape(self._scope.root.sobject, 0),
                where=where,
                limit=query.limit,
                offset=query.offset,
            )
        having: Filter | None = None
        sets: tuple[frozenset[int], ...] = ()
        if query.grouping is not None:
            self._groups = tuple(self._group(operand) for operand in query.grouping.operands)
            sets = self._grouping_sets(query.grouping)
        shape = self._select()
        if query.having is not None:
            if query.grouping is None:
                self._refuse(query.position, "HAVING clause requires a GROUP BY clause")
            having = Filters(
                self._environment, query.text, self._having_operand, self._refuse_semi_join_in_having
            ).condition(query.having)
        if self._aggregate and query.grouping is None and (query.limit is not None or query.offset is not None):
            self._refuse(
                query.limit_position or query.offset_position,
                "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
            )
        order = self._order()
        return Resolved(
            "aggregate" if self._aggregate else "rows",
            tuple(self._scope.tables),
            tuple(self._columns),
            shape,
            where=where,
            groups=self._groups,
            grouping_sets=sets,
            having=having,
            order=order,
            limit=query.limit,
            offset=query.offset,
            children=tuple(self._children),
            touch=query.touch,
        )

    # -- FROM --------------------------------------------------------------------------------------------

    def _source_aliases(self) -> dict[str, tuple[str, ...]]:
        """The alias of the queried sobject, and old-style aliases of parents: ``FROM Contact c, c.Account a``."""
        aliases: dict[str, tuple[str, ...]] = {}
        first, *others = self._query.sources
        if first.alias is not None:
            aliases[first.alias.lower()] = ()
        for source in others:
            start, *rest = source.path.parts
            base = aliases.get(start.lower())
            if base is None:
                if not rest and start.lower() != first.path.text.lower():
                    base, rest = (), [start]
                elif start.lower() == first.path.text.lower() and rest:
                    base = ()
            if base is None or not (base or rest):
                raise InvalidType(
                    caret(self._query.text, source.path.position) + NO_SUCH_CHILD_RELATIONSHIP.format(source.path.text)
                )
            aliases[(source.alias or source.path.parts[-1]).lower()] = (*base, *rest)
        return aliases

    def _where(self) -> Filter | None:
        filters: list[Filter] = []
        if (scope := self._scope_filter()) is not None:
            filters.append(scope)
        if self._query.security == "DATA CATEGORY":
            self._environment.not_modelled("SOQL WITH DATA CATEGORY", self._query.text)
            self._refuse(self._query.position, "WITH DATA CATEGORY is not supported for this object")
        if self._query.where is not None:
            _check_semi_joins(self._query)
            filters.append(
                Filters(self._environment, self._query.text, self._where_operand, self._semi_join).condition(
                    self._query.where
                )
            )
        if not filters:
            return None
        return filters[0] if len(filters) == 1 else All(tuple(filters))

    def _scope_filter(self) -> Filter | None:
        scope = self._query.scope
        if scope is None or scope.lower() == "everything":
            return None
        root = self._scope.root
        owner = root.sobject.field("OwnerId")
        if scope.lower() == "mine" and owner is not None:
            return Test(Column(root, owner), "=", self._environment.user_id)
        self._environment.not_modelled("SOQL USING SCOPE", scope)
        raise InvalidQueryScope

    def _check_touch(self) -> None:
        for word in self._query.touch:
            if word == "UPDATE":
                self._refuse(self._query.position, "FOR UPDATE not allowed in this context")
            if word in {"TRACKING", "VIEWSTAT"}:
                self._environment.not_modelled("SOQL UPDATE TRACKING | VIEWSTAT", word)
                self._refuse(self._query.position, f"UPDATE {word} is not supported for this object")

    # -- operands ----------------------------------------------------------------------------------------

    def _where_operand(self, node: nodes.Operand) -> tuple[Expression, str]:
        """What stands on the left of an operator in WHERE."""
        if isinstance(node, nodes.Call):
            if node.name in AGGREGATES or node.name == "GROUPING":
                self._refuse(node.position, f"Aggregate functions not allowed in WHERE clause: {node.typed}")
            if node.name in {"FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"}:
                self._refuse(node.position, f"function not allowed in WHERE clause: {node.typed}")
            return self._call(node, self._filterable), node.typed
        return self._filterable(node), _last(node)

    def _filterable(self, node: nodes.Path) -> Expression:
        found = self._scope.find(node)
        if found.field.type == "address":
            self._refuse(
                node.position,
                "Address fields can only be filtered using Distance expressions",
                InvalidField,
            )
        if not found.field.filterable or found.expression is None:
            self._cannot(node, "filtered")
        return found.expression

    def _having_operand(self, node: nodes.Operand) -> tuple[Expression, str]:
        typed = node.typed if isinstance(node, nodes.Call) else _last(node)
        return self._grouped(node), typed

    def _plain(self, node: nodes.Path) -> Expression:
        found = self._scope.find(node)
        if found.expression is None:
            self._cannot(node, "filtered")
        return found.expression

    def _sortable(self, node: nodes.Path) -> Expression:
        found = self._scope.find(node)
        if not found.field.sortable or found.expression is None:
            self._cannot(node, "sorted")
        return found.expression

    def _groupable(self, node: nodes.Path) -> Expression:
        found = self._scope.find(node)
        if not found.field.groupable or found.expression is None:
            self._cannot(node, "grouped")
        return found.expression

    def _cannot(self, node: nodes.Path, done: str) -> NoReturn:
        self._refuse(node.position, f"field '{_last(node)}' can not be {done} in a query call", InvalidField)

    def _call(self, node: nodes.Call, read: _ReadPath) -> Expression:
        """A function that is no aggregate."""
        if node.name == "DISTANCE":
            return self._distance(node)
        if node.name in DATE_FUNCTIONS:
            return self._date_part(node, read)
        argument = node.arguments[0]
        if not isinstance(argument, nodes.Path):
            self._refuse(node.position, f"{node.typed} takes a field")
        if node.name == "TOLABEL":
            return _label(read(argument))
        if node.name == "CONVERTCURRENCY":
            self._refuse_currency(node)
        if node.name == "CONVERTTIMEZONE":
            self._refuse(node.position, "convertTimezone is only allowed inside a date function")
        self._refuse(node.position, f"function not allowed here: {node.typed}")
        return None

    def _refuse_currency(self, node: nodes.Call) -> NoReturn:
        self._environment.not_modelled("SOQL convertCurrency", self._query.text)
        self._refuse(node.position, "convertCurrency is only allowed in organizations with multiple currencies")

    def _date_part(self, node: nodes.Call, read: _ReadPath) -> Expression:
        argument = node.arguments[0]
        local = isinstance(argument, nodes.Call) and argument.name == "CONVERTTIMEZONE"
        path = argument.arguments[0] if isinstance(argument, nodes.Call) and local else argument
        if not isinstance(path, nodes.Path):
            self._refuse(node.position, f"{node.typed} takes a date or dateTime field")
        # A dateTime cannot be grouped, its parts can: what matters is that it is a date at all.
        value = self._plain(path) if read == self._groupable else read(path)
        needs_time = local or node.name in {"HOUR_IN_DAY", "DAY_ONLY"}
        if value.type != "datetime" and (needs_time or value.type != "date"):
            self._refuse(
                node.position,
                f"field {_last(path)} does not support function {node.typed}",
                InvalidField,
            )
        if local:
            value = LocalTime(value, str(self._environment.calendar.timezone))
        return DatePart(node.name, value, self._environment.calendar.fiscal_start)

    def _distance(self, node: nodes.Call) -> Expression:
        start, end, unit = node.arguments
        if not isinstance(unit, nodes.Unit) or unit.name.lower() not in {"mi", "km"}:
            self._refuse(node.position, "Distance unit must be 'mi' or 'km'")
        return Distance(*self._point(start, node), *self._point(end, node), unit.name.lower())

    def _point(
        self, node: nodes.Operand | nodes.Geolocation | nodes.Unit, call: nodes.Call
    ) -> tuple[Expression, Expression]:
        if isinstance(node, nodes.Geolocation):
            if not -90 <= node.latitude <= 90 or not -180 <= node.longitude <= 180:
                self._refuse(node.position, "Latitude must be between -90 and 90, longitude between -180 and 180")
            return Constant(node.latitude), Constant(node.longitude)
        if isinstance(node, nodes.Path):
            found = self._scope.find(node)
            if found.field.type in COMPOUND_TYPES and not found.place.polymorphic:
                table = found.place.tables[0]
                parts = {
                    axis: part
                    for part in table.sobject.compounds.get(found.field.name, ())
                    for axis in ("latitude", "longitude")
                    if part.name.lower().removesuffix("__s").endswith(axis)
                }
                if len(parts) == 2:
                    return Column(table, parts["latitude"]), Column(table, parts["longitude"])
        self._refuse(call.position, "DISTANCE takes an address or geolocation field and a GEOLOCATION")
        return None

    # -- SELECT ------------------------------------------------------------------------------------------

    def _is_count(self) -> bool:
        counts = [item for item in self._query.items if isinstance(item, nodes.CountAll)]
        if not counts:
            return False
        if len(self._query.items) > 1 or self._level:
            self._refuse(counts[0].position, "Count not allowed in this context")
        return True

    def _is_aggregate(self) -> bool:
        return self._query.grouping is not None or any(
            isinstance(item, nodes.Selected) and _has_aggregate(item.operand) for item in self._query.items
        )

    def _select(self) -> RecordShape:
        root = self._scope.root
        identifier = root.sobject.field("Id")
        if self._aggregate:
            return self._select_aggregate()
        shape = RecordShape(root.sobject, 0)
        if identifier is not None:
            shape.id_index = self._column(Column(root, identifier))
        seen: set[str] = set()
        for item in self._query.items:
            match item:
                case nodes.Selected():
                    self._select_field(shape, item, seen)
                case nodes.ChildQuery():
                    self._select_children(shape, item, seen)
                case nodes.TypeOf():
                    self._select_type_of(shape, item)
                case nodes.FieldsOf():
                    self._select_fields_of(shape, item, seen)
        return shape

    def _select_field(self, shape: RecordShape, item: nodes.Selected, seen: set[str]) -> None:
        operand = item.operand
        if isinstance(operand, nodes.Path):
            if item.alias is not None:
                self._refuse(operand.position, "only aggregate expressions use field aliasing")
            found = self._scope.find(operand)
            self._once(found.identity, operand.text, seen)
            self._place(shape, found)
            return
        if operand.name == "DISTANCE":
            key = item.alias or f"expr{sum(key.startswith('expr') for key in shape.entries)}"
            self._once(key.lower(), key, seen)
            shape.entries[key] = ValueShape(self._column(self._distance(operand)), self._distance(operand))
            return
        inner = operand.arguments[0]
        if operand.name == "CONVERTCURRENCY" or (isinstance(inner, nodes.Call) and inner.name == "CONVERTCURRENCY"):
            self._refuse_currency(operand)
        if operand.name not in {"TOLABEL", "FORMAT"} or not isinstance(inner, nodes.Path):
            # A part of a date says something only about groups.
            self._refuse(operand.position, f"Field must be grouped or aggregated: {operand.typed}")
        found = self._scope.find(inner)
        if found.expression is None:
            self._refuse(operand.position, f"field {_last(inner)} does not support function {operand.typed}")
        formatted = operand.name == "FORMAT"
        value = found.expression if formatted else _label(found.expression)
        if item.alias is not None:
            self._once(item.alias.lower(), item.alias, seen)
            shape.entries[item.alias] = ValueShape(self._column(value), value, formatted)
        else:
            self._once(found.identity, inner.text, seen)
            self._parent(shape, found).entries[found.keys[-1]] = ValueShape(self._column(value), value, formatted)

    def _place(self, shape: RecordShape, found: Found) -> None:
        """Put a plain field where it belongs in the record."""
        parent = self._parent(shape, found)
        if found.expression is not None:
            parent.entries[found.keys[-1]] = ValueShape(self._column(found.expression), found.expression)
            return
        table = found.place.tables[0]
        parts = tuple(
            (part, self._column(Column(table, part))) for part in table.sobject.compounds.get(found.field.name, ())
        )
        parent.entries[found.keys[-1]] = CompoundShape(found.field, parts)

    def _parent(self, shape: RecordShape, found: Found) -> RecordShape:
        """The shape of the record that a field belongs to, made on the way there."""
        return self._descend(shape, found.keys[:-1], found.places)

    def _descend(self, shape: RecordShape, keys: Sequence[str], places: Sequence[Place]) -> RecordShape:
        for key, place in zip(keys, places, strict=True):
            entry = shape.entries.get(key)
            if entry is None:
                entry = shape.entries[key] = RecordShape(
                    None if place.polymorphic else place.tables[0].sobject,
                    self._column(self._scope.identifier(place)),
                )
            if not isinstance(entry, RecordShape) or entry.cases:
                raise MalformedQuery(f"duplicate field selected: {key}")
            shape = entry
        return shape

    def _select_fields_of(self, shape: RecordShape, item: nodes.FieldsOf, seen: set[str]) -> None:
        if self._environment.api_version < 51.0:
            raise FunctionNotInVersion(
                caret(self._query.text, item.position)
                + "The SOQL FIELDS function is not supported in this version of the API"
            )
        limit = self._query.limit
        if item.group != "STANDARD" and (limit is None or limit > MAX_FIELDS_LIMIT):
            raise MalformedQuery(
                caret(self._query.text, item.position)
                + f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}"
            )
        sobject = self._scope.root.sobject
        for field in sobject.fields.values():
            if item.group != "ALL" and field.custom != (item.group == "CUSTOM"):
                continue
            if self._environment.visible_field(sobject, field.name) is None:
                continue
            found = self._scope.find(nodes.Path((field.name,), item.position))
            self._once(found.identity, field.name, seen)
            self._place(shape, found)

    def _select_type_of(self, shape: RecordShape, item: nodes.TypeOf) -> None:
        path = item.relationship
        place, keys, places = self._scope.walk(path.parts, path)
        if not place.polymorphic:
            self._refuse(path.position, f"TYPEOF requires a polymorphic relationship: {path.text}", InvalidField)
        parent = self._descend(shape, keys[:-1], places[:-1])
        if keys[-1] in parent.entries:
            raise MalformedQuery(f"duplicate field selected: {keys[-1]}")
        typed = RecordShape(None, self._column(self._scope.identifier(place)))
        by_name = {table.sobject.name.lower(): table for table in place.tables}
        for name, position, paths in item.cases:
            table = by_name.get(name.lower())
            if table is None:
                self._refuse(position, NO_SUCH_RELATIONSHIP.format(name), InvalidField)
            inner = Scope(self._environment, self._query.text, table, {}, self._aliases)
            case = RecordShape(table.sobject, typed.id_index)
            for each in paths:
                self._place(case, inner.find(each))
            self._scope.tables.extend(inner.tables[1:])
            typed.cases[table.sobject.name] = case
        if item.otherwise:
            other = RecordShape(None, typed.id_index)
            for each in item.otherwise:
                found = self._scope.find(nodes.Path((*path.parts, *each.parts), each.position))
                value = found.expression
                if value is not None:
                    other.entries[found.keys[-1]] = ValueShape(self._column(value), value)
            typed.cases[None] = other
        parent.entries[keys[-1]] = typed

    def _select_children(self, shape: RecordShape, item: nodes.ChildQuery, seen: set[str]) -> None:
        query = item.query
        path = query.sources[0].path
        parts = path.parts
        root = self._scope.root
        outer = {root.sobject.name.lower(), *self._scope.aliases}
        if len(parts) == 2 and parts[0].lower() in outer:
            parts = parts[1:]
        relationship = next(
            (
                each
                for each in self._environment.schema.child_relationships(root.sobject.name)
                if each.name is not None and each.name.lower() == ".".join(parts).lower()
            ),
            None,
        )
        child = None if relationship is None else self._environment.visible_sobject(relationship.child)
        lookup = (
            None
            if relationship is None or child is None
            else self._environment.visible_field(child, relationship.field)
        )
        if relationship is None or relationship.name is None or child is None or lookup is None:
            self._refuse(path.position, NO_SUCH_CHILD_RELATIONSHIP.format(path.text), InvalidType)
        levels = MAX_CHILD_LEVELS if self._environment.api_version >= 58.0 else 1
        if self._level >= levels:
            self._refuse(
                item.position,
                f"SOQL statements cannot query aggregate relationships more than {levels} level"
                f"{'s' if levels > 1 else ''} away from the root entity object.",
            )
        if len(self._children) >= MAX_CHILD_QUERIES:
            self._refuse(item.position, f"Maximum {MAX_CHILD_QUERIES} child relationships are allowed in a query")
        self._once(relationship.name.lower(), relationship.name, seen)
        inner = _Resolver(query, self._environment, child, self._aliases, level=self._level + 1)
        if inner._aggregate:
            self._refuse(query.position, "only root queries support aggregate expressions")
        resolved = inner.resolve()
        shape.entries[relationship.name] = ChildShape(len(self._children))
        self._children.append(Child(resolved, Column(resolved.root, lookup)))

    def _once(self, identity: str, shown: str, seen: set[str]) -> None:
        if identity in seen:
            raise MalformedQuery(f"duplicate field selected: {shown}")
        seen.add(identity)

    def _column(self, value: Expression | None) -> int:
        """The number of the column that reads the value; a value that is wanted twice is read once."""
        if value is None:
            raise TypeError("a compound field has no column")
        if isinstance(value, Column | FormulaValue):
            name = (value.table.alias, value.field.name)
            if name not in self._column_of:
                self._column_of[name] = len(self._columns)
                self._columns.append(value)
            return self._column_of[name]
        if value in self._columns:
            return self._columns.index(value)
        self._columns.append(value)
        return len(self._columns) - 1

    # -- aggregates --------------------------------------------------------------------------------------

    def _select_aggregate(self) -> RecordShape:
        shape = RecordShape(None, -1)
        unnamed = 0
        for item in self._query.items:
            if isinstance(item, nodes.ChildQuery):
                self._refuse(item.position, "Grouped query cannot use child relationships in the SELECT list")
            if isinstance(item, nodes.TypeOf):
                self._refuse(item.position, "TYPEOF is not allowed in a grouped query")
            if isinstance(item, nodes.FieldsOf):
                self._select_fields_of(RecordShape(None, -1), item, set())
                self._refuse(item.position, "Field must be grouped or aggregated: FIELDS")
            if not isinstance(item, nodes.Selected):
                continue
            operand, formatted = item.operand, False
            if isinstance(operand, nodes.Call) and operand.name == "FORMAT":
                inner = operand.arguments[0]
                if isinstance(inner, nodes.Geolocation | nodes.Unit):
                    self._refuse(operand.position, f"{operand.typed} takes a field")
                operand, formatted = inner, True
            value = self._grouped(operand)
            if item.alias is not None:
                key = item.alias
            elif isinstance(operand, nodes.Path):
                key = self._scope.find(operand).keys[-1]
            else:
                key, unnamed = f"expr{unnamed}", unnamed + 1
            if key.lower() in {known.lower() for known in shape.entries}:
                self._refuse(item.position, f"duplicate alias: {key}")
            shape.entries[key] = ValueShape(self._column(value), value, formatted)
        return shape

    def _group(self, node: nodes.Operand) -> Expression:
        if isinstance(node, nodes.Call):
            if node.name in AGGREGATES or node.name in {"GROUPING", "FORMAT", "DISTANCE"}:
                self._refuse(node.position, f"function not allowed in GROUP BY clause: {node.typed}")
            return self._call(node, self._groupable)
        return self._groupable(node)

    def _grouped(self, node: nodes.Operand) -> Expression:
        """An aggregate, or an expression by which the query is grouped."""
        if isinstance(node, nodes.Call) and node.name in AGGREGATES:
            return self._aggregate_of(node)
        if isinstance(node, nodes.Call) and node.name == "GROUPING":
            argument = node.arguments[0]
            if isinstance(argument, nodes.Geolocation | nodes.Unit):
                self._refuse(node.position, f"{node.typed} takes a field")
            return IsSubtotal(self._grouped(argument))
        value = self._call(node, self._plain) if isinstance(node, nodes.Call) else self._aggregable(node)
        if value is None or value not in self._groups:
            shown = node.typed if isinstance(node, nodes.Call) else node.text
            self._refuse(node.position, f"Field must be grouped or aggregated: {shown}")
        return value

    def _aggregable(self, node: nodes.Path) -> Expression | None:
        return self._scope.find(node).expression

    def _aggregate_of(self, node: nodes.Call) -> Expression:
        argument = node.arguments[0]
        if isinstance(argument, nodes.Call) and argument.name == "CONVERTCURRENCY":
            self._refuse_currency(argument)
        if not isinstance(argument, nodes.Path):
            self._refuse(node.position, f"{node.typed} takes a field")
        found = self._scope.find(argument)
        value = found.expression
        allowed = value is not None and (found.field.aggregatable or found.field.type in IDS)
        kind = found.field.type
        if node.name in {"SUM", "AVG"}:
            allowed = allowed and kind in NUMBERS
        elif node.name in {"MIN", "MAX"}:
            allowed = allowed and kind not in {"boolean", *IDS}
        if not allowed or value is None:
            self._refuse(node.position, f"field {_last(argument)} does not support aggregate operator {node.name}")
        if node.name in {"COUNT", "COUNT_DISTINCT"}:
            return Aggregate(node.name, value, "int")
        if node.name == "AVG":
            return Aggregate("AVG", value, "double")
        return Aggregate(node.name, value, kind, found.field)

    def _grouping_sets(self, grouping: nodes.Grouping) -> tuple[frozenset[int], ...]:
        size = len(grouping.operands)
        everything = frozenset(range(size))
        if grouping.kind == "PLAIN":
            return (everything,)
        if size > MAX_CUBE_FIELDS:
            self._refuse(grouping.position, f"Maximum {MAX_CUBE_FIELDS} fields are allowed in GROUP BY {grouping.kind}")
        if grouping.kind == "ROLLUP":
            return tuple(frozenset(range(kept)) for kept in range(size, -1, -1))
        return tuple(frozenset(kept) for length in range(size, -1, -1) for kept in combinations(range(size), length))

    # -- ORDER BY, semi-joins ----------------------------------------------------------------------------

    def _order(self) -> tuple[Order, ...]:
        if len(self._query.order) > MAX_ORDER_FIELDS:
            self._refuse(self._query.order[0].operand.position, "Maximum number of fields in ORDER BY exceeded")
        return tuple(
            Order(self._order_value(each.operand), each.descending, each.nulls_last) for each in self._query.order
        )

    def _order_value(self, node: nodes.Operand) -> Expression:
        if self._aggregate:
            if isinstance(node, nodes.Path):
                value = self._sortable(node)
                if value not in self._groups:
                    self._refuse(node.position, f"Ordered field must be grouped or aggregated: {node.text}")
                return value
            return self._grouped(node)
        if isinstance(node, nodes.Path):
            return self._sortable(node)
        if node.name in AGGREGATES or node.name == "GROUPING":
            self._refuse(node.position, f"Aggregate functions not allowed in ORDER BY clause: {node.typed}")
        return self._call(node, self._sortable)

    def _semi_join(self, node: nodes.SemiJoin) -> Filter:
        query = node.query
        value, typed = self._where_operand(node.left)
        if value.type not in IDS:
            self._refuse(node.left.position, f"semi join field {typed} must be an id or a reference field")
        if (
            query.order
            or query.limit is not None
            or query.offset is not None
            or query.grouping is not None
            or query.touch
            or len(query.items) != 1
            or not isinstance(query.items[0], nodes.Selected)
            or not isinstance(query.items[0].operand, nodes.Path)
        ):
            self._refuse(query.position, "semi join sub-selects can only select one id or reference field")
        if query.where is not None and any(True for _ in _semi_joins(query.where)):
            self._refuse(query.position, "Semi join sub-selects are not allowed in semi join sub-selects")
        sobject = visible_sobject(self._environment, query.text, query.sources[0].path)
        if sobject is self._scope.root.sobject:
            self._refuse(query.position, "The inner and outer selects should not be on the same object type")
        inner = _Resolver(query, self._environment, sobject, self._aliases, level=self._level)
        selected = inner._scope.find(query.items[0].operand)
        if selected.expression is None or selected.field.type not in IDS:
            self._refuse(query.items[0].position, "semi join sub-selects can only select one id or reference field")
        left_targets = self._targets(node.left)
        right_targets = inner._targets(query.items[0].operand)
        if left_targets and right_targets and not left_targets & right_targets:
            self._refuse(
                query.position,
                f"The selected field '{_last(query.items[0].operand)}' in the subquery and the left operand "
                f"field in the where expression in the outer query should point to the same object type",
            )
        where = inner._where()
        resolved = Resolved(
            "rows",
            tuple(inner._scope.tables),
            (selected.expression,),
            RecordShape(sobject, 0),
            where=where,
        )
        found: Filter = InQuery(value, resolved)
        return Opposite(found) if node.negated else found

    def _targets(self, node: nodes.Operand) -> frozenset[str]:
        """The sobjects whose ids a field holds."""
        if not isinstance(node, nodes.Path):
            return frozenset()
        found = self._scope.find(node)
        if found.field.type == "id":
            return frozenset(table.sobject.name for table in found.place.tables)
        return frozenset(found.field.reference_to)

    def _refuse_semi_join_in_having(self, node: nodes.SemiJoin) -> Filter:
        self._refuse(node.position, "Semi join sub-selects are not allowed in HAVING clause")

    def _refuse(self, position: int, message: str, error: type[SalesforceError] = MalformedQuery) -> NoReturn:
        raise error(caret(self._query.text, position) + message)


def _last(node: nodes.Operand) -> str:
    """The field's name as it was written: messages echo it."""
    return node.typed if isinstance(node, nodes.Call) else node.parts[-1]


def _label(value: Expression) -> Expression:
    """The value in the words of its picklist, or the value itself where there is none."""
    field = value.field
    if field is None or not field.picklist_values or field.type == "multipicklist":
        return value
    return Label(value, {entry.value: entry.label for entry in field.picklist_values}, field)


def _has_aggregate(operand: nodes.Operand | nodes.Geolocation | nodes.Unit) -> bool:
    return isinstance(operand, nodes.Call) and (
        operand.name in AGGREGATES
        or operand.name == "GROUPING"
        or any(_has_aggregate(argument) for argument in operand.arguments)
    )


def _semi_joins(node: nodes.Condition) -> Iterator[nodes.SemiJoin]:
    match node:
        case nodes.SemiJoin():
            yield node
        case nodes.And(terms) | nodes.Or(terms):
            for term in terms:
                yield from _semi_joins(term)
        case nodes.Not(term):
            yield from _semi_joins(term)


def _check_semi_joins(query: nodes.Query) -> None:
    """Semi-joins stand at the top level, beside AND only, and there are two of them at most."""
    where = query.where
    if where is None:
        return
    found = list(_semi_joins(where))
    if len(found) > MAX_SEMI_JOINS:
        raise ExceededMaxSemijoinSubselects(
            caret(query.text, found[MAX_SEMI_JOINS].position)
            + f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed"
        )
    top = where.terms if isinstance(where, nodes.And) else (where,)
    for semi_join in found:
        if semi_join in top:
            continue
        beside_or = isinstance(where, nodes.Or) and semi_join in where.terms
        raise MalformedQuery(
            caret(query.text, semi_join.position)
            + (
                "Semi join sub-selects are not allowed with the 'OR' operator"
                if beside_or
                else "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
                "WHERE expressions"
            )
        )
