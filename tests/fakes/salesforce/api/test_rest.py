"""REST: what every resource has in common.

Source: REST API Developer Guide, "Headers", "Status Codes and Error Responses", "Versions", "Limits".
"""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

LEAD = {"LastName": "Berg", "Company": "Acme"}


class TestVersions:
    def test_nobody_has_to_log_in_to_see_them(self, api):
        found = api.http.get("/services/data/").json

        assert [entry["version"] for entry in found] == [f"{number}.0" for number in range(31, 68)]
        assert found[1] == {"label": "Winter '15", "url": "/services/data/v32.0", "version": "32.0"}
        assert found[-1]["label"] == "Summer '26"

    @pytest.mark.parametrize("version", ["21.0", "26.0", "31.0", "40.0", "50.0", "59.0", "67.0"])
    def test_living_versions_answer(self, api, version):
        answer = api.at(version).get("")

        assert answer.status_code == 200
        assert answer.json["sobjects"] == f"/services/data/v{version}/sobjects"

    @pytest.mark.parametrize(
        ("version", "status", "code"),
        [
            ("20.0", 410, "UNSUPPORTED_API_VERSION"),
            ("7.0", 410, "UNSUPPORTED_API_VERSION"),
            ("68.0", 404, "NOT_FOUND"),
            ("63", 404, "NOT_FOUND"),
            ("63.5", 404, "NOT_FOUND"),
            ("x", 404, "NOT_FOUND"),
        ],
    )
    def test_others_do_not(self, api, version, status, code):
        answer = api.at(version).get("sobjects")

        assert (answer.status_code, answer.json[0]["errorCode"]) == (status, code)

    @pytest.mark.parametrize("version", ["21.0", "30.0"])
    def test_a_strict_org_refuses_those_that_were_retired_last(self, build, as_sync, version):
        assert as_sync(build(strict=True)).at(version).get("sobjects").status_code == 410


