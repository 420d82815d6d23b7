"""What to run and where it goes: an approved plan with its destination."""

from dataclasses import dataclass, field

from executor.artifacts import ArtifactRules
from executor.events import RunId, Sha
from executor.git.commit import Signature
from executor.message import Trailers
from executor.run_refs import StoryRefs
from planner.plan import Digest, Plan


@dataclass(frozen=True)
class Order:
    """One run. `expected` is the destination branch's head on the remote; None: it is new."""

    run: RunId
    plan: Plan
    digest: Digest
    branch: str
    trailers: Trailers
    author: Signature
    expected: Sha | None = None
    rules: ArtifactRules = field(default_factory=ArtifactRules)
    story_refs: StoryRefs = "hidden"
