"""Activities: what happened to each person, recorded, and paged through.

Entries are read by paging token as an index range: each entry knows the latest date of itself and all earlier ones,
so the first entry at or after a date is one look-up. Source: Marketo developer guide, "Activities", "Paging Tokens".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import activity_types as types
from .activity_types import ABOUT_THE_LEAD, NATIVE, VALUE_TYPES, ActivityType, ActivityTypes
from .errors import (
    ActivityFailed,
    InvalidRecord,
    InvalidRecordParameter,
    InvalidValue,
    LeadNotFound,
    MissingRecordValue,
    RecordFieldUnknown,
    RecordSkipped,
)
from .paging import LogToken
from .store import MAX_ID, dumps
from .values import coerce, format_datetime, parse_datetime, render

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from fakes.kit.clock import Clock

    from .fields import Fields
    from .store import Store

MAX_ATTRIBUTE_BYTES = 65_536

_COLUMNS = "id, lead_id, type_id, at, campaign_id, primary_id, primary_value, outcome, attributes"


@dataclass(frozen=True, slots=True)
class Feed:
    """How entries come to readers; the default is at once and in full pages, a real instance is less kind.

    ``delay``: entries are seen so long after they happened; ``every``: only each so many-th entry is late, so that
    later ones are seen before it. ``block``: the service scans so many entries a call and filters afterwards, so that
    a page can be short or empty and more follow.
    """

    delay: timedelta = timedelta()
    every: int = 1
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Entries in the order of their ids; ``more`` can be true on a short page: callers go on until it is false."""

    records: list[dict[str, Any]]
    next_token: str
    more: bool


