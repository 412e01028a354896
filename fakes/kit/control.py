"""The side door ``/_fake/…`` of both fakes: time, faults, state and the journal in the hands of a test.

It is never part of the vendor's paths, answers on loopback only unless a token is set, and looks at Host and Origin, so
that no web page elsewhere can use it.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, request

from .clock import (
    Clock,
    ClockRefused,
    NotSettled,
    VirtualClock,
    format_time,
    parse_duration,
    parse_time,
)
from .exchange import SIDE_DOOR, Exchange
from .faults import FaultRefused, Faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .journal import Journal

LONG_POLL = 20.0
"""Seconds of real time after which a waiter is answered, due or not, and asks again."""


class Fake(Protocol):
    """What the side door and the exchange layer need of a fake; an org and an instance are both."""

    name: str
    clock: Clock
    journal: Journal
    faults: Faults
    strict: bool

    def snapshot(self) -> object:
        """Everything that belongs to the state: rows, schema, ids, tokens, quotas, jobs."""

    def restore(self, snapshot: object) -> None:
        """Go back to such a state; it stays good for another time."""

    def refusal(self, code: str) -> tuple[int, str, str]:
        """HTTP status, body and content type of the vendor's answer for one of its error codes."""

    def idle(self, seconds: float) -> bool:
        """Whether work in the background is done, waiting at most so many seconds of real time."""


class UnknownSnapshot(KeyError):
    """No snapshot of that name was kept."""


class Control:
    """The state of a whole world: both fakes and their clock, which go back together or not at all."""

    def __init__(self, clock: Clock, fakes: Sequence[Fake]) -> None:
        self.clock = clock
        self.fakes = list(fakes)
        self._lock = threading.RLock()
        self._kept: dict[str, tuple[object, list[object]]] = {}
        if isinstance(clock, VirtualClock):
            clock.idle_checks = [fake.idle for fake in self.fakes]
        self._loaded = self._take()

    def loaded(self) -> None:
        """From now on a reset comes back to here."""
        with self._lock:
            self._loaded = self._take()

    def reset(self) -> None:
        """Back to the scenario as loaded; ordered faults, journals and kept snapshots are gone too."""
        with self._lock:
            self._put(self._loaded)
            self._kept.clear()
            for fake in self.fakes:
                fake.faults.clear()
                fake.journal.clear()

    def snapshot(self, name: str) -> None:
        """Keep the state of now under a name, in place of an older one."""
        with self._lock:
            self._kept[name] = self._take()

    def restore(self, name: str) -> None:
        """Go back to a kept state.

        Raises:
            UnknownSnapshot: nothing was kept under that name.
        """
        with self._lock:
            if name not in self._kept:
                raise UnknownSnapshot(name)
            self._put(self._kept[name])

    def _take(self) -> tuple[object, list[object]]:
        clock = self.clock.snapshot() if isinstance(self.clock, VirtualClock) else None
        return clock, [fake.snapshot() for fake in self.fakes]

    def _put(self, state: tuple[Any, list[object]]) -> None:
        clock, fakes = state
        for fake in self.fakes:
            fake.idle(5.0)
        if isinstance(self.clock, VirtualClock):
            self.clock.restore(clock)
        for fake, kept in zip(self.fakes, fakes, strict=True):
            fake.restore(kept)


