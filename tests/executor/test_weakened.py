"""Tests that ask less than before are told, whatever the language."""

import pytest

from executor.weakened import is_test, weakened

PYTHON = """\
import pytest

def test_one():
    assert a
    assert b

class TestTwo:
    def test_two(self):
        self.assertEqual(1, 1)
"""


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (None, "tests/test_a.py: deleted, with 2 tests"),
        ("", "tests/test_a.py: 2 tests removed"),
        (PYTHON.replace("def test_one", "def tested_one"), "tests/test_a.py: 1 test removed"),
        (
            PYTHON.replace("def test_one", "@pytest.mark.skip(reason='x')\ndef test_one"),
            "tests/test_a.py: 1 test skipped",
        ),
        (
            PYTHON.replace("def test_one", "@pytest.mark.xfail\ndef test_one"),
            "tests/test_a.py: 1 test skipped",
        ),
        (
            PYTHON.replace("    assert a\n", "    pytest.skip('later')\n    assert a\n"),
            "tests/test_a.py: 1 test skipped",
        ),
        (
            PYTHON.replace("import pytest\n", "import pytest\npytestmark = pytest.mark.skip\n"),
            "tests/test_a.py: 1 test skipped",
        ),
        (PYTHON.replace("    assert b\n", ""), "tests/test_a.py: 1 assertion fewer"),
        (PYTHON.replace("assertEqual", "note"), "tests/test_a.py: 1 assertion fewer"),
    ],
)
def test_a_weaker_python_test_is_told(after: str | None, said: str) -> None:
    assert weakened({"tests/test_a.py": PYTHON}, {"tests/test_a.py": after}) == (said,)


@pytest.mark.parametrize(
    "after",
    [
        PYTHON,
        PYTHON + "\ndef test_three():\n    assert c\n",
        PYTHON.replace("assert a\n", "assert a == 1\n"),
        "def test_one():\n    with pytest.raises(E):\n        a()\n    assert b\n"
        "def test_two():\n    assert 1\n",
    ],
    ids=["same", "more", "changed", "rewritten"],
)
def test_a_test_that_asks_as_much_is_not(after: str) -> None:
    assert weakened({"tests/test_a.py": PYTHON}, {"tests/test_a.py": after}) == ()


def test_a_test_that_moved_is_not_missed() -> None:
    told = weakened(
        {"tests/test_a.py": PYTHON}, {"tests/test_a.py": None, "tests/b_test.py": PYTHON}
    )
    assert told == ()


@pytest.mark.parametrize(
    ("path", "before", "after", "said"),
    [
        (
            "src/a.test.ts",
            "it('adds', () => { expect(1); });\nit('subs', () => { expect(2); });\n",
            "it('adds', () => { expect(1); if (/a/.test(b)) {} });\n",
            "1 test removed",
        ),
        (
            "src/a.test.ts",
            "it('adds', () => { expect(1).toBe(1); });\n",
            "it.skip('adds', () => { expect(1).toBe(1); });\n",
            "1 test skipped",
        ),
        (
            "a_test.go",
            "func TestA(t *testing.T) {\n\tif a != 1 { t.Fatal(a) }\n}\n",
            "func TestA(t *testing.T) {\n\tt.Skip()\n\tif a != 1 { t.Fatal(a) }\n}\n",
            "1 test skipped",
        ),
        (
            "tests/a.rs",
            "#[test]\nfn a() { assert_eq!(1, 1); assert!(true); }\n",
            "#[test]\nfn a() { assert_eq!(1, 1); }\n",
            "1 assertion fewer",
        ),
        (
            "src/test/java/ATest.java",
            "@Test\nvoid a() { assertEquals(1, 1); }\n",
            "@Disabled\n@Test\nvoid a() { assertEquals(1, 1); }\n",
            "1 test skipped",
        ),
    ],
)
def test_other_languages_are_read_by_their_conventions(
    path: str, before: str, after: str, said: str
) -> None:
    assert weakened({path: before}, {path: after}) == (f"{path}: {said}",)


def test_a_python_file_that_does_not_parse_is_still_judged() -> None:
    told = weakened({"test_a.py": "def test_a():\n    assert 1\n"}, {"test_a.py": "def broken(:\n"})
    assert told == ("test_a.py: 1 test removed",)


def test_a_new_test_that_is_skipped_from_the_start_is_told() -> None:
    text = "import unittest\n\n@unittest.skip('later')\ndef test_a(): ...\n"
    assert weakened({}, {"test_a.py": text}) == ("test_a.py: 1 skip in a new file",)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("tests/test_a.py", True),
        ("a_test.go", True),
        ("src/a.spec.tsx", True),
        ("src/__tests__/a.js", True),
        ("spec/a_spec.rb", True),
        ("src/a.py", False),
        ("tests/data.json", False),
        ("docs/testing.md", False),
        ("contest.py", False),
    ],
)
def test_a_test_file_is_known_by_its_name(path: str, answer: bool) -> None:
    assert is_test(path) is answer
