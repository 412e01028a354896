"""The ``fakes`` command: both fakes, and what can be asked of an org without them."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

import fakes

if TYPE_CHECKING:
    from collections.abc import Sequence

MISUSE = 2

COMMANDS = ("up", "formula", "steps", "new", "check", "import-org")
"""Each is a click command in the module of its name; loaded when asked for, so that ``fakes steps`` needs no server."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click calls it so
        """The commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click calls it so
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"fakes.cli.{name}"), name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples:
  fakes up --scenario acme --virtual-clock --engine auto    both systems and the sync, to play with
  fakes formula 'ISBLANK(Phone)' --record lead.json         what a validation rule says of a record
  fakes new my-sync-tests                                   a project of your own
""",
)
@click.version_option(fakes.__version__, prog_name="fakes")
def cli() -> None:
    """A fake Salesforce and a fake Marketo that real clients run against unchanged."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; misuse is one line and exit code 2."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.ClickException as problem:
        context = getattr(problem, "ctx", None)
        hint = f" (see `{context.command_path} --help`)" if context else ""
        click.echo(f"fakes: {problem.format_message()}{hint}", err=True)
        sys.exit(MISUSE)
    except click.Abort:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
