"""What a person asked, free of GitHub: the goal, the thread around it and who asked."""

from datetime import datetime

from planner.plan import Frozen, Mode


class Person(Frozen):
    """Somebody, by the id that survives a rename."""

    id: int
    login: str


class Remark(Frozen):
    """A comment that may inform the plan: written before the request by somebody trusted."""

    author: Person
    text: str
    at: datetime


class Request(Frozen):
    """One request. `goal` is the trigger's own text; `words` what followed the command, if any."""

    title: str
    goal: str
    words: str = ""
    mode: Mode | None = None
    remarks: tuple[Remark, ...] = ()
    answers: tuple[str, ...] = ()
    asked_by: Person
    at: datetime
    edited_since: bool = False
