"""Merges decided by git, and conflicts told from failures."""

from pathlib import Path

import pytest

from executor.events import Sha
from executor.git.cli import git
from executor.git.commit import tree_of
from executor.git.errors import GitFailed, GitKilled
from executor.git.merge import Conflicted, Merged, merge, merge_trees
from executor.git.mirror import Mirror
from tests.executor.git.trees import Files, a_commit, a_repository, a_tree, content

LINES = "".join(f"{n}\n" for n in range(12))


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


def test_two_places_of_one_file_merge(mirror: Mirror) -> None:
    base = a_commit(mirror, {"a": LINES})
    top = a_commit(mirror, {"a": "top\n" + LINES}, base)
    end = a_commit(mirror, {"a": LINES + "end\n"}, base)
    merged = merge(mirror, top, end)
    assert isinstance(merged, Merged)
    assert content(mirror, merged.tree, "a") == f"top\n{LINES}end\n".encode()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "paths"),
    [
        ({"a": "1"}, {"a": "2"}, {"a": "3"}, {"a"}),
        ({"a": "1", "b": "x"}, {"a": None}, {"a": "2"}, {"a"}),
        ({"b": "x"}, {"a": "1"}, {"a": "2"}, {"a"}),
        ({"a": b"\0one"}, {"a": b"\0two"}, {"a": b"\0three"}, {"a"}),
        ({"l": (b"x", 0o120000)}, {"l": (b"y", 0o120000)}, {"l": (b"z", 0o120000)}, {"l"}),
        ({"b": "x"}, {"a": (b"same", 0o100644)}, {"a": (b"same", 0o100755)}, {"a"}),
        (
            {"old/a": LINES, "old/b": "b" + LINES},
            {"old/a": None, "old/b": None, "new/a": LINES, "new/b": "b" + LINES},
            {"old/c": "c"},
            {"new/c"},
        ),
    ],
    ids=[
        "content",
        "modify/delete",
        "add/add",
        "binary",
        "symlink",
        "add/add with modes",
        "directory rename + new file",
    ],
)
def test_a_conflict_names_its_paths(
    mirror: Mirror, base: Files, ours: Files, theirs: Files, paths: set[str]
) -> None:
    start = a_commit(mirror, base)
    merged = merge(mirror, a_commit(mirror, ours, start), a_commit(mirror, theirs, start))
    assert isinstance(merged, Conflicted)
    assert set(merged.paths) == paths


def test_a_file_against_a_folder_is_a_conflict(mirror: Mirror) -> None:
    base = a_commit(mirror, {"x": "x"})
    merged = merge(
        mirror, a_commit(mirror, {"a": "file"}, base), a_commit(mirror, {"a/b": "folder"}, base)
    )
    assert isinstance(merged, Conflicted)


def test_a_name_with_a_newline_is_one_path(mirror: Mirror) -> None:
    base = a_commit(mirror, {"a\nb": "1"})
    merged = merge(
        mirror, a_commit(mirror, {"a\nb": "2"}, base), a_commit(mirror, {"a\nb": "3"}, base)
    )
    assert merged == Conflicted(("a\nb",))


def test_a_failure_of_the_tool_is_no_conflict(mirror: Mirror) -> None:
    with pytest.raises(GitFailed):
        merge(mirror, a_commit(mirror, {"a": "1"}), Sha("1" * 40))


def test_a_killed_tool_is_told_from_a_failing_one(mirror: Mirror) -> None:
    with pytest.raises(GitKilled):
        git(mirror.path, "-c", "alias.die=!kill -9 $PPID", "die")


def test_trees_merge_with_an_explicit_ancestor(mirror: Mirror) -> None:
    start = tree_of(mirror, a_commit(mirror, {"a": LINES, "b": "1"}))
    ours, theirs = a_tree(mirror, start, {"b": "2"}), a_tree(mirror, start, {"a": "top\n" + LINES})
    merged = merge_trees(mirror, ancestor=start, ours=ours, theirs=theirs)
    assert merged == Merged(a_tree(mirror, ours, {"a": "top\n" + LINES}))
    clash = merge_trees(mirror, ancestor=start, ours=ours, theirs=a_tree(mirror, start, {"b": "3"}))
    assert clash == Conflicted(("b",))
