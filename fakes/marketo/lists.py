"""Static lists and their members. Source: Marketo developer guide, "Static Lists"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import activity_types as types
from . import envelope
from .errors import LeadNotFound, LeadNotInList, ObjectNotFound
from .values import format_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakes.kit.clock import Clock

    from .activities import Activities
    from .store import Store


class Lists:
    """The static lists of an instance."""

    def __init__(self, store: Store, activities: Activities, clock: Clock) -> None:
        self._store = store
        self._activities = activities
        self._clock = clock

    def create(self, name: str, description: str = "") -> int:
        """A new list, or the one that has the name; its id."""
        now = format_datetime(self._clock.now())
        with self._store.transaction():
            row = self._store.one("SELECT id FROM static_list WHERE name = ?", (name,))
            if row is not None:
                return int(row["id"])
            return self._store.run(
                "INSERT INTO static_list (name, description, created, updated) VALUES (?, ?, ?, ?)",
                (name, description, now, now),
            )

    def find(
        self, ids: Sequence[int] = (), names: Sequence[str] = (), *, after: int = 0, batch: int = 300
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Lists by id and by exact name, and the id after which the next page begins."""
        sql, parameters = "SELECT * FROM static_list WHERE id > ?", [after]
        for column, wanted in (("id", ids), ("name", names)):
            if wanted:
                sql += f" AND {column} IN ({','.join('?' * len(wanted))})"
                parameters += wanted  # type: ignore[arg-type]
        rows = self._store.all(f"{sql} ORDER BY id LIMIT ?", (*parameters, batch + 1))
        return [_shown(dict(row)) for row in rows[:batch]], rows[batch - 1]["id"] if len(rows) > batch else None

    def get(self, list_id: int) -> dict[str, Any]:
        """One list.

        Raises:
            ObjectNotFound: there is none.
        """
        found, _ = self.find([list_id])
        if not found:
            raise ObjectNotFound("List")
        return found[0]

    def add(
        self, list_id: int, lead_ids: Sequence[int], source: str, campaign_id: int | None = None
    ) -> list[dict[str, Any]]:
        """Put leads on a list; who is on it already is ``added`` again without a second entry."""
        name = self.get(list_id)["name"]
        now = format_datetime(self._clock.now())
        results: list[dict[str, Any]] = []
        with self._store.transaction():
            there = self._store.existing(lead_ids)
            for lead_id in lead_ids:
                if lead_id not in there:
                    results.append(envelope.skipped(LeadNotFound(), lead_id))
                    continue
                if not self.has(list_id, lead_id):
                    self._store.run("INSERT INTO list_member VALUES (?, ?, ?)", (list_id, lead_id, now))
                    self._log(lead_id, types.ADD_TO_LIST, list_id, name, source, campaign_id)
                results.append({"id": lead_id, "status": "added"})
        return results

    def remove(
        self, list_id: int, lead_ids: Sequence[int], source: str, campaign_id: int | None = None
    ) -> list[dict[str, Any]]:
        """Take leads off a list."""
        name = self.get(list_id)["name"]
        results: list[dict[str, Any]] = []
        with self._store.transaction():
            there = self._store.existing(lead_ids)
            for lead_id in lead_ids:
                if lead_id not in there:
                    results.append(envelope.skipped(LeadNotFound(), lead_id))
                elif not self.has(list_id, lead_id):
                    results.append(envelope.skipped(LeadNotInList(), lead_id))
                else:
                    self._store.run("DELETE FROM list_member WHERE list_id = ? AND lead_id = ?", (list_id, lead_id))
                    self._log(lead_id, types.REMOVE_FROM_LIST, list_id, name, source, campaign_id)
                    results.append({"id": lead_id, "status": "removed"})
        return results

    def membership(self, list_id: int, lead_ids: Sequence[int]) -> list[dict[str, Any]]:
        """Whether each lead is on a list."""
        self.get(list_id)
        there = self._store.existing(lead_ids)
        return [
            {"id": lead_id, "status": "memberof" if self.has(list_id, lead_id) else "notmemberof"}
            if lead_id in there
            else envelope.skipped(LeadNotFound(), lead_id)
            for lead_id in lead_ids
        ]

    def has(self, list_id: int, lead_id: int) -> bool:
        """Whether a lead is on a list."""
        sql = "SELECT 1 FROM list_member WHERE list_id = ? AND lead_id = ?"
        return self._store.one(sql, (list_id, lead_id)) is not None

    def _log(self, lead_id: int, type_id: int, list_id: int, name: str, source: str, campaign_id: int | None) -> None:
        self._activities.record(
            lead_id, type_id, {"Source": source}, primary_id=list_id, primary_value=name, campaign_id=campaign_id
        )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "workspaceName": "Default",
        "createdAt": row["created"],
        "updatedAt": row["updated"],
    }
