"""Pull requests, reviews and comments on lines."""

from infra.hub.git.diffs import changed_files, commits_between, merge_base
from infra.hub.git.merges import merged_tree
from infra.hub.git.store import open_store
from infra.hub.render.accounts import association, node_id, simple_user, user_or_null
from infra.hub.render.issues import issue_page, label
from infra.hub.render.repositories import repository
from infra.hub.state.accounts import Account
from infra.hub.state.clock import stamp, stamp_or_none
from infra.hub.state.pulls import Pull, Review, ReviewComment
from infra.hub.state.reactions import rollup
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def simple_pull(world: World, pull: Pull) -> Json:
    issue, repo = pull.issue, pull.repository
    url = f"{world.urls.repository(repo)}/pulls/{pull.number}"
    issue_url = f"{world.urls.repository(repo)}/issues/{pull.number}"
    page = issue_page(world, issue)
    links = {
        "self": url,
        "html": page,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{world.urls.repository(repo)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{world.urls.repository(repo)}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_url,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "number": pull.number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": user_or_null(world, issue.user),
        "body": issue.body,
        "labels": [label(world, repo, each) for each in issue.labels],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": user_or_null(world, issue.assignees[0]) if issue.assignees else None,
        "assignees": [simple_user(world, each) for each in issue.assignees],
        "requested_reviewers": [simple_user(world, each) for each in pull.reviewers],
        "requested_teams": [],
        "head": _end(world, pull.head_repository, pull.head_owner, pull.head_ref, pull.head_sha),
        "base": _end(world, repo, repo.owner, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(issue.user, repo),
        "auto_merge": None,
        "draft": pull.draft,
    }


def _end(world: World, repo: Repository | None, owner: Account, ref: str, sha: str) -> Json:
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": simple_user(world, owner),
        "repo": None if repo is None else repository(world, repo),
    }


def full_pull(world: World, pull: Pull, mergeable: bool | None) -> Json:
    """`mergeable` None: GitHub is still working it out."""
    store = open_store(pull.repository.path)
    base = merge_base(store, pull.base_sha, pull.head_sha)
    files = changed_files(store, base, pull.head_sha)
    return {
        **simple_pull(world, pull),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": _state(pull, mergeable),
        "merged_by": user_or_null(world, pull.merged_by),
        "comments": len(pull.issue.comments),
        "review_comments": len(pull.comments),
        "maintainer_can_modify": False,
        "commits": len(commits_between(store, base, pull.head_sha)),
        "additions": sum(each.additions for each in files),
        "deletions": sum(each.deletions for each in files),
        "changed_files": len(files),
    }


def is_mergeable(pull: Pull) -> bool:
    store = open_store(pull.repository.path)
    return merged_tree(store, pull.base_sha, pull.head_sha) is not None


def _state(pull: Pull, mergeable: bool | None) -> str:
    if mergeable is None:
        return "unknown"
    if pull.draft:
        return "draft"
    return "clean" if mergeable else "dirty"


def minimal_pull(world: World, pull: Pull) -> Json:
    def end(repo: Repository, ref: str, sha: str) -> Json:
        url = world.urls.repository(repo)
        return {"ref": ref, "sha": sha, "repo": {"id": repo.id, "url": url, "name": repo.name}}

    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{world.urls.repository(pull.repository)}/pulls/{pull.number}",
        "head": end(pull.head_repository or pull.repository, pull.head_ref, pull.head_sha),
        "base": end(pull.repository, pull.base_ref, pull.base_sha),
    }


def review(world: World, found: Review) -> Json:
    pull = found.pull
    url = f"{world.urls.repository(pull.repository)}/pulls/{pull.number}"
    page = f"{issue_page(world, pull.issue)}#pullrequestreview-{found.id}"
    shown: Json = {
        "id": found.id,
        "node_id": node_id("PRR", found.id),
        "user": user_or_null(world, found.user),
        "body": found.body,
        "state": found.state,
        "html_url": page,
        "pull_request_url": url,
        "author_association": association(found.user, pull.repository),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "commit_id": found.commit_id,
    }
    if found.submitted_at is not None:
        shown["submitted_at"] = stamp(found.submitted_at)
    return shown


def review_comment(world: World, found: ReviewComment) -> Json:
    pull = found.pull
    base = world.urls.repository(pull.repository)
    url, pull_url = f"{base}/pulls/comments/{found.id}", f"{base}/pulls/{pull.number}"
    page = f"{issue_page(world, pull.issue)}#discussion_r{found.id}"
    shown: Json = {
        "url": url,
        "pull_request_review_id": found.review.id,
        "id": found.id,
        "node_id": node_id("PRRC", found.id),
        "diff_hunk": found.diff_hunk,
        "path": found.path,
        "commit_id": found.commit_id,
        "original_commit_id": found.commit_id,
        "user": user_or_null(world, found.user),
        "body": found.body,
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": association(found.user, pull.repository),
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "pull_request": {"href": pull_url},
        },
        "reactions": {"url": f"{url}/reactions", **rollup(found.reactions)},
        "subject_type": "file" if found.line is None else "line",
        "side": found.side,
        "start_side": None if found.start_line is None else found.side,
        "position": 1,
        "original_position": 1,
        **dict.fromkeys(("line", "original_line"), found.line or 1),
        **dict.fromkeys(("start_line", "original_start_line"), found.start_line),
    }
    if found.reply_to is not None:
        shown["in_reply_to_id"] = found.reply_to
    return shown
