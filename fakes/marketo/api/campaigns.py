"""Smart campaigns. Source: Marketo developer guide, "Campaigns"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from fakes.marketo.errors import InvalidJson, InvalidRequest
from fakes.marketo.origin import WEB_SERVICE
from fakes.marketo.paging import place_token, read_place

from . import answers, call

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance


def create(instance: Instance) -> Blueprint:
    """Campaigns: listed, and requested."""
    campaigns = Blueprint("campaigns", __name__, url_prefix="/rest/v1")

    @campaigns.get("/campaigns.json")
    def list_campaigns() -> Response:
        """Campaigns by id, exact name, program or workspace; here all are trigger campaigns outside programs."""
        elsewhere = call.values("programName") or set(call.values("workspaceName")) - {"Default"}
        batch_only = (call.value("isTriggerable") or "").lower() in {"false", "0"}
        if elsewhere or batch_only:
            return answers.result([])
        found, following = instance.campaigns.find(
            call.integers("id"),
            call.values("name"),
            after=read_place(call.value("nextPageToken")),
            batch=call.batch_size(),
        )
        token = None if following is None else place_token(following)
        return answers.result([campaign.to_json() for campaign in found], nextPageToken=token)

    @campaigns.get("/campaigns/<int:campaign_id>.json")
    def get_campaign(campaign_id: int) -> Response:
        """One campaign."""
        return answers.result([instance.campaigns.get(campaign_id).to_json()])

    @campaigns.post("/campaigns/<int:campaign_id>/trigger.json")
    def request_campaign(campaign_id: int) -> Response:
        """Let up to 100 leads enter a campaign that has the trigger Campaign is Requested."""
        order = call.body().get("input")
        if order is None:
            order = {}
        if not isinstance(order, dict):
            raise InvalidJson
        leads, tokens = order.get("leads") or [], order.get("tokens") or []
        if not isinstance(leads, list) or not isinstance(tokens, list):
            raise InvalidJson
        instance.campaigns.request(campaign_id, call.ids_of(leads), _tokens(tokens), source=WEB_SERVICE)
        return answers.result([{"id": campaign_id}])

    @campaigns.post("/campaigns/<int:campaign_id>/schedule.json")
    def schedule_campaign(campaign_id: int) -> Response:
        """Only batch campaigns can be scheduled, and this fake has none."""
        instance.campaigns.get(campaign_id)
        raise InvalidRequest("Campaign is not a batch campaign and cannot be scheduled")

    return campaigns


def _tokens(rows: list[object]) -> dict[str, str]:
    """``[{"name": "{{my.x}}", "value": "y"}]`` by name without the braces."""
    tokens = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise InvalidRequest("Invalid token: it needs a name and a value")
        tokens[row["name"].strip().removeprefix("{{").removesuffix("}}").strip()] = str(row.get("value", ""))
    return tokens
