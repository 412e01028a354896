"""Where scenarios run: apps in this process, ``fakes up`` on sockets, or a world that is already up.

A target is opened once a run and gives every scenario a site: both systems as the scenario found them, and the engine.
The fakes are imported when a site is opened, not before: pytest loads plugins before coverage starts.
"""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import requests
import yaml

from .drivers import Clock, Marketo, Salesforce, SideDoor
from .engines import ENGINE_SECRET, EngineElsewhere, EngineHere, Process, Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENGINE_URL = "http://127.0.0.1:8103"
"""In this process this is the name of the engine's mounted app; nothing listens there."""

START = "2026-01-05T09:00:00Z"
CRM_SYNCS = ("native", "external", "none")


class TargetError(Exception):
    """The target cannot be used; the message says why and what can be done."""


@dataclass(frozen=True)
class Wishes:
    """What the options say about the worlds that scenarios run in."""

    target: str = "inprocess"
    scenario: str | None = None
    crm_sync: str | None = None
    strict: bool = False


@dataclass
class Site:
    """Both systems and the engine of one scenario."""

    salesforce: Salesforce
    marketo: Marketo
    clock: Clock
    engine: EngineHere | EngineElsewhere
    env: Mapping[str, str]
    crm_sync: str
    not_modelled_before: dict[str, int] = field(default_factory=dict)
    last_report: dict[str, Any] | None = None
    after: Callable[[], None] = lambda: None

    @property
    def doors(self) -> tuple[SideDoor, SideDoor]:
        """Both side doors, Salesforce's first."""
        return self.salesforce.door, self.marketo.door

    def not_modelled(self) -> list[str]:
        """What this scenario asked for that the fakes do not model."""
        now = self._ledger()
        return sorted(what for what, count in now.items() if count > self.not_modelled_before.get(what, 0))

    def close(self) -> None:
        """Stop the engine and give the connections back."""
        self.engine.close()
        self.salesforce.session.close()
        self.after()

    def _ledger(self) -> dict[str, int]:
        ledger = {}
        for door in self.doors:
            for entry in door.not_modelled():
                detail = f" ({entry['detail']})" if entry.get("detail") else ""
                ledger[f"{entry['what']}{detail}"] = int(entry["count"])
        return ledger


class Target(Protocol):
    """Where a run's scenarios find their sites."""

    def site(self) -> Site:
        """The site of one scenario."""

    def close(self) -> None:
        """Take down what was put up."""


def open_target(wishes: Wishes, folder: Callable[[], Path]) -> Target:
    """The target that the options name.

    Raises:
        TargetError: it is neither a known word nor the env file of a running ``fakes up``.
    """
    if wishes.crm_sync is not None and wishes.crm_sync not in CRM_SYNCS:
        raise TargetError(f"crm_sync is {wishes.crm_sync!r}; it can be {', '.join(CRM_SYNCS)}")
    if wishes.target == "inprocess":
        return InProcess(wishes)
    if wishes.target == "sockets":
        return Sockets(wishes, folder())
    if Path(wishes.target).is_file():
        return Running(wishes, Path(wishes.target), folder())
    raise TargetError(
        f"--syncrig-target is {wishes.target!r}: neither inprocess nor sockets nor the env file of a running `fakes up`"
    )


def new_session(mount: Callable[[requests.Session], None] | None = None) -> requests.Session:
    """A session that looks at no proxy settings; both systems are at hand."""
    session = requests.Session()
    session.trust_env = False
    if mount:
        mount(session)
    return session


def build_site(
    env: Mapping[str, str], session: requests.Session, engine: EngineHere | EngineElsewhere, crm_sync: str
) -> Site:
    """The drivers for a world whose addresses and users ``env`` names."""
    client = (env.get("SF_CLIENT_ID", ""), env.get("SF_CLIENT_SECRET", ""))
    salesforce = Salesforce(
        env["SF_URL"],
        session,
        username=env["SF_ADMIN_USERNAME"],
        password=env["SF_ADMIN_PASSWORD"],
        client=client,
    )
    clock = Clock(salesforce.door)
    marketo = Marketo(
        env["MKTO_URL"], session, client=(env["MKTO_CLIENT_ID"], env["MKTO_CLIENT_SECRET"]), since=clock.now()
    )
    site = Site(salesforce, marketo, clock, engine, env, crm_sync)
    site.not_modelled_before = site._ledger()  # noqa: SLF001  its own
    return site


