"""Tries a push on a remote without leaving anything behind."""

import secrets
from datetime import UTC, datetime

from executor.git.commit import Signature, commit_tree
from executor.git.engine import opened
from executor.git.mirror import Mirror, Remote
from executor.git.push import delete, push


def push_and_delete(mirror: Mirror, remote: Remote) -> None:
    """An empty commit under a hidden ref nobody else uses.

    Raises:
        GitError: why a run could not keep its work there.
    """
    ref = f"refs/baro/doctor/{secrets.token_hex(6)}"
    tree = str(opened(mirror.path).TreeBuilder().write())
    who = Signature("baro", "baro@localhost", datetime.now(UTC))
    made = commit_tree(
        mirror, tree=tree, parents=(), message="baro doctor", author=who, committer=who
    )
    push(mirror, remote, sha=made, ref=ref, expect=None)
    delete(mirror, remote, ref=ref, expect=made)
