"""REST: queries and their pages.

Source: REST API Developer Guide, "Query", "QueryAll" and "Query More Results".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, request

from fakes.salesforce.api import http
from fakes.salesforce.errors import MissingArgument

if TYPE_CHECKING:
    from flask import Response

query = Blueprint("query", __name__, url_prefix="/services/data/v<version>")
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_DEFAULT, _SMALLEST, _LARGEST = 2000, 200, 2000


@query.url_value_preprocessor
def _drop_version(_: str | None, arguments: dict[str, str] | None) -> None:
    """The version was checked for every REST address already."""
    if arguments:
        arguments.pop("version", None)


@query.get("/query")
def run_query() -> Response:
    """The first page of what a SOQL query finds."""
    return _run(include_deleted=False)


@query.get("/queryAll")
def run_query_all() -> Response:
    """As query, and the records in the recycle bin too."""
    return _run(include_deleted=True)


@query.get("/query/<locator>")
@query.get("/queryAll/<locator>")
def more(locator: str) -> Response:
    """The next page."""
    with http.org().formulas.running_as(http.user()):
        found = http.org().query.more(locator, by=http.user(), api_version=http.version())
    return http.answer(found.as_json(http.version()))


def _run(*, include_deleted: bool) -> Response:
    for option in ("explain", "columns"):
        if option in request.args:
            raise http.not_modelled(f"GET query?{option}=")
    soql = request.args.get("q")
    if not soql:
        raise MissingArgument("Query parameter q is required")
    org = http.org()
    with org.formulas.running_as(http.user()):
        found = org.query.run(
            soql,
            by=http.user(),
            include_deleted=include_deleted,
            batch_size=_batch_size(),
            api_version=http.version(),
        )
    return http.answer(found.as_json(http.version()))


def _batch_size() -> int:
    """The page size that the header asks for; out of its range it is ignored."""
    match = _BATCH_SIZE.search(request.headers.get("Sforce-Query-Options", ""))
    size = int(match[1]) if match else _DEFAULT
    return size if _SMALLEST <= size <= _LARGEST else _DEFAULT
