from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import requests
from requests_mock import Adapter

from fakes.kit.wsgi import WSGIAdapter

from .calls import attributes

ENGINE = "http://engine.test"


@pytest.fixture
def lead(api):
    return api.sync({"email": "a@example.org", "firstName": "Anna", "lastName": "Berg"})[0]["id"]


@pytest.fixture
def run(api, instance, lead):
    """Let the person enter a campaign, and wait until its flow has run or waits."""

    def run(campaign, *steps, tokens=None):
        if steps:
            instance.campaigns.create(campaign, list(steps))
        number = api.result("/rest/v1/campaigns.json", name=campaign)[0]["id"]
        rows = [{"name": f"{{{{{name}}}}}", "value": value} for name, value in (tokens or {}).items()]
        answer = api.post(
            f"/rest/v1/campaigns/{number}/trigger.json", {"input": {"leads": [{"id": lead}], "tokens": rows}}
        )
        assert answer["success"], answer
        assert instance.idle(10)
        return number

    return run


class Engine:
    """Whoever runs the sync: what it was asked, and what it answers."""

    def __init__(self):
        self.asked, self.answer, self.before = [], {"status": "done", "sfdcId": "00Q1", "sfdcType": "Lead"}, None

    def __call__(self, environ, start_response):
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        self.asked.append((environ["PATH_INFO"], environ.get("HTTP_X_SYNCRIG_SECRET"), body))
        if self.before:
            self.before(body)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(self.answer).encode()]


@pytest.fixture
def engine(instance):
    engine = Engine()
    session = requests.Session()
    session.mount(ENGINE, WSGIAdapter(engine))
    instance.connect_engine(ENGINE, "s3cret", session)
    return engine


class TestSyncPersonToSfdc:
    """Ours: the one call to whoever runs the sync. Source for the entry: sync facts SP-02, SP-07."""

    def test_the_engine_is_asked_and_the_entry_says_what_was_asked(self, api, run, engine, lead):
        number = run("Sync Person to SFDC")

        ((path, secret, body),) = engine.asked
        assert (path, secret) == ("/flow-actions", "s3cret")
        assert len(body.pop("id")) == 36
        assert body == {
            "action": "sync_person_to_sfdc",
            "leadId": lead,
            "campaignId": number,
            "parameters": {"assignTo": "auto"},
        }
        (entry,) = api.activities(19)
        assert entry["campaignId"] == number
        assert (entry["primaryAttributeValueId"], entry["primaryAttributeValue"]) == (lead, "Anna Berg")
        assert attributes(entry) == {"Assign To": "Auto Assign", "Campaign": "Sync Person to SFDC"}

    def test_the_integration_chooses_whom_to_assign_by_a_token(self, api, run, engine):
        run("Sync Person to SFDC", tokens={"my.assignTo": "005000000000001AAA"})

        assert engine.asked[0][2]["parameters"] == {"assignTo": "005000000000001AAA"}
        assert attributes(api.activities(19)[0])["Assign To"] == "005000000000001AAA"

    def test_a_refusal_of_salesforce_stands_in_the_entry(self, api, run, engine):
        engine.answer = {"status": "failed", "error": "Failed to create in SFDC {X: y}"}

        run("Sync Person to SFDC")

        assert attributes(api.activities(19)[0])["Error"] == "Failed to create in SFDC {X: y}"

    def test_the_engine_may_call_back_while_the_step_runs(self, api, run, engine):
        engine.before = lambda _: api.sync({"email": "a@example.org", "title": "T"})

        run("Sync Person to SFDC")

        assert [e["activityTypeId"] for e in api.activities(13, 19, 47)] == [47, 13, 19]

    @pytest.mark.usefixtures("api")
    def test_a_scenarios_own_campaign(self, run, engine):
        run("Send to sales", {"step": "Sync Person to SFDC", "assignTo": "00G1"})

        assert engine.asked[0][2]["parameters"] == {"assignTo": "00G1"}

    def test_without_an_engine_the_step_fails_and_says_why(self, api, run):
        run("Sync Person to SFDC")

        assert "not connected to Salesforce" in attributes(api.activities(19)[0])["Error"]

    @pytest.mark.usefixtures("clock")
    def test_with_crm_sync_none_it_fails_even_with_one(self, build):
        instance = build("none", persons=[{"lastName": "Berg"}])
        instance.connect_engine(ENGINE)
        number = instance.campaigns.find(names=["Sync Person to SFDC"])[0][0].id
        instance.campaigns.request(number, [1], {}, source="test")

        assert instance.idle(10)
        assert "not connected" in attributes(instance.activities.log(1)[-1])["Error"]

    def test_nobody_listens_three_tries_under_one_id(self, api, instance, run):
        adapter = Adapter()
        adapter.register_uri("POST", f"{ENGINE}/flow-actions", exc=requests.ConnectionError)
        session = requests.Session()
        session.mount(ENGINE, adapter)
        instance.connect_engine(ENGINE, "", session)

        run("Sync Person to SFDC")

        assert len(adapter.request_history) == 3
        assert len({request.json()["id"] for request in adapter.request_history}) == 1
        assert attributes(api.activities(19)[0])["Error"].endswith(f"no sync engine listens at {ENGINE}")

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ({"exc": requests.Timeout}, "did not answer within 30 seconds"),
            ({"status_code": 503}, "answered HTTP 503"),
            ({"text": "<html>"}, "no usable answer"),
            ({"json": {"status": "perhaps"}}, "no usable answer"),
        ],
    )
    def test_bad_answers_fail_the_step_at_once(self, api, instance, run, answer, said):
        adapter = Adapter()
        adapter.register_uri("POST", f"{ENGINE}/flow-actions", **answer)
        session = requests.Session()
        session.mount(ENGINE, adapter)
        instance.connect_engine(ENGINE, "", session)

        run("Sync Person to SFDC")

        assert len(adapter.request_history) == 1
        assert said in attributes(api.activities(19)[0])["Error"]

    @pytest.mark.usefixtures("run")
    def test_an_answer_that_comes_after_a_reset_writes_nothing(self, api, instance, engine, lead):
        snapshot, arrived, go = instance.snapshot(), threading.Event(), threading.Event()
        engine.before = lambda _: (arrived.set(), go.wait(10))
        number = api.result("/rest/v1/campaigns.json", name="Sync Person to SFDC")[0]["id"]
        instance.campaigns.request(number, [lead], {}, source="test")
        assert arrived.wait(10)

        instance.restore(snapshot)
        go.set()

        assert instance.idle(10)
        assert api.activities(19, 47) == []


