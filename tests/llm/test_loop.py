"""The model loop: what is answered, what is repaired, and when it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from inline_snapshot import snapshot

from llm.backend import Limits, Refused, Step, Tool
from llm.backends import utc_now
from llm.conversation import Answers, Asked, Reply, Turn
from llm.errors import BadReply, CapReached, Looping, OutOfTime, Silent, StepsExhausted
from llm.loop import converse
from llm.meter import Caps, Finish
from llm.usage import Usage
from llm.watchdog import Pulse
from tests.llm.builders import (
    Blocked,
    Done,
    EditArguments,
    Files,
    Lines,
    ReadArguments,
    a_job,
    a_meter,
    a_route,
    says,
)

DONE = says(("done", '{"summary": "ok"}'))


def answers(turn: Turn) -> list[tuple[str, bool]]:
    assert isinstance(turn, Answers)
    return [(answer.text, answer.failed) for answer in turn.answers]


async def run(*replies: Any, **said: Any) -> tuple[Any, Lines]:
    lines = Lines(list(replies))
    result = await converse(a_job(a_route(), **said), lines, utc_now)
    return result, lines


async def test_the_opening_is_the_shared_block_and_then_the_story() -> None:
    _, lines = await run(DONE, shared="shared", prompt="story")
    assert lines.heard[0] == [Asked(("shared", "story"))]


async def test_usage_adds_up_over_the_turns() -> None:
    result, _ = await run(says(("read", '{"path": "a.py"}')), DONE)
    assert result.usage == Usage(input=20, output=4)
    assert result.steps == 2


async def test_blocked_is_an_output_like_any_other() -> None:
    result, _ = await run(says(("blocked", '{"reason": "no network"}')))
    assert result.output == Blocked(reason="no network")


async def test_a_refusal_is_read_by_the_model_which_goes_on() -> None:
    _, lines = await run(says(("read", '{"path": "no.py"}')), DONE)
    assert answers(lines.heard[1][2]) == [("there is no no.py", True)]


async def test_an_unknown_tool_is_answered_with_the_known_ones() -> None:
    _, lines = await run(says(("paint", "{}")), DONE)
    assert answers(lines.heard[1][2]) == [
        ("there is no paint; use read, edit, done, blocked", True)
    ]


async def test_arguments_that_do_not_fit_are_answered_with_what_is_wrong() -> None:
    _, lines = await run(says(("edit", '{"path": 1}')), DONE)
    assert answers(lines.heard[1][2]) == snapshot(
        [
            (
                """\
