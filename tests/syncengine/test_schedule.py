"""The sync syncs, waits five minutes from the end of the sync, and syncs again; asked to stop, it stops cleanly."""

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from syncengine.clients.errors import Fatal, Retry
from syncengine.schedule import RemoteClock, Stop, Stopped, SystemClock, run_cycles

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
CLOCK = "http://127.0.0.1:8101/_fake/clock"


class HandClock:
    """A clock that a sleeper moves by sleeping."""

    def __init__(self):
        self.time = START
        self.sleeps = []

    def now(self):
        return self.time

    def sleep_until(self, until, _stop):
        self.sleeps.append((self.time, until))
        self.time = until


class TestCycles:
    """Source: Marketo product documentation, "Salesforce Sync" (CYC-01)."""

    def test_the_pause_is_counted_from_the_end_of_a_cycle(self):
        clock, stop, started = HandClock(), Stop(), []

        def cycle():
            started.append(clock.now())
            clock.time += timedelta(minutes=2)
            if len(started) == 3:
                stop.request()

        run_cycles(cycle, clock=clock, pause=FIVE_MINUTES, stop=stop)

        assert started == [START, START + timedelta(minutes=7), START + timedelta(minutes=14)]

    def test_none_runs_when_stopped_before_the_first(self):
        stop = Stop()
        stop.request()

        run_cycles(pytest.fail, clock=HandClock(), pause=FIVE_MINUTES, stop=stop)

    def test_an_error_of_a_cycle_ends_them(self):
        def cycle():
            raise Fatal("no permission")

        with pytest.raises(Fatal):
            run_cycles(cycle, clock=HandClock(), pause=FIVE_MINUTES, stop=Stop())


@pytest.fixture
def stop():
    """A stop that signals ask for; the test's own handlers come back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    stop = Stop()
    stop.on_signals()
    yield stop
    for number, handler in before.items():
        signal.signal(number, handler)


def ask(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


class TestStop:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_the_pause_at_once(self, stop, number):
        timer = threading.Timer(0.05, ask, [number])
        timer.start()
        began = time.monotonic()

        run_cycles(lambda: None, clock=SystemClock(), pause=FIVE_MINUTES, stop=stop)

        timer.join()
        assert time.monotonic() - began < 5

    def test_a_signal_during_a_cycle_lets_it_come_to_its_end(self, stop):
        ended = []

        def cycle():
            ask()
            ended.append(True)

        run_cycles(cycle, clock=HandClock(), pause=FIVE_MINUTES, stop=stop)

        assert ended == [True]

    def test_a_second_signal_does_not_wait_for_the_cycle(self, stop):
        def cycle():
            ask()
            ask()
            pytest.fail("went on")

        run_cycles(cycle, clock=HandClock(), pause=FIVE_MINUTES, stop=stop)

    def test_another_thread_can_ask_too(self):
        stop = Stop()
        timer = threading.Timer(0.05, stop.request)
        timer.start()

        run_cycles(lambda: None, clock=SystemClock(), pause=FIVE_MINUTES, stop=stop)

        timer.join()
        assert stop.requested

    def test_waiting_for_it_ends_with_it(self, stop):
        timer = threading.Timer(0.05, ask)
        timer.start()

        stop.wait()

        timer.join()
        assert stop.requested

    def test_nothing_is_waited_for_when_it_came_before(self):
        stop = Stop()
        stop.request()

        with pytest.raises(Stopped):
            stop.while_idle(pytest.fail)


class TestRemoteClock:
    def test_tells_the_time_there(self, requests_mock):
        requests_mock.get(CLOCK, json={"now": "2026-01-05T09:00:00Z", "mode": "frozen", "waiting": []})

        assert RemoteClock(CLOCK).now() == START

    def test_sleeps_by_asking_again_until_it_is_due(self, requests_mock):
        not_yet = {"due": False, "now": "2026-01-05T09:00:00Z"}
        due = {"due": True, "now": "2026-01-05T09:05:00Z"}
        requests_mock.post(f"{CLOCK}/wait", [{"json": not_yet}, {"json": not_yet}, {"json": due}])

        RemoteClock(CLOCK).sleep_until(START + FIVE_MINUTES, Stop())

        assert [each.json() for each in requests_mock.request_history] == [
            {"name": "syncengine", "until": "2026-01-05T09:05:00+00:00"}
        ] * 3

    def test_wakes_when_asked_to_stop(self, requests_mock):
        stop = Stop()

        def answer(*_):
            stop.request()
            return {"due": False, "now": "2026-01-05T09:00:00Z"}

        requests_mock.post(f"{CLOCK}/wait", json=answer)

        RemoteClock(CLOCK).sleep_until(START + FIVE_MINUTES, stop)

        assert requests_mock.call_count == 1

    def test_a_long_back_off_ends_as_soon_as_somebody_moves_the_clock(self, requests_mock):
        times = ["2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", "2026-01-05T09:01:00Z"]
        requests_mock.get(CLOCK, [{"json": {"now": time}} for time in times])
        began = time.monotonic()

        RemoteClock(CLOCK).back_off(20, Stop())

        assert time.monotonic() - began < 5
        assert requests_mock.call_count == 3

    def test_that_is_gone_is_for_later(self, requests_mock):
        requests_mock.get(CLOCK, exc=requests.ConnectionError)

        with pytest.raises(Retry, match="does not answer"):
            RemoteClock(CLOCK).now()

    def test_that_cannot_be_moved_needs_a_person(self, requests_mock):
        requests_mock.post(f"{CLOCK}/wait", status_code=409, text="the clock is the machine's own")

        with pytest.raises(Fatal, match="machine's own"):
            RemoteClock(CLOCK).sleep_until(START, Stop())
