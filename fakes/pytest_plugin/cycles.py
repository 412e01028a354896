"""The sync cycles of one scenario: what each reported, and what each wrote."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .drivers import Refused, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .targets import Site

READS_BY_POST = ("/oauth/", "/oauth2/", "/Soap/", "/identity/")
"""POSTs that log in."""


class NoReport(AssertionError):
    """A step asks what a cycle reported, and there is nothing to look at."""


class Cycles:
    """Runs sync cycles and keeps what they did."""

    def __init__(self, site: Site, run: Callable[[], Any]) -> None:
        self._site = site
        self._run = run
        self._marks = (0, 0)

    def run(self) -> dict[str, Any]:
        """One cycle: its report."""
        self._mark()
        report = self._run()
        if report is not None and not isinstance(report, dict):
            raise NoReport(f"run_sync_cycle answered {type(report).__name__}, not the object of `run --json`")
        self._site.last_report = report
        return report or {}

    def prepare(self) -> None:
        """One cycle while the scene is set; it must go through.

        Raises:
            Refused: a record was refused, so the scene is not what the feature says.
        """
        if refused := self.run().get("refused"):
            raise Refused("setting the scene", refused)

    def run_while(self, hold: Mapping[str, Any], at: str, act: Callable[[], None]) -> dict[str, Any]:
        """One cycle that is held at a call (a fault's ``match``, at ``salesforce`` or ``marketo``) while somebody acts.

        The call has left the engine and not yet reached the system: what happens now lies between its reading and its
        writing.
        """
        door = self._site.salesforce.door if at == "salesforce" else self._site.marketo.door
        reports: list[Any] = []
        door.order_fault(hold, {"delay": 0.5})
        cycle = threading.Thread(target=lambda: reports.append(self.run()), name="held cycle")
        cycle.start()
        try:
            wait_until("the call to hold the cycle at", lambda: not door.faults_to_come() or not cycle.is_alive())
            if not cycle.is_alive() and door.faults_to_come():
                raise NoReport("the cycle ended without making the call it was to be held at")
            act()
        finally:
            cycle.join()
        if not reports:
            raise NoReport("the held cycle ended with an error")
        return dict(reports[0])

    def writes(self, system: str) -> list[dict[str, Any]]:
        """The writing requests that the latest cycle sent to a system, oldest first."""
        return [exchange for exchange in self.requests(system) if is_write(exchange)]

    def requests(self, system: str) -> list[dict[str, Any]]:
        """Every request that the latest cycle sent to a system, oldest first."""
        salesforce, marketo = self._site.doors
        door, since = (salesforce, self._marks[0]) if system == "Salesforce" else (marketo, self._marks[1])
        return door.requests(since=str(since))

    def _mark(self) -> None:
        latest = [door.requests(limit="1") for door in self._site.doors]
        self._marks = (_sequence(latest[0]), _sequence(latest[1]))


def is_write(exchange: Mapping[str, Any]) -> bool:
    """Whether a request changes records: not a login, and not a read that is sent as POST because it is long."""
    method, path = exchange["method"], exchange["path"]
    if method == "GET" or any(part in path for part in READS_BY_POST):
        return False
    if "_method=GET" in exchange.get("query", "") or "_method=GET" in exchange.get("request", "")[:2000]:
        return False
    return not (method == "POST" and ("/query" in path or _is_retrieve(exchange)))


def _is_retrieve(exchange: Mapping[str, Any]) -> bool:
    """POST …/composite/sobjects/SOBJECT with ``ids`` and ``fields`` reads records."""
    return "/composite/sobjects/" in exchange["path"] and '"ids"' in exchange.get("request", "")


def _sequence(exchanges: list[dict[str, Any]]) -> int:
    return int(exchanges[-1]["seq"]) if exchanges else 0
