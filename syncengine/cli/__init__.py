"""The ``syncengine`` command: one file a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from syncengine.clients.errors import ClientError
from syncengine.errors import SyncError

from .common import MISUSE, examples, exit_code_of
from .errors import errors
from .init import init
from .plan import plan
from .push import push
from .run import run
from .serve import serve
from .status import status
from .unsupported import unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=examples(
        "  syncengine init --write --env-file world.env\n"
        "  syncengine run --once --write --env-file world.env\n"
        "  syncengine push anna@example.com --write --env-file world.env\n"
        "\n"
        "Exit codes: 0 done, 1 some records refused, 2 misuse, 3 needs a person, 4 try again."
    ),
)
@click.version_option(package_name="syncrig", prog_name="syncengine")
def cli() -> None:
    """Keep a Salesforce org and a Marketo instance in sync.

    The systems are named by variables (SF_URL, MKTO_URL …), in the environment or in --env-file.
    """


for command in (init, run, plan, push, serve, status, errors, *unsupported()):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit: every mistake is told in a line, without a traceback."""
    try:
        code = cli.main(args=arguments, prog_name="syncengine", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = MISUSE
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "syncengine"
        click.echo(f"{path}: {error.format_message()} ({path} --help says more)", err=True)
        code = MISUSE
    except click.Abort:
        code = INTERRUPTED
    except (click.ClickException, ClientError, SyncError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"syncengine: {message}", err=True)
        code = exit_code_of(error)
    sys.exit(code)
