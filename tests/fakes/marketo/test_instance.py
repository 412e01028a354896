from __future__ import annotations

import pytest

from fakes.kit.control import Control
from fakes.kit.scenario import GenerateSpec, ScenarioError
from fakes.marketo.origin import MANUAL

from .calls import Calls, error
from .conftest import app_of


class TestBuild:
    """Ours: the Marketo part of a scenario."""

    def test_fields_persons_and_campaigns(self, build):
        instance = build(
            fields={"loyaltyTier": {"type": "string", "length": 4, "label": "Tier"}, "visits": {"type": "integer"}},
            persons=[{"ref": "anna", "firstName": "Anna", "loyaltyTier": "Golden", "visits": "3"}],
            campaigns=[{"name": "Send to sales", "flow": [{"step": "Sync Person to SFDC"}]}],
        )
        api = Calls(app_of(instance))

        assert instance.refs == {"anna": 1}
        assert api.lead(1, "loyaltyTier", "visits") == {"id": 1, "loyaltyTier": "Gold", "visits": 3}
        assert instance.fields["loyaltyTier"].display_name == "Tier"
        assert api.result("/rest/v1/campaigns.json", name="Send to sales")

    def test_its_people_came_the_day_before(self, build):
        api = Calls(app_of(build(persons=[{"ref": "anna", "firstName": "Anna"}])))

        assert api.lead(1)["createdAt"] == "2026-01-04T09:00:00Z"
        assert api.activities(12, since="2026-01-05T08:00:00Z") == []

    def test_generated_people_are_the_same_for_the_same_seed(self, build):
        def people(seed):
            return build(generate=[GenerateSpec("Person", 5, ("en_US", "sv_SE"))], seed=seed).leads.browse().records

        assert people(7) == people(7)
        assert people(7) != people(8)

    @pytest.mark.parametrize(
        ("part", "said"),
        [
            ({"fields": {"a": {"type": "picklist"}}}, "'picklist' is not a type"),
            ({"fields": {"email": {"type": "string"}}}, "email: a field of that name exists"),
            ({"fields": {"a b": {"type": "string"}}}, "'a b' is not a REST name"),
            ({"persons": [{"ref": "anna", "First Name": "Anna"}]}, "its REST name is 'firstName'"),
            ({"persons": [{"ref": "anna", "shoe": 1}]}, "persons[0]: there is no field 'shoe'"),
            ({"persons": [{"ref": "anna", "sfdcType": "Lead"}]}, "'sfdcType' is read-only"),
            ({"persons": [{"ref": "anna", "email": "nobody"}]}, "Invalid value for field 'email'"),
            ({"persons": [{"ref": "a"}, {"ref": "a"}]}, "stands twice"),
            ({"campaigns": [{"name": "C", "flow": [{"step": "Wiat", "duration": "PT1M"}]}]}, "did you mean 'Wait'?"),
            ({"generate": [GenerateSpec("Person", 1, ("xx_XX",))]}, "'xx_XX' is not a locale"),
        ],
    )
    def test_what_cannot_be_is_named(self, build, part, said):
        with pytest.raises(ScenarioError) as refused:
            build(**part)

        assert said in str(refused.value)


class TestLink:
    """Ours: people of a scenario who are synced already."""

    def test_native_keeps_it_in_marketos_own_fields(self, build):
        instance = build(persons=[{"ref": "anna", "firstName": "Anna"}, {"ref": "ben", "firstName": "Ben"}])
        instance.link("anna", "00Q000000000001AAA", "Lead")
        instance.link("ben", "003000000000001AAA", "Contact")
        api = Calls(app_of(instance))

        assert api.lead(1, "sfdcId", "sfdcType", "sfdcLeadId")["sfdcLeadId"] == "00Q000000000001AAA"
        assert api.lead(2, "sfdcId", "sfdcType") == {"id": 2, "sfdcId": "003000000000001AAA", "sfdcType": "Contact"}
        assert api.activities(13) == []

    def test_external_keeps_it_in_custom_fields(self, build):
        instance = build("external", persons=[{"ref": "anna", "firstName": "Anna"}])
        instance.link("anna", "00Q000000000001AAA", "Lead")

        assert Calls(app_of(instance)).lead(1, "syncrigSfdcId", "syncrigSfdcType") == {
            "id": 1,
            "syncrigSfdcId": "00Q000000000001AAA",
            "syncrigSfdcType": "Lead",
        }


