"""Commands that stand in the design and are not built yet: they say so, and do nothing."""

from __future__ import annotations

from typing import NoReturn

import click

from .common import MISUSE

LATER = {
    "apply": "carry out exactly the plan of a file",
    "doctor": "look for what keeps the sync from working",
    "why": "explain the state of one person",
    "history": "list what became of one person",
    "forecast": "estimate how long a backlog takes",
    "rehearse": "try what cannot be undone",
    "state": "look into and mend what the engine remembers",
}


class NotSupported(click.ClickException):
    """The command is named, and that is all so far."""

    exit_code = MISUSE


def unsupported() -> list[click.Command]:
    """A command for each name, which refuses whatever arguments it gets."""
    return [_command(name, purpose) for name, purpose in LATER.items()]


def _command(name: str, purpose: str) -> click.Command:
    def refuse(**_: object) -> NoReturn:
        raise NotSupported(f"{name} is not supported yet")

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        help=f"Not supported yet: will {purpose}.",
        epilog=f"\b\nExamples:\n  syncengine {name}     says that it is not supported yet, with exit code 2",
    )
