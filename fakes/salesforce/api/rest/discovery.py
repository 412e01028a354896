"""REST: which versions there are, and which resources a version has.

Source: REST API Developer Guide, "Versions" and "Resources by Version".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from fakes.salesforce.api import http
from fakes.salesforce.org import NEWEST_VERSION, OLDEST_STRICT_VERSION

if TYPE_CHECKING:
    from flask import Response

discovery = Blueprint("discovery", __name__, url_prefix="/services/data")
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = ("tooling", "jobs", "query", "queryAll", "search", "parameterizedSearch", "sobjects", "limits",
              "composite", "recent", "actions", "process", "chatter", "support", "analytics", "ui-api",
              "quickActions", "appMenu", "tabs", "theme", "metadata", "event")  # fmt: skip


@discovery.get("")
def versions() -> Response:
    """Every version that answers, oldest first; nobody has to be logged in."""
    return http.answer(
        [
            {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(OLDEST_STRICT_VERSION, NEWEST_VERSION + 1)
        ]
    )


@discovery.get("/v<version>")
def resources(version: str) -> Response:
    """Each resource's address by its name, and who the caller is."""
    org_id, user_id = http.org().organization_id, http.user().id
    found = {name: f"/services/data/v{version}/{name}" for name in _RESOURCES}
    return http.answer({**found, "identity": f"{http.host()}/id/{org_id}/{user_id}"})


def _label(number: int) -> str:
    """The release that a version came with: 32.0 is Winter '15, 67.0 Summer '26."""
    season = (number - 33) % 3
    year = 15 + (number - 32) // 3 if season == 2 else 15 + (number - 33) // 3
    return f"{_SEASONS[season]} '{year}"
