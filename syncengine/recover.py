"""What a process that was killed left open: writes without an outcome, activities that may have been sent.

Each is settled by looking at the vendor, so that nothing is lost and nothing happens twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncengine import detect
from syncengine.actions import Action, Create, FlagDeleted, MoveLink, Outcome, Update
from syncengine.clients.salesforce import soql_literal
from syncengine.errors import Busy, NeedsPerson
from syncengine.model import Side, Value, format_instant
from syncengine.traces import ERROR_TYPE, Traces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncengine.mapping import ObjectMapping
    from syncengine.settings import SyncSettings
    from syncengine.state.store import Intent, Letter, StateStore
    from syncengine.systems import Systems

PERSON = "person:"
"""Holder of the intents of a flow action on one person, and the name of its lease, followed by the lead's id."""


def unfinished_cycle(
    systems: Systems, state: StateStore, mappings: Mapping[str, ObjectMapping], traces: Traces, at: datetime
) -> None:
    """Settle the writes of a cycle that did not live to note their outcome."""
    open_intents = state.intents(holder="cycle")
    if not open_intents:
        return
    outcomes: list[Outcome] = []
    for sobject, mapping in mappings.items():
        of_sobject = [intent for intent in open_intents if intent.action.sobject == sobject]
        to_salesforce = [intent for intent in of_sobject if intent.action.side is Side.SALESFORCE]
        to_marketo = [intent for intent in of_sobject if intent.action.side is Side.MARKETO]
        rows = detect.records(
            systems.salesforce, mapping, (intent.action.salesforce_id or "" for intent in to_salesforce)
        )
        for intent in to_salesforce:
            row = rows.get(intent.action.salesforce_id or "")
            if row is not None:
                shown = mapping.values(Side.SALESFORCE, row)
                outcomes += _applied(intent, shown, mapping)
        outcomes += _settled_in_marketo(systems, to_marketo, mapping, traces)
    for intent in open_intents:
        known = [outcome for outcome in outcomes if outcome.intent == intent.id]
        letters = [
            letter for outcome in known for letter in traces.letters(outcome, intent.run, sorted(outcome.action.values))
        ]
        state.remember(intent.run, at, known, letters)
    state.drop_intents(intent.id for intent in open_intents)


def _settled_in_marketo(
    systems: Systems, open_intents: Sequence[Intent], mapping: ObjectMapping, traces: Traces
) -> list[Outcome]:
    creates = [intent for intent in open_intents if isinstance(intent.action, Create)]
    changes = [intent for intent in open_intents if isinstance(intent.action, Update)]
    outcomes: list[Outcome] = []
    id_field = traces.id_fields[mapping.sobject]
    if creates:
        ids = [intent.action.salesforce_id for intent in creates]
        leads = detect.leads_by(systems.marketo, id_field, ids, ["id", *traces.fields], size=300)
        by_record = {str(lead[id_field]): int(lead["id"]) for lead in leads}
        outcomes += [
            Outcome(
                intent.action,
                "done",
                marketo_id=by_record[intent.action.salesforce_id],
                intent=intent.id,
            )
            for intent in creates
            if intent.action.salesforce_id in by_record
        ]
    if changes:
        names = ["id", *traces.fields, *mapping.by_name]
        leads = detect.leads_by(
            systems.marketo, "id", [intent.action.marketo_id for intent in changes], names, size=300
        )
        by_id = {int(lead["id"]): lead for lead in leads}
        for intent in changes:
            lead = by_id.get(intent.action.marketo_id or 0)
            if lead is None:
                continue
            if isinstance(intent.action, MoveLink):
                carried = traces.link_of(lead)
                if carried is None or carried[1] != intent.action.salesforce_id:
                    continue
            outcomes += _applied(intent, mapping.values(Side.MARKETO, lead), mapping)
    return outcomes


