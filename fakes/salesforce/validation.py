"""Formulas at work: validation rules at save, formula fields on read, default values on create.

The language itself is :mod:`fakes.salesforce.formula`; here it meets an org's schema, rows and users.
Formulas see every field, whatever field-level security says.
Source: Salesforce help, "Validation Rules" and "Formula Field Limits and Restrictions".
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fakes.salesforce import values
from fakes.salesforce.errors import SalesforceError, ValidationRuleFailed
from fakes.salesforce.formula import (
    FieldInfo,
    Formula,
    FormulaError,
    FormulaRunError,
    compile_formula,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from fakes.kit.clock import Clock
    from fakes.salesforce.formula.types import BlankAs, Purpose, Value
    from fakes.salesforce.org import User
    from fakes.salesforce.schema import Field, Schema, SObject, ValidationRule
    from fakes.salesforce.store import Row, Store

_GLOBALS = {
    "$user": "User",
    "$profile": "Profile",
    "$organization": "Organization",
    "$recordtype": "RecordType",
}
_ROLE = "$userrole"


class Names:
    """What the names in a formula on an sobject mean: its compile context.

    A path walks parent relationships (``Account.Owner.Name``, ``Owner:User.Name``) or begins at a global
    (``$User.FirstName``).
    """

    def __init__(
        self,
        schema: Schema,
        sobject: SObject,
        *,
        purpose: Purpose = "validation",
        blank_as: BlankAs = "blank",
    ) -> None:
        self._schema = schema
        self._sobject = sobject
        self.purpose: Purpose = purpose
        self.blank_as: BlankAs = blank_as

    def field(self, path: tuple[str, ...]) -> FieldInfo | None:
        """The field that a dotted name means, or None."""
        first = path[0].lower()
        if first.startswith("$"):
            if first == "$permission" and len(path) == 2:
                return FieldInfo("boolean")
            if first == "$system" and path[1:] == ("OriginDateTime",):
                return FieldInfo("datetime")
            start = self._schema.get(_GLOBALS.get(first, ""))
            if start is None:
                return None
            path = path[1:]
        else:
            start = self._sobject
        found = find_field(self._schema, start, path)
        return None if found is None else info_of(found)


class Formulas:
    """The compiled rules, formula fields and defaults of one org, and their evaluation.

    Compiled formulas are kept while the schema holds the very sobject that they stand on.
    """

    def __init__(self, schema: Schema, store: Store, clock: Clock) -> None:
        self._schema = schema
        self._store = store
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[int, SObject, Formula | SalesforceError]] = {}
        self._running = threading.local()
        store.register("sf_formula", 3, self._for_sql)

    def running_as(self, user: User) -> AbstractContextManager[None]:
        """Let queries of this thread, inside the ``with``, compute formula fields for this user: in their time zone."""
        return _RunningAs(self._running, user)

    def failing_rules(self, sobject: SObject, row: Row, before: Row | None, by: User) -> list[SalesforceError]:
        """One error for each active rule that is true, in the order of the rules.

        A rule that cannot be evaluated (a division by zero, a field that is gone) refuses the save, too.
        """
        rules = [rule for rule in sobject.validation_rules.values() if rule.active]
        if not rules:
            return []
        record = _Record(self._schema, self._store, self._clock, sobject, row, before, by)
        failing = (self._failing(sobject, rule, record) for rule in rules)
        return [error for error in failing if error is not None]

    def value(self, sobject: SObject, field: Field, row: Row, by: User | None) -> Any:
        """The kept form of a formula field's value as this user sees it; None where the page shows ``#Error!``."""
        formula = self._compiled(sobject, "field", field.name, str(field.formula), field)
        if isinstance(formula, SalesforceError):
            return None
        record = _Record(self._schema, self._store, self._clock, sobject, row, row, by)
        return kept(field, formula.field_value(record))

    def default(self, sobject: SObject, field: Field, by: User) -> Any:
        """The kept form of the value that a default formula gives a new record."""
        formula = self._compiled(sobject, "default", field.name, str(field.default_value_formula), field)
        if isinstance(formula, SalesforceError):
            return None
        record = _Record(self._schema, self._store, self._clock, sobject, {}, None, by)
        return kept(field, formula.field_value(record))

    def _failing(self, sobject: SObject, rule: ValidationRule, record: _Record) -> SalesforceError | None:
        formula = self._compiled(sobject, "rule", rule.name, rule.formula)
        if isinstance(formula, SalesforceError):
            return formula
        try:
            if formula.evaluate(record) is not True:
                return None
        except FormulaRunError as problem:
            return _broken(rule.name, problem.message)
        return ValidationRuleFailed(rule.message, [rule.field] if rule.field else [])

    def _compiled(
        self, sobject: SObject, kind: str, name: str, text: str, field: Field | None = None
    ) -> Formula | SalesforceError:
        """The compiled formula, or the error that stands for one that does not compile any more."""
        key = (sobject.name, kind, name)
        known = self._kept.get(key)
        # Fields of parents count, too, so every change of the schema is a reason to compile again.
        if known is not None and known[0] == self._schema.version and known[1] is sobject:
            return known[2]
        found: Formula | SalesforceError
        try:
            found = compile_for(self._schema, sobject, kind, text, field)
        except FormulaError as problem:
            found = _broken(name, problem.message)
        self._kept[key] = (self._schema.version, sobject, found)
        return found

    def _for_sql(self, sobject_name: str, field_name: str, record_id: str) -> Any:
        sobject = self._schema[sobject_name]
        field = sobject.fields[field_name]
        row = self._store.get(sobject, record_id)
        by: User | None = getattr(self._running, "user", None)
        return None if row is None else self.value(sobject, field, row, by)


