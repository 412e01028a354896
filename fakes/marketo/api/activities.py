"""Activities. Source: Marketo developer guide, "Activities", "Custom Activities"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from fakes.marketo import activity_types as types
from fakes.marketo.errors import InvalidRequest, MissingParameter, ObjectNotFound, RecordSkipped
from fakes.marketo.paging import LogToken
from fakes.marketo.values import format_datetime

from . import answers, call

if TYPE_CHECKING:
    from fakes.marketo.activities import ActivityPage
    from fakes.marketo.instance import Instance

MAX_TYPES, MAX_LEADS, MAX_ROWS = 10, 30, 300


def create(instance: Instance) -> Blueprint:
    """Paging tokens, activities, lead changes, deleted leads, activity types, custom activities."""
    activities = Blueprint("activities", __name__, url_prefix="/rest/v1")

    @activities.get("/activities/types.json")
    def activity_types() -> Response:
        """The catalogue: standard types and approved custom ones."""
        return answers.result([kind.catalogue() for kind in instance.activity_types])

    @activities.get("/activities/pagingtoken.json")
    def paging_token() -> Response:
        """Where reading begins for activities dated at or after a time; answers without a result."""
        return answers.done(nextPageToken=instance.activities.token(call.moment("sinceDatetime")))

    @activities.get("/activities.json")
    def get_activities() -> Response:
        """Activities of 1 to 10 types after a token."""
        token = _token()
        type_ids = call.integers("activityTypeIds", MAX_TYPES)
        if not type_ids:
            raise MissingParameter("activityTypeIds")
        page = instance.activities.page(
            token,
            type_ids,
            lead_ids=call.integers("leadIds", MAX_LEADS),
            list_id=call.integer("listId"),
            asset_ids=call.integers("assetIds"),
            batch=call.batch_size(),
        )
        return _answer(page)

    @activities.get("/activities/leadchanges.json")
    def lead_changes() -> Response:
        """Changes of the named fields after a token, and new leads."""
        token = _token()
        names = call.values("fields")
        if not names:
            raise MissingParameter("fields")
        page = instance.activities.changes(
            token,
            [instance.fields.required(name).id for name in dict.fromkeys(names)],
            lead_ids=call.integers("leadIds", MAX_LEADS),
            list_id=call.integer("listId"),
            batch=call.batch_size(),
        )
        return _answer(page)

    @activities.get("/activities/deletedleads.json")
    def deleted_leads() -> Response:
        """Leads deleted after a token."""
        return _answer(instance.activities.page(_token(), [types.DELETE_LEAD], batch=call.batch_size()))

    @activities.post("/activities/external.json")
    def add_activities() -> Response:
        """Add up to 300 custom activities, each on its own."""
        rows = call.records(MAX_ROWS, "activities")
        if not rows:
            raise InvalidRequest("Activities not specified")
        return answers.result(instance.activities.add(rows, connector=call.caller().connector))

    return activities


def create_custom(instance: Instance) -> Blueprint:
    """Custom activity types: their metadata, drafts and approval."""
    custom = Blueprint("custom_activity_types", __name__, url_prefix="/rest/v1/activities/external")

    @custom.get("/types.json")
    def list_types() -> Response:
        """Every custom type, without its attributes."""
        return answers.result(instance.activity_types.custom())

    @custom.get("/type/<api_name>/describe.json")
    def describe_type(api_name: str) -> Response:
        """One custom type with its attributes."""
        return answers.result([_described(api_name, draft=call.boolean("draft"))])

    @custom.post("/type.json")
    def create_type() -> Response:
        """A new type, as a draft."""
        order = call.body()
        with _refusing():
            name = instance.activity_types.create(order, _now())
        return answers.result([_described(name, draft=True)])

    @custom.post("/type/<api_name>.json")
    def update_type(api_name: str) -> Response:
        """Change names and description of a type's draft."""
        order = call.body()
        return _changed(api_name, words=order)

    @custom.post("/type/<api_name>/attributes/<verb>.json")
    def change_attributes(api_name: str, verb: str) -> Response:
        """Create, update or delete attributes of a type's draft."""
        attributes = call.body().get("attributes")
        if verb not in {"create", "update", "delete"}:
            raise ObjectNotFound("Object")
        if not isinstance(attributes, list) or not attributes:
            raise MissingParameter("attributes")
        return _changed(api_name, **{verb: attributes})

    @custom.post("/type/<api_name>/approve.json")
    def approve_type(api_name: str) -> Response:
        """Let the draft take effect."""
        with _refusing():
            instance.activity_types.approve(api_name)
        return answers.result([_described(api_name, draft=False)])

    @custom.post("/type/<api_name>/discardDraft.json")
    def discard_draft(api_name: str) -> Response:
        """Forget the draft."""
        with _refusing():
            instance.activity_types.discard_draft(api_name)
        return answers.result([_described(api_name, draft=False)])

    @custom.post("/type/<api_name>/delete.json")
    def delete_type(api_name: str) -> Response:
        """Forget the type."""
        described = _described(api_name, draft=True)
        with _refusing():
            instance.activity_types.delete(api_name)
        return answers.result([described])

    def _changed(api_name: str, **changes: Any) -> Response:
        with _refusing():
            instance.activity_types.change(api_name, _now(), **changes)
        return answers.result([_described(api_name, draft=True)])

    def _described(api_name: str, *, draft: bool) -> dict[str, Any]:
        found = instance.activity_types.describe(api_name, draft=draft)
        if found is None:
            raise ObjectNotFound("Object")
        return found

    def _now() -> str:
        return format_datetime(instance.clock.now())

    return custom


class _Refused(InvalidRequest):
    """What the rules say of one record is the answer to the whole call here: there is only one."""

    def __init__(self, skip: RecordSkipped) -> None:
        super().__init__(skip.message)
        self.code = skip.code  # type: ignore[misc]


class _refusing:  # noqa: N801  used as a with-statement's word
    """The custom type calls are about one thing, so a refusal of it refuses the call."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, RecordSkipped):
            raise _Refused(error) from None


def _token() -> LogToken:
    return LogToken.read(call.required("nextPageToken"))


def _answer(page: ActivityPage) -> Response:
    return answers.result(page.records, nextPageToken=page.next_token, moreResult=page.more)
