"""When cycles run: a cycle, a pause counted from its end, a cycle, until asked to stop.

Source: Marketo product documentation, "Salesforce Sync": the sync pauses five minutes after each cycle (CYC-01).
The time is a clock's that was handed in. Where ``SYNCRIG_CLOCK_URL`` names a virtual one, the engine sleeps there, so
that a test in another process decides when five minutes have passed.
"""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import requests

from .clients.dates import parse_datetime
from .clients.errors import Fatal, Retry
from .clients.transport import new_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

WAITER = "syncengine"
"""Our name among those who wait on a virtual clock."""

_SLICE = 0.25
"""So often, in seconds, a sleeper looks whether it is asked to stop."""

_SHORT = 5.0
"""Up to here a back-off is real time even beside a virtual clock: nobody moves a clock for a second."""


class Stopped(BaseException):
    """Asked to stop while there was nothing to lose; no error, and nobody but the schedule catches it."""


class Stop:
    """A request to end, by a signal or by a call.

    While nothing is going on it takes effect at once; during a cycle, when the cycle is over; asked twice, at once.
    """

    def __init__(self) -> None:
        self.requested = False
        self.idle = False

    def request(self) -> None:
        """Ask to stop; the one who waits notices within a moment."""
        self.requested = True

    def wait(self) -> None:
        """Do nothing until somebody asks."""
        try:
            self.while_idle(self._wait)
        except Stopped:
            return

    def _wait(self) -> None:
        while not self.requested:
            time.sleep(_SLICE)

    def on_signals(self) -> None:
        """Let SIGTERM and SIGINT ask; only the main thread may say so."""
        signal.signal(signal.SIGTERM, self._signalled)
        signal.signal(signal.SIGINT, self._signalled)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        again, self.requested = self.requested, True
        if self.idle or again:
            raise Stopped

    def while_idle(self, wait: Callable[[], None]) -> None:
        """Wait as told, unless asked to stop before or meanwhile.

        Raises:
            Stopped: asked to.
        """
        self.idle = True
        try:
            if self.requested:
                raise Stopped
            wait()
        finally:
            self.idle = False
        if self.requested:
            raise Stopped


class Clock(Protocol):
    """What a schedule needs of time."""

    def now(self) -> datetime:
        """The time it is, in UTC."""
        ...

    def sleep_until(self, until: datetime, stop: Stop) -> None:
        """Come back when that time has come, or earlier when asked to stop."""
        ...

    def back_off(self, seconds: float, stop: Stop) -> None:
        """Come back after so long, for somebody who wants to ask a vendor again."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time it is, in UTC."""
        return datetime.now(UTC)

    def sleep_until(self, until: datetime, stop: Stop) -> None:
        """Sleep in short pieces, so that being asked to stop is noticed from any thread."""
        _sleep((until - self.now()).total_seconds(), stop)

    def back_off(self, seconds: float, stop: Stop) -> None:
        """Sleep that long."""
        _sleep(seconds, stop)


class RemoteClock:
    """A virtual clock at ``SYNCRIG_CLOCK_URL``: the only address besides the vendors' that the engine knows."""

    def __init__(self, url: str, *, session: requests.Session | None = None, name: str = WAITER) -> None:
        self.url = url
        self.name = name
        self.session = new_session(url) if session is None else session

    def now(self) -> datetime:
        """The time it is there."""
        return parse_datetime(str(self._ask("GET", self.url)["now"]))

    def sleep_until(self, until: datetime, stop: Stop) -> None:
        """Wait there by long polls: an answer that it is not yet due only means to ask again."""
        while not stop.requested:
            answer = self._ask("POST", f"{self.url}/wait", {"name": self.name, "until": until.isoformat()})
            if answer["due"]:
                return

    def back_off(self, seconds: float, stop: Stop) -> None:
        """Come back after so long by this clock or by real time, whichever is first.

        A back-off must end although nobody moves the clock, and need not last when somebody does. It is not a wait
        of the schedule's: who moves the clock and lets it settle does not want us counted as asleep here.
        """
        if seconds <= _SHORT:
            _sleep(seconds, stop)
            return
        until, give_up = self.now() + timedelta(seconds=seconds), time.monotonic() + seconds
        while self.now() < until and time.monotonic() < give_up:
            _sleep(_SLICE, stop)

    def _ask(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = self.session.request(method, url, json=body, timeout=(10, 120))
        except requests.RequestException as error:
            raise Retry(f"the clock at {self.url} does not answer") from error
        if answer.status_code != 200:
            raise Fatal(f"the clock at {self.url} answered {answer.status_code}: {answer.text.strip()[:200]}")
        said: dict[str, Any] = answer.json()
        return said


def run_cycles(cycle: Callable[[], object], *, clock: Clock, pause: timedelta, stop: Stop) -> None:
    """Run the cycle, again and again, each ``pause`` after the end of the one before, until asked to stop."""
    try:
        while not stop.requested:
            cycle()
            until = clock.now() + pause

            def rest(until: datetime = until) -> None:
                clock.sleep_until(until, stop)

            stop.while_idle(rest)
    except Stopped:
        return


def _sleep(seconds: float, stop: Stop) -> None:
    end = time.monotonic() + seconds
    while not stop.requested and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _SLICE))
