"""Which paths one story may write, protected places included."""

from dataclasses import dataclass

from planner.surfaces import contains, covers, normalised

PROTECTED = (
    ".github/actions",
    ".github/baro.yml",
    ".github/CODEOWNERS",
    ".github/workflows",
    ".githooks",
    ".gitmodules",
    ".husky",
    "CODEOWNERS",
    "docs/CODEOWNERS",
)
"""What decides who may run or approve things: writable only where a surface names it, so that
whoever approved the plan has seen it."""


@dataclass(frozen=True)
class Surface:
    """The globs a story may write, relative to the repository's root."""

    writes: tuple[str, ...]

    def refusal(self, path: str) -> str | None:
        """Why `path` may not be written, or None where it may."""
        if ".git" in path.lower().split("/"):
            return f"{path} belongs to git"
        if self.is_shut(path):
            return f"{path} is protected, and this story's plan does not name it"
        if not covers(self.writes, path):
            return f"{path} is outside what this story may write: {', '.join(self.writes)}"
        return None

    def is_shut(self, path: str) -> bool:
        """Whether it lies in a protected place that no glob goes into on purpose."""
        return any(
            contains(place, path) and not covers(self._inside(place), path) for place in PROTECTED
        )

    def _inside(self, place: str) -> list[str]:
        """The globs that go into the place on purpose; `**` and `.github/**` do not."""
        globs = map(normalised, self.writes)
        return [glob for glob in globs if glob == place or glob.startswith(f"{place}/")]
