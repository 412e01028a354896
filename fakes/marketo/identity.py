"""Who calls: custom services with a client id and secret, and the access tokens given to them.

Source: Marketo developer guide, "Authentication".
"""

from __future__ import annotations

import hmac
import math
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .errors import IdentityRefused, TokenExpired, TokenInvalid, TokenMissing

if TYPE_CHECKING:
    from random import Random

    from fakes.kit.clock import Clock

LIFETIME = timedelta(hours=1)
REMEMBERED = timedelta(hours=24)
"""So long an expired token is answered with 602 rather than 601."""

POD = "int"


@dataclass(frozen=True, slots=True)
class Client:
    """One custom service and the API-only user that owns it.

    ``connector``: the native Salesforce sync's own user, outside the quotas.
    """

    client_id: str
    client_secret: str
    user: str
    connector: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    client_id: str
    expires: datetime


ORDINARY = Client("syncrig", "syncrig-secret", "api@syncrig.test")
CONNECTOR = Client("marketo-connector", "marketo-connector-secret", "marketo-connector@syncrig.test", connector=True)


class Identity:
    """Gives tokens out and knows them again. One live token a client: asking again gives the same one."""

    def __init__(self, clock: Clock, random: Random, *, native: bool) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self._live: dict[str, str] = {}
        clients = [ORDINARY, CONNECTOR] if native else [ORDINARY]
        self.clients = {client.client_id: client for client in clients}

    def token(self, grant_type: str | None, client_id: str | None, client_secret: str | None) -> dict[str, Any]:
        """The answer of the identity service: the live token with the seconds that are left of it, 0 included.

        Raises:
            IdentityRefused: the grant type, the client or its secret.
        """
        if not grant_type:
            raise IdentityRefused(HTTPStatus.BAD_REQUEST, "invalid_request", "Missing grant type")
        if grant_type != "client_credentials":
            raise IdentityRefused(
                HTTPStatus.BAD_REQUEST, "unsupported_grant_type", f"Unsupported grant type: {grant_type}"
            )
        client = self.clients.get(client_id or "")
        if client is None:
            raise IdentityRefused(
                HTTPStatus.UNAUTHORIZED, "unauthorized", f"No client with requested id: {client_id or ''}"
            )
        if not hmac.compare_digest((client_secret or "").encode(), client.client_secret.encode()):
            raise IdentityRefused(HTTPStatus.UNAUTHORIZED, "invalid_client", "Bad client credentials")
        with self._lock:
            now = self._clock.now()
            text = self._live.get(client.client_id)
            if text is None or self._tokens[text].expires <= now:
                self._forget_old(now)
                text = f"{uuid.UUID(int=self._random.getrandbits(128), version=4)}:{POD}"
                self._tokens[text] = _Token(client.client_id, now + LIFETIME)
                self._live[client.client_id] = text
            left = (self._tokens[text].expires - now).total_seconds()
        return {
            "access_token": text,
            "token_type": "bearer",
            "expires_in": math.ceil(left) - 1,
            "scope": client.user,
        }

    def client_of(self, text: str | None) -> Client:
        """Whose token that is.

        Raises:
            TokenMissing, TokenExpired, TokenInvalid.
        """
        if not text:
            raise TokenMissing
        with self._lock:
            token = self._tokens.get(text)
            if token is None:
                raise TokenInvalid
            now = self._clock.now()
            if now < token.expires:
                return self.clients[token.client_id]
            if now < token.expires + REMEMBERED:
                raise TokenExpired
            raise TokenInvalid

    def _forget_old(self, now: datetime) -> None:
        old = [text for text, token in self._tokens.items() if token.expires + REMEMBERED <= now]
        for text in old:
            del self._tokens[text]

    def snapshot(self) -> tuple[dict[str, _Token], dict[str, str]]:
        """The tokens that were given out."""
        with self._lock:
            return dict(self._tokens), dict(self._live)

    def restore(self, snapshot: tuple[dict[str, _Token], dict[str, str]]) -> None:
        """Go back to a snapshot."""
        with self._lock:
            tokens, live = snapshot
            self._tokens, self._live = dict(tokens), dict(live)
