"""Tool calls that a model wrote into its text instead of making them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from pydantic import JsonValue

from llm.conversation import Call

_TAGGED = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL)


def spoken_calls(text: str, names: Collection[str]) -> tuple[Call, ...]:
    """Calls of known tools only: other JSON in a text is an example, not a wish."""
    return tuple(
        Call(f"spoken-{number}", name, json.dumps(arguments))
        for number, (name, arguments) in enumerate(_named(text))
        if name in names
    )


def _named(text: str) -> Iterator[tuple[str, JsonValue]]:
    for found in [*_TAGGED.finditer(text), *_FENCED.finditer(text)]:
        try:
            call = json.loads(found.group(1), strict=False)
        except json.JSONDecodeError:
            continue
        name = call.get("name") or call.get("tool")
        arguments = call.get("arguments", call.get("args", call.get("parameters", {})))
        if isinstance(name, str):
            yield name, arguments
