"""The tool that replaces text in a file, and never guesses which."""

import difflib
from collections.abc import Iterator

from pydantic import BaseModel

from executor.tools.desk import Desk
from llm.backend import Refused, Tool

NEAR_LINES = 5


class Edit(BaseModel):
    path: str
    old: str
    new: str
    all: bool = False


def edit_tool(desk: Desk) -> Tool:
    async def edit(asked: Edit) -> str:
        name = desk.writable(asked.path)
        text = desk.text(name)
        if name not in desk.seen:
            raise Refused(f"refused: read {name} before changing it")
        desk.put(name, replaced(name, text, asked))
        return f"{name} changed"

    return Tool(
        "edit",
        "Replace `old` by `new` in a file you have read; `old` must be there exactly once,"
        " unless `all`.",
        Edit,
        edit,
        sequential=True,
    )


def replaced(name: str, text: str, asked: Edit) -> str:
    """The text after the edit. Exact first, then by lines without regard to their blanks."""
    if not asked.old:
        raise Refused("refused: `old` is empty; to make a new file use write")
    if asked.old == asked.new:
        raise Refused("refused: `old` and `new` are the same")
    count = text.count(asked.old)
    if count == 1 or (count and asked.all):
        return text.replace(asked.old, asked.new)
    if count:
        raise Refused(f"refused: `old` is {count} times in {name}; give more of it, or set all")
    places = list(_loose(text, asked.old))
    if len(places) == 1:
        return _spliced(text, places[0], asked)
    if places:
        raise Refused(f"refused: `old` fits {len(places)} places of {name}; give it exactly")
    raise Refused(f"refused: `old` is not in {name}. Closest:\n{_closest(text, asked.old)}")


def _loose(text: str, old: str) -> Iterator[tuple[int, int]]:
    """Where the same lines stand, but for line ends, trailing blanks and a common indent."""
    lines, wanted = text.splitlines(), _bare(old.splitlines())
    if not any(wanted):
        return
    for start in range(len(lines) - len(wanted) + 1):
        if _bare(lines[start : start + len(wanted)]) == wanted:
            yield start, start + len(wanted)


def _bare(lines: list[str]) -> list[str]:
    indent = _indent(lines)
    return [line.rstrip()[len(indent) :] for line in lines]


def _indent(lines: list[str]) -> str:
    filled = [line for line in lines if line.strip()]
    widths = [len(line) - len(line.lstrip()) for line in filled]
    return filled[widths.index(min(widths))][: min(widths)] if filled else ""


def _spliced(text: str, place: tuple[int, int], asked: Edit) -> str:
    """`new` takes the file's own indent and line ends."""
    lines = text.splitlines(keepends=True)
    found, (start, end) = lines[place[0] : place[1]], place
    ending = "\r\n" if found[0].endswith("\r\n") else "\n"
    was, now = _indent(asked.old.splitlines()), _indent([line.rstrip("\r\n") for line in found])
    new = [now + line.removeprefix(was) if line.strip() else "" for line in asked.new.splitlines()]
    last = ending if found[-1].endswith("\n") else ""
    block = ending.join(new) + last if new else ""
    return "".join([*lines[:start], block, *lines[end:]])


def _closest(text: str, old: str) -> str:
    """The lines most like the first line of `old`, with their numbers."""
    lines = text.splitlines()
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    matcher = difflib.SequenceMatcher(b=wanted, autojunk=False)

    def likeness(number: int) -> float:
        matcher.set_seq1(lines[number].strip())
        return matcher.ratio() if matcher.quick_ratio() > 0.3 else 0.0

    best = max(range(len(lines)), key=likeness, default=0)
    start = max(0, min(best - NEAR_LINES // 2, len(lines) - NEAR_LINES))
    near = enumerate(lines[start : start + NEAR_LINES], start + 1)
    return "\n".join(f"{number}: {line[:200]}" for number, line in near)
