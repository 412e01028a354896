"""``syncengine errors``: what was refused and still waits."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click

from syncengine.state.store import StateStore

from .common import DONE, examples, json_option, print_json, where_options

if TYPE_CHECKING:
    from .common import Where

COLUMNS = ("Failed On", "Error Type", "Error Details")
"""As Marketo's own list of sync errors has them."""


@click.command(
    epilog=examples("  syncengine errors\n  syncengine errors --csv > errors.csv\n  syncengine errors --all --json")
)
@click.option("--all", "everything", is_flag=True, help="Also what has been mended since.")
@click.option("--csv", "as_csv", is_flag=True, help=f"Print CSV with the columns {', '.join(COLUMNS)}.")
@json_option
@where_options
def errors(where: Where, *, everything: bool, as_csv: bool, as_json: bool) -> int:
    """List the writes that a vendor refused and that still wait, newest first."""
    if as_csv and as_json:
        raise click.UsageError("--csv and --json: one of them")
    state = StateStore.open(where.state)
    try:
        refusals = state.refusals(open_only=not everything)
    finally:
        state.close()
    if as_json:
        print_json({"errors": refusals})
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((row["last_seen"], error_type(row), details(row)) for row in refusals)
    else:
        for row in refusals:
            click.echo(f"{row['last_seen']} {row['status']}: {error_type(row)}: {details(row)}")
        click.echo(f"{len(refusals)} refused")
    return DONE


def error_type(refusal: dict[str, Any]) -> str:
    """What was tried, in a few words."""
    return f"{refusal['operation']} {refusal['sobject']}"


def details(refusal: dict[str, Any]) -> str:
    """Who it was about, and everything the vendor said."""
    who = f"person {refusal['marketo_id']}, {refusal['sobject']} {refusal['salesforce_id'] or '(new)'}"
    said = "; ".join(
        f"{error['code']}: {error['message']}" + (f" [{', '.join(error['fields'])}]" if error["fields"] else "")
        for error in refusal["errors"]
    )
    return f"{who}: {said} (tried {refusal['times']} times since {refusal['first_seen']})"
