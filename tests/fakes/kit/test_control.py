"""The side door of both fakes: health, state, time, faults, journal, and who may use it."""

import threading

import pytest
import requests

from fakes.kit.clock import SystemClock, VirtualClock
from fakes.kit.control import Control
from fakes.kit.wsgi import WSGIAdapter

from .stand_in import StandIn, app_of

BASE = "http://127.0.0.1:8101"


def session_for(app):
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", WSGIAdapter(app))
    return session


@pytest.fixture
def fake():
    return StandIn()


@pytest.fixture
def session(fake):
    return session_for(app_of(fake))


def write(session, text="hello"):
    return session.post(f"{BASE}/notes", json={"text": text})


class TestHealthAndState:
    def test_health_says_ready_and_the_version(self, session):
        answer = session.get(f"{BASE}/_fake/health").json()

        assert answer["ready"] is True
        assert answer["version"]

    def test_reset_goes_back_to_what_was_loaded(self, session, fake):
        write(session)

        assert session.post(f"{BASE}/_fake/reset").ok

        assert fake.notes == []

    def test_a_snapshot_can_be_restored_more_than_once(self, session, fake):
        write(session, "first")
        session.post(f"{BASE}/_fake/snapshots/one")

        for _ in range(2):
            write(session, "second")
            assert session.post(f"{BASE}/_fake/snapshots/one/restore").ok
            assert fake.notes == ["first"]

    def test_a_snapshot_that_nobody_kept_is_404(self, session):
        answer = session.post(f"{BASE}/_fake/snapshots/none/restore")

        assert answer.status_code == 404
        assert answer.json() == {"errors": [{"message": "no snapshot 'none' was kept"}]}

    def test_either_door_resets_both_fakes_and_their_clock(self):
        clock = VirtualClock()
        one, two = StandIn("salesforce", clock), StandIn("marketo", clock)
        control = Control(clock, [one, two])
        session = session_for(app_of(one, control))
        start = clock.now()
        two.notes.append("there")
        session.post(f"{BASE}/_fake/clock", json={"advance": "PT1H"})

        session.post(f"{BASE}/_fake/reset")

        assert two.notes == []
        assert clock.now() == start

    def test_a_path_that_the_side_door_does_not_have_is_404(self, session):
        answer = session.get(f"{BASE}/_fake/nonsense")

        assert answer.status_code == 404
        assert "nonsense" in answer.json()["errors"][0]["message"]


class TestClock:
    def test_reading_tells_time_mode_and_waiters(self, session):
        answer = session.get(f"{BASE}/_fake/clock").json()

        assert answer == {"now": "2026-01-05T09:00:00Z", "mode": "frozen", "virtual": True, "waiting": []}

    @pytest.mark.parametrize(
        ("order", "now"),
        [
            ({"advance": "PT5M"}, "2026-01-05T09:05:00Z"),
            ({"now": "2026-02-01T00:00:00Z"}, "2026-02-01T00:00:00Z"),
            ({"advance": "PT5M", "settle": 1}, "2026-01-05T09:05:00Z"),
            ({}, "2026-01-05T09:00:00Z"),
        ],
    )
    def test_moving_answers_the_new_time(self, session, order, now):
        assert session.post(f"{BASE}/_fake/clock", json=order).json()["now"] == now

    @pytest.mark.parametrize(
        "order",
        [
            {"advance": "five minutes"},
            {"now": "2020-01-01T00:00:00Z"},
            {"forward": 5},
            {"settle": "long"},
            {"now": "2026-02-01T00:00:00Z", "advance": "PT5M"},
        ],
    )
    def test_an_order_that_makes_no_sense_is_400_and_moves_nothing(self, session, order):
        answer = session.post(f"{BASE}/_fake/clock", json=order)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"]
        assert session.get(f"{BASE}/_fake/clock").json()["now"] == "2026-01-05T09:00:00Z"

    def test_one_who_waits_is_answered_when_the_clock_has_come_there(self, session, fake):
        answers = []
        waiter = threading.Thread(
            target=lambda: answers.append(
                session_for(app_of(fake))
                .post(f"{BASE}/_fake/clock/wait", json={"name": "engine", "until": "2026-01-05T09:05:00Z"})
                .json()
            )
        )
        waiter.start()
        with fake.clock._changed:
            assert fake.clock._changed.wait_for(fake.clock.waiting, timeout=5)

        session.post(f"{BASE}/_fake/clock", json={"advance": "PT5M"})
        waiter.join(5)

        assert answers == [{"due": True, "now": "2026-01-05T09:05:00Z"}]

    def test_who_does_not_come_back_in_time_to_settle_makes_it_504(self, session, fake):
        fake.clock.wait("engine", fake.clock.now(), 1)

        answer = session.post(f"{BASE}/_fake/clock", json={"advance": "PT5M", "settle": 0.01})

        assert answer.status_code == 504
        assert "engine" in answer.json()["errors"][0]["message"]

    def test_background_work_that_does_not_end_makes_it_504(self, session, fake):
        fake.busy = True

        assert session.post(f"{BASE}/_fake/clock", json={"settle": 0.01}).status_code == 504

    def test_the_machines_own_clock_cannot_be_moved(self):
        session = session_for(app_of(StandIn(clock=SystemClock())))

        answer = session.post(f"{BASE}/_fake/clock", json={"advance": "PT5M"})

        assert answer.status_code == 409
        assert "--virtual-clock" in answer.json()["errors"][0]["message"]

    def test_every_answer_carries_the_clocks_date(self, session):
        session.post(f"{BASE}/_fake/clock", json={"advance": "PT5M"})

        assert session.get(f"{BASE}/notes").headers["Date"] == "Mon, 05 Jan 2026 09:05:00 GMT"


