"""What a model may answer: small schemas that forgive keys and spellings nobody needs.

Only here are unknown keys dropped: one extra word must not lose a whole reply. A model names
checks, criteria and stories by id; the texts belong to the host.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from llm.routing import Tier
from planner.plan import Mode


def _listed(value: object) -> object:
    """One thing, or nothing, where a list is wanted."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str | dict) else value


def _as_share(value: object) -> object:
    """84 means 0.84."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return min(max(value / 100 if value > 1 else value, 0), 1)
    return value


def _known_tier(value: object) -> object:
    """A tier nobody defined is the neutral one."""
    word = value.strip().lower() if isinstance(value, str) else value
    return word if word in tuple(Tier) else Tier.standard


def _known_origin(value: object) -> object:
    """Only what is plainly from the issue may hold back its closing."""
    return "issue" if value == "issue" else "assumed"


def _named(value: object) -> object:
    return {"story": value} if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Share = Annotated[float, BeforeValidator(_as_share)]


class Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class GoReply(Reply):
    mode: Mode
    confidence: Share
    reason: str


class AskReply(Reply):
    questions: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


class DeclineReply(Reply):
    reason: str


class NeedReply(Reply):
    story: str
    because: str = ""


class StoryReply(Reply):
    id: str
    title: str
    goal: str
    writes: Texts = ()
    needs: Annotated[
        tuple[Annotated[NeedReply, BeforeValidator(_named)], ...], BeforeValidator(_listed)
    ] = ()
    acceptance: Texts = ()
    tier: Annotated[Tier, BeforeValidator(_known_tier)] = Tier.standard
    checks: Texts = ()


class CriterionReply(Reply):
    id: str
    text: str
    origin: Annotated[Literal["issue", "assumed"], BeforeValidator(_known_origin)] = "assumed"
    proof: str | None = None


class PlanReply(Reply):
    title: str
    summary: str
    reason: str
    would_change: str = ""
    decisions: Texts = ()
    criteria: Annotated[tuple[CriterionReply, ...], Field(min_length=1)]
    stories: Annotated[tuple[StoryReply, ...], Field(min_length=1, max_length=64)]
    assumptions: Texts = ()
    out_of_scope: Texts = ()
