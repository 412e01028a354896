"""The engine assembled: clients, state, settings and clock, and what can be asked of them.

``open_engine`` is what the entry-point group ``syncrig.engines`` names; the commands and the small HTTP app stand on
the same object, so a test in one process and a server on a socket take the same road.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import cycle, flow_actions, mapping, setup
from .clients.errors import Retry
from .clients.marketo import MarketoClient
from .clients.salesforce import SalesforceClient
from .clients.transport import new_session
from .config import Settings
from .model import format_instant
from .schedule import Clock, RemoteClock, Stop, SystemClock, run_cycles
from .state.store import StateStore
from .systems import Systems
from .webhook import create_app, flow_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from wsgiref.types import WSGIApplication

    import requests

    from .flow_actions import FlowResult
    from .report import Report
    from .settings import SyncSettings
    from .setup import SetupStep


class Engine:
    """One pair of systems and what the sync remembers of it.

    May be used from several threads: each use takes a pair of clients of its own, and one cycle runs at a time.
    """

    def __init__(
        self,
        settings: Settings,
        state: str = "sqlite://",
        *,
        mount: Callable[[requests.Session], None] | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.stop = Stop()
        self.clock = clock or self._clock(mount)
        self.state = StateStore.open(state)
        self.last: dict[str, Any] | None = None
        """What the latest cycle reported, written or only planned."""
        self._mount = mount
        self._sleep = sleep or (self._back_off if mount is None else _no_wait)
        self._idle: list[tuple[SalesforceClient, MarketoClient]] = []
        self._lock = threading.Lock()
        self._cycling = threading.Lock()

    def init(self, *, write: bool = True) -> list[SetupStep]:
        """What the sync needs in Marketo, made or (without ``write``) found missing; may be asked for again."""
        with self.systems() as systems:
            return setup.init(systems, self.state, self.settings.sync, write=write)

    def cycle(self, *, write: bool) -> Report:
        """One sync cycle; without ``write`` only what it would do."""
        with self._cycling, self.systems() as systems:
            report = cycle.run_cycle(systems, self.state, self.settings.sync, write=write, clock=self.clock)
        self.last = report.to_json()
        return report

    def run_once(self, *, write: bool = True) -> dict[str, Any]:
        """One sync cycle, as the object that ``syncengine run --json`` prints."""
        return self.cycle(write=write).to_json()

    def run_cycles(self, cycle: Callable[[], object]) -> None:
        """Cycles on their schedule until :attr:`stop` is requested."""
        run_cycles(cycle, clock=self.clock, pause=self.settings.sync.pause, stop=self.stop)

    def wait_for_stop(self) -> None:
        """Do nothing until :attr:`stop` is requested."""
        self.stop.wait()

    def sync_person(
        self, lead_id: int, *, action_id: str, assign_to: str = "auto", write: bool = True, by_hand: bool = False
    ) -> FlowResult:
        """*Sync Person to SFDC* for one person, in real time; one effect for one ``action_id``.

        Args:
            by_hand: no campaign asked, so that nobody but us writes the step into the activity log.
        """
        with self.systems() as systems:
            return flow_actions.sync_person(
                systems,
                self.state,
                self.settings.sync,
                action_id=action_id,
                lead_id=lead_id,
                assign_to=assign_to,
                write=write,
                clock=self.clock,
                by_hand=by_hand,
            )

    def push(self, lead_id: int, assign_to: str = "auto", write: bool = True) -> dict[str, Any]:
        """*Sync Person to SFDC* by hand: what became of it, in the words of the flow-action call."""
        result = self.sync_person(
            lead_id, action_id=self.new_action_id(), assign_to=assign_to, write=write, by_hand=True
        )
        return flow_answer(result)

    def mapping(self) -> dict[str, dict[str, str]]:
        """Sobject to field to the REST name of its lead field: standard fields that sync, and what the settings say.

        A custom field that is not in it syncs under its own name, if the sync user sees it.
        """
        mapped = {sobject: dict(mapping.PRESET[sobject]) for sobject in self.settings.sync.objects}
        mapped["Account"] = dict(mapping.ACCOUNT)
        for path, rest_name in self.settings.sync.field_map.items():
            sobject, _, name = path.partition(".")
            mapped.setdefault(sobject, {})[name] = rest_name
        return mapped

    def status(self) -> dict[str, Any]:
        """Where the sync stands, and what the latest cycle of this process reported."""
        return standing(self.state, self.settings.sync) | {
            "mode": "native" if self.settings.native else "external",
            "last": self.last,
        }

    def persons_with_email(self, email: str) -> list[int]:
        """Ids of the Marketo leads with this e-mail address."""
        with self.systems() as systems:
            return sorted(int(lead["id"]) for lead in systems.marketo.leads_by_filter("email", [email], ["id"]))

    @staticmethod
    def new_action_id() -> str:
        """An id for a flow action that no campaign asked for."""
        return str(uuid.uuid4())

    @cached_property
    def flow_app(self) -> WSGIApplication:
        """The small HTTP app that a Marketo campaign calls, for a server or to be mounted in this process."""
        return create_app(self, write=True)

    @contextmanager
    def systems(self) -> Iterator[Systems]:
        """A pair of clients for one use: one that is free, else a new one."""
        with self._lock:
            pair = self._idle.pop() if self._idle else None
        salesforce, marketo = pair or self._connect()
        try:
            yield Systems(salesforce, marketo)
        except BaseException:
            # Whatever upset them is not handed on.
            salesforce.close()
            marketo.close()
            raise
        with self._lock:
            self._idle.append((salesforce, marketo))

    def close(self) -> None:
        """Give connections and the state database back."""
        self.stop.request()
        with self._lock:
            while self._idle:
                for client in self._idle.pop():
                    client.close()
        self.state.close()

    def _connect(self) -> tuple[SalesforceClient, MarketoClient]:
        salesforce, marketo = self.settings.salesforce, self.settings.marketo
        return (
            SalesforceClient(
                salesforce,
                session=new_session(salesforce.url, ca_cert=salesforce.ca_cert, mount=self._mount),
                sleep=self._sleep,
            ),
            MarketoClient(
                marketo,
                session=new_session(marketo.url, ca_cert=marketo.ca_cert, mount=self._mount),
                sleep=self._sleep,
            ),
        )

    def _clock(self, mount: Callable[[requests.Session], None] | None) -> Clock:
        url = self.settings.clock_url
        return SystemClock() if url is None else RemoteClock(url, session=new_session(url, mount=mount))

    def _back_off(self, seconds: float) -> None:
        self.clock.back_off(seconds, self.stop)
        if self.stop.requested:
            raise Retry("asked to stop while waiting to try again")


def open_engine(
    env: Mapping[str, str],
    *,
    state: str = "sqlite://",
    settings: Mapping[str, Any] | None = None,
    mount: Callable[[requests.Session], None] | None = None,
    sleep: Callable[[float], None] | None = None,
    clock: Clock | None = None,
) -> Engine:
    """An engine for the two systems that the variables name.

    Args:
        env: the variables of the environment.
        state: where it remembers; the default is this process's memory.
        settings: what ``syncengine.toml`` would say.
        mount: puts transports on every session, so that the systems can live in this process. Then nothing is gained
            by waiting before a call is tried again, and the engine does not.
        sleep: how to wait before a call is tried again.
        clock: the engine's own time; the default is the one at ``SYNCRIG_CLOCK_URL``, else the machine's.

    Raises:
        ConfigError: with everything that is wrong with the variables and settings.
    """
    return Engine(Settings.of(settings or {}, env), state, mount=mount, sleep=sleep, clock=clock)


def standing(state: StateStore, settings: SyncSettings) -> dict[str, Any]:
    """What a state database tells of its sync, without asking either system."""
    marks = {sobject: state.watermark(sobject) for sobject in settings.objects}
    tokens = state.tokens()
    refusals = state.refusals()
    return {
        "policy": settings.policy,
        "links": state.count_links(),
        "readUntil": {name: format_instant(mark) if mark else None for name, mark in marks.items()}
        | {"Marketo": format_instant(tokens[-1].at) if tokens else None},
        "refused": sum(1 for refusal in refusals if refusal["status"] == "pending"),
        "setAside": sum(1 for refusal in refusals if refusal["status"] != "pending"),
        "runs": state.last_runs(5),
    }


def _no_wait(_seconds: float) -> None:
    """In one process the fakes change only when somebody calls them."""
