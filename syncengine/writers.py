"""Actions carried out: batched calls, and an outcome for each record.

Nothing here knows of conflicts. Salesforce is written first, then Marketo (U-02), and only what the plan names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from syncengine.actions import Action, Create, FlagDeleted, MoveLink, Outcome, SetAside, Update
from syncengine.clients.errors import ClientError, RecordRefused
from syncengine.detect import batches
from syncengine.model import Agreed, Refusal, Side, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncengine.clients.marketo import LeadResult
    from syncengine.clients.salesforce import SaveResult
    from syncengine.mapping import ObjectMapping
    from syncengine.settings import SyncSettings
    from syncengine.systems import Systems
    from syncengine.traces import Traces

_GONE = {"ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "NOT_FOUND"}
_FIELD_REFUSED = {"INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"}
"""The field became hidden or read-only since it was described; the rest of the record can go through (FLD-12)."""
_LEAD_NOT_FOUND = "1004"
_MARKETO_FIELD = re.compile(r"[Ff]ield '([^']+)'")


@dataclass(slots=True)
class Written:
    """The outcomes of one batch, as far as it got, and what stopped it."""

    outcomes: list[Outcome]
    error: ClientError | None = None


def in_batches(actions: Sequence[Action], settings: SyncSettings) -> Iterator[list[Action]]:
    """The actions in the order in which they are carried out, in groups that one call takes."""
    silent = [action for action in actions if not action.writes]
    if silent:
        yield silent
    groups: dict[tuple[Any, ...], list[Action]] = {}
    for action in actions:
        if action.writes:
            kind = "create" if isinstance(action, Create) else "update"
            order = 0 if action.side is Side.SALESFORCE else 1
            groups.setdefault((order, kind, action.sobject), []).append(action)
    for (order, _, _), group in sorted(groups.items(), key=lambda item: item[0][0]):
        yield from batches(group, settings.salesforce_batch if order == 0 else settings.marketo_batch)


def fingerprint(outcome: Outcome, marketo_id: int | None) -> str:
    """The same for the same refusal met again: person, record, operation, what was said, and the values."""
    action = outcome.action
    return digest(
        marketo_id,
        action.sobject,
        outcome.salesforce_id or action.salesforce_id,
        action.name,
        sorted((refusal.code, refusal.message, sorted(refusal.fields)) for refusal in outcome.refusals),
        sorted(action.values.items()),
    )


def refused(action: Action, refusals: Sequence[Refusal]) -> Outcome:
    """The outcome of an action to which the vendor said no, with its fingerprint."""
    outcome = Outcome(action, "refused", tuple(refusals))
    return replace(outcome, fingerprint=fingerprint(outcome, action.marketo_id))


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out actions on both systems."""

    systems: Systems
    mappings: Mapping[str, ObjectMapping]
    traces: Traces

    def write(self, batch: Sequence[Action]) -> Written:
        """What became of a batch of ``in_batches``; every action is of one kind."""
        first = batch[0]
        if not first.writes:
            return Written(
                [Outcome(action, "set aside" if isinstance(action, SetAside) else "done") for action in batch]
            )
        if first.side is Side.SALESFORCE:
            return self._to_salesforce(batch)
        return self._to_marketo(batch)

    # Salesforce

    def _to_salesforce(self, batch: Sequence[Action]) -> Written:
        sobject = batch[0].sobject
        mapping = self.mappings[sobject]
        rows = [{"Id": action.salesforce_id, **mapping.wire(Side.SALESFORCE, action.values)} for action in batch]
        written = Written([])
        try:
            results: Sequence[SaveResult] = self.systems.salesforce.update(sobject, rows)
        except ClientError as error:
            results, written.error = error.results, error
        again: list[tuple[Action, Outcome]] = []
        for action, result in zip(batch, results, strict=False):
            outcome = self._saved(action, result)
            less = self._without_refused_fields(outcome)
            if less is None:
                written.outcomes.append(outcome)
            else:
                again.append((less, outcome))
        if again and written.error is None:
            self._save_the_rest(sobject, again, written)
        return written

    def _saved(self, action: Action, result: SaveResult) -> Outcome:
        if result.success:
            return Outcome(action, "done", salesforce_id=action.salesforce_id)
        refusals = [Refusal(each.code, each.message, tuple(each.fields)) for each in result.errors]
        if any(refusal.code in _GONE for refusal in refusals):
            return Outcome(action, "gone")
        return refused(action, refusals)

    def _without_refused_fields(self, outcome: Outcome) -> Action | None:
        """The action without the fields that Salesforce will not take at all, if that leaves another action."""
        if outcome.status != "refused" or any(refusal.code not in _FIELD_REFUSED for refusal in outcome.refusals):
            return None
        mapping = self.mappings[outcome.action.sobject]
        named = {name for refusal in outcome.refusals for name in refusal.fields}
        kept = {
            name: value
            for name, value in outcome.action.values.items()
            if mapping.name_of(name, Side.SALESFORCE) not in named
        }
        return replace(outcome.action, values=kept) if len(kept) < len(outcome.action.values) else None

    def _save_the_rest(self, sobject: str, again: Sequence[tuple[Action, Outcome]], written: Written) -> None:
        mapping = self.mappings[sobject]
        sent = [(less, before) for less, before in again if less.values]
        written.outcomes += [before for less, before in again if not less.values]
        if not sent:
            return
        try:
            results: Sequence[SaveResult] = self.systems.salesforce.update(
                sobject,
                [{"Id": less.salesforce_id, **mapping.wire(Side.SALESFORCE, less.values)} for less, _ in sent],
            )
        except ClientError as error:
            results, written.error = error.results, error
        for (less, before), result in zip(sent, results, strict=False):
            outcome = self._saved(less, result)
            if outcome.status == "done":
                outcome = replace(outcome, refusals=before.refusals, fingerprint=before.fingerprint)
            written.outcomes.append(outcome)

    # Marketo

    def _to_marketo(self, batch: Sequence[Action]) -> Written:
        create = isinstance(batch[0], Create)
        written = Written([])
        sent = [action for action in batch if create or self._lead(action)]
        written.outcomes += [Outcome(action, "done") for action in batch if action not in sent]
        results = self._sync(sent, create=create, written=written)
        again: list[tuple[Action, Refusal]] = []
        for action, result in zip(sent, results, strict=False):
            refusal = _lead_refusal(result)
            less = None if refusal is None else _without_field(action, refusal)
            if refusal is not None and less is not None:
                again.append((less, refusal))
            else:
                written.outcomes.append(self._synced(action, result, refusal))
        if again and written.error is None:
            results = self._sync([less for less, _ in again], create=create, written=written)
            for (less, first), result in zip(again, results, strict=False):
                outcome = self._synced(less, result, _lead_refusal(result))
                if outcome.status == "done":
                    outcome = replace(outcome, refusals=(first,))
                    outcome = replace(outcome, fingerprint=fingerprint(outcome, outcome.marketo_id))
                written.outcomes.append(outcome)
        return written

    def _sync(self, actions: Sequence[Action], *, create: bool, written: Written) -> Sequence[LeadResult]:
        if not actions:
            return []
        rows = [self._lead(action) for action in actions]
        lookup = self.traces.id_fields[actions[0].sobject] if create else "id"
        if not create:
            rows = [{"id": action.marketo_id, **row} for action, row in zip(actions, rows, strict=True)]
        try:
            return self.systems.marketo.sync_leads(
                rows, action="createOrUpdate" if create else "updateOnly", lookup_field=lookup
            )
        except RecordRefused as error:
            # The whole call, as for a field that Marketo no longer has: every record of it is refused alike.
            refusal = Refusal(error.code, error.message, tuple(error.fields))
            written.outcomes += [refused(action, [refusal]) for action in actions]
            return []
        except ClientError as error:
            written.error = error
            results: Sequence[LeadResult] = error.results
            return results

    def _lead(self, action: Action) -> dict[str, Any]:
        row = self.mappings[action.sobject].wire(Side.MARKETO, action.values)
        if isinstance(action, Create | MoveLink) and action.salesforce_id:
            row |= self.traces.marks(action.sobject, action.salesforce_id)
        return row

    def _synced(self, action: Action, result: LeadResult, refusal: Refusal | None) -> Outcome:
        if refusal is None:
            return Outcome(
                action,
                "done",
                salesforce_id=action.salesforce_id,
                marketo_id=result.id or action.marketo_id,
            )
        if refusal.code == _LEAD_NOT_FOUND and isinstance(action, Update | FlagDeleted):
            return Outcome(action, "gone")
        return refused(action, [refusal])


def _lead_refusal(result: LeadResult) -> Refusal | None:
    if result.status != "skipped":
        return None
    code, message = result.reasons[0] if result.reasons else ("", "skipped without a reason")
    named = _MARKETO_FIELD.search(message)
    return Refusal(code, message, (named.group(1),) if named else ())


def _without_field(action: Action, refusal: Refusal) -> Action | None:
    """The action without the one field whose value Marketo cannot hold: the others arrive (VAL-02)."""
    named = refusal.fields[0] if refusal.fields else None
    if named not in action.values:
        return None
    kept = {name: value for name, value in action.values.items() if name != named}
    if isinstance(action, Create):
        agreed = {name: value for name, value in action.agreed.values.items() if name != named}
        return replace(action, values=kept, agreed=Agreed(agreed, action.agreed.apart))
    return replace(action, values=kept) if kept else None