class TestState:
    """Ours: snapshot and restore; a world kept in a folder."""

    def test_everything_goes_back(self, api, connector, instance):
        api.sync({"email": "a@example.org"})
        snapshot = instance.snapshot()
        before = api.get("/rest/v1/lead/1.json")

        def change():
            connector.post(
                "/rest/v1/leads/schema/fields.json",
                {"input": [{"name": "Size__c", "displayName": "Size", "dataType": "string"}]},
            )
            api.sync({"email": "b@example.org"}, {"email": "a@example.org", "title": "T"})
            instance.campaigns.create("C", [{"step": "Wait", "duration": "PT1M"}])

        change()
        first = connector.get("/rest/v1/leads/describe.json")["result"]
        for _ in range(2):
            instance.restore(snapshot)

            assert error(api.get("/rest/v1/lead/1.json", fields="Size__c"))[0] == "1006"
            assert [e["leadId"] for e in api.activities(12, 13)] == [1]
            assert api.result("/rest/v1/campaigns.json", name="C") == []
            assert api.get("/rest/v1/lead/1.json")["result"] == before["result"]
            change()
            assert connector.get("/rest/v1/leads/describe.json")["result"] == first
            assert api.result("/rest/v1/leads.json", filterType="email", filterValues="b@example.org")[0]["id"] == 2

    def test_a_token_given_after_the_snapshot_is_unknown_again(self, instance, clock):
        app = app_of(instance)
        control = Control(clock, [instance])
        api = Calls(app)
        assert api.get("/rest/v1/leads/partitions.json")["success"]

        control.reset()

        assert error(api.get("/rest/v1/leads/partitions.json"))[0] == "601"

    def test_a_world_in_a_folder_is_taken_up_again(self, build, tmp_path):
        part = {"persons": [{"ref": "anna", "firstName": "Anna"}], "fields": {"tier": {"type": "string"}}}
        first = build(data=tmp_path, **part)
        first.leads.change(1, {"tier": "Gold"}, MANUAL)
        first.link("anna", "00Q1", "Lead")
        first.store.update_lead(1, {"sfdcLeadId": "00Q2", "sfdcId": "00Q2"})
        first.close()

        again = build(data=tmp_path, **part)
        again.link("anna", "00Q1", "Lead")

        assert again.refs == {"anna": 1}
        assert again.leads.get(1, ["tier", "sfdcId"]) == [{"id": 1, "tier": "Gold", "sfdcId": "00Q2"}]
        assert again.store.count_leads() == 1

    def test_an_ordered_error_is_marketos_own(self, api, instance):
        instance.faults.add({"match": {"path": "/rest/v1/leads"}, "do": {"error": "608"}})

        assert error(api.get("/rest/v1/leads/partitions.json")) == ("608", "API Temporarily Unavailable")
        assert api.get("/rest/v1/leads/partitions.json")["success"]

    def test_the_journal_names_the_user_and_what_was_sent(self, api, instance):
        form = {"_method": "GET", "filterType": "id", "filterValues": "1"}
        api.raw("POST", "/rest/v1/leads.json", data=form)

        last = instance.journal.exchanges()[-1]
        assert (last["method"], last["path"], last["user"]) == ("POST", "/rest/v1/leads.json", "api@syncrig.test")


class TestSideDoor:
    """Ours: what only Marketo's side door has."""

    @pytest.fixture
    def door(self, app):
        return app.test_client()

    def test_campaigns(self, door, api):
        made = door.post("/_fake/campaigns", json={"name": "C", "flow": [{"step": "Sync Person to SFDC"}]}).json
        again = door.post("/_fake/campaigns", json={"name": "C", "flow": [{"step": "Wait", "duration": "PT1M"}]}).json

        assert made == again == {"id": api.result("/rest/v1/campaigns.json", name="C")[0]["id"]}

    def test_campaigns_that_cannot_be(self, door):
        for body, said in [
            ({"flow": [{"step": "Wait", "duration": "PT1M"}]}, "needs a name"),
            ({"name": "C", "flow": [{"step": "Wiat"}]}, "did you mean 'Wait'?"),
            ({"name": "C", "flows": []}, "unknown member 'flows'"),
        ]:
            answer = door.post("/_fake/campaigns", json=body)
            assert answer.status_code == 400
            assert said in answer.json["errors"][0]["message"]

    def test_the_engine(self, door, instance):
        assert door.put("/_fake/engine", json={"url": "http://127.0.0.1:8103", "secret": "s"}).status_code == 200
        assert (instance.engine.url, instance.engine.secret) == ("http://127.0.0.1:8103", "s")
        assert door.get("/_fake/engine").json == {"url": "http://127.0.0.1:8103"}
        assert door.put("/_fake/engine", json={"url": None}).json == {"url": None}
        assert instance.engine is None
        assert door.put("/_fake/engine", json={"url": "nowhere"}).status_code == 400

    def test_limits(self, door, instance):
        changed = door.put("/_fake/limits", json={"daily": 3, "concurrency": None, "rateOnFrozenClock": True}).json

        assert changed == {"daily": 3, "rate": 100, "rateSeconds": 20, "rateOnFrozenClock": True, "concurrency": None}
        assert instance.limits.daily == 3
        for wrong in ({"daily": -1}, {"rateSeconds": None}, {"weekly": 1}, {"rate": True}):
            assert door.put("/_fake/limits", json=wrong).status_code == 400

    def test_the_activity_feed(self, door, instance):
        assert door.put("/_fake/activity-feed", json={"delay": "PT30S", "every": 2, "block": 10}).json == {
            "delay": "PT30S",
            "every": 2,
            "block": 10,
        }
        assert instance.activities.feed.block == 10
        assert door.put("/_fake/activity-feed", json={"delay": "soon"}).status_code == 400
        assert door.put("/_fake/activity-feed", json={"every": 0}).status_code == 400

    def test_fields(self, door, api):
        assert door.put("/_fake/fields/tier", json={"type": "string", "label": "Tier"}).json == {"name": "tier"}
        assert api.sync({"email": "a@example.org", "tier": "Gold"})[0]["status"] == "created"
        assert door.put("/_fake/fields/tier", json={"type": "string"}).status_code == 400
