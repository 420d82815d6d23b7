"""Wrap what happened in the envelope every repository event shares."""

from infra.hub.render.accounts import organization, simple_user
from infra.hub.render.issues import issue as render_issue
from infra.hub.render.pulls import full_pull
from infra.hub.render.repositories import repository
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App
from infra.hub.state.issues import Issue
from infra.hub.state.pulls import Pull
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, Notice, World


def announce(
    world: World,
    event: str,
    action: str | None,
    repo: Repository,
    sender: Account,
    fields: Json,
    only: App | None = None,
) -> None:
    payload: Json = {} if action is None else {"action": action}
    payload |= fields
    payload["repository"] = repository(world, repo)
    payload["sender"] = simple_user(world, sender)
    if repo.owner.kind == "Organization":
        payload["organization"] = organization(world, repo.owner)
    world.announce(Notice(event, action, payload, repository=repo, app=only))


def announce_issue(
    world: World, action: str, issue: Issue, sender: Account, fields: Json | None = None
) -> None:
    """A pull's own life is told by `pull_request` events, not by `issues`."""
    if issue.pull is not None:
        announce_pull(world, action, issue.pull, sender, fields)
        return
    shown: Json = {**(fields or {}), "issue": render_issue(world, issue)}
    announce(world, "issues", action, issue.repository, sender, shown)


def announce_pull(
    world: World, action: str, pull: Pull, sender: Account, fields: Json | None = None
) -> None:
    shown: Json = {
        **(fields or {}),
        "number": pull.number,
        "pull_request": full_pull(world, pull, mergeable=None),
    }
    announce(world, "pull_request", action, pull.repository, sender, shown)
