"""Check suites, check runs, annotations and commit statuses."""

from infra.hub.git.store import open_store, resolve
from infra.hub.render.accounts import node_id, simple_user
from infra.hub.render.apps import integration
from infra.hub.render.commits import simple_commit
from infra.hub.render.pulls import minimal_pull
from infra.hub.render.repositories import repository
from infra.hub.state.checks import Annotation, CheckRun, CheckSuite, CommitStatus
from infra.hub.state.clock import stamp, stamp_or_none
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def check_run(world: World, repo: Repository, run: CheckRun) -> Json:
    url = f"{world.urls.repository(repo)}/check-runs/{run.id}"
    page = f"{world.urls.page(repo)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id or "",
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": stamp_or_none(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": integration(world, run.suite.app),
        "pull_requests": _pulls(world, repo, run.head_sha),
    }


def _pulls(world: World, repo: Repository, sha: str) -> list[Json]:
    """Empty for a fork's head, as on GitHub."""
    return [
        minimal_pull(world, pull)
        for pull in repo.pulls()
        if pull.is_open and pull.head_sha == sha and pull.head_repository is repo
    ]


def check_run_event(world: World, repo: Repository, run: CheckRun) -> Json:
    """In a webhook the run carries its suite."""
    return {**check_run(world, repo, run), "check_suite": simple_suite(world, repo, run.suite)}


def simple_suite(world: World, repo: Repository, suite: CheckSuite) -> Json:
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": suite.status,
        "conclusion": suite.conclusion,
        "url": f"{world.urls.repository(repo)}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": _pulls(world, repo, suite.head_sha),
        "app": integration(world, suite.app),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
    }


def check_suite_event(world: World, repo: Repository, suite: CheckSuite) -> Json:
    commit = resolve(open_store(repo.path), suite.head_sha)
    return {
        **simple_suite(world, repo, suite),
        "head_commit": simple_commit(commit) if commit else None,
        "latest_check_runs_count": len(suite.runs),
        "check_runs_url": f"{world.urls.repository(repo)}/check-suites/{suite.id}/check-runs",
    }


def check_suite(world: World, repo: Repository, suite: CheckSuite) -> Json:
    return {**check_suite_event(world, repo, suite), "repository": repository(world, repo)}


def annotation(world: World, repo: Repository, run: CheckRun, found: Annotation) -> Json:
    return {
        "path": found.path,
        "blob_href": f"{world.urls.page(repo)}/blob/{run.head_sha}/{found.path}",
        "start_line": found.start_line,
        "end_line": found.end_line,
        "start_column": found.start_column,
        "end_column": found.end_column,
        "annotation_level": found.level,
        "message": found.message,
        "title": found.title,
        "raw_details": found.raw_details,
    }


def status(world: World, repo: Repository, found: CommitStatus) -> Json:
    return {
        "url": f"{world.urls.repository(repo)}/statuses/{found.sha}",
        "avatar_url": f"{world.urls.web}/_hub/avatars/{found.creator.id}",
        "id": found.id,
        "node_id": node_id("SC", found.id),
        "state": found.state,
        "description": found.description,
        "target_url": found.target_url,
        "context": found.context,
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at),
        "creator": simple_user(world, found.creator),
    }


def combined_status(world: World, repo: Repository, sha: str, found: list[CommitStatus]) -> Json:
    latest = list({each.context: each for each in found}.values())
    return {
        "state": _combined({each.state for each in latest}),
        "statuses": [
            {key: value for key, value in status(world, repo, each).items() if key != "creator"}
            for each in latest
        ],
        "sha": sha,
        "total_count": len(latest),
        "repository": repository(world, repo),
        "commit_url": f"{world.urls.repository(repo)}/commits/{sha}",
        "url": f"{world.urls.repository(repo)}/commits/{sha}/status",
    }


def _combined(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
