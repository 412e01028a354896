"""The tables of the state database. A change here needs a migration beside it, and ``HEAD`` moved."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

HEAD = "0001"
"""The newest migration; a database without tables is made from this file at once and marked so."""

metadata = MetaData()

links = Table(
    "links",
    metadata,
    Column("marketo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sobject", String(80), nullable=False),
    Column("salesforce_id", String(18), nullable=False, unique=True),
    Column("agreed", JSON, nullable=False),
    Column("apart", JSON, nullable=False),
    Column("stamp", String(40)),
    Column("deleted", Boolean, nullable=False, server_default=false()),
    Column("ended", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("set_aside", Boolean, nullable=False, server_default=false()),
    Column("pending", String(64)),
    Index("links_attempts", "attempts"),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(32), nullable=False),
    Column("at", String(40), nullable=False),
    Column("marketo_id", BigInteger),
    Column("sobject", String(80), nullable=False),
    Column("salesforce_id", String(18)),
    Column("event", String(40), nullable=False),
    Column("details", JSON, nullable=False),
    Index("history_marketo_id", "marketo_id"),
    Index("history_salesforce_id", "salesforce_id"),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("sobject", String(80), primary_key=True),
    Column("stamp", String(40), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", Text, nullable=False),
    Column("at", String(40), nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("guid", String(128), primary_key=True),
    Column("at", String(40), nullable=False),
    Index("seen_at", "at"),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(32), nullable=False),
    Column("holder", String(80), nullable=False),
    Column("at", String(40), nullable=False),
    Column("action", JSON, nullable=False),
    Index("intents_holder", "holder"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("marketo_id", BigInteger),
    Column("sobject", String(80), nullable=False),
    Column("salesforce_id", String(18)),
    Column("operation", String(40), nullable=False),
    Column("errors", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("first_seen", String(40), nullable=False),
    Column("last_seen", String(40), nullable=False),
    Column("times", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Index("refusals_marketo_id", "marketo_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("marketo_id", BigInteger, nullable=False),
    Column("activity", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("at", String(40)),
    Index("outbox_status", "status"),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("run", String(32), nullable=False),
    Column("marketo_id", BigInteger, nullable=False),
    Column("details", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("policy", String(40), nullable=False),
    Column("started", String(40), nullable=False),
    Column("ended", String(40)),
    Column("status", String(20), nullable=False),
    Column("error", Text),
    Column("summary", JSON),
)

flow_actions = Table(
    "flow_actions",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("marketo_id", BigInteger, nullable=False),
    Column("action", String(40), nullable=False),
    Column("result", JSON),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("host", String(255), nullable=False),
    Column("process", Integer, nullable=False),
    Column("expires", Float, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", JSON, nullable=False),
)
"""Small things kept between runs by name, such as the mapping as last described."""
