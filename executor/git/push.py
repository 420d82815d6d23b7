"""One ref on the server, moved under a lease and searched for secrets before it leaves."""

from threading import Event

from executor.events import Sha
from executor.git.engine import opened
from executor.git.errors import SecretFound, UnknownRef
from executor.git.leaks import leaks
from executor.git.mirror import Mirror, Remote
from executor.git.transport import Conversation


def push(
    mirror: Mirror,
    remote: Remote,
    *,
    sha: Sha,
    ref: str,
    expect: Sha | None,
    cancel: Event | None = None,
) -> None:
    """Set the server's `ref` to `sha` if it is at `expect` (None: absent).

    Done already counts as done, so a push whose answer was lost may be repeated. Otherwise
    `RefMoved`, or `RemoteRefused` with the server's word; nothing leaves on `SecretFound`.
    """
    repository = opened(mirror.path)
    if sha not in repository:
        raise UnknownRef(f"no commit {sha}")
    found = leaks(mirror, sha)
    if found:
        raise SecretFound(found)
    conversation = Conversation(repository, remote.url, remote.token, cancel=cancel)
    conversation.push(f"+{sha}:{ref}", ref, expect=expect, to=sha)


def delete(
    mirror: Mirror, remote: Remote, *, ref: str, expect: Sha | None, cancel: Event | None = None
) -> None:
    """Remove the server's `ref` if it is at `expect`; one that is gone already is fine."""
    repository = opened(mirror.path)
    conversation = Conversation(repository, remote.url, remote.token, cancel=cancel)
    conversation.push(f":{ref}", ref, expect=expect, to=None)
