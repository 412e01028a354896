from __future__ import annotations

import pytest

from fakes.marketo.steps import FlowRefused, parse_flow, parse_score_change, parse_wait

from .calls import attributes, error

STANDARD = [
    "Sync Person to SFDC",
    "Change Owner",
    "Convert Person",
    "Add to SFDC Campaign",
    "Change Status in SFDC Campaign",
    "Remove from SFDC Campaign",
    "Create Task",
    "Delete Person from SFDC",
]


@pytest.fixture
def lead(api):
    return api.sync({"email": "a@example.org", "firstName": "Anna"})[0]["id"]


@pytest.fixture
def campaign(api):
    return api.result("/rest/v1/campaigns.json", name="Sync Person to SFDC")[0]["id"]


class TestCampaigns:
    """Source: Marketo developer guide, "Campaigns"."""

    def test_every_world_has_one_for_each_salesforce_flow_action(self, api):
        campaigns = api.result("/rest/v1/campaigns.json")

        assert [campaign["name"] for campaign in campaigns] == STANDARD
        assert campaigns[0].keys() >= {"id", "name", "type", "workspaceName", "createdAt", "updatedAt", "active"}
        assert {(campaign["type"], campaign["active"]) for campaign in campaigns} == {("trigger", True)}

    def test_found_by_name_and_id(self, api, campaign):
        assert [c["id"] for c in api.result(f"/rest/v1/campaigns.json?id={campaign}&id={campaign + 1}")] == [
            campaign,
            campaign + 1,
        ]
        assert api.result("/rest/v1/campaigns.json", name="sync") == []
        assert api.result(f"/rest/v1/campaigns/{campaign}.json")[0]["name"] == "Sync Person to SFDC"
        assert error(api.get("/rest/v1/campaigns/1.json")) == ("1013", "Campaign not found")

    def test_pages(self, api):
        first = api.get("/rest/v1/campaigns.json", batchSize=5)
        second = api.get("/rest/v1/campaigns.json", nextPageToken=first["nextPageToken"])

        assert [c["name"] for c in first["result"] + second["result"]] == STANDARD
        assert "nextPageToken" not in second


class TestRequestCampaign:
    """Source: "Campaigns", section "Request Campaign"."""

    def trigger(self, api, campaign, *leads, **more):
        body = {"input": {"leads": [{"id": lead} for lead in leads], **more}}
        return api.post(f"/rest/v1/campaigns/{campaign}/trigger.json", body)

    def test_each_lead_gets_an_entry(self, api, lead, campaign):
        answer = self.trigger(api, campaign, lead)

        assert answer["result"] == [{"id": campaign}]
        (entry,) = api.activities(47)
        assert (entry["campaignId"], entry["primaryAttributeValueId"]) == (campaign, campaign)
        assert attributes(entry) == {"Source": "Web service API"}

    def test_an_unknown_lead_among_known_ones_refuses_all(self, api, lead, campaign):
        assert error(self.trigger(api, campaign, lead, 1234)) == ("1004", "Lead [1234] not found")
        assert api.activities(47) == []

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "1003"),
            ({"input": {"leads": []}}, "1003"),
            ({"input": [1]}, "609"),
            ({"input": {"leads": {}}}, "1003"),
            ({"input": {"leads": "1"}}, "609"),
            ({"input": {"leads": [{"id": "x"}]}}, "1001"),
            ({"input": {"leads": [{"id": n} for n in range(1, 102)]}}, "1003"),
            ({"input": {"leads": [{"id": 1}], "tokens": [{"value": "x"}]}}, "1003"),
        ],
    )
    @pytest.mark.usefixtures("lead")
    def test_refusals(self, api, campaign, body, code):
        assert error(api.post(f"/rest/v1/campaigns/{campaign}/trigger.json", body))[0] == code

    def test_a_trigger_campaign_cannot_be_scheduled(self, api, campaign):
        assert error(api.post(f"/rest/v1/campaigns/{campaign}/schedule.json", {}))[0] == "1003"


class TestFlowsAreCheckedWhole:
    """Ours: a flow that cannot run is refused when it is given, and says what is near."""

    @pytest.mark.parametrize(
        ("flow", "said"),
        [
            ([], "at least one step"),
            ("Wait", "at least one step"),
            ([{"assignTo": "auto"}], "step 1 of the flow has no 'step'"),
            ([{"step": "Sync Person to SDFC"}], "did you mean 'Sync Person to SFDC'?"),
            ([{"step": "sync person to sfdc"}], "did you mean 'Sync Person to SFDC'?"),
            ([{"step": "Call Webhook"}], "does not model"),
            ([{"step": "Wait", "duration": "PT5M"}, {"step": "Frobnicate"}], "step 2: there is no flow step"),
            ([{"step": "Sync Person to SFDC", "asignTo": "auto"}], "did you mean 'assignTo'?"),
            ([{"step": "Wait"}], "Wait needs 'duration'"),
            ([{"step": "Wait", "duration": "soon"}], "'soon' is not"),
            ([{"step": "Change Score", "change": "a lot"}], "'a lot' is not a change"),
            ([{"step": "Send Email", "email": ["a"]}], "email is a text"),
        ],
    )
    def test_refusals(self, flow, said):
        with pytest.raises(FlowRefused) as refused:
            parse_flow(flow)

        assert said in str(refused.value)

    @pytest.mark.parametrize(
        ("words", "minutes"), [("PT5M", 5), ("5 minutes", 5), ("1 hour", 60), ("2 Days", 2880), ("P1W", 10080)]
    )
    def test_how_long_to_wait(self, words, minutes):
        assert parse_wait(words).total_seconds() == minutes * 60

    @pytest.mark.parametrize(
        ("words", "change"), [("+10", ("+", 10)), ("-5", ("-", 5)), ("=20", ("=", 20)), (7, ("+", 7))]
    )
    def test_score_changes(self, words, change):
        assert parse_score_change(words) == change

    @pytest.mark.parametrize(
        ("step", "said"),
        [
            ({"step": "Change Data Value", "attribute": "Job Titel", "value": "x"}, "did you mean 'Job Title'?"),
            ({"step": "Change Data Value", "attribute": "createdAt", "value": "x"}, "read-only"),
            ({"step": "Change Score", "score": "title", "change": "+1"}, "is no score"),
        ],
    )
    def test_fields_must_be_there(self, instance, step, said):
        with pytest.raises(FlowRefused) as refused:
            instance.campaigns.create("C", [step])

        assert said in str(refused.value)
