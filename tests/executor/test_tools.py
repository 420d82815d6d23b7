from collections.abc import Sequence
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from executor.policy import Surface
from executor.prompts.briefing import system
from executor.sandbox.none import Unwalled
from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished
from executor.tools.desk import Desk
from executor.tools.finish import OUTPUTS
from executor.tools.toolbox import toolbox
from llm.backend import Job, Refused, Tool
from llm.meter import CallLabel, Caps, MemoryMeter
from llm.prefix import tool_specs
from llm.routing import Phase, Route
from tests.executor.house import NOW

FIXED_PART_TOKENS = 1_500


class Agent:
    """Calls tools as a model would; a refusal is text as well."""

    def __init__(self, root: Path, *writes: str) -> None:
        self.root = root
        policy = Policy(workspace=root)
        desk = Desk(root, Surface(writes or ("**",)), Unwalled(), policy)
        self.tools: dict[str, Tool] = {tool.name: tool for tool in toolbox(desk)}

    async def __call__(self, tool: str, **arguments: object) -> str:
        wanted = self.tools[tool]
        try:
            return await wanted.call(wanted.arguments.model_validate(arguments))
        except Refused as refused:
            return str(refused)


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    root = tmp_path / "workspace"
    (root / "shop").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n")
    (root / "shop" / "price.py").write_text("def total(prices):\n    return sum(prices[1:])\n")
    return Agent(root, "shop/**", "docs/*.md")


def test_the_fixed_part_of_a_storys_first_request_is_small(agent: Agent) -> None:
    job = Job(
        label=CallLabel(phase=Phase.story),
        route=Route(backend="scripted", model="prepared", script=Path("script.yaml")),
        system=system(),
        prompt="",
        tools=tuple(agent.tools.values()),
        outputs=OUTPUTS,
        meter=MemoryMeter(Caps(), lambda: NOW),
    )
    specs = tool_specs(job)
    assert [spec.name for spec in specs] == [
        *("read", "search", "edit", "write", "run"),
        *("done", "blocked"),
    ]
    assert (len("\n".join(map(str, specs))) + len(system())) / 4 <= FIXED_PART_TOKENS


def test_tools_that_change_things_never_run_beside_another(agent: Agent) -> None:
    alone = [tool.name for tool in agent.tools.values() if tool.sequential]
    assert alone == ["edit", "write", "run"]


async def test_a_file_is_read_with_its_place(agent: Agent) -> None:
    assert await agent("read", path="shop/price.py") == snapshot("""\
shop/price.py, lines 1-2 of 2
def total(prices):
    return sum(prices[1:])\
""")
    assert await agent("read", path="/workspace/shop/price.py", offset=2, limit=1) == snapshot("""\
shop/price.py, lines 2-2 of 2
    return sum(prices[1:])\
""")


async def test_a_long_file_is_read_in_pages(agent: Agent) -> None:
    (agent.root / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 1001)))
    page = (await agent("read", path="long.txt")).splitlines()
    assert page[0] == "long.txt, lines 1-400 of 1000; go on with offset 401"
    assert (page[1], page[-1]) == ("line 1", "line 400")
    last = (await agent("read", path="long.txt", offset=990)).splitlines()
    assert last[0] == "long.txt, lines 990-1000 of 1000"
    assert await agent("read", path="long.txt", offset=1001) == "long.txt has 1000 lines"


async def test_long_lines_are_cut_and_pages_bounded(agent: Agent) -> None:
    (agent.root / "wide.txt").write_text(("x" * 600 + "\n") * 100)
    page = await agent("read", path="wide.txt")
    assert page.splitlines()[1] == "x" * 500 + " [+100]"
    assert len(page) < 16_200


async def test_a_folder_is_listed_without_git(agent: Agent) -> None:
    (agent.root / "README.md").write_text("")
    assert await agent("read", path=".") == "README.md\nshop/"


