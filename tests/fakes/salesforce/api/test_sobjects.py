"""REST: describes and rows.

Source: REST API Developer Guide, "sObject Rows", "sObject Rows by External ID"; reports R01, R02, R06, R22.
"""

from __future__ import annotations

import pytest

KEY = {"Contact.External_Key__c": {"type": "Text", "length": 20, "externalId": True}}
DEAL_RULES = {
    "Opportunity.Late": {"formula": "CloseDate < TODAY()", "message": "Too late.", "field": "CloseDate"},
    "Opportunity.Needs_Amount": {"formula": "ISBLANK(Amount)", "message": "How much?", "field": "Amount"},
    "Opportunity.Clean_Name": {"formula": 'CONTAINS(Name, "test")', "message": "No test deals."},
}
BAD_DEAL = {"Name": "test deal", "StageName": "Prospecting", "CloseDate": "2020-01-01"}
GOOD_DEAL = {"Name": "good", "StageName": "Prospecting", "CloseDate": "2030-01-01", "Amount": 5}


class TestRows:
    def test_create_read_update_delete(self, api):
        created = api.post("sobjects/Lead", {"LastName": "Berg", "Company": "Acme"})
        record = created.json["id"]
        assert (created.status_code, created.json) == (201, {"id": record, "success": True, "errors": []})
        assert created.headers["Location"] == f"/services/data/v63.0/sobjects/Lead/{record}"

        assert (api.patch(f"sobjects/Lead/{record}", {"Title": "Dr"}).status_code) == 204
        found = api.get(f"sobjects/Lead/{record}")
        assert (found.status_code, found.json["Title"]) == (200, "Dr")
        assert found.content_type == "application/json;charset=UTF-8"

        assert api.delete(f"sobjects/Lead/{record}").status_code == 204
        again = api.delete(f"sobjects/Lead/{record}")
        assert (again.status_code, again.json) == (
            404,
            [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}],
        )

    def test_asked_for_fields(self, api):
        record = api.create("Lead", LastName="Berg", Company="Acme")

        assert list(api.get(f"sobjects/Lead/{record}?fields=Company,LastName").json) == [
            "attributes", "Company", "LastName", "Id",
        ]  # fmt: skip

    def test_addresses_may_end_in_a_slash_and_names_may_be_in_any_case(self, api):
        record = api.create("LEAD", lastname="Berg", COMPANY="Acme")

        assert api.get(f"sobjects/lead/{record[:15]}/").json["Name"] == "Berg"
        assert api.get("sobjects/").status_code == api.get("sobjects/lead/describe/").status_code == 200

    def test_a_post_can_stand_for_another_verb(self, api):
        record = api.create("Lead", LastName="Berg", Company="Acme")

        assert api.post(f"sobjects/Lead/{record}?_HttpMethod=PATCH", {"Title": "Dr"}).status_code == 204
        assert api.get(f"sobjects/Lead/{record}").json["Title"] == "Dr"

    def test_a_head_answers_like_a_get_without_a_body(self, api):
        record = api.create("Lead", LastName="Berg", Company="Acme")
        answer = api.call("HEAD", f"sobjects/Lead/{record}")

        assert (answer.status_code, answer.data) == (200, b"")

    def test_an_upsert_by_an_id_that_is_not_given_creates(self, api):
        body = {"LastName": "Berg", "Company": "Acme"}

        assert api.patch("sobjects/Lead/Id/", body).status_code == 201
        assert api.post("sobjects/Lead/Id", body).status_code == 201

    def test_a_row_can_be_asked_for_only_if_it_changed(self, api):
        record = api.create("Lead", LastName="Berg", Company="Acme")
        since = {"If-Modified-Since": "Mon, 05 Jan 2026 09:00:00 GMT"}
        before = {"If-Unmodified-Since": "Mon, 05 Jan 2026 08:59:59 GMT"}

        assert api.get(f"sobjects/Lead/{record}", headers=since).status_code == 304
        refused = api.patch(f"sobjects/Lead/{record}", {"Title": "Dr"}, headers=before)
        assert (refused.status_code, refused.data) == (412, b"")

    def test_changes_and_deletions_of_a_span_of_time(self, api):
        kept, gone = (api.create("Lead", LastName=name, Company="X") for name in ("Kept", "Gone"))
        api.delete(f"sobjects/Lead/{gone}")
        span = "start=2026-01-05T08:00:00%2B00:00&end=2026-01-05T10:00:00%2B00:00"

        assert api.get(f"sobjects/Lead/updated/?{span}").json == {
            "ids": [kept],
            "latestDateCovered": "2026-01-05T10:00:00.000+0000",
        }
        assert api.get(f"sobjects/Lead/deleted/?{span}").json["deletedRecords"] == [
            {"deletedDate": "2026-01-05T09:00:00.000+0000", "id": gone}
        ]
        backwards = "start=2026-01-05T10:00:00Z&end=2026-01-05T09:00:00Z"
        assert api.get(f"sobjects/Lead/updated?{backwards}").json[0]["errorCode"] == "INVALID_REPLICATION_DATE"


