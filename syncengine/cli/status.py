"""``syncengine status``: where the sync stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncengine.engine import standing
from syncengine.state.store import StateStore

from .common import DONE, examples, json_option, print_json, where_options

if TYPE_CHECKING:
    from .common import Where


@click.command(epilog=examples("  syncengine status\n  syncengine status --json --state sqlite:///world.db"))
@json_option
@where_options
def status(where: Where, *, as_json: bool) -> int:
    """Say where the sync stands, from what the engine remembers; neither system is asked."""
    state = StateStore.open(where.state)
    try:
        found = standing(state, where.sync())
    finally:
        state.close()
    if as_json:
        print_json(found)
        return DONE
    click.echo(f"policy {found['policy']}, {found['links']} persons in both systems")
    for side, until in found["readUntil"].items():
        click.echo(f"{side} read until {until or '(never)'}")
    click.echo(f"{found['refused']} refusals pending, {found['setAside']} set aside")
    for run in found["runs"]:
        why = f": {run['error']}" if run["error"] else ""
        click.echo(f"run {run['run']}: {run['started']} to {run['ended'] or '?'}: {run['status']}{why}")
    return DONE
