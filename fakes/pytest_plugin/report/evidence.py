"""What both sides look like at the moment a step fails: records, activity log, the last plan, the latest calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from fakes.pytest_plugin.drivers import shown
from fakes.pytest_plugin.words import WORDS, NoSuchField, marketo_name, salesforce_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.pytest_plugin.targets import Site

CALLS_SHOWN = 30
CALL_LENGTH = 240
_NOISE = {"attributes", "PhotoUrl", "LastViewedDate", "LastReferencedDate"}


def gather(site: Site) -> dict[str, Any]:
    """Both sides, for everybody the scenario has spoken of.

    Looking must never hide why the step failed, so what cannot be read is said in its place.
    """
    calls = _tried(partial(_calls, site))  # before looking makes calls of its own
    emails = [*dict.fromkeys([*site.salesforce.mentioned, *site.marketo.mentioned])]
    return {
        "now": _tried(site.clock.now),
        "people": [_person(site, email) for email in emails],
        "report": site.last_report,
        "calls": calls,
    }


def _person(site: Site, email: str) -> dict[str, Any]:
    here, there = _tried(partial(_salesforce, site, email)), _tried(partial(_marketo, site, email))
    return {
        "email": email,
        "salesforce": here,
        "marketo": there,
        "compared": _compared(here, there),
        "activities": _tried(partial(_activities, site, email)),
    }


def _compared(here: Any, there: Any) -> list[dict[str, Any]]:
    """Field by field what both sides hold, where each has exactly one record."""
    if isinstance(here, str) or isinstance(there, str) or len(here) != 1 or len(there) != 1:
        return []
    sobject, ours, theirs = here[0]["title"].partition(" ")[0], here[0]["fields"], there[0]["fields"]
    custom = sorted(name for name in ours | theirs if name.endswith("__c"))
    rows = []
    for word in [*WORDS, *custom]:
        try:
            name = salesforce_name(word, sobject)
        except NoSuchField:
            continue
        values = (ours.get(name, ""), theirs.get(marketo_name(word), ""))
        if any(values):
            rows.append({"field": word, "salesforce": values[0], "marketo": values[1], "same": values[0] == values[1]})
    return rows


def _tried(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except Exception as problem:  # noqa: BLE001  the failure being reported is another one
        return f"could not be read: {problem}"


def _salesforce(site: Site, email: str) -> list[dict[str, Any]]:
    found = []
    for record in site.salesforce.records(email):
        values = site.salesforce.whole(record)
        fields = {name: shown(value) for name, value in values.items() if name not in _NOISE and _has(value)}
        found.append({"title": f"{record.sobject} {record.id}", "fields": fields})
    return found


def _marketo(site: Site, email: str) -> list[dict[str, Any]]:
    names = sorted(site.marketo.fields())
    found = []
    for person in site.marketo.persons(email, names):
        fields = {name: shown(value) for name, value in sorted(person.items()) if _has(value)}
        found.append({"title": f"person {person['id']}", "fields": fields, "id": person["id"]})
    return found


def _activities(site: Site, email: str) -> list[dict[str, Any]]:
    return [
        {
            "at": entry["activityDate"],
            "name": entry["name"],
            "primary": shown(entry.get("primaryAttributeValue")),
            "attributes": {name: shown(value) for name, value in entry["attributes"].items() if _has(value)},
        }
        for person in site.marketo.persons(email)
        for entry in site.marketo.activities_of(person["id"])
    ]


def _calls(site: Site) -> list[dict[str, Any]]:
    found = [
        {
            "system": system,
            "at": exchange["at"],
            "status": exchange["status"],
            "asked": f"{exchange['method']} {exchange['path']} {unquote_plus(exchange['query'])}"[:CALL_LENGTH],
        }
        for door, system in zip(site.doors, ("Salesforce", "Marketo"), strict=True)
        for exchange in door.requests(limit=str(CALLS_SHOWN))
    ]
    return sorted(found, key=lambda call: str(call["at"]))


def _has(value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, dict)
