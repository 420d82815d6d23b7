"""Arguments as models write them."""

import pytest
from pydantic import BaseModel

from llm.calling import Malformed, closing, parse
from llm.conversation import Call


class Edit(BaseModel):
    path: str
    lines: list[int] = []


def parsed(arguments: str) -> Edit:
    return parse(Call("c", "edit", arguments), Edit)


@pytest.mark.parametrize(
    "arguments",
    ['{"path": "a", "lines": [1]}', '{"path": "a", "lines": [1', '{"path": "a", "lines": [1]'],
)
def test_brackets_left_open_are_closed(arguments: str) -> None:
    assert parsed(arguments) == Edit(path="a", lines=[1])


def test_a_raw_line_break_in_a_string_is_taken_as_meant() -> None:
    assert parsed('{"path": "a\nb"}').path == "a\nb"


@pytest.mark.parametrize("arguments", ['{"path": "half a pa', '{"path": "a\\', "no json", "[1"])
def test_a_text_cut_inside_a_string_is_never_completed(arguments: str) -> None:
    with pytest.raises(Malformed):
        parsed(arguments)


@pytest.mark.parametrize(
    ("text", "missing"),
    [('{"a": [{"b": "}]\\""', "}]}"), ('{"a": "x', ""), ("{}", ""), ("", "")],
)
def test_only_what_is_open_is_closed(text: str, missing: str) -> None:
    assert closing(text) == missing
