"""Merging persons. Source: Marketo developer guide, "Merge Leads"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import activity_types as types
from .errors import InvalidRequest, LeadUnknown, NotModelled
from .origin import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .activities import Activities
    from .fields import Fields
    from .leads import Leads
    from .store import Store

MAX_LOSERS = 25

MERGE = Origin("Merge Leads", "Merge Leads", "Merge Leads")
"""What fills the winner's empty fields."""


class Merge:
    """One person out of several: the winner's values stay unless they are empty."""

    def __init__(self, store: Store, fields: Fields, leads: Leads, activities: Activities, *, native: bool) -> None:
        self._store = store
        self.fields = fields
        self._leads = leads
        self._activities = activities
        self._native = native

    def merge(self, winner_id: int, loser_ids: Sequence[int], *, in_crm: bool) -> int:
        """Merge the losers into the winner; the id that is left.

        With a native sync the Salesforce record wins over a Marketo-only person, and a Contact over a Lead, whatever
        the caller says. Activities, memberships and the link to Salesforce move to the winner.

        Raises:
            LeadUnknown: one of them does not exist.
            InvalidRequest: no losers, more than 25, the winner among them, or ``in_crm`` without a native sync.
            NotModelled: ``in_crm`` with one.
        """
        losers = list(dict.fromkeys(loser_ids))
        if not losers or winner_id in losers:
            raise InvalidRequest("Invalid request. Please check and try again.")
        if len(losers) > MAX_LOSERS:
            raise InvalidRequest(f"Too many leads specified. Maximum allowed is {MAX_LOSERS}")
        if in_crm:
            if not self._native:
                raise InvalidRequest("mergeInCRM is only valid with a native CRM sync")
            raise NotModelled("merge with mergeInCRM=true")
        with self._store.transaction():
            people = {}
            for number in (winner_id, *losers):
                person = self._store.whole_lead(number)
                if person is None:
                    raise LeadUnknown(f"'{number}'")
                people[number] = person
            if self._native:
                winner_id = _winner(winner_id, people)
            order = [winner_id, *(number for number in people if number != winner_id)]
            winner, others = people[winner_id], [people[number] for number in order[1:]]
            filled = self._filled(winner, others)
            for other in others:
                self._activities.move(other["id"], winner_id)
                self._store.run(
                    "INSERT OR IGNORE INTO list_member (list_id, lead_id, at) "
                    "SELECT list_id, ?, at FROM list_member WHERE lead_id = ?",
                    (winner_id, other["id"]),
                )
                self._store.delete_lead(other["id"])
            changed = self._leads.change(winner_id, filled, MERGE)
            self._activities.record(
                winner_id,
                types.MERGE_LEADS,
                {
                    "Master Updated": bool(changed),
                    "Merge Fields": ",".join(changed),
                    "Merge IDs": [other["id"] for other in others],
                    "Merge Source": "leaddb",
                    "Merged in Sales": False,
                },
                primary_id=winner_id,
                primary_value=winner["mktoName"],
            )
            return winner_id

    def _filled(self, winner: dict[str, Any], others: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """What the winner gets: false counts as a value, so no boolean is filled."""
        filled: dict[str, Any] = {}
        for field in self.fields:
            if field.written_by_marketo_only or field.data_type == "boolean" or winner[field.name] is not None:
                continue
            found = next((other[field.name] for other in others if other[field.name] is not None), None)
            if found is not None:
                filled[field.name] = found
        return filled


def _winner(wanted: int, people: dict[int, dict[str, Any]]) -> int:
    for kind in ("Contact", "Lead"):
        if people[wanted]["sfdcType"] == kind:
            return wanted
        found = [number for number, person in people.items() if person["sfdcType"] == kind]
        if found:
            return found[0]
    return wanted
