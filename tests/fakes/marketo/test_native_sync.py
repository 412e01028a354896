from __future__ import annotations

import pytest

from .calls import attributes, reason

LEAD_ID, CONTACT_ID = "00Q000000000001AAA", "003000000000001AAA"


@pytest.fixture
def person(connector):
    (row,) = connector.sync(
        {"sfdcLeadId": LEAD_ID, "sfdcType": "Lead", "firstName": "Anna", "lastName": "Berg", "company": "Acme"},
        lookupField="sfdcLeadId",
    )
    assert row == {"id": 1, "status": "created"}
    return 1


class TestWhatTheConnectorWrites:
    """Ours: whoever runs the native sync is Marketo's own connector. Texts of source and reason are ours, too."""

    @pytest.mark.usefixtures("person")
    def test_a_new_person_says_that_it_came_from_salesforce(self, connector):
        (entry,) = connector.activities(12)

        assert attributes(entry) == {"Created Date": "2026-01-05", "SFDC Type": "Lead", "Source Type": "salesforce.com"}
        assert entry["primaryAttributeValue"] == "Anna Berg"
        assert connector.lead(1, "originalSourceType")["originalSourceType"] == "Salesforce.com"

    @pytest.mark.usefixtures("person")
    def test_the_id_of_the_record_is_the_contacts_else_the_leads(self, connector):
        assert connector.lead(1, "sfdcId", "sfdcType") == {"id": 1, "sfdcId": LEAD_ID, "sfdcType": "Lead"}

        connector.sync(
            {"id": 1, "sfdcContactId": CONTACT_ID, "sfdcType": "Contact", "sfdcIsConverted": True},
            action="updateOnly",
            lookupField="id",
        )

        assert connector.lead(1, "sfdcId", "sfdcLeadId", "sfdcIsConverted", "personType") == {
            "id": 1,
            "sfdcId": CONTACT_ID,
            "sfdcLeadId": LEAD_ID,
            "sfdcIsConverted": True,
            "personType": "contact",
        }

    @pytest.mark.usefixtures("person")
    def test_a_change_says_so_too(self, connector):
        connector.sync({"id": 1, "phone": "555"}, action="updateOnly", lookupField="id")

        (entry,) = connector.activities(13)
        assert attributes(entry) == {"New Value": "555", "Reason": "SFDC sync", "Source": "salesforce.com"}
        assert attributes(connector.changes("phone")[-1])["Source"] == "salesforce.com"

    @pytest.mark.usefixtures("person")
    def test_found_by_the_record_it_is_no_change(self, connector):
        (row,) = connector.sync({"sfdcLeadId": LEAD_ID, "title": "T"}, lookupField="sfdcLeadId")

        assert row == {"id": 1, "status": "updated"}
        assert [e["primaryAttributeValue"] for e in connector.activities(13)] == ["Job Title"]

    @pytest.mark.parametrize("name", ["createdAt", "sfdcId", "inferredCity", "mktoName"])
    @pytest.mark.usefixtures("person")
    def test_what_is_marketos_own_it_does_not_write(self, connector, name):
        (row,) = connector.sync({"id": 1, name: "2026-01-01"}, action="updateOnly", lookupField="id")

        assert reason(row)[0] == "1003"

    @pytest.mark.usefixtures("connector", "person")
    def test_no_quota_counts_it(self, instance):
        assert instance.quota.usage(1)[0]["total"] == 0


class TestEverybodyElse:
    """Source: Marketo developer guide, "Leads"; on an instance with a CRM sync."""

    @pytest.mark.usefixtures("person")
    def test_the_link_cannot_be_written_and_can_be_searched(self, api):
        assert reason(api.sync({"id": 1, "sfdcLeadId": "x"}, action="updateOnly", lookupField="id")[0])[0] == "1003"
        assert reason(api.sync({"sfdcLeadId": "x", "email": "a@example.org"}, lookupField="sfdcLeadId")[0])[0] == "1003"
        assert [p["id"] for p in api.result("/rest/v1/leads.json", filterType="sfdcLeadId", filterValues=LEAD_ID)] == [
            1
        ]
        (row,) = api.sync({"sfdcLeadId": LEAD_ID, "title": "T"}, lookupField="sfdcLeadId", action="updateOnly")
        assert row == {"id": 1, "status": "updated"}

    @pytest.mark.usefixtures("person")
    def test_company_fields_of_a_contact_come_from_its_account(self, api, connector):
        assert api.sync({"id": 1, "company": "B"}, action="updateOnly", lookupField="id")[0]["status"] == "updated"

        connector.sync({"id": 1, "sfdcType": "Contact"}, action="updateOnly", lookupField="id")

        (row,) = api.sync({"id": 1, "company": "C"}, action="updateOnly", lookupField="id")
        assert reason(row) == ("1021", "Company update not allowed")
        (row,) = connector.sync({"id": 1, "company": "C"}, action="updateOnly", lookupField="id")
        assert row["status"] == "updated"

    @pytest.mark.parametrize("name", ["externalCompanyId", "externalSalesPersonId"])
    @pytest.mark.usefixtures("person")
    def test_what_a_crm_sync_makes_pointless(self, api, name):
        (row,) = api.sync({"id": 1, name: "x"}, action="updateOnly", lookupField="id")

        assert reason(row) == ("1011", f"Field '{name}' not supported")
