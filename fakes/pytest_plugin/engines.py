"""The engine under test: found by entry point, in this process or as a process of its own; never imported by name.

An engine registers a factory in the entry-point group ``syncrig.engines``::

    open_engine(env, *, state="sqlite://", settings=None, mount=None) -> engine

and the engine has ``init()``, ``run_once(write=True)``, ``run_cycles(cycle)`` (cycles on their schedule, until closed),
``push(lead_id)``, ``close()`` and the WSGI app ``flow_app``.
Over sockets the same engine is the command ``python -m PACKAGE`` of the factory's package.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

    import requests

GROUP = "syncrig.engines"
ENGINE_SECRET = "engine-secret"  # noqa: S105  between two processes of one test


class EngineMissing(Exception):
    """No engine is installed, several are, or it did not start; the message says what can be done."""


class Engine(Protocol):
    """What a scenario asks of an engine, wherever it runs."""

    def run_once(self) -> dict[str, Any]:
        """One sync cycle; the object of ``syncengine run --json``."""

    def push(self, lead_id: int) -> dict[str, Any]:
        """*Sync Person to SFDC* by hand."""

    def connect(self) -> None:
        """Be there for Marketo's Salesforce flow steps."""

    def start_schedule(self) -> None:
        """Sync, wait, sync again, by the world's clock."""

    def close(self) -> None:
        """Stop."""


def find_engine() -> EntryPoint:
    """The engine that is installed.

    Raises:
        EngineMissing: none is, or several are and nobody said which.
    """
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    wanted = os.environ.get("SYNCRIG_ENGINE")
    if wanted:
        found = [point for point in found if point.name == wanted]
    if not found:
        raise EngineMissing(
            f"no sync engine is installed: nothing is registered in the entry-point group {GROUP}"
            f"{f' under the name {wanted}' if wanted else ''}; install one, or override the fixture run_sync_cycle"
        )
    if len(found) > 1:
        names = ", ".join(point.name for point in found)
        raise EngineMissing(f"several sync engines are installed ({names}); choose one with SYNCRIG_ENGINE=NAME")
    return found[0]


