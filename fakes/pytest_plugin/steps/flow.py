"""Flow actions: Salesforce steps of Marketo's campaigns, and the same by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.pytest_plugin.phrases import given, given_or_when, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.pytest_plugin.drivers import Clock, Marketo
    from fakes.pytest_plugin.targets import Site


@given('the campaign "{name}" with the flow step "{step}"')
def _(marketo: Marketo, name: str, step: str) -> None:
    """A smart campaign that can be requested."""
    marketo.add_campaign(name, [{"step": step}])


@when('"{email}" goes through the campaign "{name}"')
def _(syncrig_site: Site, marketo: Marketo, clock: Clock, email: str, name: str) -> None:
    """The campaign is requested, and its steps are done when this one is; no time passes."""
    syncrig_site.engine.connect()
    marketo.request_campaign(name, [marketo.person(email)["id"]])
    clock.settle()


@when('these people go through the campaign "{name}" together')
def _(syncrig_site: Site, marketo: Marketo, clock: Clock, name: str, datatable: list[list[str]]) -> None:
    """One request for several persons: a table with an address a line."""
    syncrig_site.engine.connect()
    marketo.request_campaign(name, [marketo.person(email)["id"] for [email] in datatable])
    clock.settle()


@when('"{email}" goes through the campaigns "{first}" and "{second}" at once')
def _(syncrig_site: Site, marketo: Marketo, clock: Clock, email: str, first: str, second: str) -> None:
    """Both are requested before either has run."""
    syncrig_site.engine.connect()
    lead_id = marketo.person(email)["id"]
    for name in (first, second):
        marketo.request_campaign(name, [lead_id])
    clock.settle()


@given_or_when('"{email}" is synced to Salesforce by hand')
def _(push_person: Callable[[int], Any], marketo: Marketo, email: str) -> None:
    """*Sync Person to SFDC* as a single flow action, as ``syncengine push`` does."""
    push_person(marketo.person(email)["id"])
