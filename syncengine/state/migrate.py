"""Bringing an older state database up to date, with Alembic; imported only when one is met."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from syncengine.errors import StateError

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def to_head(connection: Connection) -> None:
    """Run every migration that the database has not seen, in the connection's transaction.

    Raises:
        StateError: the database names a migration that there is not.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        raise StateError(f"the state database cannot be migrated: {problem}") from problem
