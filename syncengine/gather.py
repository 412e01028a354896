"""From vendors' rows to persons: which link, what each side shows, and what must still be looked up for the plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from syncengine import detect
from syncengine.detect import GONE, MarketoNews
from syncengine.model import Link, Person, Shown, Side, Value, parse_instant
from syncengine.reconcile import changed, needs_salesforce

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from syncengine.mapping import ObjectMapping
    from syncengine.state.store import Intent, StateStore
    from syncengine.systems import Systems
    from syncengine.traces import Traces


@dataclass(slots=True)
class Gathering:
    """Builds persons for the plan, with as few calls as it can.

    Args:
        mappings: by sobject, as the sync user sees the fields now.
        news: what Marketo's log said in this cycle.
        at_work: Leads that a flow action is creating right now; their rows wait for the next cycle.
        handled: Marketo persons that this cycle has dealt with.
        waiting: stamps of rows that this cycle must leave for the next.
    """

    systems: Systems
    state: StateStore
    mappings: Mapping[str, ObjectMapping]
    traces: Traces
    marketo_batch: int = 300
    news: MarketoNews = field(default_factory=MarketoNews)
    at_work: Sequence[Intent] = ()
    handled: set[int] = field(default_factory=set)
    waiting: list[datetime] = field(default_factory=list)

    def from_salesforce(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> list[Person]:
        """Persons for the rows of one page that may need something; rows that equal last synced give none."""
        mapping = self.mappings[sobject]
        links = self.state.links_to(row["Id"] for row in rows)
        new: list[tuple[Mapping[str, Any], Shown]] = []
        converted: list[tuple[Mapping[str, Any], Link]] = []
        known: list[tuple[Mapping[str, Any], Shown, Link]] = []
        persons: list[Person] = []
        for row in rows:
            link = links.get(row["Id"])
            shown = detect.shown_by_salesforce(mapping, row, link, self.systems.salesforce.user_id)
            if link is None:
                new.append((row, shown))
            elif link.ended:
                persons.append(_person(sobject, row, shown, link))
            elif link.marketo_id in self.news.deleted:
                self.handled.add(link.marketo_id)
                persons.append(_person(sobject, row, shown, link, GONE))
            elif row.get("IsConverted") and not shown.deleted:
                if shown.moved and not link.deleted:
                    converted.append((row, link))
            elif shown.deleted:
                persons += [] if link.deleted else [_person(sobject, row, shown, link)]
            elif self._interesting(mapping, shown, link):
                known.append((row, shown, link))
        leads = self._leads(mapping, (link.marketo_id for _, _, link in known))
        for row, shown, link in known:
            self.handled.add(link.marketo_id)
            persons.append(_person(sobject, row, shown, link, leads[link.marketo_id]))
        return persons + self._conversions(converted) + self._new(sobject, new)

    def from_marketo(self, ids: Iterable[int]) -> list[Person]:
        """Persons for leads that changed in Marketo, or wait for a write; unlinked ones are left alone (DIR-17)."""
        links = [link for link in self.state.links_of(ids).values() if not link.ended]
        persons: list[Person] = []
        for sobject, mapping in self.mappings.items():
            of_sobject = [link for link in links if link.sobject == sobject]
            leads = self._leads(
                mapping,
                (link.marketo_id for link in of_sobject if link.marketo_id not in self.news.deleted),
            )
            found = []
            for link in of_sobject:
                shown = GONE if link.marketo_id in self.news.deleted else leads[link.marketo_id]
                if shown.deleted or link.attempts > 0 or _left(mapping, shown, link):
                    found.append(Person(sobject, link.salesforce_id, link.marketo_id, marketo=shown, link=link))
            persons += self._with_records(mapping, found)
        return persons

    def _with_records(self, mapping: ObjectMapping, persons: Sequence[Person]) -> list[Person]:
        """The persons with their records where the plan must see them; a converted Lead's is the Contact."""
        wanted = [person.salesforce_id or "" for person in persons if needs_salesforce(person, mapping)]
        rows = detect.records(self.systems.salesforce, mapping, wanted)
        whole: list[Person] = []
        for person in persons:
            row = rows.get(person.salesforce_id or "")
            link = person.link
            if row is None or link is None:
                whole.append(person)
            elif row.get("IsConverted") and not row.get("IsDeleted"):
                whole += self._conversions([(row, link)])
            else:
                shown = detect.shown_by_salesforce(mapping, row, link, self.systems.salesforce.user_id)
                whole.append(_person(mapping.sobject, row, shown, link, person.marketo))
        return whole

    def _interesting(self, mapping: ObjectMapping, shown: Shown, link: Link) -> bool:
        waits = link.attempts > 0 and not link.set_aside
        if shown.moved or link.deleted or waits or link.marketo_id in self.news.changed:
            return True
        for pair in mapping.pairs:
            if pair.calculated or pair.shadow or pair.name not in shown.values:
                continue
            value = shown.values[pair.name]
            if pair.name not in link.agreed:
                if value is not None and value is not False:
                    return True
            elif changed(pair, Side.SALESFORCE, link.agreed, value):
                return True
        return False

    def _leads(self, mapping: ObjectMapping, ids: Iterable[int]) -> dict[int, Shown]:
        """What Marketo shows of persons by id; one that it no longer has is gone."""
        wanted = list(ids)
        found = dict.fromkeys(wanted, GONE)
        names = ["id", *mapping.by_name]
        for lead in detect.leads_by(self.systems.marketo, "id", wanted, names, size=self.marketo_batch):
            lead_id = int(lead["id"])
            found[lead_id] = detect.shown_by_marketo(mapping, lead, self.news.changed.get(lead_id))
        return found

    def _new(self, sobject: str, rows: Sequence[tuple[Mapping[str, Any], Shown]]) -> list[Person]:
        """Records without a link: persons that carry their id, Leads that were converted, and new persons."""
        mapping = self.mappings[sobject]
        rows = [(row, shown) for row, shown in rows if not shown.deleted and not self._in_the_making(row, shown)]
        if not rows:
            return []
        id_field = self.traces.id_fields[sobject]
        carriers: dict[str, dict[str, Any]] = {}
        for lead in detect.leads_by(
            self.systems.marketo,
            id_field,
            [row["Id"] for row, _ in rows],
            ["id", *self.traces.fields, *mapping.by_name],
            size=self.marketo_batch,
        ):
            if self.traces.link_of(lead) == (sobject, lead[id_field]):
                carriers.setdefault(str(lead[id_field]), lead)
        linked = self.state.links_of(int(lead["id"]) for lead in carriers.values())
        persons = []
        fresh: list[tuple[Mapping[str, Any], Shown]] = []
        for row, shown in rows:
            carrier = carriers.get(row["Id"])
            if carrier is None:
                fresh.append((row, shown))
                continue
            lead_id = int(carrier["id"])
            if lead_id not in linked or linked[lead_id].ended:
                self.handled.add(lead_id)
                person = _person(sobject, row, shown, None, detect.shown_by_marketo(mapping, carrier))
                persons.append(replace(person, marketo_id=lead_id))
        fresh = [(row, shown) for row, shown in fresh if not row.get("IsConverted")]
        if sobject == "Contact" and fresh and "Lead" in self.mappings:
            was_lead = detect.conversions(self.systems.salesforce, (row["Id"] for row, _ in fresh))
            lead_links = self.state.links_to(was_lead.values())
            moved = {contact: lead_links[lead] for contact, lead in was_lead.items() if lead in lead_links}
            persons += self._moved_links([(row, moved[row["Id"]]) for row, _ in fresh if row["Id"] in moved])
            fresh = [(row, shown) for row, shown in fresh if row["Id"] not in moved]
        return persons + [_person(sobject, row, shown, None) for row, shown in fresh]

    def _in_the_making(self, row: Mapping[str, Any], shown: Shown) -> bool:
        """Whether a flow action is creating this record at this moment: it will link it itself."""
        for intent in self.at_work:
            given = intent.action.values
            if shown.ours and all(shown.values.get(name) == given.get(name) for name in ("lastName", "email")):
                self.waiting.append(parse_instant(row["SystemModstamp"]))
                return True
        return False

    def _conversions(self, converted: Sequence[tuple[Mapping[str, Any], Link]]) -> list[Person]:
        """Persons whose Lead became a Contact; as long as the Contact cannot be read they stay a Lead (U-17)."""
        if not converted:
            return []
        contacts: dict[str, dict[str, Any]] = {}
        if (mapping := self.mappings.get("Contact")) is not None:
            ids = [row["ConvertedContactId"] for row, _ in converted if row.get("ConvertedContactId")]
            contacts = detect.records(self.systems.salesforce, mapping, ids)
        readable: list[tuple[Mapping[str, Any], Link]] = []
        staying: list[tuple[Mapping[str, Any], Link]] = []
        for row, link in converted:
            contact = contacts.get(row.get("ConvertedContactId") or "")
            if contact is None or contact.get("IsDeleted"):
                staying.append((row, link))
            else:
                readable.append((contact, link))
        leads = self.mappings["Lead"]
        persons = self._moved_links(
            readable, {link.marketo_id: _conversion_traces(leads, row) for row, link in converted}
        )
        shown_in_marketo = self._leads(leads, (link.marketo_id for _, link in staying))
        for row, link in staying:
            self.handled.add(link.marketo_id)
            shown = detect.shown_by_salesforce(leads, row, link, self.systems.salesforce.user_id)
            persons.append(_person("Lead", row, shown, link, shown_in_marketo[link.marketo_id]))
        return persons

    def _moved_links(
        self,
        contacts: Sequence[tuple[Mapping[str, Any], Link]],
        traces: Mapping[int, dict[str, Value]] | None = None,
    ) -> list[Person]:
        if not contacts:
            return []
        mapping = self.mappings["Contact"]
        others = self.state.links_to(row["Id"] for row, _ in contacts)
        leads = self._leads(mapping, (link.marketo_id for _, link in contacts))
        persons = []
        for row, link in contacts:
            self.handled.add(link.marketo_id)
            shown = detect.shown_by_salesforce(mapping, row, link, self.systems.salesforce.user_id)
            other = others.get(row["Id"])
            persons.append(
                Person(
                    "Contact",
                    row["Id"],
                    link.marketo_id,
                    salesforce=shown,
                    marketo=leads[link.marketo_id],
                    link=link,
                    stamp=row["SystemModstamp"],
                    traces=(traces or {}).get(link.marketo_id, {}),
                    duplicate_of=other.marketo_id
                    if other is not None and other.marketo_id != link.marketo_id and not other.ended
                    else None,
                )
            )
        return persons


def _person(
    sobject: str, row: Mapping[str, Any], shown: Shown, link: Link | None, marketo: Shown | None = None
) -> Person:
    return Person(
        sobject,
        row["Id"],
        link.marketo_id if link else None,
        salesforce=shown,
        marketo=marketo,
        link=link,
        stamp=row["SystemModstamp"],
    )


def _left(mapping: ObjectMapping, shown: Shown, link: Link) -> bool:
    """Whether anything that could be pushed left last synced in Marketo."""
    return any(
        pair.push
        and (
            changed(pair, Side.MARKETO, link.agreed, shown.values[pair.name])
            if pair.name in link.agreed
            else shown.values[pair.name] is not None
        )
        for pair in mapping.pairs
        if pair.name in shown.values
    )


def _conversion_traces(leads: ObjectMapping, row: Mapping[str, Any]) -> dict[str, Value]:
    """The marks of a conversion that only the Lead's row tells."""
    values = leads.values(Side.SALESFORCE, row)
    return {
        pair.name: values[pair.name]
        for pair in leads.pairs
        if pair.shadow and pair.salesforce in {"IsConverted", "ConvertedDate"} and pair.name in values
    }
