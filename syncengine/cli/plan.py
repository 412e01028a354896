"""``syncengine plan``: what the next cycle would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import examples, json_option, where_options
from .run import run_cycle

if TYPE_CHECKING:
    from .common import Where


@click.command(epilog=examples("  syncengine plan --env-file world.env\n  syncengine plan --json"))
@json_option
@where_options
def plan(where: Where, *, as_json: bool) -> int:
    """Say what the next cycle would do, and write nothing: `run --once` without --write."""
    engine = where.open()
    try:
        return run_cycle(engine, write=False, as_json=as_json)
    finally:
        engine.close()
