"""Prompts from `prompts/*.md.j2`; a name that nobody defined is an error, not an empty line."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planner.data import as_data

_PROMPTS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "prompts"),
    undefined=StrictUndefined,
    # Markdown for a model, not HTML for a browser: escaping would garble code.
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PROMPTS.filters["data"] = as_data


def render(prompt: str, **values: object) -> str:
    return _PROMPTS.get_template(f"{prompt}.md.j2").render(**values).strip()
