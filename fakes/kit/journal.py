"""The journal: a bounded ring of the latest exchanges, and the ledger of what is not modelled.

The ledger is the first rule of the project made visible: whatever the fakes do not model refuses loudly and is
counted here.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = 2_000
"""So many exchanges are remembered; older ones fall out."""

FILTERS = ("method", "path", "status", "user", "since", "limit")


class Journal:
    """What was asked and answered lately, oldest first, and what could not be answered because it is not modelled."""

    def __init__(self, kept: int = KEPT) -> None:
        self._lock = threading.Lock()
        self._ring: deque[dict[str, Any]] = deque(maxlen=kept)
        self._ledger: dict[tuple[str, str], int] = {}
        self._sequence = 0

    def record(self, exchange: Mapping[str, Any]) -> None:
        """Remember one exchange; it is given the next number as ``seq``."""
        with self._lock:
            self._sequence += 1
            self._ring.append({"seq": self._sequence, **exchange})

    def exchanges(self, **filters: str) -> list[dict[str, Any]]:
        """The exchanges that match, oldest first.

        Args:
            filters: ``method`` and ``status`` are equal, ``path`` is contained in the path, ``user`` is equal,
                ``since`` is a ``seq`` after which to begin, ``limit`` keeps the newest so many.

        Raises:
            ValueError: an unknown filter, or a number that is none.
        """
        if unknown := sorted(filters.keys() - set(FILTERS)):
            raise ValueError(f"unknown filter {unknown[0]!r}; known are {', '.join(FILTERS)}")
        with self._lock:
            found = list(self._ring)
        if method := filters.get("method"):
            wanted = {m.strip().upper() for m in method.split(",")}
            found = [e for e in found if e["method"] in wanted]
        if path := filters.get("path"):
            found = [e for e in found if path in e["path"]]
        if status := filters.get("status"):
            found = [e for e in found if str(e["status"]) == status]
        if user := filters.get("user"):
            found = [e for e in found if e.get("user") == user]
        if since := filters.get("since"):
            found = [e for e in found if e["seq"] > int(since)]
        if limit := filters.get("limit"):
            found = found[-int(limit) :] if int(limit) else []
        return found

    def not_modelled(self, what: str, detail: str = "") -> None:
        """Count one thing that was asked for and is not modelled.

        Args:
            what: the endpoint, construct or option, as the vendor names it.
            detail: what the caller sent, when it helps.
        """
        with self._lock:
            self._ledger[what, detail] = self._ledger.get((what, detail), 0) + 1

    def ledger(self) -> list[dict[str, Any]]:
        """What was asked for and is not modelled, with how often: ``{"what", "detail", "count"}``."""
        with self._lock:
            return [{"what": w, "detail": d, "count": n} for (w, d), n in sorted(self._ledger.items())]

    def clear(self) -> None:
        """Forget the exchanges; the ledger stays."""
        with self._lock:
            self._ring.clear()
