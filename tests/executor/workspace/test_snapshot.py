"""Reading what an agent left, whatever it did to the folder."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from executor.git.changes import changes
from executor.git.commit import tree_of
from executor.git.errors import UnsafeTree
from executor.git.mirror import Mirror
from executor.workspace.port import Workspace
from executor.workspace.reading import Limits
from executor.workspace.snapshot import restore, snapshot
from executor.workspace.worktree import Worktrees
from tests.executor.git.trees import Files, a_commit, a_repository, content
from tests.executor.repositories import git

FILES: Files = {
    "a.py": "a = 1\n",
    "d/x.py": "x = 1\n",
    "d/y.py": "y = 1\n",
    "run.sh": ("#!/bin/sh\n", 0o100755),
    "inside": ("d/x.py", 0o120000),
    "outside": ("/opt/shared", 0o120000),
    ".gitignore": "*.log\n/build/\n!keep.log\n",
    "d/.gitignore": "!x.log\n",
    "owned.log": "tracked, though ignored\n",
    "dos.txt": b"one\r\ntwo\r\n",
}


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


@pytest.fixture
def work(tmp_path: Path, mirror: Mirror) -> Workspace:
    return Worktrees(tmp_path / "work", mirror).create("s1", a_commit(mirror, FILES))


def test_an_untouched_workspace_is_its_base(work: Workspace) -> None:
    found = snapshot(work)
    assert found.tree == tree_of(work.mirror, work.base)
    assert (found.changed, found.special, found.oversized) == ((), (), ())


def test_edits_additions_and_deletions_are_found(work: Workspace) -> None:
    (work.path / "a.py").write_text("a = 2\n")
    (work.path / "new").mkdir()
    (work.path / "new/n.py").write_text("n = 1\n")
    (work.path / "d/y.py").unlink()
    found = snapshot(work)
    assert found.changed == ("a.py", "d/y.py", "new/n.py")
    assert content(work.mirror, found.tree, "a.py") == b"a = 2\n"
    assert content(work.mirror, found.tree, "d/y.py") is None


def test_an_edit_of_the_same_length_at_once_is_found(work: Workspace) -> None:
    (work.path / "a.py").write_text("a = 9\n")
    assert snapshot(work).changed == ("a.py",)


def test_an_edit_that_hides_its_time_is_found(work: Workspace) -> None:
    before = (work.path / "a.py").stat()
    (work.path / "a.py").write_text("a = 9\n")
    os.utime(work.path / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert snapshot(work).changed == ("a.py",)


def test_modes_and_links_are_kept(work: Workspace) -> None:
    (work.path / "a.py").chmod(0o755)
    (work.path / "inside").unlink()
    (work.path / "inside").symlink_to("d/y.py")
    (work.path / "d/up").symlink_to("../a.py")
    found = snapshot(work)
    assert found.changed == ("a.py", "d/up", "inside")
    tree = tree_of(work.mirror, work.base)
    modes = {c.path: c.new[1] for c in changes(work.mirror, tree, found.tree) if c.new}
    assert modes == {"a.py": 0o100755, "d/up": 0o120000, "inside": 0o120000}


def test_a_file_may_become_a_folder(work: Workspace) -> None:
    (work.path / "a.py").unlink()
    (work.path / "a.py").mkdir()
    (work.path / "a.py/b").write_text("b")
    shutil.rmtree(work.path / "d")
    (work.path / "d").write_text("file")
    found = snapshot(work)
    assert content(work.mirror, found.tree, "a.py/b") == b"b"
    assert content(work.mirror, found.tree, "d") == b"file"
    assert found.special == ()


def test_ignored_files_are_not_taken_unless_the_base_has_them(work: Workspace) -> None:
    (work.path / "debug.log").write_text("noise")
    (work.path / "keep.log").write_text("wanted")
    (work.path / "d/x.log").write_text("wanted by the folder's own rules")
    (work.path / "d/z.log").write_text("noise")
    (work.path / "build").mkdir()
    (work.path / "build/out.js").write_text("noise")
    (work.path / "owned.log").write_text("edited")
    assert snapshot(work).changed == ("d/x.log", "keep.log", "owned.log")


def test_an_agent_cannot_hide_work_by_a_gitignore_of_its_own(work: Workspace) -> None:
    (work.path / ".gitignore").write_text("*\n")
    (work.path / "n.py").write_text("n")
    assert snapshot(work).changed == (".gitignore", "n.py")


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../secret", "d/../../secret", "d/x.py/../..", ".git/config", ""]
)
def test_a_new_link_that_may_lead_outside_is_not_taken(work: Workspace, target: str) -> None:
    if target:
        (work.path / "link").symlink_to(target)
    (work.path / "outside").unlink()
    (work.path / "outside").symlink_to(target or "/elsewhere")
    found = snapshot(work)
    assert found.special == (("link", "outside") if target else ("outside",))
    assert content(work.mirror, found.tree, "outside") == b"/opt/shared"
    assert found.changed == ()


def test_a_folder_swapped_for_a_link_keeps_its_base_content(
    work: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host/x.py").write_text("host secret")
    shutil.rmtree(work.path / "d")
    (work.path / "d").symlink_to(tmp_path / "host")
    found = snapshot(work)
    assert found.special == ("d",)
    assert found.tree == tree_of(work.mirror, work.base)


def test_a_link_inside_is_not_walked_through(work: Workspace) -> None:
    shutil.rmtree(work.path / "d")
    (work.path / "e").mkdir()
    (work.path / "e/x.py").write_text("other")
    (work.path / "d").symlink_to("e")
    found = snapshot(work)
    assert content(work.mirror, found.tree, "d") == b"e"
    assert content(work.mirror, found.tree, "e/x.py") == b"other"


def test_fifos_and_sockets_do_not_hang_the_reader(work: Workspace) -> None:
    os.mkfifo(work.path / "fifo")
    (work.path / "a.py").unlink()
    os.mkfifo(work.path / "a.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        try:
            os.chdir(work.path)
            listener.bind("sock")
        finally:
            os.chdir(here)
        found = snapshot(work)
    assert found.special == ("a.py", "fifo", "sock")
    assert found.tree == tree_of(work.mirror, work.base)


def test_a_nested_repository_is_told_and_not_taken(work: Workspace) -> None:
    (work.path / "vendored").mkdir()
    git(work.path / "vendored", "init", "-q")
    (work.path / "vendored/v.py").write_text("v")
    git(work.path / "d", "init", "-q")
    (work.path / "d/new.py").write_text("n")
    found = snapshot(work)
    assert found.special == ("d/.git", "vendored")
    assert found.changed == ("d/new.py",)


def test_an_agent_may_replace_its_git(work: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(work.path / ".git")
    (work.path / ".git").write_text(f"gitdir: {tmp_path}/elsewhere\n")
    (work.path / "a.py").write_text("a = 2\n")
    assert snapshot(work).changed == ("a.py",)


def test_planted_filters_and_hooks_are_not_run(work: Workspace, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    git(work.path, "config", "filter.evil.clean", f"touch {proof}; cat")
    git(work.path, "config", "core.fsmonitor", f"touch {proof}")
    (work.path / ".gitattributes").write_text("* filter=evil text eol=crlf\n")
    (work.path / "a.py").write_text("a = 2\n")
    found = snapshot(work)
    assert found.changed == (".gitattributes", "a.py")
    assert not proof.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9.py", "caf\\xe9.py"),
        (b"two\nlines", "two\\nlines"),
        (b"back\\slash", "back\\slash"),
        (b".GIT", ".GIT"),
        (b"git~1", "git~1"),
        (".g\u200cit".encode(), ".g\\u200cit"),
    ],
)
def test_names_git_must_not_hold_are_told(work: Workspace, name: bytes, shown: str) -> None:
    path = os.fsencode(work.path) + b"/" + name
    with open(path, "w") as file:
        file.write("x")
    found = snapshot(work)
    assert found.special == (shown,)
    assert found.changed == ()


def test_names_that_differ_only_in_case_are_two_files(work: Workspace) -> None:
    (work.path / "A.py").write_text("A")
    assert snapshot(work).changed == ("A.py",)


def test_large_files_are_told_and_not_read(work: Workspace) -> None:
    with open(work.path / "huge.bin", "wb") as file:
        file.truncate(5 << 30)
    (work.path / "a.py").write_bytes(b"#" * 2000)
    (work.path / "fits.py").write_bytes(b"#" * 1000)
    found = snapshot(work, Limits(file_bytes=1000))
    assert found.oversized == ("a.py", "huge.bin")
    assert found.changed == ("fits.py",)


def test_all_files_together_may_not_be_endless(work: Workspace) -> None:
    for name in "pqr":
        (work.path / name).write_bytes(name.encode() * 400)
    found = snapshot(work, Limits(total_bytes=1000))
    assert found.changed == ("p", "q")
    assert found.oversized == ("r",)


def test_a_very_deep_folder_is_told(work: Workspace) -> None:
    deep = work.path / "/".join("n" * 130)
    deep.mkdir(parents=True)
    (deep / "f").write_text("f")
    assert len(snapshot(work).special) == 1


def test_submodules_are_left_as_they_are(tmp_path: Path, mirror: Mirror) -> None:
    inner = a_commit(mirror, {"x": "x"})
    index = tmp_path / "index"
    _git_index(mirror, index, f"160000,{inner},vendor/lib")
    tree = _git_index(mirror, index, None)
    base = git(mirror.path, "commit-tree", tree, "-m", "with a submodule")
    work = Worktrees(tmp_path / "work", mirror).create("s1", base)  # type: ignore[arg-type]
    (work.path / "vendor/lib/planted.py").write_text("x")
    found = snapshot(work)
    assert found.tree == tree
    shutil.rmtree(work.path / "vendor")
    assert snapshot(work).tree == tree


def _spoil_edit(path: Path) -> None:
    (path / "a.py").write_text("spoiled")


def _spoil_delete(path: Path) -> None:
    (path / "a.py").unlink()


def _spoil_folder(path: Path) -> None:
    (path / "a.py").unlink()
    (path / "a.py").mkdir()
    (path / "a.py/inner").write_text("x")


def _spoil_link(path: Path) -> None:
    (path / "a.py").unlink()
    (path / "a.py").symlink_to("/etc/passwd")


@pytest.mark.parametrize("spoil", [_spoil_edit, _spoil_delete, _spoil_folder, _spoil_link])
def test_a_restored_file_is_the_base_s(work: Workspace, spoil: Callable[[Path], None]) -> None:
    spoil(work.path)
    restore(work, ["a.py"])
    assert (work.path / "a.py").read_text() == "a = 1\n"
    assert snapshot(work).changed == ()


def test_what_the_base_does_not_have_is_deleted(work: Workspace) -> None:
    (work.path / "deep/er").mkdir(parents=True)
    (work.path / "deep/er/n.py").write_text("n")
    (work.path / "deep/stays.py").write_text("s")
    restore(work, ["deep/er/n.py", "never/was.py"])
    assert snapshot(work).changed == ("deep/stays.py",)
    assert not (work.path / "deep/er").exists()


def test_a_restore_goes_through_no_link(work: Workspace, tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host/x.py").write_text("host's own")
    shutil.rmtree(work.path / "d")
    (work.path / "d").symlink_to(tmp_path / "host")
    restore(work, ["d/n.py", *snapshot(work).special])
    assert (tmp_path / "host/x.py").read_text() == "host's own"
    assert not (work.path / "d").is_symlink()
    assert (work.path / "d/x.py").read_text() == "x = 1\n"
    assert snapshot(work).tree == tree_of(work.mirror, work.base)


def test_modes_and_links_are_restored(work: Workspace) -> None:
    (work.path / "run.sh").chmod(0o644)
    (work.path / "inside").unlink()
    restore(work, ["run.sh", "inside"])
    assert os.access(work.path / "run.sh", os.X_OK)
    assert (work.path / "inside").readlink() == Path("d/x.py")


@pytest.mark.parametrize("path", ["../up", "/etc/passwd", ".git/config", "a//b", "."])
def test_a_restore_stays_inside(work: Workspace, path: str) -> None:
    with pytest.raises(UnsafeTree):
        restore(work, [path])


def _git_index(mirror: Mirror, index: Path, entry: str | None) -> str:
    environment = {**os.environ, "GIT_INDEX_FILE": str(index)}
    add = ("update-index", "--add", "--cacheinfo", entry) if entry else ("write-tree",)
    done = subprocess.run(
        ["git", *add], cwd=mirror.path, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
