"""Runs the flow of a smart campaign for each person, on a worker of its own.

A step runs after the transaction that started it has committed: a webhook that calls back would otherwise wait for the
fake, and the fake for it. No lock is held while the engine is called.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import activity_types as types
from . import steps
from .engine_link import Answer, EngineLink, EngineUnreachable
from .errors import MarketoError, RecordSkipped
from .origin import by_step
from .store import dumps
from .values import format_datetime, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from fakes.kit.clock import Clock
    from fakes.kit.journal import Journal

    from .activities import Activities
    from .campaigns import Campaign, Campaigns
    from .leads import Leads
    from .lists import Lists
    from .origin import Origin
    from .steps import Kind
    from .store import Store

_log = logging.getLogger(__name__)

FLOW_SOURCE = "Marketo Flow Action"
NOT_CONNECTED = (
    "This Marketo instance is not connected to Salesforce: no sync engine runs this step "
    "(fakes up --engine, or PUT /_fake/engine)"
)

_SFDC_ACTIVITY = {
    steps.SYNC_PERSON.name: 19,
    steps.CHANGE_OWNER.name: 23,
    steps.CONVERT_PERSON.name: 21,
    steps.ADD_TO_SFDC_CAMPAIGN.name: 42,
    steps.CHANGE_SFDC_STATUS.name: 44,
    steps.REMOVE_FROM_SFDC_CAMPAIGN.name: 43,
    steps.CREATE_TASK.name: 26,
    steps.DELETE_FROM_SFDC.name: 29,
}


@dataclass(frozen=True, slots=True)
class _Task:
    """One person at one step of one campaign's flow; ``world`` is the state of the instance it belongs to."""

    world: int
    campaign_id: int
    lead_id: int
    step: int
    tokens: Mapping[str, str]


