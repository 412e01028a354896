"""What every HTTP family of the fake shares: who asks, which version, the body read, the answer written.

Source: REST API Developer Guide, "Headers", "Using Compression" and "Status Codes and Error Responses".
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from flask import Response, g, request

from fakes.salesforce import wire
from fakes.salesforce.errors import (
    InvalidAuthHeader,
    JsonParserError,
    NotFound,
    NotModelled,
    RequestTooLarge,
    SalesforceError,
    SessionExpired,
    UnsupportedApiVersion,
    UnsupportedMediaType,
)
from fakes.salesforce.org import NEWEST_VERSION, OLDEST_STRICT_VERSION, OLDEST_VERSION
from fakes.salesforce.values import NotOfType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from fakes.salesforce.org import Org, User

JSON = "application/json;charset=UTF-8"
MAX_BODY = 50 * 1024 * 1024
COMPRESSED_FROM = 1024
"""Answers smaller than this are sent as they are: compressing them would cost more than it saves."""
LEDGER = "/_fake/not-modelled"


def org() -> Org:
    """The org that this request is for."""
    found: Org = g.org
    return found


def user() -> User:
    """Who asks."""
    found: User = g.user
    return found


def version() -> str:
    """The API version of the request's address: ``63.0``."""
    found: str = g.version
    return found


def host() -> str:
    """Scheme, host and port under which the caller reached the fake: what answers send clients back to."""
    return request.host_url.rstrip("/")


# -- before the request ---------------------------------------------------------------------------------


def check_version(text: str) -> str:
    """The version of an address, if it is one that answers.

    Raises:
        UnsupportedApiVersion: retired.
        NotFound: no version at all, or one that is still to come.

    """
    whole, _, rest = text.partition(".")
    if not whole.isdigit() or rest != "0" or not 0 < int(whole) <= NEWEST_VERSION:
        raise NotFound
    oldest = OLDEST_STRICT_VERSION if org().strict else OLDEST_VERSION
    if int(whole) < oldest:
        raise UnsupportedApiVersion
    return text


def authenticate() -> User:
    """Who asks, by the token that the request carries in one of the vendor's ways.

    Raises:
        SessionExpired: no token, an unknown one, or one that was not used for too long.
        InvalidAuthHeader: the header is neither ``Bearer`` nor ``OAuth``.

    """
    header = request.headers.get("Authorization")
    if header is None:
        token = request.args.get("oauth_token", "") if request.method in {"GET", "HEAD"} else ""
    else:
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in {"bearer", "oauth"} or not token:
            raise InvalidAuthHeader
    return user_of(token.strip())


def user_of(token: str) -> User:
    """The active user that a token stands for; SessionExpired if there is none."""
    found = org().user_by_id(org().sessions.use(token).user_id)
    if not found.row["IsActive"]:
        raise SessionExpired
    request.environ["syncrig.user"] = found.username
    return found


# -- the body ---------------------------------------------------------------------------------------------


def json_body() -> Any:
    """The request's body, read as JSON; numbers keep every digit they were written with.

    Raises:
        UnsupportedMediaType: the content type is not JSON.
        JsonParserError: there is no body, or it is not JSON.

    """
    if request.mimetype == "application/xml":
        raise not_modelled("XML request bodies")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    text = request.get_data().decode("utf-8", "replace")
    if not text.strip():
        raise JsonParserError("The HTTP entity body is required, but this request has no entity body.")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise _unreadable(text, problem) from None
    except (RecursionError, ValueError) as problem:
        raise JsonParserError(str(problem)) from None


def json_object() -> dict[str, Any]:
    """The request's body as a JSON object."""
    body = json_body()
    if not isinstance(body, dict):
        raise JsonParserError("Cannot deserialize instance of object from START_ARRAY value [line:1, column:1]")
    return body


def _no_constant(name: str) -> Any:
    raise JsonParserError(f"Non-standard token '{name}': not allowed as a numeric value")


