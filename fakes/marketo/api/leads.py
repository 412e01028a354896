"""Lead Database: leads. Source: Marketo developer guide, "Leads"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from fakes.marketo import envelope
from fakes.marketo.errors import InvalidRequest, LeadNotFound, RecordSkipped
from fakes.marketo.leads import MAX_RECORDS, PARTITIONS, SyncOrder, check_partition
from fakes.marketo.paging import read_place

from . import answers, call

if TYPE_CHECKING:
    from typing import Any

    from fakes.marketo.instance import Instance


def create(instance: Instance) -> Blueprint:
    """Leads by id and by filter; sync, delete, merge; partitions."""
    leads = Blueprint("leads", __name__, url_prefix="/rest/v1")

    @leads.get("/lead/<int:lead_id>.json")
    def get_lead(lead_id: int) -> Response:
        """One lead, or an empty result for an id that nobody has."""
        return answers.result(instance.leads.get(lead_id, call.values("fields")))

    @leads.get("/leads.json")
    def find_leads() -> Response:
        """Leads that have one of up to 300 values in a searchable field."""
        page = instance.leads.find(
            call.required("filterType"),
            call.required("filterValues").split(","),
            call.values("fields"),
            after=read_place(call.value("nextPageToken")),
            batch=call.batch_size(),
        )
        return answers.result(page.records, nextPageToken=page.next_token)

    @leads.post("/leads.json")
    def sync_leads() -> Response:
        """Create or update up to 300 leads; each row is created, updated or skipped on its own."""
        body = call.body()
        partition = body.get("partitionName")
        order = SyncOrder(
            action=str(body.get("action") or "createOrUpdate"),
            lookup_field=str(body.get("lookupField") or "email"),
            records=call.records(MAX_RECORDS, "leads"),
            partition=None if partition is None else str(partition),
        )
        client = call.caller()
        return answers.result(instance.leads.sync(order, call.origin("syncLeads"), connector=client.connector))

    @leads.delete("/leads.json")
    @leads.post("/leads/delete.json")
    def delete_leads() -> Response:
        """Delete up to 300 leads."""
        return answers.result(instance.leads.delete(call.lead_ids(MAX_RECORDS)))

    @leads.post("/leads/<int:winner>/merge.json")
    def merge_leads(winner: int) -> Response:
        """Merge one or more leads into another; answers without a result."""
        one, several = call.integers("leadId"), call.integers("leadIds")
        if bool(one) == bool(several):
            raise InvalidRequest("Invalid request. Please check and try again.")
        instance.merge.merge(winner, one or several, in_crm=call.boolean("mergeInCRM"))
        return answers.done()

    @leads.get("/leads/partitions.json")
    def partitions() -> Response:
        """The partitions: this fake has one."""
        return answers.result(PARTITIONS)

    @leads.post("/leads/partitions.json")
    def move_leads() -> Response:
        """Move leads to a partition; in the only one they are already."""
        rows = call.records(MAX_RECORDS, "leads")
        if not rows:
            raise InvalidRequest("Leads not specified")
        there = instance.store.existing(call.ids_of(rows))
        return answers.result([_moved(row, there) for row in rows])

    return leads


def _moved(row: Any, there: set[int]) -> dict[str, Any]:
    number = call.ids_of([row])[0]
    try:
        # A bare id is a row too, and names no partition.
        check_partition(str(row.get("partitionName") if isinstance(row, dict) else None))
    except RecordSkipped as skip:
        return envelope.skipped(skip, number)
    if number not in there:
        return envelope.skipped(LeadNotFound(), number)
    return {"id": number, "status": "updated"}
