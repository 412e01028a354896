"""``fakes up``: both fakes and the console on sockets, until Ctrl-C."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fakes.kit.clock import DEFAULT_START, ClockRefused, SystemClock, VirtualClock, parse_time
from fakes.kit.scenario import SYNC_PROFILE, ScenarioError, empty, load
from fakes.kit.serve import PortInUse, serve
from fakes.world import World, env_text

if TYPE_CHECKING:
    from datetime import datetime

    from fakes.kit.clock import Clock
    from fakes.kit.scenario import Scenario
    from fakes.kit.serve import Served
    from fakes.kit.tls import Authority

ENGINE_READY_SECONDS = 60
ENGINE_WAITER = "syncengine"
"""Under this name the engine sleeps on a virtual clock."""
TOKEN = "SYNCRIG_SIDE_DOOR_TOKEN"  # noqa: S105  a variable's name
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(
    short_help="Serve both fakes and the console until Ctrl-C.",
    epilog="""\b
Examples:
  fakes up                                                   an empty world on ports 8101, 8102, 8100
  fakes up --scenario acme --virtual-clock --engine auto     a demo with the sync running
  fakes up --scenario acme --env-file world.env &            then: set -a; . ./world.env; syncengine run --once
  fakes up --salesforce-port 0 --marketo-port 0 --console-port 0
