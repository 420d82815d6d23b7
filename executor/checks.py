"""Finds the commands by which a repository proves itself, from its own files only."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

from planner.plan import Check
from planner.repository import FoundChecks, RepositoryView

NOTHING = "no tests or checks were found in this repository"
MANIFEST_BYTES = 512 * 1024
TEST_FILES_READ = 200

_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-test.txt")
_NO_TEST = re.compile(r"no test specified")
_TARGET = re.compile(r"^(test|check|lint)\s*:(?!=)", re.M)
_UNITTEST = re.compile(r"^\s*(?:import unittest|from unittest\b)", re.M)


def detect(view: RepositoryView) -> FoundChecks:
    """The gate, most telling checks first; where it stays empty, a note says so."""
    files = _Files(view)
    gate = (*_python(files), *_node(files), *_cargo(files), *_go(files))
    if not gate:
        gate = tuple(_make(files))
    return FoundChecks(gate=gate, notes=(*files.notes, *(() if gate else (NOTHING,))))


class _Files:
    """A view that is asked about manifests; what cannot be read is noted, never guessed at."""

    def __init__(self, view: RepositoryView) -> None:
        self._view = view
        self.paths = tuple(view.paths())
        self.notes: list[str] = []

    def text(self, path: str) -> str:
        content = self._view.read(path) if path in self.paths else None
        return "" if content is None else content[:MANIFEST_BYTES].decode(errors="replace")

    def toml(self, path: str) -> dict[str, object]:
        try:
            return tomllib.loads(self.text(path))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.notes.append(f"{path} cannot be read: {error}")
            return {}

    def scripts(self, path: str) -> dict[str, str]:
        """A package.json's scripts."""
        try:
            manifest = json.loads(self.text(path) or "{}")
        except (ValueError, RecursionError) as error:
            self.notes.append(f"{path} cannot be read: {error}")
            return {}
        found = manifest.get("scripts") if isinstance(manifest, dict) else None
        pairs = found.items() if isinstance(found, dict) else ()
        return {str(name): str(line) for name, line in pairs}

    def first(self, *names: str) -> str | None:
        return next((name for name in names if name in self.paths), None)


def _python(files: _Files) -> Iterator[Check]:
    tools = _table(files.toml("pyproject.toml"), "tool")
    if source := _pytest_source(files, tools):
        yield Check(name="pytest", argv=("python3", "-m", "pytest", "-q"), source=source)
    elif suite := _unittest_folder(files):
        yield Check(name="unittest", argv=_discover(files, suite), source=suite)
    if source := _configured(files, tools, "ruff", "ruff.toml", ".ruff.toml"):
        yield Check(name="ruff", argv=("ruff", "check", "."), source=source)
    if source := _configured(files, tools, "mypy", "mypy.ini", ".mypy.ini"):
        yield Check(name="mypy", argv=("mypy", *_mypy_target(files, tools)), source=source)


def _pytest_source(files: _Files, tools: dict[str, object]) -> str | None:
    if "pytest" in tools:
        return "pyproject.toml"
    if found := files.first("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"):
        text = files.text(found)
        if found.endswith("pytest.ini") or "[pytest]" in text or "[tool:pytest]" in text:
            return found
    for manifest in ("pyproject.toml", *_REQUIREMENTS, "setup.py"):
        if re.search(r"""(?:^|["'\s])pytest\b""", files.text(manifest), re.M):
            return manifest
    return files.first("conftest.py", "tests/conftest.py")


def _unittest_folder(files: _Files) -> str | None:
    """The folder that holds tests written for the standard library's runner."""
    tests = [
        path
        for path in files.paths
        if path.endswith(".py") and PurePosixPath(path).name.startswith("test")
    ]
    for path in tests[:TEST_FILES_READ]:
        if _UNITTEST.search(files.text(path)):
            return path.split("/", 1)[0] if "/" in path else "."
    return None


def _discover(files: _Files, folder: str) -> tuple[str, ...]:
    """A test folder that is a package is imported from the root, else it is its own root."""
    start = ("python3", "-m", "unittest", "discover", "-s", folder)
    package = f"{folder}/__init__.py" in files.paths
    return (*start, "-t", ".") if package and folder != "." else start


def _configured(files: _Files, tools: dict[str, object], tool: str, *own: str) -> str | None:
    return "pyproject.toml" if tool in tools else files.first(*own)


def _mypy_target(files: _Files, tools: dict[str, object]) -> tuple[str, ...]:
    """mypy refuses to start without a target; its configuration may name one."""
    own = _table(tools, "mypy")
    text = files.text("mypy.ini") or files.text(".mypy.ini")
    named = {"files", "packages", "modules"} & own.keys()
    return () if named or re.search(r"^(files|packages|modules)\s*=", text, re.M) else (".",)


def _node(files: _Files) -> Iterator[Check]:
    scripts = files.scripts("package.json")
    runner = "npm"
    for lock, name in (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun")):
        runner = name if lock in files.paths else runner
    for script in ("test", "lint", "typecheck"):
        if script in scripts and not _NO_TEST.search(scripts[script]):
            name = script if script != "test" else f"{runner} test"
            yield Check(name=name, argv=(runner, "run", script), source="package.json")


def _cargo(files: _Files) -> Iterator[Check]:
    if "Cargo.toml" in files.paths:
        argv = ("cargo", "test", "--offline", "--workspace")
        yield Check(name="cargo test", argv=argv, source="Cargo.toml")


def _go(files: _Files) -> Iterator[Check]:
    if "go.mod" in files.paths:
        yield Check(name="go test", argv=("go", "test", "./..."), source="go.mod")


def _make(files: _Files) -> Iterator[Check]:
    """Only where nothing else was found: such a target usually runs what we have found already."""
    if source := files.first("Makefile", "makefile", "GNUmakefile"):
        targets = _TARGET.findall(files.text(source))
        for target in ("test", "check"):
            if target in targets:
                yield Check(name=f"make {target}", argv=("make", target), source=source)
                return


def _table(table: dict[str, object], key: str) -> dict[str, object]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}
