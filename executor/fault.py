"""Says which class of failure an exception is: the class decides what may be tried next."""

from executor.failure import Failure, FailureClass
from executor.git.errors import GitError, SecretFound
from executor.sandbox.port import NoSandbox
from llm.errors import (
    CapReached,
    KeyRefused,
    LLMError,
    NoRoute,
    RateLimited,
    Silent,
    Unreachable,
)


def failure_of(error: LLMError | GitError | NoSandbox | OSError) -> Failure:
    match error:
        case LLMError():
            return Failure(
                kind=_kind(error), reason=str(error), retry_after_seconds=_come_back_after(error)
            )
        case SecretFound():
            # The work itself holds it, so another try can do better.
            return Failure(kind=FailureClass.execution, reason=str(error))
        case _:
            reason = f"{type(error).__name__}: {error}"
            return Failure(kind=FailureClass.infrastructure, reason=reason)


def _kind(error: LLMError) -> FailureClass:
    match error:
        case RateLimited():
            return FailureClass.capacity
        case CapReached():
            return FailureClass.cap
        case KeyRefused() | NoRoute():
            return FailureClass.refused_key
        case Unreachable() | Silent():
            return FailureClass.transport
        case _:
            return FailureClass.execution


def _come_back_after(error: LLMError) -> float | None:
    return error.retry_after if isinstance(error, RateLimited) else None
