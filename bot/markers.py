"""The hidden line by which baro finds its own comment again: app, version, change and kind.

A marker alone proves nothing, because anybody can copy it: a comment is ours only if we wrote it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from planner.plan import Digest

_VERSION = 1


class Kind(StrEnum):
    plan = "plan"
    status = "status"
    reply = "reply"
    pull = "pull"


@dataclass(frozen=True)
class Marker:
    """`key` tells replies of one change apart. `digest` is the beginning of the plan's."""

    app: int
    kind: Kind
    change: int | None = None
    key: str = ""
    digest: str = ""


def short(digest: Digest) -> str:
    """The part of a digest that people and markers carry."""
    return digest[:12]


def marked(body: str, marker: Marker) -> str:
    return f"{body}\n\n{render(marker)}"


def render(marker: Marker) -> str:
    fields = {
        "app": marker.app,
        "kind": marker.kind.value,
        "change": marker.change,
        "key": marker.key,
        "digest": marker.digest,
    }
    if not re.fullmatch(r"[\w.:/-]*", f"{marker.key}{marker.digest}", re.ASCII):
        raise ValueError(f"a marker cannot hold {marker.key!r} or {marker.digest!r}")
    given = " ".join(f"{name}={value}" for name, value in fields.items() if value not in (None, ""))
    return f"<!-- baro:v{_VERSION} {given} -->"


_MARKER = re.compile(
    rf"<!-- baro:v{_VERSION} app=(?P<app>[0-9]+) kind=(?P<kind>[a-z]+)"
    r"(?: change=(?P<change>[0-9]+))?(?: key=(?P<key>[\w.:/-]+))?"
    r"(?: digest=(?P<digest>\w+))? -->",
    re.ASCII,
)


def parse(body: str) -> Marker | None:
    """The marker on the body's last line; one elsewhere is text."""
    found = _MARKER.fullmatch(body.rstrip().rpartition("\n")[2].strip())
    if found is None or found["kind"] not in {kind.value for kind in Kind}:
        return None
    return Marker(
        app=int(found["app"]),
        kind=Kind(found["kind"]),
        change=int(found["change"]) if found["change"] else None,
        key=found["key"] or "",
        digest=found["digest"] or "",
    )


def is_ours(body: str, *, author: int | None, us: int, expected: Marker) -> bool:
    """Ours is what we wrote, for this app, change and kind; the digest may be an older one."""
    found = parse(body)
    return (
        found is not None
        and author == us
        and (found.app, found.kind, found.change, found.key)
        == (expected.app, expected.kind, expected.change, expected.key)
    )