def _applied(intent: Intent, shown: Mapping[str, Value], mapping: ObjectMapping) -> list[Outcome]:
    """An outcome for the fields that show what was about to be written; the others are planned anew."""
    action = intent.action
    arrived = {
        name: value
        for name, value in action.values.items()
        if (pair := mapping.by_name.get(name)) is not None
        and name in shown
        and (pair.same(shown[name], value) or pair.same(shown[name], pair.held(action.side, value)))
    }
    if isinstance(action, FlagDeleted):
        if len(arrived) < len(action.values):
            return []
    elif not arrived and not isinstance(action, MoveLink):
        return []
    # Without the stamp: the record is to be compared once more.
    return [Outcome(replace(action, values=arrived, stamp=None), "done", intent=intent.id)]


def abandoned_creates(
    systems: Systems,
    state: StateStore,
    settings: SyncSettings,
    mappings: Mapping[str, ObjectMapping],
    traces: Traces,
    at: datetime,
) -> tuple[list[Intent], list[str]]:
    """Settle Leads that a killed flow action may have created.

    What cannot be settled comes back: Leads that a flow action is creating right now, and those of which several could
    be the one, with what a person must do about them.
    """
    at_work: list[Intent] = []
    problems: list[str] = []
    for intent in state.intents(name=Create.name):
        if not intent.holder.startswith(PERSON):
            continue
        try:
            with state.lease(intent.holder, time=settings.lease_time):
                settle_create(systems, state, mappings[intent.action.sobject], traces, intent, at)
        except Busy:
            at_work.append(intent)
        except NeedsPerson as problem:
            at_work.append(intent)
            problems.append(str(problem))
    return at_work, problems


def settle_create(
    systems: Systems,
    state: StateStore,
    mapping: ObjectMapping,
    traces: Traces,
    intent: Intent,
    at: datetime,
) -> str | None:
    """The id of the Lead that an unanswered create made, now linked to its person; ``None`` if it made none.

    Raises:
        NeedsPerson: several Leads could be the one.
    """
    action = intent.action
    if action.marketo_id is not None:
        link = state.links_of([action.marketo_id]).get(action.marketo_id)
        if link is not None and not link.ended and link.salesforce_id != action.salesforce_id:
            state.drop_intents([intent.id])
            return link.salesforce_id
    found = find_created(systems, state, mapping, action, since=intent.at)
    if found is None:
        state.drop_intents([intent.id])
        return None
    link_created(systems, state, traces, intent, found, at)
    return found


def find_created(
    systems: Systems, state: StateStore, mapping: ObjectMapping, action: Action, *, since: datetime
) -> str | None:
    """The Lead that a create without an answer made, by its key or by what it was given.

    Raises:
        NeedsPerson: several Leads could be the one.
    """
    conditions = [
        f"CreatedById = {soql_literal(systems.salesforce.user_id)}",
        f"CreatedDate >= {soql_literal(since.astimezone(UTC).replace(microsecond=0))}",
        "IsConverted = false",
    ]
    if mapping.key_field is not None:
        conditions.append(f"{mapping.key_field} = {soql_literal(_key(action))}")
    else:
        given = mapping.wire(Side.SALESFORCE, action.values)
        conditions += [
            f"{name} = {soql_literal(given.get(name))}"
            for name in ("LastName", "Company", "Email")
            if name in mapping.select
        ]
    rows = list(
        systems.salesforce.query(
            f"SELECT Id FROM {mapping.sobject} WHERE {' AND '.join(conditions)}"  # noqa: S608  names are from the describe, values escaped
            " ORDER BY CreatedDate DESC, Id"
        )
    )
    linked = state.links_to(row["Id"] for row in rows)
    unlinked = [row["Id"] for row in rows if row["Id"] not in linked]
    if len(unlinked) > 1:
        raise NeedsPerson(
            f"person {action.marketo_id}: any of the {mapping.sobject} records {', '.join(unlinked)} may be the "
            "one that an interrupted Sync Person to SFDC made; delete the others, then sync again"
        )
    return unlinked[0] if unlinked else None


