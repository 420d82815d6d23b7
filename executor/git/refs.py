"""Moving a ref of the mirror by compare-and-swap, the only way one is moved."""

import pygit2

from executor.events import Sha
from executor.git.engine import opened
from executor.git.errors import RefMoved, UnknownRef
from executor.git.mirror import Mirror


def move(mirror: Mirror, ref: str, *, to: Sha, expect: Sha | None) -> None:
    """Point `ref` at `to`, if it still is at `expect` (None: absent), else `RefMoved`."""
    repository = opened(mirror.path)
    if to not in repository:
        raise UnknownRef(f"no object {to}")
    with repository.transaction() as change:
        change.lock_ref(ref)
        found = _target(repository, ref)
        if found != expect:
            raise RefMoved(ref, expect, found)
        change.set_target(ref, to)
        change.commit()


def _target(repository: pygit2.Repository, ref: str) -> str | None:
    try:
        return str(repository.lookup_reference(ref).target)
    except KeyError:
        return None
