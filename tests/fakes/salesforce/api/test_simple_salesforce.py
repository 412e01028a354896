"""The unmodified simple-salesforce client, over a real socket with TLS, which it insists on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from fakes.kit import tls
from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import empty
from fakes.kit.serve import serve
from fakes.salesforce.app import create_app
from fakes.salesforce.org import Org
from tests.fakes.salesforce.conftest import SYNC

FIELDS = {
    "Lead.Marketo_Id__c": {"type": "Number", "precision": 18, "scale": 0, "externalId": True},
    "Lead.Region__c": {"type": "Picklist", "values": ["North", "South"], "restricted": True},
}
RULES = {
    "Lead.Phone_If_Hot": {
        "formula": 'ISPICKVAL(Rating, "Hot") && ISBLANK(Phone)',
        "message": "A hot lead needs a phone.",
        "field": "Phone",
    }
}
ANNA = {"FirstName": "Anna", "LastName": "Berg", "Company": "Acme", "Email": "anna@example.com"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return tls.create(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def org():
    part = replace(
        empty().salesforce,
        fields=FIELDS,
        validation_rules=RULES,
        field_permissions={"Marketo Sync": {"Lead.Industry": "hidden", "Lead.Website": "read"}},
    )
    return Org.build(part, clock=VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC)))


@pytest.fixture(scope="module")
def url(org, authority):
    served = serve(create_app(org), "127.0.0.1", 0, tls=authority)
    yield served.url
    served.close()


@pytest.fixture
def session(authority):
    with requests.Session() as made:
        made.trust_env = False  # a REQUESTS_CA_BUNDLE of the machine would beat ours
        made.verify = str(authority.authority)
        yield made


@pytest.fixture
def salesforce(url, session):
    token, instance = SalesforceLogin(
        username=SYNC, password="syncrig", security_token="", session=session, scratch_url=url
    )
    assert f"https://{instance}" == url
    return Salesforce(instance_url=url, session_id=token, session=session)


def test_a_wrong_password(url, session):
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        SalesforceLogin(username=SYNC, password="no", security_token="", session=session, scratch_url=url)


def test_rows(salesforce):
    created = salesforce.Lead.create(ANNA)
    assert created["success"]
    assert salesforce.Lead.update(created["id"], {"Title": "Dr"}) == 204
    assert salesforce.Lead.get(created["id"])["Title"] == "Dr"
    assert salesforce.Lead.upsert("Marketo_Id__c/7", {"LastName": "Ek", "Company": "X"}) == 201
    assert salesforce.Lead.upsert("Marketo_Id__c/7", {"Title": "Prof"}) == 200
    assert salesforce.Lead.get_by_custom_id("Marketo_Id__c", "7")["Title"] == "Prof"
    assert salesforce.Lead.delete(created["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Lead.get(created["id"])


def test_describe_and_limits(salesforce):
    assert "Lead" in {entry["name"] for entry in salesforce.describe()["sobjects"]}
    fields = {field["name"]: field for field in salesforce.Lead.describe()["fields"]}
    assert "Industry" not in fields
    assert not fields["Website"]["updateable"]
    assert salesforce.Lead.metadata()["objectDescribe"]["name"] == "Lead"
    assert salesforce.limits()["DailyApiRequests"]["Max"]


def test_queries(salesforce, org):
    for number in range(250):
        row = {"LastName": f"L{number:03}", "Company": "Paging"}
        org.records.create("Lead", row, by=org.sync_user)
    soql = "SELECT Id, LastName FROM Lead WHERE Company = 'Paging' ORDER BY LastName"
    found = list(salesforce.query_all_iter(soql))
    assert [each["LastName"] for each in found] == [f"L{number:03}" for number in range(250)]
    first = salesforce.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    assert not first["done"]
    assert len(salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)["records"]) == 50
    salesforce.Lead.delete(found[0]["Id"])
    assert salesforce.query_all(soql)["totalSize"] == 249
    assert salesforce.query_all(soql, include_deleted=True)["totalSize"] == 250


def test_collections(salesforce):
    rows = [{"attributes": {"type": "Lead"}, **row} for row in (ANNA, {"LastName": "No company"})]
    good, bad = salesforce.restful("composite/sobjects", method="POST", json={"records": rows})
    assert good["success"]
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Rating": "Hot"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ({"Company": None}, "REQUIRED_FIELD_MISSING"),
        ({"Industry": "Banking"}, "INVALID_FIELD"),
        ({"Website": "https://example.com"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Region__c": "East"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"AnnualRevenue": "a lot"}, "JSON_PARSER_ERROR"),
    ],
)
def test_refusals_are_the_clients_own_exceptions(salesforce, change, code):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.Lead.create({**ANNA, **change})

    assert refused.value.content[0]["errorCode"] == code


def test_an_ambiguous_key(salesforce):
    for _ in range(2):
        salesforce.Lead.create({**ANNA, "Email": "twin@example.com"})

    with pytest.raises(SalesforceMoreThanOneRecord):
        salesforce.Lead.upsert("Email/twin@example.com", {"Title": "Dr"})


def test_an_expired_session(salesforce, org):
    org.sessions.expire_all()

    with pytest.raises(SalesforceExpiredSession):
        salesforce.Lead.create(ANNA)
