"""Names in a query → tables and fields, as one user sees the org.

A field that field-level security hides, a relationship to an sobject that the user may not read and a name that
does not exist at all are answered with the same words, in every clause. Source: SOQL and SOSL Reference,
"Relationship Queries", "Understanding Polymorphic Relationships".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from fakes.salesforce.errors import InvalidField, InvalidType, MalformedQuery
from fakes.salesforce.schema import make_field
from fakes.salesforce.soql.plan import Column, FirstOf, FormulaValue, Table, TypeName
from fakes.salesforce.soql.positions import caret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from fakes.salesforce.access import Access
    from fakes.salesforce.errors import SalesforceError
    from fakes.salesforce.schema import Field, Schema, SObject
    from fakes.salesforce.soql import nodes
    from fakes.salesforce.soql.dates import Calendar
    from fakes.salesforce.soql.plan import Expression

MAX_LEVELS = 5
MAX_PARENTS = 55
MAX_TABLES = 60  # SQLite joins 64 at most; a polymorphic lookup takes one for each of its targets
_REFERENCE = " Please reference your WSDL or the describe call for the appropriate names."
NO_SUCH_COLUMN = (
    "No such column '{0}' on entity '{1}'. If you are attempting to use a custom field, be sure to append the "
    "'__c' after the custom field name." + _REFERENCE
)
NO_SUCH_RELATIONSHIP = (
    "Didn't understand relationship '{0}' in field path. If you are attempting to use a custom relationship, be "
    "sure to append the '__r' after the custom relationship name." + _REFERENCE
)
NO_SUCH_CHILD_RELATIONSHIP = (
    "Didn't understand relationship '{0}' in FROM part of query call. If you are attempting to use a custom "
    "relationship, be sure to append the '__r' after the custom relationship name." + _REFERENCE
)
NO_SUCH_SOBJECT = (
    "sObject type '{0}' is not supported. If you are attempting to use a custom object, be sure to append the "
    "'__c' after the entity name." + _REFERENCE
)

# What a polymorphic lookup shows of its target, whichever it is. Source: Object Reference, "Name".
NAME_FIELDS = (
    "Id",
    "Name",
    "Type",
    "FirstName",
    "LastName",
    "Title",
    "Username",
    "Email",
    "Phone",
    "ProfileId",
    "UserRoleId",
    "Alias",
    "IsActive",
)
_NAME_FIELD_TYPES = {"Email": "email", "Phone": "phone", "IsActive": "boolean", "Id": "id"}
_NAME_RELATIONSHIPS = {"profile": ("ProfileId", "Profile"), "userrole": ("UserRoleId", "UserRole")}

# Fields that a query sees only from this API version on. Source: Object Reference, "PermissionSet".
_FIELDS_SINCE = {("PermissionSet", "Type"): 46.0}


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything outside the text on which the meaning of a query depends."""

    schema: Schema
    access: Access
    now: datetime
    calendar: Calendar
    user_id: str
    not_modelled: Callable[[str, str], None]
    api_version: float = 63.0

    def visible_field(self, sobject: SObject, name: str) -> Field | None:
        """The field of that name, unless it does not exist for this user or in this API version."""
        found = sobject.field(name)
        if found is None or not self.access.can_read(sobject.name, found.name):
            return None
        since = _FIELDS_SINCE.get((sobject.name, found.name))
        return None if since is not None and self.api_version < since else found

    def visible_sobject(self, name: str) -> SObject | None:
        """The sobject of that name, unless it does not exist for this user."""
        found = self.schema.get(name)
        return found if found is not None and self.access.object(found.name).read else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a relationship path leads: one table, or for a polymorphic lookup one for each possible target."""

    tables: tuple[Table, ...]
    polymorphic: bool = False

    @property
    def entity(self) -> str:
        """The name that Salesforce gives the place in messages and in ``attributes``."""
        return "Name" if self.polymorphic else self.tables[0].sobject.name


@dataclass(frozen=True, slots=True)
class Found:
    """A field and the way to it: canonical relationship names, then the field's own name."""

    place: Place
    field: Field
    expression: Expression | None  # None: a compound field, which has no value of its own
    keys: tuple[str, ...]
    places: tuple[Place, ...]  # the parents on the way, one for each relationship name in ``keys``

    @property
    def identity(self) -> str:
        """What makes two mentions the same field."""
        return ".".join(self.keys).lower()


