"""The bytes before the story block: lean, and the same every time."""

from pydantic import BaseModel, Field

from llm.prefix import lean_schema, opening, tool_specs
from tests.llm.builders import a_job, a_route


class Inner(BaseModel):
    title: str


class Titled(BaseModel):
    """A docstring for us, not for the model."""

    title: str = Field(description="What it is called.")
    inner: list[Inner] = []


def test_titles_go_but_a_field_named_title_stays() -> None:
    assert lean_schema(Titled) == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "What it is called."},
            "inner": {"type": "array", "items": {"$ref": "#/$defs/Inner"}, "default": []},
        },
        "required": ["title"],
        "$defs": {
            "Inner": {
                "type": "object",
                "properties": {"title": {"type": "string"}},
                "required": ["title"],
            }
        },
    }


def test_tools_come_in_the_order_given_and_outputs_after_them() -> None:
    assert [spec.name for spec in tool_specs(a_job(a_route()))] == [
        "read",
        "edit",
        "done",
        "blocked",
    ]


def test_what_stories_share_comes_before_what_they_do_not() -> None:
    assert opening(a_job(a_route(), shared="run", prompt="story")) == ("run", "story")
    assert opening(a_job(a_route(), shared="", prompt="story")) == ("story",)
