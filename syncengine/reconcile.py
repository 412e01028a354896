"""The plan: what both sides show and what was last synced, turned into actions.

Pure: no clock, no network, no database. A field is *changed* on a side when its value left last synced.

===================  ====================  ==============================================================
Salesforce           Marketo               what happens
===================  ====================  ==============================================================
changed              as last synced        copied to Marketo
as last synced       changed               copied to Salesforce, if the sync user may edit the field
changed              changed, the same     remembered
changed              changed, different    the policy decides (CON-01, CON-02); Salesforce where the sync user
                                           may only read (CON-14)
never synced         empty, or false       copied to Marketo, if it has a value
never synced         has another value     the policy decides
===================  ====================  ==============================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncengine.actions import (
    Action,
    Create,
    EndLink,
    FlagDeleted,
    LinkUp,
    MoveLink,
    Remember,
    SetAside,
    Update,
)
from syncengine.model import Agreed, Conflict, Link, Person, Shown, Side, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncengine.mapping import FieldPair, ObjectMapping
    from syncengine.policy import Policy


@dataclass(slots=True)
class Plan:
    """What is to be done, and the conflicts that were decided on the way."""

    actions: list[Action] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def plan(persons: Iterable[Person], mappings: Mapping[str, ObjectMapping], policy: Policy) -> Plan:
    """What must be written so that both sides of every person agree again, in the order of the persons."""
    whole = Plan()
    for person in persons:
        one = plan_person(person, mappings[person.sobject], policy)
        whole.actions += one.actions
        whole.conflicts += one.conflicts
    return whole


def plan_person(person: Person, mapping: ObjectMapping, policy: Policy) -> Plan:
    """What must be done about one person; nothing for an echo, and nothing for a Marketo-only person (DIR-17)."""
    link, salesforce = person.link, person.salesforce
    if link is None:
        return _plan_unlinked(person, mapping, policy)
    if link.ended:
        return Plan(_recreate(person, mapping) if _updated(person, link, mapping) else [])
    if person.marketo is not None and person.marketo.deleted:
        ended: list[Action] = [
            EndLink(
                side=Side.MARKETO,
                sobject=link.sobject,
                salesforce_id=link.salesforce_id,
                marketo_id=link.marketo_id,
                reason="deleted in Marketo",
            )
        ]
        return Plan(ended + (_recreate(person, mapping) if _updated(person, link, mapping) else []))
    if person.duplicate_of is not None:
        return Plan(
            [
                SetAside(
                    side=Side.MARKETO,
                    sobject=link.sobject,
                    salesforce_id=link.salesforce_id,
                    marketo_id=link.marketo_id,
                    reason=(
                        f"converted into Contact {person.salesforce_id}, which is person {person.duplicate_of}: "
                        "merge the two persons in Marketo"
                    ),
                )
            ]
        )
    if salesforce is not None and salesforce.deleted:
        return Plan([] if link.deleted else [_flag(person, link, mapping, deleted=True)])
    if link.deleted and salesforce is None:
        return Plan()  # CON-15: an edit of a person whose record is deleted is not pushed
    planned = _plan_fields(person, link.agreed, mapping, policy)
    if link.deleted:
        planned.actions.insert(0, _flag(person, link, mapping, deleted=False))
    return planned


def needs_salesforce(person: Person, mapping: ObjectMapping) -> bool:
    """Whether the plan must see the record itself: a write is pending, or Marketo fills a field never synced."""
    link, marketo = person.link, person.marketo
    if link is None or marketo is None or person.salesforce is not None:
        return False
    if link.deleted or link.ended or marketo.deleted:
        return False
    return link.attempts > 0 or any(
        pair.push and pair.name not in link.agreed and marketo.values.get(pair.name) is not None
        for pair in mapping.pairs
    )


def changed(pair: FieldPair, side: Side, agreed: Agreed, value: Value) -> bool:
    """Whether the value left last synced, as that side holds it."""
    known = agreed.on(side, pair.name)
    if side is Side.MARKETO and pair.name in agreed.apart:
        return not pair.same(value, known)
    return not (pair.same(value, known) or pair.same(value, pair.held(side, known)))


# One person


def _plan_unlinked(person: Person, mapping: ObjectMapping, policy: Policy) -> Plan:
    salesforce = person.salesforce
    if salesforce is None or salesforce.deleted:
        return Plan()  # DIR-17: only a flow action makes a Lead; LIF-17: a delete of what never synced
    if person.marketo_id is None:
        return Plan([_create(person, salesforce, mapping, "new in Salesforce")])
    planned = _plan_fields(person, Agreed(), mapping, policy)
    planned.actions.insert(
        0,
        LinkUp(
            side=Side.MARKETO,
            sobject=person.sobject,
            salesforce_id=person.salesforce_id,
            marketo_id=person.marketo_id,
            reason="the person carries the record's id",
            stamp=person.stamp,
        ),
    )
    return planned


def _create(person: Person, salesforce: Shown, mapping: ObjectMapping, reason: str) -> Create:
    """A person with everything that Salesforce shows; what is empty or false there is what Marketo starts with."""
    taken = {
        pair.name: salesforce.values[pair.name]
        for pair in mapping.pairs
        if pair.pull and pair.name in salesforce.values
    }
    return Create(
        side=Side.MARKETO,
        sobject=person.sobject,
        salesforce_id=person.salesforce_id,
        marketo_id=None,
        values={name: value for name, value in taken.items() if value is not None and value is not False},
        agreed=Agreed(taken),
        reason=reason,
        stamp=person.stamp,
    )


def _recreate(person: Person, mapping: ObjectMapping) -> list[Action]:
    if person.salesforce is None:
        return []
    return [_create(person, person.salesforce, mapping, "updated in Salesforce after the person was deleted")]


def _updated(person: Person, link: Link, mapping: ObjectMapping) -> bool:
    """Whether somebody saved the record since we last read it; our own save does not count."""
    salesforce = person.salesforce
    if salesforce is None or salesforce.deleted:
        return False
    if salesforce.moved and not salesforce.ours:
        return True
    return any(
        pair.name in link.agreed
        and pair.name in salesforce.values
        and not (pair.calculated or pair.shadow)
        and changed(pair, Side.SALESFORCE, link.agreed, salesforce.values[pair.name])
        for pair in mapping.pairs
    )


def _flag(person: Person, link: Link, mapping: ObjectMapping, *, deleted: bool) -> FlagDeleted:
    flags = {pair.name: deleted for pair in mapping.pairs if pair.shadow and pair.salesforce == "IsDeleted"}
    return FlagDeleted(
        side=Side.MARKETO,
        sobject=link.sobject,
        salesforce_id=link.salesforce_id,
        marketo_id=link.marketo_id,
        values=flags,
        deleted=deleted,
        reason="deleted in Salesforce" if deleted else "restored in Salesforce",
        stamp=person.stamp,
    )


# The fields of one person


@dataclass(slots=True)
class _Decisions:
    to_salesforce: dict[str, Value] = field(default_factory=dict)
    to_marketo: dict[str, Value] = field(default_factory=dict)
    remember: dict[str, Value] = field(default_factory=dict)
    traces: dict[str, Value] = field(default_factory=dict)
    apart: dict[str, Value] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def _plan_fields(person: Person, agreed: Agreed, mapping: ObjectMapping, policy: Policy) -> Plan:
    converted = person.link is not None and person.link.sobject != person.sobject
    decided = _decide_fields(person, agreed, mapping, policy, converted=converted)
    if decided.to_marketo or converted:
        decided.to_marketo |= decided.traces
    else:
        decided.remember |= decided.traces
    return Plan(_actions(person, decided, converted=converted), decided.conflicts)


def _decide_fields(
    person: Person, agreed: Agreed, mapping: ObjectMapping, policy: Policy, *, converted: bool
) -> _Decisions:
    decided = _Decisions()
    salesforce, marketo = person.salesforce, person.marketo
    plain_change = salesforce is not None and (
        salesforce.moved
        or any(
            not pair.calculated
            and pair.name in agreed
            and pair.name in salesforce.values
            and changed(pair, Side.SALESFORCE, agreed, salesforce.values[pair.name])
            for pair in mapping.pairs
        )
    )
    for pair in mapping.pairs:
        name = pair.name
        in_salesforce = salesforce is not None and name in salesforce.values
        if in_salesforce and pair.calculated and not plain_change:
            in_salesforce = False  # CYC-22: a formula arrives with the next save of its own record
        in_marketo = marketo is not None and name in marketo.values
        ours = salesforce.values[name] if in_salesforce and salesforce else None
        theirs = marketo.values[name] if in_marketo and marketo else None
        if name not in agreed:
            _first_values(person, pair, policy, decided, ours if in_salesforce else ..., theirs if in_marketo else ...)
            continue
        salesforce_changed = in_salesforce and changed(pair, Side.SALESFORCE, agreed, ours)
        marketo_changed = in_marketo and changed(pair, Side.MARKETO, agreed, theirs)
        if converted and salesforce_changed and ours is None:
            # U-37: what the conversion left empty counts as unchanged; Marketo keeps its value.
            decided.remember[name] = None
            decided.apart[name] = agreed.on(Side.MARKETO, name)
            salesforce_changed = False
        if pair.shadow:
            if salesforce_changed:
                decided.to_marketo[name] = ours
        elif salesforce_changed and marketo_changed:
            _both_changed(person, pair, policy, decided, agreed.values[name], ours, theirs)
        elif salesforce_changed:
            if in_marketo and pair.same(pair.held(Side.MARKETO, ours), theirs):
                decided.remember[name] = ours
            elif pair.pull:
                decided.to_marketo[name] = ours
        elif marketo_changed and pair.push:
            decided.to_salesforce[name] = theirs
    return decided


def _first_values(
    person: Person,
    pair: FieldPair,
    policy: Policy,
    decided: _Decisions,
    ours: object,
    theirs: object,
) -> None:
    """A field that was never synced for this person: a first link, or a field that has become visible (FLD-11)."""
    if ours is ...:
        return
    salesforce: Value = ours  # type: ignore[assignment]
    if pair.shadow:
        # Traces never make a write of their own on a first link: what others left there is as good.
        decided.traces[pair.name] = salesforce
    elif theirs is ...:
        if salesforce is None or not pair.pull:
            decided.remember[pair.name] = salesforce
        else:
            decided.to_marketo[pair.name] = salesforce
    else:
        marketo: Value = theirs  # type: ignore[assignment]
        # False is what Marketo's booleans start with, so it says as little as an empty field does (VAL-07).
        unsaid = marketo is None or (marketo is False and salesforce is True)
        if unsaid and salesforce is not None and pair.pull:
            decided.to_marketo[pair.name] = salesforce
        elif pair.same(salesforce, marketo) or pair.same(pair.held(Side.MARKETO, salesforce), marketo):
            decided.remember[pair.name] = salesforce
        else:
            _both_changed(person, pair, policy, decided, None, salesforce, marketo)


def _both_changed(
    person: Person,
    pair: FieldPair,
    policy: Policy,
    decided: _Decisions,
    last_synced: Value,
    ours: Value,
    theirs: Value,
) -> None:
    name = pair.name
    if pair.same(ours, theirs) or pair.same(pair.held(Side.MARKETO, ours), theirs):
        decided.remember[name] = ours  # CON-06
        return
    if pair.same(ours, pair.held(Side.SALESFORCE, theirs)):
        decided.remember[name] = theirs
        return
    if not pair.push:
        if pair.pull:
            decided.to_marketo[name] = ours  # CON-14
        return
    if not pair.pull:
        decided.to_salesforce[name] = theirs
        return
    winner, rule = policy.winner(person.sobject, pair.salesforce, name, person.salesforce, person.marketo)
    decided.conflicts.append(
        Conflict(
            person.sobject,
            person.salesforce_id or "",
            person.marketo_id or 0,
            name,
            ours,
            theirs,
            last_synced,
            winner,
            rule,
        )
    )
    if winner is Side.MARKETO:
        decided.to_salesforce[name] = theirs
    elif winner is Side.SALESFORCE:
        decided.to_marketo[name] = ours


def _actions(person: Person, decided: _Decisions, *, converted: bool) -> list[Action]:
    actions: list[Action] = []
    contested = {conflict.field for conflict in decided.conflicts}

    def reason(names: Iterable[str], source: Side) -> str:
        won = any(name in contested for name in names)
        text = f"changed in {source.value.capitalize()}"
        return f"{text}; {source.value.capitalize()} wins the conflict" if won else text

    if converted and person.link is not None:
        actions.append(
            MoveLink(
                side=Side.MARKETO,
                sobject=person.sobject,
                salesforce_id=person.salesforce_id,
                marketo_id=person.marketo_id,
                lead_id=person.link.salesforce_id,
                values={**decided.to_marketo, **person.traces},
                apart=decided.apart,
                reason="the Lead was converted",
                stamp=person.stamp,
            )
        )
    if decided.to_salesforce:
        actions.append(
            Update(
                side=Side.SALESFORCE,
                sobject=person.sobject,
                salesforce_id=person.salesforce_id,
                marketo_id=person.marketo_id,
                values=decided.to_salesforce,
                reason=reason(decided.to_salesforce, Side.MARKETO),
                stamp=person.stamp,
            )
        )
    to_marketo = decided.to_marketo | dict(person.traces)
    if to_marketo and not converted:
        actions.append(
            Update(
                side=Side.MARKETO,
                sobject=person.sobject,
                salesforce_id=person.salesforce_id,
                marketo_id=person.marketo_id,
                values=to_marketo,
                reason=reason(decided.to_marketo, Side.SALESFORCE),
                stamp=person.stamp,
            )
        )
    stamp_moved = person.stamp is not None and (person.link is None or person.link.stamp != person.stamp)
    if decided.remember or (stamp_moved and not actions):
        actions.append(
            Remember(
                side=Side.SALESFORCE,
                sobject=person.sobject,
                salesforce_id=person.salesforce_id,
                marketo_id=person.marketo_id,
                values=decided.remember,
                reason="both sides agree",
                stamp=person.stamp,
            )
        )
    return actions