def link_created(
    systems: Systems, state: StateStore, traces: Traces, intent: Intent, salesforce_id: str, at: datetime
) -> None:
    """Write the new record's id to its person, and remember the link."""
    action = intent.action
    marks = traces.marks(action.sobject, salesforce_id, instead_of=_former(state, action))
    systems.marketo.sync_leads([{"id": action.marketo_id, **marks}], action="updateOnly", lookup_field="id")
    state.remember(
        intent.run,
        at,
        [Outcome(action, "done", salesforce_id=salesforce_id, intent=intent.id)],
    )


def _former(state: StateStore, action: Action) -> str | None:
    link = state.links_of([action.marketo_id or 0]).get(action.marketo_id or 0)
    return link.sobject if link is not None else None


def _key(action: Action) -> Value:
    return str(action.marketo_id)


def deliver(systems: Systems, state: StateStore, settings: SyncSettings, traces: Traces) -> list[str]:
    """Send the activities in the outbox; what could not be sent, in words for a person.

    One that a killed process may have sent is looked for in the person's log first. One process sends at a time: what
    another is sending right now must not look like that.
    """
    if not state.letters():
        return []
    with state.lease("outbox", time=settings.lease_time, wait=settings.lease_wait):
        return _deliver(systems, state, traces, state.letters())


def _deliver(systems: Systems, state: StateStore, traces: Traces, letters: Sequence[Letter]) -> list[str]:
    type_id = None if traces.native else _error_type(systems, state)
    if not traces.native and type_id is None:
        return [f"Marketo has no custom activity type {ERROR_TYPE}: run syncengine init --write"]
    there = _already_there(systems, traces, [letter for letter in letters if letter.at], type_id)
    state.sent(there)
    waiting = [letter for letter in letters if letter.key not in set(there)]
    problems = []
    for batch in detect.batches(waiting, 300):
        now = systems.marketo.now()
        state.sending([letter.key for letter in batch], now)
        rows = [_activity(letter, now, type_id) for letter in batch]
        for letter, result in zip(batch, systems.marketo.add_activities(rows), strict=True):
            if result.status == "skipped":
                problems.append(f"activity of person {letter.marketo_id}: {result.reasons}")
        state.sent([letter.key for letter in batch])
    return problems


def _activity(letter: Letter, now: datetime, type_id: int | None) -> dict[str, object]:
    row = {"leadId": letter.marketo_id, "activityDate": format_instant(now), **letter.activity}
    if type_id is not None:
        row.pop("apiName", None)
        row["activityTypeId"] = type_id
    return row


def _error_type(systems: Systems, state: StateStore) -> int | None:
    kept: int | None = state.note(ERROR_TYPE)
    if kept is None:
        for kind in systems.marketo.custom_activity_types():
            if kind["apiName"] == ERROR_TYPE and str(kind.get("status", "approved")).startswith("approved"):
                kept = int(kind["id"])
                state.keep(ERROR_TYPE, kept)
    return kept


def _already_there(systems: Systems, traces: Traces, letters: Iterable[Letter], type_id: int | None) -> list[str]:
    uncertain = list(letters)
    if not uncertain:
        return []
    since = min(letter.at for letter in uncertain if letter.at) - timedelta(minutes=1)
    found = []
    types = sorted({type_id or letter.activity["activityTypeId"] for letter in uncertain})
    for batch in detect.batches(sorted({letter.marketo_id for letter in uncertain}), 30):
        token, more = systems.marketo.paging_token(since), True
        while more:
            page = systems.marketo.activities(token, types, batch)
            token, more = page.next_token, page.more
            for activity in page.activities:
                found += [
                    letter.key
                    for letter in uncertain
                    if letter.marketo_id == activity.lead_id
                    and (type_id or letter.activity["activityTypeId"]) == activity.type_id
                    and traces.shows(letter, activity.attributes)
                ]
    return found
