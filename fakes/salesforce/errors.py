"""Every refusal of the fake Salesforce, each said once.

A rule raises one of these where the rule is; ``wire.py`` words it for REST, SOAP, collections and CSV.
Codes, statuses and texts are the vendor's. Source: REST API Developer Guide, "Status Codes and Error
Responses"; SOAP API Developer Guide, "Core Data Types Used in API Calls" (StatusCode, ExceptionCode).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class SalesforceError(Exception):
    """A refusal: ``code`` is the vendor's word for it, ``http_status`` the REST API's number.

    ``fields`` is None when the refusal is not about a record's fields: the key is then absent in REST,
    which is not the same as an empty list. ``usual_message`` is what a fault ordered by its code answers.
    """

    code: str = "UNKNOWN_EXCEPTION"
    http_status: int = 400
    usual_message: str = ""
    usual_fields: Sequence[str] | None = None

    def __init__(self, message: str | None = None, fields: Sequence[str] | None = None) -> None:
        self.message = self.usual_message if message is None else message
        super().__init__(self.message)
        self.fields: tuple[str, ...] | None = None if fields is None else tuple(fields)

    @property
    def errors(self) -> tuple[SalesforceError, ...]:
        """What the caller is told, one or several refusals."""
        return (self,)


class SaveRefused(SalesforceError):
    """One save, refused for several reasons at once: every failing rule is reported."""

    def __init__(self, errors: Iterable[SalesforceError]) -> None:
        self._errors = tuple(errors)
        first = self._errors[0]
        super().__init__("; ".join(e.message for e in self._errors), first.fields)
        self.code, self.http_status = first.code, first.http_status

    @property
    def errors(self) -> tuple[SalesforceError, ...]:
        """Every refusal, in the order in which the vendor lists them."""
        return self._errors


def refuse_all(errors: Sequence[SalesforceError]) -> None:
    """Raise what there is to raise: nothing, the one error, or all of them as a :class:`SaveRefused`."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise SaveRefused(errors)


# -- sessions and the call as a whole -----------------------------------------------------------------


class SessionExpired(SalesforceError):
    """The token is missing, unknown or has run out."""

    code, http_status, usual_message = "INVALID_SESSION_ID", 401, "Session expired or invalid"


class InvalidAuthHeader(SalesforceError):
    """The Authorization header is neither ``Bearer x`` nor ``OAuth x``."""

    code, http_status, usual_message = "INVALID_AUTH_HEADER", 401, "INVALID_HEADER_TYPE"


class LoginRefused(SalesforceError):
    """SOAP login with a wrong name or password, or for an inactive user."""

    code = "INVALID_LOGIN"
    usual_message = "Invalid username, password, security token; or user locked out."


class UnsupportedApiVersion(SalesforceError):
    """The API version in the address is retired."""

    code, http_status = "UNSUPPORTED_API_VERSION", 410
    usual_message = "The requested API version is no longer supported"


class FunctionNotInVersion(SalesforceError):
    """The query uses a function that this API version does not have yet."""

    code = "UNSUPPORTED_API_VERSION"


class NotFound(SalesforceError):
    """There is no such resource, sobject or record."""

    code, http_status, usual_message = "NOT_FOUND", 404, "The requested resource does not exist"


class NotModelled(SalesforceError):
    """The vendor has this and the fake has not: refused loudly, and written into the ledger."""

    code, http_status = "FUNCTIONALITY_NOT_ENABLED", 501


class MethodNotAllowed(SalesforceError):
    """The resource exists and does not know this verb."""

    code, http_status = "METHOD_NOT_ALLOWED", 405

    def __init__(self, method: str = "PUT", allowed: Sequence[str] = ("HEAD", "GET")) -> None:
        self.allowed = tuple(allowed)
        super().__init__(f"HTTP Method '{method}' not allowed. Allowed are {','.join(self.allowed)}")


