"""What a repository's owner may set in `baro.yml`: every key, its default and what it means."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StrictBool, StrictStr

from bot.approvals import Access, ApprovalRule
from llm.meter import Caps as RunCaps
from llm.pricing import Usd
from planner.plan import Check, Frozen, Mode
from planner.repository import FoundChecks

PATH = ".github/baro.yml"
HARD_MOST_STORIES = 32


def _not_a_truth(value: object) -> object:
    """YAML's `yes` is no number."""
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


def _plain_branch(name: str) -> str:
    bad = set(name) & set(" ~^:?*[\\\x7f") or ".." in name or "@{" in name or "//" in name
    if bad or name.startswith(("/", "-", ".")) or name.endswith((".lock", ".")):
        raise ValueError("is not a name that git allows for a branch")
    return name


def _parsable(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"is no command line: {str(error).lower()}") from error
    if not words:
        raise ValueError("is an empty command line")
    return command


def _as_command(value: object) -> object:
    return {"run": value} if isinstance(value, str) else value


def _any_mode(value: object) -> object:
    return None if value == "auto" else value


Whole = Annotated[int, BeforeValidator(_not_a_truth)]
Amount = Annotated[Decimal, BeforeValidator(_not_a_truth), Field(gt=0)]
BranchName = Annotated[
    StrictStr, Field(min_length=1, max_length=100), AfterValidator(_plain_branch)
]
Stories = Annotated[Whole, Field(ge=1, le=HARD_MOST_STORIES)]


class Caps(Frozen):
    sequential: Stories = Field(5, description="most stories of a sequential plan")
    parallel: Stories = Field(12, description="most stories of a parallel plan")
    agents: Annotated[Whole, Field(ge=1, le=16)] = Field(3, description="most agents at once")


class Approve(Frozen):
    who: Literal["write", "maintain", "admin"] = Field("write", description="least access needed")
    requester: StrictBool = Field(
        True, alias="self", description="whether the requester may approve, with access enough"
    )


class RunBudget(Frozen):
    usd: Amount = Field(Decimal("1.00"), description="most dollars of one run")
    tokens: Annotated[Whole, Field(ge=1)] = Field(4_000_000, description="most tokens of one run")
    minutes: Annotated[Whole, Field(ge=1)] = Field(60, description="most minutes of one run")


class Budget(Frozen):
    run: RunBudget = Field(RunBudget(), description="the cap of one run")


class Command(Frozen):
    run: Annotated[StrictStr, AfterValidator(_parsable)]
    name: StrictStr | None = None
    timeout: Annotated[Whole, Field(ge=1, le=7200)] = 900

    def as_check(self) -> Check:
        return Check(
            name=self.name or self.run,
            argv=tuple(shlex.split(self.run)),
            source=PATH,
            timeout_seconds=self.timeout,
        )


Commands = tuple[Annotated[Command, BeforeValidator(_as_command)], ...] | None


class Checks(Frozen):
    """None: what baro finds by itself. An empty list: none at all."""

    setup: Commands = Field(None, description="commands that prepare the checkout, once per run")
    gate: Commands = Field(None, description="checks on the whole change; without it those found")


class Artifacts(Frozen):
    exclude: tuple[StrictStr, ...] = Field((), description="patterns that never belong in a change")
    keep: tuple[StrictStr, ...] = Field((), description="patterns that always belong")
    lockfiles: Literal["auto", "always", "never"] = Field(
        "auto", description="keep a lockfile only if its manifest changed, always, or never"
    )


class Paths(Frozen):
    protected: tuple[StrictStr, ...] = Field((), description="globs a plan must name to write to")


class Branch(Frozen):
    prefix: BranchName = Field("baro/", description="how the names of our branches begin")
    base: BranchName | None = Field(None, description="base branch; without it the default branch")
    delete_after_merge: StrictBool = Field(False, description="delete our branch after the merge")


class RepoConfig(Frozen):
    mode: Annotated[Mode | None, BeforeValidator(_any_mode)] = Field(
        None, description="auto, or one mode for every plan that asks for none"
    )
    caps: Caps = Caps()
    approve: Approve = Approve()
    budget: Budget = Budget()
    checks: Checks = Checks()
    artifacts: Artifacts = Artifacts()
    paths: Paths = Paths()
    branch: Branch = Branch()
    story_refs: Literal["hidden", "visible", "local"] = Field(
        "hidden", description="hidden refs, branches, or nothing of the stories on GitHub"
    )


def approval_rule(config: RepoConfig) -> ApprovalRule:
    return ApprovalRule(Access[config.approve.who], self_approval=config.approve.requester)


def run_caps(config: RepoConfig) -> RunCaps:
    run = config.budget.run
    return RunCaps(usd=Usd(run.usd), tokens=run.tokens, minutes=run.minutes)


def configured_checks(config: RepoConfig, found: FoundChecks) -> FoundChecks:
    """What the owner names instead of what was found."""
    setup, gate = config.checks.setup, config.checks.gate
    return FoundChecks(
        setup=found.setup if setup is None else tuple(each.as_check() for each in setup),
        gate=found.gate if gate is None else tuple(each.as_check() for each in gate),
        notes=found.notes,
    )


@dataclass(frozen=True)
class KeyHelp:
    key: str
    default: str
    meaning: str


def describe() -> tuple[KeyHelp, ...]:
    """Every key with its default and meaning, for the documentation."""
    return tuple(_described(RepoConfig, ""))


def _described(model: type[BaseModel], prefix: str) -> Iterator[KeyHelp]:
    for name, field in model.model_fields.items():
        key, default = f"{prefix}{field.alias or name}", field.default
        if isinstance(default, BaseModel):
            yield from _described(type(default), f"{key}.")
        else:
            yield KeyHelp(key, _shown(default, name), field.description or "")


def _shown(default: object, name: str) -> str:
    if default is None:
        return "auto" if name == "mode" else "–"
    if isinstance(default, bool):
        return str(default).lower()
    return "[]" if default == () else str(default)
