"""The sync cycle on one page: read both sides, plan, write, remember.

Marketo's log is read first, then each sobject page by page; what is left of Marketo's news comes last. Watermarks move
at the very end, and only past what was written or set aside with its reason: whatever stops a cycle, the next one reads
the same again, and what was written already equals last synced and plans nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from syncengine import detect, recover
from syncengine.actions import Action, EndLink, Outcome
from syncengine.clients.errors import ClientError, RecordRefused
from syncengine.errors import NeedsPerson, SyncError
from syncengine.gather import Gathering
from syncengine.model import Clock, Person, Side, parse_instant
from syncengine.policy import Policy
from syncengine.reconcile import plan
from syncengine.report import Report
from syncengine.schema import Schema
from syncengine.state.store import StateStore, Token
from syncengine.traces import traces_for
from syncengine.writers import Writer, in_batches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syncengine.settings import SyncSettings
    from syncengine.state.leases import Lease
    from syncengine.systems import Systems

_FEW = 20
"""Deletions that never look like an emptied side, however small the other is."""


def run_cycle(systems: Systems, state: StateStore, settings: SyncSettings, *, write: bool, clock: Clock) -> Report:
    """One cycle, and the report of it; without ``write`` nothing changes on either side or in the state.

    Raises:
        Busy: another process is in a cycle of this pair.
        NeedsPerson: going on could write what nobody meant.
        ClientError: a vendor cannot be reached or refuses everything; the watermarks stay where they are.
    """
    if not write:
        return _Cycle(systems, state, settings, clock, uuid4().hex, None).run()
    with state.lease("cycle", time=settings.lease_time) as lease:
        run = state.begin_run(settings.policy, clock.now())
        try:
            report = _Cycle(systems, state, settings, clock, run, lease).run()
        except (ClientError, SyncError) as error:
            state.end_run(run, clock.now(), status="failed", error=str(error))
            raise
        status = {0: "done", 1: "refused"}.get(report.exit_code, "set aside")
        state.end_run(run, clock.now(), status=status, summary=report.summary())
        return report


class _Cycle:
    """One cycle at work; without a lease it only plans."""

    def __init__(
        self,
        systems: Systems,
        state: StateStore,
        settings: SyncSettings,
        clock: Clock,
        run_id: str,
        lease: Lease | None,
    ) -> None:
        self.systems, self.state, self.settings, self.clock = systems, state, settings, clock
        self.run_id, self.lease = run_id, lease
        self.traces = traces_for(connector=systems.marketo.connector)
        self.policy = Policy.of(settings.policy, settings.rules)
        self.schema = Schema(systems, state, settings, self.traces, write=lease is not None)
        self.people = Gathering(systems, state, {}, self.traces, settings.marketo_batch)
        self.stamps: dict[str, datetime] = {}
        self.held_back: dict[str, datetime] = {}
        self.pending: set[int] = set()
        self.report = Report(
            run=run_id,
            policy=self.policy.name,
            started=clock.now(),
            name_of=lambda sobject, name, side: self.schema.mappings[sobject].name_of(name, side),
            write=lease is not None,
        )

    def run(self) -> Report:
        """The steps, in order."""
        salesforce_calls, marketo_calls = self.systems.salesforce.calls, self.systems.marketo.calls
        self.schema.load()
        self.people.mappings = self.schema.mappings
        if self.lease is not None:
            self._recover()
        self._read_marketo()
        for sobject in self.settings.objects:
            self._sync_from_salesforce(sobject)
        self._sync_from_marketo()
        self.report.add(self.schema.outcomes)
        self.report.notes += self.schema.problems()
        if self.lease is not None:
            self.report.notes += recover.deliver(self.systems, self.state, self.settings, self.traces)
            self._advance()
        self.report.calls = {
            "salesforce": self.systems.salesforce.calls - salesforce_calls,
            "marketo": self.systems.marketo.calls - marketo_calls,
        }
        self.report.ended = self.clock.now()
        return self.report

    def _recover(self) -> None:
        """Settle what a killed process left open, and learn what other processes are doing right now."""
        now = self.clock.now()
        recover.unfinished_cycle(self.systems, self.state, self.schema.mappings, self.traces, now)
        self.people.at_work, self.report.for_a_person = recover.abandoned_creates(
            self.systems, self.state, self.settings, self.schema.mappings, self.traces, now
        )

    # Reading

    def _read_marketo(self) -> None:
        marketo = self.systems.marketo
        tokens = self.state.tokens()
        if not tokens:
            # Taken before anything is read, so that no change made meanwhile is missed.
            since = marketo.now() - self.settings.overlap
            tokens = [Token(marketo.paging_token(since), since)]
            if self.lease is not None:
                self.state.add_token(tokens[0])
        start = detect.start_of_overlap(tokens, self.settings.overlap)
        news = detect.marketo_news(marketo, start, self.schema.watched(), self.state.unseen)
        self.people.news = news
        self.report.read["marketo"] = {
            "activities": news.read,
            "changed": len(news.changed),
            "deleted": len(news.deleted),
        }
        self.pending = {link.marketo_id for link in self.state.pending()}
        gone = self.state.links_of(news.deleted)
        self._check_deletions(sum(not link.ended for link in gone.values()), "Marketo")

    def _check_deletions(self, deleted: int, side: str) -> None:
        if deleted <= _FEW:
            return
        if deleted > self.settings.large_deletion * self.state.count_links():
            raise NeedsPerson(
                f"{deleted} linked records were deleted in {side} since the last cycle: if that was meant, "
                "raise large_deletion in the settings"
            )

    def _sync_from_salesforce(self, sobject: str) -> None:
        watermark = self.state.watermark(sobject)
        since = None if watermark is None else watermark - self.settings.overlap
        counts = self.report.read.setdefault("salesforce", {})
        while True:
            counts[sobject] = 0
            try:
                if self._sync_pages(sobject, since, counts):
                    return
            except RecordRefused as refused:
                # A field that the sync user no longer sees refuses the whole query (FLD-14).
                if self.schema.fresh or refused.code != "INVALID_FIELD":
                    raise
                self._describe()

    def _sync_pages(self, sobject: str, since: datetime | None, counts: dict[str, int]) -> bool:
        """Read and sync page by page; false when the fields have changed and the reading must begin again."""
        mapping = self.schema.mappings[sobject]
        for rows in detect.pages(self.systems.salesforce, mapping, since=since, size=self.settings.page_size):
            counts[sobject] += len(rows)
            persons = self.people.from_salesforce(sobject, rows)
            if persons and not self.schema.fresh and self._describe():
                return False
            deleted = sum(person.salesforce is not None and person.salesforce.deleted for person in persons)
            self._check_deletions(deleted, "Salesforce")
            self._sync(persons)
            for row in rows:
                stamp = detect.stamp_of(row)
                self.stamps[sobject] = max(stamp, self.stamps.get(sobject, stamp))
        again = self.state.refused_creates(sobject)
        if again:
            rows_again = detect.records(self.systems.salesforce, mapping, again)
            self._sync(self.people.from_salesforce(sobject, list(rows_again.values())))
        for stamp in self.people.waiting:
            self._hold_back(sobject, stamp)
        self.people.waiting.clear()
        return True

    def _sync_from_marketo(self) -> None:
        ids = (set(self.people.news.changed) | self.people.news.deleted | self.pending) - self.people.handled
        for batch in detect.batches(sorted(ids), self.settings.page_size):
            persons = self.people.from_marketo(batch)
            if persons and not self.schema.fresh and self._describe():
                persons = self.people.from_marketo(batch)
            self._sync(persons)

    def _describe(self) -> bool:
        changed = self.schema.refresh()
        self.people.mappings = self.schema.mappings
        return changed

    # Planning and writing

    def _sync(self, persons: Sequence[Person]) -> None:
        planned = plan(persons, self.schema.mappings, self.policy)
        if self.lease is None:
            self.report.conflicts += planned.conflicts
            self.report.add(Outcome(action, "planned") for action in planned.actions)
            return
        self.report.conflicts += self.state.remember_conflicts(self.run_id, self.clock.now(), planned.conflicts)
        for batch in in_batches(planned.actions, self.settings):
            self.lease.renew()
            self._carry_out(batch)
        self._settle(persons, planned.actions)

    def _carry_out(self, batch: Sequence[Action]) -> None:
        """Write one batch: the intent before it, the outcome after it."""
        first = batch[0]
        intents: dict[tuple[object, ...], int] = {}
        if first.writes:
            vendor = self.systems.salesforce if first.side is Side.SALESFORCE else self.systems.marketo
            numbers = self.state.intend(self.run_id, "cycle", vendor.now(), batch)
            intents = {_key(action): number for action, number in zip(batch, numbers, strict=True)}
        written = Writer(self.systems, self.schema.mappings, self.traces).write(batch)
        outcomes = [replace(outcome, intent=intents.get(_key(outcome.action))) for outcome in written.outcomes]
        outcomes += [self._ended(outcome) for outcome in outcomes if _person_gone(outcome)]
        mapping = self.schema.mappings
        self.state.remember(
            self.run_id,
            self.clock.now(),
            outcomes,
            [
                letter
                for outcome in outcomes
                for letter in self.traces.letters(
                    outcome,
                    self.run_id,
                    [mapping[outcome.action.sobject].name_of(name, Side.SALESFORCE) for name in outcome.action.values],
                )
            ],
            set_aside_after=self.settings.set_aside_after,
        )
        self.report.add(outcomes)
        if written.error is not None:
            raise written.error

    def _ended(self, outcome: Outcome) -> Outcome:
        """The person was deleted while we worked: the next cycle reads the record again and makes a new one."""
        action = outcome.action
        if action.stamp is not None:
            self._hold_back(action.sobject, parse_instant(action.stamp))
        return Outcome(
            EndLink(
                side=Side.MARKETO,
                sobject=action.sobject,
                salesforce_id=action.salesforce_id,
                marketo_id=action.marketo_id,
                reason="deleted in Marketo during the cycle",
            ),
            "done",
        )

    def _settle(self, persons: Sequence[Person], actions: Sequence[Action]) -> None:
        """Nothing is pending any more where a refused write is no longer wanted."""
        wanted = {action.marketo_id for action in actions if action.writes}
        self.state.settle(
            person.link.marketo_id
            for person in persons
            if person.link is not None and person.link.attempts > 0 and person.link.marketo_id not in wanted
        )

    # The end

    def _hold_back(self, sobject: str, stamp: datetime) -> None:
        self.held_back[sobject] = min(stamp, self.held_back.get(sobject, stamp))

    def _advance(self) -> None:
        stamps = {sobject: min(stamp, self.held_back.get(sobject, stamp)) for sobject, stamp in self.stamps.items()}
        news = self.people.news
        self.state.advance(stamps, news.token, news.entries, overlap=self.settings.overlap)


def _key(action: Action) -> tuple[object, ...]:
    return action.name, action.side, action.sobject, action.salesforce_id, action.marketo_id


def _person_gone(outcome: Outcome) -> bool:
    return outcome.status == "gone" and outcome.action.side is Side.MARKETO
