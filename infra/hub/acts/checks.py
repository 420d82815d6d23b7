"""Check suites, check runs and commit statuses, and who hears of them."""

from infra.hub.acts.announce import announce
from infra.hub.render import checks as render
from infra.hub.state.accounts import Account
from infra.hub.state.apps import LEVELS, App
from infra.hub.state.checks import CheckRun, CheckSuite
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def suites_for_push(
    world: World, repo: Repository, branch: str, before: str | None, sha: str, by: Account
) -> None:
    """A push makes a suite for every App that may write checks there."""
    for app in world.apps.values():
        installation = world.installation_on(app, repo)
        granted = installation.permissions.get("checks", "") if installation else ""
        if LEVELS.get(granted, 0) < LEVELS["write"] or _suite(repo, app, sha):
            continue
        suite = add_suite(world, repo, app, sha, branch, before)
        tell_suite(world, "requested", repo, suite, by)


def suite_of(world: World, repo: Repository, app: App, sha: str) -> CheckSuite:
    return _suite(repo, app, sha) or add_suite(world, repo, app, sha, None, None)


def _suite(repo: Repository, app: App, sha: str) -> CheckSuite | None:
    every = (suite for suite in repo.suites if suite.app is app and suite.head_sha == sha)
    return next(every, None)


def add_suite(
    world: World, repo: Repository, app: App, sha: str, branch: str | None, before: str | None
) -> CheckSuite:
    now = world.clock.now()
    suite = CheckSuite(world.next_id(), app, sha, branch, before, now, now)
    repo.suites.append(suite)
    return suite


def tell_suite(world: World, action: str, repo: Repository, suite: CheckSuite, by: Account) -> None:
    shown: Json = {"check_suite": render.check_suite_event(world, repo, suite)}
    announce(world, "check_suite", action, repo, by, shown, only=suite.app)


def tell_run(
    world: World,
    action: str,
    repo: Repository,
    run: CheckRun,
    by: Account,
    fields: Json | None = None,
) -> None:
    """Only the owning App hears that somebody pressed one of the run's buttons."""
    pressed = action in {"rerequested", "requested_action"}
    shown: Json = {**(fields or {}), "check_run": render.check_run_event(world, repo, run)}
    announce(world, "check_run", action, repo, by, shown, only=run.suite.app if pressed else None)
