"""What the sync user sees and Marketo has, as mappings; kept between cycles so that a quiet one describes nothing.

Marketo's sync reads the schema in its cycle, too (CYC-32): a field that becomes visible is made in Marketo (FLD-10).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncengine.actions import CreateField, Outcome
from syncengine.clients.errors import RecordRefused
from syncengine.errors import NeedsPerson, SetupMissing
from syncengine.mapping import MissingField, ObjectMapping, build
from syncengine.model import MarketoField, Refusal, Side, digest
from syncengine.writers import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncengine.clients.salesforce import SObjectDescribe
    from syncengine.settings import SyncSettings
    from syncengine.state.store import StateStore
    from syncengine.systems import Systems
    from syncengine.traces import Traces

_NOTE = "mapping"
_UNMADE = "fields that cannot be made"


class Schema:
    """The mappings of a cycle.

    Args:
        systems: both clients.
        state: where the mappings are kept between cycles.
        settings: sobjects and exceptions to the preset.
        traces: native or external.
        write: missing lead fields may be made, and what was found may be kept.
    """

    def __init__(
        self, systems: Systems, state: StateStore, settings: SyncSettings, traces: Traces, *, write: bool
    ) -> None:
        self.mappings: dict[str, ObjectMapping] = {}
        self.fresh = False
        self.outcomes: list[Outcome] = []
        self._systems = systems
        self._state = state
        self._settings = settings
        self._traces = traces
        self._write = write
        self._key = digest(
            sorted(settings.objects), sorted(settings.field_map.items()), settings.marketo_id_field, traces.native
        )

    def load(self) -> None:
        """Take the mappings as last described; describe where there are none, or the settings have changed."""
        kept = self._state.note(_NOTE)
        if kept is None or kept["key"] != self._key:
            self.refresh()
        else:
            self.mappings = {sobject: ObjectMapping.from_json(mapping) for sobject, mapping in kept["mappings"].items()}

    def refresh(self) -> bool:
        """Describe both sides anew; whether anything differs from before."""
        self.fresh = True
        self._systems.salesforce.forget_describes()
        self._systems.marketo.forget_describes()
        before = self.mappings
        self.mappings = self._build()
        if missing := self._missing():
            self._make(missing)
            if self._write:
                self._systems.marketo.forget_describes()
                self.mappings = self._build()
        changed = self.mappings != before
        if changed and self._write:
            kept = {sobject: mapping.to_json() for sobject, mapping in self.mappings.items()}
            self._state.keep(_NOTE, {"key": self._key, "mappings": kept})
            self._state.rearm()
        return changed

    def watched(self) -> list[str]:
        """Lead fields whose changes in Marketo matter to any sobject."""
        return list(dict.fromkeys(name for mapping in self.mappings.values() for name in mapping.watched))

    def problems(self) -> list[str]:
        """What the settings ask for and cannot be had."""
        return [problem for mapping in self.mappings.values() for problem in mapping.problems]

    def _build(self) -> dict[str, ObjectMapping]:
        lead_fields = self._systems.marketo.describe()
        absent = [name for name in self._traces.fields if name not in lead_fields]
        if absent and self._traces.native:
            raise NeedsPerson(f"Marketo has no field {', '.join(absent)}: this instance has no native Salesforce sync")
        if absent:
            raise SetupMissing(f"Marketo has no field {', '.join(absent)}: run syncengine init --write")
        account = self._describe("Account") if "Contact" in self._settings.objects else None
        mappings = {}
        for sobject in self._settings.objects:
            described = self._describe(sobject)
            if described is None:
                raise NeedsPerson(f"the sync user does not see {sobject} in Salesforce (PRM-04)")
            mappings[sobject] = build(
                sobject,
                described.fields,
                account.fields if account is not None and sobject == "Contact" else None,
                lead_fields,
                overrides=self._settings.field_map,
                shadow=self._traces.shadow[sobject],
                key_field=self._settings.marketo_id_field,
                createable=described.createable,
                updateable=described.updateable,
            )
        return mappings

    def _describe(self, sobject: str) -> SObjectDescribe | None:
        try:
            return self._systems.salesforce.describe(sobject)
        except RecordRefused:
            return None

    def _missing(self) -> list[MissingField]:
        unmade = self._state.note(_UNMADE) or {}
        found: dict[str, MissingField] = {}
        for mapping in self.mappings.values():
            for missing in mapping.missing:
                if missing.name not in unmade:
                    found.setdefault(missing.name.lower(), missing)
        return list(found.values())

    def _make(self, missing: list[MissingField]) -> None:
        outcomes = make_fields(
            self._systems, missing, self._systems.marketo.describe(), native=self._traces.native, write=self._write
        )
        self.outcomes += outcomes
        if not self._write:
            return
        unmade = dict(self._state.note(_UNMADE) or {})
        for outcome in outcomes:
            if outcome.refusals and isinstance(outcome.action, CreateField):
                unmade[str(outcome.action.specification["name"])] = outcome.refusals[0].message
        self._state.keep(_UNMADE, unmade)


def make_fields(
    systems: Systems,
    missing: list[MissingField],
    lead_fields: Mapping[str, MarketoField],
    *,
    native: bool,
    write: bool,
) -> list[Outcome]:
    """Lead fields made for Salesforce fields, and what became of each.

    An ordinary API user can make no text areas: those are refused here, with the step that a person must take.
    """
    taken = {field.display_name.lower() for field in lead_fields.values()}
    actions: list[CreateField] = []
    outcomes: list[Outcome] = []
    for field in missing:
        action = CreateField(
            side=Side.MARKETO,
            sobject=field.sobject,
            salesforce_id=None,
            marketo_id=None,
            specification={
                **field.specification,
                "displayName": _display_name(field, taken, native=native),
            },
            reason=f"{field.sobject}.{field.salesforce} is visible to the sync user",
        )
        if not native and field.type == "text":
            by_hand = (
                f"make the lead field {field.name} by hand, of type Text Area: the API cannot "
                "(Admin > Field Management > New Custom Field)"
            )
            outcomes.append(refused(action, [Refusal("text", by_hand, (field.name,))]))
        elif not write:
            outcomes.append(Outcome(action, "planned"))
        else:
            actions.append(action)
    if actions:
        results = systems.marketo.create_fields([dict(action.specification) for action in actions])
        for action, result in zip(actions, results, strict=True):
            if result.status == "created":
                outcomes.append(Outcome(action, "done"))
            else:
                reasons = [
                    Refusal(code, message, (str(action.specification["name"]),)) for code, message in result.reasons
                ]
                outcomes.append(refused(action, reasons))
    return outcomes


def _display_name(field: MissingField, taken: set[str], *, native: bool) -> str:
    label = field.label if native else re.sub(r"[^\w ]+", " ", field.label, flags=re.ASCII)
    label = " ".join(label.split()) or field.name
    for name in (label, f"{label} {field.sobject}", field.name):
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
    return field.name
