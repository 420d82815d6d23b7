"""Every dialect over a real socket: the replies, the counts and each fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, get_args

import pytest

from llm.backend import Job, Limits
from llm.backends import backend_for
from llm.clients import close_clients
from llm.errors import (
    BadReply,
    KeyRefused,
    LLMError,
    Looping,
    RateLimited,
    RequestRefused,
    Silent,
    StepsExhausted,
    Unreachable,
)
from llm.meter import Finish, MemoryMeter, Settled
from llm.route_table import parse_routes
from llm.routing import Effort, EndpointKind, Phase
from llm.script import parse_script
from llm.usage import Usage
from tests.llm.builders import Done, Files, a_job, a_meter, a_route
from tests.llm.vendor_server import Fault, VendorServer, serving

SCRIPT = """
scenes:
  - phase: story
    match: exporter
    turns:
      - text: "Ich lese erst – ünïcödé ✓ 🎈."
        calls:
          - {tool: read, args: {path: a.py}}
          - {tool: read, args: {path: b.py}}
      - calls: [{tool: edit, args: {path: a.py, new: "größer → ✓ 🎈\\n"}}]
      - calls: [{tool: done, args: {summary: "fertig ✓"}}]
  - phase: story
    match: clumsy
    turns:
      - calls: [{tool: paint, args: {}}]
      - calls: [{tool: edit, args: '{"path": "a.py", "new": "cut off he'}]
      - calls: [{tool: read, args: {path: b.py}}]
      - calls: [{tool: done, args: {wrong: 1}}]
      - calls: [{tool: done, args: {summary: recovered}}]
  - phase: story
    match: talker
    turns: [{text: Done!}, {text: Done!}, {text: Really done!}]
  - phase: story
    match: looper
    turns:
      - calls: [{tool: read, args: {path: none.py}}]
      - calls: [{tool: read, args: {path: none.py}}]
      - calls: [{tool: read, args: {path: none.py}}]
  - phase: story
    match: dawdler
    turns:
      - calls: [{tool: read, args: {path: a.py}}]
      - calls: [{tool: read, args: {path: b.py}}]
      - calls: [{tool: read, args: {path: a.py}}]
