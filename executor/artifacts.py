"""Which changed paths do not belong in the change, each with the rule that says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pathspec import GitIgnoreSpec

from executor.events import LeftOut
from executor.git.changes import Change
from executor.lockfiles import has_its_manifest, is_lockfile
from executor.secrets import added
from executor.strays import stray_by_content, stray_by_name
from planner.surfaces import contains, normalised

Lockfiles = Literal["auto", "always", "never"]

_FILE_MODES = (0o100644, 0o100755)
_GITLINK = 0o160000


@dataclass(frozen=True)
class ArtifactRules:
    """What the repository's owner, the request and the stories have to say about it.

    `exclude` and `keep` are patterns as in a .gitignore, from `baro.yml` and `/baro keep`.
    `requested` are the surfaces of the stories and the paths the request names.
    """

    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    lockfiles: Lockfiles = "auto"
    requested: tuple[str, ...] = ()


class Contents(Protocol):
    """What the filter may know beyond the paths."""

    def read(self, oid: str) -> bytes: ...

    def size(self, oid: str) -> int: ...

    def owns(self, path: str) -> bool:
        """Whether the base holds this file or folder."""
        ...


def filtered(
    found: Sequence[Change], contents: Contents, rules: ArtifactRules
) -> tuple[tuple[Change, ...], tuple[LeftOut, ...]]:
    """The changes that stay, and what was left out of the pull request with its rule.

    Leaving a change out gives the path its base content back, so nothing the base has is deleted.
    """
    judge = _Judge(contents, rules)
    verdicts = {change.path: judge.rule(change) for change in found}
    staying = {path for path, rule in verdicts.items() if rule is None}
    verdicts |= judge.lockfiles(found, staying)
    kept = tuple(change for change in found if verdicts[change.path] is None)
    left_out = tuple(
        LeftOut(path=change.path, rule=rule, size=judge.size(change))
        for change in found
        if (rule := verdicts[change.path]) is not None
    )
    return kept, left_out


class _Judge:
    """The rules with their patterns compiled."""

    def __init__(self, contents: Contents, rules: ArtifactRules) -> None:
        self._contents, self._rules = contents, rules
        self._exclude = GitIgnoreSpec.from_lines(rules.exclude)
        self._keep = GitIgnoreSpec.from_lines(rules.keep)

    def rule(self, change: Change) -> str | None:
        """Why the change is left out on its own account; None where it stays."""
        return next(self._rules_against(change), None)

    def lockfiles(self, found: Sequence[Change], staying: set[str]) -> dict[str, str | None]:
        """Verdicts on lockfiles, which depend on what else stays."""
        if self._rules.lockfiles == "always":
            return {}
        unasked = [
            change.path
            for change in found
            if change.path in staying
            and is_lockfile(change.path)
            and not self._is_welcome(change.path)
        ]
        if self._rules.lockfiles == "never":
            return dict.fromkeys(unasked, "lockfiles are never changed here")
        stale = [path for path in unasked if not has_its_manifest(path, staying)]
        return dict.fromkeys(stale, "its manifest did not change")

    def size(self, change: Change) -> int:
        entry = change.new or change.old
        return self._contents.size(entry[0]) if entry and entry[1] != _GITLINK else 0

    def _rules_against(self, change: Change) -> Iterator[str]:
        # Nothing makes a secret welcome.
        yield from self._secret(change)
        if self._keep.match_file(change.path):
            return
        if change.path.startswith(".baro/") and change.old is None:
            yield "baro's own file"
        if self._exclude.match_file(change.path):
            yield "excluded by the repository's configuration"
        if change.old is None and change.new is not None:
            yield from self._stray(change, change.new)
        if change.old and change.new and not self._is_named(change.path):
            yield from self._churn(change.old, change.new)

    def _secret(self, change: Change) -> Iterator[str]:
        if change.new is None or change.new[1] not in _FILE_MODES:
            return
        before = self._text(change.old[0]) if change.old else ""
        for kind in added(before, self._text(change.new[0])):
            yield f"holds a secret ({kind})"

    def _stray(self, change: Change, new: tuple[str, int]) -> Iterator[str]:
        if new[1] == _GITLINK:
            yield "submodule"
            return
        rule = stray_by_name(change.path, self._contents.owns)
        if rule is not None and not self._is_declared(change.path, rule):
            yield rule
        if new[1] in _FILE_MODES and not self._is_named(change.path):
            size = self._contents.size(new[0])
            yield from stray_by_content(change.path, size, lambda: self._contents.read(new[0]))

    def _churn(self, old: tuple[str, int], new: tuple[str, int]) -> Iterator[str]:
        if old[1] not in _FILE_MODES or new[1] not in _FILE_MODES:
            return
        if old[0] == new[0]:
            yield "only its mode changed"
        elif old[1] == new[1]:
            before, after = self._contents.read(old[0]), self._contents.read(new[0])
            if b"\0" not in before and _without_endings(before) == _without_endings(after):
                yield "only line endings or trailing blanks changed"

    def _is_declared(self, path: str, rule: str) -> bool:
        """Whether a surface that grants the path is itself about such files, as `dist/**` is."""
        return any(
            contains(glob, path) and stray_by_name(_literal(glob), lambda _: False) == rule
            for glob in self._rules.requested
        )

    def _is_named(self, path: str) -> bool:
        return any(normalised(glob) == path for glob in self._rules.requested)

    def _is_welcome(self, path: str) -> bool:
        return self._keep.match_file(path) or self._is_named(path)

    def _text(self, oid: str) -> str:
        return self._contents.read(oid).decode("utf-8", "replace")


def _without_endings(content: bytes) -> list[bytes]:
    return [line.rstrip() for line in content.rstrip().split(b"\n")]


def _literal(glob: str) -> str:
    """The glob as if it were a path, `dist/**` being `dist/x`."""
    return glob.replace("**", "x").replace("*", "x").replace("?", "x")
