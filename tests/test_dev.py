"""`./dev` prepares its own environment and says in one line what it cannot do."""

import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINS = ("constraints.txt", "constraints-test.txt", "constraints-tools.txt")


def load(path: Path) -> ModuleType:
    loader = SourceFileLoader("dev_under_test", str(path))
    spec = spec_from_loader("dev_under_test", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with pins, and an environment that looks installed."""
    for name in ("dev", "pyproject.toml", *PINS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    interpreter = tmp_path / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    return tmp_path


def stamp(dev: ModuleType, kind: str) -> None:
    dev.STAMP.write_text(f"{kind} {dev.fingerprint(kind)}\n")


def program(path: Path, code: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


def pins(name: str) -> set[str]:
    return set(re.findall(r"^([^\s=]+==\S+)", (ROOT / name).read_text(), flags=re.MULTILINE))


def test_an_environment_without_a_stamp_is_not_prepared(checkout: Path) -> None:
    assert not load(checkout / "dev").is_prepared("run")


def test_the_stamp_saves_the_second_install(checkout: Path) -> None:
    dev = load(checkout / "dev")
    stamp(dev, "run")
    assert dev.is_prepared("run")
    assert not dev.is_prepared("test")


def test_the_test_packages_serve_the_program_too(checkout: Path) -> None:
    dev = load(checkout / "dev")
    stamp(dev, "test")
    assert dev.is_prepared("run")
    assert dev.is_prepared("test")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "constraints-tools.txt"])
def test_a_changed_pin_asks_for_an_install(checkout: Path, name: str) -> None:
    dev = load(checkout / "dev")
    stamp(dev, "run")
    (checkout / name).write_text("changed")
    assert not dev.is_prepared("run")


def test_a_moved_checkout_asks_for_an_install(checkout: Path, tmp_path: Path) -> None:
    stamp(load(checkout / "dev"), "run")
    moved = checkout.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert not load(moved / "dev").is_prepared("run")


def test_a_shim_that_refuses_to_run_is_passed_over(tmp_path: Path) -> None:
    dev = load(ROOT / "dev")
    shim, real = program(tmp_path / "a" / "uv", 127), program(tmp_path / "b" / "uv", 0)
    paths = [str(tmp_path / "absent"), str(shim), str(real)]
    assert dev.first_working(paths, ["--version"]) == str(real)
    assert dev.first_working(paths[:2], ["--version"]) is None


def test_only_uv_is_taken_from_the_tools() -> None:
    dev = load(ROOT / "dev")
    lines = dev.only_uv((ROOT / "constraints-tools.txt").read_text()).splitlines()
    assert [line.split("==")[0] for line in lines if not line.startswith(" ")] == ["uv"]
    assert any("--hash=sha256:" in line for line in lines)


@pytest.mark.parametrize("name", PINS)
def test_every_pin_has_a_hash_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_tests_run_on_the_versions_that_are_shipped() -> None:
    assert pins("constraints.txt") - pins("constraints-test.txt") == set()


def test_the_help_names_every_command() -> None:
    told = run("help")
    assert told.returncode == 0
    names = set(re.findall(r"^\./dev (\w+)", told.stdout, flags=re.MULTILINE))
    assert names == {"demo", "test", "check", "bench", "baro", "lock", "help"}


def test_an_unknown_command_is_refused_with_the_list() -> None:
    told = run("tset")
    assert told.returncode == 2
    assert told.stderr.startswith("./dev: no command named tset\n")
    assert "./dev test" in told.stderr


def test_an_unknown_benchmark_is_one_line() -> None:
    told = run("bench", "no-such")
    assert told.returncode == 1
    assert told.stderr.startswith("./dev: no benchmark named no-such; there are: ")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "dev"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
