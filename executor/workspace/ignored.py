"""What the base's own .gitignore files say about untracked paths."""

from collections.abc import Callable, Iterable

from pathspec import GitIgnoreSpec

_NAME = ".gitignore"


class Ignored:
    """The rules of one commit; what an agent writes into a .gitignore does not count yet."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes]) -> None:
        self._specs = {
            path.removesuffix(_NAME): GitIgnoreSpec.from_lines(_lines(read(path)))
            for path in paths
            if path == _NAME or path.endswith(f"/{_NAME}")
        }

    def covers(self, path: str, *, folder: bool) -> bool:
        """Whether git would not see it; the nearest .gitignore with an opinion decides.

        Folders above must have been asked about before: below an ignored one nothing is seen.
        """
        asked = f"{path}/" if folder else path
        prefix = path
        while prefix:
            prefix = prefix.rstrip("/").rpartition("/")[0]
            prefix = f"{prefix}/" if prefix else ""
            spec = self._specs.get(prefix)
            said = spec.check_file(asked.removeprefix(prefix)).include if spec else None
            if said is not None:
                return said
        return False


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "surrogateescape").splitlines()
