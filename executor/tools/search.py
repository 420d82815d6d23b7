"""The tool that finds lines by a regular expression, with ripgrep where there is one."""

from pathlib import PurePosixPath

from pydantic import BaseModel, Field

from executor.clip import plain
from executor.tools.desk import Desk
from llm.backend import Refused, Tool

MOST_LINES = 60
LINE = 200
SECONDS = 60

SCRIPT = """\
pattern=$1 around=$2 glob=$3 folder=$4 name=$5
if command -v rg >/dev/null; then
  exec rg -n --no-heading --color never --hidden --sort path -C "$around" \\
    ${glob:+--glob "$glob"} --glob '!.git' -e "$pattern" -- .
fi
exec grep -rnIE -C "$around" --exclude-dir=.git \\
  ${name:+--include="$name"} -e "$pattern" -- "$folder"
"""


class Search(BaseModel):
    pattern: str = Field(description="extended regular expression")
    glob: str = Field(default="", description="such as src/**/*.py")
    context: int = Field(default=0, ge=0, le=10, description="lines around each hit")


def search_tool(desk: Desk) -> Tool:
    async def search(asked: Search) -> str:
        folder, name = _for_grep(asked.glob)
        argv = ["sh", "-c", SCRIPT, "sh", asked.pattern, str(asked.context), asked.glob]
        finished = await desk.run([*argv, folder, name], wall_seconds=SECONDS)
        if finished.exit_code not in (0, 1):
            raise Refused(f"the search failed: {plain(finished.output).strip()[:LINE]}")
        return _hits(finished.output)

    return Tool("search", "Find lines in the repository's files.", Search, search)


def _for_grep(glob: str) -> tuple[str, str]:
    """grep filters by a file's own name only: search the folder that the glob surely names."""
    parts = PurePosixPath(glob).parts
    folder: list[str] = []
    for part in parts[:-1]:
        if "*" in part or "?" in part or part in ("..", "/"):
            break
        folder.append(part)
    name = parts[-1] if parts else ""
    return "/".join(folder) or ".", "" if name == "**" else name


def _hits(output: str) -> str:
    lines = [line.removeprefix("./") for line in plain(output).splitlines()]
    if not lines:
        return "nothing found"
    shown = [line if len(line) <= LINE else f"{line[:LINE]} ..." for line in lines[:MOST_LINES]]
    rest = len(lines) - MOST_LINES
    return "\n".join([*shown, *([f"[and {rest} more lines; narrow the search]"] * (rest > 0))])
