"""Something said that does not fit GitHub's description."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    where: str
    what: str
