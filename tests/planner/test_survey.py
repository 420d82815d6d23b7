"""The facts in words, as a plan comment shows them."""

from inline_snapshot import snapshot

from planner.facts import PullReference, PullState, Situation
from planner.plan import Check
from planner.repository import FoundChecks
from planner.survey import facts
from planner.words import named_paths, terms
from tests.planner.builders import MemoryRepository, a_request

SHOP = MemoryRepository(
    {"shop/api/orders.py": "", "pyproject.toml": "", "web/app.ts": "", "web/package.json": ""}
)
SUITE = Check(name="pytest -q", argv=("pytest", "-q"), source="pyproject.toml")


def test_facts_tell_the_subject_the_names_the_repository_and_its_checks() -> None:
    request = a_request(
        "Change `orders.py` and shop/export.py for Node.js, see https://example.org/a.py",
        edited_since=True,
    )
    situation = Situation(
        subject_kind="issue",
        number=57,
        locked=True,
        closing=PullReference(number=60, state=PullState.open, ours=True),
        references=(
            PullReference(number=12, state=PullState.merged),
            PullReference(number=9, state=PullState.open, same_repository=False),
        ),
    )
    found = FoundChecks(gate=(SUITE,), notes=("green on base, 41 s",))
    assert facts(request, situation, SHOP, found) == snapshot(
        (
            "issue #57 is open, its conversation locked",
            "pull request #60 (open, opened by baro) is linked as closing it",
            "mentions pull request #12 (merged)",
            "mentions pull request #9 of another repository (open)",
            "its text was edited after this request",
            "names `orders.py` (found at `shop/api/orders.py`)",
            "names `shop/export.py` (not found)",
            "Python, TypeScript, 4 files",
            "manifests: `pyproject.toml`, `web/package.json`",
            "checks: `pytest -q`",
            "green on base, 41 s",
        )
    )


def test_an_empty_survey_says_what_is_missing() -> None:
    situation = Situation(subject_kind="pull", number=3)
    nothing = MemoryRepository({"LICENSE": ""})
    assert facts(a_request("Hello"), situation, nothing, FoundChecks()) == snapshot(
        (
            "pull request #3 is open",
            "no linked pull request",
            "1 file",
            "no checks found: nothing can prove this change",
        )
    )


def test_words_are_taken_apart_at_humps_and_underscores() -> None:
    assert terms("Add the OrderExporter to csv_writer, HTTPClient") == snapshot(
        (
            "add",
            "orderexporter",
            "order",
            "exporter",
            "csv_writer",
            "csv",
            "writer",
            "httpclient",
            "http",
            "client",
        )
    )


def test_paths_in_prose_are_found_and_links_are_not() -> None:
    text = "In shop/api.py, `setup.cfg` and app/[id]/page.tsx. e.g. v1.2 https://x.org/no.py"
    assert named_paths(text) == snapshot(("shop/api.py", "setup.cfg", "app/[id]/page.tsx"))
