"""Workspaces: fresh, prepared once, cut off from the mirror, and gone afterwards."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from executor.events import Sha
from executor.git.commit import tree_of
from executor.git.errors import Busy, GitError
from executor.git.mirror import Mirror
from executor.workspace.port import Workspaces
from executor.workspace.snapshot import snapshot
from executor.workspace.worktree import Worktrees
from tests.executor.git.trees import a_commit, a_repository
from tests.executor.repositories import git

FILES = {"app.py": "x = 1\n", "web/package.json": "{}\n", ".gitignore": "*.log\n"}


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


@pytest.fixture
def base(mirror: Mirror) -> Sha:
    return a_commit(mirror, FILES)


@pytest.fixture
def workspaces(tmp_path: Path, mirror: Mirror) -> Worktrees:
    return Worktrees(tmp_path / "work", mirror)


def test_a_workspace_holds_the_commit_byte_for_byte(workspaces: Workspaces, mirror: Mirror) -> None:
    files: Mapping[str, str | bytes | tuple[str, int]] = {
        ".gitattributes": "*.txt text eol=crlf\n*.u16 working-tree-encoding=UTF-16\n* ident\n",
        "dos.txt": b"one\r\ntwo\r\n",
        "unix.txt": b"one\ntwo\n",
        "id.py": b"# $Id$\n",
        "wide.u16": "plain",
        "run.sh": ("#!/bin/sh\n", 0o100755),
        "link": ("unix.txt", 0o120000),
    }
    sha = a_commit(mirror, files)
    workspace = workspaces.create("s1", sha)
    assert (workspace.path / "dos.txt").read_bytes() == b"one\r\ntwo\r\n"
    assert (workspace.path / "unix.txt").read_bytes() == b"one\ntwo\n"
    assert (workspace.path / "id.py").read_bytes() == b"# $Id$\n"
    assert os.access(workspace.path / "run.sh", os.X_OK)
    assert (workspace.path / "link").readlink() == Path("unix.txt")
    assert snapshot(workspace).tree == tree_of(mirror, sha)


def test_what_setup_made_is_in_every_workspace_and_in_no_snapshot(
    workspaces: Workspaces, mirror: Mirror, base: Sha
) -> None:
    workspaces.prepare(base, _install)
    one, other = workspaces.create("s1", base), workspaces.create("s2", base)
    for workspace in (one, other):
        assert (workspace.path / "web/node_modules/left-pad/index.js").read_text() == "pad"
        assert (workspace.path / "web/node_modules/.bin/pad").readlink() == Path("../left-pad")
        assert snapshot(workspace).tree == tree_of(mirror, base)
    (one.path / "web/node_modules/left-pad/index.js").write_text("broken")
    assert (other.path / "web/node_modules/left-pad/index.js").read_text() == "pad"


def test_setup_runs_once_per_base(workspaces: Workspaces, tmp_path: Path, base: Sha) -> None:
    runs: list[Path] = []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: workspaces.prepare(base, runs.append), range(4)))
    assert len(runs) == 1


def test_a_failed_setup_is_tried_again(workspaces: Workspaces, base: Sha) -> None:
    def fail(tree: Path) -> None:
        (tree / "half").touch()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError):
        workspaces.prepare(base, fail)
    workspaces.prepare(base, lambda _: None)
    assert not (workspaces.create("s1", base).path / "half").exists()


def test_a_later_story_gets_the_prepared_base_of_its_run(
    workspaces: Workspaces, mirror: Mirror, base: Sha
) -> None:
    workspaces.prepare(base, _install)
    head = a_commit(mirror, {"lib.py": "y = 2\n"}, base)
    workspace = workspaces.create("s2", head, prepared_from=base)
    assert (workspace.path / "lib.py").read_text() == "y = 2\n"
    assert (workspace.path / "web/node_modules/left-pad/index.js").exists()
    assert git(workspace.path, "status", "--short") == ""
    assert snapshot(workspace).tree == tree_of(mirror, head)


def test_the_commit_s_own_files_win_over_setup_s(
    workspaces: Workspaces, mirror: Mirror, base: Sha
) -> None:
    workspaces.prepare(base, _install)
    head = a_commit(mirror, {"web/node_modules/mine.js": "mine"}, base)
    workspace = workspaces.create("s2", head, prepared_from=base)
    assert os.listdir(workspace.path / "web/node_modules") == ["mine.js"]


def test_setup_s_changes_to_tracked_files_stay_behind(workspaces: Workspaces, base: Sha) -> None:
    workspaces.prepare(base, lambda tree: _write(tree / "app.py", "changed"))
    assert (workspaces.create("s1", base).path / "app.py").read_text() == "x = 1\n"


def test_an_agent_s_git_works_and_knows_one_commit(workspaces: Workspaces, base: Sha) -> None:
    workspaces.prepare(base, _install)
    path = workspaces.create("s1", base).path
    assert git(path, "status", "--short") == ""
    (path / "app.py").write_text("x = 2\n")
    assert "+x = 2" in git(path, "diff")
    git(path, "commit", "-qam", "mine")
    assert git(path, "log", "--format=%s") == "mine\nA change"
    git(path, "fsck", "--strict")


def test_an_agent_s_git_cannot_reach_the_mirror(
    workspaces: Workspaces, mirror: Mirror, base: Sha
) -> None:
    workspace = workspaces.create("s1", base)
    git(workspace.path, "config", "core.hooksPath", "evil")
    git(workspace.path, "commit", "-q", "--allow-empty", "-m", "mine")
    assert git(workspace.path, "remote") == ""
    for file in workspace.path.rglob("*"):
        if file.is_file():
            assert str(mirror.path).encode() not in file.read_bytes()
    assert "hooksPath = evil" not in (mirror.path / "config").read_text()
    assert git(mirror.path, "for-each-ref") == ""


@pytest.mark.parametrize("name", ["../../up", "a/b", ".", "", "ünï\n", "x" * 500])
def test_any_name_makes_a_folder_of_its_own(
    workspaces: Workspaces, tmp_path: Path, base: Sha, name: str
) -> None:
    workspace = workspaces.create(name, base)
    assert workspace.path.parent.parent == tmp_path / "work" / "stories"
    workspaces.remove(workspace)
    workspaces.remove(workspace)
    assert list((tmp_path / "work" / "stories").iterdir()) == []


def test_a_name_in_use_is_refused(workspaces: Workspaces, tmp_path: Path, base: Sha) -> None:
    workspace = workspaces.create("s1", base)
    with pytest.raises(Busy):
        workspaces.create("s1", base)
    workspaces.remove(workspace)
    workspaces.create("s1", base)


def test_a_workspace_that_cannot_be_made_leaves_nothing(
    workspaces: Workspaces, tmp_path: Path
) -> None:
    with pytest.raises(GitError):
        workspaces.create("s1", Sha("1" * 40))
    assert list((tmp_path / "work" / "stories").iterdir()) == []
    assert list((tmp_path / "work" / "locks").glob("story-*")) == []


def test_a_folder_without_permissions_is_removed(workspaces: Workspaces, base: Sha) -> None:
    workspace = workspaces.create("s1", base)
    (workspace.path / "web").chmod(0)
    workspaces.remove(workspace)
    assert not workspace.path.exists()


def test_a_sweep_leaves_the_living_alone(
    workspaces: Workspaces, tmp_path: Path, mirror: Mirror, base: Sha
) -> None:
    workspace = workspaces.create("s1", base)
    assert Worktrees(tmp_path / "work", mirror).sweep() == 0
    assert workspace.path.exists()


def test_a_sweep_removes_what_a_dead_process_left(
    workspaces: Workspaces, tmp_path: Path, mirror: Mirror, base: Sha
) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from executor.git.mirror import Mirror\n"
        "from executor.workspace.worktree import Worktrees\n"
        "Worktrees(Path(sys.argv[1]), Mirror(Path(sys.argv[2]))).create('s1', sys.argv[3])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "work"), str(mirror.path), base],
        env={"PYTHONPATH": str(Path.cwd()), "PATH": os.defpath},
        check=False,
    )
    assert died.returncode == -9
    assert len(list((tmp_path / "work" / "stories").iterdir())) == 1
    assert workspaces.sweep() == 1
    assert list((tmp_path / "work" / "stories").iterdir()) == []
    assert workspaces.sweep() == 0


def test_old_bases_make_room_for_new_ones(tmp_path: Path, mirror: Mirror, base: Sha) -> None:
    workspaces = Worktrees(tmp_path / "work", mirror, keep_bases=2)
    shas = [base, *(a_commit(mirror, {"n": str(n)}, base) for n in range(3))]
    for sha in shas:
        workspaces.prepare(sha, _install)
    assert {base.name for base in (tmp_path / "work" / "bases").iterdir()} == set(shas[-2:])
    assert workspaces.create("s1", base).made == ()


def test_many_workspaces_are_made_at_once(workspaces: Workspaces, base: Sha) -> None:
    workspaces.prepare(base, _install)
    together = threading.Barrier(6)

    def make(name: str) -> Path:
        together.wait()
        return workspaces.create(name, base).path

    with ThreadPoolExecutor(6) as pool:
        paths = list(pool.map(make, [f"s{n}" for n in range(6)]))
    assert len(set(paths)) == 6


def _install(tree: Path) -> None:
    _write(tree / "web/node_modules/left-pad/index.js", "pad")
    (tree / "web/node_modules/.bin").mkdir()
    (tree / "web/node_modules/.bin/pad").symlink_to("../left-pad")
    _write(tree / "web/.installed", "yes")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