class TestUpsertByExternalId:
    """R01: the answer depends on the version; an ambiguous key answers 300 and writes nothing."""

    @pytest.fixture
    def api(self, build, as_sync):
        return as_sync(build(fields=KEY))

    @pytest.mark.parametrize(
        ("version", "status", "told"),
        [("45.0", 201, {}), ("46.0", 201, {"created": True}), ("63.0", 201, {"created": True})],
    )
    def test_a_new_key_creates(self, api, version, status, told):
        answer = api.at(version).patch("sobjects/Contact/External_Key__c/k-2", {"LastName": "B"})

        assert answer.status_code == status
        assert answer.json == {"id": answer.json["id"], "success": True, "errors": [], **told}
        assert answer.headers["Location"].endswith(answer.json["id"])

    @pytest.mark.parametrize("version", ["31.0", "45.0"])
    def test_a_known_key_answers_nothing_in_old_versions(self, api, version):
        api.create("Contact", LastName="A", External_Key__c="k-1")
        answer = api.at(version).patch("sobjects/Contact/External_Key__c/k-1", {"LastName": "B"})

        assert (answer.status_code, answer.data) == (204, b"")
        assert "Content-Type" not in answer.headers

    @pytest.mark.parametrize("version", ["46.0", "67.0"])
    def test_a_known_key_says_so_in_newer_versions(self, api, version):
        record = api.create("Contact", LastName="A", External_Key__c="k-1")
        answer = api.at(version).patch("sobjects/Contact/External_Key__c/k-1", {"LastName": "B"})

        assert answer.status_code == 200
        assert answer.json == {"id": record, "success": True, "errors": [], "created": False}

    def test_a_key_that_two_records_have(self, api):
        twins = [api.create("Lead", LastName="A", Company="C", Email="twin@example.com") for _ in range(2)]
        answer = api.patch("sobjects/Lead/Email/twin@example.com", {"LastName": "B", "Company": "C"})

        assert answer.status_code == 300
        assert answer.json == [f"/services/data/v63.0/sobjects/Lead/{twin}" for twin in twins]
        assert [api.get(f"sobjects/Lead/{twin}").json["LastName"] for twin in twins] == ["A", "A"]
        assert api.get("sobjects/Lead/Email/twin@example.com").status_code == 300

    def test_a_custom_external_id_of_the_sync(self, build, as_sync):
        field = {"Lead.Marketo_Id__c": {"type": "Number", "precision": 18, "scale": 0, "externalId": True}}
        api = as_sync(build(fields=field))
        created = api.patch("sobjects/Lead/Marketo_Id__c/123", {"LastName": "B", "Company": "C"})
        updated = api.patch("sobjects/Lead/marketo_id__c/123", {"Title": "Dr"})

        assert (created.status_code, updated.status_code) == (201, 200)
        assert created.json["id"] == updated.json["id"]
        found = api.get("sobjects/Lead/Marketo_Id__c/123?fields=Marketo_Id__c,Title").json
        assert (found["Marketo_Id__c"], found["Title"]) == (123.0, "Dr")

    def test_a_key_with_a_slash_and_a_blank(self, api):
        api.patch("sobjects/Contact/External_Key__c/a%2Fb%20c", {"LastName": "B"})

        assert api.get("sobjects/Contact/External_Key__c/a%2Fb%20c").json["External_Key__c"] == "a/b c"

    def test_update_only_creates_nothing(self, api):
        answer = api.patch("sobjects/Contact/External_Key__c/k-9?updateOnly=true", {"LastName": "B"})

        assert (answer.status_code, answer.json[0]["errorCode"]) == (404, "NOT_FOUND")

    def test_delete_by_key(self, api):
        record = api.create("Contact", LastName="A", External_Key__c="k-1")

        assert api.delete("sobjects/Contact/External_Key__c/k-1").status_code == 204
        assert api.get(f"sobjects/Contact/{record}").status_code == 404
        assert api.get("sobjects/Contact/External_Key__c/k-1").json[0]["errorCode"] == "NOT_FOUND"

    def test_a_field_that_is_no_key(self, api):
        assert api.patch("sobjects/Contact/Title/x", {"LastName": "B"}).json == [
            {
                "message": "Provided external ID field does not exist or is not accessible: Title",
                "errorCode": "NOT_FOUND",
            }
        ]


