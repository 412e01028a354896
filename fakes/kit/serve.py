"""An app on a port: waitress in a thread; with TLS, which waitress does not speak, werkzeug's threaded server."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from waitress.server import create_server
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from .tls import Authority

THREADS = 24
"""Long polls of sleeping engines hold a thread each, so there are more than cores."""


class PortInUse(OSError):
    """That port cannot be used; the message names it and the way out."""


@dataclass
class Served:
    """An app that answers at ``url`` until it is closed."""

    url: str
    _close: Callable[[], None] = field(repr=False)

    def close(self) -> None:
        """Stop answering and free the port."""
        self._close()


def serve(app: WSGIApplication, host: str = "127.0.0.1", port: int = 0, *, tls: Authority | None = None) -> Served:
    """Serve an app; port 0 picks a free one.

    Raises:
        PortInUse: the port is taken, or not allowed.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"{shown}:{listener.getsockname()[1]}"
    if tls is None:
        return Served(f"http://{address}", _serve_plain(app, listener))
    return Served(f"https://{address}", _serve_tls(app, host, listener, tls))


def _serve_plain(app: WSGIApplication, listener: socket.socket) -> Callable[[], None]:
    server = create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=200 * 1024 * 1024,
        asyncore_use_poll=True,
    )
    channels: dict[int, Any] = server._map  # type: ignore[union-attr]  # noqa: SLF001  it has no public name
    closing = threading.Event()

    def run() -> None:
        try:
            server.run()
        except OSError:
            if not closing.is_set():  # closing the listener from the other thread ends the loop this way
                raise

    thread = threading.Thread(target=run, name="serve", daemon=True)
    thread.start()

    def close() -> None:
        closing.set()
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)  # workers wake the loop, so it goes last
        server.close()
        thread.join(timeout=5)
        for channel in list(channels.values()):  # waitress leaves open connections to the process's end
            with suppress(OSError):
                channel.close()

    return close


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's name
        """Say nothing; the journal has it."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status line alone: the Date header is the fake's own, by its clock."""
        self.send_response_only(code, message)

    def connection_dropped(  # werkzeug calls it so
        self,
        error: BaseException,  # noqa: ARG002
        environ: WSGIEnvironment | None = None,  # noqa: ARG002
    ) -> None:
        """End the connection, as an ordered fault says."""
        self.close_connection = True


def _serve_tls(app: WSGIApplication, host: str, listener: socket.socket, tls: Authority) -> Callable[[], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    server = make_server(
        host,
        listener.getsockname()[1],
        app,
        threaded=True,
        request_handler=_Quiet,
        ssl_context=context,
        fd=listener.detach(),
    )
    thread = threading.Thread(target=server.serve_forever, name="serve-tls", daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

    return close


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as problem:
        listener.close()
        raise PortInUse(
            f"{host}:{port} cannot be used ({problem.strerror}); free it, or give another port (0 picks a free one)"
        ) from None
    return listener
