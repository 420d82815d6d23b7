"""What is left out of a change, by which rule, and what never is."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import pytest

from executor.artifacts import ArtifactRules, filtered
from executor.events import LeftOut
from executor.git.changes import Change

TOKEN = "ghp_" + "aB3" * 12


@dataclass
class Memory:
    """Contents that are their own ids."""

    owned: Set[str] = frozenset()
    blobs: dict[str, bytes] = field(default_factory=dict)

    def read(self, oid: str) -> bytes:
        return self.blobs[oid]

    def size(self, oid: str) -> int:
        return len(self.blobs[oid])

    def owns(self, path: str) -> bool:
        return path in self.owned

    def add(self, content: str | bytes) -> str:
        raw = content.encode() if isinstance(content, str) else content
        self.blobs[str(len(self.blobs))] = raw
        return str(len(self.blobs) - 1)


Side = str | bytes | tuple[str, int] | None


def left_out(
    sides: Mapping[str, tuple[Side, Side]],
    rules: ArtifactRules | None = None,
    owned: Set[str] = frozenset(),
) -> dict[str, str]:
    """Path to rule, for changes given as path to (before, after)."""
    memory = Memory(owned)
    found = [Change(path, _side(memory, a), _side(memory, b)) for path, (a, b) in sides.items()]
    kept, dropped = filtered(found, memory, rules or ArtifactRules())
    assert {c.path for c in kept} | {one.path for one in dropped} == set(sides)
    return {one.path: one.rule for one in dropped}


def new(path: str, content: Side = "content\n") -> dict[str, tuple[Side, Side]]:
    return {path: (None, content)}


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (".baro/plan.json", "baro's own file"),
        ("node_modules/a/index.js", "build output"),
        ("web/node_modules/.bin/a", "build output"),
        ("dist/app.js", "build output"),
        ("web/build/index.html", "build output"),
        ("pkg.egg-info/PKG-INFO", "build output"),
        ("lib.so", "build output"),
        (".coverage", "build output"),
        ("a/__pycache__/b.cpython-311.pyc", "cache"),
        (".pytest_cache/v/x", "cache"),
        (".venv/bin/python", "cache"),
        ("npm-debug.log", "log file"),
        ("logs/today.txt", "log file"),
        (".DS_Store", "editor or system file"),
        ("a/b.py~", "editor or system file"),
        ("a/b.py.orig", "editor or system file"),
        (".idea/workspace.xml", "editor or system file"),
        ("prd.json", "an agent's own file"),
        ("CLAUDE.md", "an agent's own file"),
        (".claude/settings.json", "an agent's own file"),
        (".env", "file for secrets"),
        ("keys/id_rsa", "file for secrets"),
    ],
)
def test_a_new_file_of_that_name_is_left_out(path: str, rule: str) -> None:
    assert left_out(new(path)) == {path: rule}


@pytest.mark.parametrize(
    "path",
    [
        "src/build/plan.py",
        "tests/out/golden.txt",
        "src/logs/writer.py",
        ".env.example",
        "docs/adr/0001-why.md",
        "changelog.md",
        ".github/workflows/ci.yml",
        ".coveragerc",
        "distribution/a.py",
        "environment.py",
        "bin/run",
    ],
)
def test_a_new_file_that_only_sounds_alike_stays(path: str) -> None:
    assert left_out(new(path)) == {}


@pytest.mark.parametrize("path", ["dist/app.js", "prd.json", "CLAUDE.md", "server.log", ".env"])
def test_a_file_the_repository_owns_stays_when_it_changes_or_goes(path: str) -> None:
    assert left_out({path: ("old\n", "new\n")}) == {}
    assert left_out({path: ("old\n", None)}) == {}


def test_a_new_file_in_an_owned_folder_stays() -> None:
    assert left_out(new("dist/new.js"), owned={"dist"}) == {}


@pytest.mark.parametrize("surface", ["dist/**", "dist/app.js", "dist/"])
def test_what_a_story_declares_stays(surface: str) -> None:
    assert left_out(new("dist/app.js"), ArtifactRules(requested=(surface,))) == {}


@pytest.mark.parametrize("surface", ["**", "src/**", "src/pkg/"])
def test_a_wide_surface_declares_no_artifacts(surface: str) -> None:
    sides = new("src/pkg/__pycache__/a.pyc")
    assert left_out(sides, ArtifactRules(requested=(surface,))) == {
        "src/pkg/__pycache__/a.pyc": "cache"
    }


def test_kept_by_a_person_stays() -> None:
    assert left_out(new("dist/app.js"), ArtifactRules(keep=("dist/app.js",))) == {}


def test_the_owner_s_exclusions_hold_for_old_files_too() -> None:
    rules = ArtifactRules(exclude=("gen/**",))
    said = "excluded by the repository's configuration"
    assert left_out({"gen/a.ts": ("1\n", "2\n")}, rules) == {"gen/a.ts": said}


def test_a_secret_is_left_out_whoever_wants_it() -> None:
    rules = ArtifactRules(keep=("*",), requested=("conf.py",))
    assert left_out(new("conf.py", f"T = '{TOKEN}'\n"), rules) == {
        "conf.py": "holds a secret (GitHub token)"
    }
    assert left_out({"conf.py": ("T = ''\n", f"T = '{TOKEN}'\n")}, rules) != {}
    assert left_out({"conf.py": (f"T = '{TOKEN}'\n", f"U = '{TOKEN}'\n")}, rules) == {}


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("data.csv", b"1,2\n" * 300_000, "larger than 1 MB"),
        ("tool", b"\x7fELF\0\0", "binary file"),
        ("shop.sqlite", b"SQLite format 3\0", "binary file"),
        ("art.png", b"\x89PNG\0" * 120_000, "binary file larger than 512 kB"),
    ],
)
def test_large_and_binary_strays_are_left_out(path: str, content: bytes, rule: str) -> None:
    assert left_out(new(path, content)) == {path: rule}
    assert left_out(new(path, content), ArtifactRules(requested=(path,))) == {}


def test_a_small_picture_stays() -> None:
    assert left_out(new("docs/art.png", b"\x89PNG\0")) == {}


def test_churn_is_left_out() -> None:
    sides: dict[str, tuple[Side, Side]] = {
        "mode.sh": (("x\n", 0o100644), ("x\n", 0o100755)),
        "crlf.py": ("a\nb\n", "a\r\nb\r\n"),
        "blank.py": ("a\nb\n", "a  \nb\n\n"),
        "indent.py": ("if a:\n  b\n", "if a:\n    b\n"),
        "real.py": ("a\n", "b\n"),
        "link": (("x", 0o100644), ("x", 0o120000)),
    }
    only_endings = "only line endings or trailing blanks changed"
    assert left_out(sides) == {
        "mode.sh": "only its mode changed",
        "crlf.py": only_endings,
        "blank.py": only_endings,
    }
    asked = ArtifactRules(requested=("mode.sh", "crlf.py", "blank.py"))
    assert left_out(sides, asked) == {}


LOCK = ("{}\n", '{"a": 1}\n')


@pytest.mark.parametrize(
    ("lockfile", "manifest", "stays"),
    [
        ("package-lock.json", "package.json", True),
        ("web/yarn.lock", "web/package.json", True),
        ("web/yarn.lock", "package.json", True),
        ("pnpm-lock.yaml", "packages/a/package.json", True),
        ("web/yarn.lock", "api/package.json", False),
        ("web/yarn.lock", "webshop/package.json", False),
        ("package-lock.json", "src/a.js", False),
        ("uv.lock", "pyproject.toml", True),
        ("poetry.lock", "package.json", False),
        ("Cargo.lock", "crates/a/Cargo.toml", True),
        ("go.sum", "go.mod", True),
        ("Gemfile.lock", "shop.gemspec", True),
    ],
)
def test_a_lockfile_follows_its_manifest(lockfile: str, manifest: str, stays: bool) -> None:
    expected = {} if stays else {lockfile: "its manifest did not change"}
    assert left_out({lockfile: LOCK, manifest: ("a\n", "b\n")}) == expected
    assert left_out({**new(lockfile), manifest: ("a\n", "b\n")}) == expected


def test_a_lockfile_s_manifest_must_itself_stay() -> None:
    sides: dict[str, tuple[Side, Side]] = {
        "package-lock.json": LOCK,
        "package.json": ("{}\n", "{}\r\n"),
    }
    assert set(left_out(sides)) == {"package-lock.json", "package.json"}


def test_lockfiles_may_be_settled_by_the_owner_or_the_request() -> None:
    alone: dict[str, tuple[Side, Side]] = {"uv.lock": LOCK}
    both: dict[str, tuple[Side, Side]] = {**alone, "pyproject.toml": ("a\n", "b\n")}
    assert left_out(alone, ArtifactRules(lockfiles="always")) == {}
    assert left_out(both, ArtifactRules(lockfiles="never")) == {
        "uv.lock": "lockfiles are never changed here"
    }
    assert left_out(alone, ArtifactRules(requested=("uv.lock",))) == {}
    assert left_out(alone, ArtifactRules(keep=("uv.lock",))) == {}


def test_a_deleted_lockfile_comes_back() -> None:
    assert left_out({"uv.lock": ("x\n", None)}) == {"uv.lock": "its manifest did not change"}


def test_what_was_left_out_has_its_size() -> None:
    memory = Memory()
    change = Change("a.log", None, (memory.add("12345"), 0o100644))
    assert filtered([change], memory, ArtifactRules()) == (
        (),
        (LeftOut(path="a.log", rule="log file", size=5),),
    )


def test_a_submodule_is_left_out() -> None:
    change = Change("vendor/lib", None, ("1" * 40, 0o160000))
    _, dropped = filtered([change], Memory(), ArtifactRules())
    assert dropped == (LeftOut(path="vendor/lib", rule="submodule", size=0),)


def _side(memory: Memory, given: Side) -> tuple[str, int] | None:
    if given is None:
        return None
    content, mode = given if isinstance(given, tuple) else (given, 0o100644)
    same = [oid for oid, raw in memory.blobs.items() if raw == _raw(content)]
    return (same[0] if same else memory.add(content)), mode


def _raw(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
