"""A mirror is repacked without losing what no ref names yet."""

from pathlib import Path

from executor.git.commit import tree_of
from executor.git.maintain import maintain
from executor.git.mirror import has
from tests.executor.git.trees import a_commit, a_repository, content


def test_a_small_mirror_is_left_alone(tmp_path: Path) -> None:
    mirror = a_repository(tmp_path)
    a_commit(mirror, {"a": "1"}, branch="main")
    assert not maintain(mirror)


def test_objects_without_a_ref_outlive_a_repack(tmp_path: Path) -> None:
    mirror = a_repository(tmp_path)
    base = a_commit(mirror, {f"f{n}": str(n) for n in range(6000)}, branch="main")
    unnamed = a_commit(mirror, {"story.py": "s = 1\n"}, base)
    assert maintain(mirror)
    assert not maintain(mirror)
    assert len(list((mirror.path / "objects" / "pack").glob("*.pack"))) == 1
    assert has(mirror, base)
    assert content(mirror, tree_of(mirror, unnamed), "story.py") == b"s = 1\n"
