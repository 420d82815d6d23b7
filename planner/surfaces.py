"""What a surface may write, and the proof that two surfaces can never write the same path.

A surface is a tuple of globs relative to the repository's root. `*` and `?` stay inside one
segment, `**` as a whole segment stands for any number of them, everything else is literal
(brackets too: `app/[id]/page.tsx` is a file's name). A literal end without an extension may be a
folder, and then covers what lies under it: `docs`, `docs/` and `docs/**` grant the same files.

Whatever is not proved disjoint counts as overlapping.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_ANY_DEPTH = "**"
_FILE_NAME = re.compile(r"[^.]\.[A-Za-z]\w{0,7}$")


def contains(glob: str, path: str) -> bool:
    """Whether `glob` grants `path`."""
    return _meet(_granted(glob), _segments(path))


def covers(surface: Iterable[str], path: str) -> bool:
    """Whether one of the surface's globs grants `path`."""
    return any(contains(glob, path) for glob in surface)


def disjoint(a: str, b: str) -> bool:
    """Whether it is proved that the two grant no path in common."""
    if _leaves_the_root(a) or _leaves_the_root(b):
        return False
    return not _meet(_claimed(a), _claimed(b))


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


def _segments(glob: str) -> tuple[str, ...]:
    return tuple(part for part in glob.strip().split("/") if part not in ("", "."))


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


@lru_cache(maxsize=4096)
def _meet(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether some path fits both patterns: exact, by trying what each `**` may swallow."""
    if not a and not b:
        return True
    if a and a[0] == _ANY_DEPTH:
        return _meet(a[1:], b) or (bool(b) and _meet(a, b[1:]))
    if b and b[0] == _ANY_DEPTH:
        return _meet(a, b[1:]) or (bool(a) and _meet(a[1:], b))
    return bool(a) and bool(b) and _fit(a[0], b[0]) and _meet(a[1:], b[1:])


@lru_cache(maxsize=4096)
def _fit(a: str, b: str) -> bool:
    """Whether some name fits both segments."""
    if not a or not b:
        return not (a or b).strip("*")
    if a[0] == "*":
        return _fit(a[1:], b) or _fit(a, b[1:])
    if b[0] == "*":
        return _fit(a, b[1:]) or _fit(a[1:], b)
    return (a[0] == b[0] or "?" in (a[0], b[0])) and _fit(a[1:], b[1:])
