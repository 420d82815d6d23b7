"""Each import contract refuses what it was written to refuse."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "executor", "planner", "llm", "infra")

PLANTED = {
    "direction": ("planner/plan.py", "import executor.events"),
    "hub": ("infra/hub/__init__.py", "import llm.usage"),
    "hub-is-not-baro": ("llm/usage.py", "import infra.hub"),
    "executor": ("executor/newcomer.py", '"""A module nobody placed."""'),
    "bot": ("bot/newcomer.py", '"""A module nobody placed."""'),
    "planner-agents": ("executor/evidence.py", "import planner.draft"),
    "vendors": ("planner/request.py", "import openai"),
    "git": ("bot/settings.py", "import pygit2"),
    "sql": ("bot/commands.py", "import sqlalchemy"),
    "cycles": ("llm/errors.py", "import llm.backends"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report over a copy of the tree that holds one violation per contract."""
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "sample")
        )
    shutil.copy(ROOT / ".importlinter", copy)
    for path, line in PLANTED.values():
        with (copy / path).open("a") as file:
            file.write(f"\n{line}\n")
    return report(copy)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_breaks_its_contract(broken: str, contract: str) -> None:
    name = next(line for line in settings(contract) if line.startswith("name = "))
    assert f"{name.removeprefix('name = ')} BROKEN" in broken


def settings(contract: str) -> list[str]:
    text = (ROOT / ".importlinter").read_text()
    return text.split(f"[importlinter:contract:{contract}]")[1].splitlines()


def report(folder: Path) -> str:
    lint = Path(sys.executable).with_name("lint-imports")
    command = [sys.executable, str(lint), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
