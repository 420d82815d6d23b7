"""Prepared replies as a file: which words a model says, chosen by what it was asked.

    scenes:
      - phase: story
        match: ["CSV exporter"]          # each is a regular expression found in the prompt
        attempt: 1                       # optional
        turns:
          - calls: [{tool: read, args: {path: shop/csv.py}}]
          - calls: [{tool: run, args: {command: "python -m unittest"}}]
            delay_seconds: 0.2           # optional
            hold: /tmp/point             # optional: makes /tmp/point.held, waits for /tmp/point
          - when_result_contains: FAILED # optional: a turn that does not fit is passed over
            calls: [{tool: edit, args: {path: shop/csv.py, old: a, new: b}}]
          - text: optional, beside calls or alone
            calls: [{tool: done, args: {summary: CSV is exported}}]

The first scene that fits is played. Which turn comes next follows from the conversation alone,
never from the order of calls: turns are taken one by one, and a conditional one only when the
results of the model's last calls fit it. So the same replies come back after a crash, and on
another worker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeFloat, field_validator
from ruamel.yaml import YAML

from llm.routing import Phase


class ScriptCall(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    # Text instead of a mapping is sent as it is: the way to script arguments that are no JSON.
    args: dict[str, JsonValue] | str = {}


class ScriptTurn(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: tuple[ScriptCall, ...] = ()
    text: str = ""
    delay_seconds: NonNegativeFloat = 0
    hold: Path | None = None
    when_result_contains: str | None = None
    unless_result_contains: str | None = None

    def fits(self, results: str) -> bool:
        if self.when_result_contains is not None and self.when_result_contains not in results:
            return False
        return self.unless_result_contains is None or self.unless_result_contains not in results


class Scene(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: Phase
    match: tuple[str, ...] = ()
    attempt: int | None = None
    turns: tuple[ScriptTurn, ...]

    @field_validator("match", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def fits(self, phase: Phase, prompt: str, attempt: int | None) -> bool:
        if self.phase is not phase or not all(re.search(one, prompt) for one in self.match):
            return False
        return self.attempt is None or attempt is None or self.attempt == attempt


class Script(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    scenes: tuple[Scene, ...]

    def scene(self, phase: Phase, prompt: str, attempt: int | None) -> Scene | None:
        return next((scene for scene in self.scenes if scene.fits(phase, prompt, attempt)), None)


def load_script(path: Path) -> Script:
    return parse_script(path.read_text("utf-8"))


def parse_script(text: str) -> Script:
    return Script.model_validate(YAML(typ="safe", pure=True).load(StringIO(text)))


def turn_for(scene: Scene, results: Sequence[str]) -> ScriptTurn | None:
    """The next turn, given what stood before each model turn so far, the next one included.

    `results[0]` is what stood before the first turn: nothing.
    """
    turns = iter(scene.turns)
    turn = None
    for before in results:
        turn = next((turn for turn in turns if turn.fits(before)), None)
    return turn
