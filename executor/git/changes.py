"""What differs between two trees, and a tree rebuilt from such differences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pygit2
from pygit2.enums import FileMode

from executor.git.engine import opened, tree_at
from executor.git.errors import UnsafeTree
from executor.git.mirror import Mirror

Entry = tuple[str, int]


@dataclass(frozen=True)
class Change:
    """One path, before and after: (blob id, mode), or None where there is none.

    A rename is two changes, so that both of its paths are seen.
    """

    path: str
    old: Entry | None
    new: Entry | None


def changes(mirror: Mirror, old_tree: str, new_tree: str) -> list[Change]:
    """Every file that differs, in git's order of paths."""
    repository = opened(mirror.path)
    found: dict[str, Change] = {}
    for path, old, new in _deltas(repository, old_tree, new_tree):
        before = found.get(path, Change(path, None, None))
        found[path] = Change(path, old or before.old, new or before.new)
    return [found[path] for path in sorted(found)]


def apply_tree(mirror: Mirror, tree: str, edits: Mapping[str, Entry | None]) -> str:
    """`tree` with these paths set, or deleted where the entry is None."""
    repository = opened(mirror.path)
    try:
        return str(_applied(repository, tree_at(repository, tree), edits))
    except (UnicodeEncodeError, pygit2.GitError) as error:
        raise UnsafeTree(str(error)) from error


def _deltas(
    repository: pygit2.Repository, old_tree: str, new_tree: str
) -> Iterator[tuple[str, Entry | None, Entry | None]]:
    """A path that changed its type has two: it goes, and it comes."""
    old, new = tree_at(repository, old_tree), tree_at(repository, new_tree)
    for delta in old.diff_to_tree(new).deltas:
        path = delta.old_file.raw_path.decode("utf-8", "surrogateescape")
        yield path, _entry(delta.old_file), _entry(delta.new_file)


def _entry(side: pygit2.DiffFile) -> Entry | None:
    return (str(side.id), int(side.mode)) if side.mode else None


def _applied(
    repository: pygit2.Repository, tree: pygit2.Tree | None, edits: Mapping[str, Entry | None]
) -> pygit2.Oid:
    builder = repository.TreeBuilder(tree) if tree is not None else repository.TreeBuilder()
    below: dict[str, dict[str, Entry | None]] = {}
    for path, entry in edits.items():
        head, _, rest = path.partition("/")
        if rest:
            below.setdefault(head, {})[rest] = entry
        elif entry:
            builder.insert(head, pygit2.Oid(hex=entry[0]), FileMode(entry[1]))
        elif builder.get(head) is not None:
            builder.remove(head)
    for head, inner in below.items():
        _graft(repository, builder, head, inner)
    return builder.write()


def _graft(
    repository: pygit2.Repository,
    builder: pygit2.TreeBuilder,
    head: str,
    edits: Mapping[str, Entry | None],
) -> None:
    old = builder.get(head)
    subtree = old if isinstance(old, pygit2.Tree) else None
    made = _applied(repository, subtree, edits)
    if len(tree_at(repository, str(made))):
        builder.insert(head, made, FileMode.TREE)
    elif subtree is not None:
        builder.remove(head)
