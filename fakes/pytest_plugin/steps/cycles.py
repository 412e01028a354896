"""Sync cycles: run them, and look at what they report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.pytest_plugin.phrases import then, when

if TYPE_CHECKING:
    from fakes.pytest_plugin.cycles import Cycles
    from fakes.pytest_plugin.drivers import Marketo, Salesforce

_SALESFORCE_WRITE = {"method": "PATCH", "path": "/services/data/"}
_MARKETO_WRITE = {"method": "POST", "path": "/rest/v1/leads.json"}


@when("a sync cycle runs", target_fixture="report")
def _(cycles: Cycles) -> dict[str, Any]:
    """Read both sides, plan, write, remember: once."""
    return cycles.run()


@when("{count:d} sync cycles run", target_fixture="report")
def _(cycles: Cycles, count: int) -> dict[str, Any]:
    """One after the other; the steps that follow speak of the last one."""
    return [cycles.run() for _ in range(count)][-1]


@when(
    'a sync cycle runs, and before it writes to Salesforce the {field} of "{email}" becomes "{value}" there',
    target_fixture="report",
)
def _(cycles: Cycles, salesforce: Salesforce, field: str, email: str, value: str) -> dict[str, Any]:
    """A user's edit lands between the cycle's reading and its writing."""
    person = salesforce.person(email)
    return cycles.run_while(_SALESFORCE_WRITE, "salesforce", lambda: salesforce.update(person, {field: value}))


@when(
    'a sync cycle runs, and before it writes to Marketo the {field} of "{email}" becomes "{value}" there',
    target_fixture="report",
)
def _(cycles: Cycles, marketo: Marketo, field: str, email: str, value: str) -> dict[str, Any]:
    """A marketer's edit lands between the cycle's reading and its writing."""
    lead_id = marketo.person(email)["id"]
    # A marketer uses Marketo's pages; the API's door that the held call stands at would be held as well.
    return cycles.run_while(_MARKETO_WRITE, "marketo", lambda: marketo.update(lead_id, {field: value}))


@then("the cycle reports no refusal")
def _(report: dict[str, Any]) -> None:
    """Nothing was refused."""
    assert report["refused"] == []


@then("the cycle reports {count:d} refusals")
def _(report: dict[str, Any], count: int) -> None:
    """So many errors of Salesforce or Marketo, several for one record counted each."""
    assert len(report["refused"]) == count, report["refused"]


@then('the cycle reports the refusal {code} for "{email}"')
def _(report: dict[str, Any], marketo: Marketo, code: str, email: str) -> None:
    """An error with this code of the vendor's for this person."""
    assert code in [refusal["code"] for refusal in _refusals_of(report, marketo, email)], report["refused"]


@then('the cycle reports the refusal {code} "{message}" on {field} for "{email}"')
def _(report: dict[str, Any], marketo: Marketo, code: str, message: str, field: str, email: str) -> None:
    """An error with this code and message that names this field, for this person."""
    told = [(r["code"], r["message"], [*r["fields"]]) for r in _refusals_of(report, marketo, email)]

    assert (code, message, [field]) in told


@then('the cycle reports a conflict on {field} of "{email}"')
def _(report: dict[str, Any], marketo: Marketo, field: str, email: str) -> None:
    """The field left its last synced value on both sides, to different values."""
    lead_id = str(marketo.person(email)["id"])
    found = [(str(conflict["marketoId"]), conflict["field"]) for conflict in report["conflicts"]]

    assert (lead_id, field) in found


@then("the cycle reports no conflict")
def _(report: dict[str, Any]) -> None:
    """No field changed on both sides to different values."""
    assert report["conflicts"] == []


@then("the cycle plans nothing")
def _(report: dict[str, Any]) -> None:
    """There is nothing to create, update, link or delete."""
    assert report["actions"] == []


def _refusals_of(report: dict[str, Any], marketo: Marketo, email: str) -> list[dict[str, Any]]:
    lead_id = str(marketo.person(email)["id"])
    return [refusal for refusal in report["refused"] if str(refusal["marketoId"]) == lead_id]
