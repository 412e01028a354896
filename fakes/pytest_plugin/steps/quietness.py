"""Quietness: what a cycle did not write and did not ask, as the journals of both systems saw it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fakes.pytest_plugin.phrases import then

if TYPE_CHECKING:
    from fakes.pytest_plugin.cycles import Cycles


@then("the cycle wrote nothing")
def _(cycles: Cycles) -> None:
    """No writing request reached either system."""
    assert _writes(cycles, "Salesforce") == []
    assert _writes(cycles, "Marketo") == []


@then("the cycle wrote nothing to {system}")
def _(cycles: Cycles, system: str) -> None:
    """No writing request reached this system."""
    assert _writes(cycles, system) == []


@then("the cycle wrote to {system}")
def _(cycles: Cycles, system: str) -> None:
    """At least one writing request reached this system."""
    assert _writes(cycles, system) != []


@then('the cycle wrote to {system} without naming "{text}"')
def _(cycles: Cycles, system: str, text: str) -> None:
    """It wrote, and no body of a writing request holds this word: a field's name or a value."""
    bodies = [exchange["request"] for exchange in cycles.writes(system)]

    assert bodies != []
    assert [body for body in bodies if _holds(body, text)] == []


@then('no request of the cycle to {system} names "{text}"')
def _(cycles: Cycles, system: str, text: str) -> None:
    """Neither a query nor a body holds this word: a field's name or a value."""
    asked = [f"{e['path']}?{e['query']} {e['request']}" for e in cycles.requests(system)]

    assert [request for request in asked if _holds(request, text)] == []


@then('nothing that the cycle exchanged with {system} holds "{text}"')
def _(cycles: Cycles, system: str, text: str) -> None:
    """Neither a request nor an answer holds this word: a hidden value is not even seen."""
    said = [f"{e['path']}?{e['query']} {e['request']} {e['response']}" for e in cycles.requests(system)]

    assert [exchange[:500] for exchange in said if _holds(exchange, text)] == []


def _writes(cycles: Cycles, system: str) -> list[str]:
    return [
        f"{exchange['method']} {exchange['path']} {exchange['request'][:300]}" for exchange in cycles.writes(system)
    ]


def _holds(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
