"""What the sync needs before its first cycle, made once: ``syncengine init``. Doing it again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncengine.actions import CreateField, Outcome
from syncengine.mapping import MissingField
from syncengine.schema import Schema, make_fields
from syncengine.traces import (
    ERROR_ATTRIBUTES,
    ERROR_TYPE,
    ERROR_TYPE_SPECIFICATION,
    EXTERNAL_FIELDS,
    traces_for,
)

if TYPE_CHECKING:
    from syncengine.settings import SyncSettings
    from syncengine.state.store import StateStore
    from syncengine.systems import Systems


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing the sync needs; ``done`` when it is there. ``detail`` says what else is to be known or done."""

    what: str
    done: bool
    detail: str = ""


def init(systems: Systems, state: StateStore, settings: SyncSettings, *, write: bool) -> list[SetupStep]:
    """Everything the sync needs, made where it is missing; without ``write`` only looked for.

    Native: lead fields for the custom fields that the sync user sees. External: besides, the fields and the custom
    activity type that stand for what only Marketo's own sync may write.
    """
    traces = traces_for(connector=systems.marketo.connector)
    steps = [] if traces.native else _external(systems, write=write)
    if any(not step.done for step in steps):
        return steps
    # Everything that could not be made before is tried again.
    state.keep("fields that cannot be made", {})
    schema = Schema(systems, state, settings, traces, write=write)
    schema.refresh()
    steps += [_field_step(outcome) for outcome in schema.outcomes]
    steps += [SetupStep(problem, done=False) for problem in schema.problems()]
    for sobject, mapping in schema.mappings.items():
        steps.append(SetupStep(f"{sobject}: {len(mapping.pairs)} fields take part", done=True))
    lead = schema.mappings.get("Lead")
    if lead is not None:
        name = f"Lead.{settings.marketo_id_field}"
        if lead.key_field:
            steps.append(SetupStep(f"{name} holds the id of the Marketo person", done=True))
        else:
            steps.append(
                SetupStep(
                    f"{name} holds the id of the Marketo person",
                    done=True,
                    detail=f"optional, and not there: an external id field {name} that the sync user may edit makes an "
                    "interrupted Sync Person to SFDC certain to find the Lead that it made",
                )
            )
    return steps


def _external(systems: Systems, *, write: bool) -> list[SetupStep]:
    return _external_fields(systems, write=write) + _error_type(systems, write=write)


def _external_fields(systems: Systems, *, write: bool) -> list[SetupStep]:
    there = systems.marketo.describe()
    missing = [
        MissingField(
            name=field["name"],
            salesforce="Id",
            sobject="Lead",
            label=field["displayName"],
            type=field["dataType"],
        )
        for field in EXTERNAL_FIELDS
        if field["name"] not in there
    ]
    outcomes = make_fields(systems, missing, there, native=False, write=write)
    if write and missing:
        systems.marketo.forget_describes()
    made = {
        str(outcome.action.specification["name"]): outcome
        for outcome in outcomes
        if isinstance(outcome.action, CreateField)
    }
    return [
        _field_step(made[field["name"]])
        if field["name"] in made
        else SetupStep(f"lead field {field['name']}", done=True)
        for field in EXTERNAL_FIELDS
    ]


def _error_type(systems: Systems, *, write: bool) -> list[SetupStep]:
    """The custom activity type of refusals, approved; a draft that an interrupted run left is gone on with."""
    what = f"custom activity type {ERROR_TYPE}"
    types = {kind["apiName"]: kind for kind in systems.marketo.custom_activity_types()}
    status = types.get(ERROR_TYPE, {}).get("status")
    if status in {"approved", "approved with draft"}:
        return [SetupStep(what, done=True)]
    if not write:
        return [SetupStep(what, done=False, detail="will be made")]
    if status is None:
        systems.marketo.create_custom_activity_type(ERROR_TYPE_SPECIFICATION)
        systems.marketo.create_custom_activity_attributes(ERROR_TYPE, ERROR_ATTRIBUTES)
    systems.marketo.approve_custom_activity_type(ERROR_TYPE)
    return [SetupStep(what, done=True, detail="made")]


def _field_step(outcome: Outcome) -> SetupStep:
    action = outcome.action
    name = str(action.specification["name"]) if isinstance(action, CreateField) else action.sobject
    if outcome.refusals:
        return SetupStep(f"lead field {name}", done=False, detail=outcome.refusals[0].message)
    if outcome.status == "planned":
        return SetupStep(f"lead field {name}", done=False, detail="will be made")
    return SetupStep(f"lead field {name}", done=True, detail="made")
