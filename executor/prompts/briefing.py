"""What a story's agent is told: fixed words, words shared by the run, and words of its own."""

import shlex
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from executor.failure import Failure
from planner.plan import Check, Plan, Story
from planner.repository import RepositoryView

CONVENTIONS = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", ".github/CONTRIBUTING.md")
MOST_CHARACTERS = 6_000


@lru_cache
def system() -> str:
    """Fixed per release."""
    return _render("story_system.md.j2")


def shared_block(plan: Plan, view: RepositoryView) -> str:
    """The same bytes for every story of a run, so that models read it from their cache."""
    path, text = _conventions(view)
    return _render("story_shared.md.j2", plan=plan, conventions=text, conventions_path=path)


def story_block(plan: Plan, story: Story, attempt: int, feedback: Failure | None) -> str:
    """What differs: the story, its surface and criteria, and how the last attempt failed."""
    return _render(
        "story.md.j2",
        story=story,
        attempt=attempt,
        criteria=[one for one in plan.criteria if one.id in story.acceptance],
        checks=[
            {"name": check.name, "command": shlex.join(check.argv)}
            for check in checks_of(plan, story)
        ],
        feedback=feedback,
    )


def checks_of(plan: Plan, story: Story) -> tuple[Check, ...]:
    """The story's own checks; one without any answers to the whole gate."""
    return story.checks or plan.gate


def _conventions(view: RepositoryView) -> tuple[str, str]:
    for path in CONVENTIONS:
        content = view.read(path)
        if content is not None:
            text = content.decode(errors="replace").strip()
            rest = len(text) - MOST_CHARACTERS
            return path, text[:MOST_CHARACTERS] + (f"\n[{rest} more]" if rest > 0 else "")
    return "", ""


def _render(template: str, **values: object) -> str:
    return _templates().get_template(template).render(values).strip() + "\n"


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
