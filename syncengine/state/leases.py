"""Who is at work: one cycle a pair, one flow action a person, so that serve, run and push can stand side by side.

A lease of a process that no longer lives is free at once, where that can be seen: on the same machine. Elsewhere it is
free when it was not renewed in time. Only the machines' own clock is read here, and no vendor's.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from syncengine.state.tables import leases

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease; ``renew`` says that its holder still works."""

    name: str
    holder: str
    renew: Callable[[], None]


def take(connection: Connection, name: str, *, now: float, time: timedelta) -> str | None:
    """The holder's key if the lease was free, or its holder is gone; ``None`` while another holds it."""
    held = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if held is not None:
        if not _abandoned(held.host, held.process, held.holder, held.expires, now):
            return None
        connection.execute(delete(leases).where(leases.c.name == name))
    process = os.getpid()
    holder = f"{uuid4().hex}:{_started(process)}"
    connection.execute(
        insert(leases).values(
            name=name,
            holder=holder,
            host=socket.gethostname(),
            process=process,
            expires=now + time.total_seconds(),
        )
    )
    return holder


def renew(connection: Connection, name: str, holder: str, *, now: float, time: timedelta) -> bool:
    """Push the end of the lease out; false if somebody else has taken it over."""
    changed = connection.execute(
        update(leases)
        .where(leases.c.name == name, leases.c.holder == holder)
        .values(expires=now + time.total_seconds())
    )
    return changed.rowcount == 1


def give_back(connection: Connection, name: str, holder: str) -> None:
    """The lease is free again."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def _abandoned(host: str, process: int, holder: str, expires: float, now: float) -> bool:
    if host != socket.gethostname():
        return now > expires
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it lives, and belongs to another user
    return _started(process) != holder.partition(":")[2]


def _started(process: int) -> str:
    """When the process began, in the kernel's own count: a process id is given out again after its holder's death."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""  # no such file system here; then the process id alone must do
    return stat.rpartition(")")[2].split()[19]
