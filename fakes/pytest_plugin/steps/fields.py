"""Custom fields: what Salesforce has beyond the standard, in the words of its set-up pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.pytest_plugin.phrases import given_or_when
from fakes.pytest_plugin.scene import pairs

if TYPE_CHECKING:
    from fakes.pytest_plugin.drivers import Salesforce

_TRUTH = {"yes": True, "no": False, "true": True, "false": False}


@given_or_when("Salesforce has the {type} field {sobject}.{field}")
def _(salesforce: Salesforce, type: str, sobject: str, field: str) -> None:  # noqa: A002  the sentence's word
    """A custom field that the integration user may edit; Text is 255 long, Number has no decimals."""
    salesforce.add_field(f"{sobject}.{field}", _words(type, {}))


@given_or_when("Salesforce has the {type} field {sobject}.{field} with")
def _(salesforce: Salesforce, type: str, sobject: str, field: str, datatable: list[list[str]]) -> None:  # noqa: A002
    """A custom field as a table says: length, values (comma-separated), restricted, required, formula, access."""
    salesforce.add_field(f"{sobject}.{field}", _words(type, pairs(datatable)))


def _words(kind: str, said: dict[str, str]) -> dict[str, Any]:
    words: dict[str, Any] = {"type": kind}
    for name, value in said.items():
        if name == "values":
            words[name] = [part.strip() for part in value.split(",")]
        elif value.isdecimal():
            words[name] = int(value)
        else:
            words[name] = _TRUTH.get(value, value)
    if "formula" in words:
        return words
    if kind == "Text":
        words.setdefault("length", 255)
    if kind in {"Number", "Currency", "Percent"}:
        words.setdefault("precision", 18)
        words.setdefault("scale", 0)
    return words
