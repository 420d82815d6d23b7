"""Moving a ref of the mirror by compare-and-swap, the only way one is moved."""

import time
from contextlib import suppress

import pygit2

from executor.events import Sha
from executor.git.engine import opened
from executor.git.errors import Busy, RefMoved, UnknownRef
from executor.git.mirror import Mirror, target

_ABANDONED_SECONDS = 5
_TRIES = 50


def move(mirror: Mirror, ref: str, *, to: Sha, expect: Sha | None) -> None:
    """Point `ref` at `to`, if it still is at `expect` (None: absent), else `RefMoved`."""
    repository = opened(mirror.path)
    if to not in repository:
        raise UnknownRef(f"no object {to}")
    # Leaving the block commits; a commit of our own before that would free the transaction twice.
    with repository.transaction() as change:
        _lock(mirror, change, ref)
        found = target(repository, ref)
        if found != expect:
            raise RefMoved(ref, expect, found)
        change.set_target(ref, to)


def remove(mirror: Mirror, ref: str, *, expect: Sha) -> None:
    """Delete `ref`, if it still is at `expect`; one that is gone already is fine."""
    repository = opened(mirror.path)
    with repository.transaction() as change:
        _lock(mirror, change, ref)
        found = target(repository, ref)
        if found is None:
            return
        if found != expect:
            raise RefMoved(ref, expect, found)
        change.remove(ref)


def _lock(mirror: Mirror, change: pygit2.transaction.ReferenceTransaction, ref: str) -> None:
    for _ in range(_TRIES):
        try:
            return change.lock_ref(ref)
        except pygit2.GitError as error:
            if "lock" not in str(error):
                raise
            _drop_abandoned(mirror, ref)
            time.sleep(0.01)
    raise Busy(f"{ref} is locked")


def _drop_abandoned(mirror: Mirror, ref: str) -> None:
    """A killed process leaves its lock file; a living one holds it for milliseconds."""
    lock = mirror.path / f"{ref}.lock"
    with suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > _ABANDONED_SECONDS:
            lock.unlink()
