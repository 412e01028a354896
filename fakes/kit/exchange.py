"""The layer around a fake's whole app: failures to come, the journal, the vendor's Date header."""

from __future__ import annotations

import io
import time
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .clock import format_time
from .faults import ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from .control import Fake

SIDE_DOOR = "/_fake/"
KEPT_BODY = 65_536
"""So many bytes of a body are kept in the journal."""

_SECRET_PATHS = ("/oauth", "/Soap/", "/soap/")


class Exchange:
    """WSGI middleware of a fake: every call of the vendor's API passes here; the side door passes by."""

    def __init__(self, app: WSGIApplication, fake: Fake) -> None:
        self.app = app
        self.fake = fake

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call, or not: an ordered fault may drop the connection.

        Raises:
            ConnectionDropped: a fault says so.
        """
        path = environ.get("PATH_INFO", "")
        date = ("Date", format_datetime(self.fake.clock.now(), usegmt=True))
        if path.startswith(SIDE_DOOR):
            return self.app(environ, _with_header(start_response, date))
        body = _read_body(environ)
        method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        at = format_time(self.fake.clock.now())
        fault = self.fake.faults.take(method, path, query, body) or {}
        if fault.get("drop") == "before":
            self._record(at, environ, body, 0, b"", fault)
            raise ConnectionDropped
        if "delay" in fault:
            time.sleep(fault["delay"])
        if ("status" in fault or "error" in fault) and fault.get("when") != "after":
            status, headers, answer = self._failed(fault)
        else:
            status, headers, answer = _run(self.app, environ)
            if fault.get("drop") == "after":
                self._record(at, environ, body, 0, b"", fault)
                raise ConnectionDropped
            if "status" in fault or "error" in fault:
                status, headers, answer = self._failed(fault)
        self._record(at, environ, body, int(status.split()[0]), answer, fault)
        headers = [(name, value) for name, value in headers if name.lower() != "date"]
        start_response(status, [*headers, date])
        return [answer]

    def _failed(self, fault: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        if "error" in fault:
            code, body, content_type = self.fake.refusal(str(fault["error"]))
        else:
            # What stands before a vendor's servers answers in HTML; a client that parses JSON must survive it.
            code = fault["status"]
            body = f"<html><head><title>{code}</title></head><body><h1>{_phrase(code)}</h1></body></html>"
            content_type = "text/html;charset=UTF-8"
        encoded = body.encode()
        headers = [("Content-Type", content_type), ("Content-Length", str(len(encoded)))]
        return f"{code} {_phrase(code)}", headers, encoded

    def _record(
        self,
        at: str,
        environ: WSGIEnvironment,
        body: bytes,
        status: int,
        answer: bytes,
        fault: dict[str, Any],
    ) -> None:
        path = environ.get("PATH_INFO", "")
        secret = any(part in path for part in _SECRET_PATHS)
        entry: dict[str, Any] = {
            "at": at,
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "query": "" if secret else environ.get("QUERY_STRING", ""),
            "user": environ.get("syncrig.user"),
            "status": status,
            "request": "" if secret else body[:KEPT_BODY].decode("utf-8", "replace"),
            "response": "" if secret else answer[:KEPT_BODY].decode("utf-8", "replace"),
        }
        if fault:
            entry["fault"] = fault
        self.fake.journal.record(entry)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown"


def _read_body(environ: WSGIEnvironment) -> bytes:
    """The request's body, put back so that the app reads it again."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit():
        return b""
    stream = environ["wsgi.input"]
    body: bytes = stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    """The app's whole answer."""
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        head[:] = [status, headers]
        return lambda _: None

    chunks = app(environ, start_response)
    try:
        answer = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    return head[0], head[1], answer


def _with_header(start_response: StartResponse, header: tuple[str, str]) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        return start_response(status, [*headers, header], exc_info)

    return start
