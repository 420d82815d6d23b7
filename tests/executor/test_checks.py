import json

import pytest

from executor.checks import NOTHING, detect
from planner.plan import Check
from tests.executor.repositories import TreeView


def a_view(files: dict[str, str]) -> TreeView:
    return TreeView({name: text.encode() for name, text in files.items()})


def shown(check: Check) -> tuple[str, str, str]:
    return check.name, " ".join(check.argv), check.source


UNITTEST = "import unittest\n\nclass TestA(unittest.TestCase): ...\n"
SCRIPTS = json.dumps({"scripts": {"test": "vitest run", "lint": "eslint .", "start": "node ."}})
STUB = json.dumps({"scripts": {"test": 'echo "Error: no test specified" && exit 1'}})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"tests/__init__.py": "", "tests/test_a.py": UNITTEST},
            [("unittest", "python3 -m unittest discover -s tests -t .", "tests")],
        ),
        (
            {"tests/test_a.py": UNITTEST},
            [("unittest", "python3 -m unittest discover -s tests", "tests")],
        ),
        (
            {"test_a.py": UNITTEST},
            [("unittest", "python3 -m unittest discover -s .", ".")],
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": UNITTEST},
            [("pytest", "python3 -m pytest -q", "pyproject.toml")],
        ),
        (
            {"requirements-dev.txt": "pytest>=8\n"},
            [("pytest", "python3 -m pytest -q", "requirements-dev.txt")],
        ),
        (
            {"setup.cfg": "[tool:pytest]\n"},
            [("pytest", "python3 -m pytest -q", "setup.cfg")],
        ),
        (
            {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\nfiles = ['src']\n"},
            [
                ("ruff", "ruff check .", "pyproject.toml"),
                ("mypy", "mypy", "pyproject.toml"),
            ],
        ),
        ({"mypy.ini": "[mypy]\nstrict = True\n"}, [("mypy", "mypy .", "mypy.ini")]),
        (
            {"package.json": SCRIPTS, "pnpm-lock.yaml": ""},
            [
                ("pnpm test", "pnpm run test", "package.json"),
                ("lint", "pnpm run lint", "package.json"),
            ],
        ),
        ({"package.json": STUB}, []),
        (
            {"Cargo.toml": "[package]\n"},
            [("cargo test", "cargo test --offline --workspace", "Cargo.toml")],
        ),
        ({"go.mod": "module shop\n"}, [("go test", "go test ./...", "go.mod")]),
        (
            {"Makefile": "build:\n\tcc a.c\ntest: build\n\t./a\n"},
            [("make test", "make test", "Makefile")],
        ),
        ({"Makefile": "test := 1\n"}, []),
    ],
)
def test_checks_are_found_in_the_files_that_declare_them(
    files: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    assert [shown(check) for check in detect(a_view(files)).gate] == expected


def test_a_makefile_is_asked_only_where_nothing_else_was_found() -> None:
    files = {"go.mod": "module shop\n", "Makefile": "test:\n\tgo test ./...\n"}
    assert [check.name for check in detect(a_view(files)).gate] == ["go test"]


def test_nothing_found_is_a_note_and_never_a_fake() -> None:
    found = detect(a_view({"README.md": "# shop\n"}))
    assert (found.gate, found.notes) == ((), (NOTHING,))


def test_a_manifest_that_cannot_be_read_is_told() -> None:
    found = detect(a_view({"package.json": "{", "pyproject.toml": "[tool"}))
    assert [note.split(" cannot")[0] for note in found.notes] == [
        "pyproject.toml",
        "package.json",
        NOTHING,
    ]


def test_a_hostile_manifest_harms_nobody() -> None:
    assert detect(a_view({"package.json": '{"scripts": ["test"]}'})).gate == ()
    assert detect(a_view({"package.json": "[" * 100_000})).gate == ()
    assert detect(a_view({"pyproject.toml": "a = " + "[" * 100_000})).gate == ()
