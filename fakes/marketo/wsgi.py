"""What happens to a call before it is routed: method override, tidy paths.

``_method=GET`` (or ``DELETE``) turns a POST into another verb, in the address or in a form body; it exists because of
the 8 KB that an address may have. Old clients send ``/rest/../bulk/v1/…`` and doubled slashes.
Source: Marketo developer guide, "REST API" (method override); recorded clients.
"""

from __future__ import annotations

import io
import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

OVERRIDDEN = "syncrig.method_override"
_VERBS = frozenset({"GET", "POST", "DELETE"})
_UNTIDY = re.compile(r"//|/\.\.?(?:/|$)")
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 1024 * 1024


class MethodOverride:
    """WSGI middleware in front of the routes."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the call on under the verb and path it means; who looks at it from outside sees what was sent."""
        meant = dict(environ)
        path = environ.get("PATH_INFO", "")
        if _UNTIDY.search(path):
            meant["PATH_INFO"] = posixpath.normpath("/" + path.lstrip("/"))
        if environ["REQUEST_METHOD"] == "POST" and (verb := _wanted(meant)) in _VERBS and verb != "POST":
            meant["REQUEST_METHOD"] = verb
            meant[OVERRIDDEN] = True
        answer = self.app(meant, start_response)
        if "syncrig.user" in meant:
            environ["syncrig.user"] = meant["syncrig.user"]
        return answer


def _wanted(environ: WSGIEnvironment) -> str | None:
    query = environ.get("QUERY_STRING", "")
    found = parse_qs(query).get("_method", []) if "_method" in query else []
    if not found and environ.get("CONTENT_TYPE", "").lower().startswith(_FORM):
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) <= _MAX_FORM:
            body = environ["wsgi.input"].read(int(length))
            environ["wsgi.input"] = io.BytesIO(body)
            if b"_method" in body:
                found = parse_qs(body.decode("utf-8", "replace")).get("_method", [])
    return found[-1].upper() if found else None
