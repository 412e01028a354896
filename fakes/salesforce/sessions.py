"""Sessions: the tokens that stand for a user, and how long they live.

A session ends after two hours in which nobody used it.
Source: Salesforce help, "Modify Session Security Settings"; REST API Developer Guide, "Authorization Through
Connected Apps and OAuth 2.0".
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fakes.salesforce.errors import SessionExpired

if TYPE_CHECKING:
    import random

    from fakes.kit.clock import Clock

LIFETIME = timedelta(hours=2)
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Session:
    """One login: whose it is, through which client, and when it was used last."""

    token: str
    user_id: str
    client_id: str | None
    issued_at: datetime
    used_at: datetime


class Sessions:
    """The sessions and refresh tokens of one org.

    Args:
        random: seeded; tokens are different in every org and the same in every run.

    """

    def __init__(self, organization_id: str, clock: Clock, random: random.Random) -> None:
        self.lifetime = LIFETIME
        self._organization_id = organization_id
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._refresh: dict[str, tuple[str, str]] = {}

    def open(self, user_id: str, client_id: str | None = None) -> Session:
        """A new session; its token has the form ``00D…!…`` that clients check."""
        now = self._clock.now()
        with self._lock:
            token = f"{self._organization_id[:15]}!AQ{self._text(94)}"
            session = self._sessions[token] = Session(token, user_id, client_id, now, now)
        return session

    def use(self, token: str) -> Session:
        """The session of a token, which lives on from now.

        Raises:
            SessionExpired: unknown, revoked, or not used for too long.

        """
        now = self._clock.now()
        with self._lock:
            session = self._sessions.get(token)
            if session is None or now - session.used_at >= self.lifetime:
                self._sessions.pop(token, None)
                raise SessionExpired
            if session.used_at != now:
                session = self._sessions[token] = replace(session, used_at=now)
        return session

    def refresh_token(self, user_id: str, client_id: str) -> str:
        """A new refresh token, good until it is revoked."""
        with self._lock:
            token = f"5Aep861{self._text(80)}"
            self._refresh[token] = (user_id, client_id)
        return token

    def refresh(self, token: str, client_id: str) -> str | None:
        """The user that a refresh token of this client stands for, or None."""
        user_id, known_client = self._refresh.get(token, ("", ""))
        return user_id if user_id and known_client == client_id else None

    def revoke(self, token: str) -> bool:
        """End a session, or a refresh token with every session of its user and client; False: no such token."""
        with self._lock:
            if token in self._refresh:
                owner = self._refresh.pop(token)
                for each in [t for t, s in self._sessions.items() if (s.user_id, s.client_id) == owner]:
                    del self._sessions[each]
                return True
            return self._sessions.pop(token, None) is not None

    def expire_all(self) -> None:
        """End every session at once; refresh tokens stay."""
        with self._lock:
            self._sessions.clear()

    def snapshot(self) -> object:
        """Every token, to come back to."""
        with self._lock:
            return dict(self._sessions), dict(self._refresh), self._random.getstate()

    def restore(self, snapshot: object) -> None:
        """Go back to the tokens of a snapshot."""
        if not isinstance(snapshot, tuple):
            raise TypeError("not a snapshot of sessions")
        with self._lock:
            self._sessions, self._refresh = dict(snapshot[0]), dict(snapshot[1])
            self._random.setstate(snapshot[2])

    def _text(self, length: int) -> str:
        return "".join(self._random.choices(_CHARACTERS, k=length))
