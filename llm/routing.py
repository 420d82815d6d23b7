"""Which model answers which (phase, tier), and which one next when it was not enough."""

from __future__ import annotations

from datetime import date
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
    """Dollars per million tokens, from a day on (UTC). A cache class left out costs like input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    since: date | None = None


class Route(BaseModel):
    """Backend, model and effort for one phase and tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: BackendName = "in-process"
    model: str
    effort: Effort | None = None
    endpoint: Endpoint | None = None
    script: Path | None = None
    price: tuple[Rates, ...] = ()

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
Ladders = dict[tuple[Phase, Tier], Ladder]


class Routes(BaseModel):
    """The whole table; a ladder's first route is the default, each next one is stronger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ladders: Ladders = {}

    def route(self, phase: Phase, tier: Tier = Tier.standard, rung: int = 0) -> Route | None:
        ladder = self.ladders.get((phase, tier), ())
        return ladder[rung] if rung < len(ladder) else None
