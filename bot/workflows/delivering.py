"""Hands a finished branch to people: one pull request per change, and a check run on its head."""

import asyncio
from contextlib import suppress
from typing import Literal

from bot.comments.check_run import NAME, check_run
from bot.comments.pull import pull_body, pull_reasons, pull_title
from bot.github import checks, pulls
from bot.github.answers import Pull
from bot.github.errors import Invalid, Refused, Unanswered
from bot.place import Place
from bot.store import changes
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.views.pull import pull_view
from bot.workflows.remote import remote_of
from executor.conductor import Delivery
from executor.events import AttemptQueued, Delivered, RunId
from executor.git.mirror import Remote

# GitHub may not know a head it accepted a second ago.
HEAD_TRIES = 4


class GitHubHost:
    """`executor.conductor.Host`: the queue for attempts, GitHub for the result."""

    def __init__(self, place: Place, change: Change, plan: PlanRow, run: Run) -> None:
        self._place = place
        self._change = change
        self._plan = plan
        self._run = run

    async def dispatch(self, run: RunId, attempt: AttemptQueued) -> None:
        """Only a wake-up: the journal wrote the attempt's row, and the sweep finds it too."""
        key = f"story:{run}:{attempt.story}:{attempt.attempt}:0"
        await self._place.services.queue.enqueue(
            "story", run, attempt.story, attempt.attempt, job_id=key
        )

    async def remote(self, purpose: Literal["read", "push"]) -> Remote:
        return await remote_of(self._place, purpose)

    async def deliver(self, delivery: Delivery) -> Delivered:
        """The change's pull request, open and true to the branch; asked twice, it is found."""
        pull = await self._pull(delivery)
        await changes.set_pull(
            self._place.services.store, self._change.id, pull.number, delivery.order.branch
        )
        with suppress(Refused):
            # Without the permission for it, the comment and the body say the same.
            await self._check(delivery)
        return Delivered(pull=pull.number, draft=pull.draft)

    async def _pull(self, delivery: Delivery) -> Pull:
        view = await pull_view(self._place, self._change, delivery)
        title, body = pull_title(view), pull_body(view)
        if (known := await self._known(delivery)) is not None:
            return await self._brought_up_to_date(known, body, is_draft=bool(pull_reasons(view)))
        for number in range(1, HEAD_TRIES + 1):
            try:
                return await pulls.open_pull(
                    self._place.client,
                    title=title,
                    body=body,
                    head=delivery.order.branch,
                    base=delivery.order.plan.base.branch,
                    draft=delivery.draft,
                )
            except (Invalid, Unanswered):
                if (made := await self._known(delivery)) is not None:
                    return made
                if number == HEAD_TRIES:
                    raise
                await asyncio.sleep(self._place.services.settings.retry_base_seconds * number)
        raise AssertionError("unreachable: the loop returns or raises")

    async def _brought_up_to_date(self, known: Pull, body: str, *, is_draft: bool) -> Pull:
        """Our own pull request gets the new text, and leaves its draft once all is green.

        A person's pull request keeps its words; a title somebody gave ours is kept too.
        """
        client = self._place.client
        bot = await client.bot()
        if known.user is None or known.user.id != bot.user_id:
            return known
        edited = await pulls.edit_pull(client, known.number, title=known.title, body=body)
        if edited.draft and not is_draft and await pulls.mark_ready(client, edited):
            return edited.model_copy(update={"draft": False})
        return edited

    async def _known(self, delivery: Delivery) -> Pull | None:
        """An open pull request from our branch, whoever opened it."""
        found = await pulls.pull_for_branch(self._place.client, delivery.order.branch)
        return found if found and found.state == "open" else None

    async def _check(self, delivery: Delivery) -> None:
        """Mirrors the result on the commit itself; found by the run's id if it was made before."""
        assert delivery.state.pushed is not None
        sha, client = delivery.state.pushed.sha, self._place.client
        if await checks.check_run_by_key(client, sha, delivery.order.run):
            return
        shown = check_run(await pull_view(self._place, self._change, delivery))
        await checks.create_check_run(
            client,
            name=NAME,
            sha=sha,
            external_id=delivery.order.run,
            conclusion=shown.conclusion,
            title=shown.title,
            summary=shown.summary,
        )
