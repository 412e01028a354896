"""What changed since last time, by each vendor's own clock.

A notice is only a hint: what is compared are the values. Reading something twice is harmless, because what equals last
synced plans nothing; so both sides are read again from an overlap before their watermark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from syncengine.clients.salesforce import soql_literal
from syncengine.model import Link, Shown, Side, parse_instant
from syncengine.state.store import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from syncengine.clients.marketo import ChangePage, MarketoClient
    from syncengine.clients.salesforce import SalesforceClient
    from syncengine.mapping import ObjectMapping

_IDS = 200
"""Ids in one query: their text stays well below what an address takes."""


def pages(
    client: SalesforceClient, mapping: ObjectMapping, *, since: datetime | None, size: int
) -> Iterator[list[dict[str, Any]]]:
    """Records saved at or after an instant, deleted ones too, oldest first; one query a page, paged by key.

    A Contact is found, too, when its Account was saved: its company fields are the Account's (DIR-22).
    """
    changed = ""
    if since is not None:
        changed = f"SystemModstamp >= {soql_literal(since)}"
        if mapping.account:
            changed = f"({changed} OR Account.SystemModstamp >= {soql_literal(since)})"
    after = ""
    while True:
        conditions = " AND ".join(part for part in (changed, after) if part)
        rows = list(
            client.query(
                f"SELECT {', '.join(mapping.select)} FROM {mapping.sobject}"  # noqa: S608  names are from the describe, values escaped
                f"{' WHERE ' + conditions if conditions else ''}"
                f" ORDER BY SystemModstamp, Id LIMIT {size}",
                include_deleted=True,
            )
        )
        yield rows
        if len(rows) < size:
            return
        stamp = soql_literal(parse_instant(rows[-1]["SystemModstamp"]))
        last = soql_literal(rows[-1]["Id"])
        after = f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {last}))"


def records(client: SalesforceClient, mapping: ObjectMapping, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Records by id, deleted ones too; one that the sync user cannot see is missing."""
    found = {}
    for batch in batches(sorted(set(ids)), _IDS):
        soql = f"SELECT {', '.join(mapping.select)} FROM {mapping.sobject} WHERE Id IN {soql_literal(batch)}"  # noqa: S608  names are from the describe, values escaped
        for row in client.query(soql, include_deleted=True):
            found[row["Id"]] = row
    return found


def conversions(client: SalesforceClient, contact_ids: Iterable[str]) -> dict[str, str]:
    """Contact to the Lead that it was: a Contact that is new to us may be a person that we know."""
    found = {}
    for batch in batches(sorted(set(contact_ids)), _IDS):
        soql = (
            "SELECT Id, ConvertedContactId FROM Lead"  # noqa: S608  names are from the describe, values escaped
            f" WHERE IsConverted = true AND ConvertedContactId IN {soql_literal(batch)}"
        )
        for row in client.query(soql):
            found[row["ConvertedContactId"]] = row["Id"]
    return found


def stamp_of(row: Mapping[str, Any]) -> datetime:
    """How far a reading has come with this row: the record's stamp, or its Account's where that is later."""
    account = row.get("Account") or {}
    stamps = [row["SystemModstamp"], account.get("SystemModstamp")]
    return max(parse_instant(stamp) for stamp in stamps if stamp)


def shown_by_salesforce(mapping: ObjectMapping, row: Mapping[str, Any], link: Link | None, user_id: str) -> Shown:
    """What Salesforce shows of a person, from one row."""
    return Shown(
        values=mapping.values(Side.SALESFORCE, row),
        at=parse_instant(row["SystemModstamp"]),
        moved=link is None or link.stamp != row["SystemModstamp"],
        deleted=bool(row.get("IsDeleted")),
        ours=str(row.get("LastModifiedById") or "")[:15] == user_id[:15],
    )


def shown_by_marketo(
    mapping: ObjectMapping, lead: Mapping[str, Any], times: Mapping[str, datetime] | None = None
) -> Shown:
    """What Marketo shows of a person, from one lead, with the times of its fields' last changes."""
    return Shown(values=mapping.values(Side.MARKETO, lead), field_times=times or {})


GONE = Shown(values={}, deleted=True)
"""A person that Marketo no longer has."""


@dataclass(slots=True)
class MarketoNews:
    """What Marketo's log says about the time since a position.

    Args:
        changed: lead id to the fields that changed and when; only entries that no cycle has dealt with.
        deleted: ids of leads that were deleted.
        entries: those entries by GUID, with their date.
        token: the position after all of them.
        read: how many entries were read, known ones too.
    """

    changed: dict[int, dict[str, datetime]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    entries: dict[str, datetime] = field(default_factory=dict)
    token: Token | None = None
    read: int = 0


def start_of_overlap(tokens: Sequence[Token], overlap: timedelta) -> Token:
    """The newest kept position that lies an overlap before the last one, else the oldest.

    A change can become visible after its time; whatever does so within the overlap is read next time.
    """
    latest = tokens[-1].at
    return next((token for token in reversed(tokens) if token.at <= latest - overlap), tokens[0])


def marketo_news(
    client: MarketoClient, start: Token, fields: Sequence[str], unseen: Callable[[Iterable[str]], set[str]]
) -> MarketoNews:
    """Changes and deletions since a position, each entry once.

    Args:
        client: Marketo.
        start: where to begin.
        fields: the lead fields whose changes matter.
        unseen: which of some GUIDs are new.
    """
    news = MarketoNews()
    token = start.token
    for page in _pages(lambda position: client.lead_changes(position, fields), start.token):
        new = unseen(activity.guid for activity in page.activities)
        for activity in page.activities:
            news.read += 1
            if activity.guid in new:
                news.entries[activity.guid] = activity.date
                times = news.changed.setdefault(activity.lead_id, {})
                for change in activity.fields:
                    times[change.name] = max(activity.date, times.get(change.name, activity.date))
        token = page.next_token
    news.token = Token(token, client.now())
    for page in _pages(client.deleted_leads, start.token):
        new = unseen(activity.guid for activity in page.activities)
        for activity in page.activities:
            news.read += 1
            if activity.guid in new:
                news.entries[activity.guid] = activity.date
                news.deleted.add(activity.lead_id)
    return news


def leads_by(
    client: MarketoClient, filter_type: str, values: Iterable[Any], fields: Sequence[str], *, size: int
) -> list[dict[str, Any]]:
    """Leads with one of the values in a field, in calls of at most ``size`` values."""
    return [
        lead
        for batch in batches(sorted(set(values)), size)
        for lead in client.leads_by_filter(filter_type, [str(value) for value in batch], fields)
    ]


def batches(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """The values in their order, ``size`` at a time."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


def _pages(ask: Callable[[str], ChangePage], token: str) -> Iterator[ChangePage]:
    while True:
        page = ask(token)
        yield page
        if not page.more:
            return
        token = page.next_token
