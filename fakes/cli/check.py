"""``fakes check``: what an org means for the sync."""

from __future__ import annotations

import click


@click.command(
    context_settings={"ignore_unknown_options": True},
    short_help="Not supported yet: what an sfdx project means for the sync.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check(arguments: tuple[str, ...]) -> None:  # noqa: ARG001  taken so that the answer is the same for all of them
    """Say what an sfdx project means for the sync. Not supported yet."""
    raise click.ClickException("check is not supported yet: this version does not load sfdx projects")
