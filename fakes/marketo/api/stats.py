"""Usage and error statistics. Source: Marketo developer guide, "Usage"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from . import answers

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance


def create(instance: Instance) -> Blueprint:
    """Calls and errors of today and of the last seven days, US Central."""
    stats = Blueprint("stats", __name__, url_prefix="/rest/v1/stats")

    @stats.get("/usage.json")
    def usage() -> Response:
        """Calls of today."""
        return answers.result(instance.quota.usage(1))

    @stats.get("/usage/last7days.json")
    def usage_of_a_week() -> Response:
        """Calls of seven days."""
        return answers.result(instance.quota.usage(7))

    @stats.get("/errors.json")
    def errors() -> Response:
        """Errors of today."""
        return answers.result(instance.quota.errors(1))

    @stats.get("/errors/last7days.json")
    def errors_of_a_week() -> Response:
        """Errors of seven days."""
        return answers.result(instance.quota.errors(7))

    return stats
