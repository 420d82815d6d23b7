"""Whether a head merges into a base, and the commits of the three merge methods."""

import subprocess
from typing import Literal

import pygit2

from infra.hub.git.diffs import commits_between
from infra.hub.git.store import ENVIRONMENT

MergeMethod = Literal["merge", "squash", "rebase"]


def merged_tree(store: pygit2.Repository, base: str, head: str) -> str | None:
    """None where they conflict. git decides: libgit2 calls some renames clean that are not."""
    done = subprocess.run(
        [
            "git",
            f"--git-dir={store.path}",
            "merge-tree",
            "--write-tree",
            "--no-messages",
            base,
            head,
        ],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done.stdout.split()[0] if done.returncode == 0 else None


def merge_commit(
    store: pygit2.Repository,
    base: str,
    head: str,
    method: MergeMethod,
    message: str,
    by: pygit2.Signature,
) -> str | None:
    """The commit the base branch moves to; None where it cannot be made without a conflict."""
    if method == "rebase":
        return _rebased(store, base, head, by)
    tree = merged_tree(store, base, head)
    if tree is None:
        return None
    parents = [base, head] if method == "merge" else [base]
    return str(store.create_commit(None, by, by, message, tree, parents))


def _rebased(store: pygit2.Repository, base: str, head: str, by: pygit2.Signature) -> str | None:
    onto = base
    for commit in commits_between(store, base, head):
        if len(commit.parents) != 1:
            continue
        index = store.merge_trees(
            commit.parents[0].tree, store[onto].peel(pygit2.Tree), commit.tree
        )
        if index.conflicts is not None:
            return None
        tree = index.write_tree(store)
        onto = str(store.create_commit(None, commit.author, by, commit.message, tree, [onto]))
    return onto
