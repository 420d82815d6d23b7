"""Small real repositories for tests, behind a real mirror."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from executor.events import Sha
from executor.git.mirror import Mirror, open_mirror
from planner.plan import Base

SHOP = {
    "shop/__init__.py": "",
    "shop/price.py": "def total(prices):\n    return sum(prices[1:])\n",
    "tests/__init__.py": "",
    "tests/test_price.py": (
        "import unittest\n\nfrom shop.price import total\n\n\n"
        "class TestTotal(unittest.TestCase):\n"
        "    def test_adds_all_prices(self):\n"
        "        self.assertEqual(total([1, 2, 3]), 6)\n"
    ),
    "README.md": "# shop\n",
}


def a_mirror(folder: Path, files: Mapping[str, str]) -> tuple[Mirror, Sha]:
    """A mirror that holds one commit with these files."""
    source = folder / "source"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    git(source, "init", "-q", "-b", "main")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "The shop opens")
    mirror = open_mirror(folder / "mirrors", 1)
    git(source, "push", "-q", str(mirror.path), "main:refs/remotes/origin/main")
    return mirror, Sha(git(source, "rev-parse", "HEAD"))


@dataclass(frozen=True)
class TreeView:
    """A repository that is only its files."""

    files: Mapping[str, bytes]

    @property
    def base(self) -> Base:
        return Base(branch="main", sha="b" * 40)

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Maya", "-c", "user.email=maya@example.com")
    done = subprocess.run(
        ("git", *who, *arguments), cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
