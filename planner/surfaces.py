"""What a surface may write, and the proof that two surfaces can never write the same path.

A surface is a tuple of globs relative to the repository's root. `*` and `?` stay inside one
segment, `**` as a whole segment stands for any number of them, everything else is literal
(brackets too: `app/[id]/page.tsx` is a file's name). A literal end without an extension may be a
folder, and then covers what lies under it: `docs`, `docs/` and `docs/**` grant the same files.

Whatever is not proved disjoint counts as overlapping.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

_ANY_DEPTH = "**"
_FILE_NAME = re.compile(r"[^.]\.[A-Za-z]\w{0,7}$")


def contains(glob: str, path: str) -> bool:
    """Whether `glob` grants `path`."""
    return _intersect(_granted(glob), path.split("/"), _ANY_DEPTH, _fits, stars="a")


def covers(surface: Iterable[str], path: str) -> bool:
    """Whether one of the surface's globs grants `path`."""
    return any(contains(glob, path) for glob in surface)


def disjoint(a: str, b: str) -> bool:
    """Whether it is proved that the two grant no path in common."""
    if _leaves_the_root(a) or _leaves_the_root(b):
        return False
    return not _intersect(_claimed(a), _claimed(b), _ANY_DEPTH, _may_meet, stars="ab")


def overlap(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    """The globs of both surfaces that are not proved disjoint from the other's, in order."""
    met = [glob for pair in _pairs(a, b) if not disjoint(*pair) for glob in pair]
    return tuple(dict.fromkeys(met))


def independent(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two surfaces are declared, and proved disjoint."""
    return bool(a) and bool(b) and not overlap(a, b)


def is_root_wide(glob: str) -> bool:
    """Whether a glob grants everything, which no other surface can be disjoint from."""
    return all(segment in ("*", _ANY_DEPTH) for segment in _segments(glob))


def is_literal(glob: str) -> bool:
    """Whether a glob names one path, without any wildcard."""
    return "*" not in glob and "?" not in glob


def normalised(glob: str) -> str:
    """One spelling per glob: no leading `./` or `/`, no doubled slash; a trailing one is `/**`."""
    segments = _segments(glob)
    if glob.rstrip().endswith("/") and segments and segments[-1] != _ANY_DEPTH:
        segments = (*segments, _ANY_DEPTH)
    return "/".join(segments) or _ANY_DEPTH


def _pairs(a: Sequence[str], b: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((one, other) for one in a for other in b)


def _leaves_the_root(glob: str) -> bool:
    return ".." in _segments(glob)


@lru_cache(maxsize=4096)
def _segments(glob: str) -> tuple[str, ...]:
    return tuple(part for part in glob.strip().split("/") if part not in ("", "."))


@lru_cache(maxsize=4096)
def _granted(glob: str) -> tuple[str, ...]:
    """The pattern as it is matched."""
    segments = _segments(glob)
    if not segments:
        return (_ANY_DEPTH,)
    if segments[-1] == _ANY_DEPTH or glob.rstrip().endswith("/"):
        return (*segments, _ANY_DEPTH, "*")
    return (
        (*segments, _ANY_DEPTH) if _may_be_folder(glob) and is_literal(segments[-1]) else segments
    )


def _claimed(glob: str) -> tuple[str, ...]:
    """The pattern as it is compared: what it grants, and what lies under a folder it may name."""
    segments = _segments(glob)
    return (*segments, _ANY_DEPTH) if segments and _may_be_folder(glob) else _granted(glob)


def _may_be_folder(glob: str) -> bool:
    return not _FILE_NAME.search(_segments(glob)[-1])


def _may_meet(a: str, b: str) -> bool:
    """Whether some name fits both segments."""
    if is_literal(a) and is_literal(b):
        return a == b
    return _intersect(a, b, "*", lambda one, other: one == other or "?" in (one, other), stars="ab")


def _fits(pattern: str, name: str) -> bool:
    """Whether a segment grants a name, which may hold wildcard characters of its own."""
    if is_literal(pattern):
        return pattern == name
    return _intersect(pattern, name, "*", lambda one, other: one in ("?", other), stars="a")


def _intersect(
    a: Sequence[str], b: Sequence[str], star: str, fit: Callable[[str, str], bool], *, stars: str
) -> bool:
    """Whether both sequences can be walked through to the end, a star swallowing any number.

    `stars` says in which of them a star is one. A walk over pairs of positions, not a recursion:
    the length of a model's glob must not decide about our stack.
    """
    seen, todo = set[tuple[int, int]](), [(0, 0)]
    while todo:
        i, j = todo.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        more_a, more_b = i < len(a), j < len(b)
        if not more_a and not more_b:
            return True
        starred_a = more_a and "a" in stars and a[i] == star
        starred_b = more_b and "b" in stars and b[j] == star
        if starred_a or (starred_b and more_a):
            todo.append((i + 1, j))
        if starred_b or (starred_a and more_b):
            todo.append((i, j + 1))
        if more_a and more_b and not starred_a and not starred_b and fit(a[i], b[j]):
            todo.append((i + 1, j + 1))
    return False
