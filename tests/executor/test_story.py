import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from executor.events import Sha
from executor.evidence import EvidenceState
from executor.failure import Failure, FailureClass
from executor.git.mirror import ref_target
from executor.prompts.briefing import shared_block
from executor.sandbox.none import Unwalled
from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished
from executor.story import Failed, Passed
from executor.tools.finish import Blocked, Done
from llm.errors import (
    BadReply,
    CapReached,
    KeyRefused,
    LLMError,
    Looping,
    NoRoute,
    OutOfTime,
    RateLimited,
    Silent,
    StepsExhausted,
    Unreachable,
)
from llm.routing import Tier
from llm.usage import Usage
from planner.plan import Design
from tests.executor.house import SUITE, FakeBackend, House, a_house
from tests.executor.repositories import TreeView, git
from tests.support.builders import a_plan


@pytest.fixture
def house(tmp_path: Path) -> House:
    return a_house(tmp_path)


FIXED = "def total(prices):\n    return sum(prices)\n"
FIX = (
    ("read", {"path": "shop/price.py"}),
    ("edit", {"path": "shop/price.py", "old": "sum(prices[1:])", "new": "sum(prices)"}),
)
DONE = Done(summary="Sum all prices, not all but the first.")


async def test_a_story_becomes_one_commit_with_evidence(house: House) -> None:
    outcome = await house.attempt(FakeBackend(FIX, DONE))
    assert isinstance(outcome, Passed)
    assert house.shows(outcome.commit, "shop/price.py") + "\n" == FIXED
    assert [(one.check, one.state) for one in outcome.evidence] == [
        ("unittest", EvidenceState.passed)
    ]
    assert outcome.evidence[0].tree == outcome.tree
    assert outcome.usage == Usage(input=100, output=10)
    assert ref_target(house.ground.mirror, "refs/baro/r1/s1") == outcome.commit
    assert house.log(outcome.commit, "%P") == house.base
    assert house.log(outcome.commit, "%B") == snapshot("""\
Count every price

Sum all prices, not all but the first.

Baro-Run: r1
Baro-Story: s1
Co-authored-by: Maya <maya@example.com>\
""")


async def test_the_same_attempt_gives_the_same_commit(house: House) -> None:
    first = await house.attempt(FakeBackend(FIX, DONE))
    second = await house.attempt(FakeBackend(FIX, DONE))
    assert isinstance(first, Passed)
    assert isinstance(second, Passed)
    assert first.commit == second.commit


async def test_the_commit_is_pushed_at_once(house: House) -> None:
    pushed: list[Sha] = []
    house.ground = replace(house.ground, push=pushed.append)
    outcome = await house.attempt(FakeBackend(FIX, DONE))
    assert isinstance(outcome, Passed)
    assert pushed == [outcome.commit]


async def test_a_red_check_is_handed_on_as_feedback(house: House) -> None:
    worse = ("write", {"path": "shop/price.py", "content": "def total(prices):\n    return 0\n"})
    outcome = await house.attempt(FakeBackend((FIX[0], worse), DONE))
    assert isinstance(outcome, Failed)
    assert outcome.failure.kind is FailureClass.verification
    assert outcome.failure.reason == "unittest failed: exit 1"
    assert "AssertionError: 0 != 6" in outcome.failure.tail
    assert outcome.evidence[0].state is EvidenceState.failed
    assert ref_target(house.ground.mirror, "refs/baro/r1/s1") is None


async def test_the_next_attempt_reads_how_the_last_one_failed(house: House) -> None:
    backend = FakeBackend(FIX, DONE)
    failure = Failure(kind=FailureClass.verification, reason="unittest failed: exit 1", tail="0!=6")
    await house.attempt(backend, attempt=2, feedback=failure)
    assert backend.jobs[0].prompt == snapshot("""\
Story s1: Count every price
Attempt 2

## Goal
Do s1.

## You may write
- shop/**

## Accepted when
- orders can be exported (proved by suite)

## Checks that run afterwards
- unittest: `python3 -m unittest discover -s tests -t .`

## The previous attempt failed (verification): unittest failed: exit 1
Its work is gone; you start afresh. Do not repeat it unchanged.
```
0!=6
```
""")


async def test_what_commands_change_outside_the_surface_is_dropped_and_told(house: House) -> None:
    stray = ("run", {"command": "echo more >> README.md; rm tests/test_price.py; echo x > new.txt"})
    outcome = await house.attempt(FakeBackend((*FIX, stray), DONE))
    assert isinstance(outcome, Passed)
    assert outcome.outside == ("README.md", "new.txt", "tests/test_price.py")
    assert git(
        house.ground.mirror.path, "diff", "--name-only", house.base, outcome.commit
    ) == snapshot("shop/price.py")
    assert outcome.evidence[0].state is EvidenceState.passed


async def test_links_that_leave_the_tree_are_dropped(house: House) -> None:
    link = ("run", {"command": "ln -s /etc/passwd shop/passwd"})
    outcome = await house.attempt(FakeBackend((*FIX, link), DONE))
    assert isinstance(outcome, Passed)
    assert outcome.outside == ("shop/passwd",)


async def test_a_story_without_a_change_has_failed(house: House) -> None:
    outcome = await house.attempt(FakeBackend((), DONE))
    assert isinstance(outcome, Failed)
    assert (outcome.failure.kind, outcome.failure.reason) == (
        FailureClass.execution,
        "made no change",
    )


