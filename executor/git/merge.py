"""A three-way merge decided by git itself, without a working tree."""

from dataclasses import dataclass

from executor.events import Sha
from executor.git.cli import git
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
    if ended.code == 0:
        return Merged(tree.strip())
    return Conflicted(tuple(dict.fromkeys(path for path in paths if path)))
