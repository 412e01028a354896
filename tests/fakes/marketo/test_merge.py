from __future__ import annotations

import pytest

from .calls import attributes, error


@pytest.fixture
def people(api):
    api.sync(
        {"email": "a@example.org", "firstName": "A", "unsubscribed": False},
        {"email": "b@example.org", "firstName": "B", "phone": "555", "unsubscribed": True},
        {"email": "c@example.org", "city": "Oslo"},
    )


class TestMergeLeads:
    """Source: Marketo developer guide, "Merge Leads"."""

    @pytest.mark.usefixtures("people")
    def test_the_winners_values_stay_unless_they_are_empty(self, api):
        answer = api.post("/rest/v1/leads/1/merge.json?leadIds=2,3&mergeInCRM=False")

        assert answer.keys() == {"requestId", "success"}
        assert api.lead(1, "email", "firstName", "phone", "city", "unsubscribed") == {
            "id": 1,
            "email": "a@example.org",
            "firstName": "A",
            "phone": "555",
            "city": "Oslo",
            "unsubscribed": False,
        }
        assert api.result("/rest/v1/lead/2.json") == []

    @pytest.mark.usefixtures("people")
    def test_activities_and_memberships_move_and_the_merge_is_one_entry(self, api, instance):
        number = instance.lists.create("VIP")
        instance.lists.add(number, [1, 2], "test")

        api.post("/rest/v1/leads/1/merge.json?leadId=2", {})

        assert [e["leadId"] for e in api.activities(12)] == [1, 1, 3]
        assert [member["id"] for member in api.result(f"/rest/v1/lists/{number}/leads.json")] == [1]
        (entry,) = api.activities(32)
        assert (entry["leadId"], entry["primaryAttributeValueId"]) == (1, 1)
        assert attributes(entry)["Merge IDs"] == [2]
        assert attributes(entry)["Merge Source"] == "leaddb"
        assert api.result("/rest/v1/activities/deletedleads.json", nextPageToken=api.token_since()) == []

    @pytest.mark.usefixtures("people")
    def test_the_salesforce_record_wins_and_a_contact_over_a_lead(self, api, connector):
        connector.sync({"id": 2, "sfdcLeadId": "00Q1", "sfdcType": "Lead"}, action="updateOnly", lookupField="id")
        api.post("/rest/v1/leads/1/merge.json?leadId=2")
        assert api.lead(2, "sfdcLeadId")["sfdcLeadId"] == "00Q1"

        connector.sync({"id": 3, "sfdcContactId": "0031", "sfdcType": "Contact"}, action="updateOnly", lookupField="id")
        api.post("/rest/v1/leads/2/merge.json?leadId=3")
        assert api.lead(3, "sfdcId", "sfdcLeadId") == {"id": 3, "sfdcId": "0031", "sfdcLeadId": "00Q1"}

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("/rest/v1/leads/1/merge.json", "1003"),
            ("/rest/v1/leads/1/merge.json?leadId=2&leadIds=3", "1003"),
            ("/rest/v1/leads/1/merge.json?leadId=1", "1003"),
            ("/rest/v1/leads/1/merge.json?leadId=x", "1001"),
            ("/rest/v1/leads/1/merge.json?leadId=2&mergeInCRM=true", "610"),
            ("/rest/v1/leads/1/merge.json?leadIds=" + ",".join(str(n) for n in range(2, 28)), "1003"),
        ],
    )
    @pytest.mark.usefixtures("people")
    def test_refusals(self, api, path, code):
        assert error(api.post(path))[0] == code

    @pytest.mark.usefixtures("people")
    def test_an_unknown_lead_refuses_the_call_and_changes_nothing(self, api):
        assert error(api.post("/rest/v1/leads/1/merge.json?leadIds=2,12")) == ("1004", "Lead '12' not found")
        assert api.lead(2)["email"] == "b@example.org"