""",
)
@click.option("--scenario", metavar="NAME-OR-PATH", help="The world to start with; without it nobody is there.")
@click.option("--org", type=click.Path(path_type=Path), metavar="SFDX_DIR", help="An sfdx project as the org.")
@click.option("--sync-profile", default=SYNC_PROFILE, show_default=True, help="The profile of the sync user.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the state in files of this folder."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--salesforce-port", default=8101, show_default=True, type=click.IntRange(0, 65535))
@click.option("--marketo-port", default=8102, show_default=True, type=click.IntRange(0, 65535))
@click.option("--console-port", default=8100, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tls", is_flag=True, help="Serve https with a certificate of a local authority that is made now.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the variables of the way in here.",
)
@click.option("--seed", type=int, help="Seed of generated people and ids, in place of the scenario's.")
@click.option("--strict", is_flag=True, help="Leave with exit code 1 if anything not modelled was asked for.")
@click.option(
    "--virtual-clock",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[ISO_TIME]",
    help="Time stands still until it is moved; it starts here, or at the scenario's `now`.",
)
@click.option("--engine", metavar="URL|auto", help="Who runs the sync: `auto` starts one, a URL names one.")
@click.option("--no-side-door", is_flag=True, help="Leave /_fake/ away.")
def up(**options: Any) -> int:
    """Serve both fakes and the console until Ctrl-C.

    Prints `ready salesforce=URL marketo=URL console=URL` when all answer.
    """
    host = options["host"]
    token = os.environ.get(TOKEN)
    if host not in LOOPBACK and not options["no_side_door"] and not token:
        raise click.ClickException(
            f"--host {host} can be reached from elsewhere: set {TOKEN}, or close the side door with --no-side-door"
        )
    scenario = _scenario(options)
    with ExitStack() as stack:
        authority = _authority(options["tls"], host, stack)
        try:
            world = World.build(
                scenario,
                clock=_clock(options["virtual_clock"], scenario),
                data=options["data"],
                strict=options["strict"],
                side_door=not options["no_side_door"],
                side_door_token=None if host in LOOPBACK else token,
            )
        except ScenarioError as problem:
            raise click.ClickException(str(problem)) from None
        stack.callback(world.close)
        return _serve(world, options, authority, stack)


def _serve(world: World, options: dict[str, Any], authority: Authority | None, stack: ExitStack) -> int:
    from fakes.console.app import create_app as create_console  # noqa: PLC0415  the console imports both fakes again

    host = options["host"]

    def listen(app: Any, port: int) -> Served:
        try:
            served = serve(app, host, port, tls=authority)
        except PortInUse as problem:
            raise click.ClickException(str(problem)) from None
        stack.callback(served.close)
        return served

    salesforce = listen(world.salesforce_app, options["salesforce_port"])
    marketo = listen(world.marketo_app, options["marketo_port"])
    env = world.env(salesforce.url, marketo.url, authority=authority.authority if authority else None)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    engine_url = None
    if options["engine"]:
        env["SYNCRIG_ENGINE_SECRET"] = os.environ.get("SYNCRIG_ENGINE_SECRET") or secrets.token_urlsafe(24)
        engine_url = options["engine"]
        if engine_url == "auto":
            engine_url = _start_engine(env, world, options, stack)
        env["SYNCRIG_ENGINE_URL"] = engine_url
        world.instance.connect_engine(engine_url, env["SYNCRIG_ENGINE_SECRET"])
    console = listen(create_console(world, engine_url), options["console_port"])
    if options["env_file"]:
        _write_env(options["env_file"], env)
        stack.callback(options["env_file"].unlink, missing_ok=True)
    if authority:
        click.echo(f"authority={authority.authority}")
    click.echo(f"ready salesforce={salesforce.url} marketo={marketo.url} console={console.url}")
    sys.stdout.flush()
    while not stop.wait(3600):
        pass
    return _not_modelled(world, strict=options["strict"])


def _scenario(options: dict[str, Any]) -> Scenario:
    """The scenario as the options change it."""
    if options["org"] is not None:
        if not options["org"].is_dir():
            raise click.ClickException(f"--org {options['org']}: no such folder; give the folder of an sfdx project")
        raise click.ClickException(
            f"--org {options['org']}: loading an sfdx project is not supported yet; "
            "describe its fields and rules in a scenario file"
        )
    profile = options["sync_profile"]
    try:
        name = options["scenario"]
        scenario = load(name, sync_profile=profile) if name else empty(sync_profile=profile)
    except ScenarioError as problem:
        raise click.ClickException(str(problem)) from None
    return scenario if options["seed"] is None else replace(scenario, seed=options["seed"])


def _clock(asked: str | None, scenario: Scenario) -> Clock:
    if asked is None:
        return SystemClock()
    try:
        start: datetime = parse_time(asked) if asked else scenario.now or DEFAULT_START
    except ClockRefused as problem:
        raise click.ClickException(f"--virtual-clock: {problem}") from None
    return VirtualClock(start)


def _authority(wanted: bool, host: str, stack: ExitStack) -> Authority | None:
    if not wanted:
        return None
    from fakes.kit import tls  # noqa: PLC0415  cryptography takes a while to import

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncrig-tls-")))
    return tls.create(folder, host)


def _start_engine(env: dict[str, str], world: World, options: dict[str, Any], stack: ExitStack) -> str:
    """Start ``syncengine serve`` as a child process and give the address that it prints when it is ready."""
    program = [sys.executable, "-m", "syncengine"]  # from the same environment as we are
    folder = options["data"] or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncrig-engine-")))
    where = ["--state", f"sqlite:///{folder.resolve() / 'engine.db'}"]
    if world.scenario.sync:
        settings = folder / "syncengine.toml"
        settings.write_text(_toml(world.scenario.sync), encoding="utf-8")
        where += ["--settings", str(settings)]
    environment = {**os.environ, **env}
    prepared = subprocess.run(  # noqa: S603  our own command
        [*program, "init", "--write", *where], env=environment, capture_output=True, text=True, check=False
    )
    if prepared.returncode:
        raise click.ClickException(f"the engine cannot prepare the sync: {prepared.stderr.strip() or prepared.stdout}")
    engine = subprocess.Popen(  # noqa: S603  our own command
        [*program, "serve", "--port", "0", "--write", *where],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    ending = threading.Event()
    stack.callback(_end, engine, ending)
    line = _first_line(engine)
    if not line.startswith("ready engine="):
        raise click.ClickException(f"the engine did not start: {line or 'it ended without a word'}")

    def watch() -> None:
        engine.wait()
        if isinstance(world.clock, VirtualClock):
            world.clock.forget_waiter(ENGINE_WAITER)
        if not ending.is_set():
            click.echo(f"fakes: the engine has ended by itself, with exit code {engine.returncode}", err=True)

    threading.Thread(target=watch, name="engine", daemon=True).start()
    return line.strip().removeprefix("ready engine=")


def _first_line(engine: subprocess.Popen[str]) -> str:
    """The child's first line; the child is ended if it says nothing for too long."""
    timer = threading.Timer(ENGINE_READY_SECONDS, engine.kill)
    timer.start()
    try:
        return engine.stdout.readline() if engine.stdout else ""
    finally:
        timer.cancel()


def _end(engine: subprocess.Popen[str], ending: threading.Event) -> None:
    ending.set()
    engine.terminate()
    try:
        engine.wait(10)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait(10)


def _toml(sync: dict[str, Any]) -> str:
    """The scenario's ``sync`` part as the engine's settings file; a JSON text is a TOML text too."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in sync.items() if isinstance(value, str)]
    for name, table in sync.items():
        if isinstance(table, dict):
            lines += [
                f"[{name}]",
                *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items()),
            ]
    return "\n".join(lines) + "\n"


def _write_env(path: Path, env: dict[str, str]) -> None:
    """Put the file there whole or not at all, readable for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(env_text(env))
    Path(name).replace(path)


def _not_modelled(world: World, *, strict: bool) -> int:
    """At the end: say what was asked for and is not modelled; with ``--strict`` that is a failure."""
    asked = world.not_modelled()
    for line in asked:
        click.echo(f"not modelled: {line}", err=True)
    return 1 if strict and asked else 0
