from __future__ import annotations

from datetime import timedelta

import pytest

from .calls import Calls, attributes, error, reason
from .conftest import app_of


class TestReadById:
    """Source: Marketo developer guide, "Leads", section "Query"."""

    def test_default_fields_in_the_recorded_order(self, api):
        api.sync({"email": "kim@example.org", "firstName": "Kim"})

        assert list(api.lead(1)) == ["id", "firstName", "lastName", "email", "updatedAt", "createdAt"]

    def test_id_comes_first_then_the_fields_as_asked_each_once(self, api):
        api.sync({"email": "kim@example.org", "firstName": "Kim"})

        assert api.lead(1, "email", "firstName", "email", "id") == {
            "id": 1,
            "email": "kim@example.org",
            "firstName": "Kim",
        }

    def test_an_empty_field_is_null_and_an_empty_boolean_false(self, api):
        api.sync({"email": "kim@example.org"})

        assert api.lead(1, "lastName", "unsubscribed") == {"id": 1, "lastName": None, "unsubscribed": False}

    def test_an_unknown_id_is_no_error(self, api):
        assert api.result("/rest/v1/lead/77.json") == []
        assert api.result(f"/rest/v1/lead/{10**30}.json") == []

    def test_an_unknown_field_is(self, api):
        assert error(api.get("/rest/v1/lead/1.json", fields="id,shoe")) == ("1006", "Field 'shoe' not found")

    def test_field_names_have_exactly_their_case(self, api):
        assert error(api.get("/rest/v1/lead/1.json", fields="FirstName"))[0] == "1006"


class TestReadByFilter:
    """Source: "Leads", section "Query by filter type"."""

    def find(self, api, **query):
        return api.get("/rest/v1/leads.json", **query)

    def test_finds_by_any_of_the_values_whatever_their_case_by_id_ascending(self, api):
        api.sync({"email": "a@example.org"}, {"email": "B@example.org"}, {"email": "c@example.org"})

        found = self.find(api, filterType="email", filterValues=" c@example.org,b@EXAMPLE.org,,nobody@example.org ")

        assert [lead["id"] for lead in found["result"]] == [2, 3]
        assert "nextPageToken" not in found
        assert "moreResult" not in found

    def test_twins_are_both_found(self, api):
        api.sync({"email": "t@example.org"}, {"email": "t@example.org"}, action="createDuplicate")

        found = self.find(api, filterType="email", filterValues="t@example.org")

        assert [lead["id"] for lead in found["result"]] == [1, 2]

    def test_pages_by_token_until_none_comes(self, api):
        api.sync(*({"email": f"{n}@example.org"} for n in range(7)))
        query = {"filterType": "id", "filterValues": "1,2,3,4,5,6,7", "batchSize": 3}

        pages, token = [], None
        while True:
            page = self.find(api, **query, **({"nextPageToken": token} if token else {}))
            pages.append([lead["id"] for lead in page["result"]])
            token = page.get("nextPageToken")
            if token is None:
                break

        assert pages == [[1, 2, 3], [4, 5, 6], [7]]

    @pytest.mark.parametrize(
        ("query", "code", "message"),
        [
            ({"filterValues": "1"}, "1002", "Missing value for the required parameter 'filterType'"),
            ({"filterType": "id"}, "1002", "Missing value for the required parameter 'filterValues'"),
            ({"filterType": "shoe", "filterValues": "1"}, "1006", "Field 'shoe' not found"),
            ({"filterType": "createdAt", "filterValues": "1"}, "1011", "Lookup field 'createdAt' not supported"),
            ({"filterType": "city", "filterValues": "Oslo"}, "1011", "Lookup field 'city' not supported"),
            ({"filterType": "id", "filterValues": "abc"}, "1001", "Invalid value 'abc'. Required of type 'Integer'"),
            (
                {"filterType": "id", "filterValues": "1", "batchSize": "many"},
                "1001",
                "Invalid value 'many'. Required of type 'Integer'",
            ),
            ({"filterType": "id", "filterValues": "1", "nextPageToken": "x"}, "1003", "Invalid nextPageToken"),
            ({"filterType": "id", "filterValues": "1", "fields": "shoe"}, "1006", "Field 'shoe' not found"),
        ],
    )
    def test_refusals(self, api, query, code, message):
        assert error(self.find(api, **query)) == (code, message)

    def test_300_values_and_not_301(self, api):
        assert self.find(api, filterType="id", filterValues=",".join(map(str, range(1, 301))))["success"]
        assert error(self.find(api, filterType="id", filterValues=",".join(map(str, range(1, 302)))))[0] == "1003"

    def test_1000_matches_and_not_1001(self, build):
        town = {"town": {"type": "string"}}
        instance = build(fields=town, persons=[{"town": "Oslo", "lastName": str(n)} for n in range(1000)])
        api = Calls(app_of(instance))

        assert len(self.find(api, filterType="town", filterValues="oslo")["result"]) == 300
        api.sync({"email": "one@example.org", "town": "Oslo"})
        assert error(self.find(api, filterType="town", filterValues="oslo")) == (
            "1003",
            "Too many results match the filter",
        )


