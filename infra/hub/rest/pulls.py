"""Pull requests: open, read, edit, merge."""

from datetime import timedelta
from typing import Annotated

import pygit2
from pydantic import Field

from infra.hub.acts import issues as issue_acts
from infra.hub.acts import pulls as acts
from infra.hub.acts.merging import merge_pull
from infra.hub.git.diffs import changed_files, commits_between, diff_text, merge_base
from infra.hub.git.merges import MergeMethod
from infra.hub.git.store import branch_sha, open_store
from infra.hub.render import pulls as render
from infra.hub.render.commits import commit, diff_entry
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.issues import check_length
from infra.hub.rest.needs import READ_PULLS, REVIEW, WRITE_CONTENTS, WRITE_PULLS
from infra.hub.rest.refusal import Refusal, invalid, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.issues import IssueState
from infra.hub.state.pulls import Pull
from infra.hub.state.repositories import Repository

route = Routes()


@route("GET", "/repos/{owner}/{repo}/pulls", READ_PULLS)
def list_pulls(call: Call) -> Answer:
    wanted, query = call.query.get("state", "open"), call.query
    found = [
        pull
        for pull in call.repo.pulls()
        if wanted in ("all", pull.issue.state)
        and query.get("base", pull.base_ref) == pull.base_ref
        and _is_head(pull, query.get("head", ""))
    ]
    usual = "desc" if query.get("sort", "created") == "created" else "asc"
    found.sort(
        key=lambda pull: (
            pull.issue.updated_at if query.get("sort") == "updated" else pull.issue.created_at,
            pull.number,
        ),
        reverse=query.get("direction", usual) == "desc",
    )
    return call.page(found, lambda pull: render.simple_pull(call.world, pull))


def _is_head(pull: Pull, wanted: str) -> bool:
    """GitHub filters by `owner:branch`, and ignores a head without an owner."""
    owner, colon, ref = wanted.partition(":")
    if not colon:
        return True
    return pull.head_owner.login.casefold() == owner.casefold() and pull.head_ref == ref


class PullBody(Body):
    head: str
    base: str
    title: Annotated[str, Field(min_length=1)]
    body: str | None = None
    draft: bool = False


@route("POST", "/repos/{owner}/{repo}/pulls", REVIEW)
def create_pull(call: Call) -> Answer:
    sent, repo = call.body(PullBody, "PullRequest"), call.repo
    check_length("PullRequest", sent.body)
    base_sha = branch_sha(repo.path, sent.base)
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    source, ref, head_sha = _head(call, sent.head)
    _check_new(repo, source, ref, sent.base)
    acts.bring(repo, source, head_sha)
    store = open_store(repo.path)
    if not commits_between(store, merge_base(store, base_sha, head_sha), head_sha):
        between = f"No commits between {sent.base} and {ref}"
        raise invalid("PullRequest", "head", "custom", between)
    proposal = acts.Proposal(
        sent.title, sent.body, source, ref, head_sha, sent.base, base_sha, sent.draft
    )
    pull = acts.open_pull(call.world, repo, call.account, proposal, call.via)
    shown = render.full_pull(call.world, pull, mergeable=None)
    return Answer(201, shown, {"Location": str(shown["url"])})


def _head(call: Call, head: str) -> tuple[Repository, str, str]:
    owner, colon, ref = head.rpartition(":")
    source = call.repo
    if colon and owner.casefold() != source.owner.login.casefold():
        forks = call.world.repositories.values()
        found = [f for f in forks if f.fork_of is source and f.owner.login == owner]
        if not found:
            raise invalid("PullRequest", "head", "invalid")
        source = found[0]
    sha = branch_sha(source.path, ref)
    if sha is None or _is_too_fresh(call, source, ref):
        raise invalid("PullRequest", "head", "invalid")
    return source, ref, sha


def _is_too_fresh(call: Call, source: Repository, ref: str) -> bool:
    """GitHub may not know a branch for a second or two after the push."""
    lag = timedelta(seconds=call.world.switches.head_lag_seconds)
    pushed = source.branch_pushed_at.get(ref)
    return bool(lag) and pushed is not None and call.world.clock.now() < pushed + lag


def _check_new(repo: Repository, source: Repository, ref: str, base: str) -> None:
    for pull in repo.pulls():
        same = pull.head_repository is source and pull.head_ref == ref and pull.base_ref == base
        if same and pull.is_open:
            text = f"A pull request already exists for {source.owner.login}:{ref}."
            raise invalid("PullRequest", "head", "custom", text)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", READ_PULLS)
