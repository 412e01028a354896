"""What an org consists of: its sobjects, their fields, picklists, relationships and validation rules.

The words are the describe's own (``DescribeFieldResult`` and ``DescribeSObjectResult`` of the SOAP API
Developer Guide) in snake_case.  Everything but :class:`Schema` is immutable; a change of an org replaces
whole objects in the schema's dictionary, which makes a snapshot a shallow copy.  Standard sobjects are read
from ``standard/*.json``, where each field is written as the difference from its kind
(:mod:`fakes.salesforce.field_kinds`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fakes.salesforce.field_kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMPOUND_TYPES = frozenset({"address", "location"})
CHARACTER_TYPES = frozenset(
    {
        "string",
        "picklist",
        "multipicklist",
        "email",
        "phone",
        "url",
        "textarea",
        "combobox",
        "encryptedstring",
    }
)
SOAP_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "tns:ID",
        "reference": "tns:ID",
        "boolean": "xsd:boolean",
        "int": "xsd:int",
        "double": "xsd:double",
        "currency": "xsd:double",
        "percent": "xsd:double",
        "date": "xsd:date",
        "datetime": "xsd:dateTime",
        "time": "xsd:time",
        "address": "urn:address",
        "location": "urn:location",
        "base64": "xsd:base64Binary",
        "anyType": "xsd:anyType",
        "complexvalue": "xsd:anyType",
    }
)


class NoSuchSObject(KeyError):
    """The org has no sobject of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"sobject {self.name!r} is not known"


class NoSuchField(KeyError):
    """The sobject has no field of that name."""

    def __init__(self, sobject: str, name: str) -> None:
        super().__init__(name)
        self.sobject = sobject
        self.name = name

    def __str__(self) -> str:
        return f"no field {self.name!r} on sobject {self.sobject}"


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One value of a picklist; ``valid_for`` is the base64 bitset of a dependent picklist."""

    value: str
    label: str
    active: bool = True
    default: bool = False
    valid_for: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an sobject, with the attributes its describe shows.

    A few attributes are no describe keys of the field, because Salesforce tells them elsewhere:
    ``child_relationship`` (the name under which the parent sees the children), ``deleted_with_parent`` (the
    parent's ``cascadeDelete``), ``display_format`` and ``starting_number`` (auto numbers).
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    custom: bool = False
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    permissionable: bool = True
    defaulted_on_create: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    aggregatable: bool = True
    calculated: bool = False
    formula: str | None = None
    formula_treat_null_number_as_zero: bool = False
    name_field: bool = False
    auto_number: bool = False
    restricted_picklist: bool = False
    dependent_picklist: bool = False
    controller_name: str | None = None
    picklist_values: tuple[PicklistValue, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    relationship_order: int | None = None
    child_relationship: str | None = None
    polymorphic: bool = False
    compound_field_name: str | None = None
    extra_type_info: str | None = None
    default_value: object = None
    default_value_formula: str | None = None
    html_formatted: bool = False
    cascade_delete: bool = False
    restricted_delete: bool = False
    write_requires_master_read: bool = False
    deleted_with_parent: bool = False
    inline_help_text: str | None = None
    mask: str | None = None
    mask_type: str | None = None
    encrypted: bool = False
    query_by_distance: bool = False
    display_location_in_decimal: bool = False
    search_prefilterable: bool = False
    filtered_lookup_info: Mapping[str, Any] | None = None
    deprecated_and_hidden: bool = False
    ai_prediction_field: bool = False
    high_scale_number: bool = False
    reference_target_field: str | None = None
    display_format: str | None = None
    starting_number: int = 1

    @property
    def stored(self) -> bool:
        """Whether records keep a value of their own; formulas and compound addresses are made from others."""
        return self.formula is None and self.type not in COMPOUND_TYPES

    @property
    def required(self) -> bool:
        """Whether a create must bring a value: neither nillable nor filled by the platform."""
        return self.createable and not self.nillable and not self.defaulted_on_create

    @property
    def soap_type(self) -> str:
        """The ``soapType`` of the describe."""
        return SOAP_TYPES.get(self.type, "xsd:string")

    @property
    def byte_length(self) -> int:
        """The ``byteLength`` of the describe: three bytes a character, ids 18, else 0."""
        if self.type in {"id", "reference"}:
            return 18
        return 3 * self.length if self.type in CHARACTER_TYPES else 0

    def picklist_value(self, value: str) -> PicklistValue | None:
        """The entry of ``picklist_values`` with exactly this API name."""
        return next((entry for entry in self.picklist_values if entry.value == value), None)


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A formula that refuses the save when true; its message stands at ``field``, None: the page's top."""

    sobject: str
    name: str
    formula: str
    message: str
    field: str | None = None
    active: bool = True


