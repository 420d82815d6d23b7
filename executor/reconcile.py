"""The integrated work as one linear chain of filtered commits, in the order of the plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from executor.artifacts import ArtifactRules
from executor.events import FinalCommit, LeftOut, Sha
from executor.git.commit import Signature
from executor.git.mirror import Mirror
from planner.plan import StoryId


@dataclass(frozen=True)
class Piece:
    """One integrated story: the run went from `onto` to `head` with it."""

    story: StoryId
    title: str
    onto: Sha
    head: Sha
    message: str


@dataclass(frozen=True)
class Reconciliation:
    """`head` is the last commit, or the base where nothing was left to deliver."""

    head: Sha
    tree: str
    commits: tuple[FinalCommit, ...]
    left_out: tuple[LeftOut, ...]
    weakened_tests: tuple[str, ...]
    empty: bool


def reconcile(
    mirror: Mirror,
    *,
    base: Sha,
    integrated: Sequence[Piece],
    order: Sequence[StoryId],
    rules: ArtifactRules,
    author: Signature,
    committer: Signature,
    protected: Callable[[str], bool] = lambda _: False,
) -> Reconciliation:
    """`integrated` is in the order of integration, `order` is the plan's.

    `protected` says of a path that the plan does not name and nobody may change unasked.
    """
    raise NotImplementedError
