"""From the calls a model wrote to answers it can read: parsed, validated, run, or refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from llm.backend import Job, Refused, Step, Tool
from llm.conversation import Answer, Call

Model = TypeVar("Model", bound=BaseModel)


class Malformed(Exception):
    """Arguments that do not fit; the text is for the model."""


@dataclass(frozen=True)
class Ready:
    """A call whose arguments are known to fit its tool."""

    call: Call
    tool: Tool
    arguments: BaseModel


async def run_calls(job: Job, ready: Sequence[Ready], step: int) -> list[Answer]:
    """Run in the order given; neighbours that are not sequential run at the same time."""
    answers: list[Answer] = []
    for batch in _batches(ready):
        for one in batch:
            job.on_step(Step(step, one.call.tool, _short(one.arguments)))
        answers += await _at_once(batch)
    return answers


def parse(call: Call, model: type[Model]) -> Model:
    """The arguments as an instance, or Malformed with what to put right."""
    try:
        return model.model_validate(_loads(call.arguments))
    except ValidationError as error:
        raise Malformed(_problems(error)) from error


def _batches(ready: Sequence[Ready]) -> Iterator[list[Ready]]:
    for sequential, group in groupby(ready, key=lambda one: one.tool.sequential):
        if sequential:
            yield from ([one] for one in group)
        else:
            yield list(group)


async def _at_once(batch: Sequence[Ready]) -> list[Answer]:
    if len(batch) == 1:
        return [await _run(batch[0])]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_run(one)) for one in batch]
    except ExceptionGroup as failed:
        # Callers know our exceptions, not that two of them ran side by side.
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


async def _run(one: Ready) -> Answer:
    try:
        return Answer(one.call, await one.tool.call(one.arguments))
    except Refused as refusal:
        return Answer(one.call, str(refusal), failed=True)


def _short(arguments: BaseModel) -> str:
    """The first thing said, in one line: a path, a command, a pattern."""
    for value in arguments.model_dump(mode="json").values():
        if isinstance(value, str) and value:
            return value.splitlines()[0][:80]
    return ""


def _loads(text: str) -> JsonValue:
    if not text.strip():
        return {}
    try:
        return _json(text)
    except json.JSONDecodeError as error:
        try:
            return _json(text + closing(text))
        except json.JSONDecodeError:
            raise Malformed(f"the arguments are not JSON: {error}") from error


def _json(text: str) -> JsonValue:
    # Models put raw line breaks into strings; what they mean is not in doubt.
    value: JsonValue = json.loads(text, strict=False)
    return value


def closing(text: str) -> str:
    """The brackets that were left open; nothing when the text ends inside a string: that is a cut,
    and a guess would turn half a file into a whole one."""
    open_brackets: list[str] = []
    inside = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif inside:
            inside = character != '"'
            escaped = character == "\\"
        elif character == '"':
            inside = True
        elif character in "{[":
            open_brackets.append("}" if character == "{" else "]")
        elif character in "}]" and open_brackets:
            open_brackets.pop()
    return "" if inside else "".join(reversed(open_brackets))


def _problems(error: ValidationError) -> str:
    lines = [
        f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return "the arguments do not fit:\n" + "\n".join(lines[:10])