async def test_what_is_no_text_is_not_shown(agent: Agent) -> None:
    (agent.root / "logo.png").write_bytes(b"\x89PNG\xff")
    assert await agent("read", path="logo.png") == "logo.png is not text (5 bytes)"
    assert await agent("read", path="none.py") == "there is no file none.py"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "~/.ssh", "shop/../../secret", ""])
async def test_nothing_outside_is_read(agent: Agent, path: str) -> None:
    (agent.root.parent / "secret").write_text("canary")
    told = await agent("read", path=path)
    assert told.startswith("refused:")
    assert "canary" not in told


async def test_links_are_followed_inside_and_never_outside(agent: Agent) -> None:
    (agent.root.parent / "secret").write_text("canary")
    (agent.root / "out").symlink_to("../secret")
    (agent.root / "folder").symlink_to("..")
    (agent.root / "alias.py").symlink_to("shop/price.py")
    for path in ("out", "folder/secret"):
        assert await agent("read", path=path) == f"refused: {path} leads outside the repository"
        assert "outside" in await agent("write", path=path, content="x")
    assert (await agent("read", path="alias.py")).startswith("shop/price.py, lines 1-2")


async def test_a_linked_file_is_judged_by_its_real_name(agent: Agent) -> None:
    (agent.root / "app.py").write_text("x = 1\n")
    (agent.root / "shop" / "app.py").symlink_to("../app.py")
    assert await agent("write", path="shop/app.py", content="x = 2\n") == (
        "refused: app.py is outside what this story may write: shop/**, docs/*.md"
    )


async def test_a_pipe_in_the_workspace_does_not_hang_the_worker(agent: Agent) -> None:
    await agent("run", command="mkfifo shop/pipe")
    assert await agent("read", path="shop/pipe") == "shop/pipe is not a regular file"


@pytest.mark.parametrize("path", [".git/config", "shop/.git/hooks/x", ".GIT/config"])
async def test_git_is_nobodys_business(agent: Agent, path: str) -> None:
    assert await agent("read", path=path) == f"refused: {path} belongs to git"
    assert await agent("write", path=path, content="x") == f"refused: {path} belongs to git"


PLACES = (
    ".github/workflows/ci.yml",
    ".github/CODEOWNERS",
    ".github/baro.yml",
    ".githooks/pre-commit",
    "CODEOWNERS",
    ".gitmodules",
)


@pytest.mark.parametrize("path", PLACES)
def test_protected_places_are_written_only_where_the_plan_names_them(path: str) -> None:
    for wide in ("**", ".github/**", "*", "*/*"):
        assert "protected" in (Surface((wide,)).refusal(path) or "")
    assert Surface((path,)).refusal(path) is None
    assert Surface(("shop", "./" + path)).refusal(path) is None


def test_a_surface_that_names_one_workflow_grants_no_other() -> None:
    surface = Surface((".github/workflows/ci.yml", "**"))
    assert surface.refusal(".github/workflows/ci.yml") is None
    assert surface.refusal(".github/workflows/release.yml") is not None


async def test_an_edit_replaces_what_is_there_once(agent: Agent) -> None:
    await agent("read", path="shop/price.py")
    assert await agent("edit", path="shop/price.py", old="[1:]", new="") == "shop/price.py changed"
    assert (agent.root / "shop/price.py").read_text().endswith("    return sum(prices)\n")


async def test_nothing_is_changed_unread(agent: Agent) -> None:
    told = await agent("edit", path="shop/price.py", old="[1:]", new="")
    assert told == "refused: read shop/price.py before changing it"
    told = await agent("write", path="shop/price.py", content="")
    assert told == "refused: shop/price.py exists; read it before replacing it"


async def test_a_file_made_in_this_attempt_may_be_changed(agent: Agent) -> None:
    assert await agent("write", path="shop/tax.py", content="RATE = 19\n") == "shop/tax.py made"
    assert await agent("edit", path="shop/tax.py", old="19", new="7") == "shop/tax.py changed"
    assert await agent("write", path="shop/tax.py", content="") == "shop/tax.py replaced"


