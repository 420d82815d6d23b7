"""Check what was said against GitHub's description, and keep what did not fit."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from jsonschema.exceptions import (  # type: ignore[import-untyped]
    ValidationError,
    best_match,
)
from jsonschema.validators import extend  # type: ignore[import-untyped]

from infra.hub.openapi.description import Operation, Schema, component, operation
from infra.hub.openapi.description import webhook as described_webhook
from infra.hub.openapi.violation import Violation
from infra.hub.rest.dispatch import Request, Response
from infra.hub.state.world import Json, Notice

# The description's path for the root folder is the one for any folder.
_ALIASES = {"/repos/{owner}/{repo}/contents": "/repos/{owner}/{repo}/contents/{path}"}
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", ValueError)  # type: ignore[untyped-decorator]
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value) is not None


def _follow(
    validator: Draft202012Validator, address: str, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    """A reference is one of the components; jsonschema's registry would crawl it each time."""
    del schema
    yield from validator.descend(instance, component(address))


_Validator = extend(Draft202012Validator, {"$ref": _follow})


def check_call(request: Request, response: Response) -> list[Violation]:
    """A request that GitHub refused may be wrong; one that it took must be right."""
    name = f"{request.method} {request.path}"
    if response.route is None:
        return [Violation(name, "unknown operation")]
    template = response.route.template.rstrip("/")
    described = operation(request.method, _ALIASES.get(template, template))
    if described is None:
        return [Violation(name, "the hub answers what no description holds")]
    found = _response(described, response)
    if response.status < 300:
        found += [*_query(described, request.query), *_body(described, request.body)]
    return [Violation(described.name, each) for each in found]


def _response(described: Operation, response: Response) -> list[str]:
    status = response.status
    if status in _ANYWHERE:
        return []
    if status not in described.responses:
        if status < 400:
            return [f"status {status} is not described"]
        return _problems(_ERROR, response.value, f"response {status}")
    schema = described.responses[status]
    if schema is None or response.value is None:
        return []
    return _problems(schema, response.value, f"response {status}")


# Said of every operation in prose: conditional requests, and repositories that moved.
_ANYWHERE = {301, 304, 307}
_ERROR: Schema = {"$ref": "basic-error", "required": ["message"]}


def _query(described: Operation, query: dict[str, str]) -> list[str]:
    found = [
        f"query {name} is missing"
        for place, _, name in (each.partition(":") for each in described.required)
        if place == "query" and name not in query
    ]
    for name, text in query.items():
        schema = described.parameters.get(f"query:{name}")
        if schema is None:
            found.append(f"query {name} is not described")
        else:
            found += _problems(schema, _read(schema, text), f"query {name}")
    return found


def _read(schema: Schema, text: str) -> object:
    kinds = {each.get("type") for each in [schema, *schema.get("oneOf", [])]}
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    return text.split(",") if "array" in kinds else text


def _body(described: Operation, body: bytes) -> list[str]:
    if described.body is None or not body:
        return []
    return _problems(described.body, json.loads(body), "request")


def check_webhook(notice: Notice, payload: Json) -> list[Violation]:
    name = notice.event if notice.action is None else f"{notice.event}-{notice.action}"
    name = name.replace("_", "-")
    schema = described_webhook(name)
    if schema is None:
        return [Violation(f"webhook {name}", "unknown event")]
    return [Violation(f"webhook {name}", each) for each in _problems(schema, payload, "payload")]


def _problems(schema: Schema, value: object, what: str) -> list[str]:
    validator = _validator(_Kept(schema))
    if validator.is_valid(value):
        return []
    error = best_match(validator.iter_errors(value))
    path = "/".join(str(part) for part in error.absolute_path)
    return [f"{what} at /{path}: {error.message[:300]}"]


class _Kept:
    """Schemas are cached for good, so that their identity can stand for them."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.schema is self.schema

    def __hash__(self) -> int:
        return id(self.schema)


@cache
def _validator(kept: _Kept) -> Draft202012Validator:
    return _Validator(kept.schema, format_checker=_FORMATS)