class TestFaults:
    def order(self, session, **fault):
        answer = session.post(f"{BASE}/_fake/faults", json=fault)
        assert answer.ok, answer.text
        return answer.json()

    def test_a_status_comes_instead_of_the_effect(self, session, fake):
        self.order(session, match={"method": "POST"}, do={"status": 503})

        answer = write(session)

        assert answer.status_code == 503
        assert answer.headers["Content-Type"].startswith("text/html")
        assert fake.notes == []
        assert write(session).status_code == 201

    def test_a_vendors_error_is_worded_by_the_fake(self, session):
        self.order(session, do={"error": "UNABLE_TO_LOCK_ROW"})

        assert write(session).json() == [{"errorCode": "UNABLE_TO_LOCK_ROW"}]

    def test_the_nth_call_that_matches_is_hit_as_often_as_said(self, session):
        self.order(session, match={"path": "/notes", "nth": 2}, do={"status": 500}, times=2)

        assert [write(session).status_code for _ in range(4)] == [201, 500, 500, 201]

    def test_dropped_before_the_effect_nothing_happened(self, session, fake):
        self.order(session, do={"drop": "before"})

        with pytest.raises(requests.ConnectionError):
            write(session)

        assert fake.notes == []

    def test_dropped_after_the_effect_it_happened(self, session, fake):
        self.order(session, do={"drop": "after"})

        with pytest.raises(requests.ConnectionError):
            write(session)

        assert fake.notes == ["hello"]

    def test_an_error_may_come_after_the_effect(self, session, fake):
        self.order(session, do={"status": 502, "when": "after"})

        assert write(session).status_code == 502
        assert fake.notes == ["hello"]

    @pytest.mark.parametrize(
        ("path", "body", "hit"),
        [
            ("/services/data/v1/sobjects/Note", {"text": "a"}, True),
            ("/notes", {"text": "a", "attributes": {"type": "Note"}}, True),
            ("/notes", {"text": "a", "attributes": {"type": "Lead"}}, False),
        ],
    )
    def test_a_fault_for_an_sobject_meets_calls_that_speak_of_it(self, session, path, body, hit):
        self.order(session, match={"sobject": "note"}, do={"status": 503})

        assert (session.post(f"{BASE}{path}", json=body).status_code == 503) is hit

    def test_a_fault_for_an_sobject_meets_a_query_of_it(self, session):
        self.order(session, match={"sobject": "Note"}, do={"status": 503})

        assert session.get(f"{BASE}/notes", params={"q": "SELECT Id FROM Note"}).status_code == 503

    def test_faults_still_to_come_are_listed_and_can_be_withdrawn(self, session):
        self.order(session, match={"path": "/notes"}, do={"status": 503}, times=3)

        assert session.get(f"{BASE}/_fake/faults").json()["faults"][0]["times"] == 3
        session.delete(f"{BASE}/_fake/faults")
        assert session.get(f"{BASE}/_fake/faults").json() == {"faults": []}
        assert write(session).status_code == 201

    def test_a_fault_never_meets_the_side_door(self, session):
        self.order(session, do={"status": 503})

        assert session.get(f"{BASE}/_fake/health").ok

    @pytest.mark.parametrize(
        "fault",
        [
            {},
            {"do": {}},
            {"do": {"status": 503, "drop": "before"}},
            {"do": {"status": "503"}},
            {"do": {"drop": "sometimes"}},
            {"do": {"delay": -1}},
            {"do": {"status": 503, "whenn": "after"}},
            {"do": {"status": 503}, "times": 0},
            {"do": {"status": 503}, "match": {"nth": 0}},
            {"do": {"status": 503}, "match": {"verb": "GET"}},
            {"do": {"status": 503}, "often": 2},
        ],
    )
    def test_an_order_that_makes_no_sense_is_400(self, session, fault):
        answer = session.post(f"{BASE}/_fake/faults", json=fault)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"]