class UnsupportedMediaType(SalesforceError):
    """The body's content type is none that the REST API reads."""

    code, http_status = "UNSUPPORTED_MEDIA_TYPE", 415
    usual_message = "unable to find any parser for content type"


class RequestTooLarge(SalesforceError):
    """The body is larger than the REST API takes."""

    code, http_status, usual_message = "REQUEST_TOO_LARGE", 413, "Request body too large"


class RequestLimitExceeded(SalesforceError):
    """The day's API calls are used up."""

    code, http_status = "REQUEST_LIMIT_EXCEEDED", 403
    usual_message = "TotalRequests Limit exceeded."


class ApiDisabled(SalesforceError):
    """The organization or the user may not use the API."""

    code, http_status = "API_DISABLED_FOR_ORG", 403
    usual_message = "API is not enabled for this Organization or Partner"


class FunctionalityNotEnabled(SalesforceError):
    """A feature that this organization does not have."""

    code, http_status = "FUNCTIONALITY_NOT_ENABLED", 403
    usual_message = "The requested functionality is currently not available"


class ServerUnavailable(SalesforceError):
    """The service is down."""

    code, http_status = "SERVER_UNAVAILABLE", 503
    usual_message = "The server is currently unavailable. Please try again later."


class UnknownException(SalesforceError):
    """Something broke inside the service."""

    code, http_status = "UNKNOWN_EXCEPTION", 500
    usual_message = (
        "An unexpected error occurred. Please include this ErrorId if you contact support: "
        "1234567890-12345 (-1234567890)"
    )


class MissingArgument(SalesforceError):
    """A parameter or an id that the call needs is not there."""

    code = "MISSING_ARGUMENT"


class IllegalQueryParameter(SalesforceError):
    """A parameter of the address has a value that the resource cannot read."""

    code = "ILLEGAL_QUERY_PARAMETER_VALUE"


class InvalidReplicationDate(SalesforceError):
    """The window of getUpdated or getDeleted is not one that Salesforce answers."""

    code = "INVALID_REPLICATION_DATE"


class InvalidInput(SalesforceError):
    """The envelope of a collections or composite call cannot be understood."""

    code = "INVALID_INPUT"


class ExceededIdLimit(SalesforceError):
    """More records than one call may carry."""

    code = "EXCEEDED_ID_LIMIT"
    usual_message = "record limit reached. cannot submit more than 200 records into this call"


class JsonParserError(SalesforceError):
    """The body is not JSON, or a value in it is not of the field's type."""

    code = "JSON_PARSER_ERROR"


# -- queries ------------------------------------------------------------------------------------------


class MalformedQuery(SalesforceError):
    """The query breaks the grammar."""

    code = "MALFORMED_QUERY"


class InvalidField(SalesforceError):
    """A field that does not exist, or that the user may not see: both read alike."""

    code = "INVALID_FIELD"

    @classmethod
    def no_such_column(cls, column: str, sobject: str) -> InvalidField:
        """A key of a record's body that names no field the user sees."""
        return cls(f"No such column '{column}' on sobject of type {sobject}")


class InvalidType(SalesforceError):
    """An sobject that does not exist, or that the user may not read."""

    code = "INVALID_TYPE"


class InvalidQueryFilterOperator(SalesforceError):
    """An operator or an id that the filtered field does not take."""

    code = "INVALID_QUERY_FILTER_OPERATOR"


class InvalidQueryLocator(SalesforceError):
    """The locator is unknown, belongs to somebody else or has run out."""

    code, usual_message = "INVALID_QUERY_LOCATOR", "invalid query locator"


class NumberOutsideValidRange(SalesforceError):
    """More digits than the field holds, or an offset beyond what SOQL allows."""

    code = "NUMBER_OUTSIDE_VALID_RANGE"


class ExceededMaxSemijoinSubselects(SalesforceError):
    """More than two semi-joins in one query."""

    code = "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS"
    usual_message = "Maximum 2 semi join sub-selects are allowed"


