"""Refusals that only SOQL knows; everything else is in :mod:`fakes.salesforce.errors`."""

from __future__ import annotations

from fakes.salesforce.errors import SalesforceError


class InvalidQueryScope(SalesforceError):
    """USING SCOPE with a scope that the sobject does not have."""

    code, usual_message = "INVALID_QUERY_SCOPE", "scope not supported"


class TooManyAggregateRows(SalesforceError):
    """An aggregate query with more rows than one page: there is no second one."""

    code = "EXCEEDED_ID_LIMIT"
    usual_message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
