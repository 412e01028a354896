"""Every refusal of Marketo, said once.

Marketo fails at three levels, two of them inside an HTTP 200: the bare HTTP status, the whole call, one record.
``envelope.py`` words them. Source: Marketo developer guide, "Error Codes".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar


class MarketoError(Exception):
    """A refusal of any level."""


class HttpRefused(MarketoError):
    """What stands before Marketo's servers refuses: a bare HTTP status without an envelope."""

    status: ClassVar[HTTPStatus]


class BodyTooLarge(HttpRefused):
    """More than 1 MB."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class AddressTooLong(HttpRefused):
    """More than 8 KB of address (65 KB in the Asset API)."""

    status = HTTPStatus.REQUEST_URI_TOO_LONG


class IdentityRefused(MarketoError):
    """The identity service refuses: an HTTP status and an OAuth body."""

    def __init__(self, status: HTTPStatus, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


class _Worded(MarketoError):
    """A refusal with a code and a message; ``text`` may have places for what the caller sent."""

    code: ClassVar[str]
    text: ClassVar[str] = "%s"

    def __init__(self, *values: object) -> None:
        self.message = self.text % values if values or "%%" in self.text else self.text
        super().__init__(f"{self.code} {self.message}")


class RequestRefused(_Worded):
    """The whole call is refused, with HTTP status 200 and ``success: false``."""


class RecordSkipped(_Worded):
    """One record is skipped; the others of the call go through."""


# --- the whole call -----------------------------------------------------------------------------------------------


class BadGateway(RequestRefused):
    """The gateway got no answer in time; try again."""

    code, text = "502", "Bad Gateway"


class TokenMissing(RequestRefused):
    """No access token was sent."""

    code, text = "600", "Access token not specified"


class TokenInvalid(RequestRefused):
    """The token was never given out, or long ago."""

    code, text = "601", "Access token invalid"


class TokenExpired(RequestRefused):
    """The token was good until lately."""

    code, text = "602", "Access token expired"


class AccessDenied(RequestRefused):
    """The role of the API user lacks the permission."""

    code, text = "603", "Access denied"


class TimedOut(RequestRefused):
    """The server took too long."""

    code, text = "604", "Request timed out"


class MethodNotSupported(RequestRefused):
    """The path is known, the verb is not."""

    code, text = "605", "Request method '%s' not supported"


class RateLimitExceeded(RequestRefused):
    """Too many calls within a few seconds."""

    code, text = "606", "Max rate limit '%s' exceeded with in '%s' secs"


class DailyQuotaReached(RequestRefused):
    """Too many calls today, US Central time."""

    code, text = "607", "Daily quota '%s' reached"


class TemporarilyUnavailable(RequestRefused):
    """Maintenance."""

    code, text = "608", "API Temporarily Unavailable"


class InvalidJson(RequestRefused):
    """The body cannot be parsed, or is not the object that the call takes."""

    code, text = "609", "Invalid JSON"


class NotFound(RequestRefused):
    """The path is unknown."""

    code, text = "610", "Requested resource not found"


class NotModelled(RequestRefused):
    """A real instance answers; this fake does not model it. Ours: Marketo has no such answer."""

    code = "610"
    text = "Not modelled by this fake: %s. What is modelled stands in docs/marketo-coverage.md"


class SystemError_(RequestRefused):  # noqa: N801  the builtin has the name
    """An unhandled failure: a fault of the fake itself."""

    code, text = "611", "System error"


class InvalidContentType(RequestRefused):
    """A body that is not ``application/json``."""

    code, text = "612", "Invalid Content Type"


class ConcurrencyReached(RequestRefused):
    """Too many calls at once."""

    code, text = "615", "Concurrent access limit '%s' reached"


class TransientError(RequestRefused):
    """Try again."""

    code, text = "713", "Transient Error"


class InvalidParameter(RequestRefused):
    """A parameter's text is not of its type."""

    code, text = "1001", "Invalid value '%s'. Required of type '%s'"


class MissingParameter(RequestRefused):
    """A required parameter is absent."""

    code, text = "1002", "Missing value for the required parameter '%s'"


class InvalidRequest(RequestRefused):
    """The call makes no sense as a whole; the message says why."""

    code = "1003"


class LeadUnknown(RequestRefused):
    """The lead that the whole call is about does not exist."""

    code, text = "1004", "Lead %s not found"


class FieldUnknown(RequestRefused):
    """A name in ``fields`` or ``filterType`` is no field."""

    code, text = "1006", "Field '%s' not found"


class LookupFieldUnknown(RequestRefused):
    """``lookupField`` is no field."""

    code, text = "1006", "Lookup field '%s' not found"


class LookupFieldNotSupported(RequestRefused):
    """The field exists and cannot be searched by."""

    code, text = "1011", "Lookup field '%s' not supported"


class ObjectNotFound(RequestRefused):
    """The campaign, list or type of the path does not exist."""

    code, text = "1013", "%s not found"