@dataclass(slots=True)
class Scope:
    """The tables of one FROM and the names by which its query reaches them."""

    environment: Environment
    text: str
    root: Table
    aliases: dict[str, tuple[str, ...]]
    new_alias: Iterator[str]
    tables: list[Table] = field(default_factory=list)
    _places: dict[tuple[str, ...], Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables.append(self.root)
        self._places[()] = Place((self.root,))

    def find(self, path: nodes.Path) -> Found:
        """The field that a path names.

        Raises:
            InvalidField: a part of the path does not exist for this user.
        """
        parts = self._without_alias(path)
        place, keys, places = self.walk(parts[:-1], path)
        name = parts[-1]
        if place.polymorphic:
            return self._name_field(place, name, path, keys, places)
        table = place.tables[0]
        found = self.environment.visible_field(table.sobject, name)
        if found is None:
            self.refuse(path.position, InvalidField, NO_SUCH_COLUMN.format(name, place.entity))
        return Found(place, found, field_value(table, found), (*keys, found.name), places)

    def walk(self, parts: tuple[str, ...], path: nodes.Path) -> tuple[Place, tuple[str, ...], tuple[Place, ...]]:
        """Follow relationship names from the root: the place, the canonical names, the places on the way."""
        if len(parts) > MAX_LEVELS:
            self.refuse(
                path.position,
                InvalidField,
                f"{path.text}: a relationship path may have at most {MAX_LEVELS} levels",
            )
        place = self._places[()]
        walked: tuple[str, ...] = ()
        keys: tuple[str, ...] = ()
        places: tuple[Place, ...] = ()
        for part in parts:
            place, key = self._step(place, walked, part, path)
            walked, keys, places = (*walked, part.lower()), (*keys, key), (*places, place)
        return place, keys, places

    def refuse(self, position: int, error: type[SalesforceError], message: str) -> NoReturn:
        """Raise the error with the place in front of its message."""
        raise error(caret(self.text, position) + message)

    def _without_alias(self, path: nodes.Path) -> tuple[str, ...]:
        parts = path.parts
        if len(parts) < 2:
            return parts
        first = parts[0].lower()
        if first in self.aliases:
            return (*self.aliases[first], *parts[1:])
        # FROM Account … Account.Name: the sobject's own name, unless it has a relationship of that name.
        if first == self.root.sobject.name.lower() and self.root.sobject.relationship(first) is None:
            return parts[1:]
        return parts

    def _step(self, place: Place, walked: tuple[str, ...], part: str, path: nodes.Path) -> tuple[Place, str]:
        """One relationship further: the place it leads to and its canonical name."""
        target = (*walked, part.lower())
        if place.polymorphic:
            return self._step_from_name(place, target, part, path)
        table = place.tables[0]
        lookup = table.sobject.relationship(part)
        if lookup is None or self.environment.visible_field(table.sobject, lookup.name) is None:
            self.refuse(path.position, InvalidField, NO_SUCH_RELATIONSHIP.format(part))
        canonical = lookup.relationship_name or part
        if target in self._places:
            return self._places[target], canonical
        key = field_value(table, lookup)
        polymorphic = len(lookup.reference_to) > 1
        targets = [
            sobject for name in lookup.reference_to if (sobject := self.environment.visible_sobject(name)) is not None
        ]
        if not any(name in self.environment.schema for name in lookup.reference_to):
            self.environment.not_modelled("sobject", ", ".join(lookup.reference_to))
        if not targets:
            self.refuse(path.position, InvalidField, NO_SUCH_RELATIONSHIP.format(part))
        return self._join(target, targets, key, polymorphic=polymorphic), canonical

    def _step_from_name(self, place: Place, target: tuple[str, ...], part: str, path: nodes.Path) -> tuple[Place, str]:
        lookup_name, sobject_name = _NAME_RELATIONSHIPS.get(part.lower(), ("", ""))
        sobject = self.environment.visible_sobject(sobject_name)
        if sobject is None:
            self.refuse(path.position, InvalidField, NO_SUCH_RELATIONSHIP.format(part))
        if target in self._places:
            return self._places[target], sobject_name
        key = self._name_value(place, lookup_name)
        return self._join(target, [sobject], key, polymorphic=False), sobject_name

    def _join(
        self,
        target: tuple[str, ...],
        sobjects: list[SObject],
        key: Expression | None,
        *,
        polymorphic: bool,
    ) -> Place:
        tables = tuple(Table(next(self.new_alias), sobject, key) for sobject in sobjects)
        self.tables.extend(tables)
        if len(self._places) > MAX_PARENTS or len(self.tables) > MAX_TABLES:
            raise MalformedQuery(f"No more than {MAX_PARENTS} child-to-parent relationships can be used in a query")
        place = self._places[target] = Place(tables, polymorphic=polymorphic)
        return place

    def _name_field(
        self, place: Place, name: str, path: nodes.Path, keys: tuple[str, ...], places: tuple[Place, ...]
    ) -> Found:
        canonical = next((each for each in NAME_FIELDS if each.lower() == name.lower()), None)
        if canonical is None:
            self.refuse(path.position, InvalidField, NO_SUCH_COLUMN.format(name, place.entity))
        value = self._name_value(place, canonical)
        described = value.field or _described(canonical)
        return Found(place, described, value, (*keys, canonical), places)

    def identifier(self, place: Place) -> Expression:
        """The id of the record at that place."""
        if place.polymorphic:
            return self._name_value(place, "Id")
        table = place.tables[0]
        return Column(table, table.sobject.fields["Id"])

    def _name_value(self, place: Place, name: str) -> Expression:
        """A field of the Name pseudo-sobject: the value that the target has, where the user sees one."""
        if name == "Type":
            return TypeName(place.tables)
        options: list[Column | FormulaValue] = []
        for table in place.tables:
            found = self.environment.visible_field(table.sobject, name)
            value = None if found is None else field_value(table, found)
            if value is not None:
                options.append(value)
        first = options[0].field if options else _described(name)
        return FirstOf(tuple(options), first.type, first)


def field_value(table: Table, found: Field) -> Column | FormulaValue | None:
    """How the field's value is read, or None for a compound field."""
    if found.formula is not None:
        return FormulaValue(table, found)
    return Column(table, found) if found.stored else None


def _described(name: str) -> Field:
    """A field of Name that no readable target has."""
    return make_field(name=name, label=name, type=_NAME_FIELD_TYPES.get(name, "string"))


def visible_sobject(environment: Environment, text: str, path: nodes.Path) -> SObject:
    """The sobject behind FROM.

    Raises:
        InvalidType: there is none of that name for this user, or it cannot be queried.
    """
    found = environment.visible_sobject(path.text)
    if path.text not in environment.schema:
        environment.not_modelled("sobject", path.text)
    if found is None or not found.queryable:
        raise InvalidType(caret(text, path.position) + NO_SUCH_SOBJECT.format(path.text))
    return found
