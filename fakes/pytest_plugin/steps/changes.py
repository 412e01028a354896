"""Changes: what somebody edits, and what both systems show afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.pytest_plugin.phrases import given_or_when, then, when
from fakes.pytest_plugin.scene import pairs, rows

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Marketo, Salesforce


@given_or_when('the {field} of "{email}" becomes "{value}" in Salesforce')
def _(salesforce: Salesforce, field: str, email: str, value: str) -> None:
    """A user edits one field."""
    salesforce.set_field(email, field, value)


@given_or_when('the {field} of "{email}" becomes "{value}" in Marketo')
def _(marketo: Marketo, field: str, email: str, value: str) -> None:
    """A marketer edits one field."""
    marketo.set_field(email, field, value)


@given_or_when('the {field} of "{email}" is cleared in Salesforce')
def _(salesforce: Salesforce, field: str, email: str) -> None:
    """A user empties one field."""
    salesforce.set_field(email, field, None)


@given_or_when('the {field} of "{email}" is cleared in Marketo')
def _(marketo: Marketo, field: str, email: str) -> None:
    """A marketer empties one field."""
    marketo.set_field(email, field, None)


@given_or_when('"{email}" changes in Salesforce to')
def _(salesforce: Salesforce, email: str, datatable: list[list[str]]) -> None:
    """One save with several fields: a table of field and value."""
    salesforce.update(salesforce.person(email), pairs(datatable))


@given_or_when('"{email}" changes in Marketo to')
def _(marketo: Marketo, email: str, datatable: list[list[str]]) -> None:
    """One update with several fields: a table of field and value."""
    marketo.update(marketo.person(email)["id"], pairs(datatable))


@given_or_when("these people change in Marketo")
def _(marketo: Marketo, datatable: list[list[str]]) -> None:
    """A table with Email and the fields that change, a person a row."""
    for person in rows(datatable):
        email = person.pop("Email")
        marketo.update(marketo.person(email)["id"], person)


@when('"{email}" is saved in Salesforce without a change')
def _(salesforce: Salesforce, email: str) -> None:
    """A save that moves the record's stamp and no value."""
    record = salesforce.person(email)
    salesforce.update(record, {"LastName": salesforce.read(record, "LastName")})


@when('the e-mail address of "{email}" becomes "{address}" in Salesforce')
def _(salesforce: Salesforce, email: str, address: str) -> None:
    """From here on the scenario finds the person by the new address there."""
    salesforce.set_field(email, "Email", address)


@when('the e-mail address of "{email}" becomes "{address}" in Marketo')
def _(marketo: Marketo, email: str, address: str) -> None:
    """From here on the scenario finds the person by the new address there."""
    marketo.set_field(email, "Email", address)


@when('"{email}" is deleted in Salesforce')
def _(salesforce: Salesforce, email: str) -> None:
    """The record moves to the recycle bin."""
    salesforce.delete(salesforce.person(email))


@when('"{email}" is deleted in Marketo')
def _(marketo: Marketo, email: str) -> None:
    """The person is deleted; its Salesforce record is not asked."""
    marketo.delete(marketo.person(email)["id"])


@then('Salesforce shows {field} "{value}" for "{email}"')
def _(salesforce: Salesforce, field: str, value: str, email: str) -> None:
    """What an administrator sees; "" means blank."""
    assert salesforce.value(email, field) == value


@then('Marketo shows {field} "{value}" for "{email}"')
def _(marketo: Marketo, field: str, value: str, email: str) -> None:
    """What an API user sees; "" means empty."""
    assert marketo.value(email, field) == value


@then('both systems show {field} "{value}" for "{email}"')
def _(salesforce: Salesforce, marketo: Marketo, field: str, value: str, email: str) -> None:
    """Both sides agree on this value."""
    shown = {"Salesforce": salesforce.value(email, field), "Marketo": marketo.value(email, field)}

    assert shown == {"Salesforce": value, "Marketo": value}


@then('both systems show for "{email}"')
def _(salesforce: Salesforce, marketo: Marketo, email: str, datatable: list[list[str]]) -> None:
    """Both sides agree on every field of a table: field, value."""
    wanted = pairs(datatable)

    assert {field: salesforce.value(email, field) for field in wanted} == wanted
    assert {field: marketo.value(email, field) for field in wanted} == wanted


@then('Salesforce shows no {field} for "{email}"')
def _(salesforce: Salesforce, field: str, email: str) -> None:
    """The field is blank."""
    assert salesforce.value(email, field) == ""


@then('Marketo shows no {field} for "{email}"')
def _(marketo: Marketo, field: str, email: str) -> None:
    """The field is empty."""
    assert marketo.value(email, field) == ""