class CrmEnabled(RequestRefused):
    """The native Salesforce sync owns these objects."""

    code, text = "1018", "CRM Enabled"


class TooManyJobs(RequestRefused):
    """The queue of bulk jobs is full."""

    code, text = "1029", "Too many jobs in queue"


# --- one record ---------------------------------------------------------------------------------------------------


class InvalidRecordParameter(RecordSkipped):
    """A typed member of the record has a text of another type."""

    code, text = "1001", "Invalid value '%s'. Required of type '%s'"


class MissingRecordValue(RecordSkipped):
    """A required member of the record is absent."""

    code, text = "1002", "Missing value for the required parameter '%s'"


class InvalidValue(RecordSkipped):
    """A field cannot hold the value."""

    code, text = "1003", "Invalid value for field '%s' and value '%s'"


class InvalidRecord(RecordSkipped):
    """The record makes no sense; the message says why."""

    code = "1003"


class FieldReadOnly(RecordSkipped):
    """Nobody but Marketo or the native sync writes the field. The text is ours: the real one is unknown."""

    code, text = "1003", "Field '%s' is read-only"


class LookupValueMissing(RecordSkipped):
    """The record has no value to look it up by."""

    code, text = "1003", "Value for lookup field '%s' not found"


class LeadNotFound(RecordSkipped):
    """No lead has that id or matches."""

    code, text = "1004", "Lead not found"


class LeadExists(RecordSkipped):
    """createOnly, and a lead matches."""

    code, text = "1005", "Lead already exists"


class RecordFieldUnknown(RecordSkipped):
    """The record names a field that does not exist."""

    code, text = "1006", "Field '%s' not found"


class SeveralMatch(RecordSkipped):
    """Several leads match. The wire says this, the page "Multiple leads match the lookup criteria"."""

    code, text = "1007", "Multiple lead match lookup criteria"


class PartitionDenied(RecordSkipped):
    """The partition is unknown, or not the API user's."""

    code, text = "1008", "Access denied to partition '%s'"


class RecordFieldNotSupported(RecordSkipped):
    """The field exists and does nothing on this instance."""

    code, text = "1011", "Field '%s' not supported"


class RecordObjectNotFound(RecordSkipped):
    """The object of the record does not exist."""

    code, text = "1013", "Object not found"


class LeadNotInList(RecordSkipped):
    """Removed from a list that it was not in."""

    code, text = "1015", "Lead not in list"


class ObjectExists(RecordSkipped):
    """An object of that name exists."""

    code, text = "1017", "Object already exists"


class CompanyUpdateNotAllowed(RecordSkipped):
    """Company fields of a Salesforce contact come from its account."""

    code, text = "1021", "Company update not allowed"


class MaxTypes(RecordSkipped):
    """Ten custom activity types exist."""

    code, text = "1027", "Max Activity Type Limit Reached"


class MaxFields(RecordSkipped):
    """So many custom fields or attributes exist as there can be."""

    code, text = "1028", "Max field limit reached"


class ActivityFailed(RecordSkipped):
    """The attributes are longer than 65,536 bytes."""

    code, text = "1049", "Failed to Create Activity"


PLAIN: dict[str, str] = {
    "500": "Internal Server error",
    "502": "Bad Gateway",
    "600": "Access token not specified",
    "601": "Access token invalid",
    "602": "Access token expired",
    "603": "Access denied",
    "604": "Request timed out",
    "605": "Request method 'GET' not supported",
    "606": "Max rate limit '100' exceeded with in '20' secs",
    "607": "Daily quota '50000' reached",
    "608": "API Temporarily Unavailable",
    "609": "Invalid JSON",
    "610": "Requested resource not found",
    "611": "System error",
    "612": "Invalid Content Type",
    "613": "Invalid Multipart Request",
    "614": "Invalid Subscription",
    "615": "Concurrent access limit '10' reached",
    "701": "sinceDatetime cannot be blank",
    "702": "No data found",
    "703": "The feature is not enabled for the subscription",
    "709": "Business Rule Violation",
    "712": "Merge to person Account operation is invalid",
    "713": "Transient Error",
    "714": "Unable to find the default record type",
    "718": "ExternalSalesPersonID not found",
    "719": "Lock wait timeout exception",
    "1013": "Object not found",
    "1014": "Failed to create Object",
    "1016": "There are 10 imports currently being processed. Please try again later",
    "1018": "CRM Enabled",
    "1019": "Import in progress",
    "1022": "Object in use",
    "1029": "Too many jobs in queue",
    "1035": "Unsupported filter type for target subscription",
}
"""The messages of codes that a fault can order by number, as recorded from real instances where they are."""


def counts_against_quota(code: str) -> bool:
    """Whether a call answered with this code counts: those with 500 to 719 do not. Source: "Error Codes"."""
    return not (code.isdigit() and 500 <= int(code) <= 719)


def as_reason(refusal: _Worded) -> dict[str, Any]:
    """``{"code", "message"}``; the code is a text of digits."""
    return {"code": refusal.code, "message": refusal.message}
