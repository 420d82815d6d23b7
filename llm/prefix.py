"""The fixed order of a prompt's bytes: tools, system, shared block, story block, moving tail.

A vendor's cache is read from the first byte to the first difference. So the tools keep their order,
their schemas hold no word too many, and whatever differs between stories comes after what does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, JsonValue

from llm.backend import Job


@dataclass(frozen=True)
class ToolSpec:
    """A tool or an output, as a model is told of it."""

    name: str
    description: str
    schema: dict[str, JsonValue]
    sequential: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.description}\n{json.dumps(self.schema)}"


def tool_specs(job: Job) -> tuple[ToolSpec, ...]:
    tools = (
        ToolSpec(tool.name, tool.description, lean_schema(tool.arguments), tool.sequential)
        for tool in job.tools
    )
    outputs = (
        ToolSpec(out.name, out.description, lean_schema(out.reply), sequential=False)
        for out in job.outputs
    )
    return (*tools, *outputs)


def opening(job: Job) -> tuple[str, ...]:
    """The first words after the system's: a cache may end after each of them."""
    return tuple(block for block in (job.shared, job.prompt) if block)


@lru_cache(maxsize=256)
def lean_schema(model: type[BaseModel]) -> dict[str, JsonValue]:
    """The model's JSON schema without titles: they repeat the names and are paid per request."""
    lean = _without_titles(model.model_json_schema())
    assert isinstance(lean, dict)
    lean.pop("description", None)
    return lean


def _without_titles(node: JsonValue) -> JsonValue:
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _children(value) if key in ("properties", "$defs") else _without_titles(value)
        for key, value in node.items()
        if key != "title"
    }


def _children(named: JsonValue) -> JsonValue:
    """Names chosen by us, among which `title` is a name like any other."""
    assert isinstance(named, dict)
    return {name: _without_titles(schema) for name, schema in named.items()}
