"""The side door's calls that only Marketo has: campaigns, the engine, limits, the activity feed, lead fields."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from fakes.kit.clock import ClockRefused, parse_duration
from fakes.kit.control import SideDoorRefused, json_object
from fakes.marketo.activities import Feed
from fakes.marketo.fields import scenario_field
from fakes.marketo.quota import Limits

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance


def create(instance: Instance) -> Blueprint:
    """``POST campaigns``, ``GET/PUT engine``, ``GET/PUT limits``, ``GET/PUT activity-feed``, ``PUT fields/NAME``."""
    door = Blueprint("marketo_side_door", __name__, url_prefix="/_fake")

    @door.post("/campaigns")
    def add_campaign() -> dict[str, Any]:
        """A requestable smart campaign; one of that name gets the new flow."""
        order = _only(json_object(), "name", "flow", "tokens")
        tokens = order.get("tokens") or {}
        if not isinstance(tokens, dict):
            raise SideDoorRefused(400, "tokens is an object of names and default values")
        try:
            number = instance.campaigns.create(
                order.get("name"), order.get("flow"), {name: str(value) for name, value in tokens.items()}
            )
        except ValueError as problem:
            raise SideDoorRefused(400, str(problem)) from None
        return {"id": number}

    @door.get("/engine")
    def get_engine() -> dict[str, Any]:
        """Which engine runs Salesforce flow steps."""
        return {"url": None if instance.engine is None else instance.engine.url}

    @door.put("/engine")
    def connect_engine() -> dict[str, Any]:
        """Connect an engine; ``{"url": null}`` or nothing disconnects."""
        order = _only(json_object(), "url", "secret")
        url = order.get("url")
        if url is None:
            instance.disconnect_engine()
        elif isinstance(url, str) and url.startswith(("http://", "https://")):
            instance.connect_engine(url, str(order.get("secret") or ""))
        else:
            raise SideDoorRefused(400, "url is an http or https address, or null")
        return {"url": url}

    @door.get("/limits")
    def get_limits() -> dict[str, Any]:
        """What the instance allows."""
        return _limits(instance.limits)

    @door.put("/limits")
    def set_limits() -> dict[str, Any]:
        """Change limits; null switches one off."""
        words = {_camel(f.name): f.name for f in fields(Limits)}
        order = _only(json_object(), *words)
        changes = {words[name]: value for name, value in order.items()}
        for name, value in changes.items():
            if name == "rate_on_frozen_clock":
                right = isinstance(value, bool)
            else:
                number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
                right = number or (value is None and name != "rate_seconds")
            if not right:
                raise SideDoorRefused(400, f"{_camel(name)} cannot be {value!r}")
        instance.limits = replace(instance.limits, **changes)
        return _limits(instance.limits)

    @door.get("/activity-feed")
    def get_feed() -> dict[str, Any]:
        """How activities come to readers."""
        return _feed(instance.activities.feed)

    @door.put("/activity-feed")
    def set_feed() -> dict[str, Any]:
        """Let activities be seen late (``delay``, only ``every`` so many-th), or in short pages (``block``)."""
        order = _only(json_object(), "delay", "every", "block")
        try:
            delay = parse_duration(str(order["delay"])) if order.get("delay") else timedelta()
        except ClockRefused as refused:
            raise SideDoorRefused(400, str(refused)) from None
        every, block = order.get("every", 1), order.get("block")
        for name, number in (("every", every), ("block", 1 if block is None else block)):
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise SideDoorRefused(400, f"{name} is a whole number from 1")
        instance.activities.feed = Feed(delay, every, block)
        return _feed(instance.activities.feed)

    @door.put("/fields/<name>")
    def add_field(name: str) -> dict[str, Any]:
        """A custom lead field in the words of a scenario: ``{"type", "length"?, "label"?}``."""
        order = _only(json_object(), "type", "length", "label")
        try:
            instance.add_field(scenario_field(name, order, instance.fields))
        except ValueError as problem:
            raise SideDoorRefused(400, str(problem)) from None
        return {"name": name}

    return door


def _only(order: dict[str, Any], *known: str) -> dict[str, Any]:
    if unknown := sorted(set(order) - set(known)):
        raise SideDoorRefused(400, f"unknown member {unknown[0]!r}; known are {', '.join(known)}")
    return order


def _limits(limits: Limits) -> dict[str, Any]:
    return {_camel(name): value for name, value in asdict(limits).items()}


def _feed(feed: Feed) -> dict[str, Any]:
    return {"delay": f"PT{feed.delay.total_seconds():g}S", "every": feed.every, "block": feed.block}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
