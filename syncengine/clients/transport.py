"""What both clients stand on: a session with time-outs and a log, and the one place where a call is repeated.

A call is repeated only when that cannot do harm. An answer that was cut short leaves open whether the request
took effect, so whether it may be repeated is the caller's knowledge: reading and writing by id may, creating
may not. What never reached the vendor, or was refused before anything was done, may always be repeated.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections import deque
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .errors import Fatal, Reauthenticate, Retry, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

T = TypeVar("T")

logger = logging.getLogger("syncengine.http")

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 120.0
"""Marketo gives its own calls up to 90 seconds, Salesforce 120; who hangs up earlier learns nothing."""

LONGEST_WAIT = 60.0


class Interrupted(Exception):
    """One try gave no answer; :meth:`Transport.call` decides whether there is another.

    Args:
        message: what happened, for a person.
        reached: whether the vendor may have acted on the request.
        wait: seconds until it makes sense to ask again; None leaves it to the back-off.
    """

    def __init__(self, message: str, *, reached: bool, wait: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reached = reached
        self.wait = wait


class TokenRefused(Exception):
    """One try was refused because of its token; the client has already dropped it."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often one call is tried, and the wait in between: ``first`` seconds, doubled each time."""

    tries: int = 4
    first: float = 0.5
    most: float = 30.0

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the try with this number, counted from 1."""
        return float(min(self.first * 2 ** (attempt - 1), self.most))


@dataclass(frozen=True, slots=True)
class LogLine:
    """One request as the log keeps it: no headers, no bodies, and no query, so no secret and no person."""

    system: str
    method: str
    path: str
    status: int
    seconds: float


class Transport:
    """One vendor over one session.

    ``calls`` counts requests sent through :meth:`call`; ``date`` is the vendor's clock by its latest answer.
    """

    def __init__(
        self,
        session: requests.Session,
        *,
        system: str,
        sleep: Callable[[float], None] = time.sleep,
        backoff: Backoff | None = None,
        timeout: tuple[float, float] = (CONNECT_SECONDS, ANSWER_SECONDS),
    ) -> None:
        self.session = session
        self.system = system
        self.sleep = sleep
        self.backoff = backoff or Backoff()
        self.timeout = timeout
        self.calls = 0
        self.date: datetime | None = None
        self.log: deque[LogLine] = deque(maxlen=1000)
        self.retry_after: float | None = None
        session.hooks["response"].append(self._note)

    def call(self, what: str, send: Callable[[], T], *, repeatable: bool, writes: bool = False) -> T:
        """What ``send`` returns, tried again as often as is safe and sensible.

        Args:
            what: the call in words, for messages.
            send: one try; raises :class:`Interrupted` or :class:`TokenRefused`, or what requests raises.
            repeatable: doing it twice has the effect of doing it once.
            writes: it changes something, so a lost answer is worth telling apart.

        Raises:
            Retry: no answer, however often it was tried.
            Unanswered: a write may have happened, and either must not be repeated or was repeated in vain.
            Reauthenticate: a fresh token was refused too.
        """
        renewed = False
        attempt = 0
        reached = False
        while True:
            try:
                return self._once(send)
            except TokenRefused as refused:
                if renewed:
                    raise Reauthenticate(f"{self.system} refused a new token: {refused}") from refused
                renewed = True
                continue
            except Interrupted as interrupted:
                attempt += 1
                reached = reached or interrupted.reached
                message = f"{what}: {interrupted.message}"
                harmless = repeatable or not interrupted.reached
                if harmless and attempt < self.backoff.tries:
                    wait = self.backoff.wait(attempt) if interrupted.wait is None else interrupted.wait
                    logger.warning("%s: %s; again in %.1f s", self.system, message, wait)
                    self.sleep(min(wait, LONGEST_WAIT))
                    continue
                if writes and reached:
                    raise Unanswered(message) from interrupted
                raise Retry(message, after=interrupted.wait) from interrupted

    def quietly(self, what: str, send: Callable[[], T]) -> T:
        """As :meth:`call`, for a request that no quota counts: asking for a token."""
        before = self.calls
        try:
            return self.call(what, send, repeatable=True)
        finally:
            self.calls = before

    def _once(self, send: Callable[[], T]) -> T:
        self.calls += 1
        self.retry_after = None
        try:
            return send()
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Fatal(
                    f"{self.system}'s certificate is not trusted; name its authority's file in SF_CA_CERT"
                ) from error
            raise Interrupted(f"the secure connection broke ({error})", reached=True) from error
        except requests.exceptions.ConnectTimeout as error:
            raise Interrupted("no connection in time", reached=False) from error
        except requests.exceptions.ConnectionError as error:
            if _never_connected(error):
                raise Interrupted(f"nobody answers at {_host(error)}", reached=False) from error
            raise Interrupted("the connection broke before the answer", reached=True) from error
        except requests.exceptions.Timeout as error:
            raise Interrupted("no answer in time", reached=True) from error
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise Interrupted("the answer was cut short", reached=True) from error
        except requests.exceptions.JSONDecodeError as error:
            raise Interrupted("the answer is no JSON, or was cut short", reached=True) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise Fatal(f"{self.system}: {error}") from error

    def _note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep what every answer tells besides its body."""
        if date := response.headers.get("Date"):
            self.date = parsedate_to_datetime(date)
        wait = response.headers.get("Retry-After", "")
        self.retry_after = min(float(wait), LONGEST_WAIT) if wait.isdigit() else None
        line = LogLine(
            self.system,
            str(response.request.method),
            urlsplit(str(response.url)).path,
            response.status_code,
            response.elapsed.total_seconds(),
        )
        self.log.append(line)
        logger.debug("%s %s %s -> %d in %.3f s", line.system, line.method, line.path, line.status, line.seconds)