class TestJournal:
    def test_it_tells_who_asked_what_and_the_answer(self, session):
        write(session)

        entry = session.get(f"{BASE}/_fake/requests").json()["requests"][0]

        assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/notes", 201)
        assert entry["user"] == "writer@syncrig.test"
        assert "hello" in entry["request"]
        assert entry["at"] == "2026-01-05T09:00:00Z"

    def test_it_can_be_asked_for_a_part(self, session):
        write(session)
        session.get(f"{BASE}/notes")

        def found(**filters):
            return [e["method"] for e in session.get(f"{BASE}/_fake/requests", params=filters).json()["requests"]]

        assert found(method="POST") == ["POST"]
        assert found(path="/not") == ["POST", "GET"]
        assert found(status="200") == ["GET"]
        assert found(since="1") == ["GET"]
        assert found(limit="1") == ["GET"]
        assert found(user="writer@syncrig.test") == ["POST"]

    def test_an_unknown_filter_is_400(self, session):
        assert session.get(f"{BASE}/_fake/requests?verb=GET").status_code == 400

    def test_it_can_be_emptied(self, session):
        write(session)

        session.delete(f"{BASE}/_fake/requests")

        assert session.get(f"{BASE}/_fake/requests").json() == {"requests": []}

    def test_the_ring_is_bounded(self, fake, session):
        fake.journal._ring = type(fake.journal._ring)(maxlen=3)
        for _ in range(5):
            write(session)

        assert [e["seq"] for e in fake.journal.exchanges()] == [3, 4, 5]

    def test_what_is_not_modelled_is_counted(self, fake, session):
        fake.journal.not_modelled("GET /chatter")
        fake.journal.not_modelled("GET /chatter")

        assert session.get(f"{BASE}/_fake/not-modelled").json() == {
            "notModelled": [{"what": "GET /chatter", "detail": "", "count": 2}]
        }


class TestWhoMayUseIt:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ],
    )
    def test_no_page_elsewhere_gets_through(self, fake, headers):
        client = app_of(fake).test_client()

        answer = client.post("/_fake/reset", headers=headers)

        assert answer.status_code == 403

    @pytest.mark.parametrize("host", ["127.0.0.1:8101", "localhost:8101", "[::1]:8101"])
    def test_this_machine_gets_through(self, fake, host):
        assert app_of(fake).test_client().get("/_fake/health", headers={"Host": host}).status_code == 200

    def test_a_caller_from_another_machine_is_refused(self, fake):
        client = app_of(fake).test_client()

        assert client.get("/_fake/health", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403

    def test_with_a_token_set_it_is_wanted(self, fake):
        client = app_of(fake, token="secret").test_client()

        assert client.get("/_fake/health").status_code == 403
        assert client.get("/_fake/health", headers={"X-Syncrig-Token": "secret"}).status_code == 200

    def test_closed_it_is_not_there(self, fake):
        assert app_of(fake, enabled=False).test_client().get("/_fake/health").status_code == 404
