"""People: who is there when a scenario begins, and who arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.pytest_plugin.phrases import given, given_or_when, then
from fakes.pytest_plugin.scene import pairs, rows

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Marketo, Salesforce
    from fakes.pytest_plugin.scene import Scene


@given('the person "{email}" is in both systems')
def _(scene: Scene, email: str) -> None:
    """A Lead in Salesforce and its person in Marketo, synced."""
    scene.in_both("Lead", [{"Email": email}])


@given('the person "{email}" is in both systems with')
def _(scene: Scene, email: str, datatable: list[list[str]]) -> None:
    """A synced Lead and person with the values of a table: field, value."""
    scene.in_both("Lead", [{"Email": email, **pairs(datatable)}])


@given('the person "{email}" has {field} "{value}" in both systems')
def _(scene: Scene, email: str, field: str, value: str) -> None:
    """A synced Lead and person with one value; who is there already only has it changed."""
    scene.in_both("Lead", [{"Email": email, field: value}])


@given('the contact "{email}" is in both systems')
def _(scene: Scene, email: str) -> None:
    """A Contact with an Account in Salesforce and its person in Marketo, synced."""
    scene.in_both("Contact", [{"Email": email}])


@given('the contact "{email}" is in both systems with')
def _(scene: Scene, email: str, datatable: list[list[str]]) -> None:
    """A synced Contact and person with the values of a table: field, value."""
    scene.in_both("Contact", [{"Email": email, **pairs(datatable)}])


@given('the contact "{email}" has {field} "{value}" in both systems')
def _(scene: Scene, email: str, field: str, value: str) -> None:
    """A synced Contact and person with one value; who is there already only has it changed."""
    scene.in_both("Contact", [{"Email": email, field: value}])


@given("these people are in both systems")
def _(scene: Scene, datatable: list[list[str]]) -> None:
    """Leads and their persons, synced: a table whose header names fields, Email among them."""
    scene.in_both("Lead", rows(datatable))


@given("these contacts are in both systems")
def _(scene: Scene, datatable: list[list[str]]) -> None:
    """Contacts and their persons, synced: a table whose header names fields, Email among them."""
    scene.in_both("Contact", rows(datatable))


@given_or_when('the Lead "{email}" is created in Salesforce')
def _(scene: Scene, email: str) -> None:
    """A Lead that Marketo does not know yet."""
    scene.in_salesforce("Lead", email)


@given_or_when('the Lead "{email}" is created in Salesforce with')
def _(scene: Scene, email: str, datatable: list[list[str]]) -> None:
    """A Lead with the values of a table (field, value) that Marketo does not know yet."""
    scene.in_salesforce("Lead", email, pairs(datatable))


@given_or_when('the Contact "{email}" is created in Salesforce')
def _(scene: Scene, email: str) -> None:
    """A Contact with an Account, which Marketo does not know yet."""
    scene.in_salesforce("Contact", email)


@given_or_when('the Contact "{email}" is created in Salesforce with')
def _(scene: Scene, email: str, datatable: list[list[str]]) -> None:
    """A Contact with the values of a table (field, value) that Marketo does not know yet."""
    scene.in_salesforce("Contact", email, pairs(datatable))


@given_or_when('the person "{email}" is created in Marketo')
def _(scene: Scene, email: str) -> None:
    """A person that Salesforce does not know yet, with last name and company."""
    scene.in_marketo(email)


@given_or_when('the person "{email}" is created in Marketo with')
def _(scene: Scene, email: str, datatable: list[list[str]]) -> None:
    """A person with the values of a table: field, value; an empty value takes a default away."""
    scene.in_marketo(email, pairs(datatable))


@then('Salesforce has one Lead "{email}"')
def _(salesforce: Salesforce, email: str) -> None:
    """Exactly one, and no Contact."""
    assert [record.sobject for record in salesforce.records(email)] == ["Lead"]


@then('Salesforce has one Contact "{email}"')
def _(salesforce: Salesforce, email: str) -> None:
    """Exactly one, and no unconverted Lead."""
    assert [record.sobject for record in salesforce.records(email)] == ["Contact"]


@then('Salesforce has {count:d} Leads "{email}"')
def _(salesforce: Salesforce, count: int, email: str) -> None:
    """So many unconverted Leads with this address."""
    assert len(salesforce.records(email, "Lead")) == count


@then('Salesforce has no record for "{email}"')
def _(salesforce: Salesforce, email: str) -> None:
    """Neither a Lead nor a Contact."""
    assert salesforce.records(email) == []


@then('Marketo has one person "{email}"')
def _(marketo: Marketo, email: str) -> None:
    """Exactly one."""
    assert len(marketo.persons(email)) == 1


@then('Marketo has {count:d} persons "{email}"')
def _(marketo: Marketo, count: int, email: str) -> None:
    """So many persons with this address."""
    assert len(marketo.persons(email)) == count


@then('Marketo has no person "{email}"')
def _(marketo: Marketo, email: str) -> None:
    """Nobody has this address."""
    assert marketo.persons(email) == []


@then('Marketo knows "{email}" as a {sobject} of Salesforce')
def _(salesforce: Salesforce, marketo: Marketo, email: str, sobject: str) -> None:
    """The person holds the type and the id of its Salesforce record."""
    record = salesforce.person(email)
    known = marketo.salesforce_side(email)

    assert (known["type"], known["id"]) == (sobject, record.id)
    assert record.sobject == sobject


@then('Marketo knows no Salesforce record of "{email}"')
def _(marketo: Marketo, email: str) -> None:
    """The person's Salesforce type and id are empty: it was never synced."""
    known = marketo.salesforce_side(email)

    assert (known["type"], known["id"]) == ("", "")


@then('Marketo knows that "{email}" was deleted in Salesforce')
def _(marketo: Marketo, email: str) -> None:
    """The person is still there, with its deleted flag set."""
    assert marketo.salesforce_side(email)["isDeleted"] == "true"
