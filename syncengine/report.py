"""What a cycle did, as data: the object that ``syncengine run --json`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from syncengine.model import Conflict, Side, Values, format_instant

if TYPE_CHECKING:
    from datetime import datetime

    from syncengine.actions import Outcome

Names = Callable[[str, str, Side], str]


@dataclass(slots=True)
class Report:
    """One cycle: what was read, decided, written and refused.

    Args:
        run: the id of the run in the state database.
        policy: the name of the policy that decided conflicts.
        started: by the engine's clock.
        name_of: how a side calls a field, from sobject and lead field.
    """

    run: str
    policy: str
    started: datetime
    name_of: Names
    write: bool = True
    read: dict[str, dict[str, int]] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    for_a_person: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    ended: datetime | None = None

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of what became of some actions."""
        self.outcomes.extend(outcomes)

    @property
    def refused(self) -> list[Outcome]:
        """Outcomes to which a vendor said no, wholly or about a field."""
        return [outcome for outcome in self.outcomes if outcome.refusals]

    @property
    def exit_code(self) -> int:
        """0 done, 1 some records refused, 3 something waits for a person."""
        if self.for_a_person or any(outcome.status == "set aside" for outcome in self.outcomes):
            return 3
        return 1 if self.refused else 0

    def summary(self) -> dict[str, Any]:
        """The figures of the cycle, to be kept with the run."""
        done = Counter(f"{outcome.action.name} {outcome.status}" for outcome in self.outcomes)
        return {
            "read": self.read,
            "outcomes": dict(done),
            "conflicts": len(self.conflicts),
            "refused": len(self.refused),
            "calls": self.calls,
            "notes": self.notes,
        }

    def to_json(self) -> dict[str, Any]:
        """The object of ``run --json``, as in the design's 2.1; field names are those of the side written to."""
        return {
            "run": self.run,
            "policy": self.policy,
            "read": self.read,
            "actions": [self._action(outcome) for outcome in self.outcomes if outcome.action.name != "remember"],
            "conflicts": [self._conflict(conflict) for conflict in self.conflicts],
            "refused": [row for outcome in self.refused for row in self._refused(outcome)],
            "calls": self.calls,
            "started": format_instant(self.started),
            "ended": format_instant(self.ended) if self.ended else None,
            "write": self.write,
            "notes": [*self.for_a_person, *self.notes],
        }

    def _action(self, outcome: Outcome) -> dict[str, Any]:
        action = outcome.action
        return {
            "action": action.name,
            "side": str(action.side),
            "sobject": action.sobject,
            "salesforceId": outcome.salesforce_id or action.salesforce_id,
            "marketoId": outcome.marketo_id or action.marketo_id,
            "fields": self._named(action.sobject, action.side, action.values),
            "reason": action.reason,
            "outcome": outcome.status,
        }

    def _named(self, sobject: str, side: Side, values: Values) -> dict[str, Any]:
        return {self.name_of(sobject, name, side): value for name, value in values.items()}

    def _conflict(self, conflict: Conflict) -> dict[str, Any]:
        return {
            "sobject": conflict.sobject,
            "salesforceId": conflict.salesforce_id,
            "marketoId": conflict.marketo_id,
            "field": self.name_of(conflict.sobject, conflict.field, Side.SALESFORCE),
            "marketoField": conflict.field,
            "salesforce": conflict.salesforce,
            "marketo": conflict.marketo,
            "lastSynced": conflict.last_synced,
            "winner": str(conflict.winner) if conflict.winner else None,
            "rule": conflict.rule,
        }

    def _refused(self, outcome: Outcome) -> list[dict[str, Any]]:
        action = outcome.action
        return [
            {
                "sobject": action.sobject,
                "salesforceId": outcome.salesforce_id or action.salesforce_id,
                "marketoId": outcome.marketo_id or action.marketo_id,
                "fields": list(refusal.fields),
                "code": refusal.code,
                "message": refusal.message,
            }
            for refusal in outcome.refusals
        ]
