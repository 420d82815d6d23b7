"""From an integrated run to the commits that are pushed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from executor.artifacts import ArtifactRules
from executor.events import LeftOut, Sha
from executor.git.changes import Change, changes
from executor.git.commit import tree_of
from executor.git.engine import commit_at, opened
from executor.git.mirror import Mirror
from executor.reconcile import Piece, Reconciliation, reconcile
from planner.plan import StoryId
from tests.executor.git.trees import MAYA, Files, a_commit, a_repository, content, paths

LINES = "".join(f"{n}\n" for n in range(12))
TOKEN = "ghp_" + "aB3" * 12


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


@pytest.fixture
def base(mirror: Mirror) -> Sha:
    return a_commit(mirror, {"a.py": LINES, "dist/owned.js": "x\n", "uv.lock": "1\n"})


def pieces(mirror: Mirror, base: Sha, *stories: tuple[str, Files]) -> list[Piece]:
    """Stories integrated one after the other."""
    found, onto = [], base
    for name, files in stories:
        head = a_commit(mirror, files, onto)
        message = f"Do {name}\n\nBaro-Story: {name}\n"
        found.append(Piece(StoryId(name), f"Do {name}", onto, head, message))
        onto = head
    return found


def reconciled(
    mirror: Mirror,
    base: Sha,
    integrated: Sequence[Piece],
    order: Sequence[str] = ("s1", "s2", "s3"),
    rules: ArtifactRules | None = None,
    protected: Callable[[str], bool] = lambda _: False,
) -> Reconciliation:
    return reconcile(
        mirror,
        base=base,
        integrated=integrated,
        order=[StoryId(name) for name in order],
        rules=rules or ArtifactRules(),
        author=MAYA,
        committer=MAYA,
        protected=protected,
    )


def chain(mirror: Mirror, result: Reconciliation, base: Sha) -> list[Sha]:
    """The commits from the base to the head, each with exactly one parent."""
    repository, found, at = opened(mirror.path), list[Sha](), result.head
    while at != base:
        found.insert(0, at)
        (parent,) = commit_at(repository, at).parent_ids
        at = Sha(str(parent))
    return found


def test_one_commit_per_story_in_plan_order(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s3", {"c": "3"}), ("s1", {"a": "1"}), ("s2", {"b": "2"}))
    result = reconciled(mirror, base, done)
    assert [commit.story for commit in result.commits] == ["s1", "s2", "s3"]
    assert [commit.sha for commit in result.commits] == chain(mirror, result, base)
    assert commit_at(opened(mirror.path), result.head).message == "Do s3\n\nBaro-Story: s3\n"
    assert result.tree == tree_of(mirror, done[-1].head) == tree_of(mirror, result.head)
    assert not result.empty


def test_the_finishing_order_does_not_show(mirror: Mirror, base: Sha) -> None:
    work: dict[str, Files] = {"s1": {"a": "1"}, "s2": {"b": "2"}, "s3": {"a.py": "top\n" + LINES}}
    results = [
        reconciled(mirror, base, pieces(mirror, base, *((name, work[name]) for name in order)))
        for order in (("s1", "s2", "s3"), ("s3", "s2", "s1"), ("s2", "s3", "s1"))
    ]
    assert len({result.head for result in results}) == 1


def test_two_stories_in_one_file_are_replayed(mirror: Mirror, base: Sha) -> None:
    done = pieces(
        mirror, base, ("s2", {"a.py": f"{LINES}end\n"}), ("s1", {"a.py": f"top\n{LINES}end\n"})
    )
    result = reconciled(mirror, base, done)
    first = tree_of(mirror, result.commits[0].sha)
    assert [commit.story for commit in result.commits] == ["s1", "s2"]
    assert content(mirror, first, "a.py") == f"top\n{LINES}".encode()
    assert result.tree == tree_of(mirror, done[-1].head)


def test_where_plan_order_does_not_fit_the_integration_s_is_kept(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s2", {"n": "one\n"}), ("s1", {"n": "two\n"}))
    result = reconciled(mirror, base, done)
    assert [commit.story for commit in result.commits] == ["s2", "s1"]
    assert result.tree == tree_of(mirror, done[-1].head)


def test_every_commit_is_clean_not_only_the_last(mirror: Mirror, base: Sha) -> None:
    done = pieces(
        mirror,
        base,
        ("s1", {"a": "1", "debug.log": "noise", "conf": TOKEN, "dist/new.js": "n"}),
        ("s2", {"b": "2", "debug.log": None, "conf": "clean\n"}),
    )
    result = reconciled(mirror, base, done)
    for commit in result.commits:
        assert "debug.log" not in paths(mirror, commit.sha)
        assert (content(mirror, tree_of(mirror, commit.sha), "conf") or b"") in (b"", b"clean\n")
    assert paths(mirror, result.head) == [
        "a",
        "a.py",
        "b",
        "conf",
        "dist/new.js",
        "dist/owned.js",
        "uv.lock",
    ]
    assert result.left_out == ()


def test_what_is_left_out_is_told_and_the_base_s_stays(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s1", {"a": "1", "x.log": "12345", "uv.lock": None}))
    result = reconciled(mirror, base, done)
    assert result.left_out == (
        LeftOut(path="uv.lock", rule="its manifest did not change", size=2),
        LeftOut(path="x.log", rule="log file", size=5),
    )
    assert content(mirror, result.tree, "uv.lock") == b"1\n"


def test_a_story_of_which_nothing_stays_makes_no_commit(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s1", {"x.log": "noise"}), ("s2", {"b": "2"}))
    result = reconciled(mirror, base, done)
    assert [commit.story for commit in result.commits] == ["s2"]


@pytest.mark.parametrize("files", [{}, {"x.log": "noise"}, {"uv.lock": "2\n"}])
def test_nothing_to_deliver_is_said(mirror: Mirror, base: Sha, files: Files) -> None:
    result = reconciled(mirror, base, pieces(mirror, base, ("s1", files)))
    assert result.empty
    assert (result.head, result.tree, result.commits) == (base, tree_of(mirror, base), ())


def test_a_run_without_integrated_stories_is_empty(mirror: Mirror, base: Sha) -> None:
    assert reconciled(mirror, base, []).empty


def test_doing_it_again_gives_the_same_commits(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s2", {"b": "2"}), ("s1", {"a": "1", "x.log": "noise"}))
    assert reconciled(mirror, base, done) == reconciled(mirror, base, done)


def test_a_protected_path_is_left_out_unless_named(mirror: Mirror, base: Sha) -> None:
    done = pieces(mirror, base, ("s1", {"a": "1", ".github/workflows/ci.yml": "on: push\n"}))
    shut = reconciled(mirror, base, done, protected=lambda path: path.startswith(".github/"))
    assert [(one.path, one.rule) for one in shut.left_out] == [
        (".github/workflows/ci.yml", "protected, and the plan does not name it")
    ]
    assert ".github/workflows/ci.yml" in paths(mirror, reconciled(mirror, base, done).head)


def test_a_file_stays_where_its_folder_does_not(mirror: Mirror, base: Sha) -> None:
    later = a_commit(mirror, {"tool": "x\n"}, base)
    done = pieces(mirror, later, ("s1", {"tool": None, "tool/run.log": "noise", "b": "2"}))
    result = reconciled(mirror, later, done)
    assert content(mirror, result.tree, "tool") == b"x\n"
    assert [change.path for change in _changed(mirror, later, result)] == ["b"]


def test_weakened_tests_are_told(mirror: Mirror) -> None:
    tests = "def test_a():\n    assert 1\n\ndef test_b():\n    assert 2\n"
    base = a_commit(mirror, {"tests/test_x.py": tests, "x.py": "x\n"})
    weaker = tests.replace("def test_b():\n    assert 2\n", "")
    done = pieces(mirror, base, ("s1", {"tests/test_x.py": weaker, "x.py": "y\n"}))
    assert reconciled(mirror, base, done).weakened_tests == ("tests/test_x.py: 1 test removed",)


def _changed(mirror: Mirror, base: Sha, result: Reconciliation) -> list[Change]:
    return changes(mirror, tree_of(mirror, base), result.tree)
