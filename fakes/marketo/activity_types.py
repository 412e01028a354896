"""Activity types: the standard catalogue, and custom types with their drafts.

Source: Marketo developer guide, "Activities" and "Custom Activity Types"; attribute names as published there.
The attribute ``Error`` of the Salesforce types is ours: how a failed sync looks through the API was not found.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from .errors import (
    InvalidRecord,
    MaxFields,
    MaxTypes,
    MissingRecordValue,
    ObjectExists,
    RecordFieldUnknown,
    RecordObjectNotFound,
)
from .store import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .store import Store

NEW_LEAD, CHANGE_DATA_VALUE, CHANGE_SCORE, DELETE_LEAD = 12, 13, 22, 37
SEND_EMAIL, EMAIL_DELIVERED = 6, 7
ADD_TO_LIST, REMOVE_FROM_LIST = 24, 25
MERGE_LEADS, INTERESTING_MOMENT, REQUEST_CAMPAIGN = 32, 46, 47

NATIVE = frozenset({19, 21, 23, 26, 28, 29, 30, 31, 34, 35, 36, 42, 43, 44})
"""Types that the native Salesforce sync writes; its connector user may add them by id."""

ABOUT_THE_LEAD = frozenset({19, 21, 23, 28, 29, 31, 37})
"""Types whose primary value is the lead itself: its id and name."""

FIRST_CUSTOM_ID = 100_001
MAX_TYPES, MAX_ATTRIBUTES = 10, 20
ATTRIBUTE_TYPES = frozenset(
    ["string", "boolean", "integer", "float", "link", "email", "currency", "date", "datetime", "phone", "text"],
)
_API_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)

VALUE_TYPES = {"link": "url"}
"""Attribute types whose values are read like a lead field type of another name."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an activity type; standard ones have no ``api_name``."""

    name: str
    data_type: str
    api_name: str | None = None
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the catalogue and the calls for custom types show it."""
        if self.api_name is None:
            return {"name": self.name, "dataType": self.data_type}
        return {
            "apiName": self.api_name,
            "name": self.name,
            "description": self.description,
            "dataType": self.data_type,
        }


@dataclass(frozen=True, slots=True)
class ActivityType:
    """One activity type; custom ones have an ``api_name``."""

    id: int
    name: str
    description: str
    primary: Attribute | None
    attributes: tuple[Attribute, ...]
    api_name: str | None = None
    trigger_name: str = ""
    filter_name: str = ""
    created: str = ""
    updated: str = ""

    def catalogue(self) -> dict[str, Any]:
        """The entry of types.json; attributes in alphabetical order, as recorded."""
        entry: dict[str, Any] = {"id": self.id, "name": self.name, "description": self.description}
        if self.primary is not None:
            entry["primaryAttribute"] = self.primary.to_json()
        attributes = sorted(self.attributes, key=lambda attribute: attribute.name)
        entry["attributes"] = [attribute.to_json() for attribute in attributes]
        if self.api_name is not None:
            entry["apiName"] = self.api_name
        return entry

    def attribute(self, name: str) -> Attribute | None:
        """The attribute with this API name or name."""
        return next((a for a in self.attributes if name in {a.api_name, a.name}), None)

    def to_row(self) -> str:
        """The definition as the store keeps it."""
        return dumps({**self.metadata("draft"), "attributes": [a.to_json() for a in self.attributes]})

    def metadata(self, status: str) -> dict[str, Any]:
        """The entry of the calls for custom types, without attributes."""
        return {
            "id": self.id,
            "apiName": self.api_name,
            "name": self.name,
            "description": self.description,
            "triggerName": self.trigger_name,
            "filterName": self.filter_name,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "status": status,
            "primaryAttribute": None if self.primary is None else self.primary.to_json(),
        }

    @classmethod
    def from_row(cls, text: str) -> ActivityType:
        """The definition that :meth:`to_row` wrote."""
        entry = json.loads(text)
        return cls(
            id=entry["id"],
            name=entry["name"],
            description=entry["description"],
            primary=_attribute(entry["primaryAttribute"]),
            attributes=tuple(_attribute(a) for a in entry["attributes"]),
            api_name=entry["apiName"],
            trigger_name=entry["triggerName"],
            filter_name=entry["filterName"],
            created=entry["createdAt"],
            updated=entry["updatedAt"],
        )


@cache
def standard_types() -> Mapping[int, ActivityType]:
    """The catalogue that every instance has, by id."""
    text = resources.files("fakes.marketo").joinpath("standard", "activity_types.json").read_text(encoding="utf-8")
    types = {}
    for entry in json.loads(text):
        primary = entry.get("primaryAttribute")
        types[entry["id"]] = ActivityType(
            id=entry["id"],
            name=entry["name"],
            description=entry["description"],
            primary=None if primary is None else Attribute(primary["name"], primary["dataType"]),
            attributes=tuple(Attribute(a["name"], a["dataType"]) for a in entry["attributes"]),
        )
    return types


class ActivityTypes:
    """The types of one instance. A custom type is a draft until it is approved, and has a draft again when changed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __iter__(self) -> Iterator[ActivityType]:
        yield from standard_types().values()
        yield from (approved for _, approved in self._custom() if approved is not None)

    def get(self, type_id: int) -> ActivityType | None:
        """The standard or approved custom type with this id."""
        if (found := standard_types().get(type_id)) is not None:
            return found
        row = self._store.one("SELECT approved FROM activity_type WHERE id = ?", (type_id,))
        return ActivityType.from_row(row["approved"]) if row and row["approved"] else None

    def approved(self, api_name: str) -> ActivityType | None:
        """The approved custom type with this API name."""
        _, approved = self._versions(api_name)
        return approved

    def custom(self) -> list[dict[str, Any]]:
        """Every custom type, without attributes: its approved version if there is one."""
        shown = []
        for draft, approved in self._custom():
            entry = _newest(approved, draft).metadata(_status(draft, approved))
            entry.pop("primaryAttribute")
            shown.append(entry)
        return shown

    def describe(self, api_name: str, *, draft: bool) -> dict[str, Any] | None:
        """One custom type with its attributes, or None; ``draft``: as it will be after approval."""
        kept, approved = self._versions(api_name)
        if kept is None and approved is None:
            return None
        shown = _newest(kept, approved) if draft else _newest(approved, kept)
        return {
            **shown.metadata(_status(kept, approved)),
            "attributes": [attribute.to_json() for attribute in shown.attributes],
        }

    def create(self, order: Mapping[str, Any], now: str) -> str:
        """A new type, as a draft; its API name.

        Raises:
            MissingRecordValue: a required member is absent.
            InvalidRecord: a name or data type is not allowed.
            ObjectExists: a type has that name.
            MaxTypes: ten exist.
        """
        for member in ("apiName", "name", "triggerName", "filterName", "primaryAttribute"):
            if not order.get(member):
                raise MissingRecordValue(member)
        api_name, name = str(order["apiName"]), str(order["name"])
        if not _API_NAME.fullmatch(api_name):
            raise InvalidRecord(f"Invalid value for field 'apiName' and value '{api_name}'")
        attributes = order.get("attributes") or []
        if not isinstance(attributes, list):
            raise InvalidRecord("Invalid value for field 'attributes'")
        with self._store.transaction():  # two calls at once shall not both find the name free
            existing = [_newest(draft, approved) for draft, approved in self._custom()]
            taken = {kind.name for kind in (*existing, *standard_types().values())}
            if name in taken or any(api_name.lower() == str(kind.api_name).lower() for kind in existing):
                raise ObjectExists
            if len(existing) >= MAX_TYPES:
                raise MaxTypes
            new = ActivityType(
                id=max([FIRST_CUSTOM_ID - 1, *(kind.id for kind in existing)]) + 1,
                name=name,
                description=str(order.get("description") or ""),
                primary=_ordered_attribute(order["primaryAttribute"]),
                attributes=(),
                api_name=api_name,
                trigger_name=str(order["triggerName"]),
                filter_name=str(order["filterName"]),
                created=now,
                updated=now,
            )
            self._store.run(
                "INSERT INTO activity_type (api_name, id, draft) VALUES (?, ?, ?)", (api_name, new.id, new.to_row())
            )
            if attributes:
                self.change(api_name, now, create=attributes)
        return api_name

    def change(
        self,
        api_name: str,
        now: str,
        *,
        words: Mapping[str, Any] | None = None,
        create: Sequence[Any] = (),
        update: Sequence[Any] = (),
        delete: Sequence[Any] = (),
    ) -> None:
        """Change the draft of a type (making one of the approved version first).

        Raises:
            RecordObjectNotFound: no such type.
            RecordFieldUnknown: an attribute to update or delete is not there.
            InvalidRecord, MissingRecordValue, ObjectExists, MaxFields: what an attribute cannot be.
        """
        draft, approved = self._versions(api_name)
        if draft is None and approved is None:
            raise RecordObjectNotFound
        changed = _newest(draft, approved)
        if words:
            changed = replace(
                changed,
                name=str(words.get("name", changed.name)),
                description=str(words.get("description", changed.description)),
                trigger_name=str(words.get("triggerName", changed.trigger_name)),
                filter_name=str(words.get("filterName", changed.filter_name)),
            )
        attributes = {str(a.api_name): a for a in changed.attributes}
        primary = changed.primary
        for order in create:
            new = _ordered_attribute(order)
            if isinstance(order, dict) and order.get("isPrimary"):
                primary = new
                continue
            if str(new.api_name).lower() in {name.lower() for name in attributes}:
                raise ObjectExists
            if len(attributes) >= MAX_ATTRIBUTES:
                raise MaxFields
            attributes[str(new.api_name)] = new
        for order in update:
            name = _api_name(order)
            if name not in attributes:
                raise RecordFieldUnknown(name)
            attributes[name] = _ordered_attribute({**attributes[name].to_json(), **order})
        for order in delete:
            name = _api_name(order)
            if attributes.pop(name, None) is None:
                raise RecordFieldUnknown(name)
        changed = replace(changed, attributes=tuple(attributes.values()), primary=primary, updated=now)
        self._store.run("UPDATE activity_type SET draft = ? WHERE api_name = ?", (changed.to_row(), api_name))

    def approve(self, api_name: str) -> None:
        """Let the draft become the version that activities can be added to.

        Raises:
            RecordObjectNotFound: no such type.
            InvalidRecord: it has no draft.
        """
        draft, approved = self._versions(api_name)
        if draft is None and approved is None:
            raise RecordObjectNotFound
        if draft is None:
            raise InvalidRecord("The activity type has no draft to approve")
        self._store.run("UPDATE activity_type SET approved = draft, draft = NULL WHERE api_name = ?", (api_name,))

    def discard_draft(self, api_name: str) -> None:
        """Forget the draft of an approved type.

        Raises:
            RecordObjectNotFound: no such type.
            InvalidRecord: it was never approved.
        """
        draft, approved = self._versions(api_name)
        if draft is None and approved is None:
            raise RecordObjectNotFound
        if approved is None:
            raise InvalidRecord("The activity type was never approved; delete it instead")
        self._store.run("UPDATE activity_type SET draft = NULL WHERE api_name = ?", (api_name,))

    def delete(self, api_name: str) -> None:
        """Forget a type.

        Raises:
            RecordObjectNotFound: no such type.
        """
        if self._versions(api_name) == (None, None):
            raise RecordObjectNotFound
        self._store.run("DELETE FROM activity_type WHERE api_name = ?", (api_name,))

    def _versions(self, api_name: str) -> tuple[ActivityType | None, ActivityType | None]:
        row = self._store.one("SELECT draft, approved FROM activity_type WHERE api_name = ?", (api_name,))
        return (None, None) if row is None else (_read(row["draft"]), _read(row["approved"]))

    def _custom(self) -> list[tuple[ActivityType | None, ActivityType | None]]:
        rows = self._store.all("SELECT draft, approved FROM activity_type ORDER BY id")
        return [(_read(row["draft"]), _read(row["approved"])) for row in rows]


def _read(text: str | None) -> ActivityType | None:
    return None if text is None else ActivityType.from_row(text)


def _newest(first: ActivityType | None, second: ActivityType | None) -> ActivityType:
    found = first or second
    if found is None:
        raise LookupError("an activity type without a version")
    return found


def _status(draft: ActivityType | None, approved: ActivityType | None) -> str:
    if approved is None:
        return "draft"
    return "approved" if draft is None else "approved with draft"


def _attribute(entry: Mapping[str, Any]) -> Attribute:
    return Attribute(entry["name"], entry["dataType"], entry.get("apiName"), entry.get("description", ""))


def _api_name(order: Any) -> str:
    if not isinstance(order, dict) or not order.get("apiName"):
        raise MissingRecordValue("apiName")
    return str(order["apiName"])


def _ordered_attribute(order: Any) -> Attribute:
    api_name = _api_name(order)
    name, data_type = order.get("name") or api_name, order.get("dataType", "string")
    if not isinstance(data_type, str) or data_type not in ATTRIBUTE_TYPES:
        raise InvalidRecord(f"Invalid value for field 'dataType' and value '{data_type}'")
    return Attribute(str(name), data_type, api_name, str(order.get("description") or ""))