class SideDoorRefused(Exception):
    """The side door does not do it; answered as ``{"errors": [{"message": …}]}``."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.status = status
        self.messages = messages


def install(
    app: Flask,
    fake: Fake,
    control: Control | None = None,
    *,
    token: str | None = None,
    enabled: bool = True,
) -> None:
    """Give an app its side door and put the exchange layer around it.

    Args:
        token: wanted as ``X-Syncrig-Token`` by every side door call; None: only loopback is answered.
        enabled: False leaves the side door away; its paths are then unknown to the app.
    """
    control = control or Control(fake.clock, [fake])
    if enabled:
        app.register_blueprint(_blueprint(fake, control))
        app.before_request(lambda: _guard(token))
        app.register_error_handler(SideDoorRefused, _refused)
    app.wsgi_app = Exchange(app.wsgi_app, fake)  # type: ignore[method-assign]


def json_object() -> dict[str, Any]:
    """The request's body as a JSON object; an empty body is an empty object.

    Raises:
        SideDoorRefused: it is anything else.
    """
    if not request.get_data():
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise SideDoorRefused(400, "the body must be a JSON object")
    return body


def _blueprint(fake: Fake, control: Control) -> Blueprint:
    door = Blueprint("side_door", __name__, url_prefix="/_fake")

    @door.get("/health")
    def health() -> dict[str, Any]:
        from fakes import __version__  # noqa: PLC0415  the package's own version; importing it above would be a circle

        return {"ready": True, "version": __version__, "fake": fake.name}

    @door.post("/reset")
    def reset() -> dict[str, Any]:
        control.reset()
        return {"reset": True}

    @door.post("/snapshots/<name>")
    def keep(name: str) -> dict[str, Any]:
        control.snapshot(name)
        return {"snapshot": name}

    @door.post("/snapshots/<name>/restore")
    def restore(name: str) -> dict[str, Any]:
        try:
            control.restore(name)
        except UnknownSnapshot:
            raise SideDoorRefused(404, f"no snapshot {name!r} was kept") from None
        return {"restored": name}

    @door.get("/clock")
    def read_clock() -> dict[str, Any]:
        return _clock(fake.clock)

    @door.post("/clock")
    def move_clock() -> dict[str, Any]:
        _move(_virtual(fake.clock), json_object())
        return _clock(fake.clock)

    @door.post("/clock/wait")
    def wait() -> dict[str, Any]:
        body = json_object()
        name, until = body.get("name"), body.get("until")
        if not isinstance(name, str) or not isinstance(until, str):
            raise SideDoorRefused(400, 'a waiter sends {"name": …, "until": ISO 8601 time}')
        with _clock_errors():
            due = _virtual(fake.clock).wait(name, parse_time(until), LONG_POLL)
        return {"due": due, "now": format_time(fake.clock.now())}

    @door.get("/faults")
    def faults() -> dict[str, Any]:
        return {"faults": fake.faults.list()}

    @door.post("/faults")
    def order_fault() -> dict[str, Any]:
        try:
            return fake.faults.add(json_object())
        except FaultRefused as refused:
            raise SideDoorRefused(400, str(refused)) from None

    @door.delete("/faults")
    def clear_faults() -> dict[str, Any]:
        fake.faults.clear()
        return {"faults": []}

    @door.get("/requests")
    def requests() -> dict[str, Any]:
        try:
            return {"requests": fake.journal.exchanges(**request.args.to_dict())}
        except ValueError as problem:
            raise SideDoorRefused(400, str(problem)) from None

    @door.delete("/requests")
    def forget_requests() -> dict[str, Any]:
        fake.journal.clear()
        return {"requests": []}

    @door.get("/not-modelled")
    def not_modelled() -> dict[str, Any]:
        return {"notModelled": fake.journal.ledger()}

    @door.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(path: str) -> Response:
        raise SideDoorRefused(404, f"the side door has no {request.method} /_fake/{path}")

    return door


class _clock_errors:  # noqa: N801  used as a with-statement's word
    """Words the clock's refusals for the side door."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, ClockRefused):
            raise SideDoorRefused(400, str(error)) from None
        if isinstance(error, NotSettled):
            raise SideDoorRefused(504, str(error)) from None


def _virtual(clock: Clock) -> VirtualClock:
    if not isinstance(clock, VirtualClock):
        raise SideDoorRefused(409, "the clock is the machine's own; start with --virtual-clock to move it")
    return clock


def _move(clock: VirtualClock, order: dict[str, Any]) -> None:
    if unknown := sorted(set(order) - {"now", "advance", "follow", "settle"}):
        raise SideDoorRefused(400, f"the clock does not know {unknown[0]!r}; it takes now, advance, follow, settle")
    if "now" in order and "advance" in order:
        raise SideDoorRefused(400, "give now or advance, not both")
    settle = order.get("settle")
    if settle is not None and (not isinstance(settle, int | float) or isinstance(settle, bool) or settle < 0):
        raise SideDoorRefused(400, "settle is a number of seconds")
    with _clock_errors():
        if "now" in order:
            clock.move_to(parse_time(str(order["now"])), settle=settle)
        elif "advance" in order:
            clock.advance(parse_duration(str(order["advance"])), settle=settle)
        elif settle is not None:
            clock.settle(settle)
        if order.get("follow") is True:
            clock.follow()
        elif order.get("follow") is False:
            clock.freeze()


def _clock(clock: Clock) -> dict[str, Any]:
    virtual = isinstance(clock, VirtualClock)
    return {
        "now": format_time(clock.now()),
        "mode": clock.mode if isinstance(clock, VirtualClock) else "following",
        "virtual": virtual,
        "waiting": clock.waiting() if isinstance(clock, VirtualClock) else [],
    }


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guard(token: str | None) -> None:
    if not request.path.startswith(SIDE_DOOR):
        return
    if token is not None:
        if not hmac.compare_digest(request.headers.get("X-Syncrig-Token", ""), token):
            raise SideDoorRefused(403, "the side door wants X-Syncrig-Token with SYNCRIG_SIDE_DOOR_TOKEN's value")
    elif not _is_loopback(request.remote_addr) or not _is_loopback(urlsplit(f"//{request.host}").hostname):
        raise SideDoorRefused(403, "the side door answers on loopback only")
    origin = request.headers.get("Origin")
    if origin is not None and not _is_loopback(urlsplit(origin).hostname):
        raise SideDoorRefused(403, f"the side door does not answer pages of {origin}")


def _refused(refused: SideDoorRefused) -> tuple[Response, int]:
    return jsonify({"errors": [{"message": message} for message in refused.messages]}), refused.status