@dataclass(frozen=True)
class SObject:
    """One sobject: its fields in the describe's order, its validation rules and its flags."""

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    custom: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)
    validation_rules: Mapping[str, ValidationRule] = field(default_factory=dict)
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    undeletable: bool = True
    queryable: bool = True
    retrieveable: bool = True
    replicateable: bool = True
    searchable: bool = True
    search_layoutable: bool = True
    compact_layoutable: bool = True
    layoutable: bool = True
    mergeable: bool = False
    triggerable: bool = True
    feed_enabled: bool = False
    mru_enabled: bool = False
    activateable: bool = False
    custom_setting: bool = False
    deep_cloneable: bool = False
    deprecated_and_hidden: bool = False
    has_subtypes: bool = False
    is_interface: bool = False
    is_subtype: bool = False
    # Who decides about its records: "object" (ObjectPermissions rows), "setup" (read by all, changed by
    # administrators), "everyone" (activities), or the name of the parent that controls it (Campaign).
    access_by: str = "object"
    supported_scopes: tuple[tuple[str, str], ...] = ()  # (name, label)

    @cached_property
    def _canonical(self) -> dict[str, str]:
        return {name.lower(): name for name in self.fields}

    def field(self, name: str) -> Field | None:
        """The field of that name, whatever its case, or None."""
        found = self.fields.get(name)
        if found is None:
            canonical = self._canonical.get(name.lower())
            return None if canonical is None else self.fields[canonical]
        return found

    @cached_property
    def name_field(self) -> Field | None:
        """The field that names a record (``Name``, a task's ``Subject``), where the sobject has one."""
        return next((found for found in self.fields.values() if found.name_field), None)

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields whose values records keep, in canonical order."""
        return tuple(found for found in self.fields.values() if found.stored)

    @cached_property
    def compounds(self) -> Mapping[str, tuple[Field, ...]]:
        """The parts of each compound field (``MailingAddress``, ``Name``), by the compound's name."""
        parts: dict[str, list[Field]] = {}
        for found in self.fields.values():
            if found.compound_field_name is not None and found.compound_field_name != found.name:
                parts.setdefault(found.compound_field_name, []).append(found)
        return {name: tuple(members) for name, members in parts.items()}

    @cached_property
    def _relationships(self) -> dict[str, Field]:
        return {
            found.relationship_name.lower(): found
            for found in self.fields.values()
            if found.relationship_name is not None
        }

    def relationship(self, name: str) -> Field | None:
        """The lookup field behind a parent relationship (``Account`` → ``AccountId``), whatever its case."""
        return self._relationships.get(name.lower())


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """One lookup that points at an sobject, seen from the parent; ``name`` None cannot be queried."""

    child: str
    field: str
    name: str | None
    cascade_delete: bool
    restricted_delete: bool = False


