"""Validation rules of Salesforce: formulas that refuse a save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.pytest_plugin.phrases import given_or_when

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Salesforce


@given_or_when('the rule {sobject}.{name} says "{message}" when')
def _(salesforce: Salesforce, sobject: str, name: str, message: str, docstring: str) -> None:
    """A rule with its formula in the text block; its error stands at the top of the page."""
    salesforce.add_rule(f"{sobject}.{name}", docstring, message)


@given_or_when('the rule {sobject}.{name} says "{message}" at {field} when')
def _(salesforce: Salesforce, sobject: str, name: str, message: str, field: str, docstring: str) -> None:
    """A rule with its formula in the text block; its error stands at a field."""
    salesforce.add_rule(f"{sobject}.{name}", docstring, message, field)


@given_or_when("the rule {sobject}.{name} is removed")
def _(salesforce: Salesforce, sobject: str, name: str) -> None:
    """The rule is deleted."""
    salesforce.remove_rule(f"{sobject}.{name}")
