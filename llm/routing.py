"""Which model answers which (phase, tier), and which one next when it was not enough.

`BARO_ROUTES` is YAML or JSON. Everything in it is optional:

    endpoints:                         # beside `openai` and `anthropic`: the vendors' keys give those
      deepseek:                        # its key is BARO_KEY_DEEPSEEK
        kind: openai-chat              # or openai-responses, anthropic
        base_url: https://api.deepseek.com/v1
    routes:
      default: {endpoint: openai, model: gpt-5.6-terra}          # for every phase not named here
      draft: {endpoint: anthropic, model: claude-opus-5-5, effort: high}
      story:                           # a phase is one route, a ladder, or one of both per tier
        light: {endpoint: deepseek, model: deepseek-v4-flash, price: {input: 0.30, output: 1.20}}
        default:                       # a ladder: the first is tried first, the next is stronger
          - {endpoint: openai, model: gpt-5.6-luna}
          - {endpoint: openai, model: gpt-5.6-sol, effort: high}

A phase that neither it nor `default` names keeps the route which the vendors' keys give it.
A route may be prepared replies: `{backend: scripted, script: /path/to/script.yaml}`; alone, as the
whole text, it answers every phase. `price` is in dollars per million tokens and always wins.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Tier(StrEnum):
    """What breaks if the work is wrong; never a model's name."""

    light = "light"
    standard = "standard"
    heavy = "heavy"


class Phase(StrEnum):
    intake = "intake"
    architect = "architect"
    draft = "draft"
    story = "story"
    critic = "critic"
    surgeon = "surgeon"
    resolve = "resolve"


EndpointKind = Literal["openai-responses", "openai-chat", "anthropic"]
BackendName = Literal["in-process", "scripted"]
Effort = Literal["minimal", "low", "medium", "high"]


class Endpoint(BaseModel):
    """One vendor's door: where it is, what it speaks, and the key that opens it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: EndpointKind
    base_url: str
    key: SecretStr


class Rates(BaseModel):
    """Dollars per million tokens. A cache class left out is priced like plain input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


class Route(BaseModel):
    """Backend, model and effort for one phase and tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: BackendName = "in-process"
    model: str
    effort: Effort | None = None
    endpoint: Endpoint | None = None
    script: Path | None = None
    price: Rates | None = None

    @model_validator(mode="after")
    def _has_what_its_backend_needs(self) -> Route:
        if self.backend == "scripted" and self.script is None:
            raise ValueError("a scripted route names its script")
        if self.backend == "in-process" and self.endpoint is None:
            raise ValueError("a route names its endpoint")
        return self

    def __str__(self) -> str:
        """What people and the ledger read: `openai/gpt-5.6-luna (high)`; holds no key."""
        if self.endpoint is None:
            return f"{self.backend}/{self.model}"
        effort = f" ({self.effort})" if self.effort else ""
        return f"{self.endpoint.name}/{self.model}{effort}"


Ladder = tuple[Route, ...]


class Routes(BaseModel):
    """The whole table; a ladder's first route is the default, each next one is stronger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ladders: dict[tuple[Phase, Tier], Ladder] = {}

    def route(self, phase: Phase, tier: Tier = Tier.standard, rung: int = 0) -> Route | None:
        ladder = self.ladders.get((phase, tier), ())
        return ladder[rung] if rung < len(ladder) else None