async def test_an_ambiguous_edit_is_refused(agent: Agent) -> None:
    (agent.root / "shop/a.py").write_text("x = 1\nx = 1\n")
    await agent("read", path="shop/a.py")
    assert await agent("edit", path="shop/a.py", old="x = 1", new="x = 2") == (
        "refused: `old` is 2 times in shop/a.py; give more of it, or set all"
    )
    await agent("edit", path="shop/a.py", old="x = 1", new="x = 2", all=True)
    assert (agent.root / "shop/a.py").read_text() == "x = 2\nx = 2\n"


async def test_a_missed_edit_shows_the_closest_lines(agent: Agent) -> None:
    await agent("read", path="shop/price.py")
    told = await agent("edit", path="shop/price.py", old="    return sum(price[1:])", new="")
    assert told == snapshot("""\
refused: `old` is not in shop/price.py. Closest:
1: def total(prices):
2:     return sum(prices[1:])\
""")


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        ("a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n", "a = 3\nb = 4\n", "a = 3\r\nb = 4\r\n"),
        ("if x:  \n    y()\n", "if x:\n    y()", "if x:\n    z()", "if x:\n    z()\n"),
        (
            "class A:\n    def f(self):\n        return 1\n",
            "def f(self):\n    return 1\n",
            "def f(self):\n    return 2\n",
            "class A:\n    def f(self):\n        return 2\n",
        ),
        ("a\nb", "b  ", "c", "a\nc"),
    ],
)
async def test_blanks_and_line_ends_do_not_hide_the_place(
    agent: Agent, before: str, old: str, new: str, after: str
) -> None:
    (agent.root / "shop/a.py").write_bytes(before.encode())
    await agent("read", path="shop/a.py")
    assert await agent("edit", path="shop/a.py", old=old, new=new) == "shop/a.py changed"
    assert (agent.root / "shop/a.py").read_bytes() == after.encode()


async def test_writing_keeps_the_mode_and_makes_folders(agent: Agent) -> None:
    script = agent.root / "shop/run.sh"
    script.write_text("old\n")
    script.chmod(0o755)
    await agent("read", path="shop/run.sh")
    await agent("write", path="shop/run.sh", content="new\n")
    assert script.stat().st_mode & 0o777 == 0o755
    assert await agent("write", path="shop/a/b/c.py", content="") == "shop/a/b/c.py made"
    told = await agent("write", path="shop/price.py/x", content="")
    assert told == "shop/price.py/x cannot be written: File exists"


async def test_writes_stay_within_the_surface(agent: Agent) -> None:
    assert await agent("write", path="docs/a.md", content="") == "docs/a.md made"
    assert await agent("write", path="docs/a/b.md", content="") == (
        "refused: docs/a/b.md is outside what this story may write: shop/**, docs/*.md"
    )


async def test_a_command_tells_its_end_first(agent: Agent) -> None:
    told = await agent("run", command="echo hello; exit 3")
    assert told.splitlines()[0].startswith("exit 3 in 0.")
    assert told.splitlines()[1:] == ["hello"]
    assert (await agent("run", command="true")).endswith(" s, no output")


async def test_a_command_ends_in_time(agent: Agent) -> None:
    told = await agent("run", command="echo busy; sleep 9", timeout=0.3)
    assert told.startswith("timed out after 0.3 s in 0.")
    assert told.endswith("busy")


async def test_the_same_output_is_not_told_twice(agent: Agent) -> None:
    command = "echo Ran 3 tests in 0.$RANDOM s"
    assert "Ran 3 tests" in await agent("run", command=command)
    again = await agent("run", command=command)
    assert again.splitlines()[1:] == ["unchanged: the same output as the last time"]
    assert again.startswith("exit 0 in ")


async def test_long_output_keeps_both_ends_and_can_be_read(agent: Agent) -> None:
    told = await agent("run", command="seq 1 9999")
    first, *lines = told.splitlines()
    assert first.endswith("; all of it: read .baro/run-1.log")
    assert (lines[0], lines[-1]) == ("1", "9999")
    assert "characters left out]" in told
    assert len(told) < 12_200
    page = await agent("read", path=".baro/run-1.log", offset=5000, limit=1)
    assert page.splitlines()[1] == "5000"
    assert not (agent.root / ".baro").exists()


