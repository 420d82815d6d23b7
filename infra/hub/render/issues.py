"""Issues, comments, labels and reactions."""

from infra.hub.render.accounts import association, node_id, simple_user, user_or_null
from infra.hub.render.apps import integration
from infra.hub.state.clock import stamp, stamp_or_none
from infra.hub.state.issues import Comment, Issue, Label
from infra.hub.state.reactions import Reaction, rollup
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def issue(world: World, found: Issue) -> Json:
    repo = found.repository
    url = f"{world.urls.repository(repo)}/issues/{found.number}"
    shown: Json = {
        "url": url,
        "repository_url": world.urls.repository(repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": issue_page(world, found),
        "id": found.id,
        "node_id": node_id("I", found.id),
        "number": found.number,
        "title": found.title,
        "user": user_or_null(world, found.user),
        "labels": [label(world, repo, each) for each in found.labels],
        "state": found.state,
        "state_reason": found.reason,
        "locked": found.locked,
        "assignee": user_or_null(world, found.assignees[0]) if found.assignees else None,
        "assignees": [simple_user(world, each) for each in found.assignees],
        "milestone": None,
        "comments": len(found.comments),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "closed_at": stamp_or_none(found.closed_at),
        "closed_by": user_or_null(world, found.closed_by),
        "author_association": association(found.user, repo),
        "active_lock_reason": None,
        "body": found.body,
        "reactions": {"url": f"{url}/reactions", **rollup(found.reactions)},
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": integration(world, found.via) if found.via else None,
    }
    if found.pull is not None:
        page = issue_page(world, found)
        shown["draft"] = found.pull.draft
        shown["pull_request"] = {
            "url": f"{world.urls.repository(repo)}/pulls/{found.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp_or_none(found.pull.merged_at),
        }
    return shown


def issue_page(world: World, found: Issue) -> str:
    kind = "pull" if found.pull else "issues"
    return f"{world.urls.page(found.repository)}/{kind}/{found.number}"


def comment(world: World, found: Comment) -> Json:
    repo = found.issue.repository
    url = f"{world.urls.repository(repo)}/issues/comments/{found.id}"
    return {
        "url": url,
        "html_url": f"{issue_page(world, found.issue)}#issuecomment-{found.id}",
        "issue_url": f"{world.urls.repository(repo)}/issues/{found.issue.number}",
        "id": found.id,
        "node_id": node_id("IC", found.id),
        "user": user_or_null(world, found.user),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "author_association": association(found.user, repo),
        "body": found.body,
        "reactions": {"url": f"{url}/reactions", **rollup(found.reactions)},
        "performed_via_github_app": integration(world, found.via) if found.via else None,
    }


def label(world: World, repo: Repository, found: Label) -> Json:
    return {
        "id": found.id,
        "node_id": node_id("LA", found.id),
        "url": f"{world.urls.repository(repo)}/labels/{found.name}",
        "name": found.name,
        "color": found.color,
        "default": found.default,
        "description": found.description,
    }


def reaction(world: World, found: Reaction) -> Json:
    return {
        "id": found.id,
        "node_id": node_id("REA", found.id),
        "user": user_or_null(world, found.user),
        "content": found.content,
        "created_at": stamp(found.created_at),
    }