class TestTheOtherSalesforceSteps:
    """Sources: Marketo product guide, "Salesforce Flow Actions"; sync facts FLO-10 to FLO-19."""

    @pytest.mark.parametrize(
        ("campaign", "tokens", "action", "parameters", "type_id", "told"),
        [
            (
                "Change Owner",
                {"my.assignTo": "0051"},
                "change_owner",
                {"assignTo": "0051"},
                23,
                {"Owner": "0051", "Campaign": "Change Owner"},
            ),
            (
                "Convert Person",
                {"my.convertedStatus": "Qualified"},
                "convert_person",
                {"assignTo": "auto", "convertedStatus": "Qualified"},
                21,
                {"Converted Status": "Qualified", "Assign To": "Auto Assign", "Campaign": "Convert Person"},
            ),
            (
                "Add to SFDC Campaign",
                {"my.campaign": "7011", "my.status": "Sent"},
                "add_to_sfdc_campaign",
                {"campaign": "7011", "status": "Sent"},
                42,
                {"Status": "Sent"},
            ),
            (
                "Change Status in SFDC Campaign",
                {"my.campaign": "7011", "my.status": "Won"},
                "change_status_in_sfdc_campaign",
                {"campaign": "7011", "status": "Won"},
                44,
                {"New Status": "Won"},
            ),
            (
                "Remove from SFDC Campaign",
                {"my.campaign": "7011"},
                "remove_from_sfdc_campaign",
                {"campaign": "7011"},
                43,
                {},
            ),
            ("Create Task", {"my.subject": "Call"}, "create_task", {"subject": "Call"}, 26, {"Is Task": True}),
            (
                "Delete Person from SFDC",
                {},
                "delete_person_from_sfdc",
                {"deleteInMarketo": False},
                29,
                {"Delete in Marketo": False, "Campaign": "Delete Person from SFDC"},
            ),
        ],
    )
    def test_go_the_same_way(self, api, run, engine, campaign, tokens, action, parameters, type_id, told):
        run(campaign, tokens=tokens)

        ((_, _, body),) = engine.asked
        assert (body["action"], body["parameters"]) == (action, parameters)
        assert attributes(api.activities(type_id)[0]) == told

    def test_a_required_value_that_no_token_gave_fails_without_a_call(self, api, run, engine):
        run("Change Owner")

        assert engine.asked == []
        assert attributes(api.activities(23)[0])["Error"] == "Change Owner has no value for assignTo"

    @pytest.mark.usefixtures("engine")
    def test_deleted_in_both(self, api, run, lead):
        run("Delete Person from SFDC", tokens={"my.deleteInMarketo": "true"})

        assert api.result(f"/rest/v1/lead/{lead}.json") == []
        assert len(api.result("/rest/v1/activities/deletedleads.json", nextPageToken=api.token_since())) == 1


