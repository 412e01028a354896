"""A requests transport that calls a WSGI app in this process: the same client code, no socket."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse

from .faults import ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication


class WSGIAdapter(BaseAdapter):
    """Mount it on a :class:`requests.Session` for the address that the app stands for."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self.app = app

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """The app's answer to a prepared request.

        Raises:
            requests.ConnectionError: the app dropped the connection.
        """
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        elif not isinstance(body, str | bytes):
            body = b"".join(part.encode() if isinstance(part, str) else part for part in body)
        if isinstance(body, str):
            body = body.encode()
        environ = _environ(request, body)
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            head[:] = [status, headers]
            return lambda _: None

        try:
            chunks = self.app(environ, start_response)
            try:
                content = b"".join(chunks)
            finally:
                if close := getattr(chunks, "close", None):
                    close()
        except ConnectionDropped as dropped:
            raise requests.ConnectionError("the connection was dropped", request=request) from dropped
        return _response(request, head[0], head[1], content, self)

    def close(self) -> None:
        """Nothing to give back."""


def _environ(request: requests.PreparedRequest, body: bytes) -> dict[str, Any]:
    address = urlsplit(str(request.url))
    port = address.port or (443 if address.scheme == "https" else 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": str(request.method),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(address.path or "/").decode("latin-1"),
        "QUERY_STRING": address.query,
        "SERVER_NAME": str(address.hostname),
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _response(
    request: requests.PreparedRequest,
    status: str,
    headers: list[tuple[str, str]],
    content: bytes,
    adapter: BaseAdapter,
) -> requests.Response:
    code, _, reason = status.partition(" ")
    raw = HTTPResponse(
        body=io.BytesIO(content),
        headers=HTTPHeaderDict(headers),
        status=int(code),
        reason=reason,
        preload_content=False,
        request_method=request.method,
    )
    response = requests.Response()
    response.status_code = int(code)
    response.reason = reason
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = raw
    response.url = str(request.url)
    response.request = request
    response.connection = adapter  # type: ignore[assignment]
    return response
