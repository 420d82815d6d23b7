"""What the documentation says is what the program does."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot import hooks, repo_config, settings
from bot.commands import HELP
from bot.github.identity import PERMISSIONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MANIFEST = YAML(typ="safe", pure=True).load((ROOT / "app.yml").read_text("utf-8"))


def rows(page: str, below: str) -> list[tuple[str, ...]]:
    """The rows of the first table below these words, as plain cells."""
    text = (ROOT / "docs" / page).read_text("utf-8").partition(below)[2]
    table = re.search(r"(?:^ *\|.*\n)+", text, flags=re.MULTILINE)
    assert table, f"{page} has no table below {below!r}"
    return [_cells(line) for line in table.group().splitlines()[2:]]


def _cells(line: str) -> tuple[str, ...]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def coded(text: str) -> str:
    return f"`{text}`" if text and text != "–" else "–"


def test_every_setting_is_in_the_table() -> None:
    told = [(coded(row.name), coded(row.default), row.meaning) for row in settings.describe()]
    assert rows("configuration.md", "## The operator's settings") == told


def test_every_key_of_a_repository_is_in_the_table() -> None:
    told = [(coded(row.key), coded(row.default), row.meaning) for row in repo_config.describe()]
    assert rows("configuration.md", "## The repository's settings") == told


def test_every_command_is_in_the_table() -> None:
    told = [(coded(line.usage), line.does, str(line.needs)) for line in HELP]
    assert rows("commands.md", "# Commands") == told


def test_the_manifest_asks_for_what_the_tokens_ask_for() -> None:
    asked: dict[str, str] = {}
    for permissions in PERMISSIONS.values():
        for name, access in permissions.items():
            asked[name] = "write" if "write" in (access, asked.get(name)) else access
    assert MANIFEST["default_permissions"] == asked


def test_the_manifest_subscribes_to_what_is_heard() -> None:
    unasked = {"installation", "installation_repositories"}
    assert set(MANIFEST["default_events"]) == set(hooks._READERS) - unasked


def test_the_installation_lists_the_manifest() -> None:
    permissions = {
        name.lower().replace(" ", "_"): access
        for name, access in rows("install.md", "Repository permissions")
    }
    words = {"read": "Read-only (set by GitHub)", "write": "Read and write"}
    wanted = {name: words[access] for name, access in MANIFEST["default_permissions"].items()}
    assert permissions == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