class TestSyncLeads:
    """Source: "Leads", section "Create and Update"; the table of actions and matches."""

    @pytest.fixture(autouse=True)
    def world(self, api):
        """Nobody is none@, one person is one@, two are two@."""
        api.sync(*({"email": f"{name}@example.org"} for name in ("one", "two", "two")), action="createDuplicate")

    @pytest.mark.parametrize(
        ("action", "email", "expected"),
        [
            ("createOrUpdate", "none", {"id": 4, "status": "created"}),
            ("createOrUpdate", "one", {"id": 1, "status": "updated"}),
            ("createOrUpdate", "two", ("1007", "Multiple lead match lookup criteria")),
            ("createOnly", "none", {"id": 4, "status": "created"}),
            ("createOnly", "one", ("1005", "Lead already exists")),
            ("createOnly", "two", ("1005", "Lead already exists")),
            ("updateOnly", "none", ("1004", "Lead not found")),
            ("updateOnly", "one", {"id": 1, "status": "updated"}),
            ("updateOnly", "two", ("1007", "Multiple lead match lookup criteria")),
            ("createDuplicate", "none", {"id": 4, "status": "created"}),
            ("createDuplicate", "one", {"id": 4, "status": "created"}),
            ("createDuplicate", "two", {"id": 4, "status": "created"}),
        ],
    )
    def test_what_an_action_does_with_none_one_and_two_matches(self, api, action, email, expected):
        (row,) = api.sync({"email": f"{email}@example.org", "firstName": "F"}, action=action)

        if isinstance(expected, dict):
            assert row == expected
            assert api.lead(row["id"], "firstName")["firstName"] == "F"
        else:
            assert reason(row) == expected
            assert "id" not in row

    def test_rows_answer_in_their_order_and_a_bad_one_skips_itself_only(self, api):
        rows = api.sync(
            {"email": "one@example.org", "firstName": "A"},
            {"email": "two@example.org", "firstName": "B"},
            {"email": "one@example.org", "lastName": "C", "shoe": 43},
            {"email": "new@example.org", "lastName": "D"},
        )

        assert [row["status"] for row in rows] == ["updated", "skipped", "skipped", "created"]
        assert reason(rows[2]) == ("1006", "Field 'shoe' not found")
        assert api.lead(1, "firstName", "lastName") == {"id": 1, "firstName": "A", "lastName": None}

    def test_the_same_new_key_twice_is_created_then_updated(self, api):
        rows = api.sync({"email": "x@example.org"}, {"email": "X@example.org", "firstName": "F"})

        assert rows == [{"id": 4, "status": "created"}, {"id": 4, "status": "updated"}]

    def test_a_changed_address_looked_up_by_address_makes_another_person(self, api):
        assert api.sync({"email": "one-new@example.org"})[0] == {"id": 4, "status": "created"}

    def test_a_changed_address_looked_up_by_id_stays_the_person(self, api):
        (row,) = api.sync({"id": 1, "email": "one-new@example.org"}, action="updateOnly", lookupField="id")

        assert row == {"id": 1, "status": "updated"}
        assert api.lead(1)["email"] == "one-new@example.org"

    def test_ids_as_text_are_understood(self, api):
        (row,) = api.sync({"id": "1", "firstName": "F"}, action="updateOnly", lookupField="id")

        assert row["status"] == "updated"

    @pytest.mark.parametrize("members", [{}, {"action": "createOnly"}, {"action": "updateOnly"}, {"lookupField": "id"}])
    def test_an_id_is_only_for_update_only_by_id(self, api, members):
        assert reason(api.sync({"id": 1, "email": "one@example.org"}, **members)[0])[0] == "1003"

    @pytest.mark.parametrize("action", ["createOrUpdate", "createOnly", "updateOnly"])
    @pytest.mark.parametrize("record", [{"firstName": "F"}, {"email": None}, {"email": ""}])
    def test_a_record_needs_a_value_to_be_looked_up_by(self, api, action, record):
        assert reason(api.sync(record, action=action)[0]) == ("1003", "Value for lookup field 'email' not found")

    def test_create_duplicate_needs_none(self, api):
        assert api.sync({"firstName": "F"}, action="createDuplicate")[0]["status"] == "created"

    def test_an_unchanged_value_updates_nothing(self, api, clock):
        before = api.lead(1)
        clock.advance(timedelta(minutes=1))

        (row,) = api.sync({"email": "one@example.org"})

        assert row["status"] == "updated"
        assert api.lead(1) == before
        assert api.activities(13) == []

    def test_a_change_moves_updated_at(self, api, clock):
        clock.advance(timedelta(minutes=1))

        api.sync({"email": "one@example.org", "firstName": "F"})

        lead = api.lead(1)
        assert (lead["createdAt"], lead["updatedAt"]) == ("2026-01-05T09:00:00Z", "2026-01-05T09:01:00Z")

    @pytest.mark.parametrize(
        "name", ["createdAt", "sfdcType", "sfdcLeadId", "isLead", "sfdcId", "mktoName", "inferredCity"]
    )
    def test_what_marketo_keeps_cannot_be_written(self, api, name):
        (row,) = api.sync({"email": "one@example.org", name: "1"})

        code, message = reason(row)
        assert code == "1003"
        assert f"'{name}'" in message

    @pytest.mark.parametrize(
        ("body", "code", "message"),
        [
            ({}, "1003", "Leads not specified"),
            ({"input": []}, "1003", "Leads not specified"),
            ({"input": {}}, "609", "Invalid JSON"),
            ({"input": [{}], "lookupField": "shoe"}, "1006", "Lookup field 'shoe' not found"),
            ({"input": [{}], "lookupField": "city"}, "1011", "Lookup field 'city' not supported"),
            ({"input": [{}], "action": "merge"}, "1001", "Invalid value 'merge'. Required of type 'Action'"),
            ({"input": [{}] * 301}, "1003", "Too many leads specified. Maximum allowed is 300"),
        ],
    )
    def test_refusals_of_the_whole_call(self, api, body, code, message):
        assert error(api.post("/rest/v1/leads.json", body)) == (code, message)

    def test_a_record_that_is_none_skips_itself(self, api):
        rows = api.sync("nonsense", None, {"email": "one@example.org"})

        assert [row["status"] for row in rows] == ["skipped", "skipped", "updated"]

    def test_a_member_with_stray_blanks_is_understood(self, api):
        assert api.post("/rest/v1/leads.json", {"input": [{"email": "x@example.org"}], "asyncProcessing ": False})[
            "success"
        ]

    def test_an_unknown_partition_skips(self, api):
        (row,) = api.sync({"email": "one@example.org"}, partitionName="EMEA")

        assert reason(row) == ("1008", "Access denied to partition 'EMEA'")

    @pytest.mark.usefixtures("instance")
    def test_looks_up_by_a_custom_field(self, api):
        api.post(
            "/rest/v1/leads/schema/fields.json",
            {"input": [{"name": "shoeCode", "displayName": "Shoe Code", "dataType": "string"}]},
        )

        rows = api.sync({"shoeCode": "A1"}, {"shoeCode": "a1", "firstName": "F"}, lookupField="shoeCode")

        assert [row["status"] for row in rows] == ["created", "updated"]


