"""Leads: found, created, updated, deleted. The one road that the API, flow steps and the console take.

Source: Marketo developer guide, "Leads", "Sync Leads", "Delete Leads".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import activity_types as types
from . import envelope
from .errors import (
    CompanyUpdateNotAllowed,
    FieldReadOnly,
    FieldUnknown,
    InvalidParameter,
    InvalidRecord,
    InvalidRequest,
    InvalidValue,
    LeadExists,
    LeadNotFound,
    LookupFieldNotSupported,
    LookupFieldUnknown,
    LookupValueMissing,
    PartitionDenied,
    RecordFieldNotSupported,
    RecordFieldUnknown,
    RecordSkipped,
    SeveralMatch,
)
from .origin import SALESFORCE
from .paging import MAX_BATCH, place_token
from .values import as_text, coerce, format_datetime, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakes.kit.clock import Clock

    from .activities import Activities
    from .fields import Fields, LeadField
    from .origin import Origin
    from .store import Store
    from .values import Stored

MAX_RECORDS = 300
MAX_MATCHES = 1_000
ACTIONS = ("createOrUpdate", "createOnly", "updateOnly", "createDuplicate")
PARTITIONS = ({"id": 1, "name": "Default", "description": "Initial system lead partition"},)

_POINTLESS_WITH_NATIVE = frozenset({"externalCompanyId", "externalSalesPersonId"})
_KEPT_ELSEWHERE = frozenset({"sfdcOpptyId", "twitterId", "facebookId", "linkedInId"})
"""Filters that a real instance knows and that are no lead fields here."""


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Up to a batch of leads, by id ascending; ``next_token`` only when another page exists."""

    records: list[dict[str, Any]]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """A call of Sync Leads: what to do with each record, and how to look it up."""

    action: str
    lookup_field: str
    records: Sequence[Any]
    partition: str | None = None