class Activities:
    """The activity log of an instance."""

    def __init__(self, store: Store, fields: Fields, catalogue: ActivityTypes, clock: Clock) -> None:
        self._store = store
        self.fields = fields
        self.types = catalogue
        self._clock = clock
        self.feed = Feed()

    # --- recording ---

    def record(
        self,
        lead_id: int,
        type_id: int,
        attributes: Mapping[str, Any],
        *,
        primary_id: int | None = None,
        primary_value: str | None = None,
        campaign_id: int | None = None,
        outcome: str = "succeeded",
        at: datetime | None = None,
    ) -> int:
        """Write one entry; its id. Empty attributes are left away. Callers hold a transaction."""
        now = _milliseconds(self._clock.now())
        dated = now if at is None else _milliseconds(at)
        latest = self._store.one("SELECT id, newest FROM activity ORDER BY id DESC LIMIT 1")
        newest, last = (latest["newest"], latest["id"]) if latest else (dated, 0)
        late = self.feed.delay if (last + 1) % self.feed.every == 0 else timedelta()
        kept = {name: value for name, value in attributes.items() if value is not None and value != ""}
        return self._store.run(
            "INSERT INTO activity (lead_id, type_id, at, newest, visible, campaign_id, primary_id, primary_value, "
            "outcome, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lead_id,
                type_id,
                dated,
                max(newest, dated),
                now + int(late.total_seconds() * 1000),
                campaign_id,
                primary_id,
                primary_value,
                outcome,
                dumps(kept),
            ),
        )

    def add(self, rows: Sequence[Any], *, connector: bool) -> list[dict[str, Any]]:
        """Add custom activities, each on its own; the connector user may add those of the native sync, too.

        A skipped row carries ``errors``, not ``reasons``. Source: "Custom Activities".
        """
        results: list[dict[str, Any]] = []
        with self._store.transaction():
            for row in rows:
                try:
                    number = self._add(row, connector=connector)
                except RecordSkipped as skip:
                    error = {"code": skip.code, "message": skip.message}
                    results.append({"status": "skipped", "errors": [error]})
                else:
                    results.append({"id": number, "marketoGUID": str(number), "status": "added"})
        return results

    def move(self, loser: int, winner: int) -> None:
        """Give one lead's entries to another, as a merge does."""
        self._store.run("UPDATE activity SET lead_id = ? WHERE lead_id = ?", (winner, loser))

    def forget(self, lead_id: int) -> None:
        """Take a deleted lead's entries away; that it was deleted stays."""
        self._store.run("DELETE FROM activity WHERE lead_id = ? AND type_id <> ?", (lead_id, types.DELETE_LEAD))

    # --- reading ---

    def token(self, since: datetime) -> str:
        """The paging token for entries dated at or after a time."""
        return str(LogToken(_milliseconds(since)))

    def page(
        self,
        token: LogToken,
        type_ids: Sequence[int],
        *,
        lead_ids: Sequence[int] = (),
        list_id: int | None = None,
        asset_ids: Sequence[int] = (),
        batch: int = 300,
    ) -> ActivityPage:
        """Entries of these types after the token.

        Args:
            type_ids: 1 to 10 activity type ids.
            lead_ids: only these leads'.
            list_id: only those of the members of a static list.
            asset_ids: only those whose primary value is one of these assets.
        """
        rows, following, more = self._scan(token, [(type_ids, asset_ids)], lead_ids, list_id, batch)
        return ActivityPage([self.shown(row) for row in rows], str(following), more)

    def changes(
        self,
        token: LogToken,
        field_ids: Sequence[int],
        *,
        lead_ids: Sequence[int] = (),
        list_id: int | None = None,
        batch: int = 300,
    ) -> ActivityPage:
        """Changes of these fields after the token, and every new lead, as leadchanges shows them."""
        wanted: list[tuple[Sequence[int], Sequence[int]]] = [
            ((types.NEW_LEAD,), ()),
            ((types.CHANGE_DATA_VALUE,), field_ids),
        ]
        rows, following, more = self._scan(token, wanted, lead_ids, list_id, batch)
        return ActivityPage([self._changed(row) for row in rows], str(following), more)

    def log(self, lead_id: int, *, limit: int = 1000) -> list[dict[str, Any]]:
        """One lead's newest entries, oldest first, with the name of each type: the page of a person shows them."""
        rows = self._store.all(
            f"SELECT {_COLUMNS} FROM activity WHERE lead_id = ? ORDER BY id DESC LIMIT ?",  # noqa: S608  constant
            (lead_id, limit),
        )
        named = []
        for row in reversed(rows):
            kind = self.types.get(row["type_id"])
            named.append({**self.shown(row), "typeName": kind.name if kind else "", "outcome": row["outcome"]})
        return named

    def shown(self, row: sqlite3.Row) -> dict[str, Any]:
        """An entry as activities.json shows it."""
        record: dict[str, Any] = _head(row)
        if row["campaign_id"] is not None:
            record["campaignId"] = row["campaign_id"]
        if row["primary_id"] is not None:
            record["primaryAttributeValueId"] = row["primary_id"]
        if row["primary_value"] is not None:
            record["primaryAttributeValue"] = row["primary_value"]
        attributes = json.loads(row["attributes"])
        record["attributes"] = [{"name": name, "value": attributes[name]} for name in sorted(attributes)]
        return record

    def _changed(self, row: sqlite3.Row) -> dict[str, Any]:
        attributes = json.loads(row["attributes"])
        record = _head(row)
        record["fields"] = []
        if row["type_id"] == types.CHANGE_DATA_VALUE:
            field = self.fields.by_id(row["primary_id"])
            record["fields"].append(
                {
                    "id": row["primary_id"],
                    "name": field.name if field else row["primary_value"],
                    "newValue": attributes.get("New Value"),
                    "oldValue": attributes.get("Old Value"),
                }
            )
        told = {"Reason": attributes.get("Reason"), "Source": attributes.get("Source", attributes.get("Source Type"))}
        record["attributes"] = [
            *({"name": name, "value": value} for name, value in told.items() if value is not None),
            {"name": "Lead ID", "value": row["lead_id"]},
        ]
        return record

    def _scan(
        self,
        token: LogToken,
        wanted: Sequence[tuple[Sequence[int], Sequence[int]]],
        lead_ids: Sequence[int],
        list_id: int | None,
        batch: int,
    ) -> tuple[list[sqlite3.Row], LogToken, bool]:
        """The rows of one page, the token after it, whether more follow.

        Each type is an index range of its own; at most ``batch`` and one rows of each are read.
        """
        now = _milliseconds(self._clock.now())
        with self._store.database.lock:
            first = self._store.one(
                "SELECT id FROM activity WHERE newest >= ? ORDER BY newest, id LIMIT 1", (token.since,)
            )
            if first is None:
                return [], token, False
            after = max(token.last, first["id"] - 1)
            until = MAX_ID if self.feed.block is None else min(after + self.feed.block, MAX_ID)
            also, by_type = "", "type_id"
            extra: list[int] = []
            if lead_ids:
                by_type = "+type_id"  # the plus keeps SQLite on the index of the leads
                also += f" AND lead_id IN ({','.join('?' * len(lead_ids))})"
                extra += lead_ids
            if list_id is not None:
                also += " AND lead_id IN (SELECT lead_id FROM list_member WHERE list_id = ?)"
                extra.append(list_id)
            parts, parameters = [], []
            for type_ids, primary_ids in wanted:
                only = f" AND primary_id IN ({','.join('?' * len(primary_ids))})" if primary_ids else ""
                for type_id in type_ids:
                    parts.append(
                        f"SELECT * FROM (SELECT {_COLUMNS} FROM activity "  # noqa: S608  columns and marks only
                        f"WHERE {by_type} = ? AND id > ? AND id <= ? AND at >= ? AND visible <= ?"
                        f"{only}{also} ORDER BY id LIMIT ?)"
                    )
                    parameters += [type_id, after, until, token.since, now, *primary_ids, *extra, batch + 1]
            rows = self._store.all(f"{' UNION ALL '.join(parts)} ORDER BY id LIMIT ?", (*parameters, batch + 1))
            if len(rows) > batch:
                return rows[:batch], replace(token, last=rows[batch - 1]["id"]), True
            if until == MAX_ID:
                return rows, replace(token, last=max(rows[-1]["id"] if rows else 0, token.last)), False
            end = self._store.one("SELECT max(id) AS id FROM activity")
            last = end["id"] if end else 0
            return rows, replace(token, last=min(until, last)), until < last

    def _add(self, row: Any, *, connector: bool) -> int:
        if not isinstance(row, dict):
            raise InvalidRecord("Invalid record")
        lead_id = _whole_number(row, "leadId")
        kind = self._type_of(row, connector=connector)
        if (lead := self._store.lead(lead_id, ("id", "mktoName"))) is None:
            raise LeadNotFound
        if row.get("activityDate") is None:
            raise MissingRecordValue("activityDate")
        try:
            at = parse_datetime(str(row["activityDate"]))
        except (ValueError, OverflowError):
            raise InvalidRecordParameter(row["activityDate"], "DateTime") from None
        primary_id, primary_value = None, None
        given = row.get("primaryAttributeValue")
        if kind.id in ABOUT_THE_LEAD:
            primary_id, primary_value = lead_id, str(given) if given is not None else lead["mktoName"]
        elif given is not None and kind.primary is not None:
            data_type = kind.primary.data_type
            if kind.id in NATIVE:
                data_type = "string"  # ids of Salesforce are texts
            primary_value = str(_attribute_value(kind.primary.name, data_type, given))
        elif kind.primary is not None:
            raise MissingRecordValue("primaryAttributeValue")
        attributes = _attribute_values(kind, row.get("attributes") or ())
        if len(dumps(attributes).encode()) > MAX_ATTRIBUTE_BYTES:
            raise ActivityFailed
        return self.record(
            lead_id,
            kind.id,
            attributes,
            primary_id=primary_id,
            primary_value=primary_value,
            outcome="failed" if attributes.get("Error") else "succeeded",
            at=at,
        )

    def _type_of(self, row: Mapping[str, Any], *, connector: bool) -> ActivityType:
        """The type a row is of: an approved custom one, or the native sync's for its own user."""
        if row.get("apiName") is not None:
            kind = self.types.approved(str(row["apiName"]))
            if kind is None:
                raise InvalidRecord(f"Invalid value for field 'apiName' and value '{row['apiName']}'")
            return kind
        type_id = _whole_number(row, "activityTypeId")
        kind = self.types.get(type_id)
        if kind is None or (kind.api_name is None and not (connector and type_id in NATIVE)):
            raise InvalidRecord(f"Invalid value for field 'activityTypeId' and value '{type_id}'")
        return kind


