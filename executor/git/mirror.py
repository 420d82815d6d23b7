"""A bare mirror of one repository, owned by the service and never shown to an agent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pygit2
from pygit2.enums import RepositoryInitFlag

from executor.events import Sha
from executor.git.engine import opened
from executor.git.errors import UnknownRef
from executor.git.lock import locked
from executor.git.transport import Conversation, Terms

# Checkout writes exactly the blob's bytes, whatever a tree's own .gitattributes asks for, so that
# what an agent left unchanged hashes to the same blob. `info/attributes` outranks the tree's.
RAW_BYTES = "* -text !eol !ident !filter !working-tree-encoding\n"

_CONFIGURATION: dict[str, str | bool | int] = {
    "core.hooksPath": "/dev/null",
    "core.symlinks": True,
    "core.protectHFS": True,
    "core.protectNTFS": True,
    "core.logAllRefUpdates": False,
    "gc.auto": 0,
    "receive.denyNonFastForwards": False,
    "transfer.fsckObjects": True,
}


@dataclass(frozen=True)
class Remote:
    """Where a repository lives. The token is never part of the address."""

    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Mirror:
    """The bare repository at `path`."""

    path: Path

    @property
    def lock(self) -> Path:
        return self.path.with_suffix(".lock")


def open_mirror(root: Path, repository: int) -> Mirror:
    """The mirror of that repository id, made on first use."""
    mirror = Mirror(root / f"{repository}.git")
    if not (mirror.path / "baro").exists():
        root.mkdir(parents=True, exist_ok=True)
        with locked(mirror.lock):
            _make(mirror.path)
    return mirror


def fetch(
    mirror: Mirror,
    remote: Remote,
    *,
    branches: Sequence[str] = (),
    hidden: Sequence[str] = (),
    terms: Terms | None = None,
    cancel: Event | None = None,
) -> None:
    """Bring branches to `refs/remotes/origin/*` and hidden refs to their own names.

    A branch the server does not have is an `UnknownRef`; a hidden pattern may match nothing.
    """
    with locked(mirror.lock):
        repository = opened(mirror.path)
        conversation = Conversation(repository, remote.url, remote.token, terms, cancel)
        heads = conversation.heads()
        missing = [branch for branch in branches if f"refs/heads/{branch}" not in heads]
        wanted = [(f"refs/heads/{b}", tracking(b)) for b in branches if b not in missing]
        wanted += [(ref, ref) for ref in heads if any(_matches(p, ref) for p in hidden)]
        behind = [(src, dst) for src, dst in wanted if target(repository, dst) != heads[src]]
        conversation.fetch([f"+{source}:{destination}" for source, destination in behind])
        _forget(repository, missing)
    if missing:
        raise UnknownRef(f"the repository has no branch {', '.join(missing)}")


def tracking(branch: str) -> str:
    """The ref under which the mirror remembers the server's branch."""
    return f"refs/remotes/origin/{branch}"


def tip(mirror: Mirror, branch: str) -> Sha:
    """Where the server's branch was at the last fetch."""
    found = ref_target(mirror, tracking(branch))
    if found is None:
        raise UnknownRef(f"the repository has no branch {branch}")
    return found


def ref_target(mirror: Mirror, ref: str) -> Sha | None:
    """The commit a full ref name points at in the mirror."""
    return target(opened(mirror.path), ref)


def refs(mirror: Mirror, prefix: str) -> dict[str, Sha]:
    """Every ref below `prefix`, such as `refs/baro/<run>/`."""
    repository = opened(mirror.path)
    names = [name for name in repository.references if name.startswith(prefix)]
    targets = {name: target(repository, name) for name in names}
    return {name: sha for name, sha in targets.items() if sha is not None}


def has(mirror: Mirror, sha: Sha) -> bool:
    """Whether the mirror holds this commit."""
    return sha in opened(mirror.path)


def is_ancestor(mirror: Mirror, sha: Sha, of: Sha) -> bool:
    """Whether `sha` is `of` or lies in its history."""
    repository = opened(mirror.path)
    if sha not in repository or of not in repository:
        return False
    return sha == of or repository.descendant_of(of, sha)


def _make(path: Path) -> None:
    flags = RepositoryInitFlag.BARE | RepositoryInitFlag.MKPATH
    repository = pygit2.init_repository(str(path), flags=flags)
    for key, value in _CONFIGURATION.items():
        repository.config[key] = value
    (path / "info").mkdir(exist_ok=True)
    (path / "info" / "attributes").write_text(RAW_BYTES)
    (path / "baro").touch()


def _matches(pattern: str, ref: str) -> bool:
    return ref.startswith(pattern[:-1]) if pattern.endswith("*") else ref == pattern


def target(repository: pygit2.Repository, ref: str) -> Sha | None:
    """Where a ref of this handle's repository points, read afresh."""
    try:
        return Sha(str(repository.lookup_reference(ref).resolve().target))
    except KeyError:
        return None


def _forget(repository: pygit2.Repository, branches: Sequence[str]) -> None:
    for branch in branches:
        if tracking(branch) in repository.references:
            repository.references.delete(tracking(branch))
