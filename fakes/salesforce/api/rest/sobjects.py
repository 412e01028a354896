"""REST: describes and rows.

Source: REST API Developer Guide, "Describe Global", "sObject Basic Information", "sObject Describe", "sObject
Rows", "sObject Rows by External ID", "sObject Get Updated" and "sObject Get Deleted".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.exceptions import PreconditionFailed

from fakes.salesforce import describe, ids, values
from fakes.salesforce.api import http
from fakes.salesforce.errors import (
    DuplicateExternalId,
    InvalidReplicationDate,
    MissingArgument,
    NotFound,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from fakes.salesforce.schema import SObject

sobjects = Blueprint("sobjects", __name__, url_prefix="/services/data/v<version>/sobjects")
_CREATED_TOLD_FROM = 46
_NOT_MODELLED = frozenset({"describe", "listviews", "quickactions", "defaultvalues", "richtextimagefields"})


@sobjects.url_value_preprocessor
def _drop_version(_: str | None, arguments: dict[str, str] | None) -> None:
    """The version was checked for every REST address already."""
    if arguments:
        arguments.pop("version", None)


@sobjects.get("")
def describe_global() -> Response:
    """Every sobject that the user may read."""
    return http.answer(describe.global_describe(http.org().schema, http.user().access, http.version()))


@sobjects.get("/<sobject>")
def basic_information(sobject: str) -> Response:
    """The entry of one sobject in the global describe; nobody has looked at anything lately."""
    found = _type(sobject)
    brief = describe.describe_brief(found, http.user().access, http.version())
    return http.answer({"objectDescribe": brief, "recentItems": []})


@sobjects.get("/<sobject>/describe")
def describe_sobject(sobject: str) -> Response:
    """The sobject as this user sees it: its fields, picklists and relationships."""
    found = _type(sobject)
    return http.answer(describe.describe(found, http.org().schema, http.user().access, http.version()))


@sobjects.post("/<sobject>")
def create_record(sobject: str) -> Response:
    """Create a record."""
    record_id = http.org().records.create(sobject, http.json_object(), by=http.user())
    return _created(sobject, record_id, {"id": record_id, "success": True, "errors": []})


@sobjects.get("/<sobject>/<record_id>")
def read_record(sobject: str, record_id: str) -> Response:
    """A record: all fields that the user sees, or those of ``?fields=``."""
    return _read(sobject, record_id)


@sobjects.patch("/<sobject>/<record_id>")
def update_record(sobject: str, record_id: str) -> Response:
    """Change a record.  ``…/X/Id/`` without a value creates one: an upsert by an id that is not there."""
    if record_id.lower() == "id":
        return create_record(sobject)
    _check_unmodified(sobject, record_id)
    http.org().records.update(sobject, record_id, http.json_object(), by=http.user())
    return http.nothing()


@sobjects.post("/<sobject>/<record_id>")
def create_by_id(sobject: str, record_id: str) -> Response:
    """``POST …/X/Id`` creates a record; there is no other POST on a row."""
    if record_id.lower() != "id":
        raise http.not_modelled(f"POST sobjects/{sobject}/{record_id}")
    return create_record(sobject)


@sobjects.delete("/<sobject>/<record_id>")
def delete_record(sobject: str, record_id: str) -> Response:
    """Put a record into the recycle bin."""
    http.org().records.delete(sobject, record_id, by=http.user())
    return http.nothing()


@sobjects.get("/<sobject>/<field>/<path:value>")
def read_by_key(sobject: str, field: str, value: str) -> Response:
    """The record with an external id."""
    _refuse_other_resources(sobject, field, value)
    try:
        record_id = http.org().records.find_by_key(sobject, field, value, by=http.user())
    except DuplicateExternalId as several:
        return _choices(several)
    return _read(sobject, record_id)


@sobjects.patch("/<sobject>/<field>/<path:value>")
def upsert_record(sobject: str, field: str, value: str) -> Response:
    """Update the record with an external id, or create it; the answer tells which from version 46.0 on."""
    _refuse_other_resources(sobject, field, value)
    update_only = request.args.get("updateOnly", "").lower() == "true"
    try:
        record_id, created = http.org().records.upsert(
            sobject, field, value, http.json_object(), by=http.user(), update_only=update_only
        )
    except DuplicateExternalId as several:
        return _choices(several)
    told = int(http.version().partition(".")[0]) >= _CREATED_TOLD_FROM
    body = {"id": record_id, "success": True, "errors": []} | ({"created": created} if told else {})
    if created:
        return _created(sobject, record_id, body)
    return http.answer(body) if told else http.nothing()


@sobjects.delete("/<sobject>/<field>/<path:value>")
def delete_by_key(sobject: str, field: str, value: str) -> Response:
    """Put the record with an external id into the recycle bin."""
    _refuse_other_resources(sobject, field, value)
    try:
        record_id = http.org().records.find_by_key(sobject, field, value, by=http.user())
    except DuplicateExternalId as several:
        return _choices(several)
    http.org().records.delete(sobject, record_id, by=http.user())
    return http.nothing()


@sobjects.get("/<sobject>/updated")
def updated(sobject: str) -> Response:
    """The ids of the records that were created or changed in a span of time, by SystemModstamp."""
    start, end = _span()
    found = http.org().store.changed_between(_type(sobject), start, end, deleted=False)
    covered = f"{end[:-1]}+0000"
    return http.answer({"ids": [record_id for record_id, _ in found], "latestDateCovered": covered})


@sobjects.get("/<sobject>/deleted")
def deleted(sobject: str) -> Response:
    """The records that were deleted in a span of time."""
    start, end = _span()
    found = http.org().store.changed_between(_type(sobject), start, end, deleted=True)
    earliest = values.stamp(http.org().clock.now() - timedelta(days=30))
    return http.answer(
        {
            "deletedRecords": [{"deletedDate": f"{at[:-1]}+0000", "id": record_id} for record_id, at in found],
            "earliestDateAvailable": f"{earliest[:-1]}+0000",
            "latestDateCovered": f"{end[:-1]}+0000",
        }
    )


def _type(name: str) -> SObject:
    found = http.org().schema.get(name)
    if found is None or not http.user().access.object(found.name).read:
        raise NotFound
    return found


def _read(sobject: str, record_id: str) -> Response:
    fields: Sequence[str] | None = None
    if "fields" in request.args:
        fields = [name.strip() for name in request.args["fields"].split(",") if name.strip()]
    record = http.org().records.read(sobject, record_id, fields, by=http.user(), version=http.version())
    since = _http_date("If-Modified-Since")
    if since is not None and _last_modified(sobject, record["Id"]) <= since:
        return http.nothing(HTTPStatus.NOT_MODIFIED)
    return http.answer(record)


def _check_unmodified(sobject: str, record_id: str) -> None:
    """``If-Unmodified-Since``: nobody may have changed the record after that."""
    since = _http_date("If-Unmodified-Since")
    if since is None or ids.canonical(record_id) is None:
        return
    if _last_modified(sobject, record_id) > since:
        raise PreconditionFailed


def _last_modified(sobject: str, record_id: str) -> datetime:
    found = _type(sobject)
    row = http.org().store.get(found, ids.canonical(record_id) or "")
    kept = (row or {}).get("LastModifiedDate")
    return datetime.min.replace(tzinfo=UTC) if kept is None else values.parse_kept_datetime(kept)


def _http_date(header: str) -> datetime | None:
    text = request.headers.get(header)
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except ValueError:
        raise MissingArgument(f"{header}: not a date: {text}") from None


def _created(sobject: str, record_id: str, body: dict[str, object]) -> Response:
    name = _type(sobject).name
    location = f"/services/data/v{http.version()}/sobjects/{name}/{record_id}"
    return http.answer(body, HTTPStatus.CREATED, {"Location": location})


def _choices(several: DuplicateExternalId) -> Response:
    """Several records have the key: 300 with their addresses; nothing was written."""
    start = f"/services/data/v{http.version()}/sobjects/{several.sobject}"
    return http.answer([f"{start}/{record_id}" for record_id in several.record_ids], HTTPStatus.MULTIPLE_CHOICES)


def _refuse_other_resources(sobject: str, segment: str, rest: str) -> None:
    """Addresses of the same form that are no external id: layouts, list views, relationships of a record."""
    found = _type(sobject)
    if found.field(segment) is not None:
        return
    if ids.looks_like_id(segment):
        raise http.not_modelled(f"{request.method} sobjects/{found.name}/ID/{rest.partition('/')[0]}")
    if segment.lower() in _NOT_MODELLED:
        raise http.not_modelled(f"{request.method} sobjects/{found.name}/{segment}/{rest.partition('/')[0]}")


def _span() -> tuple[str, str]:
    """``start`` and ``end`` as kept date/times: whole minutes, as Salesforce cuts them."""
    moments = []
    for name in ("start", "end"):
        text = request.args.get(name)
        if text is None:
            raise MissingArgument(f"Required parameter {name} is missing")
        try:
            moment = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            raise InvalidReplicationDate(f"{name}: not a date: {text}") from None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        moments.append(moment.replace(second=0, microsecond=0))
    start, end = moments
    if start >= end:
        raise InvalidReplicationDate("startDate cannot be greater than or equal to endDate")
    if start < http.org().clock.now() - timedelta(days=30):
        raise InvalidReplicationDate("startDate cannot be more than 30 days ago")
    return values.stamp(start), values.stamp(end)