def new_session(
    url: str, *, ca_cert: Path | None = None, mount: Callable[[requests.Session], None] | None = None
) -> requests.Session:
    """A session for one vendor's address, ready to be handed to a client.

    Args:
        url: where the vendor is.
        ca_cert: the authority that signed its certificate, where the machine does not know it.
        mount: puts transports on the session: how tests keep everything in one process.
    """
    session = requests.Session()
    # Else a .netrc file would quietly replace the Authorization header that the client sends.
    session.auth = _as_it_is
    if is_loopback(url):
        session.trust_env = False  # a proxy for the world outside has no business on this machine
    if ca_cert is not None:
        session.verify = str(ca_cert)
    if mount is not None:
        mount(session)
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class PlainHttpAdapter(BaseAdapter):
    """Sends what is addressed to ``https://HOST`` to ``http://HOST``, by what the session has mounted there.

    simple-salesforce builds every address with https, and a fake on a loopback address speaks plain http.
    """

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self.session = session

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer of the plain address."""
        request.url = urlunsplit(urlsplit(str(request.url))._replace(scheme="http"))
        return self.session.get_adapter(request.url).send(request, *args, **kwargs)

    def close(self) -> None:
        """Nothing of its own to give back."""


def speak_plainly(session: requests.Session, url: str) -> None:
    """Let https addresses of ``url``'s host go out as plain http, if ``url`` is plain http on this machine.

    Raises:
        Fatal: plain http to another machine would show the token to everybody on the way.
    """
    address = urlsplit(url)
    if address.scheme != "http":
        return
    if not is_loopback(url):
        raise Fatal(f"{url} would carry the token in clear; use https")
    session.mount(f"https://{address.netloc}/", PlainHttpAdapter(session))


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine; so do the names that are reserved for tests (RFC 6761)."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith((".localhost", ".test")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _host(error: requests.exceptions.ConnectionError) -> str:
    address = urlsplit(str(error.request.url)) if error.request is not None else None
    return f"{address.scheme}://{address.netloc}" if address else "the address"


def form_size(params: Mapping[str, Any]) -> int:
    """How many characters the parameters need in an address."""
    prepared = requests.Request("GET", "http://x/", params=params).prepare()
    return len(str(prepared.url))
