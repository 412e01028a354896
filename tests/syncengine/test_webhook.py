"""The small HTTP app: what a campaign's webhook may ask, and who may ask it."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from syncengine.clients.errors import Fatal, Retry
from syncengine.errors import Busy, NeedsPerson
from syncengine.webhook import ACTIONS, create_app

SECRET = {"X-Syncrig-Secret": "hush"}
CALL = {
    "id": "5f0c8a1e-0000-4000-8000-000000000001",
    "action": "sync_person_to_sfdc",
    "leadId": 1042,
    "campaignId": 7,
    "parameters": {"assignTo": "auto"},
}


@dataclass
class Result:
    status: str = "done"
    sfdc_id: str | None = "00Q000000000001AAA"
    sfdc_type: str | None = "Lead"
    error: str | None = None


class Engine:
    """An engine that remembers what it was asked and answers as told."""

    def __init__(self, secret="hush"):
        self.settings = SimpleNamespace(engine_secret=secret)
        self.asked = []
        self.answer = Result()

    def sync_person(self, lead_id, **how):
        self.asked.append((lead_id, how))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def run_once(self, *, write):
        self.asked.append(("cycle", write))
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"run": "1"}

    def status(self):
        return {"links": 3}


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def client(engine):
    return create_app(engine, write=True).test_client()


class TestFlowActions:
    """Source: design of the flow-action call; Marketo product documentation, "Call Webhook"."""

    def test_a_person_is_synced_and_the_record_named(self, client, engine):
        answer = client.post("/flow-actions", json=CALL, headers=SECRET)

        assert answer.json == {
            "status": "done",
            "sfdcId": "00Q000000000001AAA",
            "sfdcType": "Lead",
            "error": None,
        }
        assert engine.asked == [(1042, {"action_id": CALL["id"], "assign_to": "auto", "write": True})]

    def test_nothing_is_written_unless_the_server_may(self, engine):
        create_app(engine, write=False).test_client().post("/flow-actions", json=CALL, headers=SECRET)

        assert engine.asked[0][1]["write"] is False

    def test_a_webhook_sends_numbers_as_texts(self, client, engine):
        client.post("/flow-actions", json=CALL | {"leadId": "1042"}, headers=SECRET)

        assert engine.asked[0][0] == 1042

    @pytest.mark.parametrize("headers", [{}, {"X-Syncrig-Secret": ""}, {"X-Syncrig-Secret": "hus"}])
    def test_without_the_secret_nothing_happens(self, client, engine, headers):
        assert client.post("/flow-actions", json=CALL, headers=headers).status_code == 401
        assert engine.asked == []

    def test_where_no_secret_is_set_none_is_right(self):
        client = create_app(Engine(secret=""), write=True).test_client()

        answer = client.post("/flow-actions", json=CALL, headers={"X-Syncrig-Secret": ""})

        assert answer.status_code == 403
        assert "SYNCRIG_ENGINE_SECRET" in answer.json["error"]

    @pytest.mark.parametrize("action", ACTIONS[1:])
    def test_an_action_that_is_not_built_fails_and_says_so(self, client, engine, action):
        answer = client.post("/flow-actions", json=CALL | {"action": action}, headers=SECRET)

        assert answer.json["status"] == "failed"
        assert "not supported yet" in answer.json["error"]
        assert engine.asked == []

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            pytest.param([], "body", id="no object"),
            pytest.param(CALL | {"action": "dance"}, "action", id="unknown action"),
            pytest.param(CALL | {"id": ""}, "id", id="no id"),
            pytest.param(CALL | {"leadId": "anna"}, "leadId", id="no lead id"),
            pytest.param(CALL | {"leadId": True}, "leadId", id="a boolean is no lead id"),
            pytest.param(CALL | {"parameters": []}, "parameters", id="parameters are no object"),
            pytest.param(CALL | {"parameters": {"assignTo": 5}}, "assignTo", id="owner is no text"),
        ],
    )
    def test_nonsense_is_refused_and_named(self, client, engine, body, named):
        answer = client.post("/flow-actions", json=body, headers=SECRET)

        assert answer.status_code == 400
        assert named in answer.json["error"]
        assert engine.asked == []

    @pytest.mark.parametrize("error", [Retry("Salesforce: 503"), Busy("one at a time")])
    def test_what_may_succeed_later_answers_503_so_that_the_campaign_tries_again(self, client, engine, error):
        engine.answer = error

        answer = client.post("/flow-actions", json=CALL, headers=SECRET)

        assert answer.status_code == 503
        assert answer.json["status"] == "failed"

    @pytest.mark.parametrize("error", [Fatal("no permission"), NeedsPerson("two records")])
    def test_what_will_not_succeed_fails_at_once(self, client, engine, error):
        engine.answer = error

        answer = client.post("/flow-actions", json=CALL, headers=SECRET)

        assert answer.status_code == 200
        assert (answer.json["status"], answer.json["error"]) == ("failed", str(error))

    def test_a_refused_person_is_told(self, client, engine):
        engine.answer = Result("failed", None, None, "FIELD_CUSTOM_VALIDATION_EXCEPTION: Needs a phone.")

        assert client.post("/flow-actions", json=CALL, headers=SECRET).json["error"].endswith("Needs a phone.")


class TestForAConsole:
    @pytest.mark.parametrize(
        ("method", "path", "asked"),
        [("post", "/cycle", ("cycle", True)), ("get", "/plan", ("cycle", False))],
    )
    def test_a_cycle_is_run_and_a_plan_made(self, client, engine, method, path, asked):
        answer = getattr(client, method)(path)

        assert answer.json == {"run": "1"}
        assert engine.asked == [asked]

    def test_the_status_says_whether_it_may_write(self, client):
        assert client.get("/status").json == {"links": 3, "write": True}

    def test_health(self, client):
        assert client.get("/health").json["ready"] is True

    def test_why_is_not_built(self, client):
        answer = client.get("/why")

        assert answer.status_code == 501
        assert "not supported yet" in answer.json["error"]

    @pytest.mark.parametrize(
        ("error", "status"), [(Retry("later"), 503), (Busy("now"), 503), (Fatal("no"), 502), (NeedsPerson("?"), 409)]
    )
    def test_a_cycle_that_failed_says_why(self, client, engine, error, status):
        engine.answer = error

        answer = client.post("/cycle")

        assert (answer.status_code, answer.json) == (status, {"error": str(error)})

    @pytest.mark.parametrize(("method", "path"), [("get", "/nowhere"), ("get", "/cycle")])
    def test_every_refusal_is_json(self, client, method, path):
        assert getattr(client, method)(path).json["error"]


class TestWhoMayAsk:
    def test_no_web_page_from_elsewhere(self, client, engine):
        answer = client.post("/cycle", headers={"Origin": "https://evil.example.com"})

        assert answer.status_code == 401
        assert engine.asked == []

    def test_no_name_from_elsewhere_that_leads_here(self, client, engine):
        assert client.post("/cycle", headers={"Host": "evil.example.com"}).status_code == 401
        assert engine.asked == []

    def test_a_page_of_this_machine(self, client):
        assert client.post("/cycle", headers={"Origin": "http://127.0.0.1:8100"}).status_code == 200

    def test_another_machine_only_with_the_secret(self, client):
        far = {"REMOTE_ADDR": "10.0.0.7"}

        assert client.get("/plan", environ_base=far).status_code == 401
        assert client.get("/plan", environ_base=far, headers=SECRET).status_code == 200