class OperationTooLarge(SalesforceError):
    """The query asks for more than one call may compute."""

    code = "OPERATION_TOO_LARGE"


class InvalidTypeForOperation(SalesforceError):
    """The sobject does not support this kind of call."""

    code = "INVALID_TYPE_FOR_OPERATION"


# -- saving a record ----------------------------------------------------------------------------------


class FieldNotEditable(SalesforceError):
    """The user may not write these fields: system, formula and read-only fields alike, all in one error."""

    code = "INVALID_FIELD_FOR_INSERT_UPDATE"

    def __init__(self, fields: Sequence[str] = ()) -> None:
        super().__init__(
            f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of "
            "this field and verify that it is read/write for your profile or permission set.",
            fields,
        )


class IdInInsert(SalesforceError):
    """A new record may not bring its own Id."""

    code = "INVALID_FIELD_FOR_INSERT_UPDATE"

    def __init__(self) -> None:
        super().__init__("cannot specify Id in an insert call", ["Id"])


class RequiredFieldMissing(SalesforceError):
    """One error that names every required field without a value, in describe order."""

    code = "REQUIRED_FIELD_MISSING"

    def __init__(self, fields: Sequence[str] = ()) -> None:
        super().__init__(f"Required fields are missing: [{', '.join(fields)}]", fields)


class ValidationRuleFailed(SalesforceError):
    """An administrator's rule is true; the message is the rule's own."""

    code, usual_fields = "FIELD_CUSTOM_VALIDATION_EXCEPTION", ()


class StringTooLong(SalesforceError):
    """The text is longer than the field."""

    code = "STRING_TOO_LONG"


class InvalidEmailAddress(SalesforceError):
    """The value of an email field is not an address."""

    code = "INVALID_EMAIL_ADDRESS"


class RestrictedPicklistValue(SalesforceError):
    """A restricted picklist does not have this value."""

    code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


class InvalidTypeOnField(SalesforceError):
    """A value that reached the save and is not of the field's type."""

    code = "INVALID_TYPE_ON_FIELD_IN_RECORD"


class DuplicateValue(SalesforceError):
    """A unique field already has this value on another record."""

    code, usual_fields = "DUPLICATE_VALUE", ()


class DuplicateExternalId(SalesforceError):
    """An upsert key that several records have.

    Row resources of the REST API answer 300 with the addresses of ``record_ids`` instead of an error.
    """

    code, http_status = "DUPLICATE_EXTERNAL_ID", 300

    def __init__(self, field: str = "", sobject: str = "", record_ids: Sequence[str] = ()) -> None:
        self.sobject, self.record_ids = sobject, tuple(record_ids)
        super().__init__(
            f"{field}: more than one record found for external id field: [{', '.join(record_ids)}]", [field]
        )


class DuplicateUsername(SalesforceError):
    """Usernames are unique across every organization."""

    code = "DUPLICATE_USERNAME"
    usual_message = (
        "Duplicate Username. The username already exists in this or another Salesforce organization. "
        "Usernames must be unique across all Salesforce organizations. To resolve, use a different username "
        "(it doesn't need to match the user's email address)."
    )
    usual_fields = ("Username",)


class MalformedId(SalesforceError):
    """A text that is no id, or the id of another sobject where the record's own is wanted."""

    code = "MALFORMED_ID"


class FieldIntegrity(SalesforceError):
    """A lookup value that is the id of a type the field does not point at."""

    code = "FIELD_INTEGRITY_EXCEPTION"


class InvalidCrossReferenceKey(SalesforceError):
    """An id that leads nowhere."""

    code, usual_message, usual_fields = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()


class RecordToChangeMissing(InvalidCrossReferenceKey):
    """The record that a PATCH or DELETE names does not exist: 404 where a lookup would answer 400."""

    http_status = 404

    def __init__(self) -> None:
        super().__init__(None, [])


