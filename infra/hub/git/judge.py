"""Which ref moves GitHub refuses, and in which words."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pygit2

from infra.hub.git.diffs import changed_files, commits_between
from infra.hub.git.store import is_ancestor
from infra.hub.state.repositories import Repository, RuleKind


@dataclass(frozen=True)
class Move:
    ref: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Refused:
    reason: str  # what git prints in brackets behind `[remote rejected]`
    sentence: str  # what GitHub prints on lines that start with `remote:`


@dataclass(frozen=True)
class Pusher:
    is_app: bool
    may_write_workflows: bool


def refusal(repo: Repository, move: Move, store: pygit2.Repository | None = None) -> Refused | None:
    """By the ref's name alone; `store` lets it tell a fast-forward from a forced move."""
    if move.ref.startswith("refs/pull/"):
        return Refused("deny updating a hidden ref", "deny updating a hidden ref")
    branch = move.ref.removeprefix("refs/heads/")
    if branch == move.ref:
        return None
    if branch in repo.protected:
        text = f"error: GH006: Protected branch update failed for {move.ref}."
        return Refused("protected branch hook declined", text)
    for ruleset in repo.rulesets:
        if fnmatchcase(branch, ruleset.pattern) and ruleset.kinds & _kinds(move, store):
            return _violation(move.ref, _WORDS[min(ruleset.kinds & _kinds(move, store))])
    return None


_WORDS: dict[RuleKind, str] = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this branch",
}


def _kinds(move: Move, store: pygit2.Repository | None) -> set[RuleKind]:
    if move.old is None:
        return {"creation"}
    if move.new is None:
        return {"deletion"}
    if store is not None and not is_ancestor(store, move.old, move.new):
        return {"update", "non_fast_forward"}
    return {"update"}


def _violation(ref: str, what: str) -> Refused:
    text = f"error: GH013: Repository rule violations found for {ref}.\n\n- {what}\n"
    return Refused("push declined due to repository rule violations", text)


def content_refusal(
    repo: Repository, move: Move, store: pygit2.Repository, pusher: Pusher, largest: int
) -> Refused | None:
    """By what each commit that the push adds would bring in."""
    for commit in _fresh(repo, store, move):
        parent = str(commit.parent_ids[0]) if commit.parent_ids else None
        for change in changed_files(store, parent, str(commit.id)):
            refused = _workflow(change.filename, pusher)
            if refused is None and change.status != "removed":
                refused = _blob(repo, store, move.ref, change.filename, change.sha, largest)
            if refused is not None:
                return refused
    return None


def _fresh(repo: Repository, store: pygit2.Repository, move: Move) -> list[pygit2.Commit]:
    if move.new is None or not isinstance(store.get(pygit2.Oid(hex=move.new)), pygit2.Commit):
        return []
    base = move.old or _head_of(store, repo.default_branch)
    return commits_between(store, base, move.new)


def _head_of(store: pygit2.Repository, branch: str) -> str | None:
    found = store.references.get(f"refs/heads/{branch}")
    return None if found is None else str(found.target)


def _workflow(path: str, pusher: Pusher) -> Refused | None:
    if not path.startswith(".github/workflows/") or pusher.may_write_workflows:
        return None
    text = f"refusing to allow a GitHub App to create or update workflow `{path}`"
    text += " without `workflows` permission"
    return Refused(text, text)


def _blob(
    repo: Repository, store: pygit2.Repository, ref: str, path: str, sha: str, largest: int
) -> Refused | None:
    found = store.get(pygit2.Oid(hex=sha))
    if not isinstance(found, pygit2.Blob):
        return None
    if found.size > largest:
        size = f"{found.size / 1024 / 1024:.2f} MB"
        text = f"error: GH001: Large files detected.\nerror: File {path} is {size};"
        text += f" this exceeds GitHub's file size limit of {largest / 1024 / 1024:.2f} MB"
        return Refused("pre-receive hook declined", text)
    for pattern in repo.secret_patterns:
        if re.search(pattern.encode(), found.data):
            return _violation(ref, f"GITHUB PUSH PROTECTION\n  Push cannot contain secrets: {path}")
    return None