def compile_for(schema: Schema, sobject: SObject, kind: str, text: str, field: Field | None = None) -> Formula:
    """The compiled formula of a ``rule``, a formula ``field`` or a field's ``default``.

    Raises:
        FormulaError: it does not compile, or yields another type than its place wants.
    """
    names = names_for(schema, sobject, kind, field)
    if field is None:
        return compile_formula(text, names)
    scale = field.scale if field.type in values.NUMBERS else None
    return compile_formula(text, names, returns=field.type, scale=scale, mode="query" if kind == "field" else "memory")


def names_for(schema: Schema, sobject: SObject, kind: str, field: Field | None = None) -> Names:
    """The compile context of a ``rule``, a formula ``field`` or a ``default`` of an sobject."""
    if kind == "rule" or field is None:
        return Names(schema, sobject)
    if kind == "default":
        return Names(schema, sobject, purpose="default")
    blank_as: BlankAs = "zero" if field.formula_treat_null_number_as_zero else "blank"
    return Names(schema, sobject, purpose="formula_field", blank_as=blank_as)


def find_field(schema: Schema, start: SObject, path: tuple[str, ...]) -> Field | None:
    """The field at the end of a path of parent relationships, or None."""
    sobject: SObject | None = start
    for step in path[:-1]:
        if sobject is None:
            return None
        sobject = parent_type(schema, sobject, step)
    return None if sobject is None or not path else sobject.field(path[-1])


def parent_type(schema: Schema, sobject: SObject, step: str) -> SObject | None:
    """The sobject that a relationship leads to: ``Account``, or ``Owner:User`` where several could be."""
    name, _, wanted = step.partition(":")
    lookup = sobject.relationship(name)
    if lookup is None or not lookup.reference_to:
        return None
    if wanted:
        return schema.get(wanted) if wanted.lower() in {each.lower() for each in lookup.reference_to} else None
    target = "User" if "User" in lookup.reference_to else lookup.reference_to[0]
    return schema.get(target)


def info_of(field: Field) -> FieldInfo:
    """What the formula language has to know of a field."""
    kind = field.type
    if kind == "textarea" and not field.filterable:
        kind = "longtextarea"
    return FieldInfo(
        kind,
        options=tuple(entry.value for entry in field.picklist_values),
        scale=field.scale if field.type in values.NUMBERS else None,
        formula=field.formula,
        blank_as="zero" if field.formula_treat_null_number_as_zero else "blank",
    )


def kept(field: Field, value: Value) -> Any:
    """A value as the API shows it, in the form in which the store keeps the field's type."""
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return int(value) if field.type == "int" else float(value)
    if isinstance(value, datetime):
        return values.kept_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value.isoformat(timespec='milliseconds')[:12]}Z"
    return value