class InProcess:
    """A fresh world for every scenario, its apps mounted on the sessions of drivers and engine."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes

    def site(self) -> Site:
        """A new world."""
        from fakes.kit import scenario as scenarios  # noqa: PLC0415  see the module's first words
        from fakes.kit.clock import VirtualClock  # noqa: PLC0415
        from fakes.kit.wsgi import WSGIAdapter  # noqa: PLC0415
        from fakes.world import World  # noqa: PLC0415

        crm_sync = self.wishes.crm_sync
        try:
            chosen = scenarios.load(self.wishes.scenario) if self.wishes.scenario else scenarios.empty()
        except scenarios.ScenarioError as problem:
            raise TargetError(str(problem)) from None
        world = World.build(with_crm_sync(chosen, crm_sync), strict=self.wishes.strict)

        def connect(flow_app: Any) -> None:
            session = new_session()
            session.mount(ENGINE_URL, WSGIAdapter(flow_app))
            world.instance.connect_engine(ENGINE_URL, ENGINE_SECRET, session=session)

        def wake() -> None:
            if isinstance(world.clock, VirtualClock):
                world.clock.advance(timedelta(days=1))

        env = {**world.env_in_process(), "SYNCRIG_ENGINE_SECRET": ENGINE_SECRET}
        engine = EngineHere(env, world.mount, connect, wake, settings=world.scenario.sync)
        site = build_site(env, new_session(world.mount), engine, world.scenario.marketo.crm_sync)
        site.after = world.close
        return site

    def close(self) -> None:
        """Worlds go with their scenarios."""


def with_crm_sync(scenario: Any, crm_sync: str | None) -> Any:
    """The scenario with another ``crm_sync``, if one is wished for."""
    from dataclasses import replace  # noqa: PLC0415

    if crm_sync is None:
        return scenario
    return replace(scenario, marketo=replace(scenario.marketo, crm_sync=crm_sync))


class Running:
    """A world that is up already, named by its env file; it goes back to its scenario before every scenario of ours."""

    def __init__(self, wishes: Wishes, env_file: Path, folder: Path) -> None:
        self.wishes = wishes
        self.env_file = env_file.resolve()
        self.env = read_env(env_file)
        self.workshop = Workshop(self.env_file, folder)
        self._prepared = False

    def site(self) -> Site:
        """The world as its scenario loads it, and a new engine beside it."""
        session = new_session()
        if authority := self.env.get("SF_CA_CERT"):
            session.verify = authority
        try:
            self._prepare(session)
        except requests.ConnectionError as problem:
            raise TargetError(
                f"nobody answers at {self.env['SF_URL']}, which {self.env_file} names: {problem}"
            ) from None
        door = SideDoor(self.env["MKTO_URL"], session)

        def connect(url: str, secret: str) -> None:
            door.call("PUT", "engine", {"url": url, "secret": secret})

        engine = EngineElsewhere(self.workshop, connect, session)
        return build_site(self.env, session, engine, self._crm_sync())

    def close(self) -> None:
        """The world belongs to whoever put it up; only an engine that was kept ready ends."""
        self.workshop.close()

    def _crm_sync(self) -> str:
        return "native" if "MKTO_CONNECTOR_ID" in self.env else self.wishes.crm_sync or "external"

    def _prepare(self, session: requests.Session) -> None:
        """Back to the scenario, with the engine's own fields already made: that costs a process only once."""
        door = SideDoor(self.env["SF_URL"], session)
        if not self._prepared:
            door.call("POST", "reset")
            if self.wishes.crm_sync != "none":
                self.workshop.init()
            door.call("POST", "snapshots/prepared")
            self._prepared = True
        door.call("POST", "snapshots/prepared/restore")
        for url in (self.env["SF_URL"], self.env["MKTO_URL"]):
            SideDoor(url, session).call("DELETE", "faults")
            SideDoor(url, session).forget_requests()


class Sockets(Running):
    """``fakes up`` as a process of its own, once a run."""

    def __init__(self, wishes: Wishes, folder: Path) -> None:
        env_file = folder / "world.env"
        command = [sys.executable, "-m", "fakes", "up", "--virtual-clock", START, "--env-file", str(env_file)]
        for system in ("salesforce", "marketo", "console"):
            command += [f"--{system}-port", "0"]
        if scenario := scenario_file(wishes, folder):
            command += ["--scenario", scenario]
        if wishes.strict:
            command.append("--strict")
        self.process = Process(command, folder, os.environ)
        self.urls = self.process.ready
        super().__init__(wishes, env_file, folder)

    def close(self) -> None:
        """End the process."""
        super().close()
        self.process.close()


def scenario_file(wishes: Wishes, folder: Path) -> str | None:
    """The scenario for ``fakes up``: as named, or a copy that asks for another ``crm_sync``."""
    if wishes.crm_sync is None:
        return wishes.scenario
    from fakes.kit import scenario as scenarios  # noqa: PLC0415

    said: dict[str, Any] = {}
    if wishes.scenario:
        try:
            path = scenarios.load(wishes.scenario).path
        except scenarios.ScenarioError as problem:
            raise TargetError(str(problem)) from None
        said = yaml.safe_load(path.read_text(encoding="utf-8")) if path else {}
        if path and (org := said.get("salesforce", {}).get("org")):
            said["salesforce"]["org"] = str((path.parent / org).resolve())
    said.setdefault("marketo", {})["crm_sync"] = wishes.crm_sync
    copy = folder / "scenario.yaml"
    copy.write_text(yaml.safe_dump(said), encoding="utf-8")
    return str(copy)


def read_env(path: Path) -> dict[str, str]:
    """The variables of an env file, as a shell would read them."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        if words and "=" in words[-1]:
            name, _, value = words[-1].partition("=")
            found[name] = value
    return found
