"""Why an attempt failed, as a value: the class decides what may be tried next."""

from enum import StrEnum

from planner.plan import Frozen


class FailureClass(StrEnum):
    """Only execution and verification count against quality."""

    execution = "execution"
    verification = "verification"
    conflict = "conflict"
    capacity = "capacity"
    transport = "transport"
    infrastructure = "infrastructure"
    cap = "cap"
    refused_key = "refused_key"


class Failure(Frozen):
    """One failed attempt. `tail` is what the next attempt gets to read."""

    kind: FailureClass
    reason: str
    tail: str = ""
    retry_after_seconds: float | None = None
