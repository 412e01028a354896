from __future__ import annotations

import re

import pytest

from .calls import Calls, error
from .conftest import app_of


class TestEnvelope:
    """Source: Marketo developer guide, "REST API"; the order of members is recorded."""

    def test_success(self, api):
        answer = api.raw("GET", "/rest/v1/lead/1.json")

        assert list(answer.json) == ["requestId", "result", "success"]
        assert answer.content_type == "application/json;charset=UTF-8"
        assert re.fullmatch(r"[0-9a-f]{2,5}#[0-9a-f]{11}", answer.json["requestId"])

    def test_the_request_id_ends_in_the_time(self, api, clock):
        number = int(api.get("/rest/v1/lead/1.json")["requestId"].partition("#")[2], 16)

        assert number == clock.now().timestamp() * 1000

    def test_text_is_not_escaped(self, api):
        api.sync({"email": "a@example.org", "firstName": "Åse 🎈"})

        assert "Åse 🎈" in api.raw("GET", "/rest/v1/lead/1.json").text

    @pytest.mark.parametrize(
        ("method", "path", "code", "message"),
        [
            ("GET", "/rest/v1/nothing.json", "610", "Requested resource not found"),
            ("GET", "/rest/v1/lead/abc.json", "610", "Requested resource not found"),
            ("GET", "/bulk/nothing", "610", "Requested resource not found"),
            ("DELETE", "/rest/v1/leads/describe.json", "605", "Request method 'DELETE' not supported"),
            ("PUT", "/rest/v1/leads.json", "605", "Request method 'PUT' not supported"),
        ],
    )
    def test_unknown_paths_and_verbs_answer_200(self, api, method, path, code, message):
        answer = api.raw(method, path)

        assert answer.status_code == 200
        assert error(answer.json) == (code, message)

    def test_outside_the_api_a_path_is_plainly_unknown(self, api):
        assert api.raw("GET", "/somewhere").status_code == 404

    def test_a_body_must_be_json(self, api):
        for content_type, body, code in [
            ("text/plain", b"{}", "612"),
            ("application/x-www-form-urlencoded", b"a=b", "612"),
            ("application/json", b"{", "609"),
            ("application/json", b"[1]", "609"),
            ("application/json", b'{"input": NaN}', "609"),
            ("application/json", b'{"input": "\\ud83c"}', "609"),
            ("application/json", b"\xff", "609"),
            ("application/json", b"[" * 100_000, "609"),
            ("application/json", b'{"input": ' + b"9" * 5000 + b"}", "609"),
        ]:
            answer = api.raw("POST", "/rest/v1/leads.json", data=body, content_type=content_type)
            assert error(answer.json)[0] == code, body[:20]


class TestSizes:
    """Source: "REST API", limits of address and body; what refuses stands before Marketo's servers."""

    def test_more_than_8_kb_of_address(self, api):
        answer = api.raw("GET", "/rest/v1/leads.json?filterType=email&filterValues=" + "a" * 8192)

        assert answer.status_code == 414
        assert answer.mimetype == "text/html"

    def test_more_than_1_mb_of_body(self, api):
        answer = api.raw("POST", "/rest/v1/leads.json", data=b" " * (1024 * 1024 + 1), content_type="application/json")

        assert answer.status_code == 413

    def test_a_long_filter_goes_through_a_form(self, api):
        texts = ",".join(f"somebody.with.a.long.name.{n}@example.org" for n in range(300))

        answer = api.raw("POST", "/rest/v1/leads.json?_method=GET", data={"filterType": "email", "filterValues": texts})

        assert answer.json["success"]


class TestMethodOverride:
    """Source: "REST API"; each spelling is one that a client sends."""

    @pytest.fixture
    def lead(self, api):
        (row,) = api.sync({"email": "a@example.org"})
        return row["id"]

    def test_in_the_address_with_a_form(self, api, lead):
        answer = api.raw(
            "POST", "/rest/v1/leads.json?_method=GET", data={"filterType": "email", "filterValues": "a@example.org"}
        )

        assert [row["id"] for row in answer.json["result"]] == [lead]

    def test_inside_the_form(self, api, lead):
        form = {"_method": "GET", "filterType": "email", "filterValues": "a@example.org"}

        assert [row["id"] for row in api.raw("POST", "/rest/v1/leads.json", data=form).json["result"]] == [lead]

    def test_delete_with_a_json_body(self, api, lead):
        answer = api.post("/rest/v1/leads.json?_method=DELETE", {"input": [{"id": lead}]})

        assert answer["result"] == [{"id": lead, "status": "deleted"}]

    def test_get_with_a_json_body(self, api, lead, instance):
        number = instance.lists.create("VIP")

        answer = api.post(f"/rest/v1/lists/{number}/leads/ismember.json?_method=GET", {"input": [{"id": lead}]})

        assert answer["result"] == [{"id": lead, "status": "notmemberof"}]

    def test_on_a_get_it_changes_nothing(self, api, lead):
        assert api.result(f"/rest/v1/lead/{lead}.json", _method="DELETE")

    @pytest.mark.usefixtures("lead")
    def test_in_a_json_body_it_is_one_more_unknown_member(self, api):
        answer = api.post("/rest/v1/leads.json", {"_method": "GET", "input": [{"email": "b@example.org"}]})

        assert answer["result"][0]["status"] == "created"

    @pytest.mark.parametrize("path", ["/rest//v1//lead/1.json", "/bulk/../rest/v1/lead/1.json"])
    @pytest.mark.usefixtures("lead")
    def test_untidy_paths_are_tidied(self, api, path):
        assert api.http.open(path, headers={"Authorization": f"Bearer {api.token}"}).json["success"]


class TestNotModelled:
    """Ours: what a real instance answers and this fake does not."""

    @pytest.mark.parametrize(
        "path",
        ["/rest/asset/v1/programs.json", "/bulk/v1/leads/export.json", "/rest/v1/leads/1/programMembership.json"],
    )
    def test_refuses_by_name_and_is_counted(self, api, instance, path):
        code, message = error(api.get(path))

        assert code == "610"
        assert path in message
        assert "docs/marketo-coverage.md" in message
        assert [entry["what"] for entry in instance.journal.ledger()] == [f"marketo GET {path}"]

    @pytest.mark.parametrize("path", ["companies.json", "companies/describe.json", "opportunities/roles.json"])
    def test_the_native_sync_owns_companies_and_opportunities(self, api, instance, path):
        assert error(api.get(f"/rest/v1/{path}")) == ("1018", "CRM Enabled")
        assert instance.journal.ledger() == []

    def test_without_a_native_sync_they_are_not_modelled(self, build):
        assert error(Calls(app_of(build("external"))).get("/rest/v1/companies.json"))[0] == "610"
