"""The files of an organisation and a repository become one strict configuration."""

from decimal import Decimal

import pytest

from bot.approvals import Access, ApprovalRule
from bot.config_files import Broken, Loaded, Source, load
from bot.repo_config import (
    RepoConfig,
    approval_rule,
    configured_checks,
    describe,
    run_caps,
)
from planner.plan import Check, Mode
from planner.repository import FoundChecks
from tests.support.builders import SUITE

FILE = ".github/baro.yml"


def loaded(text: str) -> RepoConfig:
    found = load(Source(FILE, text))
    assert isinstance(found, Loaded), found
    return found.config


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "caps:\n  # agents: 2\n", "mode: auto\n"])
def test_what_is_not_set_is_a_default(text: str) -> None:
    assert loaded(text) == RepoConfig()


def test_every_key_can_be_set() -> None:
    config = loaded("""\
mode: sequential
caps: {sequential: 4, parallel: 8, agents: 2}
approve: {who: maintain, self: false}
budget: {run: {usd: 0.50, tokens: 1000000, minutes: 30}}
checks:
  setup: [npm ci]
  gate:
    - pytest -q
    - {name: lint, run: ruff check ., timeout: 60}
artifacts: {exclude: [out/], keep: [dist/app.js], lockfiles: always}
paths: {protected: [infra/**]}
branch: {prefix: bot/, base: develop, delete_after_merge: true}
story_refs: local
""")
    assert config.mode is Mode.sequential
    assert approval_rule(config) == ApprovalRule(Access.maintain, self_approval=False)
    assert run_caps(config).usd == Decimal("0.50")
    assert config.branch.delete_after_merge
    found = FoundChecks(setup=(), gate=(SUITE,), notes=("python",))
    assert configured_checks(config, found) == FoundChecks(
        setup=(Check(name="npm ci", argv=("npm", "ci"), source=FILE),),
        gate=(
            Check(name="pytest -q", argv=("pytest", "-q"), source=FILE),
            Check(name="lint", argv=("ruff", "check", "."), source=FILE, timeout_seconds=60),
        ),
        notes=("python",),
    )


def test_checks_that_nobody_names_are_those_found() -> None:
    found = FoundChecks(gate=(SUITE,))
    assert configured_checks(RepoConfig(), found) == found
    assert configured_checks(loaded("checks: {gate: []}"), found).gate == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("mode: focused\ncapz: 3", "line 2: `capz` is unknown; did you mean `caps`?"),
        (
            "caps:\n  agents: 3\n  agentz: 3",
            "line 3: `caps.agentz` is unknown; did you mean `caps.agents`?",
        ),
        ("commits: api", "line 1: `commits` is unknown"),
        ("caps: 3", "line 1: `caps` should hold keys and values"),
        ("caps:\n  agents: 99", "line 2: `caps.agents` should be less than or equal to 16"),
        ("caps: {agents: true}", "line 1: `caps.agents` should be a number"),
        ("caps: {agents: 2.5}", "line 1: `caps.agents` should be a whole number"),
        ("approve: {self: maybe}", "line 1: `approve.self` should be true or false"),
        ("approve: {who: read}", "line 1: `approve.who` should be 'write', 'maintain' or 'admin'"),
        ("checks:\n  gate: pytest", "line 2: `checks.gate` should be a list"),
        (
            "checks:\n  gate:\n    - echo 'open",
            "line 3: `checks.gate.0` is no command line: no closing quotation",
        ),
        (
            "branch:\n  prefix: a b",
            "line 2: `branch.prefix` is not a name that git allows for a branch",
        ),
        ("mode: focused\nmode: parallel", "line 2: `mode` is set twice"),
        ("- caps", "line 1: a configuration is keys and values"),
        ("1: 2", "line 1: `1` is unknown"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(text: str, error: str) -> None:
    assert str(load(Source(FILE, text))) == f"{FILE}, {error}"


@pytest.mark.parametrize(
    "text",
    ["a: [", "\tmode: focused", "mode: \x07", "{" * 5000],
)
def test_what_is_no_yaml_is_named_with_its_line(text: str) -> None:
    broken = load(Source(FILE, text))
    assert isinstance(broken, Broken)
    assert (broken.file, broken.key) == (FILE, "")


@pytest.mark.parametrize(
    "text",
    [
        "paths: {protected: &a [*a]}",
        "a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n"
        "d: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]",
        "# " + "x" * 70_000,
    ],
)
def test_aliases_without_end_and_huge_files_are_refused(text: str) -> None:
    assert isinstance(load(Source(FILE, text)), Broken)


def test_the_repositorys_word_stands_over_its_organisations_key_by_key() -> None:
    organisation = Source("acme/.github baro.yml", "caps: {agents: 2, parallel: 4}\nmode: focused")
    repository = Source(FILE, "caps: {agents: 5}\nartifacts: {exclude: [out/]}")
    found = load(organisation, repository)
    assert isinstance(found, Loaded)
    assert (found.config.caps.agents, found.config.caps.parallel) == (5, 4)
    assert dict(found.origins) == {
        "caps.agents": FILE,
        "caps.parallel": "acme/.github baro.yml",
        "mode": "acme/.github baro.yml",
        "artifacts.exclude": FILE,
    }


def test_a_mistake_of_the_organisation_carries_its_own_name() -> None:
    found = load(Source("acme/.github baro.yml", "capz: 1"), Source(FILE, ""))
    assert isinstance(found, Broken)
    assert found.file == "acme/.github baro.yml"


def test_every_key_says_what_it_means() -> None:
    assert all(each.meaning for each in describe())
    assert len({each.key for each in describe()}) == len(describe())
