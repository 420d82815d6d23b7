"""One story from prepared words, with the real loop, tools, sandbox and checks."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from executor.sandbox.bubblewrap import Bubblewrap
from executor.story import Passed, attempt
from llm.backend import Step
from llm.backends import backend_for
from tests.executor.house import a_house

SCRIPT = """\
scenes:
  - phase: story
    attempt: 1
    match: ["Story s1: Count every price", "Attempt 1"]
    turns:
      - calls:
          - {tool: read, args: {path: shop/price.py}}
          - {tool: search, args: {pattern: "def total", glob: "shop/*.py"}}
      - calls: [{tool: run, args: {command: "python3 -m unittest discover -s tests -t ."}}]
      - when_result_contains: "FAILED (failures=1)"
        calls: [{tool: edit, args: {path: shop/price.py, old: "prices[1:]", new: "prices"}}]
      - calls: [{tool: run, args: {command: "python3 -m unittest discover -s tests -t ."}}]
      - when_result_contains: "exit 0"
        calls: [{tool: done, args: {summary: Sum all prices.}}]
"""

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="install the package bubblewrap"
)


@needs_bubblewrap
async def test_prepared_words_drive_everything_that_is_real(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    script = house.folder / "script.yaml"
    script.write_text(SCRIPT)
    route = house.task().route.model_copy(update={"script": script})
    steps: list[Step] = []
    ground = replace(
        house.ground,
        sandbox=Bubblewrap(),
        backend=backend_for(route, lambda: datetime(2025, 11, 21, tzinfo=UTC)),
        on_step=steps.append,
    )
    outcome = await attempt(house.task(route=route), ground)
    assert isinstance(outcome, Passed)
    assert [one.counts and one.counts.passed for one in outcome.evidence] == [1]
    assert [step.tool for step in steps if step.tool != "done"] == [
        "read",
        "search",
        "run",
        "edit",
        "run",
    ]
