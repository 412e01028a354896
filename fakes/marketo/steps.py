"""Flow steps as data: which there are, what each takes, and a flow checked whole before anything runs.

Pure. Source: Marketo product guide, "Flow Actions" and "Salesforce Flow Actions".
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fakes.kit.clock import ClockRefused, parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORDED = re.compile(r"(\d+)\s*(minute|hour|day|week)s?", re.IGNORECASE)
_TOKEN = re.compile(r"\{\{([^{}]+)\}\}")
_SCORE_CHANGE = re.compile(r"([+\-=]?)\s*(\d{1,9})")


class FlowRefused(ValueError):
    """The flow cannot run; the message names the step and the nearest known word."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One flow step that a campaign can have; Salesforce's have an ``action``, the engine's word for them."""

    name: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow with its parameters as they were given, tokens included."""

    kind: Kind
    parameters: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The step as a scenario writes it."""
        return {"step": self.kind.name, **self.parameters}


SYNC_PERSON = Kind("Sync Person to SFDC", (), ("assignTo",), "sync_person_to_sfdc")
CHANGE_OWNER = Kind("Change Owner", ("assignTo",), (), "change_owner")
CONVERT_PERSON = Kind("Convert Person", (), ("assignTo", "convertedStatus", "sendNotification"), "convert_person")
ADD_TO_SFDC_CAMPAIGN = Kind("Add to SFDC Campaign", ("campaign",), ("status",), "add_to_sfdc_campaign")
CHANGE_SFDC_STATUS = Kind(
    "Change Status in SFDC Campaign", ("campaign", "status"), (), "change_status_in_sfdc_campaign"
)
REMOVE_FROM_SFDC_CAMPAIGN = Kind("Remove from SFDC Campaign", ("campaign",), (), "remove_from_sfdc_campaign")
CREATE_TASK = Kind(
    "Create Task",
    ("subject",),
    ("assignTo", "dueIn", "priority", "status", "description"),
    "create_task",
)
DELETE_FROM_SFDC = Kind("Delete Person from SFDC", (), ("deleteInMarketo",), "delete_person_from_sfdc")

CHANGE_DATA_VALUE = Kind("Change Data Value", ("attribute", "value"))
CHANGE_SCORE = Kind("Change Score", ("change",), ("score",))
SEND_EMAIL = Kind("Send Email", ("email",))
WAIT = Kind("Wait", ("duration",))
ADD_TO_LIST = Kind("Add to List", ("list",))
REMOVE_FROM_LIST = Kind("Remove from List", ("list",))
DELETE_PERSON = Kind("Delete Person", (), ("deleteInSfdc",))
INTERESTING_MOMENT = Kind("Interesting Moment", ("type", "description"))
REQUEST_CAMPAIGN = Kind("Request Campaign", ("campaign",))

KINDS = {
    kind.name: kind
    for kind in (
        SYNC_PERSON,
        CHANGE_OWNER,
        CONVERT_PERSON,
        ADD_TO_SFDC_CAMPAIGN,
        CHANGE_SFDC_STATUS,
        REMOVE_FROM_SFDC_CAMPAIGN,
        CREATE_TASK,
        DELETE_FROM_SFDC,
        CHANGE_DATA_VALUE,
        CHANGE_SCORE,
        SEND_EMAIL,
        WAIT,
        ADD_TO_LIST,
        REMOVE_FROM_LIST,
        DELETE_PERSON,
        INTERESTING_MOMENT,
        REQUEST_CAMPAIGN,
    )
}

NOT_MODELLED = frozenset(
    {
        "Add to Engagement Program",
        "Add to Microsoft Campaign",
        "Call Webhook",
        "Change Engagement Program Cadence",
        "Change Engagement Program Stream",
        "Change Owner in Microsoft",
        "Change Person Partition",
        "Change Program Member Data",
        "Change Program Status",
        "Change Program Success",
        "Change Revenue Stage",
        "Create Task in Microsoft",
        "Execute Campaign",
        "Give Credits",
        "Remove from Flow",
        "Send Alert",
        "Sync Person to Microsoft",
    }
)
"""Steps that Marketo has and this fake does not run."""

