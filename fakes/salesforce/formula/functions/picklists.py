"""Picklists: ISPICKVAL, INCLUDES, PICKLISTCOUNT. They compare API values.

Source: Salesforce help, "Tips for Working with Picklist and Multi-Select Picklist Formula Fields".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.functions.registry import Function, Site
from fakes.salesforce.formula.nodes import Call, Literal
from fakes.salesforce.formula.numbers import ZERO
from fakes.salesforce.formula.types import RecordContext, Type, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.salesforce.formula.code import Code


def entry_of(code: Code, literal: str) -> str | None:
    """The picklist's entry that a literal names, in any case; None if there is none.

    Without a list of entries the literal is taken as it stands.
    """
    options = code.reference.info.options if code.reference is not None else ()
    if not options or literal in options:
        return literal
    folded = literal.casefold()
    return next((option for option in options if option.casefold() == folded), None)


def entry_test(code: Code, literal: str) -> Callable[[RecordContext], bool]:
    """The test of ISPICKVAL for a literal: ``""`` is true of nothing chosen, an unknown entry is never true."""
    read = code.run
    entry = entry_of(code, literal) if literal else ""
    if entry is None:
        return lambda _: False
    return lambda record: bool(read(record) == entry)


def value_of_text_call(code: Code) -> Code | None:
    """The picklist inside ``TEXT(picklist)``, which Salesforce compares as ISPICKVAL does; else None."""
    if isinstance(code.node, Call) and code.node.name.upper() == "TEXT" and code.reference is not None:
        return code
    return None


def _text_literal(site: Site) -> str:
    code = site.arguments[1]
    if not isinstance(code.node, Literal) or not isinstance(code.node.value, str):
        raise errors.wrong_type(site.where, "Text Literal", code.type.value, code.position)
    return code.node.value


def _is_pick_val(site: Site) -> Code:
    site.count(2)
    picklist = site.arguments[0]
    if picklist.type is not Type.PICKLIST:
        raise site.refusal(picklist, Type.PICKLIST)
    return site.result(Type.BOOLEAN, entry_test(picklist, _text_literal(site)))


def _several(site: Site) -> Code:
    picklist = site.arguments[0]
    if picklist.type is not Type.MULTIPICKLIST:
        raise site.refusal(picklist, Type.MULTIPICKLIST)
    return picklist


def _includes(site: Site) -> Code:
    site.count(2)
    picklist = _several(site)
    entry = entry_of(picklist, _text_literal(site))
    if not entry:
        raise errors.FormulaError(
            "Incorrect parameter for function INCLUDES(). Text Literal must be a valid value for this multi-select "
            "picklist field.",
            site.arguments[1].position,
        )
    read = picklist.run
    return site.result(Type.BOOLEAN, lambda record: entry in read(record).split(";"))


def _count(site: Site) -> Code:
    site.count(1)
    read = _several(site).run
    return site.result(
        Type.NUMBER, lambda record: number_of(len(value.split(";"))) if (value := read(record)) else ZERO
    )


FUNCTIONS = (
    Function("ISPICKVAL", _is_pick_val),
    Function("INCLUDES", _includes),
    Function("PICKLISTCOUNT", _count),
)
