"""SOAP: login, getServerTimestamp, getUserInfo and logout; every other call is refused by name.

Source: SOAP API Developer Guide, "login()", "getServerTimestamp()", "getUserInfo()", "logout()", "API Fault Element".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from flask import Blueprint, Response, request

from fakes.salesforce import values, wire
from fakes.salesforce.api import http
from fakes.salesforce.errors import LoginRefused, SalesforceError, SessionExpired

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from fakes.salesforce.org import User

soap = Blueprint("soap", __name__, url_prefix="/services/Soap")
_KINDS = {"u": wire.PARTNER, "c": wire.ENTERPRISE}
_NO_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash: "


class MalformedEnvelope(SalesforceError):
    """The body is no SOAP envelope."""

    code, http_status = "UNKNOWN_EXCEPTION", 500


class CallNotSupported(SalesforceError):
    """A call that the vendor has and the fake has not."""

    code, http_status = "FUNCTIONALITY_NOT_ENABLED", 500


@soap.post("/<any(u, c):kind>/<version>")
@soap.post("/<any(u, c):kind>/<version>/<organization_id>")
def call(kind: str, version: str, organization_id: str = "") -> Response:  # noqa: ARG001 - one org answers
    """One SOAP call; the element in the body is its name.  Elements are read whatever their namespace."""
    wanted = _KINDS[kind]
    try:
        http.check_version(version if "." in version else f"{version}.0")
        body, session_id = _envelope()
        return _xml(_answer(body, session_id, kind, version), wanted)
    except LoginRefused as refused:
        return _fault(wire.login_fault(refused, wanted))
    except SalesforceError as refused:
        return _fault(wire.soap_fault(refused, wanted))


def _answer(body: Element, session_id: str, kind: str, version: str) -> str:
    name = _local(body)
    if name == "login":
        user = http.org().authenticate(_text(body, "username"), _text(body, "password"))
        return f"<loginResponse><result>{_login(user, kind, version)}</result></loginResponse>"
    user = _user(session_id)
    if name == "getServerTimestamp":
        now = values.kept_datetime(http.org().clock.now())
        return f"<getServerTimestampResponse><result><timestamp>{now}</timestamp></result></getServerTimestampResponse>"
    if name == "getUserInfo":
        return f"<getUserInfoResponse><result>{_user_info(user)}</result></getUserInfoResponse>"
    if name == "logout":
        http.org().sessions.revoke(session_id)
        return "<logoutResponse/>"
    http.org().journal.not_modelled("SOAP call", name)
    raise CallNotSupported(f"{name}() is not supported by this fake, see {http.LEDGER}")


def _envelope() -> tuple[Element, str]:
    """The call's element and the session id of the header."""
    try:
        root = ElementTree.fromstring(request.get_data())
    except (ParseError, DefusedXmlException, ValueError) as problem:
        raise MalformedEnvelope(f"Unable to parse the request: {problem}") from None
    parts = {_local(part): part for part in root}
    body = next(iter(parts["Body"]), None) if "Body" in parts else None
    if body is None:
        raise MalformedEnvelope("The request has no body")
    header = parts.get("Header")
    session_id = ""
    if header is not None:
        found = (part for part in header.iter() if _local(part) == "sessionId")
        session_id = next((part.text or "" for part in found), "")
    return body, session_id.strip()


def _user(session_id: str) -> User:
    try:
        return http.user_of(session_id)
    except SessionExpired:
        raise SessionExpired(_NO_SESSION + session_id[:8]) from None


def _login(user: User, kind: str, version: str) -> str:
    org = http.org()
    session = org.sessions.open(user.id)
    short = org.organization_id[:15]
    start = f"{http.host()}/services/Soap"
    return (
        f"<metadataServerUrl>{start}/m/{version}/{short}</metadataServerUrl>"
        "<passwordExpired>false</passwordExpired><sandbox>true</sandbox>"
        f"<serverUrl>{start}/{kind}/{version}/{short}</serverUrl>"
        f"<sessionId>{session.token}</sessionId><userId>{user.id}</userId>"
        f"<userInfo>{_user_info(user)}</userInfo>"
    )


def _user_info(user: User) -> str:
    org, row = http.org(), user.row
    told = {
        "accessibilityMode": "false",
        "chatterExternal": "false",
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": "5242880",
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": "false",
        "orgHasPersonAccounts": "false",
        "organizationId": org.organization_id,
        "organizationMultiCurrency": "false",
        "organizationName": "Syncrig",
        "profileId": user.profile_id,
        "roleId": row.get("UserRoleId"),
        "sessionSecondsValid": str(int(org.sessions.lifetime.total_seconds())),
        "userDefaultCurrencyIsoCode": None,
        "userEmail": row.get("Email"),
        "userFullName": row.get("Name"),
        "userId": user.id,
        "userLanguage": user.language,
        "userLocale": user.locale,
        "userName": user.username,
        "userTimeZone": user.timezone,
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    return "".join(
        f'<{name} xsi:nil="true"/>' if value is None else f"<{name}>{escape(str(value))}</{name}>"
        for name, value in told.items()
    )


def _local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _text(parent: Element, name: str) -> str:
    return next((child.text or "" for child in parent if _local(child) == name), "")


def _xml(inside: str, kind: str) -> Response:
    """An answer whose elements carry no prefix: clients read them with regular expressions."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns="urn:{kind}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{inside}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(text, 200, content_type="text/xml;charset=UTF-8")


def _fault(text: str) -> Response:
    return Response(text, 500, content_type="text/xml;charset=UTF-8")