class TestMarketosOwnSteps:
    """Source: Marketo product guide, "Flow Actions"."""

    def test_change_data_value(self, api, run):
        run(
            "C",
            {
                "step": "Change Data Value",
                "attribute": "Job Title",
                "value": "CTO of {{company.Company Name}}{{lead.First Name}}",
            },
        )

        (entry,) = api.activities(13)
        assert attributes(entry) == {
            "New Value": "CTO of Anna",
            "Reason": "Changed by Smart Campaign C action Change Data Value",
            "Source": "Marketo Flow Action",
        }
        assert "campaignId" in entry

    def test_null_clears(self, api, run, lead):
        run("C", {"step": "Change Data Value", "attribute": "firstName", "value": "NULL"})

        assert api.lead(lead)["firstName"] is None

    def test_a_value_that_does_not_fit_changes_nothing_and_is_counted(self, api, run, instance, lead):
        run("C", {"step": "Change Data Value", "attribute": "email", "value": "nobody"})

        assert api.lead(lead)["email"] == "a@example.org"
        assert len(instance.journal.ledger()) == 1

    def test_change_score_is_two_entries(self, api, run, lead):
        run("C", {"step": "Change Score", "change": "+10"}, {"step": "Change Score", "change": "-3"})

        assert api.lead(lead, "leadScore")["leadScore"] == 7
        assert [e["activityTypeId"] for e in api.activities(13, 22)] == [22, 13, 22, 13]
        last = attributes(api.activities(22)[-1])
        assert (last["Change Value"], last["Old Value"], last["New Value"]) == ("-3", 10, 7)

    def test_an_email_is_recorded_and_not_to_who_unsubscribed(self, api, run):
        run("C", {"step": "Send Email", "email": "Welcome"})
        api.sync({"email": "a@example.org", "unsubscribed": True})
        run("C")

        assert [(e["activityTypeId"], e["primaryAttributeValue"]) for e in api.activities(6, 7)] == [
            (6, "Welcome"),
            (7, "Welcome"),
        ]

    def test_wait_waits_for_the_clock(self, api, run, instance, clock, lead):
        run("C", {"step": "Wait", "duration": "PT5M"}, {"step": "Change Score", "change": "+1"})
        clock.advance(timedelta(minutes=4, seconds=59), settle=10)
        assert api.lead(lead, "leadScore")["leadScore"] is None

        clock.advance(timedelta(seconds=1), settle=10)

        assert instance.idle(10)
        assert api.lead(lead, "leadScore")["leadScore"] == 1

    def test_a_wait_belongs_to_the_state_that_it_began_in(self, api, run, instance, clock, lead):
        empty = instance.snapshot()
        run("C", {"step": "Wait", "duration": "PT5M"}, {"step": "Change Score", "change": "+1"})
        waiting = instance.snapshot()
        instance.restore(empty)
        clock.advance(timedelta(minutes=4), settle=10)
        instance.restore(waiting)

        clock.advance(timedelta(minutes=1), settle=10)

        assert instance.idle(10)
        assert api.lead(lead, "leadScore")["leadScore"] == 1

    def test_lists(self, api, run, lead):
        run("C", {"step": "Add to List", "list": "VIP"})
        number = api.result("/rest/v1/lists.json", name="VIP")[0]["id"]
        assert [row["id"] for row in api.result(f"/rest/v1/lists/{number}/leads.json")] == [lead]

        run("D", {"step": "Remove from List", "list": "VIP"})

        assert api.result(f"/rest/v1/lists/{number}/leads.json") == []
        assert {attributes(e)["Source"] for e in api.activities(24, 25)} == {"Marketo Flow Action"}

    def test_interesting_moment(self, api, run):
        run("C", {"step": "Interesting Moment", "type": "Web", "description": "Came by, {{lead.First Name}}"})

        (entry,) = api.activities(46)
        assert entry["primaryAttributeValue"] == "Web"
        assert attributes(entry)["Description"] == "Came by, Anna"

    def test_one_campaign_requests_another(self, api, run):
        run("Inner", {"step": "Change Score", "change": "+1"})
        run("Outer", {"step": "Request Campaign", "campaign": "Inner"})

        assert len(api.activities(47)) == 3
        assert len(api.activities(22)) == 2

    def test_delete_person_deletes_the_salesforce_record_first(self, api, connector, run, engine, lead):
        connector.sync({"id": lead, "sfdcLeadId": "00Q1", "sfdcType": "Lead"}, action="updateOnly", lookupField="id")
        engine.answer = {"status": "failed", "error": "Failed to delete"}
        run("C", {"step": "Delete Person"})
        assert attributes(api.activities(29)[0])["Error"] == "Failed to delete"
        assert api.lead(lead)

        engine.answer = {"status": "done"}
        run("C")

        assert api.result(f"/rest/v1/lead/{lead}.json") == []

    def test_after_the_person_is_gone_the_flow_ends(self, api, run, lead):
        run("C", {"step": "Delete Person"}, {"step": "Change Score", "change": "+1"})

        assert api.result(f"/rest/v1/lead/{lead}.json") == []
        assert api.activities(22) == []
