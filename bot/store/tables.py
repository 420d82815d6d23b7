"""The tables, as SQLAlchemy Core sees them; migrations/ makes them."""

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import Float

from bot.store import states
from bot.store.columns import BigId, PicoUsd, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _state(name: str, states: type[StrEnum], default: str | None = None) -> list[SchemaItem]:
    """A text column and the check that keeps it to the words of its enum."""
    words = ", ".join(f"'{state.value}'" for state in states)
    return [
        Column(name, String(16), nullable=False, default=default),
        CheckConstraint(f"{name} IN ({words})", name=name),
    ]


def _lease() -> list[Column[object]]:
    return [Column("lease_owner", Text), Column("lease_until", UtcTime)]


deliveries = Table(
    "deliveries",
    metadata,
    Column("guid", String(64), primary_key=True),
    Column("event", String(64), nullable=False),
    Column("action", String(64)),
    Column("repository_id", BigId),
    Column("installation_id", BigId),
    Column("received_at", UtcTime, nullable=False),
    *_state("state", states.DeliveryState),
    Column("tries", Integer, nullable=False, default=0),
    Column("payload", LargeBinary, nullable=False),
    Column("note", Text, nullable=False, default=""),
    *_lease(),
    Index("ix_deliveries_state_received_at", "state", "received_at"),
)

installations = Table(
    "installations",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    *_state("state", states.InstallationState),
    Column("limited_until", UtcTime),
)

repositories = Table(
    "repositories",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("installation_id", ForeignKey("installations.id"), nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    *_state("state", states.RepositoryState),
)

changes = Table(
    "changes",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("number", Integer, nullable=False),
    *_state("subject", states.Subject),
    *_state("state", states.ChangeState),
    Column("requester_id", BigId, nullable=False),
    Column("requester_login", Text, nullable=False),
    Column("pull_number", Integer),
    Column("branch", Text),
    Column("note", Text, nullable=False, default=""),
    Column("unshown", String(16), index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("repository_id", "number"),
    Index("ix_changes_repository_id_pull_number", "repository_id", "pull_number"),
    Index("ix_changes_state", "state"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("change_id", ForeignKey("changes.id"), nullable=False, index=True),
    Column("key", String(200), nullable=False, unique=True),
    *_state("kind", states.RequestKind),
    Column("body", Text, nullable=False),
    *_state("state", states.RequestState),
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Column("made_at", UtcTime, nullable=False),
    *_lease(),
    Index("ix_requests_state_made_at", "state", "made_at"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("change_id", ForeignKey("changes.id"), nullable=False),
    Column("request_id", ForeignKey("requests.id"), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    *_state("state", states.PlanState),
    Column("base_sha", String(64), nullable=False),
    Column("comment_id", BigId),
    Column("posted_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("change_id", "revision"),
    Index("ix_plans_state", "state"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("plan_id", ForeignKey("plans.id"), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("person_id", BigId, nullable=False),
    Column("login", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    *_state("how", states.ApprovalHow),
    Column("source", Text, nullable=False, default=""),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), nullable=False),
    Column("plan_id", ForeignKey("plans.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    *_state("state", states.RunRowState),
    Column("branch", Text, nullable=False),
    Column("expected_head", String(64)),
    Column("outcome", String(16)),
    Column("cancelled_by", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    *_lease(),
    UniqueConstraint("change_id", "number"),
    # One change runs once at a time, whoever asks and however often.
    Index(
        "uq_runs_running_change",
        "change_id",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    Index("ix_runs_state", "state"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("story", String(64), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    *_state("state", states.AttemptState),
    *_lease(),
    Column("not_before", UtcTime),
    Column("rung", Integer, nullable=False),
    Column("onto", String(64), nullable=False),
    Column("doing", Text, nullable=False, default=""),
    Column("bump", Integer, nullable=False, default=0),
    Column("queued_at", UtcTime, nullable=False),
    Index("ix_attempts_state", "state"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("runs.id"), index=True),
    Column("request_id", ForeignKey("requests.id"), index=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("story", String(64)),
    Column("attempt", Integer),
    Column("backend", String(32), nullable=False),
    Column("route", Text, nullable=False),
    Column("model_asked", Text, nullable=False),
    Column("model_resolved", Text),
    Column("input", BigId, nullable=False, default=0),
    Column("cache_read", BigId, nullable=False, default=0),
    Column("cache_write", BigId, nullable=False, default=0),
    Column("output", BigId, nullable=False, default=0),
    Column("reasoning", BigId, nullable=False, default=0),
    Column("pico_usd", PicoUsd),
    Column("price_source", Text, nullable=False),
    Column("price_reason", Text),
    Column("reserved_tokens", BigId, nullable=False),
    Column("reserved_pico_usd", PicoUsd),
    *_state("state", states.CallState),
    Column("started_at", UtcTime, nullable=False),
    Column("seconds", Float),
    Column("finish", String(16)),
    Index("ix_calls_repository_id_started_at", "repository_id", "started_at"),
    Index("ix_calls_state", "state"),
)

effects = Table(
    "effects",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), index=True),
    Column("kind", String(32), nullable=False),
    *_state("state", states.EffectState),
    Column("external_id", BigId),
    Column("digest", String(64)),
    Column("intended_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_effects_state", "state"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