async def test_a_green_suite_is_told_in_short(agent: Agent) -> None:
    told = await agent("run", command="seq 1 9999; : pytest")
    assert told.endswith("9999")
    assert len(told) < 2_200


async def test_output_is_plain_and_repeats_are_counted(agent: Agent) -> None:
    command = r"printf '\033[31mred\033[0m\n'; printf '10%%\r99%%\rdone\n'; yes same | head -5"
    told = await agent("run", command=command)
    assert told.splitlines()[1:] == ["red", "done", "same", "[the line above 5 times]"]


async def test_a_search_names_file_and_line(agent: Agent) -> None:
    assert await agent("search", pattern="def (total|sum)") == "shop/price.py:1:def total(prices):"
    assert await agent("search", pattern="total", glob="shop/*.py") == (
        "shop/price.py:1:def total(prices):"
    )
    assert await agent("search", pattern="total", glob="docs/*.md") == "nothing found"
    assert await agent("search", pattern="core") == "nothing found"


async def test_a_search_is_bounded(agent: Agent) -> None:
    (agent.root / "many.txt").write_text(("needle" + "x" * 300 + "\n") * 100)
    lines = (await agent("search", pattern="needle")).splitlines()
    assert len(lines) == 61
    assert len(lines[0]) < 210
    assert lines[-1] == "[and 40 more lines; narrow the search]"


async def test_a_wrong_pattern_is_explained(agent: Agent) -> None:
    assert (await agent("search", pattern="(")).startswith("the search failed:")
    assert await agent("search", pattern="-e") == "nothing found"


async def test_a_search_needs_nothing_but_grep(agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for program in ("sh", "grep"):
        (tmp_path / "bin" / program).symlink_to(f"/bin/{program}")

    class Bare(Unwalled):
        async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
            only = f"PATH={tmp_path / 'bin'}"
            return await super().run(["/usr/bin/env", only, *argv], policy, cwd)

    desk = Desk(agent.root, Surface(("**",)), Bare(), Policy(workspace=agent.root))
    search = next(tool for tool in toolbox(desk) if tool.name == "search")
    for glob in ("", "*.py", "shop/*.py", "**/*.py", "shop/**"):
        asked = search.arguments.model_validate({"pattern": "def (a|total)", "glob": glob})
        assert await search.call(asked) == "shop/price.py:1:def total(prices):"
    asked = search.arguments.model_validate({"pattern": "total", "glob": "docs/*.py"})
    with pytest.raises(Refused, match="No such file"):
        await search.call(asked)


async def test_hostile_names_are_refused_and_hang_nothing(agent: Agent) -> None:
    await agent("run", command="ln -s loop shop/loop; mkdir shop/deep")
    assert "cannot be read" in await agent("read", path="shop/loop")
    assert "exists; read it" in await agent("write", path="shop/loop", content="x")
    long = "shop/" + "x" * 300
    assert await agent("read", path=long) == f"{long} cannot be read: File name too long"
    assert "cannot be written" in await agent("write", path=long, content="x")
    assert (await agent("read", path="shop/a\0b")).startswith("refused:")
    assert (await agent("run", command="echo \0")).startswith("refused:")
    assert (await agent("search", pattern="x" * 200_000)).startswith("refused:")


async def test_half_a_character_is_no_text(agent: Agent) -> None:
    half = "\ud800"
    assert await agent("write", path="shop/a.py", content=half) == (
        "refused: the content is not text"
    )
    assert (await agent("read", path=half)).startswith("refused: '\\ud800' is not a path")
    assert (await agent("run", command=f"echo {half}")).startswith("refused:")
    assert (await agent("search", pattern=half)).startswith("refused:")


async def test_a_folder_with_names_that_are_no_text_is_listed(agent: Agent) -> None:
    await agent("run", command=r"touch shop/$(printf 'caf\351')")
    assert await agent("read", path="shop") == "caf\ufffd\nprice.py"
