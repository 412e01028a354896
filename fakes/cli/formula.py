"""``fakes formula``: evaluates Salesforce formulas from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from fakes.salesforce.formula import FieldInfo, FormulaError, FormulaRunError, compile_formula, shown
from fakes.salesforce.formula.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.salesforce.formula import Formula, Value
    from fakes.salesforce.formula.types import BlankAs, Purpose

_EXAMPLES = """
Examples:

\b
  fakes formula 'ROUND(1/3, 2)'
  fakes formula 'AND(ISBLANK(Phone), ISPICKVAL(Rating, "Hot"))' --record lead.json
  fakes formula --jsonl < cases.jsonl

RECORD is a JSON object: {"Amount": 12.5, "Rating": {"type": "picklist", "value": "Hot"}}, or a whole case with
"fields", "globals", "isNew" and so on, as in a line of --jsonl.
"""


class BadCase(Exception):
    """A record or a line that cannot be understood; says why in one line."""


def _entry(value: Any) -> dict[str, Any]:
    """A field, from its full form or from a bare value."""
    return value if isinstance(value, dict) and ({"type", "value", "formula"} & value.keys()) else {"value": value}


def _type(entry: Mapping[str, Any]) -> str:
    """The type of a field, if it has to be told from its value."""
    if "type" in entry:
        return str(entry["type"])
    value = entry.get("value")
    if isinstance(value, bool):
        return "checkbox"
    if isinstance(value, list):
        return "multipicklist"
    return "number" if isinstance(value, Decimal | int) else "text"


def _options(entry: Mapping[str, Any]) -> tuple[str, ...]:
    options = entry.get("options") or ()
    values = options.get("values", ()) if isinstance(options, dict) else options
    return tuple(str(option.get("value") if isinstance(option, dict) else option) for option in values)


@dataclass
class Case:
    """One formula with its record: what names mean, and what they hold.

    The shape is that of a line of ``--jsonl``.
    """

    data: Mapping[str, Any]
    purpose: Purpose = "any"
    _fields: dict[str, dict[str, Any]] = field(init=False)

    @classmethod
    def of(cls, data: Any) -> Case:
        """The case of a line, which has to be a JSON object."""
        if not isinstance(data, dict):
            raise BadCase("a line has to be a JSON object")
        return cls(data)

    def __post_init__(self) -> None:
        self._fields = {}
        for key in ("fields", "globals"):
            group = self.data.get(key) or {}
            if not isinstance(group, dict):
                raise BadCase(f"{key} has to be an object")
            self._fields |= {name.lower(): _entry(value) for name, value in group.items()}
        if not isinstance(self.data.get("tables") or {}, dict):
            raise BadCase("tables has to be an object")

    @property
    def text(self) -> str:
        """The formula of the line."""
        text = self.data.get("formula")
        if not isinstance(text, str):
            raise BadCase("formula is missing")
        return text

    @property
    def blank_as(self) -> BlankAs:
        """The setting of the line, else that of validation rules."""
        value = self.data.get("blankAs") or "blank"
        if value == "zero":
            return "zero"
        if value == "blank":
            return "blank"
        raise BadCase(f"blankAs is 'zero' or 'blank', not {value!r}")

    def field(self, path: tuple[str, ...]) -> FieldInfo | None:
        """A field or global of the case."""
        if path[0].lower() == "$objecttype" and len(path) == 4:
            return self._column(path[1], path[3])
        entry = self._fields.get(".".join(path).lower())
        if entry is None:
            return None
        scale = entry.get("scale")
        return FieldInfo(
            _type(entry),
            _options(entry),
            None if scale is None else int(scale),
            entry.get("formula"),
            self.blank_as,
        )

    def _rows(self, sobject: str) -> list[dict[str, Any]]:
        tables = self.data.get("tables") or {}
        return next((rows for name, rows in tables.items() if name.lower() == sobject.lower()), [])

    def _column(self, sobject: str, name: str) -> FieldInfo | None:
        types = (self.data.get("tables") or {}).get("types") or {}
        for key, kind in types.items():
            if key.lower() == f"{sobject}.{name}".lower():
                return FieldInfo(str(kind))
        for row in self._rows(sobject):
            for key, value in row.items():
                if key.lower() == name.lower():
                    return FieldInfo(_type({"value": value}))
        return None

    def value(self, path: tuple[str, ...]) -> Any:
        """What a field holds."""
        entry = self._fields.get(".".join(path).lower())
        return None if entry is None else entry.get("value")

    def prior(self, path: tuple[str, ...]) -> Any:
        """What a field held; the same as now when the case does not say."""
        entry = self._fields.get(".".join(path).lower(), {})
        return entry.get("prior", entry.get("value"))

    @property
    def is_new(self) -> bool:
        """Whether the record is being inserted."""
        return bool(self.data.get("isNew", False))

    @property
    def is_clone(self) -> bool:
        """Whether the record is a copy."""
        return bool(self.data.get("isClone", False))

    @cached_property
    def timezone(self) -> tzinfo:
        """The user's time zone, GMT when the case does not say."""
        name = self.data.get("tz") or "UTC"
        try:
            return ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadCase(f"tz {name!r} is no time zone") from error

    @cached_property
    def now(self) -> datetime:
        """The case's time, else the system's."""
        try:
            if self.data.get("now"):
                return datetime.fromisoformat(str(self.data["now"])).astimezone(UTC)
            if self.data.get("today"):
                day = date.fromisoformat(str(self.data["today"]))
                return datetime.combine(day, time(12), self.timezone).astimezone(UTC)
        except ValueError as error:
            raise BadCase(f"now or today is no date: {error}") from error
        return datetime.now(UTC)

    @cached_property
    def today(self) -> date:
        """The user's day."""
        return self.now.astimezone(self.timezone).date()

    def lookup(self, sobject: str, key_field: str, value: Value, return_field: str) -> Any:
        """The first row of the case's tables that has the value."""
        for row in self._rows(sobject):
            columns = {key.lower(): cell for key, cell in row.items()}
            if columns.get(key_field.lower()) == value:
                return columns.get(return_field.lower())
        return None

    def compiled(self, text: str) -> Formula:
        """The formula, checked against the case's fields and its ``returns``."""
        returns = self.data.get("returns")
        return compile_formula(text, self, returns=None if returns is None else str(returns))

    def result(self, formula: Formula) -> Value:
        """The value as the API would show it, unrounded."""
        value = formula.evaluate(self)
        returns = self.data.get("returns")
        if isinstance(value, bool) or returns is None:
            return value
        return value if isinstance(value, str) or value is None else shown(value, str(returns))


