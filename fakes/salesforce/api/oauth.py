"""OAuth: tokens, who they stand for, and their end.

Source: Salesforce help, "OAuth Authorization Flows", "Revoke OAuth Tokens", "UserInfo Endpoint" and "Identity URLs".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from fakes.salesforce.api import http
from fakes.salesforce.errors import LoginRefused, OAuthRefused, SalesforceError
from fakes.salesforce.ids import canonical

if TYPE_CHECKING:
    from fakes.salesforce.org import User

oauth = Blueprint("oauth", __name__)
_NOT_BUILT = frozenset(
    {
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "authorization_code",
        "device",
        "hybrid_refresh",
        "hybrid_token",
    }
)


@oauth.post("/services/oauth2/token")
def token() -> Response:
    """A session for a user: by password, by the client's own credentials, or by a refresh token."""
    grant = _needed("grant_type")
    if grant in _NOT_BUILT:
        http.org().journal.not_modelled("OAuth grant", grant)
        raise OAuthRefused("unsupported_grant_type", f"grant type not supported: {grant} is not modelled")
    if grant not in {"password", "client_credentials", "refresh_token"}:
        raise OAuthRefused("unsupported_grant_type", "grant type not supported")
    client_id, secret = _client(secret_needed=grant != "refresh_token")
    if grant == "password":
        user = _by_password()
    elif grant == "client_credentials":
        user = http.org().sync_user
    else:
        user = _by_refresh_token(client_id)
    if not user.row["IsActive"]:
        raise OAuthRefused("invalid_grant", "inactive user")
    return _session(user, client_id, secret)


@oauth.get("/services/oauth2/token")
def token_by_get() -> Response:
    """Tokens are asked for by POST."""
    raise OAuthRefused("invalid_request", "must use HTTP POST")


@oauth.route("/services/oauth2/revoke", methods=["GET", "POST"])
def revoke() -> Response:
    """End a session, or a refresh token with its sessions."""
    dead = _given("token") or ""
    if not http.org().sessions.revoke(dead):
        raise OAuthRefused("invalid_token", f"invalid token: {dead}")
    return Response(status=200)