class Schema:
    """Every sobject of an org; they never change, they are replaced, so a snapshot is a shallow copy."""

    def __init__(self, sobjects: Iterable[SObject] = ()) -> None:
        self.version = 0
        self._sobjects: dict[str, SObject] = {}
        self._children: dict[str, list[ChildRelationship]] | None = None
        for sobject in sobjects:
            self._sobjects[sobject.name.lower()] = sobject

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._sobjects

    def __getitem__(self, name: str) -> SObject:
        found = self.get(name)
        if found is None:
            raise NoSuchSObject(name)
        return found

    def get(self, name: str) -> SObject | None:
        """The sobject of that name, whatever its case, or None."""
        return self._sobjects.get(name.lower())

    def names(self) -> list[str]:
        """Every sobject's name, sorted as the global describe sorts them: without regard to case."""
        return [self._sobjects[key].name for key in sorted(self._sobjects)]

    def by_key_prefix(self, prefix: str) -> SObject | None:
        """The sobject whose record ids begin with these three characters, or None."""
        return next((sobject for sobject in self._sobjects.values() if sobject.key_prefix == prefix), None)

    def put(self, sobject: SObject) -> None:
        """Add an sobject or replace the one of that name."""
        self._sobjects[sobject.name.lower()] = sobject
        self._changed()

    def put_field(self, sobject_name: str, new: Field) -> None:
        """Add a field at the end of its sobject, or replace the one of that name where it stands."""
        sobject = self[sobject_name]
        present = sobject.field(new.name)
        fields = dict(sobject.fields)
        fields[present.name if present else new.name] = new
        if present and present.name != new.name:
            fields = {found.name: found for found in fields.values()}
        self.put(replace(sobject, fields=fields))

    def drop_field(self, sobject_name: str, name: str) -> None:
        """Remove a field; ``NoSuchField`` if it is not there."""
        sobject = self[sobject_name]
        present = sobject.field(name)
        if present is None:
            raise NoSuchField(sobject.name, name)
        self.put(replace(sobject, fields={key: found for key, found in sobject.fields.items() if key != present.name}))

    def put_rule(self, rule: ValidationRule) -> None:
        """Add a validation rule to its sobject or replace the one of that name."""
        sobject = self[rule.sobject]
        rules = {name: kept for name, kept in sobject.validation_rules.items() if name.lower() != rule.name.lower()}
        rules[rule.name] = rule
        self.put(replace(sobject, validation_rules=rules))

    def drop_rule(self, sobject_name: str, name: str) -> bool:
        """Remove a validation rule; False if there was none of that name."""
        sobject = self[sobject_name]
        rules = {key: kept for key, kept in sobject.validation_rules.items() if key.lower() != name.lower()}
        if len(rules) == len(sobject.validation_rules):
            return False
        self.put(replace(sobject, validation_rules=rules))
        return True

    def child_relationships(self, sobject: str) -> list[ChildRelationship]:
        """Every lookup field that points at the sobject, ordered by child and field as in the describe."""
        if self._children is None:
            self._children = self._find_children()
        return self._children.get(sobject.lower(), [])

    def snapshot(self) -> object:
        """What :meth:`restore` takes to bring back today's sobjects."""
        return dict(self._sobjects)

    def restore(self, snapshot: object) -> None:
        """Bring back the sobjects of a snapshot; the version moves on, so nobody keeps what came between."""
        if not isinstance(snapshot, dict):
            raise TypeError("not a snapshot of a schema")
        self._sobjects = dict(snapshot)
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._children = None

    def _find_children(self) -> dict[str, list[ChildRelationship]]:
        found: dict[str, list[ChildRelationship]] = {}
        for key in sorted(self._sobjects):
            child = self._sobjects[key]
            for lookup in sorted(child.fields.values(), key=lambda each: each.name.lower()):
                for parent in lookup.reference_to:
                    found.setdefault(parent.lower(), []).append(
                        ChildRelationship(
                            child.name,
                            lookup.name,
                            lookup.child_relationship,
                            lookup.cascade_delete or lookup.deleted_with_parent,
                            lookup.restricted_delete,
                        )
                    )
        return found


def standard() -> Schema:
    """A new schema with the standard sobjects of an org nobody has customised."""
    return Schema(_standard_sobjects())


def standard_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows every org is born with in ``LeadStatus``, ``OpportunityStage``, ``TaskStatus``, no ids."""
    return {name: [dict(row) for row in rows] for name, rows in _standard_files()[1].items()}


def make_field(**described: Any) -> Field:
    """A field from a kind and what differs: ``make_field(kind="currency", name=…, label=…, scale=2)``."""
    kind = described.pop("kind", "text")
    values = {**KINDS[kind], **described}
    return Field(**values)


def _standard_sobjects() -> tuple[SObject, ...]:
    return _standard_files()[0]


@lru_cache(maxsize=1)
def _standard_files() -> tuple[tuple[SObject, ...], dict[str, list[dict[str, Any]]]]:
    """The files of ``standard/``, read once a process: what comes of them is immutable."""
    sobjects = []
    rows: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(Path(__file__).with_name("standard").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if "rows" in data:
            rows[data["name"]] = data.pop("rows")
        sobjects.append(_sobject(data))
    return tuple(sobjects), rows


def _sobject(data: dict[str, Any]) -> SObject:
    fields = {name: _field(name, delta) for name, delta in data.pop("fields").items()}
    flags = {_snake(key): value for key, value in data.items()}
    flags["supported_scopes"] = tuple(tuple(scope) for scope in flags.get("supported_scopes", ()))
    return SObject(fields=fields, **flags)


def _field(name: str, delta: dict[str, Any]) -> Field:
    values = dict(KINDS[delta.pop("kind", "text")])
    for key, value in delta.items():
        values[_snake(key)] = value
    values["name"] = name
    if "picklist_values" in values:
        values["picklist_values"] = tuple(_picklist_values(values["picklist_values"], values.get("default_value")))
    if "reference_to" in values:
        values["reference_to"] = tuple(values["reference_to"])
    return Field(**values)


def _picklist_values(listed: Iterable[str | list[str]], default: object) -> Iterable[PicklistValue]:
    """A value is written as its API name, or as [API name, label]."""
    for entry in listed:
        value, label = (entry, entry) if isinstance(entry, str) else entry
        yield PicklistValue(value, label, default=value == default)


@lru_cache(maxsize=512)
def _snake(key: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in key)
