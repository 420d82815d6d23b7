"""Merge a pull request, and close the issues it says it closes."""

import re

import pygit2

from infra.hub.acts.announce import announce_pull
from infra.hub.acts.issues import close_issue
from infra.hub.acts.pushes import ref_moved
from infra.hub.git.diffs import commits_between, merge_base
from infra.hub.git.merges import MergeMethod, merge_commit
from infra.hub.git.store import open_store, set_ref
from infra.hub.state.accounts import Account
from infra.hub.state.pulls import Pull
from infra.hub.state.world import World

_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+)?#(\d+)", re.IGNORECASE
)


def merge_pull(
    world: World, pull: Pull, by: Account, method: MergeMethod, message: str | None = None
) -> str | None:
    """The merge commit, or None where the branches conflict."""
    store = open_store(pull.repository.path)
    now = int(world.clock.now().timestamp())
    who = pygit2.Signature(by.name or by.login, by.email, now, 0)
    text = message or _message(pull, method)
    sha = merge_commit(store, pull.base_sha, pull.head_sha, method, text, who)
    if sha is None:
        return None
    repo, base = pull.repository, pull.base_sha
    closing = closed_numbers(pull)
    repo.signed.add(sha)
    pull.merged_at, pull.merged_by, pull.merge_commit_sha = world.clock.now(), by, sha
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by = "closed", pull.merged_at, by
    issue.updated_at = pull.merged_at
    set_ref(store, f"refs/heads/{pull.base_ref}", sha)
    announce_pull(world, "closed", pull, by)
    ref_moved(world, repo, f"refs/heads/{pull.base_ref}", base, sha, by)
    if pull.base_ref == repo.default_branch:
        for number in closing:
            if (named := repo.issues.get(number)) is not None and named.pull is None:
                close_issue(world, named, by)
    return sha


def _message(pull: Pull, method: MergeMethod) -> str:
    title = pull.issue.title
    if method == "squash":
        return f"{title} (#{pull.number})\n"
    source = f"{pull.head_owner.login}/{pull.head_ref}"
    return f"Merge pull request #{pull.number} from {source}\n\n{title}\n"


def closed_numbers(pull: Pull) -> list[int]:
    """Keywords count in the pull's body and in its commits."""
    store = open_store(pull.repository.path)
    base = merge_base(store, pull.base_sha, pull.head_sha)
    commits = commits_between(store, base, pull.head_sha)
    texts = [pull.issue.body or "", *(commit.message for commit in commits)]
    return sorted({int(number) for text in texts for number in _CLOSES.findall(text)})
