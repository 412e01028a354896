"""Time: it stands still unless a scenario lets it pass, for both systems and the engine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fakes.pytest_plugin.drivers import wait_until
from fakes.pytest_plugin.phrases import given, then, when

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Clock
    from fakes.pytest_plugin.targets import Site


@given("the engine syncs on its schedule")
def _(syncrig_site: Site, clock: Clock) -> None:
    """The first cycle has run, and the engine sleeps until the next is due."""
    syncrig_site.engine.start_schedule()
    wait_until("the first cycle's end", clock.waiting)


@when("{count:d} minutes pass")
def _(clock: Clock, count: int) -> None:
    """What falls due meanwhile happens, in order; it is done when the step is."""
    clock.advance(f"PT{count}M")


@when("{count:d} seconds pass")
def _(clock: Clock, count: int) -> None:
    """What falls due meanwhile happens, in order; it is done when the step is."""
    clock.advance(f"PT{count}S")


@when("{minutes:d} minutes and {seconds:d} seconds pass")
def _(clock: Clock, minutes: int, seconds: int) -> None:
    """What falls due meanwhile happens, in order; it is done when the step is."""
    clock.advance(f"PT{minutes}M{seconds}S")


@when("one more second passes")
def _(clock: Clock) -> None:
    """What falls due in that second is done when the step is."""
    clock.advance("PT1S")


@when("the next cycle begins and takes {count:d} minutes")
def _(syncrig_site: Site, clock: Clock, count: int) -> None:
    """The clock moves to the cycle's beginning, and on while the cycle is under way."""
    door = syncrig_site.salesforce.door
    door.order_fault({"path": "/query"}, {"delay": 1.0})
    clock.advance(_pause(clock), settle=False)
    wait_until("the cycle's first question to Salesforce", lambda: not door.faults_to_come())
    clock.advance(f"PT{count}M", settle=False)
    clock.settle()


@then("the next cycle is due in {count:d} minutes")
def _(clock: Clock, count: int) -> None:
    """The engine sleeps until then."""
    left = [_moment(waiter["until"]) - _moment(clock.now()) for waiter in clock.waiting()]

    assert left == [timedelta(minutes=count)]


def _pause(clock: Clock) -> str:
    until = min(_moment(waiter["until"]) for waiter in clock.waiting())
    return f"PT{(until - _moment(clock.now())).total_seconds():g}S"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
