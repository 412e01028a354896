"""What the console shows, as data: each person on both sides, what they agree on, and what the log says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakes.marketo.instance import Instance
    from fakes.salesforce.org import Org

SHOWN = (
    ("Name", "Name", ""),
    ("Email", "Email", "email"),
    ("Phone", "Phone", "phone"),
    ("Company", "Company", "company"),
    ("Title", "Title", "title"),
    ("Status", "Status", "leadStatus"),
    ("Rating", "Rating", "rating"),
    ("City", "City", "city"),
)
"""Label, Lead field, lead field of Marketo; a Contact's company is its Account's name, its city the mailing city."""

CONTACT_FIELDS = {"Company": "Account.Name", "City": "MailingCity", "Status": "", "Rating": ""}
LINKS = ("sfdcLeadId", "sfdcContactId", "syncrigSfdcId")
MARKETO_FIELDS = ("firstName", "lastName", *(name for _, _, name in SHOWN if name))


@dataclass(frozen=True)
class Cell:
    """One value on both sides; ``differs`` when both are there and are not alike."""

    label: str
    salesforce: str
    marketo: str
    differs: bool


@dataclass(frozen=True)
class Person:
    """One person: a record, a Marketo lead, or both when they are linked."""

    name: str
    salesforce_id: str | None
    sobject: str | None
    deleted: bool
    marketo_id: int | None
    cells: tuple[Cell, ...]
    log: tuple[dict[str, Any], ...] = field(default=())


def people(org: Org, instance: Instance, search: str = "") -> list[Person]:
    """Everybody, those who exist on both sides first; ``search`` is looked for in every value shown."""
    links = [name for name in LINKS if name in instance.fields]
    leads = {lead["id"]: lead for lead in _leads(instance, links)}
    linked: dict[str, int] = {}
    for lead in leads.values():
        for name in links:
            if lead.get(name):
                linked[lead[name]] = lead["id"]
    found = []
    for sobject, record in _records(org):
        lead_id = linked.get(record["Id"])
        found.append(_person(sobject, record, None if lead_id is None else leads.pop(lead_id, None)))
    found.sort(key=lambda person: person.marketo_id is None)
    found += [_person(None, None, lead) for lead in leads.values()]
    wanted = search.strip().casefold()
    return [person for person in found if not wanted or wanted in _text(person)]


def with_log(person: Person, instance: Instance) -> Person:
    """The person with the newest entries of its activity log, latest first."""
    if person.marketo_id is None:
        return person
    entries = tuple(_entry(entry) for entry in reversed(instance.activities.log(person.marketo_id, limit=50)))
    return Person(**{**person.__dict__, "log": entries})


def _leads(instance: Instance, links: list[str]) -> Iterator[Mapping[str, Any]]:
    after = 0
    while True:
        page = instance.leads.browse([*MARKETO_FIELDS, *links], after=after)
        yield from page.records
        if page.next_token is None:
            return
        after = page.records[-1]["id"]


def _records(org: Org) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Leads and Contacts, deleted ones too; a converted Lead is the Contact that it became."""
    by = org.administrator
    for sobject, where in (("Lead", "WHERE IsConverted = false"), ("Contact", "")):
        fields = dict.fromkeys(name for _, name, _ in _shown(sobject) if name)
        result = org.query.run(
            f"SELECT Id, IsDeleted, {', '.join(fields)} FROM {sobject} {where} ORDER BY LastName, FirstName",  # noqa: S608  SOQL of constants
            by=by,
            include_deleted=True,
        )
        while True:
            yield from ((sobject, record) for record in result.records)
            if result.next_locator is None:
                break
            result = org.query.more(result.next_locator, by=by)


def _shown(sobject: str | None) -> Iterator[tuple[str, str, str]]:
    for label, name, marketo in SHOWN:
        yield label, CONTACT_FIELDS.get(name, name) if sobject == "Contact" else name, marketo


def _person(sobject: str | None, record: Mapping[str, Any] | None, lead: Mapping[str, Any] | None) -> Person:
    cells = []
    for label, name, marketo in _shown(sobject):
        left = _value(record, name) if record and name else ""
        right = _name(lead) if lead and not marketo else _plain(lead.get(marketo)) if lead else ""
        if left or right:
            comparable = bool(record and lead and name)
            cells.append(Cell(label, left, right, comparable and left.casefold() != right.casefold()))
    return Person(
        name=next((cell.salesforce or cell.marketo for cell in cells if cell.label == "Name"), "(no name)"),
        salesforce_id=record["Id"] if record else None,
        sobject=sobject,
        deleted=bool(record and record["IsDeleted"]),
        marketo_id=lead["id"] if lead else None,
        cells=tuple(cells),
    )


def _value(record: Mapping[str, Any], path: str) -> str:
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if value else None
    return _plain(value)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _name(lead: Mapping[str, Any]) -> str:
    return " ".join(_plain(lead.get(name)) for name in ("firstName", "lastName") if lead.get(name))


def _text(person: Person) -> str:
    parts = [person.name, person.salesforce_id or "", str(person.marketo_id or "")]
    parts += [value for cell in person.cells for value in (cell.salesforce, cell.marketo)]
    return "\n".join(parts).casefold()


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {item["name"]: item["value"] for item in entry.get("attributes", [])}
    return {
        "at": entry["activityDate"],
        "type": entry["activityTypeId"],
        "name": entry["typeName"],
        "primary": entry.get("primaryAttributeValue") or "",
        "attributes": {name: value for name, value in attributes.items() if value not in {None, ""}},
        "failed": any("error" in name.casefold() for name in attributes),
    }
