"""Failures ordered for calls to come: any status, a vendor's error, a slow answer, a dropped connection."""

from __future__ import annotations

import re
import threading
import urllib.parse
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from waitress.channel import ClientDisconnected

if TYPE_CHECKING:
    from collections.abc import Mapping

_SOBJECT_IN_PATH = re.compile(r"/(?:sobjects|tree)/(\w+)", re.IGNORECASE)
_SOBJECT_IN_BODY = re.compile(r'"type"\s*:\s*"(\w+)"')
_SOBJECT_IN_QUERY = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)


class ConnectionDropped(ClientDisconnected, ConnectionError):
    """The connection ends without an answer; only the server and the in-process adapter may catch it.

    Its two parents are what waitress and werkzeug take for a caller that has gone: both close without a word.
    """


class FaultRefused(ValueError):
    """The order for a fault makes no sense; the message names the member."""


@dataclass
class Fault:
    """One order: which calls it meets, what happens to them, how often.

    ``nth`` counts the calls that match from the moment of the order; ``times`` calls are hit from there on.
    """

    number: int
    do: dict[str, Any]
    method: str | None = None
    path: str | None = None
    sobject: str | None = None
    nth: int = 1
    times: int = 1
    seen: int = field(default=0)

    def meets(self, method: str, path: str, query: str, body: bytes) -> bool:
        """Whether a call is of the kind that this fault is for."""
        if self.method and self.method.upper() != method.upper():
            return False
        if self.path and not (
            fnmatchcase(path, self.path) if "*" in self.path or "?" in self.path else self.path in path
        ):
            return False
        return not self.sobject or self.sobject.lower() in _sobjects(path, query, body)

    def to_json(self) -> dict[str, Any]:
        """The order as it was given, with its number and how many calls have matched."""
        match = {"method": self.method, "path": self.path, "sobject": self.sobject, "nth": self.nth}
        return {
            "id": self.number,
            "match": {name: value for name, value in match.items() if value is not None},
            "do": self.do,
            "times": self.times,
            "seen": self.seen,
        }


class Faults:
    """The failures that are still to come, in the order they were ordered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._number = 0

    def add(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Order a fault: ``{"match": {"method"?, "path"?, "sobject"?, "nth"?}, "do": {…}, "times"?}``.

        ``do`` has one of ``status`` (an HTTP status), ``error`` (a code of the vendor's), ``delay`` (seconds of real
        time) and ``drop`` (``before`` or ``after`` the effect); ``status`` and ``error`` may add ``when: after`` to
        come in place of an answer whose effect has happened.

        Raises:
            FaultRefused: an unknown member or a value that means nothing.
        """
        match, do, times = _checked(order)
        with self._lock:
            self._number += 1
            fault = Fault(number=self._number, do=do, times=times, **match)
            self._faults.append(fault)
            return fault.to_json()

    def list(self) -> list[dict[str, Any]]:
        """The orders that can still hit a call."""
        with self._lock:
            return [fault.to_json() for fault in self._faults]

    def clear(self) -> None:
        """Withdraw every order."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, query: str, body: bytes) -> dict[str, Any] | None:
        """What shall happen to this call: the ``do`` of the first order that hits it, or None."""
        if not self._faults:
            return None
        with self._lock:
            hit: dict[str, Any] | None = None
            for fault in self._faults:
                if not fault.meets(method, path, query, body):
                    continue
                fault.seen += 1
                if hit is None and fault.seen >= fault.nth:
                    hit = fault.do
            self._faults = [f for f in self._faults if f.seen < f.nth + f.times - 1]
            return hit


def _sobjects(path: str, query: str, body: bytes) -> set[str]:
    """The sobjects a call speaks of, in lower case: in its address, its SOQL, and its rows."""
    found = set(_SOBJECT_IN_PATH.findall(path))
    for soql in urllib.parse.parse_qs(query).get("q", []):
        found.update(_SOBJECT_IN_QUERY.findall(soql))
    found.update(_SOBJECT_IN_BODY.findall(body.decode("utf-8", "replace")))
    return {name.lower() for name in found}


def _checked(order: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], int]:
    if unknown := sorted(set(order) - {"match", "do", "times"}):
        raise FaultRefused(f"{unknown[0]!r} is not a member of a fault; members are match, do, times")
    match = order.get("match") or {}
    if not isinstance(match, dict) or (unknown := sorted(set(match) - {"method", "path", "sobject", "nth"})):
        raise FaultRefused("match takes method, path, sobject and nth")
    do = order.get("do")
    if not isinstance(do, dict) or len(set(do) & {"status", "error", "delay", "drop"}) != 1:
        raise FaultRefused("do takes exactly one of status, error, delay, drop")
    if unknown := sorted(set(do) - {"status", "error", "delay", "drop", "when"}):
        raise FaultRefused(f"do does not know {unknown[0]!r}; it takes status, error, delay, drop (and when)")
    if "status" in do and not (isinstance(do["status"], int) and 100 <= do["status"] <= 599):
        raise FaultRefused("do.status is a number from 100 to 599")
    if "delay" in do and not (isinstance(do["delay"], int | float) and do["delay"] >= 0):
        raise FaultRefused("do.delay is a number of seconds")
    if "drop" in do and do["drop"] not in {"before", "after"}:
        raise FaultRefused('do.drop is "before" or "after" (the effect)')
    if do.get("when", "before") not in {"before", "after"}:
        raise FaultRefused('do.when is "before" or "after" (the effect)')
    for name, value in (("match.nth", match.get("nth", 1)), ("times", order.get("times", 1))):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise FaultRefused(f"{name} is a whole number from 1")
    return dict(match), dict(do), order.get("times", 1)