class TestSessionsOverRest:
    @pytest.mark.parametrize(
        ("headers", "code", "message"),
        [
            ({}, "INVALID_SESSION_ID", "Session expired or invalid"),
            ({"Authorization": "Bearer nonsense"}, "INVALID_SESSION_ID", "Session expired or invalid"),
            ({"Authorization": "Basic abc"}, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
            ({"Authorization": "nonsense"}, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
        ],
    )
    def test_a_bad_token(self, api, headers, code, message):
        answer = api.http.get("/services/data/v63.0/limits", headers=headers)

        assert (answer.status_code, answer.json) == (401, [{"message": message, "errorCode": code}])
        assert answer.headers["WWW-Authenticate"] == "Token"
        assert "Sforce-Limit-Info" not in answer.headers

    @pytest.mark.parametrize("scheme", ["Bearer", "OAuth"])
    def test_both_schemes_are_read(self, api, scheme):
        headers = {"Authorization": f"{scheme} {api.token}"}

        assert api.http.get("/services/data/v63.0/limits", headers=headers).status_code == 200

    def test_a_get_may_carry_the_token_in_its_address(self, api):
        assert api.http.get(f"/services/data/v63.0/limits?oauth_token={api.token}").status_code == 200

    def test_a_session_ends_by_the_clock(self, api, clock):
        clock.advance(timedelta(hours=2))

        assert api.get("limits").json[0]["errorCode"] == "INVALID_SESSION_ID"

    def test_an_unknown_address_asks_for_a_session_first(self, api):
        assert api.http.get("/services/data/v63.0/nonsense").status_code == 401


class TestAnswers:
    def test_headers(self, api):
        answer = api.get("limits")

        assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
        assert api.get("limits").headers["Sforce-Limit-Info"] == "api-usage=2/100000"
        assert answer.headers["Date"] == "Mon, 05 Jan 2026 09:00:00 GMT"

    def test_json_is_compact_unless_asked_for(self, api):
        record = api.create("Lead", **LEAD)
        path = f"sobjects/Lead/{record}?fields=LastName"

        assert '"LastName":"Berg","Id"' in api.get(path).text
        assert '\n  "LastName" : "Berg",\n' in api.get(path, headers={"X-PrettyPrint": "1"}).text

    def test_large_answers_are_compressed_for_those_who_ask(self, api):
        answer = api.get("sobjects", headers={"Accept-Encoding": "gzip, deflate"})

        assert answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(answer.data))["encoding"] == "UTF-8"

    def test_compressed_bodies_are_read(self, api):
        body = gzip.compress(json.dumps(LEAD).encode())
        options = {"content_type": "application/json", "headers": {"Content-Encoding": "gzip"}}

        assert api.post("sobjects/Lead", data=body, **options).status_code == 201
        broken = api.post("sobjects/Lead", data=body[:20], **options)
        assert (broken.status_code, broken.json[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")

    def test_who_reads_nothing_but_xml_is_refused_in_it(self, org, api):
        answer = api.get("sobjects", headers={"Accept": "application/xml"})

        assert answer.status_code == 501
        assert answer.content_type.startswith("application/xml")
        assert "<errorCode>FUNCTIONALITY_NOT_ENABLED</errorCode>" in answer.text
        assert org.journal.ledger()[0]["what"] == "answers in XML"


class TestBadRequests:
    @pytest.mark.parametrize(
        ("body", "content_type", "status", "code"),
        [
            ("{", "application/json", 400, "JSON_PARSER_ERROR"),
            ("", "application/json", 400, "JSON_PARSER_ERROR"),
            ("[]", "application/json", 400, "JSON_PARSER_ERROR"),
            ('{"LastName":NaN}', "application/json", 400, "JSON_PARSER_ERROR"),
            ('{"LastName":}', "application/json", 400, "JSON_PARSER_ERROR"),
            ("[" * 100_000, "application/json", 400, "JSON_PARSER_ERROR"),
            ('{"AnnualRevenue":' + "9" * 5000 + "}", "application/json", 400, None),
            ("LastName=x", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("{}", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("{}", None, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ],
    )
    def test_a_body_that_cannot_be_read(self, api, body, content_type, status, code):
        answer = api.post("sobjects/Lead", data=body, content_type=content_type)

        assert answer.status_code == status
        assert code in {None, answer.json[0]["errorCode"]}

    @pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"', '"a\\u0007b"'])
    def test_characters_that_no_text_has_do_no_harm(self, api, text):
        body = f'{{"LastName":"x","Company":"y","Title":{text}}}'

        assert api.post("sobjects/Lead", data=body, content_type="application/json").status_code == 201

    def test_a_verb_that_the_resource_does_not_know(self, api):
        answer = api.call("PUT", "sobjects/Lead/00Q5f0000000001", {})

        assert answer.status_code == 405
        assert answer.json[0]["errorCode"] == "METHOD_NOT_ALLOWED"
        assert answer.json[0]["message"].startswith("HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,")
        assert "PATCH" in answer.headers["Allow"]

    def test_an_address_that_nobody_has(self, api):
        answer = api.get("nonsense/1")

        assert (answer.status_code, answer.json) == (
            404,
            [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}],
        )

    @pytest.mark.parametrize(
        "path",
        ["tooling/query?q=x", "composite/tree/Lead", "jobs/ingest", "sobjects/Lead/describe/layouts", "recent"],
    )
    def test_an_address_that_only_the_vendor_has_stands_in_the_ledger(self, org, api, path):
        answer = api.get(path)

        assert answer.status_code == 501
        assert "not modelled" in answer.json[0]["message"]
        assert len(org.journal.ledger()) == 1


class TestQuery:
    def test_pages(self, api):
        for start in range(0, 400, 200):
            records = [
                {"attributes": {"type": "Lead"}, "LastName": f"L{start + n:03}", "Company": "C"} for n in range(200)
            ]
            assert all(item["success"] for item in api.post("composite/sobjects", {"records": records}).json)
        first = api.get(
            "query/?q=SELECT LastName FROM Lead ORDER BY LastName",
            headers={"Sforce-Query-Options": "batchSize=200"},
        ).json
        second = api.get(first["nextRecordsUrl"]).json

        assert (first["totalSize"], first["done"], len(first["records"])) == (400, False, 200)
        assert (second["done"], len(second["records"])) == (True, 200)
        assert second["records"][0]["LastName"] == "L200"

    def test_query_all_sees_the_recycle_bin(self, api):
        api.delete(f"sobjects/Lead/{api.create('Lead', **LEAD)}")

        assert api.get("query?q=SELECT+Id+FROM+Lead").json["totalSize"] == 0
        assert api.get("queryAll?q=SELECT+Id,IsDeleted+FROM+Lead").json["records"][0]["IsDeleted"] is True

    def test_no_query_at_all(self, api):
        assert api.get("query").json == [{"message": "Query parameter q is required", "errorCode": "MISSING_ARGUMENT"}]

    def test_what_is_not_modelled_is_refused(self, org, api):
        assert api.get("query?explain=SELECT+Id+FROM+Lead").status_code == 501
        assert org.journal.ledger()


class TestLimits:
    def test_calls_are_counted_for_a_day(self, api, clock):
        api.get("limits")
        found = api.get("limits").json
        assert found["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_998}
        assert "DailyBulkApiBatches" in found
        assert "DailyBulkApiRequests" in api.at("48.0").get("limits").json

        clock.advance(timedelta(hours=25))

        token = api.http.post(
            "/services/oauth2/token",
            data={"grant_type": "client_credentials", "client_id": "syncrig", "client_secret": "syncrig-secret"},
        ).json["access_token"]
        api.token = token
        assert api.get("limits").json["DailyApiRequests"]["Remaining"] == 99_999

    def test_record_counts(self, api):
        api.create("Lead", **LEAD)

        assert api.get("limits/recordCount?sObjects=lead,Nonsense").json == {"sObjects": [{"count": 1, "name": "Lead"}]}
