"""GitHub's description: its operations and webhooks, as JSON Schemas that can be checked."""

import gzip
import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

# Parsed JSON of a published document: `Any` ends at `Operation`.
Schema = dict[str, Any]

_HERE = Path(__file__).parent
_REF = "#/components/schemas/"


@dataclass(frozen=True)
class Operation:
    name: str
    parameters: dict[str, Schema]  # by `in:name`
    body: Schema | None
    responses: dict[int, Schema | None]
    required: frozenset[str] = field(default_factory=frozenset)


@lru_cache(maxsize=1)
def document() -> Schema:
    with gzip.open(_HERE / "openapi-slice.json.gz") as file:
        slice_: Schema = json.load(file)
    supplement: Schema = json.loads((_HERE / "supplement.json").read_text())
    for path, operations in supplement["paths"].items():
        slice_["paths"].setdefault(path, {}).update(operations)
    slice_["components"]["schemas"].update(supplement["components"]["schemas"])
    for correction in supplement["x-corrections"]:
        _correct(slice_["components"]["schemas"], correction)
    slice_["x-webhooks"].update(supplement["x-webhooks"])
    return slice_


def _correct(schemas: Schema, correction: Schema) -> None:
    """Where the description is known to deny what GitHub answers."""
    found: Any = schemas
    for key in correction["path"].split("/"):
        found = found[key]
    found.update(correction["add"])


@cache
def operation(method: str, template: str) -> Operation | None:
    found = document()["paths"].get(template, {})
    described = found.get(method.lower())
    if described is None:
        return None
    every = [_followed(each) for each in [*found.get("parameters", []), *_parameters(described)]]
    parameters = {f"{each['in']}:{each['name']}": converted(each["schema"]) for each in every}
    body = described.get("requestBody")
    return Operation(
        name=f"{method} {template}",
        parameters=parameters,
        body=_json(body) if body else None,
        responses={
            int(status): _json(_followed(response))
            for status, response in described["responses"].items()
            if status.isdigit()
        },
        required=frozenset(
            f"{each['in']}:{each['name']}" for each in every if each.get("required")
        ),
    )


def _parameters(described: Schema) -> list[Schema]:
    found: list[Schema] = described.get("parameters", [])
    return found


def _followed(part: Schema) -> Schema:
    """Parameters and responses may stand elsewhere in the document."""
    if "$ref" not in part:
        return part
    found: Any = document()
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return dict(found)


def _json(part: Schema) -> Schema | None:
    schema = part.get("content", {}).get("application/json", {}).get("schema")
    return None if schema is None else converted(schema)


@cache
def webhook(name: str) -> Schema | None:
    found = document()["x-webhooks"].get(name)
    return None if found is None else _json(found["post"]["requestBody"])


@cache
def component(name: str) -> Schema:
    return converted(document()["components"]["schemas"][name])


def converted(schema: Schema | None) -> Schema:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, references become names."""
    if schema is None:  # the published document has a few holes
        return {}
    # The published alternatives overlap: one error fits several of them.
    names = {"oneOf": "anyOf"}
    shown = {names.get(key, key): _converted_value(key, value) for key, value in schema.items()}
    if not shown.pop("nullable", False):
        return shown
    if isinstance(shown.get("type"), str) and "enum" not in shown:
        return {**shown, "type": [shown["type"], "null"]}
    return {"anyOf": [{"type": "null"}, shown]}


_PLAIN = {"example", "examples", "default", "enum", "required", "description", "title"}
_NAMED = {"properties", "patternProperties"}


def _converted_value(key: str, value: Any) -> Any:
    if key in _PLAIN:
        return value
    if key == "$ref":
        return value.removeprefix(_REF)
    if key in _NAMED:
        return {name: converted(each) for name, each in value.items()}
    if isinstance(value, dict):
        return converted(value)
    if isinstance(value, list):
        return [converted(each) if isinstance(each, dict) else each for each in value]
    return value
