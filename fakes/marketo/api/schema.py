"""Lead field metadata. Source: Marketo developer guide, "Leads" (Describe), "Lead Fields"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from fakes.marketo import envelope
from fakes.marketo.errors import InvalidRecord, InvalidRequest, ObjectNotFound, RecordSkipped
from fakes.marketo.fields import changed_field, new_field
from fakes.marketo.paging import place_token, read_place
from fakes.marketo.values import COMPUTED, DATA_TYPES

from . import answers, call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.marketo.fields import LeadField
    from fakes.marketo.instance import Instance

MAX_FIELDS = 300


def create(instance: Instance) -> Blueprint:
    """Describe, describe2 and the schema calls."""
    schema = Blueprint("schema", __name__, url_prefix="/rest/v1/leads")

    @schema.get("/describe.json")
    def describe() -> Response:
        """Every field, company fields first."""
        return answers.result([field.describe() for field in instance.fields])

    @schema.get("/describe2.json")
    def describe2() -> Response:
        """Every field, and those that leads can be found by."""
        described = {
            "name": "API Lead",
            "searchableFields": [[field.name] for field in instance.fields.searchable()],
            "fields": [field.describe2() for field in instance.fields],
        }
        return answers.result([described])

    @schema.get("/schema/fields.json")
    def list_fields() -> Response:
        """A page of fields by id."""
        after, batch = read_place(call.value("nextPageToken")), call.batch_size()
        left = sorted((field for field in instance.fields if field.id > after), key=lambda field: field.id)
        more = len(left) > batch
        token = place_token(left[batch - 1].id) if more else None
        return answers.result([field.schema() for field in left[:batch]], nextPageToken=token, moreResult=more)

    @schema.get("/schema/fields/<name>.json")
    def get_field(name: str) -> Response:
        """One field."""
        return answers.result([_known(name).schema()])

    @schema.post("/schema/fields.json")
    def create_fields() -> Response:
        """Create custom fields, each on its own."""
        rows = call.records(MAX_FIELDS, "fields")
        if not rows:
            raise InvalidRequest("Fields not specified")
        return answers.result([_created(row) for row in rows])

    @schema.post("/schema/fields/<name>.json")
    def update_field(name: str) -> Response:
        """Change one field."""
        field = _known(name)
        rows = call.records(1, "fields")
        if not rows:
            raise InvalidRequest("Fields not specified")
        try:
            if not isinstance(rows[0], dict):
                raise InvalidRecord("Invalid record")
            changed = changed_field(_retyped(field, rows[0]), _without_type(field, rows[0]), instance.fields)
        except RecordSkipped as skip:
            return answers.result([envelope.skipped(skip)])
        instance.add_field(changed)
        return answers.result([{"name": name, "status": "updated"}])

    def _known(name: str) -> LeadField:
        field = instance.fields.get(name)
        if field is None:
            raise ObjectNotFound("Object")
        return field

    def _created(row: Any) -> dict[str, Any]:
        try:
            if not isinstance(row, dict):
                raise InvalidRecord("Invalid record")
            with instance.store.transaction():  # two calls at once shall not both find the name free
                field = new_field(row, instance.fields, connector=call.caller().connector)
                instance.add_field(field)
        except RecordSkipped as skip:
            return envelope.skipped(skip)
        return {"name": field.name, "status": "created"}

    return schema


def _retyped(field: LeadField, order: Mapping[str, Any]) -> LeadField:
    """A field of the native sync follows its Salesforce field to another type or length; nobody else may do that."""
    if not (call.caller().connector and field.crm and field.custom):
        return field
    data_type, length = order.get("dataType", field.data_type), order.get("length", field.length)
    if not isinstance(data_type, str) or data_type not in DATA_TYPES - COMPUTED:
        raise InvalidRecord(f"Invalid value for field 'dataType' and value '{data_type}'")
    return replace(field, data_type=data_type, length=length if isinstance(length, int) else field.length)


def _without_type(field: LeadField, order: Mapping[str, Any]) -> dict[str, Any]:
    allowed = {"dataType", "length"} if call.caller().connector and field.crm and field.custom else set()
    return {name: value for name, value in order.items() if name not in allowed}
