"""What the Salesforce client makes of a vendor's good and bad days."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ConnectTimeout, ReadTimeout
from urllib3.exceptions import MaxRetryError, NewConnectionError

from syncengine.clients.errors import Fatal, Reauthenticate, RecordRefused, Retry, Unanswered
from syncengine.clients.salesforce import SalesforceClient, SalesforceSettings, SaveError, soql_literal

from .conftest import DATE, SF

DATA = f"{SF}/services/data/v63.0"
QUERY = f"{DATA}/query/"
COLLECTION = f"{DATA}/composite/sobjects"
EMPTY = {"totalSize": 0, "done": True, "records": []}
EXPIRED = {"status_code": 401, "json": [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]}
HTML = "<html><body><h1>Bad Gateway</h1></body></html>"


def refusal(code, message="", status=400, **more):
    return {"status_code": status, "json": [{"message": message, "errorCode": code, **more}]}


def saved(*ids):
    return {"json": [{"id": each, "success": True, "errors": []} for each in ids]}


def never_connected():
    return requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))


def rows(count):
    return [{"LastName": f"Berg {number}"} for number in range(count)]


class TestToken:
    """Source: Salesforce Help, "OAuth 2.0 Username-Password Flow", "Client Credentials Flow", "Refresh Token Flow"."""

    def test_is_taken_with_password_and_security_token_joined(self, salesforce, vendor):
        vendor.get(QUERY, json=EMPTY)

        list(salesforce.query("SELECT Id FROM Lead"))

        form = parse_qs(vendor.request_history[0].text)
        assert form["grant_type"] == ["password"]
        assert form["password"] == ["pwTOKEN"]
        assert vendor.request_history[1].headers["Authorization"] == "Bearer token-1"

    @pytest.mark.parametrize(
        ("credentials", "grant"),
        [
            pytest.param({"username": "a", "password": "b"}, "password", id="a user's password"),
            pytest.param({}, "client_credentials", id="nothing but the client's own"),
            pytest.param({"username": "a", "password": "b", "refresh_token": "r"}, "refresh_token", id="refresh token"),
        ],
    )
    def test_is_taken_with_the_best_credentials_there_are(self, vendor, credentials, grant):
        client = SalesforceClient(SalesforceSettings(SF, "client", "secret", **credentials), session=requests.Session())

        assert client.user_id == "005000000000001AAA"
        assert parse_qs(vendor.last_request.text)["grant_type"] == [grant]

    def test_is_taken_with_the_password_when_the_refresh_token_was_revoked(self, vendor):
        refused = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
        given = {"access_token": "token", "instance_url": SF, "id": f"{SF}/id/00D/005"}
        url = f"{SF}/services/oauth2/token"
        vendor.post(url, [{"status_code": 400, "json": refused}, {"json": given}])
        client = SalesforceClient(SalesforceSettings(SF, "client", username="a", password="b", refresh_token="r"))

        assert client.user_id == "005"

    def test_no_request_for_it_counts_as_a_call(self, salesforce, vendor):
        vendor.get(QUERY, json=EMPTY)

        list(salesforce.query("SELECT Id FROM Lead"))

        assert salesforce.calls == 1

    def test_is_renewed_once_when_the_session_expired_in_between(self, salesforce, vendor, sent):
        vendor.get(QUERY, [EXPIRED, {"json": EMPTY}])

        assert list(salesforce.query("SELECT Id FROM Lead")) == []
        assert [each.headers["Authorization"] for each in sent()] == ["Bearer token-1", "Bearer token-2"]

    def test_is_renewed_for_a_create_too_because_it_was_refused_before_anything_was_done(self, salesforce, vendor):
        vendor.post(COLLECTION, [EXPIRED, saved("00Q1")])

        assert [each.id for each in salesforce.create("Lead", rows(1))] == ["00Q1"]

    def test_refused_although_new_is_no_endless_loop(self, salesforce, vendor, sent):
        vendor.get(QUERY, [EXPIRED])

        with pytest.raises(Reauthenticate):
            list(salesforce.query("SELECT Id FROM Lead"))
        assert len(sent()) == 2

    def test_wrong_credentials_need_a_person(self, vendor):
        said = {"error": "invalid_grant", "error_description": "authentication failure"}
        vendor.post(f"{SF}/services/oauth2/token", status_code=400, json=said)
        client = SalesforceClient(SalesforceSettings(SF, "client", username="a", password="b"))

        with pytest.raises(Fatal, match=r"authentication failure.*SF_PASSWORD"):
            _ = client.user_id

    def test_a_page_instead_of_a_token_is_tried_again_and_then_left(self, vendor, waits):
        vendor.post(f"{SF}/services/oauth2/token", text=HTML)
        client = SalesforceClient(SalesforceSettings(SF, "client", "secret"), sleep=waits)

        with pytest.raises(Retry, match="no JSON"):
            _ = client.user_id
        assert waits == [0.5, 1.0, 2.0]


class TestReading:
    """Source: REST API Developer Guide, "Query" and "Query More Results"."""

    def test_a_query_follows_its_pages(self, salesforce, vendor):
        more = "/services/data/v63.0/query/01g000000000001-2000"
        vendor.get(QUERY, json={"totalSize": 3, "done": False, "nextRecordsUrl": more, "records": [{"Id": "1"}]})
        vendor.get(f"{SF}{more}", json={"totalSize": 3, "done": True, "records": [{"Id": "2"}, {"Id": "3"}]})

        assert [each["Id"] for each in salesforce.query("SELECT Id FROM Lead")] == ["1", "2", "3"]

    def test_deleted_rows_are_asked_for_at_query_all(self, salesforce, vendor, sent):
        vendor.get(f"{DATA}/queryAll/", json=EMPTY)

        list(salesforce.query("SELECT Id FROM Lead", include_deleted=True))

        assert sent()[0].path.endswith("/queryall/")

    @pytest.mark.parametrize(
        "bad_day",
        [
            pytest.param({"status_code": 503, "text": HTML}, id="503 in HTML"),
            pytest.param({"status_code": 502, "text": HTML}, id="502 in HTML"),
            pytest.param(refusal("SERVER_UNAVAILABLE", status=503), id="503 in Salesforce's words"),
            pytest.param(refusal("UNKNOWN_EXCEPTION", status=500), id="500 in Salesforce's words"),
            pytest.param({"status_code": 200, "text": HTML}, id="200 with a page instead of JSON"),
            pytest.param({"status_code": 200, "text": '{"totalSize": 1, "rec'}, id="answer cut in its text"),
            pytest.param({"exc": ChunkedEncodingError}, id="answer cut on the wire"),
            pytest.param({"exc": requests.ConnectionError("reset")}, id="connection reset"),
            pytest.param({"exc": ReadTimeout}, id="no answer in time"),
            pytest.param({"exc": ConnectTimeout}, id="no connection in time"),
            pytest.param(refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403), id="too many"),
        ],
    )
    def test_is_tried_again_after(self, salesforce, vendor, waits, bad_day):
        vendor.get(QUERY, [bad_day, bad_day, {"json": EMPTY}])

        assert list(salesforce.query("SELECT Id FROM Lead")) == []
        assert waits == [0.5, 1.0]
        assert salesforce.calls == 3

    def test_gives_up_after_four_tries(self, salesforce, vendor, waits):
        vendor.get(QUERY, status_code=503, text=HTML)

        with pytest.raises(Retry, match="503"):
            list(salesforce.query("SELECT Id FROM Lead"))
        assert waits == [0.5, 1.0, 2.0]

    def test_waits_as_long_as_the_vendor_says(self, salesforce, vendor, waits):
        vendor.get(QUERY, [{"status_code": 503, "headers": {"Retry-After": "7"}, "text": HTML}, {"json": EMPTY}])

        list(salesforce.query("SELECT Id FROM Lead"))

        assert waits == [7.0]

    def test_a_used_up_quota_is_for_later_and_not_asked_again(self, salesforce, vendor, sent):
        vendor.get(QUERY, **refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))

        with pytest.raises(Retry, match="quota"):
            list(salesforce.query("SELECT Id FROM Lead"))
        assert len(sent()) == 1

    def test_a_hidden_field_is_a_refusal_that_names_it(self, salesforce, vendor):
        message = "SELECT Phone FROM Lead\n       ^\nERROR at Row:1:Column:8\nNo such column 'Phone' on entity 'Lead'."
        vendor.get(QUERY, **refusal("INVALID_FIELD", message))

        with pytest.raises(RecordRefused) as error:
            list(salesforce.query("SELECT Phone FROM Lead"))
        assert error.value.code == "INVALID_FIELD"
        assert error.value.fields == ("Phone",)

    def test_a_cursor_that_is_gone_is_for_later(self, salesforce, vendor):
        vendor.get(QUERY, **refusal("INVALID_QUERY_LOCATOR", "invalid query locator"))

        with pytest.raises(Retry):
            list(salesforce.query("SELECT Id FROM Lead"))

    def test_somebody_elses_answer_needs_a_person(self, salesforce, vendor):
        vendor.get(QUERY, status_code=404, text=HTML)

        with pytest.raises(Fatal, match="right address"):
            list(salesforce.query("SELECT Id FROM Lead"))

    def test_retrieve_keeps_the_order_and_shows_gaps(self, salesforce, vendor):
        vendor.post(f"{COLLECTION}/Lead", json=[{"Id": "1", "Phone": "5"}, None])

        assert salesforce.retrieve("Lead", ["1", "2"], ["Id", "Phone"]) == [{"Id": "1", "Phone": "5"}, None]


class TestWriting:
    """Source: REST API Developer Guide, "Use sObject Collections"."""

    def test_goes_out_in_collections_of_200_each_row_on_its_own(self, salesforce, vendor, sent):
        vendor.post(COLLECTION, json=lambda request, _: saved(*map(str, range(len(request.json()["records"]))))["json"])

        results = salesforce.create("Lead", rows(450))

        assert [len(each.json()["records"]) for each in sent()] == [200, 200, 50]
        assert all(each.json()["allOrNone"] is False for each in sent())
        assert sent()[0].json()["records"][0] == {"attributes": {"type": "Lead"}, "LastName": "Berg 0"}
        assert len(results) == 450
        assert all(each.success and each.created for each in results)

    def test_a_refused_row_leaves_the_others_saved(self, salesforce, vendor):
        error = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Needs a phone.", "fields": ["Phone"]}
        vendor.patch(COLLECTION, json=[*saved("00Q1")["json"], {"success": False, "errors": [error]}])

        first, second = salesforce.update("Lead", [{"Id": "00Q1"}, {"Id": "00Q2"}])

        assert first.success
        assert not second.success
        assert second.errors == (SaveError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs a phone.", ("Phone",)),)

    def test_values_go_out_as_salesforce_spells_them(self, salesforce, vendor, sent):
        vendor.patch(COLLECTION, **saved("00Q1"))
        berlin = timezone(timedelta(hours=1))

        salesforce.update(
            "Lead",
            [
                {
                    "Id": "00Q1",
                    "Seen__c": datetime(2026, 2, 1, 11, 0, 0, 5000, tzinfo=berlin),
                    "Born__c": date(1990, 1, 2),
                    "Score__c": Decimal("12.50"),
                    "Round__c": Decimal("12.00"),
                    "Phone": None,
                }
            ],
        )

        record = sent()[0].json()["records"][0]
        assert record["Seen__c"] == "2026-02-01T10:00:00.005Z"
        assert record["Born__c"] == "1990-01-02"
        assert record["Score__c"] == 12.5
        assert record["Round__c"] == 12
        assert record["Phone"] is None

    def test_a_datetime_without_offset_is_refused_here(self, salesforce):
        with pytest.raises(ValueError, match="offset"):
            salesforce.update("Lead", [{"Id": "00Q1", "Seen__c": datetime(2026, 2, 1)}])  # noqa: DTZ001

    @pytest.mark.parametrize(
        "bad_day",
        [
            pytest.param({"status_code": 502, "text": HTML}, id="502 in HTML"),
            pytest.param({"status_code": 503, "text": HTML}, id="503 in HTML"),
            pytest.param(refusal("UNKNOWN_EXCEPTION", status=500), id="500"),
            pytest.param({"status_code": 200, "text": '[{"id": "00Q'}, id="answer cut in its text"),
            pytest.param({"status_code": 200, "text": HTML}, id="200 with a page"),
            pytest.param({"exc": ChunkedEncodingError}, id="answer cut on the wire"),
            pytest.param({"exc": requests.ConnectionError("reset")}, id="connection reset"),
            pytest.param({"exc": ReadTimeout}, id="no answer in time"),
            pytest.param({"json": []}, id="fewer answers than records"),
        ],
    )
    def test_a_create_is_not_repeated_when_nobody_knows_whether_it_happened(self, salesforce, vendor, sent, bad_day):
        vendor.post(COLLECTION, [bad_day])

        with pytest.raises(Unanswered) as error:
            salesforce.create("Lead", rows(3))
        assert len(sent()) == 1
        assert error.value.uncertain == 3

    @pytest.mark.parametrize(
        "bad_day",
        [
            pytest.param({"exc": ConnectTimeout}, id="no connection in time"),
            pytest.param({"exc": never_connected()}, id="connection refused"),
            pytest.param(refusal("SERVER_UNAVAILABLE", status=503), id="refused as unavailable"),
            pytest.param(refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403), id="too many"),
        ],
    )
    def test_a_create_that_did_not_reach_salesforce_is_repeated(self, salesforce, vendor, sent, bad_day):
        vendor.post(COLLECTION, [bad_day, saved("00Q1")])

        assert salesforce.create("Lead", rows(1))[0].id == "00Q1"
        assert len(sent()) == 2

    def test_an_update_is_repeated_because_twice_is_as_good_as_once(self, salesforce, vendor, sent):
        vendor.patch(COLLECTION, [{"exc": ChunkedEncodingError}, saved("00Q1")])

        assert salesforce.update("Lead", [{"Id": "00Q1", "Phone": "5"}])[0].success
        assert len(sent()) == 2

    def test_an_update_repeated_in_vain_may_still_have_happened(self, salesforce, vendor):
        vendor.patch(COLLECTION, exc=ReadTimeout)

        with pytest.raises(Unanswered):
            salesforce.update("Lead", [{"Id": "00Q1", "Phone": "5"}])

    def test_what_was_written_before_the_trouble_is_told(self, salesforce, vendor):
        vendor.post(COLLECTION, [saved(*map(str, range(200))), {"exc": ReadTimeout}])

        with pytest.raises(Unanswered) as error:
            salesforce.create("Lead", rows(350))
        assert len(error.value.results) == 200
        assert error.value.uncertain == 150

    def test_a_hidden_field_costs_only_the_rows_that_have_it(self, salesforce, vendor, sent):
        def answer(request, context):
            records = request.json()["records"]
            if any("Rating" in each for each in records):
                context.status_code = 400
                return refusal("INVALID_FIELD", "No such column 'Rating' on sobject of type Lead")["json"]
            return saved(*(each["Id"] for each in records))["json"]

        vendor.patch(COLLECTION, json=answer)

        results = salesforce.update("Lead", [{"Id": "1"}, {"Id": "2", "Rating": "Hot"}, {"Id": "3"}])

        assert [each.success for each in results] == [True, False, True]
        assert results[1].errors[0].fields == ("Rating",)
        assert len(sent()) == 2

    def test_a_value_that_cannot_be_read_is_found_by_halves(self, salesforce, vendor):
        def answer(request, context):
            records = request.json()["records"]
            if any(each.get("Born__c") == "tomorrow" for each in records):
                context.status_code = 400
                return refusal("JSON_PARSER_ERROR", "Cannot deserialize instance of date from VALUE_STRING")["json"]
            return saved(*(each["Id"] for each in records))["json"]

        vendor.patch(COLLECTION, json=answer)
        wanted = [{"Id": str(number)} for number in range(8)]
        wanted[5]["Born__c"] = "tomorrow"

        results = salesforce.update("Lead", wanted)

        assert [each.success for each in results] == [True] * 5 + [False] + [True] * 2
        assert [each.id for each in results if each.success] == ["0", "1", "2", "3", "4", "6", "7"]

    def test_a_refusal_that_no_row_is_to_blame_for_refuses_them_all_in_one_call(self, salesforce, vendor, sent):
        vendor.post(COLLECTION, **refusal("INVALID_TYPE", "sObject type 'Thing__c' is not supported."))

        results = salesforce.create("Thing__c", rows(5))

        assert {each.errors[0].code for each in results} == {"INVALID_TYPE"}
        assert len(sent()) == 1

    def test_upsert_says_what_was_created(self, salesforce, vendor):
        answer = [{"id": "1", "success": True, "created": True, "errors": []}]
        vendor.patch(f"{COLLECTION}/Lead/Marketo_Id__c", json=answer)

        assert salesforce.upsert("Lead", "Marketo_Id__c", [{"Marketo_Id__c": "7"}])[0].created is True

    def test_deleting_what_is_gone_is_done(self, salesforce, vendor):
        gone = {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted"}]}
        vendor.delete(COLLECTION, json=[gone])

        assert salesforce.delete(["00Q1"])[0].success


class TestCreateOne:
    """Source: REST API Developer Guide, "Create a Record" and "Assignment Rule Header"."""

    @pytest.mark.parametrize(("assignment", "header"), [("auto", "TRUE"), (None, "FALSE"), ("01Q1", "01Q1")])
    def test_says_which_assignment_rule_is_to_run(self, salesforce, vendor, sent, assignment, header):
        vendor.post(f"{DATA}/sobjects/Lead", status_code=201, json={"id": "00Q1", "success": True, "errors": []})

        result = salesforce.create_one("Lead", {"LastName": "Berg"}, assignment=assignment)

        assert (result.id, result.created) == ("00Q1", True)
        assert sent()[0].headers["Sforce-Auto-Assign"] == header

    def test_every_rule_that_refused_it_is_told(self, salesforce, vendor):
        errors = [
            {"message": text, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": [name]}
            for text, name in (("Needs a phone.", "Phone"), ("Needs a city.", "City"))
        ]
        vendor.post(f"{DATA}/sobjects/Lead", status_code=400, json=errors)

        result = salesforce.create_one("Lead", {"LastName": "Berg"})

        assert not result.success
        assert [each.fields for each in result.errors] == [("Phone",), ("City",)]

    def test_is_not_repeated_after_a_lost_answer(self, salesforce, vendor, sent):
        vendor.post(f"{DATA}/sobjects/Lead", exc=ReadTimeout)

        with pytest.raises(Unanswered) as error:
            salesforce.create_one("Lead", {"LastName": "Berg"})
        assert error.value.uncertain == 1
        assert len(sent()) == 1


class TestDescribe:
    """Source: REST API Developer Guide, "sObject Describe"."""

    ANSWER: ClassVar = {
        "name": "Lead",
        "createable": True,
        "updateable": True,
        "fields": [
            {
                "name": "Rating",
                "label": "Rating",
                "type": "picklist",
                "length": 255,
                "precision": 0,
                "scale": 0,
                "custom": False,
                "nillable": True,
                "createable": True,
                "updateable": False,
                "calculated": False,
                "externalId": False,
                "unique": False,
                "restrictedPicklist": True,
                "defaultedOnCreate": False,
                "referenceTo": [],
                "picklistValues": [{"value": "Hot", "active": True}, {"value": "Old", "active": False}],
            }
        ],
    }

    def test_shows_fields_as_the_sync_user_sees_them_and_active_values(self, salesforce, vendor):
        vendor.get(f"{DATA}/sobjects/Lead/describe", json=self.ANSWER)

        rating = salesforce.describe("Lead").fields["Rating"]

        assert (rating.type, rating.updateable, rating.restricted) == ("picklist", False, True)
        assert rating.picklist_values == ("Hot",)

    def test_is_asked_once_until_forgotten(self, salesforce, vendor, sent):
        vendor.get(f"{DATA}/sobjects/Lead/describe", json=self.ANSWER)

        salesforce.describe("Lead")
        salesforce.describe("Lead")
        assert len(sent()) == 1
        salesforce.forget_describes()
        salesforce.describe("Lead")
        assert len(sent()) == 2


class TestClock:
    def test_is_the_date_of_the_latest_answer(self, salesforce, vendor):
        vendor.get(QUERY, json=EMPTY, headers={"Date": "Mon, 05 Jan 2026 09:05:00 GMT"})

        list(salesforce.query("SELECT Id FROM Lead"))

        assert salesforce.now() == datetime(2026, 1, 5, 9, 5, tzinfo=UTC)

    def test_is_asked_for_when_there_was_no_answer_yet_without_counting_as_a_call(self, salesforce, vendor):
        vendor.get(f"{SF}/services/data", json=[], headers={"Date": DATE})

        assert salesforce.now() == datetime(2026, 1, 5, 9, tzinfo=UTC)
        assert salesforce.calls == 0


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("O'Neil \\ Sons", r"'O\'Neil \\ Sons'"),
        (True, "true"),
        (None, "null"),
        (3, "3"),
        (Decimal("12.50"), "12.50"),
        (date(2026, 2, 1), "2026-02-01"),
        (datetime(2026, 2, 1, 10, 0, 0, 5000, tzinfo=UTC), "2026-02-01T10:00:00.005Z"),
        (["a", "b'"], r"('a','b\'')"),
    ],
)
def test_a_value_as_it_stands_in_soql(value, literal):
    assert soql_literal(value) == literal
