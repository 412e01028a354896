"""Sync Person to SFDC and its siblings: what a smart campaign asks for, done at once (SP-05).

One effect for one action id, one flow action a person at a time: the second of two finds the Lead that the first made
(SP-42). Sources: "Sync Person to SFDC", "SFDC Sync: Lead Queue".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from syncengine import detect, recover
from syncengine.actions import Action, Create, Outcome
from syncengine.clients.errors import ClientError, Unanswered
from syncengine.clients.salesforce import SaveResult
from syncengine.errors import NeedsPerson
from syncengine.model import Agreed, Clock, Link, Person, Refusal, Side, SystemClock, Value, digest
from syncengine.policy import Policy
from syncengine.reconcile import plan_person
from syncengine.schema import Schema
from syncengine.traces import refusal_text, traces_for
from syncengine.writers import Writer, in_batches, refused

if TYPE_CHECKING:
    from syncengine.mapping import ObjectMapping
    from syncengine.settings import SyncSettings
    from syncengine.state.store import Letter, StateStore
    from syncengine.systems import Systems

AUTO = "auto"
QUEUE_PREFIX = "00G"
"""A queue is a Group; a user's id begins with 005. Source: Salesforce, "Standard Field Types", id prefixes."""

CONTACT_OWNER = Refusal(
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "insufficient access rights on cross-reference id",
)
"""What the native sync logs when a Contact is to change its owner (SP-04)."""
_LOCKED = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What became of a flow action.

    Args:
        status: done, skipped or failed.
        sfdc_id: the person's record afterwards.
        sfdc_type: Lead or Contact.
        error: the text for the person's activity log.
    """

    status: str
    sfdc_id: str | None = None
    sfdc_type: str | None = None
    error: str | None = None


def sync_person(
    systems: Systems,
    state: StateStore,
    settings: SyncSettings,
    *,
    action_id: str,
    lead_id: int,
    assign_to: str = AUTO,
    write: bool,
    clock: Clock | None = None,
    by_hand: bool = False,
) -> FlowResult:
    """Bring one Marketo person into Salesforce, or its pending changes, at once.

    A campaign's activity 19, with the result's error, is Marketo's own; without a campaign it is ours. An external sync
    leaves its own entry of a refusal either way.

    Args:
        systems: both clients.
        state: what is remembered of the pair.
        settings: policy, mapping and defaults.
        action_id: the same for the same request; asked again, it answers what it answered first.
        lead_id: the Marketo person.
        assign_to: ``auto``, or the id of a user or queue.
        write: without it nothing is changed, and the answer says what would be done.
        clock: the engine's own time.
        by_hand: no campaign asked.

    Raises:
        Busy: another flow action on this person does not end.
        ClientError: a vendor cannot be reached; asked again later, the action goes on where it stopped.
    """
    holder = f"{recover.PERSON}{lead_id}"
    with state.lease(holder, time=settings.lease_time, wait=settings.lease_wait):
        known = state.begin_flow_action(action_id, lead_id, "sync_person_to_sfdc") if write else None
        if known is not None:
            return FlowResult(**known)
        step = _SyncPerson(systems, state, settings, action_id, lead_id, assign_to, holder, clock or SystemClock())
        step.write = write
        try:
            result = step.run()
        except NeedsPerson as problem:
            return FlowResult("failed", error=str(problem))
        if write:
            if by_hand and (letter := step.letter(action_id, result)):
                state.post([letter])
            state.end_flow_action(action_id, asdict(result))
            recover.deliver(systems, state, settings, step.traces)
        return result


class _SyncPerson:
    """One flow action at work."""

    def __init__(
        self,
        systems: Systems,
        state: StateStore,
        settings: SyncSettings,
        action_id: str,
        lead_id: int,
        assign_to: str,
        holder: str,
        clock: Clock,
    ) -> None:
        self.systems, self.state, self.settings, self.clock = systems, state, settings, clock
        self.run_id, self.lead_id, self.holder = action_id[:32], lead_id, holder
        self.assign_to = assign_to or AUTO
        self.write = True
        self.traces = traces_for(connector=systems.marketo.connector)
        self.policy = Policy.of(settings.policy, settings.rules)
        self.mappings: dict[str, ObjectMapping] = {}

    def letter(self, action_id: str, result: FlowResult) -> Letter | None:
        """Activity 19 of a step by hand."""
        return self.traces.step_letter(digest("step", action_id), self.lead_id, self.assign_to, result.error)

    def run(self) -> FlowResult:
        """What the outcome table of SP-04 says."""
        schema = Schema(self.systems, self.state, self.settings, self.traces, write=self.write)
        schema.refresh()
        self.mappings = schema.mappings
        if self.write:
            for intent in self.state.intents(holder=self.holder):
                recover.settle_create(
                    self.systems,
                    self.state,
                    self.mappings[intent.action.sobject],
                    self.traces,
                    intent,
                    self.clock.now(),
                )
        lead = self._lead()
        if lead is None:
            return FlowResult("failed", error=f"Marketo has no person {self.lead_id}")
        sobject, row, link = self._record(lead)
        if row is None:
            return self._create(lead, link)
        if sobject == "Contact" and self.assign_to != AUTO:
            return self._assign_contact(lead, row)
        return self._update(sobject, lead, row, link)

    # What there is

    def _lead(self) -> dict[str, Any] | None:
        names = list(
            dict.fromkeys(["id", *self.traces.fields, *(n for each in self.mappings.values() for n in each.by_name)])
        )
        leads = self.systems.marketo.leads_by_filter("id", [str(self.lead_id)], names)
        return leads[0] if leads else None

    def _record(self, lead: dict[str, Any]) -> tuple[str, dict[str, Any] | None, Link | None]:
        """The person's record as it is now: the Contact where its Lead was converted, none where it is deleted."""
        link = self.state.links_of([self.lead_id]).get(self.lead_id)
        if link is not None and link.ended:
            link = None
        carried = (link.sobject, link.salesforce_id) if link else self.traces.link_of(lead)
        if carried is None or carried[0] not in self.mappings:
            return "Lead", None, link
        sobject, record_id = carried
        row = detect.records(self.systems.salesforce, self.mappings[sobject], [record_id]).get(record_id)
        if row is not None and row.get("IsConverted") and not row.get("IsDeleted"):
            contact_id = row.get("ConvertedContactId")
            if contact_id and "Contact" in self.mappings:
                contacts = detect.records(self.systems.salesforce, self.mappings["Contact"], [contact_id])
                if contact_id in contacts:
                    sobject, row = "Contact", contacts[contact_id]
        if row is not None and row.get("IsDeleted"):
            row = None
        return sobject, row, link

    # Not in Salesforce: a new Lead

    def _create(self, lead: dict[str, Any], former: Link | None) -> FlowResult:
        """SP-01, SP-21: a new Lead, also where another one has the same e-mail."""
        mapping = self.mappings["Lead"]
        shown = mapping.values(Side.MARKETO, lead)
        action = Create(
            side=Side.SALESFORCE,
            sobject="Lead",
            salesforce_id=None,
            marketo_id=self.lead_id,
            values=self._new_lead(shown),
            agreed=Agreed(),
            assign_to=self.assign_to,
            reason="Sync Person to SFDC: not in Salesforce" if former is None else "Sync Person to SFDC: deleted there",
        )
        if not self.write:
            return FlowResult("done", None, "Lead")
        result, intent = self._insert(action)
        if not result.success or result.id is None:
            return self._refused(action, result)
        return self._created(replace(action, salesforce_id=result.id), intent, shown)

    def _new_lead(self, shown: dict[str, Value]) -> dict[str, Value]:
        """Everything that Marketo has and the sync user may set; empty fields are Salesforce's to fill."""
        mapping = self.mappings["Lead"]
        values = {
            pair.name: shown[pair.name] for pair in mapping.pairs if pair.create and shown.get(pair.name) is not None
        }
        for name, default in (
            ("lastName", self.settings.default_last_name),
            ("company", self.settings.default_company),
        ):
            if default and name in mapping.by_name and values.get(name) is None:
                values[name] = default  # VAL-10: only when the record is first created
        return values

    def _insert(self, action: Create) -> tuple[SaveResult, int]:
        mapping = self.mappings[action.sobject]
        row = mapping.wire(Side.SALESFORCE, action.values)
        if mapping.key_field is not None:
            row[mapping.key_field] = str(self.lead_id)
        if self.assign_to != AUTO:
            row["OwnerId"] = self.assign_to
        assignment = "auto" if self.assign_to == AUTO else None
        since = self.systems.salesforce.now()
        intent = self.state.intend(self.run_id, self.holder, since, [action])[0]
        try:
            result = self._once_more_if_locked(
                lambda: self.systems.salesforce.create_one(action.sobject, row, assignment=assignment)
            )
        except Unanswered:
            found = recover.find_created(self.systems, self.state, mapping, action, since=since)
            if found is None:
                raise  # the intent stays: whoever comes next looks again
            return SaveResult(found, success=True, created=True), intent
        except ClientError:
            self.state.drop_intents([intent])
            raise
        if not result.success:
            self.state.drop_intents([intent])
        return result, intent

    def _created(self, action: Create, intent: int, shown: dict[str, Value]) -> FlowResult:
        """Link the two, and take over at once what Salesforce made of the new record (CON-17)."""
        record_id = action.salesforce_id or ""
        mapping = self.mappings[action.sobject]
        row = detect.records(self.systems.salesforce, mapping, [record_id]).get(record_id, {})
        salesforce = mapping.values(Side.SALESFORCE, row)
        apart = {
            name: shown.get(name)
            for name in action.values
            if shown.get(name) is None and name in {"lastName", "company"}  # U-11: a default stays there
        }
        taken: dict[str, Value] = {}
        for pair in mapping.pairs:
            value = salesforce.get(pair.name)
            sent = action.values.get(pair.name)
            if pair.name in apart or pair.name not in salesforce or not pair.pull:
                continue
            if not pair.same(value, sent if sent is not None else shown.get(pair.name)) or (
                value is not None and shown.get(pair.name) is None
            ):
                taken[pair.name] = value
        agreed = {**shown, **salesforce} if salesforce else {**shown, **action.values}
        agreed = {name: value for name, value in agreed.items() if name in mapping.by_name}
        former = self.state.links_of([self.lead_id]).get(self.lead_id)
        marks = self.traces.marks(
            action.sobject, record_id, instead_of=former.sobject if former is not None else "Contact"
        )
        lead = {"id": self.lead_id, **mapping.wire(Side.MARKETO, taken), **marks}
        self.systems.marketo.sync_leads([lead], action="updateOnly", lookup_field="id")
        done = replace(action, agreed=Agreed(agreed, apart), stamp=row.get("SystemModstamp"))
        self.state.remember(
            self.run_id,
            self.clock.now(),
            [Outcome(done, "done", salesforce_id=record_id, marketo_id=self.lead_id, intent=intent)],
        )
        return FlowResult("done", record_id, action.sobject)

    # In Salesforce: its pending changes

    def _update(self, sobject: str, lead: dict[str, Any], row: dict[str, Any], link: Link | None) -> FlowResult:
        """A forced sync: what either side changed, by the policy, and the owner if one is named; nothing if nothing."""
        mapping = self.mappings[sobject]
        salesforce = detect.shown_by_salesforce(mapping, row, link, self.systems.salesforce.user_id)
        person = Person(
            sobject,
            row["Id"],
            self.lead_id,
            salesforce=salesforce,
            marketo=detect.shown_by_marketo(mapping, lead),
            link=link,
            stamp=row["SystemModstamp"],
        )
        planned = plan_person(person, mapping, self.policy)
        if not self.write:
            return FlowResult("done", row["Id"], sobject)
        self.state.remember_conflicts(self.run_id, self.clock.now(), planned.conflicts)
        if self.assign_to != AUTO and sobject == "Lead":
            owner = self._change_owner(row)
            if owner is not None:
                return owner
        for batch in in_batches(planned.actions, self.settings):
            failed = self._carry_out(batch)
            if failed is not None:
                return failed
        return FlowResult("done", row["Id"], sobject)

    def _carry_out(self, batch: list[Action]) -> FlowResult | None:
        first = batch[0]
        numbers: list[int] = []
        if first.writes:
            vendor = self.systems.salesforce if first.side is Side.SALESFORCE else self.systems.marketo
            # As intents of the cycle: whoever runs next settles them, should we be killed.
            numbers = self.state.intend(self.run_id, "cycle", vendor.now(), batch)
        writer = Writer(self.systems, self.mappings, self.traces)
        written = writer.write(batch)
        if first.side is Side.SALESFORCE and any(_locked(outcome) for outcome in written.outcomes):
            written = writer.write(batch)  # U-07: one immediate retry
        outcomes = [
            replace(outcome, intent=number)
            for outcome, number in zip_longest(written.outcomes, numbers[: len(written.outcomes)])
        ]
        letters = [
            letter
            for outcome in outcomes
            if outcome.refusals and not self.traces.native
            for letter in self.traces.letters(outcome, self.run_id, sorted(outcome.action.values))
        ]
        self.state.remember(
            self.run_id, self.clock.now(), outcomes, letters, set_aside_after=self.settings.set_aside_after
        )
        if written.error is not None:
            raise written.error
        for outcome in outcomes:
            if outcome.status != "done" and first.side is Side.SALESFORCE:
                return FlowResult(
                    "failed",
                    outcome.action.salesforce_id,
                    outcome.action.sobject,
                    refusal_text("update", outcome.refusals)
                    if outcome.refusals
                    else "the record was deleted or converted at this moment; sync again",
                )
        return None

    def _change_owner(self, row: dict[str, Any]) -> FlowResult | None:
        """The Lead's owner becomes the user or queue (SP-04); what Salesforce says if it does not."""
        if str(row.get("OwnerId") or "")[:15] == self.assign_to[:15]:
            return None
        result = self._once_more_if_locked(
            lambda: self.systems.salesforce.update("Lead", [{"Id": row["Id"], "OwnerId": self.assign_to}])[0]
        )
        if result.success:
            return None
        refusals = [Refusal(each.code, each.message, tuple(each.fields)) for each in result.errors]
        return FlowResult("failed", row["Id"], "Lead", refusal_text("update", refusals))

    def _assign_contact(self, lead: dict[str, Any], row: dict[str, Any]) -> FlowResult:
        """SP-04: a Contact's owner cannot be changed from Marketo; for a queue a duplicate Lead is made (SP-06)."""
        if not self.assign_to.startswith(QUEUE_PREFIX):
            return FlowResult("failed", row["Id"], "Contact", refusal_text("update", [CONTACT_OWNER]))
        mapping = self.mappings["Lead"]
        shown = mapping.values(Side.MARKETO, lead)
        name = " ".join(str(lead[part]) for part in ("firstName", "lastName") if lead.get(part))
        text = f"Skipped created a duplicate lead {name} and assigned it to Queue"
        if not self.write:
            return FlowResult("skipped", row["Id"], "Contact", text)
        action = Create(
            side=Side.SALESFORCE,
            sobject="Lead",
            salesforce_id=None,
            marketo_id=None,  # the duplicate is nobody's record: the person stays the Contact's
            values=self._new_lead(shown),
            assign_to=self.assign_to,
            reason="Sync Person to SFDC: a Contact given to a queue",
        )
        result, intent = self._insert(action)
        self.state.drop_intents([intent])
        if not result.success:
            return self._refused(action, result)
        return FlowResult("skipped", row["Id"], "Contact", text)

    # What Salesforce says

    def _once_more_if_locked(self, save: Any) -> SaveResult:
        result: SaveResult = save()
        if not result.success and any(error.code == _LOCKED for error in result.errors):
            result = save()  # U-07: one immediate retry
        return result

    def _refused(self, action: Create, result: SaveResult) -> FlowResult:
        refusals = [Refusal(each.code, each.message, tuple(each.fields)) for each in result.errors]
        outcome = refused(action, refusals)
        letters = []
        if not self.traces.native and outcome.fingerprint:
            names = [self.mappings["Lead"].name_of(name, Side.SALESFORCE) for name in action.values]
            letters = [self.traces.refusal_letter(outcome, outcome.fingerprint, self.lead_id, self.run_id, names)]
        self.state.remember(self.run_id, self.clock.now(), [outcome], letters)
        return FlowResult("failed", error=refusal_text("create", refusals))


def _locked(outcome: Outcome) -> bool:
    return any(refusal.code == _LOCKED for refusal in outcome.refusals)
