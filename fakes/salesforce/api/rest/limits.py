"""REST: what is left of the org's limits, and how many records there are.

Only the limit of API calls is counted; the others are shown full, because clients look for their names.
Source: REST API Developer Guide, "Limits" and "Record Count".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from fakes.salesforce.api import http

if TYPE_CHECKING:
    from flask import Response

limits = Blueprint("limits", __name__, url_prefix="/services/data/v<version>/limits")
_BATCHES_RENAMED_IN = 49
_UNTOUCHED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyStandardVolumePlatformEvents": 25_000,
    "DailyStreamingApiEvents": 200_000,
    "DailyWorkflowEmails": 1_000,
    "DataStorageMB": 1_024,
    "FileStorageMB": 1_024,
    "HourlyAsyncReportRuns": 1_200,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
    "StreamingApiConcurrentClients": 20,
}


@limits.url_value_preprocessor
def _drop_version(_: str | None, arguments: dict[str, str] | None) -> None:
    """The version was checked for every REST address already."""
    if arguments:
        arguments.pop("version", None)


@limits.get("")
def show_limits() -> Response:
    """Maximum and remainder of each limit."""
    usage = http.org().usage
    batches = "Batches" if int(http.version().partition(".")[0]) >= _BATCHES_RENAMED_IN else "Requests"
    found = {name: {"Max": most, "Remaining": most} for name, most in _UNTOUCHED.items()}
    found["DailyApiRequests"] = {"Max": usage.limit, "Remaining": max(0, usage.limit - usage.used)}
    found[f"DailyBulkApi{batches}"] = {"Max": 15_000, "Remaining": 15_000}
    return http.answer(dict(sorted(found.items())))


@limits.get("/recordCount")
def record_count() -> Response:
    """How many records each sobject of ``?sObjects=`` has, or every sobject; unknown names are left out."""
    schema, store, access = http.org().schema, http.org().store, http.user().access
    asked = request.args.get("sObjects")
    names = schema.names() if asked is None else [name.strip() for name in asked.split(",")]
    found = [schema.get(name) for name in names]
    return http.answer(
        {
            "sObjects": [
                {"count": store.count(sobject), "name": sobject.name}
                for sobject in found
                if sobject is not None and access.object(sobject.name).read
            ]
        }
    )
