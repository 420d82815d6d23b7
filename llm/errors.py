"""What can go wrong between us and a model, as one tree.

    LLMError
    ├── NoRoute          nothing is configured for this phase
    ├── KeyRefused       the endpoint does not accept our key (401, 403)
    ├── CapReached       a cap would be passed by the next call
    ├── RateLimited      the endpoint is full; retry_after is its own wish
    ├── Unreachable      network, 5xx, or a stream that was cut
    ├── Silent           not one byte for longer than allowed
    ├── OutOfTime        the hard limit on the whole job
    ├── RequestRefused   the endpoint calls our request wrong (400, 404, 422)
    ├── BadReply         the model's words cannot be used, repairs exhausted
    ├── Looping          the same failing tool call, again and again
    └── StepsExhausted   more model turns than the job may take

The text of each is a sentence that a person can act on.
"""

from typing import Literal

CapName = Literal["usd", "tokens", "minutes"]


class LLMError(Exception):
    """Whatever a backend may raise; `billed` is False when no vendor can have charged for it."""

    billed = True


class _Unbilled(LLMError):
    billed = False


class NoRoute(_Unbilled):
    """No endpoint, key or model is configured for what was asked."""


class KeyRefused(_Unbilled):
    """The endpoint answered 401 or 403; the sentence names the endpoint, never the key."""


class CapReached(_Unbilled):
    """The next call could pass a cap, so it was not made."""

    def __init__(self, cap: CapName, sentence: str) -> None:
        super().__init__(sentence)
        self.cap = cap


class RateLimited(_Unbilled):
    """The endpoint is full or our quota is used up."""

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Unreachable(LLMError):
    """The endpoint could not be reached, failed, or cut its stream."""

    def __init__(self, sentence: str, *, billed: bool = True) -> None:
        super().__init__(sentence)
        self.billed = billed


class Silent(LLMError):
    """The endpoint sent nothing for longer than the job allows."""


class OutOfTime(LLMError):
    """The job ran past its hard limit, however lively it was."""


class BadReply(LLMError):
    """The model answered what cannot be used, also after it was told why."""


class RequestRefused(_Unbilled):
    """The endpoint calls our request wrong: an unknown model, a prompt beyond its window."""


class Looping(LLMError):
    """The model repeats a tool call that fails in the same way each time."""


class StepsExhausted(LLMError):
    """The model took every turn it was given without finishing."""
