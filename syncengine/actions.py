"""What a plan says to do: frozen data, each action with its reason, so that it can be printed and compared.

``writers.py`` carries them out and knows nothing of conflicts; ``reconcile.py`` makes them and writes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from syncengine.model import Agreed, Refusal, Side, Value, Values

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do about one person.

    Args:
        values: canonical values by lead field: what is to be written, or remembered.
        reason: why, in words for a person.
        stamp: Salesforce's stamp of the record as it was read, remembered with the outcome.
    """

    name: ClassVar[str]
    writes: ClassVar[bool] = True
    side: Side
    sobject: str
    salesforce_id: str | None
    marketo_id: int | None
    values: Values = field(default_factory=dict)
    reason: str
    stamp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Action):
    """A record of a person that the other side has and this one lacks.

    ``agreed`` is what is last synced once it exists; ``assign_to`` is a Lead's owner in the words of a flow action.
    """

    name = "create"
    agreed: Agreed = field(default_factory=Agreed)
    assign_to: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Action):
    """The fields of a record that must change, and no others."""

    name = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDeleted(Update):
    """The record was deleted in Salesforce, or came back: the person is told, nothing else changes (LIF-10, LIF-14)."""

    name = "flag-deleted"
    deleted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLink(Update):
    """A Lead was converted: its person is the Contact's from now on (LIF-04). ``salesforce_id`` is the Contact's."""

    name = "convert"
    lead_id: str
    apart: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp(Action):
    """The two records carry each other's id already: from now on they are one person."""

    name = "link"
    writes = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember(Action):
    """Both sides agree by themselves, or a stamp moved and nothing else: only our own memory changes."""

    name = "remember"
    writes = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLink(Action):
    """The person was deleted in Marketo: the record stays, its next update makes a new person (LIF-12)."""

    name = "unlink"
    writes = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateField(Action):
    """A lead field for a Salesforce field that the sync user sees and Marketo lacks (FLD-10)."""

    name = "create-field"
    specification: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside(Action):
    """Something a person must decide; nothing is written."""

    name = "set-aside"
    writes = False


_CLASSES: Mapping[str, type[Action]] = {
    each.name: each
    for each in (Create, Update, FlagDeleted, MoveLink, LinkUp, Remember, EndLink, CreateField, SetAside)
}


def action_to_json(action: Action) -> dict[str, Any]:
    """The action as plain data, for an intent."""
    return {"action": action.name, **asdict(action)}


def action_from_json(kept: Mapping[str, Any]) -> Action:
    """The action that ``action_to_json`` gave."""
    values = dict(kept)
    kind = _CLASSES[values.pop("action")]
    values["side"] = Side(values["side"])
    if "agreed" in values:
        values["agreed"] = Agreed(**values["agreed"])
    return kind(**values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an action; ``intent`` is the number of the note that announced it.

    ``status``: planned (nothing was written because ``--write`` was not given), done, refused (the vendor said
    no: ``refusals``), set aside (a person must look), gone (the record no longer is what was read; the next cycle
    plans anew).
    """

    action: Action
    status: str
    refusals: tuple[Refusal, ...] = ()
    salesforce_id: str | None = None
    marketo_id: int | None = None
    fingerprint: str | None = None
    intent: int | None = None
