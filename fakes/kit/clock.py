"""Time that tests can stop and move.

Everything in the fakes that reads the time is handed a clock. A virtual clock is shared by both fakes and, through
the side door, by an engine in another process: it sleeps by waiting on the clock, so that "five minutes pass" costs
nothing.
"""

from __future__ import annotations

import heapq
import itertools
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_START = datetime(2026, 1, 5, 9, tzinfo=UTC)

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)


class Clock(Protocol):
    """Whatever tells the time: an aware datetime in UTC."""

    def now(self) -> datetime:
        """The time it is, in UTC."""

    def call_at(self, when: datetime, name: str, callback: Callable[[], None]) -> None:
        """Run the callback once the clock has reached ``when``."""


class ClockRefused(ValueError):
    """The clock cannot do what was asked; the message says why and what can be done."""


class NotSettled(Exception):
    """Waiters or workers were still busy when the time to settle had run out; the message names them."""


def parse_time(text: str) -> datetime:
    """The instant that an ISO 8601 text names; without an offset it is UTC.

    Raises:
        ClockRefused: the text is no ISO 8601 time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ClockRefused(f"{text!r} is not an ISO 8601 time, such as 2026-01-05T09:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_duration(text: str) -> timedelta:
    """The length that an ISO 8601 duration names, without years and months, whose length varies.

    Raises:
        ClockRefused: the text is no such duration.
    """
    match = _DURATION.match(text)
    parts = {k: v for k, v in match.groupdict().items() if v and k != "sign"} if match else {}
    if not match or not parts:
        raise ClockRefused(f"{text!r} is not an ISO 8601 duration, such as PT5M or P1DT2H")
    length = timedelta(**{unit: float(amount) for unit, amount in parts.items()})
    return -length if match["sign"] else length


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC, with microseconds only when there are any: ``2026-01-05T09:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time it is, in UTC."""
        return datetime.now(UTC)

    def call_at(self, when: datetime, name: str, callback: Callable[[], None]) -> None:
        """Run the callback in a thread of its own when the time has come; it does not keep the process alive."""
        timer = threading.Timer(max(0.0, (when - self.now()).total_seconds()), callback)
        timer.name = name
        timer.daemon = True
        timer.start()


