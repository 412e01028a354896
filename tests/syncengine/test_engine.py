"""The engine assembled, with both systems in this process."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from fakes.kit.clock import VirtualClock
from fakes.world import World
from syncengine.clients.errors import Fatal, Retry
from syncengine.config import ConfigError
from syncengine.engine import open_engine

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def built():
    """One world for all of them: it goes back after each."""
    world = World.build()
    yield world
    world.close()


@pytest.fixture
def world(built):
    built.control.reset()
    return built


@pytest.fixture
def engine(world):
    engine = open_engine(world.env_in_process() | {"SYNCRIG_ENGINE_SECRET": "hush"}, mount=world.mount)
    engine.init()
    yield engine
    engine.close()


@pytest.fixture
def salesforce(engine):
    with engine.systems() as systems:
        yield systems.salesforce


@pytest.fixture
def marketo(engine):
    with engine.systems() as systems:
        yield systems.marketo


def lead(salesforce, **values):
    return salesforce.create_one("Lead", {"LastName": "Berg", "Company": "Acme", **values}).id


class TestOpening:
    def test_says_everything_that_is_wrong(self):
        with pytest.raises(ConfigError) as error:
            open_engine({}, settings={"polcy": "ask"})
        assert {"polcy: unknown setting; did you mean policy?", "SF_URL: required"} <= set(error.value.problems)

    def test_chooses_native_when_it_holds_the_connectors_credentials(self, engine):
        assert engine.status()["mode"] == "native"

    def test_reads_the_worlds_clock(self, engine, world):
        world.clock.advance(timedelta(minutes=7))

        assert engine.clock.now() == START + timedelta(minutes=7)

    def test_tells_the_mapping_and_what_the_settings_add(self, world):
        settings = {"sync": {"map": {"Lead.Region__c": "region"}}}
        engine = open_engine(world.env_in_process(), settings=settings, mount=world.mount)

        assert engine.mapping()["Lead"]["Phone"] == "phone"
        assert engine.mapping()["Lead"]["Region__c"] == "region"
        engine.close()

    def test_wrong_credentials_need_a_person(self, world):
        env = world.env_in_process() | {"MKTO_CONNECTOR_SECRET": "wrong"}
        engine = open_engine(env, mount=world.mount)

        with pytest.raises(Fatal, match="MKTO_CONNECTOR_SECRET"):
            engine.init()
        engine.close()


class TestCycles:
    def test_a_new_lead_becomes_a_person_and_the_next_cycle_is_quiet(self, engine, salesforce, marketo):
        lead_id = lead(salesforce, Email="anna@example.com")

        report = engine.run_once()

        assert [(each["action"], each["side"], each["outcome"]) for each in report["actions"]] == [
            ("create", "marketo", "done")
        ]
        (person,) = marketo.leads_by_filter("email", ["anna@example.com"], ["sfdcId", "lastName"])
        assert (person["sfdcId"], person["lastName"]) == (lead_id, "Berg")
        assert engine.run_once()["actions"] == []

    def test_a_plan_writes_nothing(self, engine, salesforce, marketo):
        lead(salesforce, Email="anna@example.com")

        report = engine.run_once(write=False)

        assert [each["outcome"] for each in report["actions"]] == ["planned"]
        assert marketo.leads_by_filter("email", ["anna@example.com"], ["id"]) == []
        assert engine.status()["last"] == report

    def test_run_five_minutes_apart_by_the_worlds_clock_until_stopped(self, engine, world):
        times, three = [], threading.Event()

        def cycle():
            times.append(engine.clock.now())
            if len(times) == 3:
                engine.stop.request()
                three.set()

        thread = threading.Thread(target=engine.run_cycles, args=(cycle,))
        thread.start()
        for _ in range(100):
            if three.is_set():
                break
            if isinstance(world.clock, VirtualClock) and world.clock.waiting():
                world.clock.advance(timedelta(minutes=5))
            three.wait(0.01)
        thread.join(10)

        assert times == [START, START + timedelta(minutes=5), START + timedelta(minutes=10)]


class TestBadDays:
    """A vendor fails in the middle; the same cycle, or the next, ends where an undisturbed one would have."""

    @pytest.mark.parametrize(
        "trouble",
        [
            pytest.param({"error": "INVALID_SESSION_ID"}, id="the session expired"),
            pytest.param({"status": 503}, id="503 in HTML"),
            pytest.param({"drop": "before"}, id="the connection dropped"),
        ],
    )
    def test_of_salesforce_within_a_cycle_cost_nothing(self, engine, world, salesforce, trouble):
        lead(salesforce, Email="anna@example.com")
        world.org.faults.add({"match": {"path": "/query"}, "do": trouble, "times": 1})

        assert [each["outcome"] for each in engine.run_once()["actions"]] == ["done"]

    @pytest.mark.parametrize("code", ["601", "602", "606", "608", "611", "615", "713"])
    def test_of_marketo_within_a_cycle_cost_nothing(self, engine, world, salesforce, code):
        lead(salesforce, Email="anna@example.com")
        world.instance.faults.add({"match": {"path": "leadchanges"}, "do": {"error": code}, "times": 1})

        assert [each["outcome"] for each in engine.run_once()["actions"]] == ["done"]

    def test_a_quota_that_is_used_up_is_for_later(self, engine, world):
        world.org.faults.add({"match": {"path": "/query"}, "do": {"error": "REQUEST_LIMIT_EXCEEDED"}})

        with pytest.raises(Retry):
            engine.run_once()

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_person_whose_creation_was_not_answered_exists_once_in_the_end(
        self, engine, world, salesforce, marketo, drop
    ):
        lead(salesforce, Email="anna@example.com")
        match = {"method": "POST", "path": "/rest/v1/leads.json"}
        world.instance.faults.add({"match": match, "do": {"drop": drop}, "times": 1})

        try:
            engine.run_once()
        except Retry:
            engine.run_once()

        assert len(marketo.leads_by_filter("email", ["anna@example.com"], ["id"])) == 1
        assert engine.run_once()["actions"] == []


class TestPush:
    @pytest.fixture
    def person(self, marketo):
        row = {"email": "anna@example.com", "lastName": "Berg", "company": "Acme"}
        (result,) = marketo.sync_leads([row], action="createOnly", lookup_field="email")
        return result.id

    def leads(self, salesforce):
        return [each["Id"] for each in salesforce.query("SELECT Id FROM Lead WHERE Email = 'anna@example.com'")]

    def test_makes_a_lead_at_once(self, engine, salesforce, person):
        answer = engine.push(person)

        assert answer["status"] == "done"
        assert answer["sfdcType"] == "Lead"
        assert self.leads(salesforce) == [answer["sfdcId"]]

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_makes_one_lead_although_the_answer_was_lost(self, engine, world, salesforce, person, drop):
        world.org.faults.add({"match": {"method": "POST", "path": "/sobjects/Lead"}, "do": {"drop": drop}, "times": 1})

        answer = None
        while answer is None:
            try:
                answer = engine.push(person)
            except Retry:
                continue

        assert self.leads(salesforce) == [answer["sfdcId"]]

    def test_finds_a_person_by_e_mail(self, engine, person):
        assert engine.persons_with_email("anna@example.com") == [person]
        assert engine.persons_with_email("nobody@example.com") == []

    def test_a_campaign_gets_the_same_answer_for_the_same_id(self, engine, salesforce, person):
        client = engine.flow_app.test_client()
        call = {"id": "5f0c8a1e", "action": "sync_person_to_sfdc", "leadId": person, "parameters": {}}

        answers = [client.post("/flow-actions", json=call, headers={"X-Syncrig-Secret": "hush"}).json for _ in range(2)]

        assert answers[0] == answers[1]
        assert self.leads(salesforce) == [answers[0]["sfdcId"]]


class TestClients:
    def test_are_used_again(self, engine):
        with engine.systems() as first:
            pass
        with engine.systems() as second:
            assert second.salesforce is first.salesforce

    def test_are_each_threads_own(self, engine):
        with engine.systems() as first, engine.systems() as second:
            assert second.salesforce is not first.salesforce

    def test_are_not_handed_on_after_an_error(self, engine):
        with pytest.raises(Retry), engine.systems() as first:
            raise Retry("upset")
        with engine.systems() as second:
            assert second.salesforce is not first.salesforce
