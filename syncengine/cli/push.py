"""``syncengine push``: *Sync Person to SFDC* by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncengine.errors import NeedsPerson

from .common import DONE, SOME_REFUSED, examples, json_option, print_json, where_options, write_option

if TYPE_CHECKING:
    from syncengine.engine import Engine

    from .common import Where


@click.command(
    epilog=examples(
        "  syncengine push 1042 --write\n"
        "  syncengine push anna@example.com --write\n"
        "  syncengine push 1042 --assign-to 005000000000001AAA --write"
    )
)
@click.argument("person")
@click.option(
    "--assign-to",
    metavar="auto|ID",
    default="auto",
    show_default=True,
    help="Who owns the Lead: the assignment rules' choice, or the id of a user or queue.",
)
@write_option
@json_option
@where_options
def push(where: Where, *, person: str, assign_to: str, write: bool, as_json: bool) -> int:
    """Sync one person to Salesforce now, without waiting for a cycle.

    PERSON is the id of a Marketo lead, or an e-mail address that only one lead has.
    """
    engine = where.open()
    try:
        result = engine.push(find(engine, person), assign_to=assign_to, write=write)
    finally:
        engine.close()
    if as_json:
        print_json(result)
    else:
        record = " ".join(part for part in (result["sfdcType"], result["sfdcId"]) if part)
        why = f": {result['error']}" if result["error"] else ""
        click.echo(f"{result['status']}{f': {record}' if record else ''}{why}")
    return SOME_REFUSED if result["status"] == "failed" else DONE


def find(engine: Engine, person: str) -> int:
    """The id of the person meant.

    Raises:
        BadParameter: nobody is.
        NeedsPerson: several are.
    """
    if person.isascii() and person.isdigit():
        return int(person)
    if "@" not in person or "," in person:
        raise click.BadParameter(f"{person!r} is neither the id of a Marketo lead nor an e-mail address")
    ids = engine.persons_with_email(person)
    if not ids:
        raise click.BadParameter(f"nobody in Marketo has the e-mail address {person}")
    if len(ids) > 1:
        raise NeedsPerson(f"{person} belongs to several persons; push one by its id: {', '.join(map(str, ids))}")
    return ids[0]