@oauth.route("/services/oauth2/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Who the token stands for, in the words of OpenID Connect."""
    user, refusal = _token_user()
    if user is None:
        return refusal
    info = _identity(user)
    return http.answer(
        {
            "sub": info["id"],
            "user_id": user.id,
            "organization_id": info["organization_id"],
            "preferred_username": user.username,
            "nickname": info["nick_name"],
            "name": info["display_name"],
            "email": info["email"],
            "email_verified": True,
            "given_name": info["first_name"],
            "family_name": info["last_name"],
            "zoneinfo": user.timezone,
            "photos": info["photos"],
            "profile": f"{http.host()}/{user.id}",
            "picture": info["photos"]["picture"],
            "address": {"country": info["addr_country"]},
            "is_salesforce_integration_user": False,
            "urls": info["urls"],
            **{
                name: info[name]
                for name in ("active", "user_type", "language", "locale", "utcOffset", "is_app_installed")
            },
            "updated_at": info["last_modified_date"],
        }
    )


@oauth.get("/id/<organization_id>/<user_id>")
def identity(organization_id: str, user_id: str) -> Response:
    """What the identity URL of a token answer tells about the user."""
    user, refusal = _token_user()
    if user is None:
        return refusal
    if canonical(organization_id) != http.org().organization_id:
        return _forbidden("Wrong_Org")
    if canonical(user_id) != user.id:
        return _forbidden("Bad_Id")
    return http.answer(_identity(user))


# -- reading the request ----------------------------------------------------------------------------------


def _given(name: str) -> str | None:
    """A parameter of the form or of the address."""
    return request.form.get(name, request.args.get(name))


def _needed(name: str) -> str:
    value = _given(name)
    if not value:
        raise OAuthRefused("invalid_request", f"missing required parameter: {name}")
    return value


def _client(*, secret_needed: bool) -> tuple[str, str]:
    """The connected app that asks: in the body, or as Basic credentials."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        client_id, secret = basic.username or "", basic.password
    else:
        client_id, secret = _needed("client_id"), _given("client_secret")
    known = http.org().clients.get(client_id)
    if known is None:
        raise OAuthRefused("invalid_client_id", "client identifier invalid")
    if secret is None and not secret_needed:
        return client_id, known
    if secret is None or not hmac.compare_digest(secret.encode(), known.encode()):
        raise OAuthRefused("invalid_client", "invalid client credentials", 401)
    return client_id, known


def _by_password() -> User:
    try:
        return http.org().authenticate(_needed("username"), _needed("password"))
    except LoginRefused:
        raise OAuthRefused("invalid_grant", "authentication failure") from None


def _by_refresh_token(client_id: str) -> User:
    user_id = http.org().sessions.refresh(_needed("refresh_token"), client_id)
    if user_id is None:
        raise OAuthRefused("invalid_grant", "expired access/refresh token")
    return http.org().user_by_id(user_id)


def _token_user() -> tuple[User, Response] | tuple[None, Response]:
    """Whose token this is, or the answer of these endpoints to a bad one: 403 and a word."""
    header = request.headers.get("Authorization", "")
    sent = header.partition(" ")[2] or _given("oauth_token") or _given("access_token")
    if not sent:
        return None, _forbidden("Missing_OAuth_Token")
    try:
        return http.user_of(sent.strip()), Response()
    except SalesforceError:
        return None, _forbidden("Bad_OAuth_Token")


def _forbidden(word: str) -> Response:
    return Response(word, 403, content_type="text/plain;charset=UTF-8")


# -- writing the answer -------------------------------------------------------------------------------------


def _session(user: User, client_id: str, secret: str) -> Response:
    org = http.org()
    session = org.sessions.open(user.id, client_id)
    identity_url = f"{http.host()}/id/{org.organization_id}/{user.id}"
    issued_at = str(int(session.issued_at.timestamp() * 1000))
    signed = hmac.new(secret.encode(), f"{identity_url}{issued_at}".encode(), hashlib.sha256)
    body = {
        "access_token": session.token,
        "signature": base64.b64encode(signed.digest()).decode(),
        "scope": "refresh_token api id",
        "instance_url": http.host(),
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return http.answer(body, headers={"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"})


def _identity(user: User) -> dict[str, Any]:
    org, row = http.org(), user.row
    host = http.host()
    version = request.args.get("version", "{version}")
    if version == "latest":
        version = "67.0"
    short = org.organization_id[:15]
    rest = f"{host}/services/data/v{version}/"
    offset = org.clock.now().astimezone(ZoneInfo(user.timezone)).utcoffset()
    return {
        "id": f"{host}/id/{org.organization_id}/{user.id}",
        "asserted_user": True,
        "user_id": user.id,
        "organization_id": org.organization_id,
        "username": user.username,
        "nick_name": row.get("CommunityNickname"),
        "display_name": row.get("Name"),
        "email": row.get("Email"),
        "email_verified": True,
        "first_name": row.get("FirstName"),
        "last_name": row.get("LastName"),
        "timezone": user.timezone,
        "photos": {"picture": f"{host}/profilephoto/005/F", "thumbnail": f"{host}/profilephoto/005/T"},
        "addr_street": row.get("Street"),
        "addr_city": row.get("City"),
        "addr_state": row.get("State"),
        "addr_country": row.get("Country"),
        "addr_zip": row.get("PostalCode"),
        "mobile_phone": row.get("MobilePhone"),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": {
            **{
                kind: f"{host}/services/Soap/{letter}/{version}/{short}"
                for kind, letter in (("enterprise", "c"), ("metadata", "m"), ("partner", "u"))
            },
            "rest": rest,
            **{name: f"{rest}{name}/" for name in ("sobjects", "search", "query", "recent")},
            "tooling_soap": f"{host}/services/Soap/T/{version}/{short}",
            "tooling_rest": f"{rest}tooling/",
            "profile": f"{host}/{user.id}",
            "feeds": f"{rest}chatter/feeds",
            "groups": f"{rest}chatter/groups",
            "users": f"{rest}chatter/users",
            "feed_items": f"{rest}chatter/feed-items",
            "feed_elements": f"{rest}chatter/feed-elements",
        },
        "active": bool(row.get("IsActive")),
        "user_type": "STANDARD",
        "language": user.language,
        "locale": user.locale,
        "utcOffset": 0 if offset is None else int(offset.total_seconds() * 1000),
        "last_modified_date": f"{row['LastModifiedDate'][:-1]}+0000",
        "is_app_installed": True,
    }