def _unreadable(text: str, problem: json.JSONDecodeError) -> JsonParserError:
    at = problem.pos
    if at >= len(text.rstrip()):
        return JsonParserError(
            f"Unexpected end-of-input: expected close marker for Object at [line:{problem.lineno}, "
            f"column:{problem.colno}]"
        )
    expected = "was expecting a valid value"
    if "property name" in problem.msg:
        expected = "was expecting double-quote to start field name"
    elif "delimiter" in problem.msg:
        expected = "was expecting comma to separate entries"
    return JsonParserError(
        f"Unexpected character ('{text[at]}' (code {ord(text[at])})): {expected} at [line:{problem.lineno}, "
        f"column:{problem.colno}]"
    )


# -- the answer ---------------------------------------------------------------------------------------------


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, indented when the caller asked for it."""
    if request.headers.get("X-PrettyPrint", "0") not in {"0", "false"}:
        text = json.dumps(data, indent=2, separators=(",", " : "), ensure_ascii=False)
    else:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return Response(text, status, dict(headers or {}), content_type=JSON)


def nothing(status: int = HTTPStatus.NO_CONTENT) -> Response:
    """An answer without a body."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def refuse(error: SalesforceError) -> Response:
    """A refusal, as the REST API words it."""
    if isinstance(error, NotOfType):
        error = wire.locate(error, request.get_data().decode("utf-8", "replace"))
    headers = {}
    if error.http_status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Token"
    if request.accept_mimetypes.best == "application/xml":
        return Response(wire.rest_xml(error), error.http_status, headers, content_type="application/xml;charset=UTF-8")
    return answer(wire.rest_json(error), error.http_status, headers)


def not_modelled(what: str, detail: str = "") -> NotModelled:
    """The refusal of something that Salesforce has and the fake has not, written into the ledger."""
    org().journal.not_modelled(what, detail)
    return NotModelled(f"{what}: not modelled by this fake, see {LEDGER}")


# -- around the whole app -------------------------------------------------------------------------------------


class MethodOverride:
    """WSGI middleware: ``POST …?_HttpMethod=PATCH`` is a PATCH, for clients that cannot send one."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call under the verb it means."""
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] == "POST" and "_HttpMethod" in query:
            method = parse_qs(query).get("_HttpMethod", ["POST"])[0].upper()
            if method in {"GET", "HEAD", "PATCH", "DELETE", "PUT"}:
                environ["REQUEST_METHOD"] = method
        return self.app(environ, start_response)


class Compression:
    """WSGI middleware: gzip both ways, so that nothing inside it, the journal included, has to know."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call whose body, answer or both are compressed."""
        if not environ.get("PATH_INFO", "").startswith("/services/"):
            return self.app(environ, start_response)
        coding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
        if coding and coding != "identity":
            refusal = _uncompress(environ, coding)
            if refusal is not None:
                return _refused(refusal, start_response)
        if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
            return self.app(environ, start_response)
        return self._compressed(environ, start_response)

    def _compressed(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        head: list[Any] = []

        def begin(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            head[:] = [status, headers]
            return lambda _: None

        chunks = self.app(environ, begin)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        status, headers = head
        if len(body) >= COMPRESSED_FROM:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]


def _uncompress(environ: WSGIEnvironment, coding: str) -> SalesforceError | None:
    """Put the plain body in place of the compressed one; what is wrong with it, or None."""
    length = environ.get("CONTENT_LENGTH") or "0"
    stream = environ["wsgi.input"]
    packed = stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(length))
    if coding not in {"gzip", "deflate"}:
        return UnsupportedMediaType(f"unable to read a body with the content encoding {coding}")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # takes the header of gzip and of zlib
    try:
        plain = unpacker.decompress(packed, MAX_BODY + 1)
        if not unpacker.eof and len(plain) <= MAX_BODY:
            raise zlib.error("the body ends too early")  # noqa: TRY301
    except zlib.error as problem:
        return JsonParserError(f"the body is not {coding}: {problem}")
    if len(plain) > MAX_BODY:
        return RequestTooLarge()
    del environ["HTTP_CONTENT_ENCODING"]
    environ["wsgi.input"] = io.BytesIO(plain)
    environ["CONTENT_LENGTH"] = str(len(plain))
    return None


def _refused(error: SalesforceError, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps(wire.rest_json(error)).encode()
    status = HTTPStatus(error.http_status)
    headers = [("Content-Type", JSON), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
