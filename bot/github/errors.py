"""What GitHub can answer instead of what was asked.

GitHubError
├── Refused            an answer, repeating changes nothing
│   ├── NotThere       404 or 410: not there, or not for us
│   │   └── Uninstalled  the App is not installed there any more
│   ├── Unauthorised   401 after one fresh token
│   ├── Forbidden      403: a permission is missing, the issue is locked, ...
│   │   └── Suspended  the installation is switched off by its owner
│   └── Invalid        422, 409, 405: the request makes no sense in the present state
└── TryLater           may pass by itself
    ├── Limited        rate limit; `until` says when the installation may call again
    └── Unanswered     network, timeout or 5xx: a write may have happened
"""

from datetime import datetime


class GitHubError(Exception):
    """Every failure of a call to GitHub; the text names method, path and GitHub's message."""


class Refused(GitHubError):
    """An answer that repeating does not change."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class NotThere(Refused):
    """404 or 410."""


class Uninstalled(NotThere):
    """No token can be had: the installation was deleted, or the repository left it."""


class Unauthorised(Refused):
    """401, even with a token minted a moment ago."""


class Forbidden(Refused):
    """403 that is no rate limit."""


class Suspended(Forbidden):
    """The installation was suspended; work waits until it is back."""


class Invalid(Refused):
    """405, 409, 422."""


class TryLater(GitHubError):
    """The same call may pass later."""


class Limited(TryLater):
    """A rate limit was met; nothing of this installation is called before `until`."""

    def __init__(self, text: str, until: datetime) -> None:
        super().__init__(text)
        self.until = until


class Unanswered(TryLater):
    """No usable answer came. After a write: look first whether it happened, then repeat."""
