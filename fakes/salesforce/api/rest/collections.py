"""REST: up to 200 records in one call, each on its own or all or none.

Source: REST API Developer Guide, "sObject Collections".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from fakes.salesforce import wire
from fakes.salesforce.api import http
from fakes.salesforce.errors import (
    ExceededIdLimit,
    InvalidInput,
    JsonParserError,
    MissingArgument,
)
from fakes.salesforce.records import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from fakes.salesforce.records import SaveResult

collections = Blueprint("collections", __name__, url_prefix="/services/data/v<version>/composite/sobjects")
MAX_RECORDS = 200
MAX_RETRIEVED = 2000


@collections.url_value_preprocessor
def _drop_version(_: str | None, arguments: dict[str, str] | None) -> None:
    """The version was checked for every REST address already."""
    if arguments:
        arguments.pop("version", None)


@collections.post("")
def create_records() -> Response:
    """Create records of one or several types."""
    records, all_or_none = _body()
    operations = [Operation("create", _type_of(record), _values(record)) for record in records]
    return _answer(operations, all_or_none=all_or_none)


@collections.patch("")
def update_records() -> Response:
    """Update records; each brings its id."""
    records, all_or_none = _body()
    operations = [
        Operation("update", _type_of(record), _values(record, but="id"), key=_member(record, "id"))
        for record in records
    ]
    return _answer(operations, all_or_none=all_or_none)


@collections.patch("/<sobject>/<field>")
def upsert_records(sobject: str, field: str) -> Response:
    """Update or create records by an external id that each of them brings."""
    records, all_or_none = _body()
    operations = []
    for record in records:
        key = _member(record, field)
        operations.append(Operation("upsert", sobject, _values(record, but=field), key=key, key_field=field))
    return _answer(operations, all_or_none=all_or_none, tell_created=True)


@collections.delete("")
def delete_records() -> Response:
    """Put the records of ``?ids=`` into the recycle bin."""
    wanted = _ids(request.args.get("ids", ""))
    if len(wanted) > MAX_RECORDS:
        raise ExceededIdLimit
    all_or_none = request.args.get("allOrNone", "false").lower() == "true"
    return _answer([Operation("delete", "", key=each) for each in wanted], all_or_none=all_or_none)


@collections.get("/<sobject>")
def retrieve_records(sobject: str) -> Response:
    """The records of ``?ids=`` with the fields of ``?fields=``; null for those that are not there."""
    return _retrieve(sobject, _ids(request.args.get("ids", "")), _ids(request.args.get("fields", "")))


@collections.post("/<sobject>")
def retrieve_many_records(sobject: str) -> Response:
    """The records named in the body, which can name more than an address can hold."""
    body = http.json_object()
    return _retrieve(sobject, list(map(str, body.get("ids", []))), list(map(str, body.get("fields", []))))


def _retrieve(sobject: str, wanted: Sequence[str], fields: Sequence[str]) -> Response:
    if not wanted or not fields:
        raise MissingArgument(f"Required parameter {'ids' if not wanted else 'fields'} is missing")
    if len(wanted) > MAX_RETRIEVED:
        raise ExceededIdLimit(f"record limit reached. cannot submit more than {MAX_RETRIEVED} records into this call")
    found = http.org().records.retrieve(sobject, wanted, fields, by=http.user(), version=http.version())
    return http.answer(found)


def _answer(operations: Sequence[Operation], *, all_or_none: bool, tell_created: bool = False) -> Response:
    results = http.org().records.save(operations, by=http.user(), all_or_none=all_or_none)
    return http.answer([_result(result, tell_created=tell_created) for result in results])


def _result(result: SaveResult, *, tell_created: bool) -> dict[str, Any]:
    if not result.success:
        return {"success": False, "errors": wire.save_result_errors(result.errors)}
    answer: dict[str, Any] = {"id": result.id, "success": True, "errors": []}
    return answer | {"created": result.created} if tell_created else answer


def _body() -> tuple[list[dict[str, Any]], bool]:
    body = http.json_object()
    unknown = sorted(body.keys() - {"allOrNone", "records"})
    if unknown:
        raise JsonParserError(f'Unrecognized field "{unknown[0]}" at [line:1, column:1]')
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InvalidInput("records must be an array of records")
    if len(records) > MAX_RECORDS:
        raise ExceededIdLimit
    return records, body.get("allOrNone") in {True, "true"}


def _type_of(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    found = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(found, str):
        raise InvalidInput("The type attribute is required on every record: attributes.type")
    return found


def _values(record: dict[str, Any], but: str = "") -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes" and name.lower() != but.lower()}


def _member(record: dict[str, Any], name: str) -> str | None:
    found = next((value for key, value in record.items() if key.lower() == name.lower()), None)
    return None if found is None else str(found)


def _ids(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
