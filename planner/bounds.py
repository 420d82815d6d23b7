"""What a plan may be at most: the defaults, narrowed by the repository's settings."""

from dataclasses import dataclass

from llm.meter import Caps


@dataclass(frozen=True)
class Bounds:
    """`protected` are globs of the repository's owner: a story that may write there is flagged."""

    revision: int
    caps: Caps
    max_sequential: int = 5
    max_parallel: int = 12
    hard_max: int = 32
    agents: int = 3
    attempts: int = 3
    protected: tuple[str, ...] = ()
