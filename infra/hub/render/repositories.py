"""A repository, in the one shape that satisfies all of GitHub's four."""

from infra.hub.git.store import open_store
from infra.hub.render.accounts import node_id, simple_user
from infra.hub.state.accounts import Account
from infra.hub.state.clock import stamp
from infra.hub.state.repositories import RANK, Repository
from infra.hub.state.world import Json, World

_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository(world: World, repo: Repository, viewer: Account | None = None) -> Json:
    url, page = world.urls.repository(repo), world.urls.page(repo)
    opened = sum(issue.state == "open" for issue in repo.issues.values())
    shown: Json = {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": simple_user(world, repo.owner),
        "html_url": page,
        "description": repo.description,
        "fork": repo.fork_of is not None,
        "url": url,
        **{name: url + tail for name, tail in _LINKS.items()},
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.updated_at),
        "pushed_at": stamp(repo.pushed_at),
        "git_url": f"{page.replace('http://', 'git://')}.git",
        "ssh_url": f"git@localhost:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "size": 1,
        "language": None,
        "license": None,
        "mirror_url": None,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
        "archived": repo.archived,
        "disabled": False,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "has_issues": repo.has_issues,
        "has_projects": False,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        **dict.fromkeys(("forks", "forks_count"), 0),
        **dict.fromkeys(("stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("open_issues", "open_issues_count"), opened),
    }
    if viewer is not None:
        shown["permissions"] = permissions(world, viewer, repo)
    return shown


def full_repository(world: World, repo: Repository, viewer: Account | None) -> Json:
    return {**repository(world, repo, viewer), "subscribers_count": 0, "network_count": 0}


def permissions(world: World, viewer: Account, repo: Repository) -> dict[str, bool]:
    rank = RANK.get(world.role(viewer, repo) or "", 0)
    return {
        "admin": rank >= RANK["admin"],
        "maintain": rank >= RANK["maintain"],
        "push": rank >= RANK["write"],
        "triage": rank >= RANK["triage"],
        "pull": rank >= RANK["read"],
    }


def short_repository(repo: Repository) -> Json:
    """As `installation` events list them."""
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }


def branch(world: World, repo: Repository, name: str) -> Json:
    sha = str(open_store(repo.path).references[f"refs/heads/{name}"].target)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{world.urls.repository(repo)}/commits/{sha}"},
        "protected": name in repo.protected,
    }
