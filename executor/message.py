"""The message of a story's commit, with the trailers that tie it to its run."""

from dataclasses import dataclass

from planner.plan import Story


@dataclass(frozen=True)
class Trailers:
    """`requester` is a ready `Name <e-mail>`, or None where nobody is to be named."""

    run: str
    requester: str | None = None


def story_message(story: Story, summary: str, trailers: Trailers) -> str:
    """Subject, what the story says it did, and who asked."""
    lines = [f"Baro-Run: {trailers.run}", f"Baro-Story: {story.id}"]
    if trailers.requester:
        lines.append(f"Co-authored-by: {trailers.requester}")
    parts = [story.title.strip(), summary.strip(), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"
