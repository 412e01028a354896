"""What both sides look like at the moment a step fails: records, activity log, the last plan, the latest calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fakes.pytest_plugin.drivers import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.pytest_plugin.targets import Site

CALLS_SHOWN = 30
_NOISE = {"attributes", "PhotoUrl", "LastViewedDate", "LastReferencedDate"}


def gather(site: Site) -> dict[str, Any]:
    """Both sides, for everybody the scenario has spoken of.

    Looking must never hide why the step failed, so what cannot be read is said in its place.
    """
    emails = [*dict.fromkeys([*site.salesforce.mentioned, *site.marketo.mentioned])]
    return {
        "now": _tried(site.clock.now),
        "people": [
            {
                "email": email,
                "salesforce": _tried(partial(_salesforce, site, email)),
                "marketo": _tried(partial(_marketo, site, email)),
                "activities": _tried(partial(_activities, site, email)),
            }
            for email in emails
        ],
        "report": site.last_report,
        "calls": _tried(lambda: _calls(site)),
    }


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
        {"system": system, **{key: exchange[key] for key in ("at", "method", "path", "query", "status")}}
        for door, system in zip(site.doors, ("Salesforce", "Marketo"), strict=True)
        for exchange in door.requests(limit=str(CALLS_SHOWN))
    ]
    return sorted(found, key=lambda call: str(call["at"]))


def _has(value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, dict)
