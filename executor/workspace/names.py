"""Names that must not be stored: those git reads as its own, and those other machines choke on."""

import re

# HFS+ ignores these when it compares names, so `.g<U+200C>it` is `.git` there.
_INVISIBLE = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT = re.compile(r"(?:\.git|git~\d+)[\s.]*(?::.*)?", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\\\\\udc80-\udcff]")


def is_git(name: str) -> bool:
    """Whether some file system takes the name for `.git`."""
    return _GIT.fullmatch(_INVISIBLE.sub("", name)) is not None


def is_unstorable(name: str) -> bool:
    """Control characters, backslashes, and bytes that are not UTF-8."""
    return _UNSTORABLE.search(name) is not None


def shown(path: str) -> str:
    """The path in characters that may be printed."""
    readable = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in readable)


def leaves_the_tree(path: str, target: str) -> bool:
    """Whether a link at `path` to `target` can lead outside, or into `.git`.

    `..` counts only at the start: behind a name it may follow another link.
    """
    if target.startswith("/") or not target:
        return True
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = next((i for i, part in enumerate(parts) if part != ".."), len(parts))
    depth = path.count("/")
    return climbs > depth or any(part == ".." or is_git(part) for part in parts[climbs:])