class FlowRunner:
    """The flow steps that are due, in their order; and those that wait for the clock."""

    def __init__(
        self,
        store: Store,
        leads: Leads,
        activities: Activities,
        lists: Lists,
        campaigns: Campaigns,
        clock: Clock,
        random: Random,
        journal: Journal,
        *,
        crm: bool,
    ) -> None:
        self._store = store
        self._leads = leads
        self._activities = activities
        self._lists = lists
        self._campaigns = campaigns
        self._clock = clock
        self._random = random
        self._journal = journal
        self._crm = crm
        self.engine: EngineLink | None = None
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._worker: threading.Thread | None = None
        self._stopped = False
        self._world = 0
        last = store.one("SELECT max(id) AS id FROM waiting")
        self._waits = itertools.count((last["id"] or 0) + 1 if last else 1)  # never goes back: see _book
        campaigns.on_request = self.start

    def start(self, campaign_id: int, lead_ids: Sequence[int], tokens: Mapping[str, str]) -> None:
        """Let people enter a flow; returns at once."""
        self._put([_Task(self._world, campaign_id, lead_id, 0, tokens) for lead_id in lead_ids])

    def idle(self, seconds: float) -> bool:
        """Whether every step that is due has run, waiting at most so many seconds for it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._tasks or self._busy:
                left = deadline - time.monotonic()
                if left <= 0 or threading.current_thread() is self._worker:
                    return False
                self._changed.wait(left)
            return True

    def forget(self) -> None:
        """Drop every step that is due: the state of the instance was exchanged."""
        with self._changed:
            self._world += 1
            self._tasks.clear()
            self._changed.notify_all()

    def rebook(self) -> None:
        """Ask the clock again for the waits that the database holds, after a restart."""
        for row in self._store.all("SELECT id, due FROM waiting ORDER BY id"):
            self._book(row["id"], row["due"])

    def stop(self) -> None:
        """End the worker."""
        with self._changed:
            self._stopped = True
            self._tasks.clear()
            self._changed.notify_all()

    # --- the worker ---

    def _put(self, tasks: Sequence[_Task]) -> None:
        with self._changed:
            if self._stopped:
                return
            self._tasks.extend(tasks)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="marketo-flow", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._tasks and not self._stopped:
                    self._changed.wait()
                if self._stopped:
                    return
                task = self._tasks.popleft()
                self._busy = True
            try:
                self._run(task)
            except Exception:  # noqa: BLE001  whatever it was, the worker lives on
                # A fault of the fake: said aloud, and the next person's flow goes on.
                _log.exception("a flow step failed: %s", task)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _run(self, task: _Task) -> None:
        try:
            campaign = self._campaigns.get(task.campaign_id)
        except MarketoError:
            return
        for number, step in enumerate(campaign.flow[task.step :], task.step):
            if task.world != self._world or not self._store.existing([task.lead_id]):
                return
            parameters = self._filled(step.parameters, task)
            if step.kind is steps.WAIT:
                self._wait(replace(task, step=number + 1), parameters["duration"])
                return
            if step.kind.action is not None:
                self._salesforce(task, campaign, step.kind, parameters)
            else:
                origin = by_step(step.kind.name, campaign.id, campaign.name)
                _LOCAL[step.kind.name](self, task, campaign, parameters, origin)

    def _filled(self, parameters: Mapping[str, Any], task: _Task) -> dict[str, Any]:
        """The parameters with their tokens replaced; one that came to nothing is left away."""
        if not any("{{" in str(value) for value in parameters.values()):
            return dict(parameters)
        tokens: dict[str, object] = {"system.dateTime": format_datetime(self._clock.now())}
        lead = self._store.whole_lead(task.lead_id) or {}
        for field in self._leads.fields:
            tokens[f"{'company' if field.company else 'lead'}.{field.display_name}"] = lead.get(field.name)
        tokens.update(task.tokens)
        filled = {
            name: steps.fill_tokens(value, tokens) if isinstance(value, str) else value
            for name, value in parameters.items()
        }
        return {name: value for name, value in filled.items() if value != ""}

    # --- Wait ---

    def _wait(self, task: _Task, duration: object) -> None:
        due = format_datetime(self._clock.now() + steps.parse_wait(duration))
        number = next(self._waits)
        with self._store.transaction():
            if task.world != self._world:
                return
            self._store.run(
                "INSERT INTO waiting (id, due, campaign_id, lead_id, step, tokens) VALUES (?, ?, ?, ?, ?, ?)",
                (number, due, task.campaign_id, task.lead_id, task.step, dumps(dict(task.tokens))),
            )
        self._book(number, due)

    def _book(self, number: int, due: str) -> None:
        self._clock.call_at(parse_datetime(due), f"marketo wait {number}", lambda: self._resume(number))

    def _resume(self, number: int) -> None:
        """Go on with a flow that waited; nothing if that state of the instance is gone."""
        with self._store.transaction():
            row = self._store.one("SELECT * FROM waiting WHERE id = ?", (number,))
            if row is None:
                return
            self._store.run("DELETE FROM waiting WHERE id = ?", (number,))
        tokens = json.loads(row["tokens"])
        self._put([_Task(self._world, row["campaign_id"], row["lead_id"], row["step"], tokens)])

    # --- Salesforce's steps ---

    def _salesforce(self, task: _Task, campaign: Campaign, kind: Kind, parameters: dict[str, Any]) -> Answer:
        """Let the engine run a step, and write what became of it into the activity log."""
        if kind is steps.SYNC_PERSON:
            parameters = {"assignTo": "auto", **parameters}
        if kind is steps.DELETE_FROM_SFDC:
            parameters = {"deleteInMarketo": _truth(parameters.get("deleteInMarketo", False))}
        answer = self._answer(task, kind, parameters)
        with self._store.transaction():
            lead = self._store.whole_lead(task.lead_id)
            if task.world == self._world and lead is not None:
                primary_id, primary_value = _primary(kind, lead, parameters)
                self._activities.record(
                    task.lead_id,
                    _SFDC_ACTIVITY[kind.name],
                    _told(kind, campaign, parameters, lead, answer),
                    primary_id=primary_id,
                    primary_value=primary_value,
                    campaign_id=campaign.id,
                    outcome={"done": "succeeded"}.get(answer.status, answer.status),
                )
                if answer.status == "done" and parameters.get("deleteInMarketo") is True:
                    self._leads.delete([task.lead_id], by_step(kind.name, campaign.id, campaign.name))
        return answer

    def _answer(self, task: _Task, kind: Kind, parameters: dict[str, Any]) -> Answer:
        engine = self.engine
        if engine is None or not self._crm:
            return Answer("failed", None, None, NOT_CONNECTED)
        for name in kind.required:
            if parameters.get(name) in {None, ""}:
                return Answer("failed", None, None, f"{kind.name} has no value for {name}")
        try:
            return engine.call(
                action_id=str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
                action=str(kind.action),
                lead_id=task.lead_id,
                campaign_id=task.campaign_id,
                parameters=parameters,
            )
        except EngineUnreachable as problem:
            return Answer("failed", None, None, f"Failed to reach Salesforce: {problem}")

    # --- Marketo's own steps ---

    def _change_data_value(
        self, task: _Task, campaign: Campaign, parameters: Mapping[str, Any], origin: Origin
    ) -> None:
        field = self._leads.fields.named(str(parameters["attribute"]))
        value = parameters.get("value")
        if field is None:
            return
        try:
            self._leads.change(task.lead_id, {field.name: None if value == "NULL" else value}, origin)
        except RecordSkipped as skip:
            self._journal.not_modelled(
                "what Change Data Value leaves behind when the value does not fit",
                f"campaign {campaign.name!r}: {skip.message}",
            )

    def _change_score(self, task: _Task, _: Campaign, parameters: Mapping[str, Any], origin: Origin) -> None:
        field = self._leads.fields.named(str(parameters.get("score", "leadScore")))
        lead = self._store.whole_lead(task.lead_id)
        if field is None or field.data_type not in {"integer", "score"} or lead is None:
            return
        sign, number = steps.parse_score_change(parameters["change"])
        before = lead[field.name]
        after = number if sign == "=" else (before or 0) + (number if sign == "+" else -number)
        with self._store.transaction():
            self._activities.record(
                task.lead_id,
                types.CHANGE_SCORE,
                {"Change Value": f"{sign}{number}", "New Value": after, "Old Value": before, "Reason": origin.reason},
                primary_id=field.id,
                primary_value=field.display_name,
                campaign_id=origin.campaign_id,
            )
            self._leads.change(task.lead_id, {field.name: after}, origin)

    def _send_email(self, task: _Task, _: Campaign, parameters: Mapping[str, Any], origin: Origin) -> None:
        """Recorded, not sent; nobody without an address, unsubscribed or suspended gets mail."""
        lead = self._store.whole_lead(task.lead_id)
        blocked = ("unsubscribed", "emailInvalid", "marketingSuspended", "blackListed")
        if lead is None or not lead["email"] or any(lead[name] for name in blocked):
            return
        name = str(parameters.get("email", ""))
        with self._store.transaction():
            mailing = self._store.asset_id("email", name)
            for type_id in (types.SEND_EMAIL, types.EMAIL_DELIVERED):
                self._activities.record(
                    task.lead_id,
                    type_id,
                    {"Step ID": task.step + 1, "Campaign Run ID": origin.campaign_id, "Choice Number": 0},
                    primary_id=mailing,
                    primary_value=name,
                    campaign_id=origin.campaign_id,
                )

    def _add_to_list(self, task: _Task, _: Campaign, parameters: Mapping[str, Any], origin: Origin) -> None:
        list_id = self._lists.create(str(parameters.get("list", "")))
        self._lists.add(list_id, [task.lead_id], FLOW_SOURCE, origin.campaign_id)

    def _remove_from_list(self, task: _Task, _: Campaign, parameters: Mapping[str, Any], origin: Origin) -> None:
        list_id = self._lists.create(str(parameters.get("list", "")))
        self._lists.remove(list_id, [task.lead_id], FLOW_SOURCE, origin.campaign_id)

    def _delete_person(self, task: _Task, campaign: Campaign, parameters: Mapping[str, Any], origin: Origin) -> None:
        """The Marketo person and, unless switched off, the Salesforce record; if that fails, neither."""
        lead = self._store.whole_lead(task.lead_id) or {}
        linked = lead.get("sfdcId") or lead.get("syncrigSfdcId")
        if linked and _truth(parameters.get("deleteInSfdc", True)):
            answer = self._salesforce(task, campaign, steps.DELETE_FROM_SFDC, {"deleteInMarketo": False})
            if answer.status == "failed":
                return
        self._leads.delete([task.lead_id], origin)

    def _interesting_moment(
        self, task: _Task, campaign: Campaign, parameters: Mapping[str, Any], origin: Origin
    ) -> None:
        with self._store.transaction():
            self._activities.record(
                task.lead_id,
                types.INTERESTING_MOMENT,
                {
                    "Date": format_datetime(self._clock.now()),
                    "Description": parameters.get("description"),
                    "Source": campaign.name,
                },
                primary_value=str(parameters.get("type", "")),
                campaign_id=origin.campaign_id,
            )

    def _request_campaign(self, task: _Task, campaign: Campaign, parameters: Mapping[str, Any], _: Origin) -> None:
        wanted = str(parameters.get("campaign", ""))
        found, _next = self._campaigns.find(names=[wanted])
        if not found:
            self._journal.not_modelled(
                "what Request Campaign leaves behind when there is no such campaign",
                f"campaign {campaign.name!r} requests {wanted!r}",
            )
            return
        self._campaigns.request(found[0].id, [task.lead_id], task.tokens, source=FLOW_SOURCE)


_LOCAL: dict[str, Callable[[FlowRunner, _Task, Campaign, Mapping[str, Any], Origin], None]] = {
    steps.CHANGE_DATA_VALUE.name: FlowRunner._change_data_value,  # noqa: SLF001  the class's own table
    steps.CHANGE_SCORE.name: FlowRunner._change_score,  # noqa: SLF001
    steps.SEND_EMAIL.name: FlowRunner._send_email,  # noqa: SLF001
    steps.ADD_TO_LIST.name: FlowRunner._add_to_list,  # noqa: SLF001
    steps.REMOVE_FROM_LIST.name: FlowRunner._remove_from_list,  # noqa: SLF001
    steps.DELETE_PERSON.name: FlowRunner._delete_person,  # noqa: SLF001
    steps.INTERESTING_MOMENT.name: FlowRunner._interesting_moment,  # noqa: SLF001
    steps.REQUEST_CAMPAIGN.name: FlowRunner._request_campaign,  # noqa: SLF001
}


def _truth(value: object) -> bool:
    return str(value).strip().lower() in {"true", "1", "yes"}


def _primary(kind: Kind, lead: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """The primary value of a Salesforce step's entry: the campaign, the subject, or the lead itself."""
    if "campaign" in kind.required:
        return None, str(parameters.get("campaign", "")) or None
    if kind is steps.CREATE_TASK:
        return None, str(parameters.get("subject", "")) or None
    return lead["id"], lead["mktoName"]


