"""What the sync leaves in Marketo about the Salesforce record: the only difference between native and external.

*native* keeps Marketo's own system fields and activities, which only the native sync's user may write; *external* keeps
custom fields and one custom activity type, as an ordinary API user must (ACT-03).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncengine.actions import MoveLink, Outcome, Update
from syncengine.model import Refusal, Side, Value, digest
from syncengine.state.store import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYNC_LEAD = 19
CONVERT_LEAD = 21
SYNC_LEAD_UPDATES = 28

ERROR_TYPE = "salesforceSyncError"
ERROR_TYPE_SPECIFICATION: Mapping[str, Any] = {
    "apiName": ERROR_TYPE,
    "name": "Salesforce Sync Error",
    "description": "Salesforce refused what the sync wanted to write about this person",
    "triggerName": "Salesforce Sync Error Happens",
    "filterName": "Salesforce Sync Error Happened",
    "primaryAttribute": {"apiName": "summary", "name": "Summary", "dataType": "string"},
}
ERROR_ATTRIBUTES: Sequence[Mapping[str, Any]] = (
    {"apiName": "operation", "name": "Operation", "dataType": "string"},
    {"apiName": "sobject", "name": "SObject", "dataType": "string"},
    {"apiName": "sfdcId", "name": "SFDC Id", "dataType": "string"},
    {"apiName": "errorCode", "name": "Error Code", "dataType": "string"},
    {"apiName": "errorMessage", "name": "Error Message", "dataType": "text"},
    {"apiName": "fields", "name": "Fields", "dataType": "text"},
    {"apiName": "values", "name": "Values", "dataType": "text"},
    {"apiName": "fingerprint", "name": "Fingerprint", "dataType": "string"},
    {"apiName": "runId", "name": "Run Id", "dataType": "string"},
)
EXTERNAL_FIELDS: Sequence[Mapping[str, str]] = (
    {"name": "syncrigSfdcId", "displayName": "Syncrig SFDC Id", "dataType": "string"},
    {"name": "syncrigSfdcType", "displayName": "Syncrig SFDC Type", "dataType": "string"},
    {"name": "syncrigSfdcIsDeleted", "displayName": "Syncrig SFDC Is Deleted", "dataType": "boolean"},
    {"name": "syncrigSfdcAccountId", "displayName": "Syncrig SFDC Account Id", "dataType": "string"},
)


@dataclass(frozen=True, slots=True)
class Traces:
    """Field names and activity types of one kind of sync.

    Args:
        native: as Marketo's own sync.
        id_fields: sobject to the lead field that holds the record's id; a person is created and found by it.
        type_field: the lead field that says Lead or Contact (SP-12: empty means not in Salesforce).
        shadow: sobject to its system fields and the lead fields that show them.
    """

    native: bool
    id_fields: Mapping[str, str]
    type_field: str
    shadow: Mapping[str, Mapping[str, str]]

    @property
    def fields(self) -> list[str]:
        """The lead fields that say which record a person is."""
        return [*dict.fromkeys(self.id_fields.values()), self.type_field]

    def link_of(self, lead: Mapping[str, Any]) -> tuple[str, str] | None:
        """Sobject and id of the record that a Marketo person carries (SP-20); a Contact's comes before a Lead's."""
        if self.native:
            carried = [(sobject, lead.get(self.id_fields[sobject])) for sobject in ("Contact", "Lead")]
        else:
            carried = [(str(lead.get(self.type_field) or ""), lead.get(self.id_fields["Lead"]))]
        return next(((sobject, str(record)) for sobject, record in carried if sobject and record), None)

    def marks(self, sobject: str, salesforce_id: str, *, instead_of: str | None = None) -> dict[str, Value]:
        """What a person carries once it is this record's; ``instead_of`` names the sobject it was before."""
        marks: dict[str, Value] = {}
        if self.native and instead_of == "Contact" and sobject == "Lead":
            marks[self.id_fields["Contact"]] = None
        return {**marks, self.id_fields[sobject]: salesforce_id, self.type_field: sobject}

    def letters(self, outcome: Outcome, run: str, fields: Sequence[str]) -> list[Letter]:
        """The activities that an outcome leaves in the person's log.

        Args:
            outcome: what became of an action of a cycle.
            run: the run's id.
            fields: Salesforce's names of the fields that were to be written.
        """
        action = outcome.action
        marketo_id = outcome.marketo_id or action.marketo_id
        if marketo_id is None:
            return []
        if isinstance(action, MoveLink) and self.native and outcome.status == "done":
            return [Letter(digest("convert", action.lead_id), marketo_id, _native(CONVERT_LEAD, {}))]
        if not isinstance(action, Update) or action.side is not Side.SALESFORCE:
            return []
        if outcome.refusals and outcome.fingerprint:
            return [self.refusal_letter(outcome, outcome.fingerprint, marketo_id, run, fields)]
        if self.native and outcome.status == "done":
            key = digest("push", run, marketo_id, outcome.intent)
            return [Letter(key, marketo_id, _native(SYNC_LEAD_UPDATES, {}))]
        return []

    def refusal_letter(
        self, outcome: Outcome, fingerprint: str, marketo_id: int, run: str, fields: Sequence[str]
    ) -> Letter:
        """The one entry that a refusal leaves: text, code and message are Salesforce's own (ERR-03)."""
        action = outcome.action
        text = refusal_text(action.name, outcome.refusals)
        named = sorted({name for refusal in outcome.refusals for name in refusal.fields} or fields)
        if self.native:
            told = {"Error": text, "Fields": ", ".join(named)}
            return Letter(fingerprint, marketo_id, _native(SYNC_LEAD_UPDATES, told))
        attributes = {
            "operation": action.name,
            "sobject": action.sobject,
            "sfdcId": outcome.salesforce_id or action.salesforce_id,
            "errorCode": "; ".join(dict.fromkeys(refusal.code for refusal in outcome.refusals)),
            "errorMessage": "; ".join(dict.fromkeys(refusal.message for refusal in outcome.refusals)),
            "fields": ", ".join(named),
            "values": json.dumps(dict(action.values), ensure_ascii=False, sort_keys=True),
            "fingerprint": fingerprint,
            "runId": run,
        }
        return Letter(
            fingerprint,
            marketo_id,
            {
                "apiName": ERROR_TYPE,
                "primaryAttributeValue": text[:255],
                "attributes": [{"apiName": name, "value": value} for name, value in attributes.items() if value],
            },
        )

    def step_letter(self, key: str, marketo_id: int, assign_to: str, error: str | None) -> Letter | None:
        """Activity 19 of a step that no campaign ran (SP-07); a campaign's own steps are logged by Marketo."""
        if not self.native:
            return None
        given = {"Assign To": "Auto Assign" if assign_to == "auto" else assign_to}
        return Letter(key, marketo_id, _native(SYNC_LEAD, given | ({"Error": error} if error else {})))

    def shows(self, letter: Letter, attributes: Mapping[str, Any]) -> bool:
        """Whether an activity in the log is this letter, sent by a run that did not live to note it down."""
        if not self.native:
            return attributes.get("Fingerprint") == letter.key
        wanted = {item["name"]: item["value"] for item in letter.activity["attributes"]}
        return attributes.get("Error") == wanted.get("Error")


