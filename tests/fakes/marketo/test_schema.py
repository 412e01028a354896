from __future__ import annotations

from .calls import Calls, error, reason
from .conftest import app_of

FIELDS = "/rest/v1/leads/schema/fields"
NATIVE = {
    "sfdcIsDeleted",
    "sfdcCreatedDate",
    "sfdcIsConverted",
    "sfdcConvertedDate",
    "leadOwnerFirstName",
    "leadOwnerLastName",
    "leadOwnerEmailAddress",
    "leadOwnerPhoneNumber",
    "leadOwnerJobTitle",
}


def create(api, **field):
    (row,) = api.post(f"{FIELDS}.json", {"input": [field]})["result"]
    return row


class TestDescribe:
    """Source: Marketo developer guide, "Leads", section "Describe"."""

    def test_company_fields_first_as_recorded(self, api):
        fields = api.result("/rest/v1/leads/describe.json")

        assert fields[0] == {
            "id": 4,
            "displayName": "Company Name",
            "dataType": "string",
            "length": 255,
            "rest": {"name": "company", "readOnly": False},
            "soap": {"name": "Company", "readOnly": False},
        }
        by_name = {field["rest"]["name"]: field for field in fields}
        assert by_name["email"]["id"] == 56
        assert by_name["createdAt"]["rest"]["readOnly"]
        assert "soap" not in by_name["updatedAt"]
        assert len({field["id"] for field in fields}) == len(fields)

    def test_describe2_names_what_leads_are_found_by(self, api):
        (described,) = api.result("/rest/v1/leads/describe2.json")

        assert described["name"] == "API Lead"
        assert {"email", "id", "sfdcLeadId", "sfdcContactId"} <= {name for (name,) in described["searchableFields"]}
        managed = {field["name"]: field["crmManaged"] for field in described["fields"]}
        assert managed["sfdcType"] is True
        assert managed["email"] is False

    def test_the_native_sync_brings_its_fields(self, api, build):
        there = {field["rest"]["name"] for field in api.result("/rest/v1/leads/describe.json")}
        elsewhere = Calls(app_of(build("external"))).result("/rest/v1/leads/describe.json")

        assert there >= NATIVE
        assert not NATIVE & {field["rest"]["name"] for field in elsewhere}


class TestLeadFields:
    """Source: "Lead Fields"."""

    def test_a_created_field_is_described_and_can_be_written(self, api):
        assert create(api, displayName="Shoe Size", name="shoeSize", dataType="integer") == {
            "name": "shoeSize",
            "status": "created",
        }
        assert api.result(f"{FIELDS}/shoeSize.json") == [
            {
                "displayName": "Shoe Size",
                "name": "shoeSize",
                "description": "",
                "dataType": "integer",
                "isHidden": False,
                "isHtmlEncodingInEmail": True,
                "isSensitive": False,
                "isCustom": True,
                "isApiCreated": True,
            }
        ]
        api.sync({"email": "a@example.org", "shoeSize": "43"})
        assert api.lead(1, "shoeSize")["shoeSize"] == 43
        assert api.result("/rest/v1/leads.json", filterType="shoeSize", filterValues="43")

    def test_what_cannot_be_created(self, api):
        good = {"displayName": "Shoe Size", "name": "shoeSize", "dataType": "integer"}
        for changed, code in [
            ({"name": None}, "1002"),
            ({"dataType": None}, "1002"),
            ({"name": "1shoe"}, "1003"),
            ({"name": 'x" TEXT'}, "1003"),
            ({"dataType": "text"}, "1003"),
            ({"dataType": "formula"}, "1003"),
            ({"displayName": "Shoe <b>"}, "1003"),
            ({"name": "EMAIL"}, "1017"),
            ({"displayName": "email address"}, "1017"),
        ]:
            assert reason(create(api, **{**good, **changed}))[0] == code, changed

    def test_the_101st_is_one_too_many(self, api):
        rows = api.post(
            f"{FIELDS}.json",
            {"input": [{"displayName": f"F {n}", "name": f"f{n}", "dataType": "string"} for n in range(101)]},
        )["result"]

        assert [row["status"] for row in rows[98:]] == ["created", "created", "skipped"]
        assert reason(rows[100]) == ("1028", "Max field limit reached")

    def test_pages(self, api, instance):
        page = api.get(f"{FIELDS}.json", batchSize=50)
        following = api.get(f"{FIELDS}.json", batchSize=300, nextPageToken=page["nextPageToken"])

        assert page["moreResult"] is True
        assert following["moreResult"] is False
        assert "nextPageToken" not in following
        assert len(page["result"]) + len(following["result"]) == len(list(instance.fields))

    def test_an_update_changes_little(self, api):
        create(api, displayName="Shoe Size", name="shoeSize", dataType="integer")

        def update(name, **order):
            return api.post(f"{FIELDS}/{name}.json", {"input": [order]})["result"][0]

        assert update("shoeSize", displayName="Size", isHidden=True) == {"name": "shoeSize", "status": "updated"}
        assert api.result(f"{FIELDS}/shoeSize.json")[0]["displayName"] == "Size"
        assert update("email", description="The address")["status"] == "updated"
        assert reason(update("email", displayName="Mail"))[0] == "1003"
        assert reason(update("shoeSize", dataType="string"))[0] == "1003"

    def test_an_unknown_field(self, api):
        assert error(api.get(f"{FIELDS}/shoe.json"))[0] == "1013"


class TestFieldsOfTheNativeSync:
    """Ours: the native sync makes a field for each Salesforce field it sees."""

    def test_named_as_in_salesforce_of_any_type_and_number(self, connector):
        rows = connector.post(
            f"{FIELDS}.json",
            {
                "input": [
                    {"displayName": "Region", "name": "Region__c", "dataType": "string", "length": 40},
                    {"displayName": "Rating", "name": "Rating__c", "dataType": "string"},
                    {"displayName": "Notes (long)", "name": "Notes__c", "dataType": "text"},
                    *({"displayName": f"F{n}", "name": f"F{n}__c", "dataType": "float"} for n in range(120)),
                ]
            },
        )["result"]

        assert {row["status"] for row in rows} == {"created"}
        assert connector.result(f"{FIELDS}/Region__c.json")[0]["length"] == 40
        connector.sync({"email": "a@example.org", "Region__c": "x" * 50})
        assert connector.lead(1, "Region__c")["Region__c"] == "x" * 40

    def test_a_new_type_drops_what_does_not_fit(self, connector):
        create(connector, displayName="Size", name="Size__c", dataType="string")
        connector.sync({"email": "a@example.org", "Size__c": "43"}, {"email": "b@example.org", "Size__c": "large"})

        connector.post(f"{FIELDS}/Size__c.json", {"input": [{"dataType": "integer"}]})

        assert connector.lead(1, "Size__c")["Size__c"] == 43
        assert connector.lead(2, "Size__c")["Size__c"] is None
