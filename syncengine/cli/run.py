"""``syncengine run``: sync, wait, sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from syncengine.clients.errors import RecordRefused, Retry
from syncengine.errors import Busy

from .common import DONE, examples, json_option, print_json, where_options, write_option

if TYPE_CHECKING:
    from syncengine.engine import Engine

    from .common import Where


@click.command(
    epilog=examples(
        "  syncengine run --once                    what one cycle would do\n"
        "  syncengine run --once --write --json     one cycle, its report as JSON\n"
        "  syncengine run --write                   cycles until Ctrl-C, five minutes apart"
    )
)
@click.option("--once", is_flag=True, help="One cycle and out.")
@write_option
@json_option
@where_options
def run(where: Where, *, once: bool, write: bool, as_json: bool) -> int:
    """Run sync cycles: sync, wait, sync.

    The wait is counted from the end of a cycle. Ctrl-C, or SIGTERM, lets a running cycle come to its end.
    """
    engine = where.open()
    try:
        if once:
            return run_cycle(engine, write=write, as_json=as_json)
        engine.stop.on_signals()
        engine.run_cycles(lambda: keep_going(engine, write=write, as_json=as_json))
    finally:
        engine.close()
    return DONE


def run_cycle(engine: Engine, *, write: bool, as_json: bool) -> int:
    """One cycle, printed; its exit code."""
    report = engine.cycle(write=write)
    if as_json:
        print_json(report.to_json())
    else:
        for line in describe(report.to_json(), write=write):
            click.echo(line)
    return report.exit_code


def keep_going(engine: Engine, *, write: bool, as_json: bool) -> None:
    """One cycle of many: what another try can mend is told and left to the next.

    Raises:
        Fatal: nothing can go on until a person changes something; so do errors of ours that need a person.
    """
    try:
        run_cycle(engine, write=write, as_json=as_json)
    except (Retry, Busy, RecordRefused) as error:
        click.echo(f"syncengine: {error}; the next cycle tries again", err=True)


def describe(report: dict[str, Any], *, write: bool) -> list[str]:
    """A report as lines for a person."""
    lines = []
    for action in report["actions"]:
        names = "".join(f", {name}={value!r}" for name, value in action["fields"].items())
        who = " ".join(
            str(part)
            for part in (action["sobject"], action["salesforceId"], f"person {action['marketoId']}")
            if part and not str(part).endswith("None")
        )
        tense = action["outcome"] if write else "would"
        lines.append(f"{tense}: {action['action']} in {action['side']}: {who}{names} ({action['reason']})")
    for conflict in report["conflicts"]:
        values = f"Salesforce {conflict['salesforce']!r}, Marketo {conflict['marketo']!r}"
        decided = f"{conflict['winner']} wins" if conflict["winner"] else "left to a person"
        who = f"{conflict['sobject']} {conflict['salesforceId']}"
        lines.append(f"conflict: {who}: {conflict['field']}: {values}; {decided} ({conflict['rule']})")
    for refusal in report["refused"]:
        fields = f" [{', '.join(refusal['fields'])}]" if refusal["fields"] else ""
        who = f"{refusal['sobject']} {refusal['salesforceId'] or ''} person {refusal['marketoId']}"
        lines.append(f"refused: {who}: {refusal['code']}: {refusal['message']}{fields}")
    lines += [f"note: {note}" for note in report.get("notes", ())]
    calls = report["calls"]
    lines.append(
        f"{_count(report['actions'], 'action')}, {_count(report['conflicts'], 'conflict')}, "
        f"{len(report['refused'])} refused; "
        f"calls: {calls.get('salesforce', 0)} to Salesforce, {calls.get('marketo', 0)} to Marketo"
        + ("" if write else "; nothing was written (--write does it)")
    )
    return lines


def _count(things: list[Any], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
