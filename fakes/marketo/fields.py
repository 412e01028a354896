"""Lead field metadata: the standard fields as recorded from a real instance, and those that were added.

Pure: no Flask, no database, no clock. Source: Marketo developer guide, "Leads" (describe), "Lead Fields" (schema).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from .errors import FieldUnknown, InvalidRecord, MaxFields, MissingRecordValue, ObjectExists
from .values import COMPUTED, DATA_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CREATABLE = frozenset(
    [
        "boolean",
        "currency",
        "date",
        "datetime",
        "email",
        "float",
        "integer",
        "percent",
        "phone",
        "score",
        "string",
        "url",
    ]
)
"""The data types that the API creates fields of."""

MAX_API_FIELDS = 100
"""So many custom fields can be created through the API, in total."""

DEFAULT_FIELDS = ("id", "firstName", "lastName", "email", "updatedAt", "createdAt")
"""What a read answers when it names no fields, in this order."""

FIRST_CUSTOM_ID = 1001

_SEARCHABLE = frozenset(
    ["id", "email", "cookies", "leadPartitionId", "sfdcAccountId", "sfdcContactId", "sfdcLeadId", "sfdcLeadOwnerId"]
)
_SEARCHABLE_TYPES = frozenset({"string", "email", "integer"})
_WITH_LENGTH = frozenset({"string", "email", "phone", "url", "lead_function"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DISPLAY_NAME = re.compile(r"[\w\- ]+")
_NATIVE_ONLY = frozenset(["sfdcAccountId", "sfdcType", "sfdcContactId", "sfdcId", "sfdcLeadId", "sfdcLeadOwnerId"])


@dataclass(frozen=True, slots=True)
class LeadField:
    """One field of a lead; ``name`` is its REST name.

    ``system``: shown as writable by describe and yet kept by Marketo alone.
    ``crm``: kept by the native Salesforce sync.
    """

    id: int
    name: str
    display_name: str
    data_type: str
    length: int | None = None
    read_only: bool = False
    soap_name: str | None = None
    system: bool = False
    company: bool = False
    crm: bool = False
    custom: bool = False
    api_created: bool = False
    hidden: bool = False
    sensitive: bool = False
    html_encoding: bool = True
    description: str = ""

    @property
    def searchable(self) -> bool:
        """Whether leads can be found by it. Source: "Leads", the list under "Query"."""
        return self.name in _SEARCHABLE or (self.custom and self.data_type in _SEARCHABLE_TYPES)

    @property
    def written_by_marketo_only(self) -> bool:
        """Whether even the native sync cannot write it."""
        return self.system or self.data_type in COMPUTED or (self.read_only and not self.crm)

    def describe(self) -> dict[str, Any]:
        """The entry of describe."""
        entry: dict[str, Any] = {"id": self.id, "displayName": self.display_name, "dataType": self.data_type}
        if self.length is not None:
            entry["length"] = self.length
        entry["rest"] = {"name": self.name, "readOnly": self.read_only}
        if self.soap_name is not None:
            entry["soap"] = {"name": self.soap_name, "readOnly": self.read_only}
        return entry

    def describe2(self) -> dict[str, Any]:
        """The entry of describe2."""
        entry: dict[str, Any] = {"name": self.name, "displayName": self.display_name, "dataType": self.data_type}
        if self.length is not None:
            entry["length"] = self.length
        return {**entry, "updateable": not self.read_only, "crmManaged": self.crm}

    def schema(self) -> dict[str, Any]:
        """The LeadField of the schema calls."""
        entry: dict[str, Any] = {
            "displayName": self.display_name,
            "name": self.name,
            "description": self.description,
            "dataType": self.data_type,
        }
        if self.length is not None:
            entry["length"] = self.length
        return {
            **entry,
            "isHidden": self.hidden,
            "isHtmlEncodingInEmail": self.html_encoding,
            "isSensitive": self.sensitive,
            "isCustom": self.custom,
            "isApiCreated": self.api_created,
        }

    def to_json(self) -> str:
        """The definition as the store keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> LeadField:
        """The definition that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


class Fields:
    """Every lead field of an instance, in the order of describe; names are exact, as on the wire."""

    def __init__(self, fields: Iterable[LeadField]) -> None:
        self._by_name = {field.name: field for field in fields}
        self._by_id = {field.id: field for field in self._by_name.values()}

    def __iter__(self) -> Iterator[LeadField]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> LeadField:
        return self._by_name[name]

    def get(self, name: str) -> LeadField | None:
        """The field with exactly this REST name."""
        return self._by_name.get(name)

    def by_id(self, number: int) -> LeadField | None:
        """The field that an activity names by its id."""
        return self._by_id.get(number)

    def named(self, word: str) -> LeadField | None:
        """The field with this REST name or, as people say it, with this display name."""
        return self._by_name.get(word) or next(
            (field for field in self if field.display_name.lower() == word.lower()), None
        )

    def read(self, names: Sequence[str]) -> list[LeadField]:
        """The fields that a read answers: ``id`` first, then as asked for, each once.

        Raises:
            FieldUnknown: a name is no field.
        """
        wanted = ("id", *names) if names else DEFAULT_FIELDS
        return [self.required(name) for name in dict.fromkeys(wanted)]

    def required(self, name: str) -> LeadField:
        """The field with this REST name.

        Raises:
            FieldUnknown: there is none.
        """
        if (field := self._by_name.get(name)) is None:
            raise FieldUnknown(name)
        return field

    def searchable(self) -> list[LeadField]:
        """The fields that leads can be found by."""
        return [field for field in self if field.searchable]

    def put(self, field: LeadField) -> None:
        """Add a field, or replace its definition."""
        # Exchanged, not changed: another thread may be walking through them.
        self._by_name = {**self._by_name, field.name: field}
        self._by_id = {**self._by_id, field.id: field}

    def reset(self, other: Fields) -> None:
        """Become what another registry is."""
        self._by_name, self._by_id = dict(other._by_name), dict(other._by_id)

    def next_id(self) -> int:
        """The id that the next custom field gets."""
        return max(FIRST_CUSTOM_ID - 1, *self._by_id) + 1


def standard(*, native: bool) -> Fields:
    """The standard fields; with a native Salesforce sync also those that it keeps on a person."""
    fields = [*_load("lead_fields.json", crm=False), *(_load("native_sync_fields.json", crm=True) if native else ())]
    if native:
        fields = [replace(field, crm=True) if field.name in _NATIVE_ONLY else field for field in fields]
    return Fields(sorted(fields, key=lambda field: (not field.company, field.id)))


def new_field(order: Mapping[str, Any], fields: Fields, *, connector: bool) -> LeadField:
    """The field that a caller of the schema call wants.

    Args:
        order: ``displayName``, ``name``, ``dataType`` and the optional members of the call.
        connector: the native sync's own user makes fields of any type and number, named as Salesforce names them.

    Raises:
        MissingRecordValue: a required member is absent.
        InvalidRecord: a name or type is not allowed.
        ObjectExists: there is a field of that name, or of that display name.
        MaxFields: 100 fields were created through the API.
    """
    for member in ("displayName", "name", "dataType"):
        if not isinstance(order.get(member), str) or not order[member].strip():
            raise MissingRecordValue(member)
    name, display_name, data_type = (order[member].strip() for member in ("name", "displayName", "dataType"))
    if not _NAME.fullmatch(name) or len(name) > 255:
        raise InvalidRecord(f"Invalid value for field 'name' and value '{name}'")
    allowed = CREATABLE | {"text"} if connector else CREATABLE
    if data_type not in allowed:
        raise InvalidRecord(f"Invalid value for field 'dataType' and value '{data_type}'")
    if any(field.name.lower() == name.lower() for field in fields):
        raise ObjectExists
    if not connector:
        if not _DISPLAY_NAME.fullmatch(display_name):
            raise InvalidRecord(f"Invalid value for field 'displayName' and value '{display_name}'")
        if any(field.display_name.lower() == display_name.lower() for field in fields):
            raise ObjectExists
        if sum(field.api_created and not field.crm for field in fields) >= MAX_API_FIELDS:
            raise MaxFields
    return LeadField(
        id=fields.next_id(),
        name=name,
        display_name=display_name,
        data_type=data_type,
        length=_length(order.get("length") if connector else None, data_type),
        soap_name=name,
        crm=connector,
        custom=True,
        api_created=not connector,
        hidden=bool(order.get("isHidden", False)),
        sensitive=bool(order.get("isSensitive", False)),
        html_encoding=bool(order.get("isHtmlEncodingInEmail", True)),
        description=str(order.get("description") or ""),
    )


def scenario_field(name: str, words: Mapping[str, Any], fields: Fields) -> LeadField:
    """A custom field as a scenario words it: ``{type, length?, label?}``.

    Raises:
        ValueError: a name, type or key that cannot be; the message says which.
    """
    data_type = str(words.get("type", ""))
    if data_type not in DATA_TYPES - COMPUTED:
        raise ValueError(f"{name}: {data_type!r} is not a type; types are {', '.join(sorted(DATA_TYPES - COMPUTED))}")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a REST name: a letter, then letters, digits and underscores")
    if any(field.name.lower() == name.lower() for field in fields):
        raise ValueError(f"{name}: a field of that name exists")
    return LeadField(
        id=fields.next_id(),
        name=name,
        display_name=str(words.get("label") or _label(name)),
        data_type=data_type,
        length=_length(words.get("length"), data_type),
        soap_name=name,
        custom=True,
    )


def changed_field(field: LeadField, order: Mapping[str, Any], fields: Fields) -> LeadField:
    """The field with what an update may change: of a standard field less than of a custom one.

    Raises:
        InvalidRecord: a member that cannot be changed, or a display name that is not allowed.
        ObjectExists: another field has that display name.
    """
    allowed = {"description", "isHtmlEncodingInEmail", "isSensitive"}
    if field.custom:
        allowed |= {"displayName"} | ({"isHidden"} if field.api_created else set())
    for member in order:
        if member not in allowed and member != "name":
            raise InvalidRecord(f"Field '{member}' is not updateable")
    display_name = str(order.get("displayName", field.display_name))
    if display_name != field.display_name:
        if not _DISPLAY_NAME.fullmatch(display_name):
            raise InvalidRecord(f"Invalid value for field 'displayName' and value '{display_name}'")
        if any(f.display_name.lower() == display_name.lower() and f.name != field.name for f in fields):
            raise ObjectExists
    return replace(
        field,
        display_name=display_name,
        description=str(order.get("description", field.description) or ""),
        hidden=bool(order.get("isHidden", field.hidden)),
        sensitive=bool(order.get("isSensitive", field.sensitive)),
        html_encoding=bool(order.get("isHtmlEncodingInEmail", field.html_encoding)),
    )


def _length(wanted: Any, data_type: str) -> int | None:
    if data_type not in _WITH_LENGTH:
        return None
    if isinstance(wanted, int) and not isinstance(wanted, bool) and 1 <= wanted <= 65_535:
        return wanted
    return 255


def _label(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", name).strip()
    return words[:1].upper() + words[1:]


@cache
def _entries(file: str) -> tuple[Mapping[str, Any], ...]:
    text = resources.files("fakes.marketo").joinpath("standard", file).read_text(encoding="utf-8")
    return tuple(json.loads(text))


def _load(file: str, *, crm: bool) -> Iterator[LeadField]:
    for entry in _entries(file):
        yield LeadField(
            id=entry["id"],
            name=entry["rest"]["name"],
            display_name=entry["displayName"],
            data_type=entry["dataType"],
            length=entry.get("length"),
            read_only=entry["rest"]["readOnly"],
            soap_name=entry.get("soap", {}).get("name"),
            system=entry.get("systemManaged", False),
            company=entry.get("company", False),
            crm=crm,
        )
