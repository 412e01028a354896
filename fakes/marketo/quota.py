"""What an instance allows: calls a day, calls in 20 seconds, calls at once; and the statistics of what was used.

All by the clock. Source: Marketo developer guide, "Rate Limits", "Usage".
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fakes.kit.clock import VirtualClock

from .errors import ConcurrencyReached, DailyQuotaReached, RateLimitExceeded, counts_against_quota

if TYPE_CHECKING:
    from fakes.kit.clock import Clock

CENTRAL = ZoneInfo("America/Chicago")
"""The day of quotas and statistics begins at midnight here."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one instance; None switches one off.

    ``rate_on_frozen_clock``: while a virtual clock stands still no call ever leaves the window of 20 seconds, so the
    rate counts then only when asked to.
    """

    daily: int | None = 50_000
    rate: int | None = 100
    rate_seconds: int = 20
    rate_on_frozen_clock: bool = False
    concurrency: int | None = 10


@dataclass
class _Used:
    """What was used; belongs to a snapshot."""

    recent: deque[datetime] = field(default_factory=deque)
    calls: dict[date, Counter[str]] = field(default_factory=dict)
    errors: dict[date, Counter[str]] = field(default_factory=dict)

    def copy(self) -> _Used:
        return _Used(
            deque(self.recent),
            {day: Counter(users) for day, users in self.calls.items()},
            {day: Counter(codes) for day, codes in self.errors.items()},
        )


class Quota:
    """Counts calls and refuses those that are too many."""

    def __init__(self, clock: Clock, limits: Limits | None = None) -> None:
        self._clock = clock
        self.limits = limits or Limits()
        self._used = _Used()
        self._in_flight = 0
        self._lock = threading.Lock()

    def enter(self, user: str) -> None:
        """Begin a call: it counts at once.

        Raises:
            ConcurrencyReached, RateLimitExceeded, DailyQuotaReached: in this order.
        """
        with self._lock:
            now, limits = self._clock.now(), self.limits
            if limits.concurrency is not None and self._in_flight >= limits.concurrency:
                raise ConcurrencyReached(limits.concurrency)
            recent = self._used.recent
            while recent and now - recent[0] >= timedelta(seconds=limits.rate_seconds):
                recent.popleft()
            if limits.rate is not None and self._rate_counts() and len(recent) >= limits.rate:
                raise RateLimitExceeded(limits.rate, limits.rate_seconds)
            calls = self._used.calls.setdefault(_day(now), Counter())
            if limits.daily is not None and calls.total() >= limits.daily:
                raise DailyQuotaReached(limits.daily)
            if self._rate_counts():
                recent.append(now)
            calls[user] += 1
            self._in_flight += 1

    def leave(self, user: str, refused_with: str | None) -> None:
        """End a call that was entered; one that was refused with 500 to 719 does not count after all."""
        with self._lock:
            self._in_flight -= 1
            if refused_with is not None and not counts_against_quota(refused_with):
                if self._used.recent and self._rate_counts():
                    self._used.recent.pop()
                calls = self._used.calls.get(_day(self._clock.now()), Counter())
                calls[user] -= min(1, calls[user])

    def refused(self, code: str) -> None:
        """Count an error for the statistics."""
        with self._lock:
            self._used.errors.setdefault(_day(self._clock.now()), Counter())[code] += 1

    def usage(self, days: int) -> list[dict[str, Any]]:
        """Calls of so many days, today first; a day without calls has an entry, too."""
        with self._lock:
            return [
                {
                    "date": day.isoformat(),
                    "total": (calls := self._used.calls.get(day, Counter())).total(),
                    "users": [{"userId": user, "count": n} for user, n in sorted(calls.items()) if n],
                }
                for day in self._days(days)
            ]

    def errors(self, days: int) -> list[dict[str, Any]]:
        """Errors of so many days, today first."""
        with self._lock:
            return [
                {
                    "date": day.isoformat(),
                    "total": (codes := self._used.errors.get(day, Counter())).total(),
                    "errors": [{"errorCode": code, "count": n} for code, n in sorted(codes.items())],
                }
                for day in self._days(days)
            ]

    def snapshot(self) -> tuple[Limits, _Used]:
        """Limits and what was used of them."""
        with self._lock:
            return self.limits, self._used.copy()

    def restore(self, snapshot: tuple[Limits, _Used]) -> None:
        """Go back to a snapshot."""
        with self._lock:
            limits, used = snapshot
            self.limits, self._used = limits, used.copy()

    def _rate_counts(self) -> bool:
        frozen = isinstance(self._clock, VirtualClock) and self._clock.mode == "frozen"
        return not frozen or self.limits.rate_on_frozen_clock

    def _days(self, days: int) -> list[date]:
        today = _day(self._clock.now())
        return [today - timedelta(days=back) for back in range(days)]


def _day(now: datetime) -> date:
    return now.astimezone(CENTRAL).date()
