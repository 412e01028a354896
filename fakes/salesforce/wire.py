"""How a refusal reads on each of Salesforce's wires: REST, collections, SOAP, OAuth, CSV.

Nothing outside this module builds an error body.
Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "API Fault Element".
"""

from __future__ import annotations

import html
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakes.salesforce.errors import OAuthRefused, SalesforceError
    from fakes.salesforce.values import NotOfType

PARTNER, ENTERPRISE = "partner", "enterprise"
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^,\]}\s]+")


def rest_json(error: SalesforceError) -> list[dict[str, Any]]:
    """``[{"message", "errorCode", "fields"}]``; ``fields`` is absent, not empty, when it is not about fields."""
    return [
        {"message": each.message, "errorCode": each.code} | ({} if each.fields is None else {"fields": [*each.fields]})
        for each in error.errors
    ]


def rest_xml(error: SalesforceError) -> str:
    """``<Errors><Error><errorCode/><message/></Error></Errors>``, for callers that accept XML only."""
    items = "".join(
        f"<Error><errorCode>{escape(each.code)}</errorCode><message>{escape(each.message)}</message></Error>"
        for each in error.errors
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Errors>{items}</Errors>'


def save_result_errors(errors: Sequence[SalesforceError]) -> list[dict[str, Any]]:
    """The ``errors`` of one row of a collection; here the code is called statusCode, and texts are HTML-escaped."""
    return [
        {
            "statusCode": each.code,
            "message": html.escape(each.message).replace("&#x27;", "&#39;"),
            "fields": [*(each.fields or ())],
        }
        for each in errors
    ]


def soap_fault(error: SalesforceError, kind: str = PARTNER) -> str:
    """A fault with the prefixed code that clients look for when a session has run out."""
    first = error.errors[0]
    return _fault(
        f"sf:{first.code}",
        first.code,
        f"{first.code}: {first.message}",
        _fault_type(first.code),
        first.message,
        kind,
    )


def login_fault(error: SalesforceError, kind: str = PARTNER) -> str:
    """The fault of ``login()``, whose code has no prefix."""
    text = f"{error.code}: {error.message}"
    return _fault(error.code, error.code, text, "LoginFault", error.message, kind)


def oauth_json(error: OAuthRefused) -> dict[str, str]:
    """The object that the OAuth endpoints answer."""
    return {"error": error.error, "error_description": error.description}


def bulk_cell(error: SalesforceError) -> str:
    """``sf__Error`` in a file of failed results: ``CODE:message:Field1 Field2 --``."""
    first = error.errors[0]
    return f"{first.code}:{first.message}:{' '.join((*(first.fields or ()), ''))}--"


def locate(error: NotOfType, body: str) -> SalesforceError:
    """The refusal of a JSON value with its line and column, as the vendor's parser words it."""
    start = 0
    if error.index is not None:
        start = _value_of(body, 0, "records") or 0
        start = _item_of(body, start, error.index) or 0
    at = _value_of(body, start, error.key)
    if at is None:
        return error
    return error.at(body.count("\n", 0, at) + 1, at - (body.rfind("\n", 0, at) + 1) + 1)


def _fault(code: str, exception: str, text: str, fault_type: str, message: str, kind: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:sf="urn:fault.{kind}.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{escape(code)}</faultcode><faultstring>{escape(text)}</faultstring>"
        f'<detail><sf:{fault_type} xsi:type="sf:{fault_type}">'
        f"<sf:exceptionCode>{escape(exception)}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
        f"</sf:{fault_type}></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )


def _fault_type(code: str) -> str:
    return "UnexpectedErrorFault" if code in {"UNKNOWN_EXCEPTION", "INVALID_SESSION_ID"} else "ApiFault"


# -- where a value stands in a JSON text ----------------------------------------------------------------


def _value_of(text: str, at: int, wanted: str) -> int | None:
    """Where the value of a key of the object at ``at`` begins."""
    at = _skip(text, at)
    if text[at : at + 1] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)
        if key == wanted:
            return at
        at = _skip(text, _end_of(text, at))
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
    return None


def _item_of(text: str, at: int, index: int) -> int | None:
    """Where an item of the array at ``at`` begins."""
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _end_of(text, at))
        at = _skip(text, at + 1)
    return at


def _end_of(text: str, at: int) -> int:
    """Just behind the JSON value that begins at ``at``."""
    if text[at] == '"':
        return int(scanstring(text, at + 1)[1])
    if text[at] not in "{[":
        match = _SCALAR.match(text, at)
        return at + 1 if match is None else match.end()
    depth = 0
    while at < len(text):
        if text[at] == '"':
            at = scanstring(text, at + 1)[1]
            continue
        depth += (text[at] in "{[") - (text[at] in "}]")
        at += 1
        if depth == 0:
            break
    return at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()
