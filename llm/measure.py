"""How many tokens a text is likely to be, where no vendor has counted them."""

from __future__ import annotations

from collections.abc import Sequence

from llm.backend import Job
from llm.conversation import Answers, Asked, Reply, Turn
from llm.prefix import tool_specs
from llm.usage import Usage

CHARACTERS_PER_TOKEN = 4
# Lockfiles and JSON come near two characters per token; a whole prompt of them is rare.
WORST_CHARACTERS_PER_TOKEN = 3


def tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)


def blocks(job: Job, turns: Sequence[Turn]) -> list[str]:
    """The request in the order of the wire, cut where a cache could end."""
    head = "\n".join([*map(str, tool_specs(job)), job.system])
    return [head, *(block for turn in turns for block in _said(turn))]


def characters(job: Job, turns: Sequence[Turn]) -> int:
    return sum(map(len, blocks(job, turns)))


def worst_case(job: Job, turns: Sequence[Turn]) -> Usage:
    prompt = -(-characters(job, turns) // WORST_CHARACTERS_PER_TOKEN)
    return Usage(input=prompt, output=job.limits.max_output_tokens)


def _said(turn: Turn) -> list[str]:
    match turn:
        case Asked(blocks=said):
            return list(said)
        case Reply(text=text, calls=calls):
            return ["".join([text, *(f"{call.tool}({call.arguments})" for call in calls)])]
        case Answers(answers=answers):
            return ["\n".join(answer.text for answer in answers)]
