"""A model whose words are prepared; loop, tools, meter and watch are the real ones."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from llm import measure
from llm.backend import Job, Result
from llm.conversation import Answers, Asked, Call, Reply, Turn
from llm.errors import BadReply
from llm.loop import converse
from llm.meter import Clock, Finish
from llm.script import Scene, Script, ScriptTurn, load_script, turn_for
from llm.usage import Usage
from llm.watchdog import Pulse

HOLD_POLL_SECONDS = 0.05


@dataclass
class SeenPrefixes:
    """Which prefixes this process has sent before: what a vendor's cache would have kept."""

    seen: set[bytes] = field(default_factory=set)

    def split(self, blocks: Sequence[str]) -> tuple[int, int]:
        """Characters known from before and characters new, and remember all of it."""
        digest, length, known = hashlib.sha256(), 0, 0
        for block in blocks:
            digest.update(block.encode())
            digest.update(b"\0")
            length += len(block)
            if digest.digest() in self.seen:
                known = length
            self.seen.add(digest.copy().digest())
        return known, length - known


@dataclass(frozen=True)
class Scripted:
    """The backend of demo and tests. Its tokens are estimated from the real messages."""

    script: Script
    clock: Clock
    prefixes: SeenPrefixes = field(default_factory=SeenPrefixes)

    async def run(self, job: Job) -> Result:
        return await converse(job, self, self.clock)

    async def speak(self, job: Job, turns: Sequence[Turn], pulse: Pulse) -> Reply:
        turn = _next_turn(self.script, job, turns)
        await wait_for(turn, pulse.beat)
        calls = tuple(
            Call(f"call-{_turns_said(turns)}-{number}", call.tool, _arguments(call.args))
            for number, call in enumerate(turn.calls)
        )
        return Reply(
            text=turn.text,
            calls=calls,
            usage=self._usage(job, turns, turn),
            model=job.route.model,
            finish=Finish.tool_calls if calls else Finish.stop,
        )

    def _usage(self, job: Job, turns: Sequence[Turn], turn: ScriptTurn) -> Usage:
        known, new = self.prefixes.split(measure.blocks(job, turns))
        read = known // measure.CHARACTERS_PER_TOKEN
        said = len(turn.text) + sum(
            len(call.tool) + len(_arguments(call.args)) for call in turn.calls
        )
        return Usage(
            input=measure.tokens(known + new) - read,
            cache_read=read,
            output=measure.tokens(said),
        )


@lru_cache(maxsize=16)
def scripted(script: Path, clock: Clock) -> Scripted:
    """One per script and process, so that its prefixes are remembered from job to job."""
    return Scripted(load_script(script), clock)


async def wait_for(turn: ScriptTurn, beat: Callable[[], None]) -> None:
    """The turn's delay and hold, alive all the while."""
    if turn.delay_seconds:
        await asyncio.sleep(turn.delay_seconds)
    if turn.hold is None:
        return
    turn.hold.with_name(turn.hold.name + ".held").touch()
    while not turn.hold.exists():
        beat()
        await asyncio.sleep(HOLD_POLL_SECONDS)


def _next_turn(script: Script, job: Job, turns: Sequence[Turn]) -> ScriptTurn:
    prompt = "\n".join([job.shared, job.prompt])
    scene = script.scene(job.label.phase, prompt, job.label.attempt)
    if scene is None:
        head = " ".join(job.prompt.split())[:200]
        raise _unprepared(f"no prepared reply for phase {job.label.phase}: {head}")
    return _turn(scene, job, _results(turns))


def _turn(scene: Scene, job: Job, results: Sequence[str]) -> ScriptTurn:
    turn = turn_for(scene, results)
    if turn is None:
        raise _unprepared(
            f"the prepared scene for phase {job.label.phase} {list(scene.match)} has no turn "
            f"{len(results)}; the last result was: {results[-1][-300:]}"
        )
    return turn


def _unprepared(sentence: str) -> BadReply:
    error = BadReply(sentence)
    error.billed = False
    return error


def _results(turns: Sequence[Turn]) -> list[str]:
    """What stood before each of the model's turns, the coming one included."""
    results, waiting = [], ""
    for turn in turns[1:]:
        match turn:
            case Reply():
                results.append(waiting)
            case Answers(answers=answers):
                waiting = "\n".join(answer.text for answer in answers)
            case Asked(blocks=blocks):
                waiting = "\n".join(blocks)
    return [*results, waiting]


def _turns_said(turns: Sequence[Turn]) -> int:
    return sum(isinstance(turn, Reply) for turn in turns)


def _arguments(args: object) -> str:
    return args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)