"""

KINDS = get_args(EndpointKind)


@pytest.fixture
async def vendor() -> AsyncIterator[VendorServer]:
    async with serving(VendorServer(parse_script(SCRIPT))) as server:
        yield server
        await close_clients()


def a_vendor_job(vendor: VendorServer, kind: str, **said: Any) -> Job:
    route = parse_routes(vendor.routes_text(kind), vendor.keys).route(Phase.story)
    assert route is not None
    return a_job(route, **said)


async def failure(job: Job) -> LLMError:
    with pytest.raises(LLMError) as caught:
        await backend_for(job.route).run(job)
    return caught.value


def settled(meter: MemoryMeter) -> list[Settled]:
    return [result for _, result in meter.calls.values() if result is not None]


def measured(meter: MemoryMeter) -> Usage:
    return sum((one.usage for one in settled(meter) if one.usage), Usage())


@pytest.mark.parametrize("kind", KINDS)
async def test_an_agent_reads_edits_and_finishes_and_every_token_is_in_the_ledger(
    vendor: VendorServer, kind: str
) -> None:
    files, meter = Files(), a_meter()
    job = a_vendor_job(vendor, kind, tools=files.tools, meter=meter)
    result = await backend_for(job.route).run(job)
    assert result.output == Done(summary="fertig ✓")
    assert files.files["a.py"] == "größer → ✓ 🎈\n"
    assert sorted(files.log) == ["edit a.py", "read a.py", "read b.py"]
    assert result.steps == 3
    assert measured(meter) == vendor.told == result.usage
    assert vendor.told.cache_read > 0
    assert meter.spent.settled.tokens == vendor.told.total
    assert not meter.spent.reserved.tokens


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effort", get_args(Effort))
async def test_every_effort_is_one_the_dialect_can_say(
    vendor: VendorServer, kind: str, effort: Effort
) -> None:
    job = a_vendor_job(vendor, kind)
    job = replace(job, route=job.route.model_copy(update={"effort": effort}))
    assert (await backend_for(job.route).run(job)).output == Done(summary="fertig ✓")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_of_the_environment_is_not_used_for_loopback(
    vendor: VendorServer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    job = a_vendor_job(vendor, kind)
    assert (await backend_for(job.route).run(job)).steps == 3


@pytest.mark.parametrize("kind", KINDS)
async def test_two_stories_share_the_bytes_before_the_story_block(
    vendor: VendorServer, kind: str
) -> None:
    for story in ("exporter one", "exporter two"):
        job = a_vendor_job(vendor, kind, prompt=story, shared="Conventions. " * 100)
        await backend_for(job.route).run(job)
    first, second = (
        body for body in vendor.bodies if "fertig" not in str(body) and _turns(body) == 0
    )
    assert first["tools"] == second["tools"]
    assert str(first).split("exporter one")[0] == str(second).split("exporter two")[0]


def _turns(body: dict[str, Any]) -> int:
    messages = body.get("messages") or body.get("input") or []
    return sum(one.get("role") == "assistant" or "call_id" in one for one in messages)


@pytest.mark.parametrize("kind", KINDS)
async def test_clumsy_calls_are_answered_and_repaired(vendor: VendorServer, kind: str) -> None:
    files = Files()
    job = a_vendor_job(vendor, kind, prompt="clumsy", tools=files.tools)
    result = await backend_for(job.route).run(job)
    assert result.output == Done(summary="recovered")
    assert files.log == ["read b.py"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("prompt", "error", "limits"),
    [
        ("talker", BadReply, Limits()),
        ("looper", Looping, Limits()),
        ("dawdler", StepsExhausted, Limits(steps=2)),
        ("nobody knows this", RequestRefused, Limits()),
    ],
)
async def test_a_model_that_cannot_be_used_is_a_loud_failure(
    vendor: VendorServer, kind: str, prompt: str, error: type[LLMError], limits: Limits
) -> None:
    meter = a_meter()
    job = a_vendor_job(vendor, kind, prompt=prompt, limits=limits, meter=meter)
    assert type(await failure(job)) is error
    assert measured(meter) == vendor.told


@pytest.mark.parametrize("kind", KINDS)
async def test_a_429_is_waited_out_as_the_vendor_asks(vendor: VendorServer, kind: str) -> None:
    vendor.faults.append(Fault("429", after=1))
    meter = a_meter()
    job = a_vendor_job(vendor, kind, meter=meter)
    started = asyncio.get_running_loop().time()
    await backend_for(job.route).run(job)
    assert asyncio.get_running_loop().time() - started >= 1
    assert measured(meter) == vendor.told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault("429", times=9, retry_after="300"), RateLimited, "over its rate limit"),
        (Fault("529", times=9), RateLimited, "overloaded"),
        (Fault("500", times=9), Unreachable, "failed: 500"),
        (Fault("401", times=9), KeyRefused, "refused the key"),
        (Fault("403", times=9), KeyRefused, "refused the key"),
        (Fault("404", times=9), RequestRefused, "refused the request: 404"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_a_refusal_is_our_error_names_the_endpoint_and_costs_nothing(
    vendor: VendorServer, kind: str, fault: Fault, error: type[LLMError], words: str
) -> None:
    vendor.faults.append(Fault(fault.kind, fault.times, retry_after=fault.retry_after))
    meter = a_meter()
    raised = await failure(a_vendor_job(vendor, kind, meter=meter))
    assert type(raised) is error
    assert words in str(raised)
    assert f"vendor-story ({vendor.url}" in str(raised)
    assert [(one.usage, one.finish) for one in settled(meter)] == [(Usage(), Finish.refused)]
    if isinstance(raised, RateLimited) and fault.kind == "429":
        assert raised.retry_after == 300


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["cut", "rubbish", "hang"])
async def test_a_broken_stream_is_settled_as_unmeasured_with_an_estimate(
    vendor: VendorServer, kind: str, fault: Any
) -> None:
    vendor.faults.append(Fault(fault))
    meter = a_meter()
    limits = Limits(silence_seconds=0.5)
    raised = await failure(a_vendor_job(vendor, kind, meter=meter, limits=limits))
    assert type(raised) is (Silent if fault == "hang" else Unreachable)
    (row,) = settled(meter)
    assert row.usage is None
    assert row.estimate.input > 50
    assert row.finish is Finish.cut
    assert meter.spent.settled.unpriced_tokens == row.estimate.total
    assert vendor.told == Usage()


@pytest.mark.parametrize("kind", KINDS)
async def test_cancelling_in_mid_stream_is_immediate_and_settled(
    vendor: VendorServer, kind: str
) -> None:
    vendor.faults.append(Fault("hang"))
    meter = a_meter()
    job = a_vendor_job(vendor, kind, meter=meter)
    task = asyncio.create_task(backend_for(job.route).run(job))
    await asyncio.sleep(0.5)
    assert vendor.served
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    assert [one.finish for one in settled(meter)] == [Finish.cancelled]


async def test_a_chat_server_that_sends_no_count_is_unmeasured(vendor: VendorServer) -> None:
    vendor.faults.append(Fault("no-usage"))
    meter = a_meter()
    job = a_vendor_job(vendor, "openai-chat", meter=meter)
    await backend_for(job.route).run(job)
    assert [one.usage is None for one in settled(meter)] == [True, False, False]


async def test_an_endpoint_that_is_not_there_costs_nothing() -> None:
    meter = a_meter()
    job = a_job(a_route(url="http://127.0.0.1:9/v1"), meter=meter)
    assert type(await failure(job)) is Unreachable
    assert [one.finish for one in settled(meter)] == [Finish.refused]
    await close_clients()
