"""What differs between two trees, and a tree rebuilt from such differences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pygit2
from pygit2.enums import FileMode

from executor.git.engine import name_of, opened, tree_at
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
    return list(
        _differing(repository, tree_at(repository, old_tree), tree_at(repository, new_tree))
    )


def apply_tree(mirror: Mirror, tree: str, edits: Mapping[str, Entry | None]) -> str:
    """`tree` with these paths set, or deleted where the entry is None."""
    repository = opened(mirror.path)
    try:
        return str(_applied(repository, tree_at(repository, tree), edits))
    except (UnicodeEncodeError, pygit2.GitError) as error:
        raise UnsafeTree(str(error)) from error


def _differing(
    repository: pygit2.Repository,
    old: pygit2.Tree | None,
    new: pygit2.Tree | None,
    prefix: str = "",
) -> Iterator[Change]:
    before, after = _entries(old), _entries(new)
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        old_file, old_tree = _split(repository, was)
        new_file, new_tree = _split(repository, now)
        path = prefix + name
        if old_file != new_file:
            yield Change(path, old_file, new_file)
        yield from _differing(repository, old_tree, new_tree, f"{path}/")


def _entries(tree: pygit2.Tree | None) -> dict[str, Entry]:
    if tree is None:
        return {}
    return {name_of(entry): (str(entry.id), entry.filemode) for entry in tree}


def _split(
    repository: pygit2.Repository, entry: Entry | None
) -> tuple[Entry | None, pygit2.Tree | None]:
    if entry is None or entry[1] != FileMode.TREE:
        return entry, None
    return None, tree_at(repository, entry[0])


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
