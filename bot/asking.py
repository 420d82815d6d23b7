"""What somebody asked, as it waits in the database to be planned."""

from typing import Literal

from planner.plan import Frozen
from planner.request import Request


class Asking(Frozen):
    """A request with its way back. `pull` is set where the work belongs on that pull request.

    `is_approval`: the command itself approves what comes of it, under the follow-up cap.
    """

    request: Request
    kind: Literal["plan", "fix"] = "plan"
    pull: int | None = None
    is_approval: bool = False