async def test_an_agent_may_ask_for_more_to_write_to(house: House) -> None:
    blocked = Blocked(reason="the entry point must change too", amend=["app.py"])
    outcome = await house.attempt(FakeBackend((), blocked))
    assert isinstance(outcome, Failed)
    assert outcome.failure.reason == "blocked: the entry point must change too"
    assert outcome.amend == ("app.py",)


async def test_a_repository_without_checks_passes_without_a_claim(house: House) -> None:
    plan = house.task().plan.model_copy(update={"gate": ()})
    outcome = await house.attempt(FakeBackend(FIX, DONE), plan=plan)
    assert isinstance(outcome, Passed)
    assert outcome.evidence == ()


async def test_a_tool_that_is_not_there_is_no_verdict(house: House) -> None:
    absent = SUITE.model_copy(update={"argv": ("no-such-runner", "-q")})
    plan = house.task().plan.model_copy(update={"gate": (absent,)})
    outcome = await house.attempt(FakeBackend(FIX, DONE), plan=plan)
    assert isinstance(outcome, Passed)
    assert outcome.evidence[0].state is EvidenceState.not_run
    assert outcome.evidence[0].reason == "no-such-runner is not installed here"


async def test_a_storys_own_checks_come_before_the_gate(house: House) -> None:
    own = SUITE.model_copy(update={"name": "own", "argv": ("true",)})
    story = house.task().story.model_copy(update={"checks": (own,)})
    outcome = await house.attempt(FakeBackend(FIX, DONE), story=story)
    assert isinstance(outcome, Passed)
    assert [one.check for one in outcome.evidence] == ["own"]


async def test_a_check_that_is_killed_is_the_machines_failure(house: House) -> None:
    killed = SUITE.model_copy(update={"argv": ("sh", "-c", "kill -9 $$")})
    plan = house.task().plan.model_copy(update={"gate": (killed,)})
    outcome = await house.attempt(FakeBackend(FIX, DONE), plan=plan)
    assert isinstance(outcome, Failed)
    assert outcome.failure.kind is FailureClass.infrastructure
    assert outcome.failure.reason == "unittest: killed by SIGKILL"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CapReached("usd", "the cap of $1.00 is reached"), FailureClass.cap),
        (RateLimited("the endpoint is full", 12.5), FailureClass.capacity),
        (Unreachable("the stream was cut"), FailureClass.transport),
        (Silent("nothing for 180 s"), FailureClass.transport),
        (KeyRefused("openai refuses its key"), FailureClass.refused_key),
        (NoRoute("no model is configured"), FailureClass.refused_key),
        (BadReply("no tool call"), FailureClass.execution),
        (Looping("the same call again"), FailureClass.execution),
        (StepsExhausted("50 turns"), FailureClass.execution),
        (OutOfTime("ran past 3600 s"), FailureClass.execution),
    ],
)
async def test_a_models_error_has_a_class(
    house: House, error: LLMError, kind: FailureClass
) -> None:
    outcome = await house.attempt(FakeBackend(FIX, error))
    assert isinstance(outcome, Failed)
    assert (outcome.failure.kind, outcome.failure.reason) == (kind, str(error))
    assert house.workspaces() == []


async def test_a_full_endpoint_says_when_to_come_back(house: House) -> None:
    outcome = await house.attempt(FakeBackend((), RateLimited("full", 12.5)))
    assert isinstance(outcome, Failed)
    assert outcome.failure.retry_after_seconds == 12.5


async def test_a_full_disk_is_infrastructure(house: House) -> None:
    class FullDisk(Unwalled):
        async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
            raise OSError(28, "No space left on device")

    house.ground = replace(house.ground, sandbox=FullDisk())
    outcome = await house.attempt(FakeBackend(FIX, DONE))
    assert isinstance(outcome, Failed)
    assert outcome.failure.kind is FailureClass.infrastructure
    assert "No space left on device" in outcome.failure.reason


async def test_a_cancelled_attempt_leaves_nothing_behind(house: House) -> None:
    backend = FakeBackend(FIX)
    running = asyncio.create_task(house.attempt(backend))
    await backend.started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert house.workspaces() == []
    assert ref_target(house.ground.mirror, "refs/baro/r1/s1") is None


async def test_steps_follow_the_tier(house: House) -> None:
    backend = FakeBackend(FIX, DONE)
    heavy = house.task().story.model_copy(update={"tier": Tier.heavy})
    await house.attempt(backend, story=heavy)
    assert backend.jobs[0].limits.steps == 90


def test_the_shared_block_holds_what_all_stories_need() -> None:
    plan = a_plan(api="", ui="api").model_copy(
        update={"design": Design(decisions=("Amounts are cents.",)), "out_of_scope": ("Taxes.",)}
    )
    assert shared_block(plan, TreeView({"AGENTS.md": b"Use tabs."})) == snapshot("""\
# The change: Export orders

Add order export behind one endpoint.

## Design decisions, fixed for all stories
- Amounts are cents.

## All stories of this change
- api: Story api (writes src/api.py)
- ui: Story ui (writes src/ui.py; after api)

## Out of scope
- Taxes.

## The repository's own conventions (AGENTS.md)
Use tabs.
""")