def _head(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "marketoGUID": str(row["id"]),
        "leadId": row["lead_id"],
        "activityDate": format_datetime(datetime.fromtimestamp(row["at"] / 1000, UTC)),
        "activityTypeId": row["type_id"],
    }


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _whole_number(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    if value is None:
        raise MissingRecordValue(name)
    try:
        number = coerce(name, "integer", None, value)
    except InvalidValue:
        number = None
    if not isinstance(number, int):
        raise InvalidRecordParameter(value, "Integer")
    return number


def _attribute_values(kind: ActivityType, rows: Any) -> dict[str, Any]:
    if not isinstance(rows, list | tuple):
        raise InvalidRecordParameter(rows, "Array")
    values: dict[str, Any] = {}
    for row in rows:
        if not isinstance(row, dict):
            raise InvalidRecordParameter(row, "Object")
        name = row.get("apiName") or row.get("name")
        if not isinstance(name, str):
            raise MissingRecordValue("apiName")
        attribute = kind.attribute(name)
        if attribute is None:
            raise RecordFieldUnknown(name)
        values[attribute.name] = _attribute_value(attribute.name, attribute.data_type, row.get("value"))
    return values


def _attribute_value(name: str, data_type: str, value: Any) -> Any:
    read_as = VALUE_TYPES.get(data_type, data_type)
    return render(read_as, coerce(name, read_as, None, value))