def _written(value: Value) -> str:
    """A value as JSON, numbers with all their digits."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return json.dumps(value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    if isinstance(value, time):
        return json.dumps(value.isoformat("milliseconds"))
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return json.dumps(value)


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def answer(line: str) -> str:
    """The answer to one line of ``--jsonl``; never an exception."""
    identity: Any = None
    phase = "compile"
    try:
        data = _loads(line)
        identity = _plain(data.get("id")) if isinstance(data, dict) else None
        case = Case.of(data)
        formula = case.compiled(case.text)
        phase = "run"
        value = _written(case.result(formula))
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error}"
    except (FormulaError, FormulaRunError) as error:
        problem = error.message
    except BadCase as error:
        problem = str(error)
    except (ValueError, TypeError, AttributeError, InvalidOperation, OverflowError, RecursionError) as error:
        # A value that does not fit its type: {"type": "date", "value": "soon"}.
        problem = f"a value does not fit its type: {error}"
    else:
        return f'{{"id": {json.dumps(identity)}, "value": {value}}}'
    return json.dumps({"id": identity, "error": problem, "phase": phase}, default=str)


def answer_lines(source: TextIO, target: TextIO) -> None:
    """Answers every line of a stream, in order."""
    for line in source:
        if line.strip():
            target.write(answer(line) + "\n")
    target.flush()


def _record(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        data = _loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise click.UsageError(f"{path} has to hold a JSON object")
    return data if isinstance(data.get("fields"), dict) and "value" not in data["fields"] else {"fields": data}


def _for_people(value: Value) -> str:
    if value is None or value == "":
        return "(blank)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _written(value).strip('"')


@click.command("formula", epilog=_EXAMPLES, short_help="Evaluate Salesforce formulas.")
@click.argument("formula", required=False)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="JSON with the record's fields.",
)
@click.option("--jsonl", is_flag=True, help="Read one case a line from standard input, write one answer a line.")
def formula(formula: str | None, record: Path | None, jsonl: bool) -> None:
    """Evaluate a Salesforce formula and print its value.

    A formula that does not compile is shown with a caret under the place (exit code 2); one that fails for this
    record says why (exit code 1).
    """
    if jsonl:
        if formula is not None or record is not None:
            raise click.UsageError("--jsonl takes its formulas and records from standard input")
        answer_lines(sys.stdin, sys.stdout)
        return
    if formula is None:
        raise click.UsageError("give a FORMULA, or --jsonl")
    try:
        case = Case(_record(record))
        value = _for_people(case.result(case.compiled(formula)))
    except FormulaError as error:
        click.echo(f"Error: {error.message} (line {error.line}, column {error.column})", err=True)
        click.echo(error.caret(formula), err=True)
        sys.exit(2)
    except FormulaRunError as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(1)
    except (BadCase, ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise click.UsageError(f"the record cannot be used: {error}") from error
    click.echo(value)
