"""Field-level security: what the integration user may see and edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.pytest_plugin.phrases import given_or_when, then
from fakes.pytest_plugin.words import marketo_name

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Marketo, Salesforce


@given_or_when("the integration user may not see {sobject}.{field}")
def _(salesforce: Salesforce, sobject: str, field: str) -> None:
    """Hidden: neither read nor edit, for the sync user's profile."""
    salesforce.set_access(f"{sobject}.{field}", "hidden")


@given_or_when("the integration user may read but not edit {sobject}.{field}")
def _(salesforce: Salesforce, sobject: str, field: str) -> None:
    """Read-only for the sync user's profile."""
    salesforce.set_access(f"{sobject}.{field}", "read")


@given_or_when("the integration user may read and edit {sobject}.{field}")
def _(salesforce: Salesforce, sobject: str, field: str) -> None:
    """Full access for the sync user's profile."""
    salesforce.set_access(f"{sobject}.{field}", "edit")


@then("Marketo has the field {field}")
def _(marketo: Marketo, field: str) -> None:
    """Describe lists it."""
    assert marketo_name(field) in marketo.fields()


@then("Marketo has no field {field}")
def _(marketo: Marketo, field: str) -> None:
    """Describe does not list it."""
    assert marketo_name(field) not in marketo.fields()
