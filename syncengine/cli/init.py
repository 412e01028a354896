"""``syncengine init``: what the sync needs in Marketo."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .common import DONE, NEEDS_PERSON, examples, json_option, print_json, where_options, write_option

if TYPE_CHECKING:
    from .common import Where


@click.command(
    epilog=examples(
        "  syncengine init                              what is missing\n"
        "  syncengine init --write --env-file world.env  make it"
    )
)
@write_option
@json_option
@where_options
def init(where: Where, *, write: bool, as_json: bool) -> int:
    """Prepare Marketo for the sync; may be run again at any time.

    Makes the fields and activity types that the sync keeps its traces in, and names what a person has to make.
    """
    engine = where.open()
    try:
        steps = engine.init(write=write)
    finally:
        engine.close()
    if as_json:
        print_json({"steps": [asdict(step) for step in steps]})
    else:
        for step in steps:
            mark = "done" if step.done else "missing"
            click.echo(f"{mark:8}{step.what}" + (f": {step.detail}" if step.detail else ""))
    return DONE if not write or all(step.done for step in steps) else NEEDS_PERSON
