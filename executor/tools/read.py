"""The tool that reads a file, or lists a folder."""

from itertools import islice

from pydantic import BaseModel, Field

from executor.tools.desk import Desk
from llm.backend import Refused, Tool

MOST_LINES = 400
MOST_CHARACTERS = 16_000
LINE = 500
MOST_NAMES = 200


class Read(BaseModel):
    path: str
    offset: int = Field(default=1, ge=1, description="first line")
    limit: int = Field(default=MOST_LINES, ge=1)


def read_tool(desk: Desk) -> Tool:
    async def read(asked: Read) -> str:
        if asked.path in desk.logs:
            return _page(asked.path, desk.logs[asked.path], asked)
        name = desk.name(asked.path)
        if desk.is_folder(name):
            return _listing(desk.names(name))
        text = desk.text(name)
        desk.seen.add(name)
        return _page(name, text, asked)

    return Tool("read", "Read a file's lines, or list a folder.", Read, read)


def _page(name: str, text: str, asked: Read) -> str:
    lines = text.splitlines()
    if not lines:
        return f"{name} is empty"
    start = asked.offset - 1
    if start >= len(lines):
        raise Refused(f"{name} has {len(lines)} lines")
    page: list[str] = []
    room = MOST_CHARACTERS
    for line in islice(lines, start, start + min(asked.limit, MOST_LINES)):
        shown = line if len(line) <= LINE else f"{line[:LINE]} [+{len(line) - LINE}]"
        room -= len(shown) + 1
        if room < 0 and page:
            break
        page.append(shown)
    end = start + len(page)
    more = f"; go on with offset {end + 1}" if end < len(lines) else ""
    return "\n".join([f"{name}, lines {start + 1}-{end} of {len(lines)}{more}", *page])


def _listing(names: list[str]) -> str:
    rest = len(names) - MOST_NAMES
    return "\n".join([*names[:MOST_NAMES], *([f"[and {rest} more]"] if rest > 0 else [])])