class Leads:
    """The persons of an instance."""

    def __init__(self, store: Store, fields: Fields, activities: Activities, clock: Clock, *, native: bool) -> None:
        self._store = store
        self.fields = fields
        self._activities = activities
        self._clock = clock
        self._native = native

    # --- reading ---

    def get(self, lead_id: int, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The lead with that id, or nothing.

        Raises:
            FieldUnknown: a name is no field.
        """
        fields = self.fields.read(names)
        stored = self._store.lead(lead_id, (field.name for field in fields))
        return [] if stored is None else [_shown(stored, fields)]

    def find(
        self,
        filter_type: str,
        texts: Sequence[str],
        names: Sequence[str] = (),
        *,
        after: int = 0,
        batch: int = MAX_BATCH,
    ) -> LeadPage:
        """The leads that have one of the values in a searchable field.

        Raises:
            FieldUnknown: the filter or a name is no field.
            LookupFieldNotSupported: the filter cannot be searched by.
            InvalidRequest: more than 300 values, or more than 1,000 leads match.
        """
        fields = self.fields.read(names)
        if filter_type in _KEPT_ELSEWHERE:
            return LeadPage([], None)
        key = self.fields.required(filter_type)
        if not key.searchable:
            raise LookupFieldNotSupported(filter_type)
        wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
        if len(wanted) > MAX_RECORDS:
            raise InvalidRequest(f"Too many values specified for filterValues. Maximum allowed is {MAX_RECORDS}")
        with self._store.database.lock:
            ids = self._store.lead_ids(key.name, [_search_value(key, t) for t in wanted], limit=MAX_MATCHES + 1)
            if len(ids) > MAX_MATCHES:
                raise InvalidRequest("Too many results match the filter")
            page = [number for number in ids if number > after]
            return self._page(page, fields, batch)

    def members(self, list_id: int, names: Sequence[str], *, after: int, batch: int) -> LeadPage:
        """The leads of a static list.

        Raises:
            FieldUnknown: a name is no field.
        """
        fields = self.fields.read(names)
        rows = self._store.all(
            "SELECT lead_id FROM list_member WHERE list_id = ? AND lead_id > ? ORDER BY lead_id LIMIT ?",
            (list_id, after, batch + 1),
        )
        return self._page([row["lead_id"] for row in rows], fields, batch)

    def browse(self, names: Sequence[str] = (), *, after: int = 0, batch: int = MAX_BATCH) -> LeadPage:
        """Every lead by id, a page at a time. No call of Marketo's: the console and tests look through it."""
        fields = self.fields.read(names)
        rows = self._store.leads_after(after, (field.name for field in fields), batch + 1)
        token = place_token(rows[batch - 1]["id"]) if len(rows) > batch else None
        return LeadPage([_shown(row, fields) for row in rows[:batch]], token)

    def _page(self, ids: Sequence[int], fields: Sequence[LeadField], batch: int) -> LeadPage:
        rows = self._store.leads(ids[:batch], (field.name for field in fields)) if ids else []
        token = place_token(ids[batch - 1]) if len(ids) > batch else None
        return LeadPage([_shown(row, fields) for row in rows], token)

    # --- writing ---

    def sync(self, order: SyncOrder, origin: Origin, *, connector: bool = False) -> list[dict[str, Any]]:
        """Create or update records, each on its own, in their order.

        Args:
            connector: the native sync's own user, who may write what the native sync keeps.

        Raises:
            LookupFieldUnknown, LookupFieldNotSupported: the lookup field.
            InvalidRequest: an unknown action, no records or more than 300.
        """
        if order.action not in ACTIONS:
            raise InvalidParameter(order.action, "Action")
        if not order.records:
            raise InvalidRequest("Leads not specified")
        if len(order.records) > MAX_RECORDS:
            raise InvalidRequest(f"Too many leads specified. Maximum allowed is {MAX_RECORDS}")
        key = self.fields.get(order.lookup_field)
        if key is None:
            raise LookupFieldUnknown(order.lookup_field)
        if not key.searchable:
            raise LookupFieldNotSupported(order.lookup_field)
        results: list[dict[str, Any]] = []
        with self._store.transaction():
            for record in order.records:
                try:
                    # Everything that can refuse a record is asked before anything of it is written.
                    results.append(self._sync_one(order, key, record, origin, connector=connector))
                except RecordSkipped as skip:
                    results.append(envelope.skipped(skip))
        return results

    def create(self, values: Mapping[str, Any], origin: Origin) -> int:
        """A new person with these values by REST name, and its New Lead entry; its id.

        Raises:
            RecordSkipped: a value or name that cannot be.
        """
        with self._store.transaction():
            stored = {name: self._coerced(name, value) for name, value in values.items()}
            return self._insert(stored, origin)

    def change(self, lead_id: int, values: Mapping[str, Any], origin: Origin) -> list[str]:
        """Change a person and leave a Change Data Value entry for each field whose value became another.

        Returns the names of those fields.

        Raises:
            LeadNotFound: no such person.
            RecordSkipped: a value or name that cannot be.
        """
        with self._store.transaction():
            before = self._store.whole_lead(lead_id)
            if before is None:
                raise LeadNotFound
            return self._update(before, {name: self._coerced(name, value) for name, value in values.items()}, origin)

    def delete(self, lead_ids: Sequence[int], origin: Origin | None = None) -> list[dict[str, Any]]:
        """Delete persons; what is left is one Delete Lead entry each."""
        results: list[dict[str, Any]] = []
        with self._store.transaction():
            for lead_id in lead_ids:
                before = self._store.lead(lead_id, ("id", "mktoName"))
                if before is None:
                    results.append(envelope.skipped(LeadNotFound(), lead_id))
                    continue
                self._store.delete_lead(lead_id)
                self._activities.forget(lead_id)
                self._activities.record(
                    lead_id,
                    types.DELETE_LEAD,
                    {"Campaign": origin.campaign_name} if origin else {},
                    primary_id=lead_id,
                    primary_value=before["mktoName"],
                    campaign_id=origin.campaign_id if origin else None,
                )
                results.append({"id": lead_id, "status": "deleted"})
        return results

    def retype(self, field: LeadField) -> None:
        """Bring the values of a field whose type changed into the new type; what does not fit is deleted."""
        with self._store.transaction():
            for row in self._store.all(
                f'SELECT id, "{field.name}" AS value FROM lead WHERE "{field.name}" IS NOT NULL'  # noqa: S608  checked
            ):
                try:
                    value = coerce(field.name, field.data_type, field.length, row["value"])
                except InvalidValue:
                    value = None
                self._store.update_lead(row["id"], {field.name: value})

    def _sync_one(
        self, order: SyncOrder, key: LeadField, record: Any, origin: Origin, *, connector: bool
    ) -> dict[str, Any]:
        if not isinstance(record, dict):
            raise InvalidRecord("Invalid record")
        by_id = order.action == "updateOnly" and key.name == "id"
        if "id" in record and not by_id:
            raise InvalidRecord("Field 'id' is only allowed with action 'updateOnly' and lookupField 'id'")
        if order.partition is not None and order.action in {"createOrUpdate", "createOnly"}:
            check_partition(order.partition)
        values = {name: self._coerced(name, value) for name, value in record.items() if name != "id"}
        matches: list[int] = []
        if order.action != "createDuplicate":
            matches = self._matches(key, record)
        if order.action == "createOnly" and matches:
            raise LeadExists
        if len(matches) > 1:
            raise SeveralMatch
        if not matches and order.action == "updateOnly":
            raise LeadNotFound
        before = self._store.whole_lead(matches[0]) if matches else None
        if before is not None and values.get(key.name) == before[key.name]:
            values.pop(key.name, None)  # the value it was found by is no change
        for name in values:
            self._check_writable(self.fields[name], before, connector=connector)
        if before is None:
            return {"id": self._insert(values, origin), "status": "created"}
        self._update(before, values, origin)
        return {"id": before["id"], "status": "updated"}

    def _coerced(self, name: str, value: Any) -> Stored:
        field = self.fields.get(name)
        if field is None:
            raise RecordFieldUnknown(name)
        return coerce(name, field.data_type, field.length, value)

    def _matches(self, key: LeadField, record: Mapping[str, Any]) -> list[int]:
        value = record.get(key.name)
        stored = None if value is None else coerce(key.name, key.data_type, key.length, value)
        if stored is None:
            raise LookupValueMissing(key.name)
        return self._store.lead_ids(key.name, [stored], limit=2)

    def _check_writable(self, field: LeadField, before: Mapping[str, Any] | None, *, connector: bool) -> None:
        if field.written_by_marketo_only or (field.read_only and not connector):
            raise FieldReadOnly(field.name)
        if self._native and field.name in _POINTLESS_WITH_NATIVE:
            raise RecordFieldNotSupported(field.name)
        if self._native and field.company and not connector and before and before["sfdcType"] == "Contact":
            raise CompanyUpdateNotAllowed

    def _insert(self, values: Mapping[str, Stored], origin: Origin) -> int:
        now = format_datetime(self._clock.now())
        row: dict[str, Stored] = {
            "createdAt": now,
            "updatedAt": now,
            "leadPartitionId": 1,
            "originalSourceType": origin.kept_as,
            "registrationSourceType": origin.kept_as,
            **values,
        }
        row.update(_derived(row))
        lead_id = self._store.insert_lead(row)
        told = {
            **origin.attributes(),
            "Created Date": now[:10],
            "Lead Source": row.get("leadSource"),
            "Source Type": origin.source,
            "SFDC Type": row.get("sfdcType") if origin is SALESFORCE else None,
        }
        self._activities.record(
            lead_id,
            types.NEW_LEAD,
            told,
            primary_id=lead_id,
            primary_value=str(row["mktoName"]) if row["mktoName"] else None,
            campaign_id=origin.campaign_id,
        )
        return lead_id

    def _update(self, before: Mapping[str, Any], values: Mapping[str, Stored], origin: Origin) -> list[str]:
        changes = {name: value for name, value in values.items() if value != before[name]}
        if not changes:
            return []
        row = {**changes, "updatedAt": format_datetime(self._clock.now())}
        derived = _derived({**before, **row})
        row.update({name: value for name, value in derived.items() if value != before[name]})
        lead_id = before["id"]
        self._store.update_lead(lead_id, row)
        for name, value in changes.items():
            field = self.fields[name]
            told = {
                **origin.attributes(),
                "New Value": as_text(field.data_type, value),
                "Old Value": as_text(field.data_type, before[name]),
                "Reason": origin.reason,
                "Source": origin.source,
            }
            self._activities.record(
                lead_id,
                types.CHANGE_DATA_VALUE,
                told,
                primary_id=field.id,
                primary_value=field.display_name,
                campaign_id=origin.campaign_id,
            )
        return list(changes)


def check_partition(name: str) -> None:
    """Let the partition of the instance pass.

    Raises:
        PartitionDenied: it is another, or none.
    """
    if name not in {partition["name"] for partition in PARTITIONS}:
        raise PartitionDenied(name)


def full_name(values: Mapping[str, Any]) -> str | None:
    """First, middle and last name as Full Name shows them."""
    parts = (values.get(name) for name in ("firstName", "middleName", "lastName"))
    return " ".join(str(part) for part in parts if part) or None


def _derived(values: Mapping[str, Any]) -> dict[str, Stored]:
    """The fields that follow from others; they leave no entries of their own."""
    contact = values.get("sfdcContactId")
    return {
        "mktoName": full_name(values),
        "sfdcId": contact or values.get("sfdcLeadId"),
        "personType": "contact" if values.get("sfdcType") == "Contact" else values.get("personType") or "lead",
        "isLead": 0 if values.get("sfdcType") == "Contact" else 1,
    }


def _search_value(field: LeadField, text: str) -> Stored:
    data_type = "integer" if field.name in {"id", "leadPartitionId"} else field.data_type
    if data_type != "integer":
        return text
    try:
        return coerce(field.name, "integer", None, text)
    except InvalidValue:
        raise InvalidParameter(text, "Integer") from None


def _shown(stored: Mapping[str, Any], fields: Sequence[LeadField]) -> dict[str, Any]:
    return {field.name: render(field.data_type, stored[field.name]) for field in fields}


__all__ = ["FieldUnknown", "LeadPage", "Leads", "SyncOrder"]