class InsufficientAccessOnCrossReference(SalesforceError):
    """A lookup target that does not exist, is deleted or is not readable."""

    code, usual_fields = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", ()
    usual_message = "insufficient access rights on cross-reference id"


class InsufficientAccess(SalesforceError):
    """The user sees the record and may not change it."""

    code, http_status = "INSUFFICIENT_ACCESS_OR_READONLY", 403
    usual_message, usual_fields = "insufficient access rights on object id", ()


class CannotInsertUpdate(SalesforceError):
    """The user may not create or edit this type at all."""

    code, usual_fields = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", ()


class CannotUpdateConvertedLead(SalesforceError):
    """A converted Lead is read-only."""

    code, usual_message = "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"
    usual_fields = ()


class InactiveOwner(SalesforceError):
    """An inactive user cannot own a record."""

    code, usual_fields = "INACTIVE_OWNER_OR_USER", ()


class EntityIsDeleted(SalesforceError):
    """The record lies in the recycle bin."""

    code, http_status, usual_message = "ENTITY_IS_DELETED", 404, "entity is deleted"
    usual_fields = ()

    def __init__(self, message: str | None = None, fields: Sequence[str] | None = ()) -> None:
        super().__init__(message, fields)


class EntityIsLocked(SalesforceError):
    """An approval process holds the record."""

    code = "ENTITY_IS_LOCKED"
    usual_message = "This record is locked. If you need to edit it, contact your admin."
    usual_fields = ()


class DeleteFailed(SalesforceError):
    """Other records restrict the deletion."""

    code, usual_fields = "DELETE_FAILED", ()


class CircularDependency(SalesforceError):
    """A record would be its own ancestor."""

    code, usual_fields = "CIRCULAR_DEPENDENCY", ()
    usual_message = "attempt to create a circular dependency"


class UnableToLockRow(SalesforceError):
    """Another transaction holds the row."""

    code, usual_fields = "UNABLE_TO_LOCK_ROW", ()
    usual_message = "unable to obtain exclusive access to this record or 1 records"


class StorageLimitExceeded(SalesforceError):
    """The organization's storage is full."""

    code, usual_message, usual_fields = "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", ()


class AllOrNoneRolledBack(SalesforceError):
    """A good record of a collection that was taken back because another was refused."""

    code, usual_fields = "ALL_OR_NONE_OPERATION_ROLLED_BACK", ()
    usual_message = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class FlowFailed(SalesforceError):
    """A record-triggered flow of the organization stopped the save."""

    code, usual_fields = "CANNOT_EXECUTE_FLOW_TRIGGER", ()
    usual_message = "We can't save this record because the process failed. Give your Salesforce admin these details."


class TriggerFailed(SalesforceError):
    """An Apex trigger of the organization stopped the save."""

    code, usual_fields = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", ()


# -- logging in ---------------------------------------------------------------------------------------


class OAuthRefused(Exception):
    """A refusal of the OAuth endpoints, which speak the shape of RFC 6749 and not the REST API's."""

    def __init__(self, error: str, description: str, http_status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description, self.http_status = error, description, http_status


def usual(code: str) -> SalesforceError:
    """The refusal that the vendor's word stands for, with its usual text: what an ordered fault answers."""
    known = _by_code(SalesforceError)
    kind = known.get(code)
    if kind is None:
        unknown = SalesforceError(code.replace("_", " ").lower(), ())
        unknown.code = code
        return unknown
    error = kind()
    if error.fields is None and kind.usual_fields is not None:
        error.fields = tuple(kind.usual_fields)
    return error


def _by_code(kind: type[SalesforceError]) -> dict[str, type[SalesforceError]]:
    found: dict[str, type[SalesforceError]] = {}
    for child in kind.__subclasses__():
        if child is not SaveRefused:
            found.setdefault(child.code, child)
            for code, deeper in _by_code(child).items():
                found.setdefault(code, deeper)
    return found
