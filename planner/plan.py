"""The shared domain: a frozen plan of stories, and the digest an approval is bound to."""

import hashlib
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NewType

from pydantic import BaseModel, ConfigDict, Field

from llm.meter import Caps
from llm.routing import Tier

StoryId = NewType("StoryId", str)
CriterionId = NewType("CriterionId", str)
Digest = NewType("Digest", str)


class Frozen(BaseModel):
    """A domain value: immutable, and strict about the keys it knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(StrEnum):
    """The shape of the work."""

    focused = "focused"
    sequential = "sequential"
    parallel = "parallel"


class Origin(StrEnum):
    """Where an acceptance criterion comes from; only `issue` holds back `Closes #n`."""

    issue = "issue"
    assumed = "assumed"
    always = "always"


class Base(Frozen):
    """The commit a plan was made for. Valid while it is an ancestor of the base branch's tip."""

    branch: str
    sha: str


class Check(Frozen):
    """A command of the repository that can prove something; `source` is where it was found."""

    name: str
    argv: tuple[str, ...]
    source: str
    timeout_seconds: int = 900


class Criterion(Frozen):
    """What must be true at the end. `proof` names a check or a test; None is *not run*."""

    id: CriterionId
    text: str
    origin: Origin
    proof: str | None = None


class Story(Frozen):
    """A bounded unit of work. `writes` are globs relative to the repository's root."""

    id: StoryId
    title: str
    goal: str
    writes: tuple[str, ...]
    needs: tuple[StoryId, ...] = ()
    acceptance: tuple[CriterionId, ...] = ()
    checks: tuple[Check, ...] = ()
    tier: Tier = Tier.standard
    flags: tuple[str, ...] = ()


class Rule(StrEnum):
    """What the contract may do to a plan. The sentence for each lives with the comments."""

    low_confidence = "low_confidence"
    mode_asked = "mode_asked"
    collapsed = "collapsed"
    folded = "folded"
    serialised = "serialised"
    hub_owned = "hub_owned"
    verify_story_removed = "verify_story_removed"
    degraded = "degraded"
    criterion_assigned = "criterion_assigned"
    repaired = "repaired"
    gate_only_base_checks = "gate_only_base_checks"
    edge_completed = "edge_completed"


class Enforcement(Frozen):
    """One correction made by code, kept to be shown: which rule, on what, and why."""

    rule: Rule
    stories: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


class Span(Frozen):
    """A low and a high figure: P50 and P90."""

    low: Decimal
    high: Decimal


class Figures(Frozen):
    """What one mode is expected to take. `usd` is None where a price is unknown."""

    mode: Mode
    agents: int
    stories: int
    tokens: Span
    usd: Span | None
    minutes: Span
    speedup: Decimal
    critical_path: tuple[StoryId, ...] = ()
    hand_offs: int = 1


class StoryEstimate(Frozen):
    """One story's share of the proposed figures, and the model it would run on."""

    story: StoryId
    model: str
    tokens: Span
    usd: Span | None
    minutes: Span


class Estimate(Frozen):
    """The price of a plan, before anyone approves it; the alternatives are priced alike."""

    proposed: Figures
    alternatives: tuple[Figures, ...]
    stories: tuple[StoryEstimate, ...]


class Design(Frozen):
    """Decisions and interfaces pinned between stories before any of them starts."""

    decisions: tuple[str, ...] = ()


class Plan(Frozen):
    """What a person approves and the executor runs, to the letter."""

    revision: Annotated[int, Field(ge=1)]
    title: str
    summary: str
    mode: Mode
    confidence: Annotated[float, Field(ge=0, le=1)]
    reason: str
    would_change: str = ""
    design: Design = Design()
    stories: Annotated[tuple[Story, ...], Field(min_length=1)]
    criteria: tuple[Criterion, ...]
    assumptions: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    setup: tuple[Check, ...] = ()
    gate: tuple[Check, ...] = ()
    base: Base
    caps: Caps
    agents: Annotated[int, Field(ge=1)]
    attempts: Annotated[int, Field(ge=1)] = 3
    enforcements: tuple[Enforcement, ...] = ()
    facts: tuple[str, ...] = ()
    estimate: Estimate | None = None

    def story(self, wanted: StoryId) -> Story:
        """The story of that id; a KeyError is a programming error, ids come from this plan."""
        for story in self.stories:
            if story.id == wanted:
                return story
        raise KeyError(wanted)


def digest(plan: Plan) -> Digest:
    """The name of exactly this plan, base commit included: what an approval is bound to."""
    return Digest(hashlib.sha256(plan.model_dump_json().encode()).hexdigest())
