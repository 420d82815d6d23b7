"""Tests that a change deletes, skips, or lets ask less than they did before."""

import ast
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

_NAMES = """
test_*.py *_test.py tests.py conftest.py *.test.* *.spec.* *_test.go *_test.rs *Test.java
*Tests.java *Test.kt *_spec.rb *_test.rb test_*.rb *Test.php *Test.cs *Tests.cs *_test.exs
*_test.dart *Tests.swift
"""
_ENDINGS = "py js jsx ts tsx mjs cjs go rs java kt rb php cs ex exs dart swift"
_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs"})

_TEST = re.compile(
    r"(?<![.\w])x?(?:it|test|specify|scenario)(?:\.\w+)*\s*[(`]|^func\s+Test\w+"
    r"|#\[(?:\w+::)?test\]|@(?:Parameterized)?Test\b|\[(?:Fact|Theory|Test)\b|^\s*(?:it|test)\s+[\"']"
    r"|\bfunction\s+test\w+|^\s*def\s+test_\w+",
    re.MULTILINE,
)
_SKIP = re.compile(
    r"\b(?:it|test|describe|context)\.(?:skip|todo|failing)\b|\bx(?:it|test|describe|context)\s*\("
    r"|\bt\.Skip(?:f|Now)?\(|#\[ignore|@(?:Disabled|Ignore)\b|\bSkip\s*=|\bmarkTestSkipped\b"
    r"|^\s*(?:skip|pending)\b|@tag\s+:skip",
    re.MULTILINE,
)
_ASSERT = re.compile(
    r"\b(?:assert\w*!?|expect\w*|should\w*|require\.\w+|refute\w*)\s*[(!.\s]"
    r"|\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\("
)
_SKIPPERS = frozenset({"skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure"})
_SKIP_CALLS = frozenset({"skip", "skipTest", "xfail", "importorskip", "SkipTest"})


@dataclass(frozen=True)
class Asked:
    """What one test file asks for. `tests` are names where the language gives them."""

    tests: Counter[str]
    skips: int
    asserts: int


def is_test(path: str) -> bool:
    """By the conventions of file names."""
    *folders, name = path.split("/")
    if name.rpartition(".")[2] not in _ENDINGS.split():
        return False
    return any(fnmatchcase(name, pattern) for pattern in _NAMES.split()) or not _FOLDERS.isdisjoint(
        folders
    )


def weakened(before: Mapping[str, str], after: Mapping[str, str | None]) -> tuple[str, ...]:
    """Sentences `path: 2 tests removed` about the changed test files; None means deleted.

    A test that turns up by its name in another changed file has moved, and is not missed.
    """
    was = {path: asked(path, text) for path, text in before.items()}
    now = {path: asked(path, text or "") for path, text in after.items()}
    elsewhere: Counter[str] = Counter()
    for path, held in now.items():
        elsewhere += held.tests - (was[path].tests if path in was else Counter())
    sentences = [
        f"{path}: {what}"
        for path in sorted(was.keys() & now.keys())
        if (what := _losses(was[path], now[path], elsewhere, deleted=after[path] is None))
    ]
    added = [
        f"{path}: {_count(new.skips, 'skip')} in a new file"
        for path, new in sorted(now.items())
        if path not in was and new.skips
    ]
    return (*sentences, *added)


def asked(path: str, text: str) -> Asked:
    """What the tests in that text ask for."""
    if path.endswith(".py"):
        try:
            return _python(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    found = [re.sub(r"\s+", " ", match.group()).strip() for match in _TEST.finditer(text)]
    tests = Counter({f"{path}:test": len(found)})
    return Asked(tests, len(_SKIP.findall(text)), len(_ASSERT.findall(text)))


def _losses(was: Asked, now: Asked, elsewhere: Counter[str], *, deleted: bool) -> str:
    gone = was.tests - now.tests
    moved = gone & elsewhere
    elsewhere.subtract(moved)
    removed = (gone - moved).total()
    told = [_count(removed, "test") + " removed"] if removed else []
    if now.skips > was.skips:
        told.append(_count(now.skips - was.skips, "test") + " skipped")
    if not gone and now.asserts < was.asserts:
        told.append(_count(was.asserts - now.asserts, "assertion") + " fewer")
    if deleted and removed:
        return f"deleted, with {_count(removed, 'test')}"
    return ", ".join(told)


def _python(module: ast.Module) -> Asked:
    tests: Counter[str] = Counter()
    skips = asserts = 0
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            tests[node.name] += node.name.startswith("test")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            skips += any(_name(decorator) in _SKIPPERS for decorator in node.decorator_list)
        if isinstance(node, ast.Assign) and _assigns(node, "pytestmark"):
            skips += any(_name(part) in _SKIPPERS for part in ast.walk(node.value))
        if isinstance(node, ast.Call):
            name = _name(node)
            skips += name in _SKIP_CALLS and not _is_decorator_like(node)
            asserts += name.startswith("assert") or name in ("raises", "warns", "fail")
        asserts += isinstance(node, ast.Assert)
    return Asked(+tests, skips, asserts)


def _is_decorator_like(call: ast.Call) -> bool:
    """`pytest.mark.skip(...)` and `unittest.skip(...)` are counted where they decorate."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != "skip":
        return False
    return _name(function.value) in ("mark", "unittest")


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _name(node: ast.AST) -> str:
    """The last word of a dotted name, called or not."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
