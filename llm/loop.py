"""The model loop: ask, run the calls, answer, until one of the outputs is given."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from llm.backend import Job, Result
from llm.calling import Malformed, Ready, parse, run_calls
from llm.conversation import Answer, Answers, Asked, Call, Reply, Speaker, Turn
from llm.errors import BadReply, Looping, OutOfTime, StepsExhausted
from llm.meter import Clock, Finish
from llm.metered import speak_metered
from llm.prefix import opening
from llm.spoken import spoken_calls
from llm.usage import Usage

SAME_FAILURES = 3


async def converse(job: Job, speaker: Speaker, clock: Clock) -> Result:
    try:
        async with asyncio.timeout(job.limits.wall_seconds) as wall:
            return await _turns(job, speaker, clock)
    except TimeoutError as error:
        if not wall.expired():
            raise
        raise OutOfTime(f"{job.route} ran past {job.limits.wall_seconds:g} s") from error


async def _turns(job: Job, speaker: Speaker, clock: Clock) -> Result:
    turns: list[Turn] = [Asked(opening(job))]
    listener, usage = _Listener(job), Usage()
    for step in range(1, job.limits.steps + 1):
        reply = await speak_metered(job, speaker, turns, clock)
        usage += reply.usage or Usage()
        heard = await listener.hear(reply, step)
        if isinstance(heard, BaseModel):
            return Result(heard, usage, step, reply.finish)
        turns += [reply, heard]
    raise StepsExhausted(f"{job.route} took {job.limits.steps} turns without finishing")


@dataclass
class _Listener:
    """What must be remembered from reply to reply to tell a slip from a failure."""

    job: Job
    unusable: int = 0
    invalid: int = 0
    failures: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    has_heard_spoken: bool = False

    async def hear(self, reply: Reply, step: int) -> BaseModel | Asked | Answers:
        """An output, or the words to go on with."""
        calls = reply.calls or self._spoken(reply)
        if not calls:
            return self._unusable_text(reply)
        ready, answers = self._sort(calls, reply.finish)
        slips = list(answers.values())
        ran = await run_calls(self.job, ready, step)
        answers |= {answer.call.id: answer for answer in ran}
        self._watch_for_loops(ran)
        output = self._output(calls, answers, slips)
        if output is not None:
            return output
        self._count(slips)
        in_order = tuple(answers[call.id] for call in calls)
        return Answers(in_order) if reply.calls else _told(in_order)

    def _spoken(self, reply: Reply) -> tuple[Call, ...]:
        if self.has_heard_spoken:
            return ()
        calls = spoken_calls(reply.text, _names(self.job))
        self.has_heard_spoken = bool(calls)
        return calls

    def _sort(self, calls: Sequence[Call], finish: Finish) -> tuple[list[Ready], dict[str, Answer]]:
        """Calls that can run, and answers to those that cannot. Outputs wait for their turn."""
        ready: list[Ready] = []
        slips: dict[str, Answer] = {}
        tools = {tool.name: tool for tool in self.job.tools}
        outputs = {output.name for output in self.job.outputs}
        for call in calls:
            if call.tool in outputs:
                continue
            if call.tool not in tools:
                known = ", ".join(_names(self.job))
                slips[call.id] = Answer(call, f"there is no {call.tool}; use {known}", failed=True)
                continue
            tool = tools[call.tool]
            try:
                ready.append(Ready(call, tool, parse(call, tool.arguments)))
            except Malformed as problem:
                slips[call.id] = Answer(call, _with_cause(problem, finish, self.job), failed=True)
        return ready, slips

    def _output(
        self, calls: Sequence[Call], answers: dict[str, Answer], slips: list[Answer]
    ) -> BaseModel | None:
        """The first acceptable output. What is wrong with the others is added to the answers."""
        outputs = {output.name: output for output in self.job.outputs}
        for call in calls:
            if call.tool not in outputs:
                continue
            if any(answer.failed for answer in answers.values()):
                text = "not taken: a call beside it failed; look at that first"
                answers[call.id] = Answer(call, text, failed=True)
                continue
            try:
                output = parse(call, outputs[call.tool].reply)
            except Malformed as problem:
                answers[call.id] = Answer(call, str(problem), failed=True)
                slips.append(answers[call.id])
                continue
            if problem_text := self._invalid(output):
                answers[call.id] = Answer(call, problem_text, failed=True)
                continue
            return output
        return None

    def _invalid(self, output: BaseModel) -> str | None:
        problem = self.job.validate(output) if self.job.validate else None
        if problem is None:
            return None
        self.invalid += 1
        if self.invalid > 1:
            raise BadReply(
                f"{self.job.route} was told what is wrong and did not repair it: {problem}"
            )
        return problem

    def _unusable_text(self, reply: Reply) -> Asked:
        names = ", ".join(output.name for output in self.job.outputs)
        if reply.finish is Finish.length:
            text = f"Your reply was cut at {self.job.limits.max_output_tokens} tokens: be shorter."
        else:
            text = "That was no tool call, so nothing happened."
        self._count([reply.text or "an empty reply"])
        return Asked((f"{text} Call a tool; finish with {names}.",))

    def _count(self, slips: Sequence[Answer | str]) -> None:
        self.unusable = self.unusable + 1 if slips else 0
        if self.unusable > self.job.limits.repairs:
            last = slips[-1].text if isinstance(slips[-1], Answer) else slips[-1]
            raise BadReply(
                f"{self.job.route} gave {self.unusable} unusable replies in a row; "
                f"the last: {last[-200:]}"
            )

    def _watch_for_loops(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if not answer.failed:
                continue
            key = (answer.call.tool, answer.call.arguments, answer.text)
            self.failures[key] += 1
            if self.failures[key] >= SAME_FAILURES:
                raise Looping(
                    f"{self.job.route} made the same failing call {SAME_FAILURES} times: "
                    f"{answer.call.tool} {answer.call.arguments[:120]}: {answer.text[:200]}"
                )


def _names(job: Job) -> list[str]:
    return [*(tool.name for tool in job.tools), *(output.name for output in job.outputs)]


def _with_cause(problem: Malformed, finish: Finish, job: Job) -> str:
    if finish is not Finish.length:
        return str(problem)
    return f"your reply was cut at {job.limits.max_output_tokens} tokens; write less at once"


def _told(answers: Sequence[Answer]) -> Asked:
    """Answers to calls that were only written: no vendor has a place for these."""
    told = (f"{answer.call.tool} says:\n{answer.text}" for answer in answers)
    return Asked(("\n\n".join([*told, "Make tool calls; do not write them as text."]),))
