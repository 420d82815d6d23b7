"""Workspaces as plain checkouts, which work on every machine.

locks/      one file per story and base; a story's is held for as long as its process lives
bases/      <sha>/{tree,index,packs,made.json}: checked out and set up once, then only copied
stories/    <name>/{tree,index}: only `tree` is ever shown to an agent
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from executor.events import Sha
from executor.git.errors import Busy
from executor.git.lock import claim, locked
from executor.git.mirror import Mirror
from executor.workspace.checkout import check_out, remembered
from executor.workspace.copy import copied, deleted
from executor.workspace.port import Workspace
from executor.workspace.products import folders_of, made_by_setup
from executor.workspace.throwaway import Packs, pack, plant


class Worktrees:
    """Implements `Workspaces` below `root`, a folder that belongs to one repository."""

    def __init__(self, root: Path, mirror: Mirror, *, keep_bases: int = 6) -> None:
        self._locks, self._bases, self._stories = root / "locks", root / "bases", root / "stories"
        self._mirror, self._keep_bases = mirror, keep_bases
        self._held: dict[str, int] = {}
        for folder in (self._locks, self._bases, self._stories):
            folder.mkdir(parents=True, exist_ok=True)

    def prepare(self, sha: Sha, setup: Callable[[Path], None]) -> None:
        with locked(self._base_lock(sha)):
            if not (self._bases / sha / "made.json").exists():
                deleted(self._bases / sha)
                with ExitStack() as undo:
                    undo.callback(deleted, self._bases / sha)
                    self._prepared(sha, setup)
                    undo.pop_all()
        self._retire_bases()

    def create(self, name: str, sha: Sha, *, prepared_from: Sha | None = None) -> Workspace:
        folder = _folder_name(name)
        held = claim(self._story_lock(folder))
        if held is None:
            raise Busy(f"the workspace {name} is in use")
        self._held[folder] = held
        with ExitStack() as undo:
            undo.callback(self._discard, folder)
            deleted(self._stories / folder)
            workspace = self._created(name, folder, sha, prepared_from or sha)
            undo.pop_all()
        return workspace

    def remove(self, workspace: Workspace) -> None:
        self._discard(workspace.path.parent.name)

    def sweep(self) -> int:
        swept = 0
        for lock in sorted(self._locks.glob("story-*.lock")):
            held = claim(lock)
            if held is not None:
                folder = lock.name.removeprefix("story-").removesuffix(".lock")
                self._held[folder] = held
                self._discard(folder)
                swept += 1
        return swept

    def _prepared(self, sha: Sha, setup: Callable[[Path], None]) -> None:
        base = self._bases / sha
        base.mkdir()
        check_out(self._mirror, sha, base / "tree", base / "index")
        pack(self._mirror, sha, base / "packs")
        packs = Packs(base / "packs", sha)
        plant(self._mirror, sha, base / "tree", index=base / "index", packs=packs)
        setup(base / "tree")
        made = made_by_setup(base / "tree", remembered(base / "index").files)
        _write_whole(base / "made.json", json.dumps(made))

    def _created(self, name: str, folder: str, sha: Sha, prepared: Sha) -> Workspace:
        story = self._stories / folder
        tree, index = story / "tree", story / "index"
        story.mkdir()
        check_out(self._mirror, sha, tree, index)
        with locked(self._base_lock(prepared), shared=True):
            base = self._bases / prepared
            made = self._copied_products(base, tree, index)
            packs = Packs(base / "packs", prepared)
            if not packs.folder.exists():
                packs = Packs(story / "packs", sha)
                pack(self._mirror, sha, packs.folder)
            plant(self._mirror, sha, tree, index=index, packs=packs, hidden=made)
        return Workspace(name, tree, sha, index, self._mirror, made)

    def _copied_products(self, base: Path, tree: Path, index: Path) -> tuple[str, ...]:
        """Setup's products, but for paths where the commit has something of its own by now."""
        if not (base / "made.json").exists():
            return ()
        os.utime(base / "made.json")
        files = set(remembered(index).files)
        folders = folders_of(files)
        taken = files | folders
        made = tuple(
            path
            for path in json.loads((base / "made.json").read_text())
            if path not in taken and _has_real_parent(path, folders)
        )
        copied(base / "tree", made, tree)
        return made

    def _discard(self, folder: str) -> None:
        deleted(self._stories / folder)
        held = self._held.pop(folder, None)
        if held is not None:
            self._story_lock(folder).unlink(missing_ok=True)
            os.close(held)

    def _retire_bases(self) -> None:
        """Drop the longest unused bases that nobody is copying from."""
        ready = [base for base in self._bases.iterdir() if (base / "made.json").exists()]
        ready.sort(key=lambda base: (base / "made.json").stat().st_mtime_ns, reverse=True)
        for base in ready[self._keep_bases :]:
            held = claim(self._base_lock(Sha(base.name)))
            if held is not None:
                deleted(base)
                os.close(held)

    def _base_lock(self, sha: Sha) -> Path:
        return self._locks / f"base-{sha}.lock"

    def _story_lock(self, folder: str) -> Path:
        return self._locks / f"story-{folder}.lock"


def _has_real_parent(path: str, folders: set[str]) -> bool:
    parent = path.rpartition("/")[0]
    return not parent or parent in folders


def _folder_name(name: str) -> str:
    """Harmless and unlike every other name's, whatever somebody called their story."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name)[:60].strip("-")
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _write_whole(path: Path, text: str) -> None:
    """The file appears with all of its content, or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)
