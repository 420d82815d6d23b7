"""Files that many changes touch: two stories at once on the same hub conflict or lie to each other.

A manifest and the lockfile beside it are one hub, and so are all migrations of one folder (they
are numbered) and all of CI, even where the files differ.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.surfaces import disjoint, is_literal


class HubKind(StrEnum):
    manifest = "manifest"
    lockfile = "lockfile"
    migration = "migration"
    barrel = "barrel"
    routes = "routes"
    ci = "CI"


@dataclass(frozen=True)
class Hub:
    """`key` is what two claims have in common when they mean the same hub."""

    kind: HubKind
    key: str

    @property
    def can_move(self) -> bool:
        """Whether another story can make the change: one line that lists the others' work."""
        return self.kind in (HubKind.barrel, HubKind.routes)


def hub(glob: str) -> Hub | None:
    """The hub that a surface's glob names; a wide glob names none, the overlap proof has it."""
    for kind, pattern in _BY_PATH:
        if found := pattern.search(glob):
            return Hub(kind, _key(kind, glob, found))
    return None


def shared(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    """The globs by which both surfaces claim the same hub."""
    mine, theirs = _claims(a), _claims(b)
    return tuple(
        dict.fromkeys(glob for key in mine if key in theirs for glob in (*mine[key], *theirs[key]))
    )


def flags(writes: Sequence[str], protected: Sequence[str]) -> tuple[str, ...]:
    """What an approver must see, in short words."""
    hubs = (hub(glob) for glob in writes)
    words = [one.kind.value for one in hubs if one and not one.can_move]
    for word, glob in (*_SENSITIVE, *(("protected path", glob) for glob in protected)):
        words += [word for write in writes if _names(write, glob)]
    return tuple(dict.fromkeys(words))


_MANIFESTS = (
    r"pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.(txt|in)|Pipfile|package\.json"
    r"|Cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?|Gemfile|composer\.json|mix\.exs"
    r"|Package\.swift|[\w.-]+\.(csproj|gemspec)"
)
_LOCKFILES = (
    r"(poetry|uv|pdm|Pipfile|yarn|Cargo|Gemfile|composer|mix|deno|flake)\.lock"
    r"|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb?|go\.sum"
    r"|Package\.resolved"
)
_BY_PATH = (
    (HubKind.ci, re.compile(r"^(\.github/(workflows|actions)\b|\.gitlab-ci\.yml$|\.circleci\b)")),
    (HubKind.ci, re.compile(r"(^|/)(Jenkinsfile|azure-pipelines\.ya?ml)$")),
    (HubKind.migration, re.compile(r"^(.*/)?(migrations|migrate|alembic/versions)(?=/|$)")),
    (HubKind.manifest, re.compile(rf"(^|/)({_MANIFESTS})$")),
    (HubKind.lockfile, re.compile(rf"(^|/)({_LOCKFILES})$")),
    (HubKind.barrel, re.compile(r"(^|/)(__init__\.py|index\.(m?[jt]s|[jt]sx)|mod\.rs)$")),
    (HubKind.routes, re.compile(r"(^|/)(urls\.py|routes?\.(py|rb|[jt]sx?)|router\.[jt]sx?)$")),
)
_SENSITIVE = (
    ("CI", ".github/workflows/**"),
    ("CODEOWNERS", "CODEOWNERS"),
    ("CODEOWNERS", ".github/CODEOWNERS"),
    ("CODEOWNERS", "docs/CODEOWNERS"),
    ("baro configuration", ".github/baro.yml"),
    ("hooks", ".githooks/**"),
    ("hooks", ".husky/**"),
    ("hooks", ".pre-commit-config.yaml"),
    ("hooks", "lefthook.yml"),
)


def _key(kind: HubKind, glob: str, found: re.Match[str]) -> str:
    match kind:
        case HubKind.ci:
            return "CI"
        case HubKind.migration:
            return f"migrations {found[0]}"
        case HubKind.manifest | HubKind.lockfile:
            return f"dependencies {glob.rpartition('/')[0]}"
        case HubKind.barrel | HubKind.routes:
            return glob


def _claims(writes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    claims = dict[str, tuple[str, ...]]()
    for glob in writes:
        if found := hub(glob):
            claims[found.key] = (*claims.get(found.key, ()), glob)
    return claims


def _names(write: str, glob: str) -> bool:
    """Whether a write means the place; `**` does not, protected places are granted by name."""
    return is_literal(write.split("/")[0]) and not disjoint(write, glob)
