"""``fakes import-org``: an sfdx project from a live org."""

from __future__ import annotations

import click


@click.command(
    "import-org",
    context_settings={"ignore_unknown_options": True},
    short_help="Not supported yet: an sfdx project from a live org.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def import_org(arguments: tuple[str, ...]) -> None:  # noqa: ARG001  taken so that the answer is the same for all of them
    """Write an sfdx project from a live org. Not supported yet."""
    raise click.ClickException("import-org is not supported yet: describe fields and rules in a scenario file instead")
