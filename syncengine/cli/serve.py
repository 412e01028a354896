"""``syncengine serve``: cycles on their schedule, and the HTTP app that campaigns call."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from waitress.server import create_server

from syncengine.clients.errors import ClientError
from syncengine.clients.transport import is_loopback
from syncengine.errors import SyncError
from syncengine.webhook import create_app

from .common import DONE, examples, where_options, write_option
from .run import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncengine.engine import Engine

    from .common import Where

THREADS = 8


@click.command(
    epilog=examples(
        "  syncengine serve --write --env-file world.env\n"
        "  syncengine serve --port 0 --no-cycles     a free port; cycles only when asked for"
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8103,
    show_default=True,
    help="The port to listen at; 0 picks a free one.",
)
@click.option("--no-cycles", is_flag=True, help="Only answer calls; run no cycles by itself.")
@write_option
@where_options
def serve(where: Where, *, host: str, port: int, no_cycles: bool, write: bool) -> int:
    """Run cycles on their schedule, and answer flow actions meanwhile.

    Prints `ready engine=URL` when it answers. POST /flow-actions wants SYNCRIG_ENGINE_SECRET in X-Syncrig-Secret.
    """
    engine = where.open()
    address = f"[{host}]" if ":" in host else host
    try:
        if not is_loopback(f"http://{address}") and not engine.settings.engine_secret:
            raise click.UsageError(f"listening at {host} wants a secret: set SYNCRIG_ENGINE_SECRET")
        listener = listen(host, port)
        server = create_server(create_app(engine, write=write), sockets=[listener], threads=THREADS, ident="syncengine")
        engine.stop.on_signals()
        with answering(server):
            if not no_cycles:
                # Seen by the clock before we say ready: who moves it and lets it settle then waits for our first cycle.
                engine.clock.sleep_until(engine.clock.now(), engine.stop)
            click.echo(f"ready engine=http://{address}:{listener.getsockname()[1]}")
            if no_cycles:
                engine.wait_for_stop()
            else:
                engine.run_cycles(lambda: serve_cycle(engine, write=write))
    finally:
        engine.close()
    return DONE


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        UsageError: that cannot be done; the message says what can.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise click.UsageError(
            f"cannot listen at {host}:{port}: {error.strerror or error}; choose another --port"
        ) from error
    return listener


@contextmanager
def answering(server: Any) -> Iterator[None]:
    """The server answers, from a thread of its own, until the block is left."""
    closing = threading.Event()

    def answer() -> None:
        try:
            server.run()
        except OSError:
            if not closing.is_set():  # closing the listener from the other thread ends the loop this way
                raise

    thread = threading.Thread(target=answer, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closing.set()
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)  # workers wake the loop, so it goes last
        server.close()
        thread.join(5)


def serve_cycle(engine: Engine, *, write: bool) -> None:
    """One cycle beside the HTTP app, which goes on answering whatever becomes of it; ``/status`` tells."""
    try:
        report = engine.cycle(write=write)
    except (ClientError, SyncError) as error:
        click.echo(f"syncengine: {error}; the next cycle tries again", err=True)
        return
    click.echo(describe(report.to_json(), write=write)[-1], err=True)
