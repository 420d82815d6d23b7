"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import BigId, PicoUsd, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )
    op.create_table(
        "deliveries",
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=True),
        sa.Column("repository_id", BigId, nullable=True),
        sa.Column("installation_id", BigId, nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('received', 'done', 'failed')", name="ck_deliveries_state"),
        sa.PrimaryKeyConstraint("guid", name="pk_deliveries"),
    )
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.create_index("ix_deliveries_state_received_at", ["state", "received_at"])

    op.create_table(
        "installations",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("limited_until", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('active', 'suspended', 'deleted')", name="ck_installations_state"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_installations"),
    )
    op.create_table(
        "repositories",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("installation_id", BigId, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'removed', 'archived')", name="ck_repositories_state"
        ),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_repositories_installation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_repositories"),
    )
    with op.batch_alter_table("repositories") as batch_op:
        batch_op.create_index("ix_repositories_installation_id", ["installation_id"])

    op.create_table(
        "changes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("repository_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("requester_login", sa.Text(), nullable=False),
        sa.Column("pull_number", sa.Integer(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("unshown", sa.String(length=16), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'proposing', 'waiting', 'awaiting', 'running', 'delivered', "
            "'merged', 'closed', 'declined', 'cancelled', 'failed', 'refused')",
            name="ck_changes_state",
        ),
        sa.CheckConstraint("subject IN ('issue', 'pull')", name="ck_changes_subject"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_changes_repository_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.UniqueConstraint("repository_id", "number", name="uq_changes_repository_id_number"),
    )
    with op.batch_alter_table("changes") as batch_op:
        batch_op.create_index(
            "ix_changes_repository_id_pull_number", ["repository_id", "pull_number"]
        )
        batch_op.create_index("ix_changes_state", ["state"])
        batch_op.create_index("ix_changes_unshown", ["unshown"])

    op.create_table(
        "effects",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("change_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("external_id", BigId, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("intended_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('intended', 'done')", name="ck_effects_state"),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_effects_change_id"),
        sa.PrimaryKeyConstraint("key", name="pk_effects"),
    )
    with op.batch_alter_table("effects") as batch_op:
        batch_op.create_index("ix_effects_change_id", ["change_id"])
        batch_op.create_index("ix_effects_state", ["state"])

    op.create_table(
        "requests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('plan', 'fix', 'mode', 'answer')", name="ck_requests_kind"),
        sa.CheckConstraint("state IN ('received', 'done', 'failed')", name="ck_requests_state"),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_requests_change_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("key", name="uq_requests_key"),
    )
    with op.batch_alter_table("requests") as batch_op:
        batch_op.create_index("ix_requests_change_id", ["change_id"])
        batch_op.create_index("ix_requests_state_made_at", ["state", "made_at"])

    op.create_table(
        "plans",
        sa.Column("id", BigId, nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("base_sha", sa.String(length=64), nullable=False),
        sa.Column("comment_id", BigId, nullable=True),
        sa.Column("posted_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('awaiting', 'approved', 'replaced', 'void', 'expired', 'cancelled')",
            name="ck_plans_state",
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_plans_change_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_plans_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("change_id", "revision", name="uq_plans_change_id_revision"),
        sa.UniqueConstraint("request_id", name="uq_plans_request_id"),
    )
    with op.batch_alter_table("plans") as batch_op:
        batch_op.create_index("ix_plans_state", ["state"])

    op.create_table(
        "approvals",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("how IN ('reaction', 'command', 'box', 'fix')", name="ck_approvals_how"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_approvals_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.UniqueConstraint("plan_id", name="uq_approvals_plan_id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("expected_head", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'finished')", name="ck_runs_state"),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_runs_change_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_runs_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("change_id", "number", name="uq_runs_change_id_number"),
    )
    with op.batch_alter_table("runs") as batch_op:
        batch_op.create_index("ix_runs_plan_id", ["plan_id"])
        batch_op.create_index("ix_runs_state", ["state"])
        batch_op.create_index(
            "uq_runs_running_change",
            ["change_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "attempts",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("story", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("not_before", UtcTime(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("onto", sa.String(length=64), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("bump", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'lost')", name="ck_attempts_state"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_attempts_run_id"),
        sa.PrimaryKeyConstraint("run_id", "story", "attempt", name="pk_attempts"),
    )
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.create_index("ix_attempts_state", ["state"])

    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("request_id", BigId, nullable=True),
        sa.Column("repository_id", BigId, nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("story", sa.String(length=64), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("backend", sa.String(length=32), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("model_asked", sa.Text(), nullable=False),
        sa.Column("model_resolved", sa.Text(), nullable=True),
        sa.Column("input", BigId, nullable=False),
        sa.Column("cache_read", BigId, nullable=False),
        sa.Column("cache_write", BigId, nullable=False),
        sa.Column("output", BigId, nullable=False),
        sa.Column("reasoning", BigId, nullable=False),
        sa.Column("pico_usd", PicoUsd(), nullable=True),
        sa.Column("price_source", sa.Text(), nullable=False),
        sa.Column("price_reason", sa.Text(), nullable=True),
        sa.Column("reserved_tokens", BigId, nullable=False),
        sa.Column("reserved_pico_usd", PicoUsd(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("finish", sa.String(length=16), nullable=True),
        sa.CheckConstraint("state IN ('reserved', 'settled', 'unmeasured')", name="ck_calls_state"),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_calls_change_id"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_calls_repository_id"
        ),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_calls_request_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_calls_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    with op.batch_alter_table("calls") as batch_op:
        batch_op.create_index("ix_calls_change_id", ["change_id"])
        batch_op.create_index("ix_calls_repository_id_started_at", ["repository_id", "started_at"])
        batch_op.create_index("ix_calls_request_id", ["request_id"])
        batch_op.create_index("ix_calls_run_id", ["run_id"])
        batch_op.create_index("ix_calls_state", ["state"])

    op.create_table(
        "events",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_events_run_id"),
        sa.PrimaryKeyConstraint("run_id", "seq", name="pk_events"),
    )
