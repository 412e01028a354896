"""A clock that stands still until it is moved, and runs what falls due in order."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.kit.clock import (
    ClockRefused,
    NotSettled,
    SystemClock,
    VirtualClock,
    format_time,
    parse_duration,
    parse_time,
)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


class TestReadingTimesAndDurations:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("PT5M", minutes(5)),
            ("P1DT2H", timedelta(days=1, hours=2)),
            ("P2W", timedelta(weeks=2)),
            ("PT0.5S", timedelta(seconds=0.5)),
            ("-PT1H", timedelta(hours=-1)),
        ],
    )
    def test_a_duration_is_iso_8601(self, text, length):
        assert parse_duration(text) == length

    @pytest.mark.parametrize("text", ["", "P", "PT", "5M", "PT5", "P1Y", "five minutes"])
    def test_anything_else_is_refused_by_name(self, text):
        with pytest.raises(ClockRefused, match="PT5M"):
            parse_duration(text)

    def test_a_time_without_an_offset_is_utc(self):
        assert parse_time("2026-01-05T09:00:00") == START

    def test_a_time_with_an_offset_is_the_same_instant(self):
        assert parse_time("2026-01-05T10:00:00+01:00") == START

    def test_a_time_that_is_none_is_refused(self):
        with pytest.raises(ClockRefused, match="noon"):
            parse_time("noon")

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_what_is_written_can_be_read(self, moment):
        assert parse_time(format_time(moment)) == moment


class TestStandingStill:
    def test_time_does_not_pass_by_itself(self):
        clock = VirtualClock(START)

        assert clock.now() == START
        assert clock.now() == START
        assert clock.mode == "frozen"

    def test_it_moves_by_as_much_as_it_is_told(self):
        clock = VirtualClock(START)

        clock.advance(minutes(5))

        assert clock.now() == START + minutes(5)

    def test_it_does_not_go_back(self):
        clock = VirtualClock(START)

        with pytest.raises(ClockRefused, match="does not go back"):
            clock.move_to(START - minutes(1))

    def test_following_it_runs_from_where_it_stood(self):
        clock = VirtualClock(START)

        clock.follow()

        assert clock.mode == "following"
        assert START <= clock.now() < START + minutes(1)
        clock.freeze()
        assert clock.now() == clock.now()


class TestWhatFallsDue:
    def test_calls_run_in_order_each_at_its_own_time(self):
        clock = VirtualClock(START)
        seen = []
        clock.call_at(START + minutes(7), "late", lambda: seen.append(("late", clock.now())))
        clock.call_at(START + minutes(3), "soon", lambda: seen.append(("soon", clock.now())))

        clock.advance(minutes(10))

        assert seen == [("soon", START + minutes(3)), ("late", START + minutes(7))]
        assert clock.now() == START + minutes(10)

    def test_a_call_may_book_the_next_one_within_the_same_move(self):
        clock = VirtualClock(START)
        seen = []

        def again():
            seen.append(clock.now())
            clock.call_at(clock.now() + minutes(5), "again", again)

        clock.call_at(START + minutes(5), "again", again)

        clock.advance(minutes(16))

        assert seen == [START + minutes(n) for n in (5, 10, 15)]

    def test_what_is_not_due_stays_booked(self):
        clock = VirtualClock(START)
        seen = []
        clock.call_at(START + minutes(5), "later", lambda: seen.append("later"))

        clock.advance(minutes(4))

        assert seen == []

    @given(st.lists(st.integers(0, 600), max_size=20), st.lists(st.integers(0, 100), max_size=10))
    def test_however_the_clock_is_moved_everything_due_has_run_once_and_in_order(self, bookings, moves):
        clock = VirtualClock(START)
        seen = []
        for booked in bookings:
            clock.call_at(START + minutes(booked), "call", lambda booked=booked: seen.append(booked))

        for move in moves:
            clock.advance(minutes(move))

        assert seen == sorted(booked for booked in bookings if booked <= sum(moves) and moves)


class Sleeper:
    """Sleeps on a clock again and again, as an engine between cycles; remembers when it woke."""

    def __init__(self, clock, pause, naps):
        self.clock, self.pause, self.naps = clock, pause, naps
        self.woken = []
        self.asleep = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        for _ in range(self.naps):
            until = self.clock.now() + self.pause
            while not self.clock.wait("sleeper", until, 5):
                pass
            self.woken.append(self.clock.now())
        self.clock.forget_waiter("sleeper")


def until_waiting(clock):
    with clock._changed:
        assert clock._changed.wait_for(clock.waiting, timeout=5)


class TestSleepingOnTheClock:
    def test_one_who_sleeps_is_listed_with_the_time_of_waking(self):
        clock = VirtualClock(START)
        sleeper = Sleeper(clock, minutes(5), naps=1)
        until_waiting(clock)

        assert clock.waiting() == [{"name": "sleeper", "until": "2026-01-05T09:05:00Z"}]

        clock.advance(minutes(5), settle=5)
        sleeper.thread.join(5)
        assert clock.waiting() == []

    def test_with_time_to_settle_each_waking_happens_at_its_own_time(self):
        clock = VirtualClock(START)
        sleeper = Sleeper(clock, minutes(5), naps=3)
        until_waiting(clock)

        clock.advance(minutes(15), settle=5)

        assert sleeper.woken == [START + minutes(n) for n in (5, 10, 15)]

    def test_one_who_is_not_due_sleeps_on(self):
        clock = VirtualClock(START)

        assert clock.wait("sleeper", START + minutes(5), 0.01) is False
        assert clock.waiting() == [{"name": "sleeper", "until": "2026-01-05T09:05:00Z"}]

    def test_one_who_asks_after_the_time_is_answered_at_once(self):
        clock = VirtualClock(START)

        assert clock.wait("sleeper", START, 5) is True

    def test_settling_names_those_who_did_not_come_back(self):
        clock = VirtualClock(START)
        clock.wait("sleeper", START, 5)

        with pytest.raises(NotSettled, match="sleeper"):
            clock.settle(0.01)

    def test_settling_waits_for_background_work_too(self):
        clock = VirtualClock(START)
        clock.idle_checks = [lambda _seconds: False]

        with pytest.raises(NotSettled, match="background work"):
            clock.settle(0.01)

    def test_one_who_is_busy_may_still_wait_for_a_time_on_the_way(self):
        clock = VirtualClock(START)
        clock.wait("sleeper", START, 5)
        sleeper = Sleeper(clock, minutes(5), naps=2)

        clock.advance(minutes(11), settle=5)

        assert sleeper.woken == [START + minutes(5), START + minutes(10)]


class TestSnapshots:
    def test_restoring_brings_back_the_time_and_what_was_booked(self):
        clock = VirtualClock(START)
        seen = []
        clock.call_at(START + minutes(5), "call", lambda: seen.append(clock.now()))
        kept = clock.snapshot()
        clock.advance(minutes(10))

        clock.restore(kept)
        clock.advance(minutes(10))

        assert seen == [START + minutes(5)] * 2


def test_the_machines_own_clock_tells_utc():
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)
