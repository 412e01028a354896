from __future__ import annotations

import pytest

from .calls import attributes, error

TYPE = {
    "apiName": "salesforceSyncError",
    "name": "Salesforce Sync Error",
    "triggerName": "Has Salesforce Sync Error",
    "filterName": "Had Salesforce Sync Error",
    "description": "A refusal",
    "primaryAttribute": {"apiName": "summary", "name": "Summary", "dataType": "string"},
}
PATH = "/rest/v1/activities/external"


def add(api, **row):
    row = {"leadId": 1, "activityDate": "2026-01-05T09:00:00Z", **row}
    (result,) = api.post(f"{PATH}.json", {"input": [row]})["result"]
    return result


@pytest.fixture
def lead(api):
    return api.sync({"email": "a@example.org", "firstName": "Anna"})[0]["id"]


@pytest.fixture
def approved(api, lead):
    api.post(f"{PATH}/type.json", TYPE)
    api.post(
        f"{PATH}/type/salesforceSyncError/attributes/create.json",
        {
            "attributes": [
                {"apiName": "code", "name": "Error Code", "dataType": "string"},
                {"apiName": "tries", "name": "Tries", "dataType": "integer"},
            ]
        },
    )
    return api.post(f"{PATH}/type/salesforceSyncError/approve.json")["result"][0]


class TestCustomActivityTypes:
    """Source: Marketo developer guide, "Custom Activity Types"."""

    @pytest.mark.usefixtures("lead")
    def test_a_new_type_is_a_draft_and_takes_no_activities(self, api):
        (made,) = api.post(f"{PATH}/type.json", TYPE)["result"]

        assert (made["id"], made["status"], made["apiName"]) == (100_001, "draft", "salesforceSyncError")
        assert add(api, activityTypeId=100_001, primaryAttributeValue="x")["status"] == "skipped"
        assert api.result(f"{PATH}/types.json")[0]["status"] == "draft"

    def test_an_approved_type_stands_in_the_catalogue(self, api, approved):
        assert approved["status"] == "approved"
        (entry,) = [t for t in api.result("/rest/v1/activities/types.json") if t["id"] == 100_001]
        assert entry["apiName"] == "salesforceSyncError"
        assert [a["name"] for a in entry["attributes"]] == ["Error Code", "Tries"]
        assert entry["primaryAttribute"]["name"] == "Summary"

    @pytest.mark.usefixtures("approved")
    def test_a_change_makes_a_draft_beside_the_approved_version(self, api):
        path = f"{PATH}/type/salesforceSyncError"
        api.post(f"{path}/attributes/delete.json", {"attributes": [{"apiName": "tries"}]})

        assert api.result(f"{path}/describe.json")[0]["status"] == "approved with draft"
        assert len(api.result(f"{path}/describe.json")[0]["attributes"]) == 2
        assert len(api.result(f"{path}/describe.json", draft="true")[0]["attributes"]) == 1
        api.post(f"{path}/discardDraft.json")
        assert api.result(f"{path}/describe.json", draft="true")[0]["status"] == "approved"

    @pytest.mark.usefixtures("approved")
    def test_refusals(self, api):
        assert error(api.post(f"{PATH}/type.json", TYPE)) == ("1017", "Object already exists")
        assert error(api.post(f"{PATH}/type.json", {"apiName": "x"}))[0] == "1002"
        assert error(api.post(f"{PATH}/type/nobody/approve.json"))[0] == "1013"
        assert error(api.get(f"{PATH}/type/nobody/describe.json"))[0] == "1013"

    def test_ten_types_and_twenty_attributes(self, api):
        def make(number):
            words = {key: f"{TYPE[key]} {number}" for key in ("name", "triggerName", "filterName")}
            return api.post(f"{PATH}/type.json", {**TYPE, **words, "apiName": f"type{number}"})

        assert all(make(number)["success"] for number in range(10))
        assert error(make(10)) == ("1027", "Max Activity Type Limit Reached")
        many = [{"apiName": f"a{n}", "dataType": "string"} for n in range(21)]
        path = f"{PATH}/type/type0/attributes/create.json"
        assert api.post(path, {"attributes": many[:20]})["success"]
        assert error(api.post(path, {"attributes": many[20:]})) == ("1028", "Max field limit reached")


class TestAddCustomActivities:
    """Source: "Custom Activities"."""

    @pytest.mark.usefixtures("approved")
    def test_it_is_read_back_with_its_names(self, api):
        row = add(
            api,
            apiName="salesforceSyncError",
            primaryAttributeValue="Failed to update SFDC",
            attributes=[{"apiName": "code", "value": "X"}, {"name": "Tries", "value": "3"}],
        )

        assert row["status"] == "added"
        (entry,) = api.activities(100_001)
        assert (entry["id"], entry["marketoGUID"]) == (row["id"], row["marketoGUID"])
        assert entry["primaryAttributeValue"] == "Failed to update SFDC"
        assert attributes(entry) == {"Error Code": "X", "Tries": 3}

    @pytest.mark.usefixtures("approved")
    def test_an_older_date_is_kept(self, api):
        add(api, activityTypeId=100_001, primaryAttributeValue="x", activityDate="2026-01-02T00:00:00Z")

        assert api.activities(100_001, since="2026-01-03T00:00:00Z") == []
        assert api.activities(100_001)[0]["activityDate"] == "2026-01-02T00:00:00Z"

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"leadId": 99}, "1004"),
            ({"leadId": "x"}, "1001"),
            ({"leadId": None}, "1002"),
            ({"activityDate": None}, "1002"),
            ({"activityDate": "lately"}, "1001"),
            ({"activityTypeId": 12}, "1003"),
            ({"activityTypeId": 19}, "1003"),
            ({"primaryAttributeValue": None}, "1002"),
            ({"attributes": [{"apiName": "shoe", "value": 1}]}, "1006"),
            ({"attributes": [{"apiName": "tries", "value": "many"}]}, "1003"),
            ({"attributes": "many"}, "1001"),
            ({"attributes": [{"apiName": "code", "value": "x" * 70_000}]}, "1049"),
        ],
    )
    @pytest.mark.usefixtures("approved")
    def test_a_bad_row_is_skipped_with_errors(self, api, changed, code):
        row = add(api, **{"activityTypeId": 100_001, "primaryAttributeValue": "x", **changed})

        assert row["status"] == "skipped"
        assert row["errors"][0]["code"] == code
        assert api.activities(100_001) == []


class TestActivitiesOfTheNativeSync:
    """Ours: the connector user may write what the native sync leaves; nobody else may. Source: none, design."""

    @pytest.mark.usefixtures("lead")
    def test_a_refusal_of_the_background_push(self, connector):
        row = add(connector, activityTypeId=28, attributes=[{"name": "Error", "value": "Failed to update SFDC {X: y}"}])

        assert row["status"] == "added"
        (entry,) = connector.activities(28)
        assert (entry["primaryAttributeValueId"], entry["primaryAttributeValue"]) == (1, "Anna")
        assert attributes(entry) == {"Error": "Failed to update SFDC {X: y}"}

    @pytest.mark.usefixtures("lead")
    def test_a_task(self, connector):
        row = add(
            connector,
            activityTypeId=26,
            primaryAttributeValue="Call back",
            attributes=[{"name": "Is Task", "value": True}, {"name": "Status", "value": "Open"}],
        )

        assert row["status"] == "added"
        assert attributes(connector.activities(26)[0]) == {"Is Task": True, "Status": "Open"}

    @pytest.mark.usefixtures("lead")
    def test_only_those_of_the_sync(self, connector):
        assert add(connector, activityTypeId=12)["status"] == "skipped"
