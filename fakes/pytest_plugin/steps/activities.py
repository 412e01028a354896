"""The person's activity log in Marketo: where the sync leaves what it did and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.pytest_plugin.drivers import shown
from fakes.pytest_plugin.phrases import then
from fakes.pytest_plugin.words import marketo_name

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Marketo


@then('the activity log of "{email}" shows "{activity}"')
def _(marketo: Marketo, email: str, activity: str) -> None:
    """At least one entry of this activity type."""
    assert marketo.activities(email, activity) != []


@then('the activity log of "{email}" shows no "{activity}"')
def _(marketo: Marketo, email: str, activity: str) -> None:
    """No entry of this activity type."""
    assert marketo.activities(email, activity) == []


@then('the activity log of "{email}" shows "{activity}" {count:d} times')
def _(marketo: Marketo, email: str, activity: str, count: int) -> None:
    """So many entries of this activity type."""
    assert len(marketo.activities(email, activity)) == count


@then('the activity log of "{email}" shows that {field} changed from "{old}" to "{new}"')
def _(marketo: Marketo, email: str, field: str, old: str, new: str) -> None:
    """A Change Data Value entry with both values; "" means empty."""
    assert (old, new) in _changes(marketo, email, field)


@then('the activity log of "{email}" shows {count:d} changes of {field}')
def _(marketo: Marketo, email: str, count: int, field: str) -> None:
    """So many Change Data Value entries for the field."""
    changes = _changes(marketo, email, field)

    assert len(changes) == count, changes


@then('the activity log of "{email}" shows the refusal {code} "{message}"')
def _(marketo: Marketo, email: str, code: str, message: str) -> None:
    """An entry that carries Salesforce's own code and message."""
    assert (code, message) in [(refusal.code, refusal.message) for refusal in marketo.refusals(email)]


@then('the activity log of "{email}" shows a refusal {code} that names "{what}"')
def _(marketo: Marketo, email: str, code: str, what: str) -> None:
    """An entry with Salesforce's code that names a field or a value."""
    told = [(refusal.code, refusal.text, refusal.fields) for refusal in marketo.refusals(email)]

    assert any(code == c and (what in fields or what in text) for c, text, fields in told), told


@then('the activity log of "{email}" shows {count:d} refusals')
def _(marketo: Marketo, email: str, count: int) -> None:
    """So many entries that tell of a refusal."""
    refusals = marketo.refusals(email)

    assert len(refusals) == count, refusals


@then('the activity log of "{email}" shows no refusal')
def _(marketo: Marketo, email: str) -> None:
    """No entry tells of a refusal."""
    assert marketo.refusals(email) == []


def _changes(marketo: Marketo, email: str, field: str) -> list[tuple[str, str]]:
    label = marketo.fields()[marketo_name(field)]["displayName"]
    return [
        (shown(entry["attributes"].get("Old Value")), shown(entry["attributes"].get("New Value")))
        for entry in marketo.activities(email, "Change Data Value")
        if entry.get("primaryAttributeValue") == label
    ]