class _Waiter:
    """One who sleeps on the clock: ``released`` from the moment it fell due until it waits again."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.released = False


class VirtualClock:
    """A clock that stands still until it is moved, or follows real time from where it stands.

    Moving it runs everything that falls due, in order: callbacks first, then those who wait. With a time to settle it
    goes on only when each of those has come back to wait (or a worker has become idle).
    """

    def __init__(self, start: datetime | None = None, *, follow: bool = False) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._moving = threading.RLock()
        self._base = start or DEFAULT_START
        self._followed_since = time.monotonic() if follow else None
        self._calls: list[tuple[datetime, int, str, Callable[[], None]]] = []
        self._order = itertools.count()
        self._waiters: dict[str, _Waiter] = {}
        self.idle_checks: list[Callable[[float], bool]] = []
        """Asked while settling: is the background work done within so many seconds?"""

    @property
    def mode(self) -> str:
        """``frozen`` or ``following``."""
        return "frozen" if self._followed_since is None else "following"

    def now(self) -> datetime:
        """The time it is here, in UTC."""
        with self._changed:
            if self._followed_since is None:
                return self._base
            return self._base + timedelta(seconds=time.monotonic() - self._followed_since)

    def follow(self) -> None:
        """From now on the time runs as real time does."""
        with self._changed:
            if self._followed_since is None:
                self._followed_since = time.monotonic()
                threading.Thread(target=self._follow_calls, name="virtual-clock", daemon=True).start()

    def freeze(self) -> None:
        """Stop the time where it is."""
        with self._changed:
            self._base, self._followed_since = self.now(), None
            self._changed.notify_all()

    def call_at(self, when: datetime, name: str, callback: Callable[[], None]) -> None:
        """Run the callback when the clock is moved to or past ``when``."""
        with self._changed:
            heapq.heappush(self._calls, (when, next(self._order), name, callback))
            self._changed.notify_all()

    def advance(self, by: timedelta, *, settle: float | None = None) -> None:
        """Move the clock forward; see :meth:`move_to`."""
        self.move_to(self.now() + by, settle=settle)

    def move_to(self, when: datetime, *, settle: float | None = None) -> None:
        """Move the clock to ``when`` and run what falls due on the way, each at its own time.

        Args:
            when: not before now.
            settle: seconds of real time that those who fell due may take, all together, before they wait again.

        Raises:
            ClockRefused: ``when`` lies in the past of this clock.
            NotSettled: somebody was still busy after ``settle`` seconds.
        """
        deadline = None if settle is None else time.monotonic() + settle
        with self._moving:
            if when < self.now():
                raise ClockRefused(
                    f"the clock stands at {format_time(self.now())} and does not go back to {format_time(when)}; "
                    "reset or restore a snapshot instead"
                )
            if deadline is not None:
                self._settle(deadline)  # who is busy now may still wait for a time on the way
            while (due := self._next_due(when)) is not None:
                self._set(max(due, self.now()))
                self._run_due(deadline)
            self._set(when)
            if deadline is not None:
                self._settle(deadline)

    def settle(self, seconds: float) -> None:
        """Wait until everybody who fell due waits again and background work is done.

        Raises:
            NotSettled: somebody was still busy after so many seconds.
        """
        self._settle(time.monotonic() + seconds)

    def wait(self, name: str, until: datetime, seconds: float) -> bool:
        """Sleep on this clock, at most so many seconds of real time; whether ``until`` has come.

        Who is answered False asks again under the same name; it counts as waiting in between.
        """
        give_up = time.monotonic() + seconds
        with self._changed:
            waiter = _Waiter(until)
            self._waiters[name] = waiter
            self._changed.notify_all()
            while not waiter.released and self.now() < until:
                if self._waiters.get(name) is not waiter:
                    return False  # forgotten, or somebody else sleeps under this name now
                left = give_up - time.monotonic()
                if self._followed_since is not None:
                    left = min(left, (until - self.now()).total_seconds() + 0.001)
                if give_up <= time.monotonic():
                    return False
                self._changed.wait(max(left, 0.001))
            waiter.released = True
            self._changed.notify_all()
            return True

    def waiting(self) -> list[dict[str, str]]:
        """Who sleeps on this clock and until when, soonest first."""
        with self._changed:
            asleep = [(w.until, name) for name, w in self._waiters.items() if not w.released]
            return [{"name": name, "until": format_time(until)} for until, name in sorted(asleep)]

    def forget_waiter(self, name: str) -> None:
        """Stop waiting for somebody who will not come back."""
        with self._changed:
            self._waiters.pop(name, None)
            self._changed.notify_all()

    def snapshot(self) -> tuple[datetime, list[tuple[datetime, int, str, Callable[[], None]]]]:
        """The time and what is booked, to come back to."""
        with self._changed:
            return self.now(), list(self._calls)

    def restore(self, snapshot: tuple[datetime, list[tuple[datetime, int, str, Callable[[], None]]]]) -> None:
        """Go back to a snapshot; who sleeps is answered and asks again, so that nobody waits for one who is gone."""
        with self._changed:
            self._waiters.clear()
            self._base, calls = snapshot
            self._calls = list(calls)
            if self._followed_since is not None:
                self._followed_since = time.monotonic()
            self._changed.notify_all()

    def _set(self, when: datetime) -> None:
        with self._changed:
            self._base = when
            if self._followed_since is not None:
                self._followed_since = time.monotonic()
            self._changed.notify_all()

    def _next_due(self, limit: datetime) -> datetime | None:
        with self._changed:
            moments = [w.until for w in self._waiters.values() if not w.released]
            if self._calls:
                moments.append(self._calls[0][0])
            due = [moment for moment in moments if moment <= limit]
            return min(due) if due else None

    def _run_due(self, deadline: float | None) -> None:
        """Run the callbacks and release the waiters whose time is now."""
        while True:
            with self._changed:
                if not self._calls or self._calls[0][0] > self.now():
                    break
                _, _, _, callback = heapq.heappop(self._calls)
            callback()
        with self._changed:
            now = self.now()
            for waiter in self._waiters.values():
                if waiter.until <= now:
                    waiter.released = True
            self._changed.notify_all()
        if deadline is not None:
            self._settle(deadline)

    def _settle(self, deadline: float) -> None:
        while True:
            with self._changed:
                while busy := sorted(name for name, w in self._waiters.items() if w.released):
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise NotSettled(f"still busy: {', '.join(busy)}")
                    self._changed.wait(left)
            for idle in self.idle_checks:
                if not idle(max(deadline - time.monotonic(), 0.0)):
                    raise NotSettled("still busy: background work of the fakes (flow steps)")
            with self._changed:
                if not any(w.released for w in self._waiters.values()):
                    return

    def _follow_calls(self) -> None:
        """While following real time: run callbacks as they fall due."""
        while True:
            with self._changed:
                if self._followed_since is None:
                    return
                wait = (self._calls[0][0] - self.now()).total_seconds() if self._calls else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, _, callback = heapq.heappop(self._calls)
            callback()
