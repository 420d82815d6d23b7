"""Three-way merges without a working tree."""

from dataclasses import dataclass

from executor.events import Sha
from executor.git.cli import git
from executor.git.engine import opened, tree_at
from executor.git.errors import GitFailed
from executor.git.mirror import Mirror


@dataclass(frozen=True)
class Merged:
    tree: str


@dataclass(frozen=True)
class Conflicted:
    paths: tuple[str, ...]


def merge(mirror: Mirror, onto: Sha, theirs: Sha) -> Merged | Conflicted:
    """The merge of two commits; any failure of the tool is an error, never a conflict."""
    arguments = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", onto, theirs)
    ended = git(mirror.path, *arguments, accept=(0, 1))
    tree, *paths = ended.stdout.decode("utf-8", "surrogateescape").split("\0")
    if not tree:
        # It ends with 1 as well where one side is no commit, but then without a tree.
        raise GitFailed("merge-tree", ended.code, f"cannot merge {theirs} into {onto}")
    if ended.code == 0:
        return Merged(tree)
    return Conflicted(tuple(dict.fromkeys(path for path in paths if path)))


def merge_trees(mirror: Mirror, *, ancestor: str, ours: str, theirs: str) -> Merged | Conflicted:
    """The change from `ancestor` to `theirs` laid on `ours`, all three being trees.

    libgit2 calls some merges clean that git does not, so the caller must know what to expect.
    """
    repository = opened(mirror.path)
    trees = tree_at(repository, ancestor), tree_at(repository, ours), tree_at(repository, theirs)
    index = repository.merge_trees(trees[0], trees[1], trees[2])
    if index.conflicts is None:
        return Merged(str(index.write_tree(repository)))
    sides = (side for sides in index.conflicts for side in sides if side)
    return Conflicted(tuple(sorted({side.path for side in sides})))
