"""Static lists. Source: Marketo developer guide, "Static Lists"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from fakes.marketo.origin import WEB_SERVICE
from fakes.marketo.paging import place_token, read_place

from . import answers, call

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance

MAX_LEADS = 300


def create(instance: Instance) -> Blueprint:
    """Static lists and their members; ``list/`` is the older spelling of ``lists/``."""
    lists = Blueprint("lists", __name__, url_prefix="/rest/v1")

    @lists.get("/lists.json")
    def find_lists() -> Response:
        """Lists by id and exact name. No list here belongs to a program."""
        if call.values("programName") or set(call.values("workspaceName")) - {"Default"}:
            return answers.result([])
        found, following = instance.lists.find(
            call.integers("id"),
            call.values("name"),
            after=read_place(call.value("nextPageToken")),
            batch=call.batch_size(),
        )
        token = None if following is None else place_token(following)
        return answers.result(found, nextPageToken=token)

    @lists.get("/lists/<int:list_id>.json")
    def get_list(list_id: int) -> Response:
        """One list."""
        return answers.result([instance.lists.get(list_id)])

    @lists.get("/lists/<int:list_id>/leads.json")
    @lists.get("/list/<int:list_id>/leads.json")
    def list_leads(list_id: int) -> Response:
        """The members of a list."""
        instance.lists.get(list_id)
        page = instance.leads.members(
            list_id,
            call.values("fields"),
            after=read_place(call.value("nextPageToken")),
            batch=call.batch_size(),
        )
        return answers.result(page.records, nextPageToken=page.next_token)

    @lists.post("/lists/<int:list_id>/leads.json")
    def add_leads(list_id: int) -> Response:
        """Put up to 300 leads on a list."""
        return answers.result(instance.lists.add(list_id, call.lead_ids(MAX_LEADS), WEB_SERVICE))

    @lists.delete("/lists/<int:list_id>/leads.json")
    def remove_leads(list_id: int) -> Response:
        """Take up to 300 leads off a list."""
        return answers.result(instance.lists.remove(list_id, call.lead_ids(MAX_LEADS), WEB_SERVICE))

    @lists.get("/lists/<int:list_id>/leads/ismember.json")
    def is_member(list_id: int) -> Response:
        """Which of up to 300 leads are on a list."""
        return answers.result(instance.lists.membership(list_id, call.lead_ids(MAX_LEADS)))

    return lists