class _Record:
    """The record that a formula is evaluated for: what the formula language asks the org."""

    is_clone = False

    def __init__(
        self,
        schema: Schema,
        store: Store,
        clock: Clock,
        sobject: SObject,
        row: Row,
        before: Row | None,
        by: User | None,
    ) -> None:
        self._schema = schema
        self._store = store
        self._sobject = sobject
        self._row = row
        self._before = row if before is None else before
        self._by = by
        self._parents: dict[tuple[str, str], Row] = {}
        self._clock = clock
        self.is_new = before is None

    @cached_property
    def now(self) -> datetime:
        """The moment of the evaluation."""
        return self._clock.now()

    @cached_property
    def timezone(self) -> tzinfo:
        """The running user's zone."""
        return UTC if self._by is None else ZoneInfo(self._by.timezone)

    @cached_property
    def today(self) -> date:
        """The date where the running user is."""
        return self.now.astimezone(self.timezone).date()

    def value(self, path: tuple[str, ...]) -> Any:
        """The value of a field as it is now being saved."""
        return self._value(path, self._row)

    def prior(self, path: tuple[str, ...]) -> Any:
        """The value before this save; on insert the current one."""
        return self._value(path, self._before)

    def lookup(self, sobject: str, key_field: str, value: Value, return_field: str) -> Any:
        """VLOOKUP: a field of the first record whose key field has the value."""
        found = self._schema.get(sobject)
        key = None if found is None else found.field(key_field)
        wanted = None if found is None else found.field(return_field)
        if found is None or key is None or wanted is None:
            return None
        rows = self._store.find(found, key.name, kept(key, value), limit=1)
        return values.to_json(wanted, rows[0].get(wanted.name)) if rows else None

    def _value(self, path: tuple[str, ...], row: Row) -> Any:
        first = path[0].lower()
        if first.startswith("$"):
            return self._global(first, path[1:])
        return self._walk(self._sobject, row, path)

    def _global(self, name: str, path: tuple[str, ...]) -> Any:
        if name == "$permission":
            return False  # custom permissions are not modelled: nobody has any
        if name == "$system":
            return datetime(1900, 1, 1, tzinfo=UTC)
        sobject = self._schema.get(_GLOBALS.get(name, ""))
        if sobject is None:
            return None
        row: Row | None = None
        if name == "$organization":
            row = next(iter(self._store.where(sobject, {})), None)
        elif name == "$recordtype":
            row = self._parent(sobject, self._row.get("RecordTypeId"))
        elif self._by is not None:
            own = {"$user": self._by.id, "$profile": self._by.profile_id, "$userrole": self._by.row["UserRoleId"]}
            row = self._parent(sobject, own[name])
        return None if row is None else self._walk(sobject, row, path)

    def _walk(self, sobject: SObject, row: Row, path: tuple[str, ...]) -> Any:
        for step in path[:-1]:
            lookup = sobject.relationship(step.partition(":")[0])
            parent = parent_type(self._schema, sobject, step)
            found = None if lookup is None or parent is None else self._parent(parent, row.get(lookup.name))
            if found is None or parent is None:
                return None
            sobject, row = parent, found
        field = sobject.field(path[-1])
        if field is None:
            return None
        if field.type == "location":
            return values.location_json(sobject.compounds.get(field.name, ()), row)
        return values.to_json(field, row.get(field.name))

    def _parent(self, sobject: SObject, record_id: str | None) -> Row | None:
        if record_id is None:
            return None
        key = (sobject.name, record_id)
        if key not in self._parents:
            row = self._store.get(sobject, record_id)
            if row is None:
                return None
            self._parents[key] = row
        return self._parents[key]


class _RunningAs:
    """Sets the user of a thread for the length of a ``with``."""

    def __init__(self, running: threading.local, user: User) -> None:
        self._running, self._user = running, user
        self._before: User | None = None

    def __enter__(self) -> None:
        self._before = getattr(self._running, "user", None)
        self._running.user = self._user

    def __exit__(self, *_: object) -> None:
        self._running.user = self._before


def _broken(rule: str, problem: str) -> SalesforceError:
    return ValidationRuleFailed(f"The formula in the {rule} validation rule is invalid due to an error: {problem}", [])
