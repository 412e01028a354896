"""Smart campaigns as data: requestable ones, found by name, started for a few people at a time.

Source: Marketo developer guide, "Campaigns" (Request Campaign); product guide, "Smart Campaigns".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import activity_types as types
from .errors import InvalidRequest, LeadUnknown, ObjectNotFound
from .steps import CHANGE_DATA_VALUE, CHANGE_SCORE, STANDARD_CAMPAIGNS, FlowRefused, Step, nearest, parse_flow
from .store import dumps
from .values import format_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakes.kit.clock import Clock

    from .activities import Activities
    from .fields import Fields
    from .store import Store

MAX_LEADS = 100
MAX_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Campaign:
    """A trigger campaign that an integration can request. ``tokens``: My Tokens with their default values."""

    id: int
    name: str
    created: str
    flow: tuple[Step, ...]
    tokens: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The record of campaigns.json."""
        return {
            "id": self.id,
            "name": self.name,
            "description": "",
            "type": "trigger",
            "workspaceName": "Default",
            "createdAt": self.created,
            "updatedAt": self.created,
            "active": True,
        }


class Campaigns:
    """The smart campaigns of an instance."""

    def __init__(self, store: Store, fields: Fields, activities: Activities, clock: Clock) -> None:
        self._store = store
        self.fields = fields
        self._activities = activities
        self._clock = clock
        self.on_request: Callable[[int, Sequence[int], Mapping[str, str]], None] = lambda *_: None
        """Called after the transaction of a request has committed: campaign, leads, tokens."""

    def create_standard(self) -> None:
        """The campaigns that every world has, one for each Salesforce flow action."""
        for name, parameters, tokens in STANDARD_CAMPAIGNS:
            self.create(name, [{"step": name, **parameters}], tokens)

    def create(self, name: object, flow: object, tokens: Mapping[str, str] | None = None) -> int:
        """A requestable campaign; one of that name gets the new flow and keeps its id. Its id.

        Raises:
            FlowRefused: a step or parameter that cannot be.
            ValueError: no name.
        """
        if not isinstance(name, str) or not name.strip():
            raise ValueError("a campaign needs a name")
        parsed = parse_flow(flow)
        for step in parsed:
            self._check_field(step)
        steps = [step.to_json() for step in parsed]
        definition = dumps({"flow": steps, "tokens": dict(tokens or {})})
        with self._store.transaction():
            row = self._store.one("SELECT id FROM campaign WHERE name = ?", (name,))
            if row is not None:
                self._store.run("UPDATE campaign SET definition = ? WHERE id = ?", (definition, row["id"]))
                return int(row["id"])
            now = format_datetime(self._clock.now())
            return self._store.run(
                "INSERT INTO campaign (name, created, definition) VALUES (?, ?, ?)", (name, now, definition)
            )

    def find(
        self, ids: Sequence[int] = (), names: Sequence[str] = (), *, after: int = 0, batch: int = 300
    ) -> tuple[list[Campaign], int | None]:
        """Campaigns by id and by exact name, and the id after which the next page begins."""
        sql, parameters = "SELECT * FROM campaign WHERE id > ?", [after]
        for column, wanted in (("id", ids), ("name", names)):
            if wanted:
                sql += f" AND {column} IN ({','.join('?' * len(wanted))})"
                parameters += wanted  # type: ignore[arg-type]
        rows = self._store.all(f"{sql} ORDER BY id LIMIT ?", (*parameters, batch + 1))
        found = [_read(dict(row)) for row in rows[:batch]]
        return found, found[-1].id if len(rows) > batch else None

    def get(self, campaign_id: int) -> Campaign:
        """One campaign.

        Raises:
            ObjectNotFound: there is none.
        """
        found, _ = self.find([campaign_id])
        if not found:
            raise ObjectNotFound("Campaign")
        return found[0]

    def request(self, campaign_id: int, lead_ids: Sequence[int], tokens: Mapping[str, str], *, source: str) -> None:
        """Start a campaign for people: a Request Campaign entry each, then the flow, on its own time.

        Raises:
            ObjectNotFound: no such campaign.
            InvalidRequest: nobody, or more than 100 people or tokens.
            LeadUnknown: one of them does not exist; then nobody enters.
        """
        campaign = self.get(campaign_id)
        if not lead_ids:
            raise InvalidRequest("Leads not specified")
        if len(lead_ids) > MAX_LEADS:
            raise InvalidRequest(f"Too many leads specified. Maximum allowed is {MAX_LEADS}")
        if len(tokens) > MAX_TOKENS:
            raise InvalidRequest(f"Too many tokens specified. Maximum allowed is {MAX_TOKENS}")
        with self._store.transaction():
            there = self._store.existing(lead_ids)
            if missing := [lead_id for lead_id in lead_ids if lead_id not in there]:
                raise LeadUnknown(f"[{', '.join(map(str, missing))}]")
            for lead_id in dict.fromkeys(lead_ids):
                self._activities.record(
                    lead_id,
                    types.REQUEST_CAMPAIGN,
                    {"Source": source},
                    primary_id=campaign.id,
                    primary_value=campaign.name,
                    campaign_id=campaign.id,
                )
        self.on_request(campaign.id, list(dict.fromkeys(lead_ids)), {**campaign.tokens, **tokens})

    def _check_field(self, step: Step) -> None:
        """Refuse a step that would change a field which does not exist, or which no step can change."""
        if step.kind is CHANGE_DATA_VALUE:
            word = str(step.parameters["attribute"])
        elif step.kind is CHANGE_SCORE:
            word = str(step.parameters.get("score", "leadScore"))
        else:
            return
        field = self.fields.named(word)
        if field is None:
            hint = nearest(word, [*(f.name for f in self.fields), *(f.display_name for f in self.fields)])
            raise FlowRefused(
                f"{step.kind.name}: there is no field {word!r}; {hint if 'mean' in hint else 'see describe'}"
            )
        if field.read_only or field.written_by_marketo_only:
            raise FlowRefused(f"{step.kind.name}: {word!r} is read-only")
        if step.kind is CHANGE_SCORE and field.data_type not in {"integer", "score"}:
            raise FlowRefused(f"{step.kind.name}: {word!r} is no score but of type {field.data_type}")


def _read(row: Mapping[str, Any]) -> Campaign:
    definition = json.loads(row["definition"])
    return Campaign(row["id"], row["name"], row["created"], parse_flow(definition["flow"]), definition["tokens"])
