"""The `.git` an agent may do anything to: one commit deep, without a remote, never read back."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from executor.events import Sha
from executor.git.cli import git
from executor.git.engine import commit_at, opened
from executor.git.mirror import RAW_BYTES, Mirror
from executor.workspace.copy import copied

_CONFIGURATION = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[user]
\tname = baro
\temail = baro@localhost
[gc]
\tauto = 0
"""


@dataclass(frozen=True)
class Packs:
    """A folder of packs that hold everything in the tree of `sha`."""

    folder: Path
    sha: Sha


def pack(mirror: Mirror, sha: Sha, into: Path) -> None:
    """Write one pack of everything in that commit's tree, and nothing of its history."""
    into.mkdir(parents=True, exist_ok=True)
    listed = git(mirror.path, "rev-list", "--objects", "--no-object-names", "--no-walk", sha)
    git(mirror.path, "pack-objects", "-q", "--window=0", str(into / "pack"), stdin=listed.stdout)


def plant(
    mirror: Mirror,
    sha: Sha,
    tree: Path,
    *,
    index: Path,
    packs: Packs,
    hidden: Sequence[str] = (),
) -> None:
    """Make `tree/.git` with `sha` as its only commit; its status does not show `hidden` paths."""
    folder = tree / ".git"
    objects = folder / "objects" / "pack"
    for needed in (objects, folder / "refs" / "heads", folder / "info"):
        needed.mkdir(parents=True)
    copied(packs.folder, sorted(file.name for file in packs.folder.iterdir()), objects)
    if sha != packs.sha:
        _pack_difference(mirror, sha, packs.sha, objects)
    shutil.copyfile(index, folder / "index")
    texts = {
        "HEAD": "ref: refs/heads/work\n",
        "refs/heads/work": f"{sha}\n",
        "shallow": f"{sha}\n",
        "config": _CONFIGURATION,
        "info/attributes": RAW_BYTES,
        "info/exclude": "".join(f"/{_literal(path)}\n" for path in hidden),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")


def _pack_difference(mirror: Mirror, sha: Sha, packed: Sha, into: Path) -> None:
    repository = opened(mirror.path)
    wanted, had = commit_at(repository, sha), commit_at(repository, packed)
    builder = pygit2.PackBuilder(repository)
    builder.add(wanted.id)
    for oid in _beyond(wanted.tree, had.tree):
        builder.add(oid)
    builder.write(str(into))


def _beyond(tree: pygit2.Tree, had: pygit2.Tree | None) -> Iterator[pygit2.Oid]:
    if had is not None and tree.id == had.id:
        return
    yield tree.id
    before = {entry.raw_name: entry for entry in had} if had is not None else {}
    for entry in tree:
        old = before.get(entry.raw_name)
        if isinstance(entry, pygit2.Tree):
            yield from _beyond(entry, old if isinstance(old, pygit2.Tree) else None)
        elif entry.filemode != FileMode.COMMIT and (old is None or old.id != entry.id):
            yield entry.id


def _literal(path: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\*?[]!# " else letter for letter in path)
