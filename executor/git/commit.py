"""Commits made from trees, with nothing in them that was not passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pygit2

from executor.events import Sha
from executor.git.engine import commit_at, opened
from executor.git.mirror import Mirror


@dataclass(frozen=True)
class Signature:
    """Who, and when. The time is an argument, so that a run repeated gives the same ids."""

    name: str
    email: str
    at: datetime


def commit_tree(
    mirror: Mirror,
    *,
    tree: str,
    parents: Sequence[Sha],
    message: str,
    author: Signature,
    committer: Signature,
) -> Sha:
    """Write a commit and move no ref."""
    repository = opened(mirror.path)
    made = repository.create_commit(
        None, _git(author), _git(committer), message, pygit2.Oid(hex=tree), list(parents)
    )
    return Sha(str(made))


def tree_of(mirror: Mirror, sha: Sha) -> str:
    """The id of a commit's tree."""
    return str(commit_at(opened(mirror.path), sha).tree_id)


def _git(signature: Signature) -> pygit2.Signature:
    offset = signature.at.utcoffset() or timedelta()
    return pygit2.Signature(
        signature.name,
        signature.email,
        int(signature.at.timestamp()),
        int(offset.total_seconds() // 60),
    )