def show_pull(call: Call) -> Answer:
    pull = call.pull()
    accept = call.headers.get("accept", "")
    if "diff" in accept or "patch" in accept:
        store = open_store(call.repo.path)
        text = diff_text(store, merge_base(store, pull.base_sha, pull.head_sha), pull.head_sha)
        headers = {"Content-Type": "application/vnd.github.diff; charset=utf-8"}
        return Answer(200, headers=headers, raw=text.encode())
    return Answer(200, _shown(call, pull))


def _shown(call: Call, pull: Pull) -> object:
    """The first look after a change only starts the computation."""
    looked = (pull.head_sha, pull.base_sha)
    known = pull.looked_at == looked or not call.world.switches.mergeable_after_reads
    pull.looked_at = looked
    mergeable = render.is_mergeable(pull) if known and pull.is_open else None
    return render.full_pull(call.world, pull, mergeable)


class PullEditBody(Body):
    title: Annotated[str, Field(min_length=1)] | None = None
    body: str | None = None
    state: IssueState | None = None
    base: str | None = None


@route("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", REVIEW)
def edit_pull(call: Call) -> Answer:
    sent, pull = call.body(PullEditBody, "PullRequest"), call.pull()
    check_length("PullRequest", sent.body)
    if pull.issue.user is not call.account and not call.may("write"):
        raise Refusal(403, "Must have write rights to Repository.")
    world, by = call.world, call.account
    issue_acts.edit_issue(world, pull.issue, by, issue_acts.IssueEdit(sent.title, sent.body))
    if sent.base is not None and sent.base != pull.base_ref:
        if branch_sha(call.repo.path, sent.base) is None:
            raise invalid("PullRequest", "base", "invalid")
        acts.retarget_pull(world, pull, by, sent.base)
    if sent.state == "closed":
        issue_acts.close_issue(world, pull.issue, by)
    elif sent.state == "open" and not pull.is_open:
        _check_reopen(pull)
        issue_acts.reopen_issue(world, pull.issue, by)
    return Answer(200, render.full_pull(world, pull, mergeable=None))


def _check_reopen(pull: Pull) -> None:
    source = pull.head_repository
    if pull.merged_at or source is None or branch_sha(source.path, pull.head_ref) is None:
        text = "state cannot be changed. The branch was deleted or the pull request merged."
        raise invalid("PullRequest", "state", "custom", text)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", READ_PULLS)
def list_files(call: Call) -> Answer:
    pull = call.pull()
    store = open_store(call.repo.path)
    base = merge_base(store, pull.base_sha, pull.head_sha)
    files = changed_files(store, base, pull.head_sha)
    return call.page(files, lambda each: diff_entry(call.world, call.repo, pull.head_sha, each))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits", READ_PULLS)
def list_commits(call: Call) -> Answer:
    pull = call.pull()
    store = open_store(call.repo.path)
    base = merge_base(store, pull.base_sha, pull.head_sha)
    found: list[pygit2.Commit] = commits_between(store, base, pull.head_sha)
    return call.page(found[:250], lambda each: commit(call.world, call.repo, each))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", READ_PULLS)
def is_merged(call: Call) -> Answer:
    if call.pull().merged_at is None:
        raise not_found()
    return Answer(204)


class MergeBody(Body):
    sha: str | None = None
    merge_method: MergeMethod = "merge"
    commit_title: str | None = None
    commit_message: str | None = None


@route("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", WRITE_CONTENTS)
def merge(call: Call) -> Answer:
    sent, pull = call.body(MergeBody, "PullRequest"), call.pull()
    if not pull.is_open or pull.draft:
        raise Refusal(405, "Pull Request is not mergeable")
    if sent.sha is not None and sent.sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    message = None
    if sent.commit_title is not None:
        message = f"{sent.commit_title}\n\n{sent.commit_message or ''}".rstrip() + "\n"
    sha = merge_pull(call.world, pull, call.account, sent.merge_method, message)
    if sha is None:
        raise Refusal(405, "Pull Request is not mergeable")
    return Answer(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


class ReviewersBody(Body):
    reviewers: tuple[str, ...] = ()


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", WRITE_PULLS)
def request_reviewers(call: Call) -> Answer:
    sent, pull = call.body(ReviewersBody, "PullRequest"), call.pull()
    people = [call.world.account(login) for login in sent.reviewers]
    found = [each for each in people if each and call.world.has_role(each, call.repo, "write")]
    if len(found) < len(people):
        raise unprocessable("Reviews may only be requested from collaborators.")
    acts.request_reviewers(call.world, pull, call.account, found)
    return Answer(201, render.simple_pull(call.world, pull))
