"""The refs a run keeps its commits under, here and on the remote."""

from typing import Literal

from executor.events import RunId, Sha
from executor.git.errors import RefMoved
from executor.git.mirror import Mirror, Remote
from executor.git.push import push
from planner.plan import StoryId

StoryRefs = Literal["hidden", "visible", "local"]


def story_ref(run: RunId, story: StoryId) -> str:
    """Where a story's commit is kept, in the mirror and hidden on the remote."""
    return f"refs/baro/{run}/{story}"


def head_ref(run: RunId) -> str:
    """The run branch. Story ids start with a letter or digit, so no story has this name."""
    return f"refs/baro/{run}/_head"


def remote_ref(ref: str, story_refs: StoryRefs) -> str:
    """The name on the remote: *visible* makes a branch of a hidden ref."""
    return ref.replace("refs/baro/", "refs/heads/baro/", 1) if story_refs == "visible" else ref


def publish(mirror: Mirror, remote: Remote, ref: str, commit: Sha) -> None:
    """Put a run's ref on the remote; finding it there already is success.

    Raises:
        RefMoved: somebody moved it between our look and our push.
    """
    try:
        push(mirror, remote, sha=commit, ref=ref, expect=None)
    except RefMoved as moved:
        if moved.found != commit:
            push(
                mirror,
                remote,
                sha=commit,
                ref=ref,
                expect=Sha(moved.found) if moved.found else None,
            )