class TestRefusedSaves:
    def test_three_rules_at_once(self, build, as_sync):
        """R02: one array item for each rule; a rule without a field has an empty list."""
        org = build(validation_rules=DEAL_RULES)
        answer = as_sync(org).post("sobjects/Opportunity", BAD_DEAL)

        assert answer.status_code == 400
        assert answer.json == [
            {"message": text, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": fields}
            for text, fields in (("Too late.", ["CloseDate"]), ("How much?", ["Amount"]), ("No test deals.", []))
        ]
        assert org.store.count(org.schema["Opportunity"]) == 0

    def test_a_whole_record_written_back(self, api):
        """R06: one error that names every system field; nothing is saved."""
        record = api.create("Account", Name="Old")
        whole = api.get(f"sobjects/Account/{record}").json
        system = ["SystemModstamp", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedById", "LastActivityDate"]
        body = {"Name": "New", **{name: whole[name] for name in system}}

        answer = api.patch(f"sobjects/Account/{record}", body)

        assert answer.status_code == 400
        (error,) = answer.json
        assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
        assert error["fields"] == system
        assert all(name in error["message"] for name in system)
        assert api.get(f"sobjects/Account/{record}").json["Name"] == "Old"

    def test_an_id_in_the_body(self, api):
        """R06."""
        record = api.create("Account", Name="Old")

        changed = api.patch(f"sobjects/Account/{record}", {"Id": record, "Name": "New"})
        created = api.post("sobjects/Account", {"Id": record, "Name": "New"})

        assert (changed.status_code, changed.json) == (
            400,
            [
                {
                    "message": "The Id field should not be specified in the sobject data.",
                    "errorCode": "INVALID_FIELD",
                }
            ],
        )
        assert (created.status_code, created.json) == (
            400,
            [
                {
                    "message": "cannot specify Id in an insert call",
                    "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
                    "fields": ["Id"],
                }
            ],
        )

    def test_a_value_of_another_type_names_its_column(self, api):
        body = '{"LastName":"B","Company":"C","AnnualRevenue":"N01"}'
        answer = api.post("sobjects/Lead", data=body, content_type="application/json")

        assert answer.json == [
            {
                "message": "Cannot deserialize instance of double from VALUE_STRING value N01 or request may be "
                "missing a required field at [line:1, column:47]",
                "errorCode": "JSON_PARSER_ERROR",
            }
        ]


class TestFieldLevelSecurity:
    """R22: hidden and unknown read alike, read-only differently, the administrator is no exception."""

    @pytest.fixture
    def org(self, build):
        return build(field_permissions={"Marketo Sync": {"Account.AccountSource": "hidden", "Account.Rating": "read"}})

    @pytest.mark.parametrize("name", ["AccountSource", "Nonsense"])
    def test_write_a_field_that_is_not_there_for_the_user(self, api, name):
        answer = api.patch(f"sobjects/Account/{api.create('Account', Name='A')}", {name: "Web"})

        assert (answer.status_code, answer.json) == (
            400,
            [{"message": f"No such column '{name}' on sobject of type Account", "errorCode": "INVALID_FIELD"}],
        )

    def test_write_a_read_only_field(self, api):
        answer = api.patch(f"sobjects/Account/{api.create('Account', Name='A')}", {"Rating": "Hot"})

        assert answer.json == [
            {
                "message": "Unable to create/update fields: Rating. Please check the security settings of this field "
                "and verify that it is read/write for your profile or permission set.",
                "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
                "fields": ["Rating"],
            }
        ]

    def test_describe(self, api):
        fields = {field["name"]: field for field in api.get("sobjects/Account/describe").json["fields"]}

        assert "AccountSource" not in fields
        assert (fields["Rating"]["createable"], fields["Rating"]["updateable"]) == (False, False)

    def test_read(self, api):
        record = api.create("Account", Name="A")

        assert "AccountSource" not in api.get(f"sobjects/Account/{record}").json
        refused = api.get(f"sobjects/Account/{record}?fields=AccountSource")
        assert (refused.status_code, refused.json[0]["errorCode"]) == (400, "INVALID_FIELD")

    def test_query(self, api):
        refused = api.get("query?q=SELECT+AccountSource+FROM+Account")

        assert refused.status_code == 400
        assert refused.json[0]["errorCode"] == "INVALID_FIELD"
        assert "No such column 'AccountSource' on entity 'Account'." in refused.json[0]["message"]

    def test_a_field_granted_to_nobody_is_hidden_from_the_administrator_too(self, build, as_admin):
        org = build(
            fields={"Account.Fresh__c": {"type": "Text", "length": 20}},
            field_permissions={"System Administrator": {"Account.Fresh__c": "hidden"}},
        )

        refused = as_admin(org).get("query?q=SELECT+Fresh__c+FROM+Account")

        assert (refused.status_code, refused.json[0]["errorCode"]) == (400, "INVALID_FIELD")


class TestDescribe:
    def test_global_describe(self, api):
        names = [entry["name"] for entry in api.get("sobjects").json["sobjects"]]

        assert {"Lead", "Contact", "Account", "User"} <= set(names)
        assert names == sorted(names, key=str.lower)

    def test_basic_information(self, api):
        found = api.get("sobjects/Lead").json

        assert found["objectDescribe"]["keyPrefix"] == "00Q"
        assert found["recentItems"] == []

    @pytest.mark.parametrize("path", ["sobjects/Nonsense", "sobjects/Nonsense/describe"])
    def test_an_unknown_sobject(self, api, path):
        answer = api.get(path)

        assert answer.status_code == 404
        assert answer.json == [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