class TestWhatAWriteLeaves:
    """Source: "Activities"; what each write logs."""

    def test_a_new_person_is_one_entry_and_its_first_values_are_none(self, api):
        api.sync({"email": "kim@example.org", "firstName": "Kim", "lastName": "Lee", "leadSource": "Web"})

        (entry,) = api.activities(12, 13)

        assert entry["activityTypeId"] == 12
        assert (entry["primaryAttributeValueId"], entry["primaryAttributeValue"]) == (1, "Kim Lee")
        assert "campaignId" not in entry
        assert attributes(entry).items() >= {
            ("Source Type", "Web service API"),
            ("Created Date", "2026-01-05"),
            ("Lead Source", "Web"),
        }

    def test_each_changed_field_is_one_entry_with_display_name_and_field_id(self, api):
        api.sync({"email": "kim@example.org", "title": "VP", "unsubscribed": False})
        answer = api.post(
            "/rest/v1/leads.json",
            {"input": [{"email": "kim@example.org", "title": "CTO", "unsubscribed": True, "company": "Acme"}]},
        )

        entries = api.activities(13)

        assert [(e["primaryAttributeValue"], e["primaryAttributeValueId"]) for e in entries] == [
            ("Job Title", 60),
            ("Unsubscribed", 79),
            ("Company Name", 4),
        ]
        assert attributes(entries[0]) == {
            "API Method Name": "syncLeads",
            "Modifying User": "api@syncrig.test",
            "New Value": "CTO",
            "Old Value": "VP",
            "Reason": "Web service API",
            "Request Id": answer["requestId"],
            "Source": "Web service API",
        }
        assert attributes(entries[1])["New Value"] == "True"

    def test_a_cleared_value_has_no_new_value(self, api):
        api.sync({"email": "kim@example.org", "title": "VP"})
        api.sync({"email": "kim@example.org", "title": None})

        (entry,) = api.activities(13)

        assert "New Value" not in attributes(entry)
        assert attributes(entry)["Old Value"] == "VP"