the arguments do not fit:
path: Input should be a valid string
new: Field required\
""",
                True,
            )
        ]
    )


async def test_a_reply_cut_at_its_limit_is_told_so() -> None:
    cut = says(("edit", '{"path": "a.py", "new": "hal'), finish=Finish.length)
    _, lines = await run(cut, DONE)
    assert answers(lines.heard[1][2]) == [
        ("your reply was cut at 500 tokens; write less at once", True)
    ]


async def test_the_third_unusable_reply_in_a_row_is_the_last() -> None:
    with pytest.raises(BadReply, match="3 unusable replies in a row; the last: chatter"):
        await run(*[says(text="chatter")] * 3)


async def test_a_usable_reply_between_them_starts_the_count_anew() -> None:
    chatter, read = says(text="chatter"), says(("read", '{"path": "a.py"}'))
    result, _ = await run(chatter, chatter, read, chatter, chatter, DONE)
    assert result.output == Done(summary="ok")


async def test_a_call_written_as_text_is_taken_once() -> None:
    files = Files()
    tagged = '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}</tool_call>'
    fenced = '```json\n{"tool": "read", "args": {"path": "b.py"}}\n```'
    _, lines = await run(says(text=tagged), says(text=fenced), DONE, tools=files.tools)
    assert files.log == ["read a.py"]
    assert lines.heard[1][2] == Asked(
        ("read says:\nx = 1\n\nMake tool calls; do not write them as text.",)
    )


async def test_done_beside_a_failing_call_is_not_taken() -> None:
    both = says(("read", '{"path": "no.py"}'), ("done", '{"summary": "ok"}'))
    result, lines = await run(both, DONE)
    assert result.steps == 2
    assert answers(lines.heard[1][2])[1] == (
        "not taken: a call beside it failed; look at that first",
        True,
    )


async def test_calls_beside_done_are_run_before_it_counts() -> None:
    files = Files()
    both = says(("done", '{"summary": "ok"}'), ("edit", '{"path": "a.py", "new": "z"}'))
    await run(both, tools=files.tools)
    assert files.files["a.py"] == "z"


async def test_a_reply_that_is_wrong_in_substance_has_one_chance_to_be_repaired() -> None:
    def only_better(output: Done) -> str | None:
        return None if output.summary == "better" else "say more"

    better = says(("done", '{"summary": "better"}'))
    result, lines = await run(DONE, better, validate=only_better)
    assert result.output == Done(summary="better")
    assert answers(lines.heard[1][2]) == [("say more", True)]
    with pytest.raises(BadReply, match="was told what is wrong and did not repair it: say more"):
        await run(DONE, DONE, better, validate=only_better)


async def test_the_same_failing_call_three_times_is_a_loop() -> None:
    again = says(("read", '{"path": "no.py"}'))
    with pytest.raises(Looping, match=r"the same failing call 3 times: read .*there is no no\.py"):
        await run(again, again, again)


async def test_steps_are_counted_in_model_turns() -> None:
    read = says(("read", '{"path": "a.py"}'))
    with pytest.raises(StepsExhausted, match="took 2 turns without finishing"):
        await run(read, read, limits=Limits(steps=2))


async def test_reads_run_at_the_same_time_and_edits_one_by_one_in_order() -> None:
    log: list[str] = []

    async def read(arguments: ReadArguments) -> str:
        log.append(f"begin {arguments.path}")
        await asyncio.sleep(0.01)
        log.append(f"end {arguments.path}")
        return ""

    async def edit(arguments: EditArguments) -> str:
        log.append(f"edit {arguments.path}")
        return ""

    tools = (
        Tool("read", "", ReadArguments, read),
        Tool("edit", "", EditArguments, edit, sequential=True),
    )
    calls = says(
        ("read", '{"path": "1"}'),
        ("read", '{"path": "2"}'),
        ("edit", '{"path": "3", "new": ""}'),
        ("read", '{"path": "4"}'),
    )
    await run(calls, DONE, tools=tools)
    assert log == ["begin 1", "begin 2", "end 1", "end 2", "edit 3", "begin 4", "end 4"]


async def test_a_tool_that_breaks_raises_its_own_error_also_beside_others() -> None:
    async def read(arguments: ReadArguments) -> str:
        raise OSError(f"disk gone at {arguments.path}")

    tools = (Tool("read", "", ReadArguments, read),)
    with pytest.raises(OSError, match="disk gone"):
        await run(says(("read", '{"path": "1"}'), ("read", '{"path": "2"}')), tools=tools)


async def test_progress_names_the_tool_and_what_with() -> None:
    steps: list[Step] = []
    job = a_job(a_route())
    job = type(job)(**{**vars(job), "on_step": steps.append})
    call = says(("edit", '{"path": "a.py", "new": "x"}'))
    await converse(job, Lines([call, DONE]), utc_now)
    assert steps == [Step(1, "edit", "a.py")]


async def test_silence_is_measured_from_sign_of_life_to_sign_of_life() -> None:
    async def slow_but_alive(turns: Sequence[Turn], pulse: Pulse) -> Reply:
        for _ in range(6):
            await asyncio.sleep(0.05)
            pulse.beat()
        return DONE

    async def silent(turns: Sequence[Turn], pulse: Pulse) -> Reply:
        await asyncio.sleep(3)
        return DONE

    limits = Limits(silence_seconds=0.15)
    result, _ = await run(slow_but_alive, limits=limits)
    assert result.output == Done(summary="ok")
    with pytest.raises(Silent, match=r"somewhere/m sent nothing for 0\.15 s"):
        await run(silent, limits=limits)


async def test_the_wall_ends_a_lively_job_too() -> None:
    async def lively(turns: Sequence[Turn], pulse: Pulse) -> Reply:
        while True:
            await asyncio.sleep(0.02)
            pulse.beat()

    meter = a_meter()
    with pytest.raises(OutOfTime, match=r"ran past 0\.1 s"):
        await run(lively, limits=Limits(wall_seconds=0.1), meter=meter)
    ((_, settled),) = meter.calls.values()
    assert settled is not None
    assert settled.finish is Finish.cancelled


async def test_a_cap_stops_before_the_call_and_nothing_is_sent() -> None:
    meter = a_meter(Caps(tokens=700))
    lines = Lines([says(("read", '{"path": "a.py"}'))] * 9)
    with pytest.raises(CapReached) as caught:
        await converse(a_job(a_route(), meter=meter), lines, utc_now)
    assert caught.value.cap == "tokens"
    assert len(lines.heard) == len(meter.calls) > 0


async def test_a_refusal_of_a_later_call_does_not_stop_the_earlier_one() -> None:
    async def refusing(arguments: ReadArguments) -> str:
        if arguments.path == "2":
            raise Refused("not this one")
        return "one"

    tools = (Tool("read", "", ReadArguments, refusing),)
    calls = says(("read", '{"path": "1"}'), ("read", '{"path": "2"}'))
    _, lines = await run(calls, DONE, tools=tools)
    assert answers(lines.heard[1][2]) == [("one", False), ("not this one", True)]
