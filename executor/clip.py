"""Makes a command's output fit for a prompt: no colours, no repeats, only so long."""

import re
from itertools import groupby

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_TIMES = re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds?)\b")


def plain(text: str) -> str:
    """Without escape sequences and without what a progress bar painted over."""
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\0", "").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def folded(text: str) -> str:
    """Runs of one and the same line, told as a count."""
    lines = []
    for line, run in groupby(text.splitlines()):
        count = sum(1 for _ in run)
        lines.append(line)
        if count > 1:
            lines.append(f"[the line above {count} times]" if count > 2 else line)
    return "\n".join(lines)


def clipped(text: str, *, head: int, tail: int) -> str:
    """The beginning and the end, with a count of what is missing between them."""
    missing = len(text) - head - tail
    if missing <= 0:
        return text
    end = text[len(text) - tail :]
    return f"{text[:head]}\n[{missing} characters left out]\n{end}".lstrip("\n")


def timeless(text: str) -> str:
    """For comparing two outputs: how long something took is no difference."""
    return _TIMES.sub("", text)