class TestDeleteLeads:
    """Source: "Leads", section "Delete"."""

    @pytest.fixture(autouse=True)
    def people(self, api):
        api.sync({"email": "a@example.org", "firstName": "A"}, {"email": "b@example.org"}, {"email": "c@example.org"})

    @pytest.mark.parametrize(
        ("method", "path", "kwargs"),
        [
            ("POST", "/rest/v1/leads/delete.json", {"json": {"input": [{"id": 1}, {"id": "9"}]}}),
            ("DELETE", "/rest/v1/leads.json", {"json": {"input": [{"id": 1}, {"id": 9}]}}),
            ("DELETE", "/rest/v1/leads.json?id=1,9", {}),
            ("DELETE", "/rest/v1/leads.json?id=1&id=9", {}),
            ("POST", "/rest/v1/leads/delete.json?id=1,9", {}),
        ],
    )
    def test_every_spelling(self, api, method, path, kwargs):
        deleted, unknown = api.raw(method, path, **kwargs).json["result"]

        assert deleted == {"id": 1, "status": "deleted"}
        assert reason(unknown) == ("1004", "Lead not found")
        assert unknown["id"] == 9

    def test_afterwards_only_deleted_leads_knows(self, api):
        api.sync({"email": "a@example.org", "firstName": "B"})
        api.post("/rest/v1/leads/delete.json", {"input": [{"id": 1}]})

        assert api.result("/rest/v1/lead/1.json") == []
        assert api.result("/rest/v1/leads.json", filterType="email", filterValues="a@example.org") == []
        assert [e["leadId"] for e in api.activities(12, 13)] == [2, 3]
        (entry,) = api.result("/rest/v1/activities/deletedleads.json", nextPageToken=api.token_since())
        assert (entry["leadId"], entry["activityTypeId"], entry["attributes"]) == (1, 37, [])
        assert (entry["primaryAttributeValueId"], entry["primaryAttributeValue"]) == (1, "B")

    def test_an_id_is_never_given_again(self, api):
        api.post("/rest/v1/leads/delete.json", {"input": [{"id": 3}]})

        assert api.sync({"email": "c@example.org"})[0] == {"id": 4, "status": "created"}

    def test_nobody_to_delete_is_refused(self, api):
        assert error(api.post("/rest/v1/leads/delete.json", {})) == ("1003", "Leads not specified")
        assert error(api.raw("DELETE", "/rest/v1/leads.json?id=x").json)[0] == "1001"


class TestPartitions:
    """Source: "Leads", section "Lead Partitions"; this fake has the one that every instance has."""

    def test_one_partition(self, api):
        assert [p["name"] for p in api.result("/rest/v1/leads/partitions.json")] == ["Default"]

    def test_moving(self, api):
        api.sync({"email": "a@example.org"})

        rows = api.post(
            "/rest/v1/leads/partitions.json",
            {
                "input": [
                    {"id": 1, "partitionName": "Default"},
                    {"id": 1, "partitionName": "EMEA"},
                    {"id": 5, "partitionName": "Default"},
                ]
            },
        )["result"]

        assert [row["status"] for row in rows] == ["updated", "skipped", "skipped"]
        assert [reason(row)[0] for row in rows[1:]] == ["1008", "1004"]
