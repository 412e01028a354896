"""A world: both fakes, one clock, one scenario. What ``fakes up`` serves and what in-process tests call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakes.kit.clock import DEFAULT_START, Clock, VirtualClock
from fakes.kit.control import Control
from fakes.kit.scenario import Scenario, ScenarioError, empty
from fakes.kit.wsgi import WSGIAdapter
from fakes.marketo.app import create_app as create_marketo
from fakes.marketo.instance import CONNECTOR_ID, CONNECTOR_SECRET, Instance
from fakes.salesforce.app import create_app as create_salesforce
from fakes.salesforce.org import Org

if TYPE_CHECKING:
    from pathlib import Path

    import requests
    from flask import Flask

CLIENT_ID = "syncrig"
CLIENT_SECRET = "syncrig-secret"  # noqa: S105  the documented default of a fake
SALESFORCE_IN_PROCESS = "http://127.0.0.1:8101"
MARKETO_IN_PROCESS = "http://127.0.0.1:8102"


class NotModelled(Exception):
    """Something was asked for that the fakes do not model; the message lists it."""


@dataclass
class World:
    """Both fakes built from a scenario; ``salesforce_app`` and ``marketo_app`` are their Flask apps."""

    scenario: Scenario
    clock: Clock
    org: Org
    instance: Instance
    control: Control
    salesforce_app: Flask
    marketo_app: Flask

    @classmethod
    def build(
        cls,
        scenario: Scenario | None = None,
        *,
        clock: Clock | None = None,
        data: Path | None = None,
        strict: bool = False,
        side_door: bool = True,
        side_door_token: str | None = None,
    ) -> World:
        """A world as its scenario says.

        Args:
            scenario: None: the empty world with the documented users and clients.
            clock: None: a virtual clock that stands at the scenario's ``now``.
            data: a folder in which the state survives a restart; None: memory.

        Raises:
            ScenarioError: a fake cannot build its part.
        """
        scenario = scenario or empty()
        clock = clock or VirtualClock(scenario.now or DEFAULT_START)
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"clock": clock, "seed": scenario.seed, "data": data, "strict": strict}
        try:
            org = Org.build(scenario.salesforce, **options)
            instance = Instance.build(scenario.marketo, **options)
            _link(scenario, org, instance)
        except ScenarioError as problem:
            raise scenario.located(problem) from None
        control = Control(clock, [org, instance])
        return cls(
            scenario,
            clock,
            org,
            instance,
            control,
            create_salesforce(org, control, side_door=side_door, side_door_token=side_door_token),
            create_marketo(instance, control, side_door=side_door, side_door_token=side_door_token),
        )

    def env(self, salesforce_url: str, marketo_url: str, *, authority: Path | None = None) -> dict[str, str]:
        """The variables by which an engine, or any client, finds its way in."""
        sync_user, admin = self.scenario.salesforce.sync_user, self.scenario.salesforce.administrator
        env = {
            "SF_URL": salesforce_url,
            "SF_USERNAME": sync_user.username,
            "SF_PASSWORD": sync_user.password,
            "SF_TOKEN": sync_user.token,
            "SF_CLIENT_ID": CLIENT_ID,
            "SF_CLIENT_SECRET": CLIENT_SECRET,
            "SF_REFRESH_TOKEN": self.org.refresh_token_of(sync_user.username),
            "SF_CA_CERT": str(authority or ""),
            "MKTO_URL": marketo_url,
            "MKTO_CLIENT_ID": CLIENT_ID,
            "MKTO_CLIENT_SECRET": CLIENT_SECRET,
            "SF_ADMIN_USERNAME": admin.username,
            "SF_ADMIN_PASSWORD": admin.password,
        }
        if self.scenario.marketo.crm_sync == "native":
            env |= {"MKTO_CONNECTOR_ID": CONNECTOR_ID, "MKTO_CONNECTOR_SECRET": CONNECTOR_SECRET}
        if isinstance(self.clock, VirtualClock):
            env["SYNCRIG_CLOCK_URL"] = f"{salesforce_url}/_fake/clock"
        return env

    def env_in_process(self) -> dict[str, str]:
        """The variables for clients in this process, which :meth:`mount` leads here."""
        return self.env(SALESFORCE_IN_PROCESS, MARKETO_IN_PROCESS)

    def mount(self, session: requests.Session) -> None:
        """Lead a session's calls to the in-process addresses into the apps, without a socket."""
        for address, app in (
            (SALESFORCE_IN_PROCESS, self.salesforce_app),
            (MARKETO_IN_PROCESS, self.marketo_app),
        ):
            for scheme in ("http", "https"):
                session.mount(address.replace("http", scheme, 1), WSGIAdapter(app))

    def not_modelled(self) -> list[str]:
        """What was asked of either fake and is not modelled, a line each."""
        return [
            " ".join(filter(None, (f"{fake.name}:", entry["what"], entry["detail"], f"({entry['count']} times)")))
            for fake in (self.org, self.instance)
            for entry in fake.journal.ledger()
        ]

    def check_modelled(self) -> None:
        """Nothing, if all that was asked for is modelled.

        Raises:
            NotModelled: something is not.
        """
        if asked := self.not_modelled():
            raise NotModelled("; ".join(asked))

    def close(self) -> None:
        """Stop background work and give the databases back."""
        self.instance.close()
        self.org.close()


def _link(scenario: Scenario, org: Org, instance: Instance) -> None:
    """Make the pairs that the scenario calls synced already."""
    for index, (salesforce_ref, person_ref) in enumerate(scenario.links):
        record_id = org.refs[salesforce_ref]
        sobject = org.sobject_of(record_id)
        if sobject not in {"Lead", "Contact"}:
            raise ScenarioError(
                f"links[{index}]: {salesforce_ref!r} is a record of {sobject}; "
                "a person is linked with a Lead or a Contact"
            )
        instance.link(person_ref, record_id, sobject)


def env_text(env: dict[str, str]) -> str:
    """The variables as lines that a shell can source; values with other than plain characters are quoted."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in env.items())


def _quoted(value: str) -> str:
    plain = all(c.isalnum() or c in "@%+=:,./-_!" for c in value) and "!" not in value
    return value if plain else "'" + value.replace("'", "'\\''") + "'"
