"""The states a row can be in: the words of SQL, comments and code alike."""

from enum import StrEnum


class DeliveryState(StrEnum):
    received = "received"
    done = "done"
    failed = "failed"


class InstallationState(StrEnum):
    active = "active"
    suspended = "suspended"
    deleted = "deleted"


class RepositoryState(StrEnum):
    active = "active"
    removed = "removed"
    archived = "archived"


class Subject(StrEnum):
    """What carries the change's number."""

    issue = "issue"
    pull = "pull"


class ChangeState(StrEnum):
    """`waiting` is for answers to our questions, `awaiting` for an approval."""

    asked = "asked"
    proposing = "proposing"
    waiting = "waiting"
    awaiting = "awaiting"
    running = "running"
    delivered = "delivered"
    merged = "merged"
    closed = "closed"
    declined = "declined"
    cancelled = "cancelled"
    failed = "failed"
    refused = "refused"


class RequestKind(StrEnum):
    plan = "plan"
    fix = "fix"
    mode = "mode"
    answer = "answer"


class RequestState(StrEnum):
    received = "received"
    done = "done"
    failed = "failed"


class PlanState(StrEnum):
    awaiting = "awaiting"
    approved = "approved"
    replaced = "replaced"
    void = "void"
    expired = "expired"
    cancelled = "cancelled"


class ApprovalHow(StrEnum):
    reaction = "reaction"
    command = "command"
    box = "box"
    fix = "fix"


class RunRowState(StrEnum):
    running = "running"
    finished = "finished"


class AttemptState(StrEnum):
    queued = "queued"
    running = "running"
    done = "done"
    lost = "lost"


class CallState(StrEnum):
    """`unmeasured` counts our estimate: the answer, or the worker, was lost."""

    reserved = "reserved"
    settled = "settled"
    unmeasured = "unmeasured"


class EffectState(StrEnum):
    intended = "intended"
    done = "done"