NATIVE = Traces(
    native=True,
    id_fields={"Lead": "sfdcLeadId", "Contact": "sfdcContactId"},
    type_field="sfdcType",
    shadow={
        "Lead": {
            "IsDeleted": "sfdcIsDeleted",
            "CreatedDate": "sfdcCreatedDate",
            "IsConverted": "sfdcIsConverted",
            "ConvertedDate": "sfdcConvertedDate",
            "OwnerId": "sfdcLeadOwnerId",
        },
        "Contact": {
            "IsDeleted": "sfdcIsDeleted",
            "CreatedDate": "sfdcCreatedDate",
            "AccountId": "sfdcAccountId",
        },
    },
)

EXTERNAL = Traces(
    native=False,
    id_fields={"Lead": "syncrigSfdcId", "Contact": "syncrigSfdcId"},
    type_field="syncrigSfdcType",
    shadow={
        "Lead": {"IsDeleted": "syncrigSfdcIsDeleted"},
        "Contact": {"IsDeleted": "syncrigSfdcIsDeleted", "AccountId": "syncrigSfdcAccountId"},
    },
)


def traces_for(*, connector: bool) -> Traces:
    """Native traces for the native sync's own user, external ones for everybody else."""
    return NATIVE if connector else EXTERNAL


def refusal_text(operation: str, refusals: Sequence[Refusal]) -> str:
    """The words of a refusal in the activity log; those of a create are by analogy (ERR-03, U-09)."""
    said = ", ".join(f"{refusal.code}: {refusal.message}" for refusal in refusals)
    return f"Failed to {'create in' if operation == 'create' else 'update'} SFDC {{{said}}}"


def _native(type_id: int, attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "activityTypeId": type_id,
        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
    }
