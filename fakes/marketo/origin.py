"""Who changes a person, in the words of the activity log.

Source: Marketo developer guide, "Activities", and recorded entries. What the native sync writes was not found anywhere;
its two texts are ours and stand here only.
"""

from __future__ import annotations

from dataclasses import dataclass

WEB_SERVICE = "Web service API"
SALESFORCE_SOURCE = "salesforce.com"
SALESFORCE_REASON = "SFDC sync"


@dataclass(frozen=True, slots=True)
class Origin:
    """The source and reason of a change; ``campaign_id`` when a smart campaign made it.

    ``kept_as``: what Original Source Type of a person says that came to be this way.
    """

    source: str
    reason: str
    kept_as: str
    method: str | None = None
    user: str | None = None
    request_id: str | None = None
    campaign_id: int | None = None
    campaign_name: str | None = None

    def attributes(self) -> dict[str, str]:
        """What an entry says of its origin when a caller of the API made it; empty attributes are left away."""
        found = {"API Method Name": self.method, "Modifying User": self.user, "Request Id": self.request_id}
        return {name: value for name, value in found.items() if value is not None}


SALESFORCE = Origin(SALESFORCE_SOURCE, SALESFORCE_REASON, "Salesforce.com")
"""The native Salesforce sync."""

MANUAL = Origin("Lead update", "Manual person edit", "New person")
"""A marketer at the person's page."""

SCENARIO = Origin("List import", "List import", "List import")
"""The people who are there when a scenario starts."""


def by_api(method: str, user: str, request_id: str) -> Origin:
    """A call of the REST API, by the name that the log uses for the method (``syncLeads``)."""
    return Origin(WEB_SERVICE, WEB_SERVICE, WEB_SERVICE, method, user, request_id)


def by_step(step: str, campaign_id: int, campaign_name: str) -> Origin:
    """A flow step of a smart campaign."""
    reason = f"Changed by Smart Campaign {campaign_name} action {step}"
    return Origin(
        "Marketo Flow Action", reason, "Marketo Flow Action", campaign_id=campaign_id, campaign_name=campaign_name
    )
