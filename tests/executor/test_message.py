"""A commit's message says what was done and acts on nothing."""

import pytest

from executor.message import Trailers, story_message
from tests.support.builders import a_story


def test_the_subject_is_the_title_and_the_trailers_are_last() -> None:
    story = a_story("s1", title="CSV\nexporter")
    said = story_message(story, "Writes rows.", Trailers("r7", "maya <1+maya@example.org>"))
    assert said == (
        "CSV exporter\n\nWrites rows.\n\n"
        "Baro-Run: r7\nBaro-Story: s1\nCo-authored-by: maya <1+maya@example.org>\n"
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Fixes #12.", "Fixes issue 12."),
        ("closes: acme/shop#3", "closes: issue 3"),
        ("Thanks @maya", "Thanks maya"),
        ("a@example.org stays", "a@example.org stays"),
        ("Done.\nReviewed-by: nobody", "Done.\n> Reviewed-by: nobody"),
    ],
)
def test_words_that_would_act_are_only_words(written: str, kept: str) -> None:
    said = story_message(a_story("s1", title="T"), written, Trailers("r7"))
    assert said.split("\n\n")[1] == kept
