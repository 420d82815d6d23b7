"""`BARO_ROUTES`, read strictly: the first thing wrong is named by its key.

`BARO_ROUTES` is YAML or JSON. Everything in it is optional:

    endpoints:                         # beside `openai` and `anthropic`, from the vendors' keys
      deepseek:                        # its key is BARO_KEY_DEEPSEEK
        kind: openai-chat              # or openai-responses, anthropic
        base_url: https://api.deepseek.com/v1
    routes:
      default: {endpoint: openai, model: gpt-5.6-terra}          # for every phase not named here
      draft: {endpoint: anthropic, model: claude-opus-5-5, effort: high}
      story:                           # a phase is one route, a ladder, or one of both per tier
        light: {endpoint: deepseek, model: deepseek-v4-flash, price: {input: 0.30, output: 1.20}}
        default:                       # a ladder: the first is tried first, the next is stronger
          - {endpoint: openai, model: gpt-5.6-luna}
          - {endpoint: openai, model: gpt-5.6-sol, effort: high}

A phase that neither it nor `default` names keeps the route which the vendors' keys give it.
A route may be prepared replies: `{backend: scripted, script: /path/to/script.yaml}`; alone, as the
whole text, it answers every phase. `price` is in dollars per million tokens and always wins; a
list of them is dated by `since: 2026-11-01`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, SecretStr, Tag, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from llm.default_routes import ladders_from
from llm.routing import (
    Effort,
    Endpoint,
    EndpointKind,
    Ladder,
    Ladders,
    Phase,
    Rates,
    Route,
    Routes,
    Tier,
)


class RoutesError(ValueError):
    """`BARO_ROUTES` cannot be used; one line that names the key."""


def parse_routes(text: str, keys: Mapping[str, str], vendors: Sequence[Endpoint] = ()) -> Routes:
    """`keys` are those of BARO_KEY_<NAME>, by that name in lower case (`my-own` is `my_own`)."""
    table = _read(text)
    endpoints = {endpoint.name: endpoint for endpoint in vendors}
    for name, written in table.endpoints.items():
        endpoints[name] = _endpoint(name, written, keys)
    ladders: Ladders = {} if "default" in table.routes else ladders_from(vendors)
    named = sorted(table.routes.items(), key=lambda item: item[0] != "default")
    for phase, entry in named:
        ladders |= _ladders(phase, entry, endpoints)
    return Routes(ladders=ladders)


class _Endpoint(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: EndpointKind
    base_url: str


class _Route(BaseModel):
    model_config = ConfigDict(extra="forbid")

    backend: Literal["in-process"] = "in-process"
    endpoint: str
    model: str
    effort: Effort | None = None
    price: Rates | list[Rates] = []


class _Prepared(BaseModel):
    model_config = ConfigDict(extra="forbid")

    backend: Literal["scripted"]
    script: Path
    model: str = "prepared-replies"


def _shape(written: object) -> str:
    """Which form was meant: an error names the key in that form, not in each possible one."""
    if isinstance(written, list):
        return "ladder"
    if not isinstance(written, dict) or not written.keys() & {"endpoint", "model", "backend"}:
        return "tiers"
    return "prepared" if written.get("backend") == "scripted" else "route"


_RouteTag = Annotated[_Route, Tag("route")]
_PreparedTag = Annotated[_Prepared, Tag("prepared")]
_Rung = Annotated[_RouteTag | _PreparedTag, Discriminator(_shape)]
_LadderTag = Annotated[list[_Rung], Tag("ladder")]
_Rungs = Annotated[_RouteTag | _PreparedTag | _LadderTag, Discriminator(_shape)]
_TAGS = ("route", "prepared", "ladder", "tiers")
_PhaseName = Literal[
    "default", "intake", "architect", "draft", "story", "critic", "surgeon", "resolve"
]


class _Tiers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default: _Rungs | None = None
    light: _Rungs | None = None
    standard: _Rungs | None = None
    heavy: _Rungs | None = None


_Entry = Annotated[
    _RouteTag | _PreparedTag | _LadderTag | Annotated[_Tiers, Tag("tiers")], Discriminator(_shape)
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    endpoints: dict[str, _Endpoint] = {}
    routes: dict[_PhaseName, _Entry] = {}


def _read(text: str) -> _Table:
    try:
        data = YAML(typ="safe", pure=True).load(StringIO(text))
    except YAMLError as error:
        raise RoutesError(f"BARO_ROUTES is neither YAML nor JSON: {_line(error)}") from error
    if isinstance(data, dict) and "backend" in data:
        data = {"routes": {"default": data}}
    try:
        return _Table.model_validate(data)
    except ValidationError as error:
        raise RoutesError(_first_problem(error)) from error


def _endpoint(name: str, written: _Endpoint, keys: Mapping[str, str]) -> Endpoint:
    known_as = name.lower().replace("-", "_")
    key = keys.get(known_as)
    if key is None:
        variable = f"BARO_KEY_{known_as.upper()}"
        raise RoutesError(f"BARO_ROUTES: endpoints.{name} has no key; set {variable}")
    return Endpoint(name=name, kind=written.kind, base_url=written.base_url, key=SecretStr(key))


def _ladders(name: _PhaseName, entry: _Entry, endpoints: Mapping[str, Endpoint]) -> Ladders:
    phases = list(Phase) if name == "default" else [Phase(name)]
    tiers = entry if isinstance(entry, _Tiers) else _Tiers.model_construct(default=entry)
    ladders: Ladders = {}
    for tier in Tier:
        rungs = getattr(tiers, tier) or tiers.default
        if rungs is not None:
            where = f"routes.{name}.{tier}" if isinstance(entry, _Tiers) else f"routes.{name}"
            ladder = _ladder(rungs, endpoints, where)
            ladders |= {(phase, tier): ladder for phase in phases}
    return ladders


def _ladder(rungs: _Rung | list[_Rung], endpoints: Mapping[str, Endpoint], where: str) -> Ladder:
    written = rungs if isinstance(rungs, list) else [rungs]
    return tuple(_route(rung, endpoints, where) for rung in written)


def _route(rung: _Rung, endpoints: Mapping[str, Endpoint], where: str) -> Route:
    if isinstance(rung, _Prepared):
        return Route(backend="scripted", model=rung.model, script=rung.script)
    if rung.endpoint not in endpoints:
        known = ", ".join(sorted(endpoints)) or "none; set a vendor's key"
        raise RoutesError(
            f"BARO_ROUTES: {where} names the endpoint {rung.endpoint}; there are: {known}"
        )
    return Route(
        model=rung.model,
        effort=rung.effort,
        endpoint=endpoints[rung.endpoint],
        price=tuple(rung.price) if isinstance(rung.price, list) else (rung.price,),
    )


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    names = [str(part) for part in problem["loc"] if part not in (*_TAGS, "[key]")]
    return f"BARO_ROUTES: {'.'.join(names) or 'the whole'}: {problem['msg']}"


def _line(error: YAMLError) -> str:
    return " ".join(str(error).split())[:200]
