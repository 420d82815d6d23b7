"""Bringing one story's commit into the run: as a splice where that is safe, else as a merge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from executor.events import Integration, Sha
from executor.git.changes import Change, apply_tree, changes
from executor.git.commit import tree_of
from executor.git.merge import Conflicted, merge
from executor.git.mirror import Mirror


@dataclass(frozen=True)
class Integrated:
    """The tree that holds both, and the rung that made it."""

    tree: str
    how: Integration


def integrate(mirror: Mirror, *, base: Sha, onto: Sha, story: Sha) -> Integrated | Conflicted:
    """`story` was branched from `base`; the run has meanwhile come to `onto`."""
    at_base, at_onto = tree_of(mirror, base), tree_of(mirror, onto)
    theirs = changes(mirror, at_base, tree_of(mirror, story))
    if is_splice(changes(mirror, at_base, at_onto), theirs):
        edits = {change.path: change.new for change in theirs}
        return Integrated(apply_tree(mirror, at_onto, edits), Integration.spliced)
    merged = merge(mirror, onto, story)
    if isinstance(merged, Conflicted):
        return merged
    return Integrated(merged.tree, Integration.merged)


def is_splice(ours: Sequence[Change], theirs: Sequence[Change]) -> bool:
    """Whether both sets of changes may be laid over each other without a merge.

    Where one side deletes and the other adds, git may see a renamed directory and move the
    addition along, so that is left to git.
    """
    if not ours or not theirs:
        return True
    return not (
        _moves(ours, theirs)
        or _moves(theirs, ours)
        or _touching(ours, theirs)
        or _unwritable(theirs)
    )


def _moves(ones: Iterable[Change], others: Iterable[Change]) -> bool:
    return any(c.new is None for c in ones) and any(c.old is None for c in others)


def _touching(ours: Iterable[Change], theirs: Iterable[Change]) -> bool:
    """The same path, or one that is a folder of the other."""
    mine, yours = {change.path for change in ours}, {change.path for change in theirs}
    return not mine.isdisjoint(_lineage(yours)) or not yours.isdisjoint(_lineage(mine))


def _lineage(paths: Iterable[str]) -> set[str]:
    """The paths and every folder above them."""
    found: set[str] = set()
    for path in paths:
        found.add(path)
        while "/" in path:
            path = path.rpartition("/")[0]
            found.add(path)
    return found


def _unwritable(theirs: Iterable[Change]) -> bool:
    return any("\udc80" <= character <= "\udcff" for c in theirs for character in c.path)
