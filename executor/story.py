"""One attempt of one story: from a fresh workspace to a commit with evidence, or a failure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from executor.events import RunId, Sha
from executor.evidence import Evidence
from executor.failure import Failure
from executor.git.commit import Signature
from executor.git.mirror import Mirror
from executor.sandbox.port import Sandbox
from executor.workspace.port import Workspaces
from llm.backend import Backend, Step
from llm.meter import Meter
from llm.routing import Route, Tier
from llm.usage import Usage
from planner.plan import Plan, Story

STEPS: Mapping[Tier, int] = MappingProxyType({Tier.light: 25, Tier.standard: 50, Tier.heavy: 90})


@dataclass(frozen=True)
class StoryTask:
    """What to do. `onto` is the commit to branch from, `prepared_from` the one set up for the run."""

    run: RunId
    plan: Plan
    story: Story
    attempt: int
    route: Route
    onto: Sha
    prepared_from: Sha
    shared: str
    author: Signature
    at: datetime
    feedback: Failure | None = None
    trailers: tuple[str, ...] = ()


def _unheard(_step: Step) -> None:
    """Nobody watches."""


def _kept_local(_commit: Sha) -> None:
    """The commit stays in the mirror."""


@dataclass(frozen=True)
class Ground:
    """What to do it with. `push` is told of every commit, so that another worker can take over."""

    mirror: Mirror
    workspaces: Workspaces
    sandbox: Sandbox
    backend: Backend
    meter: Meter
    on_step: Callable[[Step], None] = _unheard
    push: Callable[[Sha], None] = _kept_local
    steps: Mapping[Tier, int] = field(default_factory=lambda: STEPS)


@dataclass(frozen=True)
class Passed:
    """A commit whose own checks are not red; `outside` names changes dropped for their path."""

    commit: Sha
    tree: str
    summary: str
    evidence: tuple[Evidence, ...]
    usage: Usage
    outside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """Why not, as a value. `amend` are globs the agent asked to write to beside its surface."""

    failure: Failure
    evidence: tuple[Evidence, ...] = ()
    usage: Usage = Usage()
    amend: tuple[str, ...] = ()


async def attempt(task: StoryTask, ground: Ground) -> Passed | Failed:
    """A failed story is a result, so its siblings in the task group go on."""
    raise NotImplementedError
