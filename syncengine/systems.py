"""The pair of systems that a sync stands between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncengine.clients.marketo import MarketoClient
    from syncengine.clients.salesforce import SalesforceClient


@dataclass(frozen=True, slots=True)
class Systems:
    """Both clients, each logged in as the user whose rights the sync has."""

    salesforce: SalesforceClient
    marketo: MarketoClient
