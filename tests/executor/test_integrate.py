"""A splice must give the very tree that git's own merge would give."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from executor.events import Integration, Sha
from executor.git.changes import changes
from executor.git.commit import tree_of
from executor.git.merge import Conflicted, Merged, merge
from executor.git.mirror import Mirror
from executor.integrate import Integrated, integrate, is_splice
from tests.executor.git.trees import Content, Files, a_commit, a_repository

LINES = "".join(f"line {n}\n" for n in range(12))
BASE = {"a.py": LINES, "b.py": LINES, "d/x": LINES, "d/y": "y" + LINES, "d/e/z": "z" + LINES}


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return a_repository(tmp_path)


def _both(mirror: Mirror, ours: Files, theirs: Files) -> tuple[Sha, Sha, Sha]:
    base = a_commit(mirror, BASE)
    return base, a_commit(mirror, ours, base), a_commit(mirror, theirs, base)


def test_disjoint_paths_are_spliced(mirror: Mirror) -> None:
    base, onto, story = _both(mirror, {"a.py": "1\n"}, {"b.py": "2\n", "d/new": "n"})
    result = integrate(mirror, base=base, onto=onto, story=story)
    assert isinstance(result, Integrated)
    assert result.how is Integration.spliced
    assert merge(mirror, onto, story) == Merged(result.tree)


def test_two_places_of_one_file_are_merged(mirror: Mirror) -> None:
    base, onto, story = _both(mirror, {"a.py": f"1\n{LINES}"}, {"a.py": f"{LINES}2\n"})
    result = integrate(mirror, base=base, onto=onto, story=story)
    assert isinstance(result, Integrated)
    assert result.how is Integration.merged


def test_the_same_place_is_a_conflict(mirror: Mirror) -> None:
    base, onto, story = _both(mirror, {"a.py": "1\n"}, {"a.py": "2\n"})
    assert integrate(mirror, base=base, onto=onto, story=story) == Conflicted(("a.py",))


def test_a_renamed_folder_is_left_to_git(mirror: Mirror) -> None:
    moved = {"d/x": None, "d/y": None, "d/e/z": None}
    moved_to = {"n/x": LINES, "n/y": "y" + LINES, "n/e/z": "z" + LINES}
    base, onto, story = _both(mirror, {**moved, **moved_to}, {"d/new": "n"})
    assert integrate(mirror, base=base, onto=onto, story=story) == Conflicted(("n/new",))


def test_a_file_where_the_other_made_a_folder_is_a_conflict(mirror: Mirror) -> None:
    base, onto, story = _both(mirror, {"q": "file"}, {"q/r": "folder"})
    assert isinstance(integrate(mirror, base=base, onto=onto, story=story), Conflicted)


def test_the_first_story_is_taken_as_it_is(mirror: Mirror) -> None:
    base, _, story = _both(mirror, {}, {"d/x": None, "q": "new"})
    result = integrate(mirror, base=base, onto=base, story=story)
    assert result == Integrated(tree_of(mirror, story), Integration.spliced)


_PATHS = st.sampled_from(
    ["a.py", "b.py", "c", "d", "d/x", "d/y", "d/e/z", "d/e/w", "n/x", "n", "e"]
)
_CONTENTS = st.sampled_from(
    [None, LINES, "y" + LINES, f"top\n{LINES}", f"{LINES}end\n", "other\n", ("sh\n", 0o100755)]
)
_SIDES = st.dictionaries(_PATHS, _CONTENTS, max_size=4)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ours=_SIDES, theirs=_SIDES)
def test_a_splice_is_what_git_would_have_merged(
    shared: Mirror, ours: dict[str, Content], theirs: dict[str, Content]
) -> None:
    base, onto, story = _both(shared, _possible(ours), _possible(theirs))
    start = tree_of(shared, base)
    sides = [changes(shared, start, tree_of(shared, side)) for side in (onto, story)]
    result = integrate(shared, base=base, onto=onto, story=story)
    if is_splice(*sides):
        assert isinstance(result, Integrated)
        assert merge(shared, onto, story) == Merged(result.tree)
    else:
        assert not isinstance(result, Integrated) or result.how is Integration.merged


@pytest.fixture(scope="module")
def shared() -> Mirror:
    return a_repository(Path(tempfile.mkdtemp()))


def _possible(side: dict[str, Content]) -> dict[str, Content]:
    """Without paths that lie below another one that is a file."""
    files = {path for path, what in side.items() if what is not None}
    return {
        path: what
        for path, what in side.items()
        if not any(path.startswith(f"{file}/") for file in files)
    }