class EngineHere:
    """The engine in this process; opened when a scenario first needs it."""

    def __init__(
        self,
        env: Mapping[str, str],
        mount: Callable[[requests.Session], None],
        connect: Callable[[Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]], None],
        wake: Callable[[], None],
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._env = dict(env)
        self._mount = mount
        self._wake = wake
        self._settings = {"sync": dict(settings)} if settings else None
        self._opened: Any = None
        self._thread: threading.Thread | None = None
        # Marketo is connected from the start and the engine opened at the first flow step: most scenarios have none.
        connect(lambda environ, start_response: self._engine().flow_app(environ, start_response))

    def run_once(self) -> dict[str, Any]:
        """One sync cycle."""
        return dict(self._engine().run_once(write=True))

    def push(self, lead_id: int) -> dict[str, Any]:
        """*Sync Person to SFDC* by hand."""
        return dict(self._engine().push(lead_id))

    def connect(self) -> None:
        """Marketo finds it already."""
        self._engine()

    def start_schedule(self) -> None:
        """Sync, wait, sync again, in a thread that sleeps on the world's clock."""
        engine = self._engine()
        self._thread = threading.Thread(target=engine.run_cycles, args=(self.run_once,), name="schedule", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the schedule and close the engine."""
        if self._opened is not None:
            self._opened.close()
        if self._thread is not None:
            self._wake()  # it sleeps on a clock that nobody would move any more
            self._thread.join(timeout=10)

    def _engine(self) -> Any:
        if self._opened is None:
            self._opened = find_engine().load()(
                self._env, state="sqlite://", settings=self._settings, mount=self._mount
            )
            self._opened.init()
        return self._opened


class EngineElsewhere:
    """The engine as processes of its own, over sockets: ``serve`` for cycles and flow steps, ``push`` by hand."""

    def __init__(self, workshop: Workshop, connect: Callable[[str, str], None], session: requests.Session) -> None:
        self._workshop = workshop
        self._connect = connect
        self._session = session
        self._served: Served | None = None

    def run_once(self) -> dict[str, Any]:
        """One sync cycle, asked of the served engine."""
        url = f"{self._at_work().url}/cycle"
        answer = self._session.post(url, headers={"X-Syncrig-Secret": ENGINE_SECRET}, timeout=120)
        if not answer.ok:
            raise EngineMissing(f"POST /cycle answered {answer.status_code}: {answer.text[:500]}")
        return dict(answer.json())

    def push(self, lead_id: int) -> dict[str, Any]:
        """*Sync Person to SFDC* by hand, by the command line."""
        done = self._workshop.command("push", str(lead_id), "--write", state=self._at_work().state)
        return {"exit": done.returncode, "said": done.stdout + done.stderr}

    def connect(self) -> None:
        """Serve, and tell Marketo where."""
        self._at_work()

    def start_schedule(self) -> None:
        """Serve with cycles, from the state of whatever has been served so far."""
        state = self._at_work().state
        self.close()
        self._serve(self._workshop.serve(state, cycles=True))

    def close(self) -> None:
        """Stop the served engine."""
        if self._served is not None:
            self._served.close()
            self._served = None

    def _at_work(self) -> Served:
        return self._served or self._serve(self._workshop.take())

    def _serve(self, served: Served) -> Served:
        self._served = served
        self._connect(served.url, ENGINE_SECRET)
        return served


class Served:
    """One ``serve`` process and the state it remembers in."""

    def __init__(self, process: Process, state: Path) -> None:
        self._process = process
        self.state = state

    @property
    def url(self) -> str:
        """Where it answers; waits until it does."""
        return self._process.ready["engine"]

    def close(self) -> None:
        """End it at once: its world and its state are thrown away with it."""
        self._process.kill()


class Workshop:
    """Makes engines of one world, each with a state of its own, and keeps one ready ahead.

    An engine takes longer to start than most scenarios take to run, so the next one's starts meanwhile.
    """

    def __init__(self, env_file: Path, folder: Path) -> None:
        self._package = find_engine().module.partition(".")[0]
        self._env_file = env_file
        self._folder = folder
        self._prepared = folder / "prepared.db"
        self._numbers = itertools.count(1)
        self._ahead: Served | None = None

    def init(self) -> None:
        """Prepare both systems, once; every engine begins with what this one remembers.

        Raises:
            EngineMissing: the engine could not.
        """
        done = self.command("init", "--write", state=self._prepared)
        if done.returncode:
            said = f"{done.stdout}{done.stderr}"
            raise EngineMissing(f"{self._package} init --write ended with {done.returncode}: {said}")

    def take(self) -> Served:
        """An engine that runs cycles when asked to."""
        taken, self._ahead = self._ahead or self._new(), self._new()
        return taken

    def serve(self, state: Path, *, cycles: bool) -> Served:
        """A process that serves."""
        words = ["serve", "--port", "0", "--write", *([] if cycles else ["--no-cycles"])]
        command = [sys.executable, "-m", self._package, *words, *self._where(state)]
        return Served(Process(command, self._folder, self._environment()), state)

    def command(self, *words: str, state: Path) -> subprocess.CompletedProcess[str]:
        """What another command of the engine answers."""
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", self._package, *words, *self._where(state)],
            cwd=self._folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def close(self) -> None:
        """End the engine that was kept ready."""
        if self._ahead is not None:
            self._ahead.close()

    def _new(self) -> Served:
        state = self._folder / f"state-{next(self._numbers)}.db"
        if self._prepared.exists():
            shutil.copyfile(self._prepared, state)
        return self.serve(state, cycles=False)

    def _where(self, state: Path) -> list[str]:
        return ["--state", f"sqlite:///{state}", "--env-file", str(self._env_file)]

    def _environment(self) -> dict[str, str]:
        # What the runner's own environment says of another Salesforce or Marketo must not reach this one.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SF_", "MKTO_", "SYNCRIG_"))}
        return {**kept, "SYNCRIG_ENGINE_SECRET": ENGINE_SECRET}


class Process:
    """A command that says ``ready name=URL …`` on a line of its own when it answers."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self._command = command
        self._errors = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(  # noqa: S603
            command, cwd=folder, env=dict(env), stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._reader: threading.Thread | None = None

    @cached_property
    def ready(self) -> dict[str, str]:
        """What the line says; waits for it.

        Raises:
            EngineMissing: the process ended without it; the message holds what it said instead.
        """
        said = []
        for line in self._process.stdout or ():
            if line.startswith("ready "):
                # Whatever it says from now on is read away, or a full pipe would stop it.
                self._reader = threading.Thread(target=self._drain, name="drain", daemon=True)
                self._reader.start()
                return dict(part.split("=", 1) for part in line.split()[1:])
            said.append(line)
        code = self._process.wait()
        self._errors.seek(0)
        complaint = "".join(said) + self._errors.read()
        self._close()
        raise EngineMissing(f"{' '.join(self._command[2:5])} ended with {code} before it was ready: {complaint}")

    def close(self) -> None:
        """End it, gently first."""
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._close()

    def _close(self) -> None:
        self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=5)
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()

    def _drain(self) -> None:
        for _ in self._process.stdout or ():
            pass
