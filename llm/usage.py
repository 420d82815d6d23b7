"""One `Usage` from every vendor's shape: disjoint classes of tokens, exact."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, NonNegativeInt


class Usage(BaseModel):
    """Tokens of one call, or of several added up.

    `input` is what was neither read from nor written to a cache. `reasoning` is the part of
    `output` that was thought and not said: it is inside `output`, not beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: NonNegativeInt = 0
    cache_read: NonNegativeInt = 0
    cache_write: NonNegativeInt = 0
    output: NonNegativeInt = 0
    reasoning: NonNegativeInt = 0

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write

    @property
    def total(self) -> int:
        return self.prompt + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


def from_counts(
    *, prompt: int, output: int, cache_read: int, cache_write: int, details: Mapping[str, int]
) -> Usage:
    """Split a vendor's whole prompt into our classes.

    DeepSeek names its cache hits `prompt_cache_hit_tokens` and leaves the usual field empty:
    unread, such a call would be priced at up to fifty times its cost.
    """
    read = cache_read or details.get("prompt_cache_hit_tokens", 0)
    return Usage(
        input=max(prompt - read - cache_write, 0),
        cache_read=read,
        cache_write=cache_write,
        output=output,
        reasoning=min(details.get("reasoning_tokens", 0), output),
    )
