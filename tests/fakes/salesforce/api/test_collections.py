"""REST: many records in one call. Source: REST API Developer Guide, "sObject Collections"; report R02."""

from __future__ import annotations

import pytest

from .test_sobjects import BAD_DEAL, DEAL_RULES, GOOD_DEAL


def rows(sobject, *records):
    return [{"attributes": {"type": sobject}, **record} for record in records]


GOOD = {"LastName": "Berg", "Company": "Acme"}


class TestCreate:
    def test_results_come_in_order_and_types_may_be_mixed(self, api):
        body = {"allOrNone": False, "records": rows("Lead", GOOD) + rows("Account", {"Name": "Acme"}, {})}
        answer = api.post("composite/sobjects", body)

        assert answer.status_code == 200
        lead, account, nothing = answer.json
        assert lead == {"id": lead["id"], "success": True, "errors": []}
        assert lead["id"].startswith("00Q")
        assert account["id"].startswith("001")
        assert nothing == {
            "success": False,
            "errors": [
                {
                    "statusCode": "REQUIRED_FIELD_MISSING",
                    "message": "Required fields are missing: [Name]",
                    "fields": ["Name"],
                }
            ],
        }

    def test_every_failing_rule_stands_in_the_one_item(self, build, as_sync):
        """R02."""
        api = as_sync(build(validation_rules=DEAL_RULES))
        answer = api.post("composite/sobjects", {"records": rows("Opportunity", BAD_DEAL, GOOD_DEAL)})

        bad, good = answer.json
        assert len(bad["errors"]) == 3
        assert {tuple(error["fields"]) for error in bad["errors"]} == {("CloseDate",), ("Amount",), ()}
        assert good["success"]

    def test_all_or_none(self, api):
        answer = api.post("composite/sobjects", {"allOrNone": True, "records": rows("Lead", GOOD, {})})

        assert [item["errors"][0]["statusCode"] for item in answer.json] == [
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "REQUIRED_FIELD_MISSING",
        ]
        assert api.get("query?q=SELECT+COUNT()+FROM+Lead").json["totalSize"] == 0

    def test_an_echoed_value_is_escaped(self, api):
        answer = api.post("composite/sobjects", {"records": rows("Lead", {**GOOD, "Email": "<o'b>"})})

        assert answer.json[0]["errors"][0]["message"] == "Email: invalid email address: &lt;o&#39;b&gt;"

    @pytest.mark.parametrize(
        ("records", "status", "code"),
        [
            ([{"LastName": "x"}], 400, "INVALID_INPUT"),
            (rows("Nonsense", {}), 400, "INVALID_TYPE"),
            (rows("Lead", GOOD, {"Nonsense": 1}), 400, "INVALID_FIELD"),
            (rows("Lead", GOOD, {**GOOD, "AnnualRevenue": "x"}), 400, "JSON_PARSER_ERROR"),
            (rows("Lead", *[GOOD] * 201), 400, "EXCEEDED_ID_LIMIT"),
            ("x", 400, "INVALID_INPUT"),
        ],
    )
    def test_what_the_call_as_a_whole_cannot_do(self, api, records, status, code):
        answer = api.post("composite/sobjects", {"records": records})

        assert (answer.status_code, answer.json[0]["errorCode"]) == (status, code)
        assert api.get("query?q=SELECT+COUNT()+FROM+Lead").json["totalSize"] == 0

    def test_the_column_of_a_bad_value_is_that_of_its_record(self, api):
        start = '{"records":[{"attributes":{"type":"Lead"},"DoNotCall":true},{"attributes":{"type":"Lead"},"DoNotCall":'
        body = start + '"x"}]}'
        answer = api.post("composite/sobjects", data=body, content_type="application/json")

        assert answer.json[0]["message"].endswith(f"column:{len(start) + 1}]")


class TestUpdate:
    def test_each_record_brings_its_id(self, api):
        first, second = (api.create("Lead", **GOOD) for _ in range(2))
        records = rows("Lead", {"id": first, "Title": "Dr"}, {"Id": second[:15], "Title": "Prof"}, {"Title": "x"})
        records += rows("Lead", {"id": "00Q5f0000000zzz", "Title": "x"}, {"id": "abc", "Title": "x"})

        answer = api.patch("composite/sobjects", {"records": records})

        assert [item["success"] for item in answer.json] == [True, True, False, False, False]
        assert answer.json[1]["id"] == second
        assert [item["errors"][0]["statusCode"] for item in answer.json[2:]] == [
            "MISSING_ARGUMENT",
            "INVALID_CROSS_REFERENCE_KEY",
            "MALFORMED_ID",
        ]
        assert api.get(f"sobjects/Lead/{second}").json["Title"] == "Prof"


class TestUpsert:
    def test_each_record_brings_its_key(self, build, as_sync):
        field = {"Lead.Marketo_Id__c": {"type": "Number", "precision": 18, "scale": 0, "externalId": True}}
        api = as_sync(build(fields=field))
        known = api.create("Lead", **GOOD, Marketo_Id__c=1)
        records = rows("Lead", {**GOOD, "Marketo_Id__c": 1, "Title": "Dr"}, {**GOOD, "marketo_id__c": 2})

        answer = api.patch("composite/sobjects/Lead/Marketo_Id__c", {"records": records})

        assert [(item["success"], item["created"]) for item in answer.json] == [(True, False), (True, True)]
        assert answer.json[0]["id"] == known

    def test_an_ambiguous_key_is_that_records_error(self, api):
        twins = [api.create("Lead", **GOOD, Email="twin@example.com") for _ in range(2)]
        records = rows("Lead", {**GOOD, "Email": "twin@example.com"})

        (item,) = api.patch("composite/sobjects/Lead/Email", {"records": records}).json

        assert item["errors"] == [
            {
                "statusCode": "DUPLICATE_EXTERNAL_ID",
                "message": f"Email: more than one record found for external id field: [{', '.join(twins)}]",
                "fields": ["Email"],
            }
        ]


class TestDelete:
    def test_ids_of_several_types(self, api):
        lead, account = api.create("Lead", **GOOD), api.create("Account", Name="Acme")

        answer = api.delete(f"composite/sobjects?ids={lead},{account},{lead},abc&allOrNone=false")

        assert [item["success"] for item in answer.json] == [True, True, False, False]
        assert answer.json[2]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"
        assert answer.json[3]["errors"][0]["statusCode"] == "MALFORMED_ID"


class TestRetrieve:
    def test_records_come_in_the_order_asked_for_with_null_for_the_missing(self, api):
        first, second = (api.create("Lead", **GOOD, Title=title) for title in ("a", "b"))
        missing = "00Q5f0000000zzz"

        by_get = api.get(f"composite/sobjects/Lead?ids={second},{missing},{first}&fields=Title")
        by_post = api.post("composite/sobjects/Lead", {"ids": [second, missing, first], "fields": ["Title"]})

        assert by_get.json == by_post.json
        assert [item and (item["Id"], item["Title"]) for item in by_get.json] == [(second, "b"), None, (first, "a")]
