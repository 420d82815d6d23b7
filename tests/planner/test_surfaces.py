"""Surfaces are compared by what they grant, never by how they are spelled."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.surfaces import (
    contains,
    covers,
    disjoint,
    independent,
    is_root_wide,
    normalised,
    overlap,
)

NAMES = ("a", "b", "ab", "a.py")
PATHS = tuple(
    "/".join(parts) for depth in (1, 2, 3) for parts in itertools.product(NAMES, repeat=depth)
)
SEGMENTS = st.sampled_from((*NAMES, "*", "**", "?", "a*", "*.py", "*b"))
GLOBS = st.lists(SEGMENTS, min_size=0, max_size=4).map("/".join)


@settings(max_examples=300, deadline=None)
@given(GLOBS, GLOBS)
def test_disjoint_globs_grant_no_path_in_common(a: str, b: str) -> None:
    if disjoint(a, b):
        assert not [path for path in PATHS if contains(a, path) and contains(b, path)]


@settings(max_examples=300, deadline=None)
@given(GLOBS)
def test_the_normal_spelling_grants_the_same_paths(glob: str) -> None:
    for spelling in (f"./{glob}", f"/{glob}", glob.replace("/", "//"), normalised(glob)):
        assert [contains(spelling, path) for path in PATHS] == [
            contains(glob, path) for path in PATHS
        ]


@settings(max_examples=300, deadline=None)
@given(GLOBS, GLOBS)
def test_disjointness_does_not_depend_on_who_is_asked_first(a: str, b: str) -> None:
    assert disjoint(a, b) is disjoint(b, a)
    assert disjoint(a, a) is False


@pytest.mark.parametrize(
    ("glob", "path", "granted"),
    [
        ("shop/export.py", "shop/export.py", True),
        ("shop", "shop/export.py", True),
        ("shop/", "shop/a/b.py", True),
        ("shop/**", "shop/a/b.py", True),
        ("shop/**", "shop", False),
        ("shop/*", "shop/a.py", True),
        ("shop/*", "shop/a/b.py", False),
        ("./shop/*.py", "shop/a.py", True),
        ("/shop/*.py", "shop/a.py", True),
        ("shop/*.py", "shop/a.pyc", False),
        ("**/tests", "a/tests/test_x.py", True),
        ("**/*.md", "README.md", True),
        ("shop/te?t.py", "shop/test.py", True),
        ("shop/te?t.py", "shop/te/t.py", False),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", True),
        ("app/[id]/page.tsx", "app/i/page.tsx", False),
        ("shop", "shopping/cart.py", False),
        ("conf.d", "conf.d/a", False),
        ("conf.d/", "conf.d/a", True),
        (".github", ".github/workflows/ci.yml", True),
        ("**", "any/thing", True),
        ("", "any/thing", True),
        ("../other", "other", False),
    ],
)
def test_a_glob_grants_these_paths(glob: str, path: str, granted: bool) -> None:
    assert contains(glob, path) is granted


@pytest.mark.parametrize(
    ("a", "b", "proved"),
    [
        ("shop/csv.py", "shop/json.py", True),
        ("src/", "src/a.js", False),
        ("src", "src/a.js", False),
        ("src/*", "src/sub/a.js", False),
        ("src/*.js", "src/*.ts", True),
        ("src/**/*.py", "src/api/orders.py", False),
        ("src/**/test_*.py", "src/api/orders.py", True),
        ("**/csv.py", "shop/export/csv.py", False),
        ("shop/**", "docs/**", True),
        ("**", "docs/index.md", False),
        ("../x", "docs/index.md", False),
    ],
)
def test_two_globs_are_proved_disjoint_or_count_as_overlapping(
    a: str, b: str, proved: bool
) -> None:
    assert disjoint(a, b) is proved


def test_an_undeclared_surface_is_independent_of_nothing() -> None:
    assert not independent((), ("docs/index.md",))
    assert independent(("shop/csv.py", "tests/test_csv.py"), ("shop/json.py",))


def test_an_overlap_names_the_globs_that_meet() -> None:
    mine, theirs = ("shop/csv.py", "shop/__init__.py"), ("shop/*.py", "docs/**")
    assert overlap(mine, theirs) == ("shop/csv.py", "shop/*.py", "shop/__init__.py")
    assert covers(theirs, "docs/export.md")


@pytest.mark.parametrize(
    ("glob", "wide"), [("**", True), ("", True), (".", True), ("**/*", True), ("**/*.py", False)]
)
def test_a_root_wide_glob_is_recognised(glob: str, wide: bool) -> None:
    assert is_root_wide(glob) is wide


def test_a_file_whose_name_holds_a_wildcard_is_only_itself() -> None:
    assert not contains("shop/x.py", "shop/*")
    assert not contains("shop/x.py", "**")
    assert not contains("shop/x.py", "shop/?.py")
    assert contains("shop/*", "shop/*")


def test_the_length_of_a_glob_breaks_nothing() -> None:
    long = "a" * 5_000
    assert disjoint(f"{long}/*b", f"{long}/*c")
    assert not disjoint(f"{long}*", f"*{long}")
    assert not disjoint("/".join(["**", "x"] * 200), "/".join(["y", "**"] * 200) + "/x")
