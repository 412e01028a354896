"""What the commands share: the options that every one takes, the engine they open, how they end."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from syncengine.clients.errors import ClientError, Fatal, RecordRefused, Retry
from syncengine.config import DEFAULT_FILE, DEFAULT_STATE, VARIABLES, Settings, read_env_file
from syncengine.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncengine.engine import Engine
    from syncengine.settings import SyncSettings

F = TypeVar("F", bound="Callable[..., Any]")

DONE, SOME_REFUSED, MISUSE, NEEDS_PERSON, TRY_AGAIN = range(5)
"""Exit codes of every command."""


@dataclass(frozen=True, slots=True)
class Where:
    """The options that say which systems, which settings, and where the engine remembers."""

    env_file: Path | None
    settings: Path | None
    state: str

    def load(self) -> Settings:
        """The settings, from the file and the environment.

        Raises:
            ConfigError: with everything that is wrong.
        """
        return Settings.load(self.settings, self.environ())

    def sync(self) -> SyncSettings:
        """Only how to sync, for a command that talks to neither system.

        Raises:
            ConfigError: with everything that is wrong in the settings file.
        """
        return Settings.sync_only(self.settings)

    def environ(self) -> dict[str, str]:
        """The environment, laid over the variables of ``--env-file``; where it hides one of those, a line says so."""
        if self.env_file is None:
            return dict(os.environ)
        given = read_env_file(self.env_file)
        for name in VARIABLES:
            if name in given and os.environ.get(name, given[name]) != given[name]:
                click.echo(f"note: {name} of the environment is used, not that of {self.env_file}", err=True)
        return given | dict(os.environ)

    def open(self) -> Engine:
        """The engine.

        Raises:
            ConfigError: with everything that is wrong with the settings.
            StateError: the state database cannot be opened.
        """
        from syncengine.engine import Engine  # noqa: PLC0415  --help need not load the database's machinery

        return Engine(self.load(), self.state)


def where_options(command: F) -> F:
    """``--env-file``, ``--settings``, ``--state`` and ``--verbose``; the command gets one argument, ``where``."""

    def gather(context: click.Context, _parameter: click.Parameter, state: str) -> str:
        try:
            make_url(state)
        except ArgumentError:
            raise click.BadParameter(f"{state!r} is no database URL, such as {DEFAULT_STATE}") from None
        env_file, settings = context.params.pop("env_file", None), context.params.pop("settings", None)
        context.params["where"] = Where(env_file, settings, state)
        return state

    a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
    options = [
        click.option(
            "--env-file",
            type=a_file,
            is_eager=True,
            help="Variables (SF_URL, MKTO_URL …), one NAME=value a line, as `fakes up --env-file` writes them. "
            "The environment beats the file.",
        ),
        click.option(
            "--settings",
            type=a_file,
            is_eager=True,
            help=f"Settings; default: {DEFAULT_FILE}, if there is one here.",
        ),
        click.option(
            "--state",
            metavar="URL",
            default=DEFAULT_STATE,
            show_default=True,
            expose_value=False,
            callback=gather,
            help="Where the engine remembers what it synced.",
        ),
        click.option(
            "--verbose",
            "-v",
            is_flag=True,
            expose_value=False,
            callback=lambda _context, _parameter, verbose: log_requests() if verbose else None,
            help="Show every request on standard error.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
write_option = click.option("--write", is_flag=True, help="Do it. Without this, only say what would be done.")


def log_requests() -> None:
    """Show the clients' requests on standard error: method, path, status, time."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("syncengine.http")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def print_json(data: Any) -> None:
    """One line of JSON."""
    click.echo(json.dumps(data, ensure_ascii=False))


def exit_code_of(error: Exception) -> int | None:
    """What an error means for whoever started the command; None for one that is a fault of ours."""
    match error:
        case Retry():
            return TRY_AGAIN
        case RecordRefused():
            return SOME_REFUSED
        case Fatal():
            return NEEDS_PERSON
        case SyncError():
            return error.exit_code
        case click.ClickException():
            return MISUSE
        case ClientError():
            return TRY_AGAIN
    return None


def examples(text: str) -> str:
    """An epilog of examples that click leaves as it is."""
    return f"\b\nExamples:\n{text}"
