"""Prepared replies: chosen by what was asked, never by the order of calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from llm.backend import Refused, Tool
from llm.backends import backend_for, utc_now
from llm.errors import BadReply
from llm.routing import Phase
from llm.script import parse_script, turn_for
from llm.scripted import Scripted, SeenPrefixes
from tests.llm.builders import (
    Done,
    Files,
    ReadArguments,
    a_job,
    a_meter,
    scripted_route,
)

SCRIPT = """
scenes:
  - phase: story
    match: [CSV, "r[1-9]"]
    attempt: 2
    turns: [{calls: [{tool: done, args: {summary: second try}}]}]
  - phase: story
    match: CSV
    turns:
      - calls: [{tool: read, args: {path: a.py}}]
      - when_result_contains: FAILED
        calls: [{tool: edit, args: {path: a.py, new: fixed}}]
      - unless_result_contains: FAILED
        text: All is well.
        calls: [{tool: done, args: {summary: csv}}]
  - phase: intake
    turns: [{calls: [{tool: done, args: {summary: intake}}]}]
"""


def a_backend(script: str = SCRIPT) -> Scripted:
    return Scripted(parse_script(script), utc_now)


def job(**said: object):  # type: ignore[no-untyped-def]
    return a_job(scripted_route(Path("x")), **said)  # type: ignore[arg-type]


async def summary(backend: Scripted, **said: object) -> str:
    output = (await backend.run(job(**said))).output
    assert isinstance(output, Done)
    return output.summary


async def test_the_scene_follows_from_phase_text_and_attempt() -> None:
    backend = a_backend()
    assert await summary(backend, prompt="CSV, r2", attempt=2) == "second try"
    assert await summary(backend, prompt="CSV, r2", attempt=1) == "csv"
    assert await summary(backend, prompt="anything", phase=Phase.intake) == "intake"


async def test_stories_at_the_same_time_do_not_mix_their_words() -> None:
    backend = a_backend()
    jobs = [summary(backend, prompt="CSV") for _ in range(5)]
    others = [summary(backend, phase=Phase.intake) for _ in range(5)]
    assert await asyncio.gather(*jobs, *others) == ["csv"] * 5 + ["intake"] * 5


async def test_a_turn_may_depend_on_the_last_result() -> None:
    files = Files(files={"a.py": "FAILED"})
    assert await summary(a_backend(), prompt="CSV", tools=files.tools) == "csv"
    assert files.files["a.py"] == "fixed"


def test_the_next_turn_follows_from_the_conversation_alone() -> None:
    scene = parse_script(SCRIPT).scenes[1]
    assert turn_for(scene, [""]) == scene.turns[0]
    assert turn_for(scene, ["", "FAILED"]) == scene.turns[1]
    assert turn_for(scene, ["", "FAILED", "written"]) == scene.turns[2]
    assert turn_for(scene, ["", "fine"]) == scene.turns[2]
    assert turn_for(scene, ["", "fine", "more"]) is None


async def test_a_prompt_nobody_prepared_for_is_named() -> None:
    with pytest.raises(BadReply, match="no prepared reply for phase draft: Plan the export"):
        await a_backend().run(job(prompt="Plan  the\nexport", phase=Phase.draft))


async def test_a_scene_that_has_run_out_says_what_it_heard_last() -> None:
    async def refusing(arguments: ReadArguments) -> str:
        raise Refused("FAILED again")

    tools = (Tool("read", "", ReadArguments, refusing),)
    script = SCRIPT.replace("- when_result_contains: FAILED", "- when_result_contains: never")
    with pytest.raises(BadReply, match="has no turn 2; the last result was: FAILED again"):
        await a_backend(script).run(job(prompt="CSV", tools=tools))


async def test_a_hold_tells_that_it_is_reached_and_waits(tmp_path: Path) -> None:
    point = tmp_path / "point"
    turn = f"turns: [{{hold: {point}, calls: [{{tool: done, args: {{summary: ok}}}}]}}]"
    backend = a_backend(f"scenes: [{{phase: story, {turn}}}]")
    task = asyncio.create_task(summary(backend))
    await asyncio.sleep(0.1)
    assert (tmp_path / "point.held").exists()
    assert not task.done()
    point.touch()
    assert await task == "ok"


async def test_tokens_are_measured_and_no_cost_is_claimed() -> None:
    meter = a_meter()
    result = await a_backend().run(job(prompt="CSV", meter=meter))
    assert result.usage.input > 50
    assert result.usage.total == meter.spent.settled.unpriced_tokens
    assert meter.spent.settled.amount is None
    assert meter.spent.settled.reasons == {"prepared replies have no price"}


async def test_a_prefix_sent_before_counts_as_read_from_a_cache() -> None:
    backend, shared = a_backend(), "Conventions. " * 200
    first = await backend.run(job(prompt="CSV one", shared=shared))
    second = await backend.run(job(prompt="CSV two", shared=shared))
    assert first.usage.cache_read < first.usage.input
    assert second.usage.cache_read > 9 * second.usage.input
    assert first.usage.prompt == second.usage.prompt


def test_only_a_prefix_from_the_first_byte_is_known() -> None:
    seen = SeenPrefixes()
    assert seen.split(["aaaa", "bbbb"]) == (0, 8)
    assert seen.split(["aaaa", "cccc", "bbbb"]) == (4, 8)
    assert seen.split(["bbbb"]) == (0, 4)


async def test_one_file_is_one_backend_for_the_whole_process(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(SCRIPT)
    route = scripted_route(path)
    assert backend_for(route) is backend_for(route)