STANDARD_CAMPAIGNS: tuple[tuple[str, dict[str, Any], dict[str, str]], ...] = (
    ("Sync Person to SFDC", {"assignTo": "{{my.assignTo}}"}, {"my.assignTo": "auto"}),
    ("Change Owner", {"assignTo": "{{my.assignTo}}"}, {}),
    (
        "Convert Person",
        {"assignTo": "{{my.assignTo}}", "convertedStatus": "{{my.convertedStatus}}"},
        {"my.assignTo": "auto"},
    ),
    ("Add to SFDC Campaign", {"campaign": "{{my.campaign}}", "status": "{{my.status}}"}, {}),
    ("Change Status in SFDC Campaign", {"campaign": "{{my.campaign}}", "status": "{{my.status}}"}, {}),
    ("Remove from SFDC Campaign", {"campaign": "{{my.campaign}}"}, {}),
    (
        "Create Task",
        {
            "subject": "{{my.subject}}",
            "assignTo": "{{my.assignTo}}",
            "dueIn": "{{my.dueIn}}",
            "priority": "{{my.priority}}",
            "status": "{{my.status}}",
            "description": "{{my.description}}",
        },
        {"my.subject": "Follow up"},
    ),
    ("Delete Person from SFDC", {"deleteInMarketo": "{{my.deleteInMarketo}}"}, {"my.deleteInMarketo": "false"}),
)
"""Requestable campaigns of every world: name (also of its one step), parameters, My Tokens with their defaults."""


def parse_flow(rows: object) -> tuple[Step, ...]:
    """The steps that a scenario or the side door gives as ``[{"step": NAME, …}]``.

    Raises:
        FlowRefused: a step or parameter is unknown, missing or makes no sense.
    """
    if not isinstance(rows, list) or not rows:
        raise FlowRefused("a flow is a list of at least one step")
    return tuple(_parse_step(row, number) for number, row in enumerate(rows, 1))


def parse_wait(duration: object) -> timedelta:
    """How long a Wait step waits: ``PT5M`` or ``5 minutes``.

    Raises:
        FlowRefused: neither.
    """
    text = str(duration).strip()
    if match := _WORDED.fullmatch(text):
        return timedelta(**{f"{match[2].lower()}s": int(match[1])})
    try:
        length = parse_duration(text)
    except ClockRefused as refused:
        raise FlowRefused(f"Wait: {refused}, or words such as 5 minutes") from None
    if length < timedelta():
        raise FlowRefused(f"Wait: {text} lies in the past")
    return length


def parse_score_change(change: object) -> tuple[str, int]:
    """``+10``, ``-5`` or ``=20`` as its sign and number; a plain number is added.

    Raises:
        FlowRefused: none of them.
    """
    match = _SCORE_CHANGE.fullmatch(str(change).strip())
    if not match:
        raise FlowRefused(f"Change Score: {change!r} is not a change such as +10, -5 or =20")
    return match[1] or "+", int(match[2])


def fill_tokens(text: str, tokens: Mapping[str, object]) -> str:
    """The text with its tokens replaced; one that nobody gave becomes nothing, as in Marketo."""
    return _TOKEN.sub(lambda match: str(tokens.get(match[1].strip(), "") or ""), text)


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint for a word that is not known."""
    lowered = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.5)
    return f"did you mean {lowered[found[0]]!r}?" if found else f"known are {', '.join(known)}"


def _parse_step(row: object, number: int) -> Step:
    if not isinstance(row, dict) or not isinstance(row.get("step"), str):
        raise FlowRefused(f"step {number} of the flow has no 'step' with its name")
    name, parameters = row["step"], {key: value for key, value in row.items() if key != "step"}
    kind = KINDS.get(name)
    if kind is None:
        if name in NOT_MODELLED:
            raise FlowRefused(f"step {number}: {name!r} is a step of Marketo's that this fake does not model")
        raise FlowRefused(f"step {number}: there is no flow step {name!r}; {nearest(name, list(KINDS))}")
    known = [*kind.required, *kind.optional]
    for key, value in parameters.items():
        if key not in known:
            hint = nearest(key, known) if known else "it takes none"
            raise FlowRefused(f"step {number}, {name}: unknown parameter {key!r}; {hint}")
        if isinstance(value, dict | list):
            raise FlowRefused(f"step {number}, {name}: {key} is a text, a number or true and false")
    for key in kind.required:
        if parameters.get(key) is None:
            raise FlowRefused(f"step {number}, {name} needs {key!r}")
    if kind is WAIT:
        parse_wait(parameters["duration"])
    if kind is CHANGE_SCORE and "{{" not in str(parameters["change"]):
        parse_score_change(parameters["change"])
    return Step(kind, parameters)
