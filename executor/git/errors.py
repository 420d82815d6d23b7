"""What can go wrong with git, each as its own kind.

GitError
├── RemoteRefused     the server answered, and said no
├── RefMoved          a ref is not where the caller last saw it
├── UnknownRef        no such branch, ref or object
├── Unreachable       the server could not be reached, failed or went silent
├── BadToken          the server does not accept the token
├── UnsafeUrl         an address that may not be spoken to
├── UnsafeTree        a tree or a path that may not be written
├── SecretFound       something about to leave holds a secret
├── Cancelled         the caller asked to stop
├── Busy              somebody else holds the workspace
└── GitFailed         the git command line failed as a tool, which is never a conflict
    └── GitKilled     ... because a signal ended it: try again
"""

from collections.abc import Sequence


class GitError(Exception):
    """Anything git could not do."""


class RemoteRefused(GitError):
    """The server's own word is the message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RefMoved(GitError):
    """None stands for a ref that does not exist."""

    def __init__(self, ref: str, expected: str | None, found: str | None) -> None:
        super().__init__(f"{ref} is at {found or 'nothing'}, not at {expected or 'nothing'}")
        self.ref, self.expected, self.found = ref, expected, found


class UnknownRef(GitError):
    """No such branch, ref or object."""


class Unreachable(GitError):
    """The server could not be reached, failed or went silent."""


class BadToken(GitError):
    """The server does not accept the token, or asks for it from another host."""


class UnsafeUrl(GitError):
    """Only https is spoken, and http to this machine."""


class UnsafeTree(GitError):
    """A tree or a path that may not be written."""


class SecretFound(GitError):
    """Names the places and the kinds of secret; never the secret."""

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(f"not pushed, it holds a secret: {', '.join(places)}")
        self.places = tuple(places)


class Cancelled(GitError):
    """The caller asked to stop."""


class Busy(GitError):
    """Somebody else holds the workspace."""


class GitFailed(GitError):
    """The git command line failed as a tool, which is never a conflict."""

    def __init__(self, command: str, code: int, stderr: str) -> None:
        super().__init__(f"git {command} ended with {code}: {stderr[-500:].strip()}")
        self.command, self.code = command, code


class GitKilled(GitFailed):
    """A signal ended it: infrastructure, so the same call may be tried again."""
