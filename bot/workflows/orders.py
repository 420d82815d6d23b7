"""The executor's order for a run: everything its commits depend on, from database and config."""

from bot.approved import approved_plan
from bot.config import config_of
from bot.github.identity import Bot
from bot.place import Place
from bot.repo_config import RepoConfig
from bot.store import approvals, runs
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.runs import Run
from executor.artifacts import ArtifactRules
from executor.events import Sha
from executor.git.commit import Signature
from executor.message import Trailers
from executor.order import Order
from planner.plan import Digest, Plan


async def order_of(place: Place, change: Change, plan: PlanRow, run: Run) -> Order:
    """Everything that a run's commits depend on, from the database and the configuration."""
    config = await config_of(place)
    bot = await place.client.bot()
    return Order(
        run=run.id,
        plan=approved_plan(plan, await approvals.of(place.services.store, plan.id)),
        digest=Digest(plan.digest),
        branch=run.branch,
        trailers=Trailers(run.id, requester_address(change)),
        author=signature(bot, run),
        expected=await _expected(place, plan, run),
        rules=_rules(plan.plan, config),
        story_refs=config.story_refs,
    )


def signature(bot: Bot, run: Run) -> Signature:
    return Signature(bot.login, bot.email(), run.created_at)


async def _expected(place: Place, plan: PlanRow, run: Run) -> Sha | None:
    """Where the branch must be when we push: what we pushed last, or what a follow-up began on."""
    pushed = [
        one
        for one in await runs.every_of(place.services.store, run.change_id)
        if one.branch == run.branch and one.number <= run.number and one.expected_head
    ]
    if plan.plan.base.branch == run.branch:
        # Tried again, a follow-up finds its own first try there.
        pushed = [one for one in pushed if one.plan_id == plan.id]
        return pushed[-1].expected_head if pushed else Sha(plan.base_sha)
    return pushed[-1].expected_head if pushed else None


def _rules(plan: Plan, config: RepoConfig) -> ArtifactRules:
    surfaces = tuple(glob for story in plan.stories for glob in story.writes)
    return ArtifactRules(
        exclude=config.artifacts.exclude,
        keep=config.artifacts.keep,
        lockfiles=config.artifacts.lockfiles,
        requested=surfaces,
    )


def requester_address(change: Change) -> str:
    """GitHub's own no-reply address: it credits the account and tells nobody's e-mail."""
    person = change.requester
    return f"{person.login} <{person.id}+{person.login}@users.noreply.github.com>"
