"""SQLite, opened the one way both fakes use it: one connection behind one re-entrant lock.

A shared-cache memory database answers "table is locked" at once under several threads, so threads share the connection
and take turns. The lock is held only for the part of a request that touches the database.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Database:
    """One SQLite connection behind one re-entrant lock; in memory, or in a file that survives a restart.

    Rows answer by column name (:class:`sqlite3.Row`). Statements outside :meth:`transaction` commit by themselves.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        self._depth = 0
        if path is not None:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: commits at the end, rolls back what was written when an exception leaves the block.

        A transaction inside a transaction is a savepoint: its failure undoes only its own part.
        """
        with self.lock:
            name = f"level_{self._depth}"
            self.connection.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield self.connection
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.connection.execute("ROLLBACK")
                else:
                    self.connection.execute(f"ROLLBACK TO {name}")
                    self.connection.execute(f"RELEASE {name}")
                raise
            self._depth -= 1
            self.connection.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")

    def image(self) -> sqlite3.Connection:
        """A copy of the whole database as it is now, to :meth:`load` later."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with self.lock:
            self.connection.backup(copy)
        return copy

    def load(self, image: sqlite3.Connection) -> None:
        """Put the whole database back to what an image holds; the image stays good for another time."""
        with self.lock:
            image.backup(self.connection)

    def close(self) -> None:
        """Give the connection back."""
        with self.lock:
            self.connection.close()
