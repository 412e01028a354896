"""Salesforce's formula language: compile once, evaluate for many records.

It knows no web framework, no database and no clock: fields, values and the time come from the contexts handed in.
"""

from __future__ import annotations

from fakes.salesforce.formula.errors import FormulaError, FormulaRunError
from fakes.salesforce.formula.evaluate import Formula, compile_formula, shown
from fakes.salesforce.formula.parser import parse
from fakes.salesforce.formula.types import CompileContext, FieldInfo, RecordContext, Value

__all__ = [
    "CompileContext",
    "FieldInfo",
    "Formula",
    "FormulaError",
    "FormulaRunError",
    "RecordContext",
    "Value",
    "compile_formula",
    "parse",
    "shown",
]
