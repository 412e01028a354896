"""What the Marketo client makes of a vendor's good and bad days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ConnectTimeout, ReadTimeout

from syncengine.clients.errors import Fatal, Reauthenticate, RecordRefused, Retry, Unanswered
from syncengine.clients.marketo import FieldChange, LeadResult, MarketoClient, MarketoSettings

from .conftest import MKTO

REST = f"{MKTO}/rest/v1"
LEADS = f"{REST}/leads.json"
HTML = "<html><body><h1>Service Unavailable</h1></body></html>"


def answer(*result, **more):
    return {"json": {"requestId": "8c1d#19a2f0b7c44", "result": list(result), "success": True, **more}}


def refusal(code, message="said no"):
    errors = [{"code": code, "message": message}]
    return {"json": {"requestId": "8c1d#19a2f0b7c44", "success": False, "errors": errors}}


def form(request):
    return {name: values[0] for name, values in parse_qs(request.text, keep_blank_values=True).items()}


class TestToken:
    """Source: Marketo developer guide, "Authentication"."""

    def test_is_taken_by_a_form_so_that_no_address_holds_the_secret(self, marketo, vendor):
        vendor.get(LEADS, **answer())

        marketo.leads_by_filter("id", ["1"], ["email"])

        assert "secret" not in vendor.request_history[0].url
        assert form(vendor.request_history[0])["client_secret"] == "secret"
        assert vendor.request_history[1].headers["Authorization"] == "Bearer token-1"

    @pytest.mark.parametrize("code", ["600", "601", "602"])
    def test_is_renewed_in_mid_paging_and_the_position_goes_on(self, marketo, vendor, sent, code):
        page = answer(nextPageToken="P1", moreResult=False)
        vendor.get(f"{REST}/activities/leadchanges.json", [refusal(code, "Access token expired"), page])

        assert marketo.lead_changes("P0", ["email"]).next_token == "P1"
        assert [each.headers["Authorization"] for each in sent()] == ["Bearer token-1", "Bearer token-2"]
        assert [each.qs["nextpagetoken"] for each in sent()] == [["p0"], ["p0"]]

    def test_is_renewed_for_a_write_too_because_it_was_refused_before_anything_was_done(self, marketo, vendor):
        vendor.post(LEADS, [refusal("602"), answer({"id": 7, "status": "created"})])

        rows = [{"email": "a@example.com"}]
        assert marketo.sync_leads(rows, action="createOrUpdate", lookup_field="email") == [LeadResult(7, "created")]

    def test_refused_although_new_is_no_endless_loop(self, marketo, vendor, sent):
        vendor.get(LEADS, **refusal("601"))

        with pytest.raises(Reauthenticate):
            marketo.leads_by_filter("id", ["1"], ["email"])
        assert len(sent()) == 2

    @pytest.mark.parametrize(("connector", "named"), [(False, "MKTO_CLIENT_ID"), (True, "MKTO_CONNECTOR_ID")])
    def test_wrong_credentials_need_a_person(self, vendor, connector, named):
        said = {"error": "invalid_client", "error_description": "Bad client credentials"}
        vendor.post(f"{MKTO}/identity/oauth/token", status_code=401, json=said)
        client = MarketoClient(MarketoSettings(MKTO, "client", "wrong", connector=connector))

        with pytest.raises(Fatal, match=f"Bad client credentials.*{named}"):
            client.describe()

    def test_no_request_for_it_counts_as_a_call(self, marketo, vendor):
        vendor.get(LEADS, **answer())

        marketo.leads_by_filter("id", ["1"], ["email"])

        assert marketo.calls == 1


class TestReading:
    """Source: Marketo developer guide, "Error Codes"."""

    @pytest.mark.parametrize(
        ("bad_day", "expected_waits"),
        [
            pytest.param({"status_code": 503, "text": HTML}, [0.5, 1.0], id="503 in HTML"),
            pytest.param({"status_code": 502, "text": HTML}, [0.5, 1.0], id="502 in HTML"),
            pytest.param({"status_code": 200, "text": HTML}, [0.5, 1.0], id="200 with a page instead of JSON"),
            pytest.param({"status_code": 200, "text": '{"requestId": "8c'}, [0.5, 1.0], id="answer cut in its text"),
            pytest.param({"exc": ChunkedEncodingError}, [0.5, 1.0], id="answer cut on the wire"),
            pytest.param({"exc": requests.ConnectionError("reset")}, [0.5, 1.0], id="connection reset"),
            pytest.param({"exc": ReadTimeout}, [0.5, 1.0], id="no answer in time"),
            pytest.param(refusal("502"), [0.5, 1.0], id="502 bad gateway inside a 200"),
            pytest.param(refusal("604"), [0.5, 1.0], id="604 timed out"),
            pytest.param(refusal("608"), [0.5, 1.0], id="608 temporarily unavailable"),
            pytest.param(refusal("611"), [0.5, 1.0], id="611 system error"),
            pytest.param(refusal("713"), [0.5, 1.0], id="713 transient error"),
            pytest.param(refusal("615"), [0.5, 1.0], id="615 too many at once"),
            pytest.param(refusal("606"), [20.0, 20.0], id="606 too many in 20 seconds: the window passes"),
        ],
    )
    def test_is_tried_again_after(self, marketo, vendor, waits, bad_day, expected_waits):
        vendor.get(LEADS, [bad_day, bad_day, answer({"id": 1})])

        assert marketo.leads_by_filter("id", ["1"], ["email"]) == [{"id": 1}]
        assert waits == expected_waits

    def test_gives_up_after_four_tries_and_says_how_long_to_wait(self, marketo, vendor):
        vendor.get(LEADS, **refusal("606", "Max rate limit '100' exceeded with in '20' secs"))

        with pytest.raises(Retry) as error:
            marketo.leads_by_filter("id", ["1"], ["email"])
        assert error.value.after == 20
        assert marketo.calls == 4

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            pytest.param("607", Retry, id="607 daily quota: later"),
            pytest.param("603", Fatal, id="603 access denied: a person"),
            pytest.param("610", Fatal, id="610 no such resource: a person"),
            pytest.param("1006", RecordRefused, id="1006 unknown field: the others can go on"),
        ],
    )
    def test_is_not_asked_again_when_that_is_no_use(self, marketo, vendor, sent, code, kind):
        vendor.get(LEADS, **refusal(code))

        with pytest.raises(kind):
            marketo.leads_by_filter("id", ["1"], ["email"])
        assert len(sent()) == 1

    def test_an_unknown_field_is_named(self, marketo, vendor):
        vendor.get(LEADS, **refusal("1006", "Field 'shoeSize' not found"))

        with pytest.raises(RecordRefused) as error:
            marketo.leads_by_filter("id", ["1"], ["shoeSize"])
        assert error.value.fields == ("shoeSize",)

    def test_somebody_elses_answer_needs_a_person(self, marketo, vendor):
        vendor.get(LEADS, json={"hello": "world"})

        with pytest.raises(Fatal, match="MKTO_URL"):
            marketo.leads_by_filter("id", ["1"], ["email"])


class TestLeadsByFilter:
    """Source: Marketo developer guide, "Leads", Query."""

    def test_asks_for_300_values_at_a_time(self, marketo, vendor, sent):
        vendor.get(LEADS, **answer())

        marketo.leads_by_filter("id", range(1, 651), ["email"])

        assert [len(each.qs["filtervalues"][0].split(",")) for each in sent()] == [300, 300, 50]

    def test_goes_as_a_form_when_the_address_would_be_too_long(self, marketo, vendor, sent):
        vendor.post(LEADS, **answer({"id": 1}))
        emails = [f"person.{number}@a-rather-long-domain.example.com" for number in range(200)]

        assert marketo.leads_by_filter("email", emails, ["email", "firstName"]) == [{"id": 1}]
        (request,) = sent()
        assert request.qs == {"_method": ["get"]}
        assert form(request)["filterType"] == "email"
        assert form(request)["filterValues"] == ",".join(emails)

    def test_follows_its_pages_by_the_token_alone(self, marketo, vendor, sent):
        vendor.get(LEADS, [answer({"id": 1}, nextPageToken="P1="), answer({"id": 2})])

        assert [each["id"] for each in marketo.leads_by_filter("email", ["a@example.com"], ["email"])] == [1, 2]
        assert "nextPageToken=P1%3D" in sent()[1].url

    def test_asks_in_halves_when_too_many_match(self, marketo, vendor, sent):
        def reply(request, _):
            values = request.qs["filtervalues"][0].split(",")
            return (refusal("1003", "Too many results match the filter") if len(values) > 2 else answer())["json"]

        vendor.get(LEADS, json=reply)

        marketo.leads_by_filter("email", ["a", "b", "c", "d"], ["email"])

        assert [each.qs["filtervalues"][0] for each in sent()] == ["a,b,c,d", "a,b", "c,d"]


class TestSyncLeads:
    """Source: Marketo developer guide, "Leads", Create and Update."""

    def test_goes_out_300_at_a_time_and_answers_in_order(self, marketo, vendor, sent):
        def reply(request, _):
            return answer(*({"id": each["id"], "status": "updated"} for each in request.json()["input"]))["json"]

        vendor.post(LEADS, json=reply)

        rows = [{"id": number, "firstName": "A"} for number in range(1, 651)]
        results = marketo.sync_leads(rows, action="updateOnly", lookup_field="id")

        assert [len(each.json()["input"]) for each in sent()] == [300, 300, 50]
        assert [each.id for each in results] == list(range(1, 651))

    def test_goes_out_in_smaller_parts_when_a_body_would_be_too_large(self, marketo, vendor, sent):
        def reply(request, _):
            return answer(*({"id": 1, "status": "updated"} for _ in request.json()["input"]))["json"]

        vendor.post(LEADS, json=reply)

        rows = [{"id": number, "notes": "x" * 30_000} for number in range(100)]
        results = marketo.sync_leads(rows, action="updateOnly", lookup_field="id")

        assert len(results) == 100
        assert all(len(each.body) < 1_000_000 for each in sent())

    def test_a_skipped_row_has_its_reasons_and_no_id(self, marketo, vendor):
        reasons = [{"code": "1004", "message": "Lead not found"}]
        vendor.post(LEADS, **answer({"id": 7, "status": "updated"}, {"status": "skipped", "reasons": reasons}))

        results = marketo.sync_leads([{"id": 7}, {"id": 8}], action="updateOnly", lookup_field="id")

        assert results == [LeadResult(7, "updated"), LeadResult(None, "skipped", (("1004", "Lead not found"),))]

    def test_values_go_out_as_marketo_spells_them(self, marketo, vendor, sent):
        vendor.post(LEADS, **answer({"id": 7, "status": "updated"}))
        row = {
            "id": 7,
            "seen": datetime(2026, 2, 1, 10, 0, 0, 5000, tzinfo=UTC),
            "born": date(1990, 1, 2),
            "price": Decimal("12.50"),
            "phone": None,
        }

        marketo.sync_leads([row], action="updateOnly", lookup_field="id")

        assert sent()[0].json()["input"] == [
            {"id": 7, "seen": "2026-02-01T10:00:00Z", "born": "1990-01-02", "price": 12.5, "phone": None}
        ]

    LOST: ClassVar = [
        pytest.param({"status_code": 502, "text": HTML}, id="502 in HTML"),
        pytest.param({"status_code": 503, "text": HTML}, id="503 in HTML"),
        pytest.param({"status_code": 200, "text": '{"requestId": "8c'}, id="answer cut in its text"),
        pytest.param({"exc": ChunkedEncodingError}, id="answer cut on the wire"),
        pytest.param({"exc": requests.ConnectionError("reset")}, id="connection reset"),
        pytest.param({"exc": ReadTimeout}, id="no answer in time"),
        pytest.param(refusal("604"), id="604 timed out"),
        pytest.param(refusal("611"), id="611 system error"),
    ]

    @pytest.mark.parametrize("action", ["createOrUpdate", "createOnly", "createDuplicate"])
    @pytest.mark.parametrize("bad_day", LOST)
    def test_what_may_create_is_not_repeated_when_nobody_knows(self, marketo, vendor, sent, action, bad_day):
        vendor.post(LEADS, [bad_day])

        with pytest.raises(Unanswered) as error:
            marketo.sync_leads([{"sfdcLeadId": "00Q1"}], action=action, lookup_field="sfdcLeadId")
        assert len(sent()) == 1
        assert error.value.uncertain == 1

    @pytest.mark.parametrize("bad_day", LOST)
    def test_an_update_by_id_is_repeated(self, marketo, vendor, sent, bad_day):
        vendor.post(LEADS, [bad_day, answer({"id": 7, "status": "updated"})])

        marketo.sync_leads([{"id": 7}], action="updateOnly", lookup_field="id")

        assert len(sent()) == 2

    @pytest.mark.parametrize(
        "bad_day",
        [
            pytest.param({"exc": ConnectTimeout}, id="no connection in time"),
            pytest.param(refusal("606"), id="606"),
            pytest.param(refusal("608"), id="608"),
            pytest.param(refusal("615"), id="615"),
            pytest.param(refusal("713"), id="713"),
        ],
    )
    def test_what_marketo_refused_before_doing_it_is_repeated(self, marketo, vendor, bad_day):
        vendor.post(LEADS, [bad_day, answer({"id": 7, "status": "created"})])

        rows = [{"sfdcLeadId": "00Q1"}]
        assert marketo.sync_leads(rows, action="createOrUpdate", lookup_field="sfdcLeadId")[0].id == 7

    def test_what_was_written_before_the_trouble_is_told(self, marketo, vendor):
        first = answer(*({"id": number, "status": "created"} for number in range(300)))
        vendor.post(LEADS, [first, {"exc": ReadTimeout}])

        with pytest.raises(Unanswered) as error:
            marketo.sync_leads([{"email": str(n)} for n in range(310)], action="createOnly", lookup_field="email")
        assert len(error.value.results) == 300
        assert error.value.uncertain == 10


class TestActivities:
    """Source: Marketo developer guide, "Activities" and "Paging Tokens"."""

    def test_a_position_is_asked_for_in_utc_and_whole_seconds(self, marketo, vendor, sent):
        vendor.get(f"{REST}/activities/pagingtoken.json", json={"success": True, "nextPageToken": "P0"})

        assert marketo.paging_token(datetime(2026, 1, 5, 9, 0, 0, 999, tzinfo=UTC)) == "P0"
        assert sent()[0].qs["sincedatetime"] == ["2026-01-05t09:00:00z"]

    def test_a_lead_change_tells_what_changed(self, marketo, vendor):
        change = {
            "id": 783957693,
            "marketoGUID": "783957693",
            "leadId": 7149,
            "activityDate": "2026-03-02T09:15:09Z",
            "activityTypeId": 13,
            "fields": [{"id": 60, "name": "title", "newValue": "CTO", "oldValue": None}],
            "attributes": [{"name": "Source", "value": "Web service API"}],
        }
        vendor.get(f"{REST}/activities/leadchanges.json", **answer(change, nextPageToken="P1", moreResult=True))

        page = marketo.lead_changes("P0", ["title"])

        (activity,) = page.activities
        assert page.more
        assert activity.date == datetime(2026, 3, 2, 9, 15, 9, tzinfo=UTC)
        assert activity.fields == (FieldChange("title", "CTO", None),)
        assert activity.attributes == {"Source": "Web service API"}
        assert activity.campaign_id is None

    def test_an_empty_page_can_be_followed_by_more(self, marketo, vendor):
        vendor.get(
            f"{REST}/activities/deletedleads.json", json={"success": True, "nextPageToken": "P1", "moreResult": True}
        )

        page = marketo.deleted_leads("P0")

        assert (page.activities, page.more) == ((), True)

    @pytest.mark.parametrize(("types", "leads"), [((), ()), (range(11), ()), ((19,), range(31))])
    def test_no_more_than_marketo_takes_can_be_asked_for(self, marketo, types, leads):
        with pytest.raises(ValueError, match="1 to 10 types"):
            marketo.activities("P0", types, leads)

    def test_adding_is_not_repeated_when_nobody_knows(self, marketo, vendor, sent):
        vendor.post(f"{REST}/activities/external.json", exc=ReadTimeout)

        with pytest.raises(Unanswered):
            marketo.add_activities([{"leadId": 1, "activityTypeId": 19}])
        assert len(sent()) == 1

    def test_a_refused_activity_calls_its_reasons_errors(self, marketo, vendor):
        bad = {"status": "skipped", "errors": [{"code": "1004", "message": "Lead not found"}]}
        good = {"id": 5, "marketoGUID": "5", "status": "added"}
        vendor.post(f"{REST}/activities/external.json", **answer(good, bad))

        first, second = marketo.add_activities([{"leadId": 1}, {"leadId": 2}])

        assert (first.guid, first.status) == ("5", "added")
        assert (second.guid, second.reasons) == (None, (("1004", "Lead not found"),))

    def test_a_new_type_is_drafted_filled_and_approved(self, marketo, vendor, sent):
        base = f"{REST}/activities/external/type"
        for path in (".json", "/salesforceSyncError/attributes/create.json", "/salesforceSyncError/approve.json"):
            vendor.post(f"{base}{path}", **answer({"apiName": "salesforceSyncError", "status": path}))

        marketo.create_custom_activity_type({"apiName": "salesforceSyncError", "name": "Salesforce Sync Error"})
        marketo.create_custom_activity_attributes("salesforceSyncError", [{"apiName": "fields"}])
        made = marketo.approve_custom_activity_type("salesforceSyncError")

        assert made["status"] == "/salesforceSyncError/approve.json"
        assert sent()[0].json() == {"apiName": "salesforceSyncError", "name": "Salesforce Sync Error"}
        assert sent()[1].json() == {"attributes": [{"apiName": "fields"}]}


class TestFields:
    """Source: Marketo developer guide, "Leads", Describe and Fields."""

    def test_are_known_by_their_rest_name_and_those_without_one_are_left_out(self, marketo, vendor, sent):
        email = {
            "id": 56,
            "displayName": "Email Address",
            "dataType": "email",
            "length": 255,
            "rest": {"name": "email", "readOnly": False},
        }
        vendor.get(
            f"{REST}/leads/describe.json", **answer(email, {"id": 9, "displayName": "Inside", "dataType": "text"})
        )

        fields = marketo.describe()
        marketo.describe()

        assert list(fields) == ["email"]
        assert (fields["email"].type, fields["email"].length, fields["email"].read_only) == ("email", 255, False)
        assert len(sent()) == 1

    def test_made_are_seen_by_the_next_describe(self, marketo, vendor, sent):
        vendor.get(f"{REST}/leads/describe.json", **answer())
        vendor.post(f"{REST}/leads/schema/fields.json", **answer({"name": "tier", "status": "created"}))

        marketo.describe()
        (result,) = marketo.create_fields([{"name": "tier", "displayName": "Tier", "dataType": "string"}])
        marketo.describe()

        assert (result.name, result.status) == ("tier", "created")
        assert len(sent()) == 3


class TestCampaigns:
    """Source: Marketo developer guide, "Campaigns"."""

    def test_are_found_by_their_exact_name(self, marketo, vendor, sent):
        vendor.get(f"{REST}/campaigns.json", **answer({"id": 1043, "name": "Sync Person to SFDC"}))

        assert marketo.campaigns("Sync Person to SFDC")[0]["id"] == 1043
        assert sent()[0].qs["name"] == ["sync person to sfdc"]

    def test_are_requested_for_100_leads_at_a_time(self, marketo, vendor, sent):
        vendor.post(f"{REST}/campaigns/1043/trigger.json", **answer({"id": 1043}))

        marketo.request_campaign(1043, range(1, 151))

        assert [len(each.json()["input"]["leads"]) for each in sent()] == [100, 50]

    def test_are_not_requested_twice_when_nobody_knows(self, marketo, vendor, sent):
        vendor.post(f"{REST}/campaigns/1043/trigger.json", exc=requests.exceptions.ReadTimeout)

        with pytest.raises(Unanswered):
            marketo.request_campaign(1043, [1])
        assert len(sent()) == 1


class TestClock:
    def test_is_marketos_by_its_latest_answer(self, marketo, vendor):
        vendor.get(LEADS, **answer(), headers={"Date": "Mon, 05 Jan 2026 09:05:00 GMT"})

        marketo.leads_by_filter("id", ["1"], ["email"])

        assert marketo.now() == datetime(2026, 1, 5, 9, 5, tzinfo=UTC)

    def test_is_asked_for_when_there_was_no_answer_yet(self, marketo):
        assert marketo.now() == datetime(2026, 1, 5, 9, tzinfo=UTC)
        assert marketo.calls == 0
