"""The first tables: links, last synced values, watermarks, intents, refusals, runs, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everything that the engine remembers of one pair of systems."""
    op.create_table(
        "conflicts",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("marketo_id", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_table(
        "flow_actions",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("marketo_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("result", sa.JSON()),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("marketo_id", sa.BigInteger()),
        sa.Column("sobject", sa.String(80), nullable=False),
        sa.Column("salesforce_id", sa.String(18)),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_index("history_marketo_id", "history", ["marketo_id"])
    op.create_index("history_salesforce_id", "history", ["salesforce_id"])
    op.create_table(
        "intents",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("action", sa.JSON(), nullable=False),
    )
    op.create_index("intents_holder", "intents", ["holder"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
    )
    op.create_table(
        "links",
        sa.Column("marketo_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sobject", sa.String(80), nullable=False),
        sa.Column("salesforce_id", sa.String(18), nullable=False, unique=True),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("apart", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.String(40)),
        sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("ended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("set_aside", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("pending", sa.String(64)),
    )
    op.create_index("links_attempts", "links", ["attempts"])
    op.create_table(
        "notes",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("marketo_id", sa.BigInteger(), nullable=False),
        sa.Column("activity", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("at", sa.String(40)),
    )
    op.create_index("outbox_status", "outbox", ["status"])
    op.create_table(
        "refusals",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("marketo_id", sa.BigInteger()),
        sa.Column("sobject", sa.String(80), nullable=False),
        sa.Column("salesforce_id", sa.String(18)),
        sa.Column("operation", sa.String(40), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.String(40), nullable=False),
        sa.Column("last_seen", sa.String(40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
    )
    op.create_index("refusals_marketo_id", "refusals", ["marketo_id"])
    op.create_table(
        "runs",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("policy", sa.String(40), nullable=False),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("ended", sa.String(40)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("summary", sa.JSON()),
    )
    op.create_table(
        "seen",
        sa.Column("guid", sa.String(128), primary_key=True),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("seen_at", "seen", ["at"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_table(
        "watermarks",
        sa.Column("sobject", sa.String(80), primary_key=True),
        sa.Column("stamp", sa.String(40), nullable=False),
    )


def downgrade() -> None:
    """Nothing is left."""
    op.drop_table("watermarks")
    op.drop_table("tokens")
    op.drop_table("seen")
    op.drop_table("runs")
    op.drop_table("refusals")
    op.drop_table("outbox")
    op.drop_table("notes")
    op.drop_table("links")
    op.drop_table("leases")
    op.drop_table("intents")
    op.drop_table("history")
    op.drop_table("flow_actions")
    op.drop_table("conflicts")
