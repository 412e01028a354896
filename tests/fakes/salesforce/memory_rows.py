"""Security rows in a dictionary: the smallest thing that keeps the promises of ``access.Rows``."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from fakes.kit.scenario import SalesforcePart, UserSpec
from fakes.salesforce.access import Access, Security
from fakes.salesforce.schema import Schema, standard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class MemoryRows:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.tables: dict[str, dict[str, dict[str, Any]]] = {}
        self._numbers = count(1)
        self.reads = 0

    def read(self, sobject: str, where: Mapping[str, Sequence[str]]) -> list[Mapping[str, Any]]:
        self.reads += 1
        rows = self.tables.get(sobject, {}).values()
        return [row for row in rows if all(row[key] in values for key, values in where.items())]

    def insert(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        described = self.schema[sobject]
        ids = []
        for row in rows:
            unknown = [name for name in row if name not in described.fields]
            assert not unknown, f"{sobject} has no {unknown}"
            record_id = f"{described.key_prefix}{next(self._numbers):012d}AAA"
            blank = dict.fromkeys(described.fields)
            self.tables.setdefault(sobject, {})[record_id] = {**blank, **row, "Id": record_id}
            ids.append(record_id)
        return ids

    def update(self, sobject: str, record_id: str, changes: Mapping[str, Any]) -> None:
        self.tables[sobject][record_id].update(changes)

    def remove(self, sobject: str, record_ids: Sequence[str]) -> None:
        for record_id in record_ids:
            del self.tables[sobject][record_id]


class SmallOrg:
    """A schema, its security and the users of a scenario: what access and describe need of an org."""

    def __init__(self, part: SalesforcePart | None = None, schema: Schema | None = None) -> None:
        part = part or SalesforcePart(
            users=[
                UserSpec("sync@acme.test", profile="Marketo Sync", sync_user=True),
                UserSpec("admin@acme.test"),
                UserSpec("sales@acme.test", profile="Standard User"),
            ]
        )
        self.schema = schema or standard()
        self.rows = MemoryRows(self.schema)
        self.security = Security(self.schema, self.rows)
        self.security.bootstrap(part)
        self.users = {}
        for spec in part.users:
            row = {"Username": spec.username, "ProfileId": self.security.profile_id(spec.profile)}
            (self.users[spec.username],) = self.rows.insert("User", [row])
            self.security.assign(self.users[spec.username], spec.permission_sets)

    def access(self, username: str) -> Access:
        return self.security.access_of(self.users[username])

    @property
    def sync(self) -> Access:
        return self.access("sync@acme.test")

    @property
    def admin(self) -> Access:
        return self.access("admin@acme.test")

    @property
    def sales(self) -> Access:
        return self.access("sales@acme.test")
