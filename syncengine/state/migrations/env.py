"""Runs the migrations on the connection that the store hands over; there is no command line of its own."""

from __future__ import annotations

from alembic import context

from syncengine.state import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
