"""Two clients whose vendors are played by requests-mock, for the days on which a vendor misbehaves."""

import pytest
import requests

from syncengine.clients.marketo import MarketoClient, MarketoSettings
from syncengine.clients.salesforce import SalesforceClient, SalesforceSettings

SF = "https://acme.my.salesforce.test"
MKTO = "https://123-abc-456.mktorest.test"
DATE = "Mon, 05 Jan 2026 09:00:00 GMT"


class Waits(list):
    """Seconds that a client wanted to wait; nobody does."""

    def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def vendor(requests_mock):
    """Both vendors, giving out tokens: every Salesforce token is new, token-1, token-2 and so on."""
    given = iter(range(1, 100))
    requests_mock.post(
        f"{SF}/services/oauth2/token",
        json=lambda *_: {
            "access_token": f"token-{next(given)}",
            "instance_url": SF,
            "id": f"{SF}/id/00D000000000001EAA/005000000000001AAA",
        },
        headers={"Date": DATE},
    )
    tokens = iter(range(1, 100))
    requests_mock.post(
        f"{MKTO}/identity/oauth/token",
        json=lambda *_: {"access_token": f"token-{next(tokens)}", "token_type": "bearer", "expires_in": 3599},
        headers={"Date": DATE},
    )
    return requests_mock


@pytest.fixture
def salesforce(vendor, waits):
    settings = SalesforceSettings(SF, "client", "secret", username="sync@acme.test", password="pw", token="TOKEN")
    client = SalesforceClient(settings, session=requests.Session(), sleep=waits)
    yield client
    client.close()


@pytest.fixture
def marketo(vendor, waits):
    client = MarketoClient(MarketoSettings(MKTO, "client", "secret"), session=requests.Session(), sleep=waits)
    yield client
    client.close()


@pytest.fixture
def sent(vendor):
    """The requests that reached a vendor, those for tokens left out."""

    def list_them():
        return [each for each in vendor.request_history if "/oauth" not in each.path]

    return list_them
