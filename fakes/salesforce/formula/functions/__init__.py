"""The functions of the language, grouped as on the vendor's page."""

from __future__ import annotations

from fakes.salesforce.formula.functions import dates, logic, math, pages, picklists, record, text
from fakes.salesforce.formula.functions.pages import ELSEWHERE
from fakes.salesforce.formula.functions.registry import Function

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for group in (logic, text, math, dates, picklists, record, pages)
    for function in group.FUNCTIONS
}

__all__ = ["ELSEWHERE", "FUNCTIONS", "Function"]
