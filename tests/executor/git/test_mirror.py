"""A mirror, its refs and what a commit looks like from the outside."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from executor.events import Sha
from executor.git.changes import Change, apply_tree, changes
from executor.git.commit import Signature, commit_tree, tree_of
from executor.git.errors import RefMoved, UnknownRef, UnsafeTree
from executor.git.mirror import Mirror, has, is_ancestor, open_mirror, ref_target, refs
from executor.git.refs import move, remove
from executor.git.view import CommitView
from planner.repository import RepositoryView
from tests.executor.git.trees import MAYA, a_commit, a_repository, content, paths
from tests.executor.repositories import git

REF = "refs/baro/r1/s1"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


def test_a_mirror_is_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: open_mirror(tmp_path / "deep" / "er", 5), range(8)))
    assert len(set(made)) == 1
    assert git(made[0].path, "rev-parse", "--is-bare-repository") == "true"


def test_a_ref_moves_only_from_where_it_was_seen(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a": "1"})
    two = a_commit(mirror, {"a": "2"}, one)
    move(mirror, REF, to=one, expect=None)
    move(mirror, REF, to=two, expect=one)
    for expect in (None, one):
        with pytest.raises(RefMoved) as error:
            move(mirror, REF, to=one, expect=expect)
        assert error.value.found == two
    assert refs(mirror, "refs/baro/r1/") == {REF: two}


def test_of_many_movers_one_wins(mirror: Mirror) -> None:
    base = a_commit(mirror, {"a": "0"})
    move(mirror, REF, to=base, expect=None)
    rivals = [a_commit(mirror, {"a": str(n)}, base) for n in range(1, 9)]

    def wins(rival: Sha) -> bool:
        try:
            move(mirror, REF, to=rival, expect=base)
        except RefMoved:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(wins, rivals)) == 1
    assert ref_target(mirror, REF) in rivals


def test_the_lock_of_a_dead_process_is_broken(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a": "1"})
    lock = mirror.path / f"{REF}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    os.utime(lock, (1, 1))
    move(mirror, REF, to=one, expect=None)
    assert ref_target(mirror, REF) == one


def test_a_removed_ref_may_be_removed_again(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a": "1"})
    move(mirror, REF, to=one, expect=None)
    with pytest.raises(RefMoved):
        remove(mirror, REF, expect=a_commit(mirror, {"a": "2"}))
    remove(mirror, REF, expect=one)
    remove(mirror, REF, expect=one)
    assert ref_target(mirror, REF) is None


def test_a_ref_cannot_name_what_is_not_there(mirror: Mirror) -> None:
    with pytest.raises(UnknownRef):
        move(mirror, REF, to=Sha("1" * 40), expect=None)


def test_ancestry_of_the_unknown_is_no(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a": "1"})
    two = a_commit(mirror, {"a": "2"}, one)
    assert is_ancestor(mirror, one, two)
    assert is_ancestor(mirror, two, two)
    assert not is_ancestor(mirror, two, one)
    assert not is_ancestor(mirror, Sha("1" * 40), two)
    assert has(mirror, one)


def test_the_same_inputs_give_the_same_commit(tmp_path: Path) -> None:
    mirrors = [a_repository(tmp_path / name) for name in ("here", "there")]
    assert len({a_commit(mirror, {"a/b": "1"}) for mirror in mirrors}) == 1


def test_a_commit_says_who_when_and_what(mirror: Mirror) -> None:
    at = datetime(2026, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    author, committer = Signature("Mäya", "m@x.io", at), Signature("baro", "b@x.io", MAYA.at)
    base = a_commit(mirror, {"a": "1"})
    sha = commit_tree(
        mirror,
        tree=tree_of(mirror, base),
        parents=[base],
        message="Say hi\n\nBaro-Story: s1\n",
        author=author,
        committer=committer,
    )
    shown = git(mirror.path, "show", "-s", "--format=%an|%ae|%aI|%cn|%cI|%P|%B", sha)
    assert shown == (
        f"Mäya|m@x.io|2026-05-01T12:30:00+02:00|baro|2026-05-01T12:00:00+00:00|{base}"
        "|Say hi\n\nBaro-Story: s1"
    )


def test_a_rename_is_two_changes(mirror: Mirror) -> None:
    one = a_commit(mirror, {"old/name": "x", "keep": "k"})
    two = a_commit(mirror, {"old/name": None, "new/name": "x"}, one)
    found = changes(mirror, tree_of(mirror, one), tree_of(mirror, two))
    assert [(c.path, c.old is None, c.new is None) for c in found] == [
        ("new/name", True, False),
        ("old/name", False, True),
    ]


def test_a_file_may_become_a_folder_and_back(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a": "x", "b/c": "y"})
    two = a_commit(mirror, {"a": None, "a/x": "1", "b/c": None, "b": "2"}, one)
    assert paths(mirror, two) == ["a/x", "b"]
    found = changes(mirror, tree_of(mirror, one), tree_of(mirror, two))
    assert [c.path for c in found] == ["a", "a/x", "b", "b/c"]
    edits = {c.path: c.old for c in found}
    assert apply_tree(mirror, tree_of(mirror, two), edits) == tree_of(mirror, one)


def test_modes_types_and_submodules_are_changes(mirror: Mirror) -> None:
    one = a_commit(mirror, {"mode": "m", "type": "t"})
    two = a_commit(mirror, {"mode": ("m", 0o100755), "type": ("t", 0o120000)}, one)
    tree = apply_tree(mirror, tree_of(mirror, two), {"lib": (one, 0o160000)})
    found = changes(mirror, tree_of(mirror, one), tree)
    modes = {c.path: (c.old and oct(c.old[1]), c.new and oct(c.new[1])) for c in found}
    assert modes == {
        "lib": (None, "0o160000"),
        "mode": ("0o100644", "0o100755"),
        "type": ("0o100644", "0o120000"),
    }


def test_an_emptied_folder_is_gone(mirror: Mirror) -> None:
    one = a_commit(mirror, {"a/b/c": "x", "d": "y"})
    two = a_commit(mirror, {"a/b/c": None}, one)
    assert paths(mirror, two) == ["d"]


@pytest.mark.parametrize("path", [".git/config", ".GIT/hooks/x", "git~1/x", "a/../b", "a//b"])
def test_a_tree_that_git_would_refuse_is_not_made(mirror: Mirror, path: str) -> None:
    one = a_commit(mirror, {"a": "x"})
    blob = changes(mirror, tree_of(mirror, one), tree_of(mirror, a_commit(mirror, {})))[0].old
    with pytest.raises(UnsafeTree):
        apply_tree(mirror, tree_of(mirror, one), {path: blob})


def test_names_that_are_not_utf8_pass_through(mirror: Mirror) -> None:
    blob = git(mirror.path, "hash-object", "-w", "/dev/null")
    entry = b"100644 blob " + blob.encode() + b"\tcaf\xe9.txt\n"
    made = subprocess.run(
        ["git", "mktree"], input=entry, cwd=mirror.path, capture_output=True, check=True
    )
    tree = made.stdout.decode().strip()
    sha = commit_tree(mirror, tree=tree, parents=[], message="x", author=MAYA, committer=MAYA)
    assert CommitView(mirror, "main", sha).paths() == ("caf\udce9.txt",)
    child = a_commit(mirror, {"plain": "x"}, sha)
    found = changes(mirror, tree, tree_of(mirror, child))
    assert found == [Change("plain", None, found[0].new)]


def test_a_view_shows_regular_files_only(mirror: Mirror) -> None:
    sha = a_commit(
        mirror,
        {"a/b.py": "x = 1\n", "run": (b"#!/bin/sh\n", 0o100755), "link": (b"/etc", 0o120000)},
    )
    view: RepositoryView = CommitView(mirror, "main", sha)
    assert view.paths() == ("a/b.py", "run")
    assert view.read("a/b.py") == b"x = 1\n"
    assert view.read("link") is None
    assert view.read("a") is None
    assert (view.base.branch, view.base.sha) == ("main", sha)


def test_a_view_of_nothing_is_refused(mirror: Mirror) -> None:
    with pytest.raises(UnknownRef):
        CommitView(mirror, "main", Sha("1" * 40)).paths()


def test_a_view_is_read_from_any_thread(mirror: Mirror) -> None:
    view = CommitView(mirror, "main", a_commit(mirror, {f"f{n}": str(n) for n in range(50)}))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(view.read, view.paths())) == [
            path[1:].encode() for path in view.paths()
        ]


def test_the_system_s_and_the_user_s_configuration_are_not_read(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text('[url "https://evil.example/"]\n\tinsteadOf = https://\n')
    script = (
        "from pathlib import Path\n"
        "from executor.git.engine import opened\n"
        "from executor.git.mirror import open_mirror\n"
        f"repository = opened(open_mirror(Path({str(tmp_path)!r}), 1).path)\n"
        "print([entry.name for entry in repository.config if entry.name.startswith('url')])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={"HOME": str(tmp_path), "PATH": os.defpath, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "[]\n"


def test_content_is_read_back(mirror: Mirror) -> None:
    sha = a_commit(mirror, {"a": b"\0\1"})
    assert content(mirror, tree_of(mirror, sha), "a") == b"\0\1"
    assert MAYA.at.tzinfo is UTC
