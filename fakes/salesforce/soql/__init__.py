"""SOQL: text → tokens → tree → resolved query → SQL, each arrow a function with a typed result.

Knows no Flask, no SQLite and no clock: the schema, the caller's access and the time are handed in, and
:mod:`fakes.salesforce.query` runs what comes out. Source: SOQL and SOSL Reference.
"""

from __future__ import annotations

from fakes.salesforce.soql.compile import Statement, compile_sql
from fakes.salesforce.soql.parser import parse
from fakes.salesforce.soql.resolve import Environment, Resolved, resolve

__all__ = ["Environment", "Resolved", "Statement", "compile_sql", "parse", "resolve"]