def _told(
    kind: Kind, campaign: Campaign, parameters: Mapping[str, Any], lead: Mapping[str, Any], answer: Answer
) -> dict[str, Any]:
    """The attributes of a Salesforce step's entry."""
    assigned = parameters.get("assignTo")
    assign_to = "Auto Assign" if assigned == "auto" else assigned
    told: dict[str, Any]
    match kind.name:
        case steps.SYNC_PERSON.name:
            told = {"Assign To": assign_to, "Campaign": campaign.name}
        case steps.CONVERT_PERSON.name:
            told = {
                "Assign To": assign_to,
                "Campaign": campaign.name,
                "Converted Status": parameters.get("convertedStatus"),
                "Send Notification Email": parameters.get("sendNotification"),
            }
        case steps.CHANGE_OWNER.name:
            told = {"Campaign": campaign.name, "Old Owner": lead["sfdcLeadOwnerId"], "Owner": assigned}
        case steps.CHANGE_SFDC_STATUS.name:
            told = {"New Status": parameters.get("status")}
        case steps.CREATE_TASK.name:
            told = {
                "Activity Owner": assign_to,
                "Description": parameters.get("description"),
                "Is Task": True,
                "Priority": parameters.get("priority"),
                "Status": parameters.get("status"),
            }
        case steps.DELETE_FROM_SFDC.name:
            told = {"Campaign": campaign.name, "Delete in Marketo": parameters.get("deleteInMarketo")}
        case _:
            told = {"Status": parameters.get("status")}
    return {**told, "Error": answer.error}
