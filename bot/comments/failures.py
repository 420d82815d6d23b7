"""Why an attempt failed, in a few words: what happened, and whose it is to act."""

from typing import assert_never

from bot.markdown import inline
from executor.failure import Failure, FailureClass


def failure(failed: Failure) -> str:
    """The class in words, then the reason as it was recorded."""
    reason = inline(failed.reason, 200)
    return f"{failure_class(failed.kind)}: {reason}" if reason else failure_class(failed.kind)


def failure_class(kind: FailureClass) -> str:
    match kind:
        case FailureClass.execution:
            return "the agent did not finish"
        case FailureClass.verification:
            return "a check was red"
        case FailureClass.conflict:
            return "its lines were changed by another story"
        case FailureClass.capacity:
            return "the model's endpoint was full"
        case FailureClass.transport:
            return "the model could not be reached"
        case FailureClass.infrastructure:
            return "this machine failed it"
        case FailureClass.cap:
            return "a cap was reached"
        case FailureClass.refused_key:
            return "the model's endpoint refused our key"
        case _:
            assert_never(kind)
