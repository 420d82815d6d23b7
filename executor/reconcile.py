"""The integrated work as one linear chain of filtered commits, in the order of the plan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from executor.artifacts import ArtifactRules, filtered
from executor.events import FinalCommit, LeftOut, Sha
from executor.git.blobs import Blobs
from executor.git.changes import Change, apply_tree, changes
from executor.git.commit import Signature, commit_tree, tree_of
from executor.git.merge import Conflicted, merge_trees
from executor.git.mirror import Mirror
from executor.weakened import is_test, weakened
from planner.plan import StoryId

_PROTECTED = "protected, and the plan does not name it"


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

    Every commit is filtered against the base, not only the last, since each is judged on its own
    once it is pushed. `protected` says of a path that nobody may change it unasked.
    """
    filter_ = _Filter(mirror, tree_of(mirror, base), rules, protected)
    head, tree, commits = base, filter_.base, list[FinalCommit]()
    for piece, whole in _replayed(mirror, filter_.base, integrated, order):
        clean, _ = filter_.applied(whole)
        if clean != tree:
            head = commit_tree(
                mirror,
                tree=clean,
                parents=[head],
                message=piece.message,
                author=author,
                committer=committer,
            )
            commits.append(FinalCommit(story=piece.story, sha=head))
            tree = clean
    _, left_out = filter_.applied(_final(mirror, filter_.base, integrated))
    return Reconciliation(
        head=head,
        tree=tree,
        commits=tuple(commits),
        left_out=left_out,
        weakened_tests=_weakened_tests(mirror, filter_.base, tree),
        empty=tree == filter_.base,
    )


class _Filter:
    """One base and one set of rules, applied to any tree."""

    def __init__(
        self,
        mirror: Mirror,
        base: str,
        rules: ArtifactRules,
        protected: Callable[[str], bool],
    ) -> None:
        self._mirror, self.base, self._rules, self._protected = mirror, base, rules, protected

    def applied(self, tree: str) -> tuple[str, tuple[LeftOut, ...]]:
        """The tree without what does not belong in it, and what that was."""
        found = changes(self._mirror, self.base, tree)
        open_ = [change for change in found if not self._protected(change.path)]
        kept, left_out = filtered(open_, self._blobs, self._rules)
        shut = tuple(self._shut(c) for c in found if self._protected(c.path))
        edits = {change.path: change.new for change in _settled(found, kept)}
        everything = sorted((*left_out, *shut), key=lambda one: one.path)
        return apply_tree(self._mirror, self.base, edits), tuple(everything)

    def _shut(self, change: Change) -> LeftOut:
        entry = change.new or change.old
        size = self._blobs.size(entry[0]) if entry else 0
        return LeftOut(path=change.path, rule=_PROTECTED, size=size)

    @cached_property
    def _blobs(self) -> Blobs:
        return Blobs(self._mirror, self.base)


def _settled(found: Sequence[Change], kept: Sequence[Change]) -> list[Change]:
    """The kept changes, but for a deletion or addition whose other half was left out.

    Where a file became a folder and the folder's files do not stay, the file does.
    """
    staying = {change.path for change in kept}
    lost = [change.path for change in found if change.path not in staying]
    return [
        change
        for change in kept
        if not (change.new is None and any(path.startswith(f"{change.path}/") for path in lost))
        and not (change.old is None and any(change.path.startswith(f"{path}/") for path in lost))
    ]


def _replayed(
    mirror: Mirror, base: str, integrated: Sequence[Piece], order: Sequence[StoryId]
) -> list[tuple[Piece, str]]:
    """Each piece with the unfiltered tree after it: in plan order, else as they were integrated."""
    as_integrated = [(piece, tree_of(mirror, piece.head)) for piece in integrated]
    rank = {story: place for place, story in enumerate(order)}
    planned = sorted(integrated, key=lambda piece: rank.get(piece.story, len(rank)))
    if planned == list(integrated):
        return as_integrated
    replayed = list(_laid(mirror, base, planned))
    reached = replayed[-1][1] if len(replayed) == len(planned) else None
    return replayed if reached == as_integrated[-1][1] else as_integrated


def _laid(mirror: Mirror, base: str, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, str]]:
    """Each piece's own difference laid on the one before; ends early where one does not fit."""
    tree = base
    for piece in pieces:
        onto, head = tree_of(mirror, piece.onto), tree_of(mirror, piece.head)
        merged = merge_trees(mirror, ancestor=onto, ours=tree, theirs=head)
        if isinstance(merged, Conflicted):
            return
        tree = merged.tree
        yield piece, tree


def _final(mirror: Mirror, base: str, integrated: Sequence[Piece]) -> str:
    return tree_of(mirror, integrated[-1].head) if integrated else base


def _weakened_tests(mirror: Mirror, base: str, tree: str) -> tuple[str, ...]:
    blobs = Blobs(mirror, base)
    touched = [change for change in changes(mirror, base, tree) if is_test(change.path)]
    before = {c.path: blobs.text(c.old[0]) for c in touched if c.old}
    after = {c.path: blobs.text(c.new[0]) if c.new else None for c in touched}
    return weakened(before, after)
