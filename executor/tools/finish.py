"""The two ways a story's agent may finish."""

from pydantic import BaseModel, Field

from llm.backend import Output


class Done(BaseModel):
    """A claim: what is true is found out by running the checks."""

    summary: str = Field(description="what changed and why, one to three sentences")
    tests_run: list[str] = []


class Blocked(BaseModel):
    """Why the story cannot be done as planned; `amend` asks for more to write to."""

    reason: str
    amend: list[str] = Field(default=[], description="globs that you would need to write")


OUTPUTS = (
    Output("done", "The goal is reached and its tests pass.", Done),
    Output("blocked", "The story cannot be done as planned.", Blocked),
)
