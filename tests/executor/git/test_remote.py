"""Fetching from and pushing to a real git server, and everything such a server may do to us."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from executor.events import Sha
from executor.git.commit import commit_tree, tree_of
from executor.git.engine import wait_at_most
from executor.git.errors import (
    BadToken,
    Cancelled,
    RefMoved,
    RemoteRefused,
    SecretFound,
    UnknownRef,
    Unreachable,
    UnsafeUrl,
)
from executor.git.mirror import (
    Mirror,
    Remote,
    fetch,
    has,
    is_ancestor,
    open_mirror,
    ref_target,
    tip,
)
from executor.git.push import delete, push
from executor.git.refs import move
from executor.git.transport import Terms
from tests.executor.git.server import Server, serving
from tests.executor.git.trees import MAYA, a_commit
from tests.executor.repositories import git

HIDDEN = "refs/baro/r1/s1"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "server") as running:
        yield running


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return open_mirror(tmp_path / "mirrors", 1)


@pytest.fixture
def base(tmp_path: Path, server: Server, mirror: Mirror) -> Sha:
    """The server's first commit, on main, fetched."""
    sha = _people_commit(tmp_path, server, "The shop opens")
    fetch(mirror, server.remote, branches=["main"])
    return sha


def test_a_fetched_branch_has_its_tip_in_the_mirror(mirror: Mirror, base: Sha) -> None:
    assert tip(mirror, "main") == base
    assert has(mirror, base)
    assert not has(mirror, Sha("1" * 40))


def test_a_branch_the_server_does_not_have_is_named(mirror: Mirror, server: Server) -> None:
    with pytest.raises(UnknownRef, match="trunk"):
        fetch(mirror, server.remote, branches=["trunk"])


def test_a_branch_deleted_on_the_server_is_forgotten(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    git(server.bare, "update-ref", "-d", "refs/heads/main")
    with pytest.raises(UnknownRef):
        fetch(mirror, server.remote, branches=["main"])
    with pytest.raises(UnknownRef):
        tip(mirror, "main")


def test_a_base_that_was_force_pushed_is_no_longer_an_ancestor(
    tmp_path: Path, mirror: Mirror, server: Server, base: Sha
) -> None:
    later = _people_commit(tmp_path, server, "Another")
    fetch(mirror, server.remote, branches=["main"])
    assert is_ancestor(mirror, base, later)
    git(server.bare, "update-ref", "refs/heads/main", _orphan(server))
    fetch(mirror, server.remote, branches=["main"])
    assert not is_ancestor(mirror, later, tip(mirror, "main"))


def test_another_worker_finds_what_was_pushed_to_a_hidden_ref(
    tmp_path: Path, mirror: Mirror, server: Server, base: Sha
) -> None:
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    push(mirror, server.remote, sha=story, ref=HIDDEN, expect=None)
    other = open_mirror(tmp_path / "other", 1)
    fetch(other, server.remote, branches=["main"], hidden=["refs/baro/r1/*"])
    assert ref_target(other, HIDDEN) == story
    assert is_ancestor(other, base, story)


def test_a_hidden_ref_that_was_not_pushed_survives_a_fetch(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    move(mirror, HIDDEN, to=story, expect=None)
    fetch(mirror, server.remote, branches=["main"], hidden=["refs/baro/r1/*"])
    assert ref_target(mirror, HIDDEN) == story


def test_nothing_new_costs_one_request(mirror: Mirror, server: Server, base: Sha) -> None:
    server.asked.clear()
    fetch(mirror, server.remote, branches=["main"])
    assert [path for path in server.asked if path.startswith("POST")] == []


def test_two_fetches_into_one_mirror_wait_for_each_other(
    tmp_path: Path, mirror: Mirror, server: Server
) -> None:
    sha = _people_commit(tmp_path, server, "The shop opens")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fetch(mirror, server.remote, branches=["main"]), range(4)))
    assert tip(mirror, "main") == sha
    assert len([path for path in server.asked if path.startswith("POST")]) == 1


def test_a_push_moves_the_branch_from_where_it_was_expected(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    first = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    push(mirror, server.remote, sha=first, ref="refs/heads/baro/1", expect=None)
    second = a_commit(mirror, {"a.py": "a = 2\n"}, base)
    push(mirror, server.remote, sha=second, ref="refs/heads/baro/1", expect=first)
    assert server.ref("refs/heads/baro/1") == second


def test_a_push_whose_answer_was_lost_may_be_repeated(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    for _ in range(2):
        push(mirror, server.remote, sha=story, ref="refs/heads/baro/1", expect=None)
    assert server.ref("refs/heads/baro/1") == story


def test_a_stale_lease_sends_nothing(mirror: Mirror, server: Server, base: Sha) -> None:
    first = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    theirs = a_commit(mirror, {"a.py": "a = 2\n"}, base)
    push(mirror, server.remote, sha=theirs, ref="refs/heads/baro/1", expect=None)
    for expect in (None, first):
        with pytest.raises(RefMoved) as error:
            push(mirror, server.remote, sha=first, ref="refs/heads/baro/1", expect=expect)
        assert (error.value.expected, error.value.found) == (expect, theirs)
    assert server.ref("refs/heads/baro/1") == theirs


def test_a_branch_that_is_gone_is_not_made_again(mirror: Mirror, server: Server, base: Sha) -> None:
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    with pytest.raises(RefMoved):
        push(mirror, server.remote, sha=story, ref="refs/heads/baro/1", expect=base)


def test_a_declined_push_carries_the_server_s_word(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    server.hook("pre-receive", "echo 'error: GH006: Protected branch update failed'; exit 1")
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    with pytest.raises(RemoteRefused, match=r"pre-receive hook declined.*GH006"):
        push(mirror, server.remote, sha=story, ref="refs/heads/baro/1", expect=None)
    assert server.ref("refs/heads/baro/1") is None


def test_a_deleted_ref_stays_deleted(mirror: Mirror, server: Server, base: Sha) -> None:
    story = a_commit(mirror, {"a.py": "a = 1\n"}, base)
    push(mirror, server.remote, sha=story, ref=HIDDEN, expect=None)
    with pytest.raises(RefMoved):
        delete(mirror, server.remote, ref=HIDDEN, expect=base)
    for _ in range(2):
        delete(mirror, server.remote, ref=HIDDEN, expect=story)
    assert server.ref(HIDDEN) is None


def test_a_secret_never_leaves(mirror: Mirror, server: Server, base: Sha) -> None:
    secret = "ghp_" + "a1B2" * 9
    hidden = a_commit(mirror, {"conf/app.ini": f"token = {secret}\n"}, base)
    removed = a_commit(mirror, {"conf/app.ini": "token = \n"}, hidden)
    server.asked.clear()
    with pytest.raises(SecretFound, match=r"conf/app.ini: GitHub token") as error:
        push(mirror, server.remote, sha=removed, ref=HIDDEN, expect=None)
    assert secret not in str(error.value)
    assert server.asked == []


def test_a_secret_in_a_commit_message_never_leaves(
    mirror: Mirror, server: Server, base: Sha
) -> None:
    said = commit_tree(
        mirror,
        tree=tree_of(mirror, base),
        parents=[base],
        message="use sk-ant-" + "x1" * 20,
        author=MAYA,
        committer=MAYA,
    )
    with pytest.raises(SecretFound, match=r"message of .*Anthropic key"):
        push(mirror, server.remote, sha=said, ref=HIDDEN, expect=None)


def test_a_refused_token_is_not_tried_for_ever(mirror: Mirror, server: Server) -> None:
    with pytest.raises(BadToken):
        fetch(mirror, Remote(server.url, "wrong"), branches=["main"])
    assert len(server.asked) <= 3


def test_a_token_is_not_given_to_another_host(
    tmp_path: Path, mirror: Mirror, server: Server
) -> None:
    with serving(tmp_path / "thief") as thief:
        server.redirect_to = thief.url.removesuffix("/shop.git").replace("127.0.0.1", "localhost")
        with pytest.raises((BadToken, Unreachable)):
            fetch(mirror, server.remote, branches=["main"])
        assert thief.asked
        assert set(thief.given) == {""}


def test_a_server_that_hangs_is_given_up(mirror: Mirror, server: Server) -> None:
    server.silent_seconds = 1
    wait_at_most(connect_seconds=15, silence_seconds=0.2)
    try:
        with pytest.raises(Unreachable):
            fetch(mirror, server.remote, branches=["main"])
    finally:
        wait_at_most(connect_seconds=15, silence_seconds=60)


def test_a_token_that_expires_on_the_way_is_a_refused_token(
    tmp_path: Path, mirror: Mirror, server: Server
) -> None:
    _people_commit(tmp_path, server, "The shop opens")
    server.refuses_after = 2
    with pytest.raises(BadToken):
        fetch(mirror, server.remote, branches=["main"])


def test_the_token_is_shown_nowhere(mirror: Mirror, server: Server, base: Sha) -> None:
    assert server.remote.token is not None
    assert server.remote.token not in repr(server.remote)
    for path in mirror.path.rglob("*"):
        if path.is_file():
            assert server.remote.token.encode() not in path.read_bytes()


def test_a_redirect_planted_in_the_configuration_is_found(mirror: Mirror, server: Server) -> None:
    git(mirror.path, "config", "url.http://127.0.0.1:9/.insteadOf", server.url)
    with pytest.raises((UnsafeUrl, Unreachable, BadToken)):
        fetch(mirror, server.remote, branches=["main"])
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///srv/shop.git",
        "/srv/shop.git",
        "ssh://git@example.com/shop.git",
        "git://example.com/shop.git",
        "ext::sh -c touch%20/tmp/pwned",
        "http://example.com/shop.git",
        "https://user:word@example.com/shop.git",
    ],
)
def test_only_https_is_spoken(mirror: Mirror, url: str) -> None:
    with pytest.raises(UnsafeUrl):
        fetch(mirror, Remote(url), branches=["main"])


def test_a_server_that_is_not_there_is_unreachable(mirror: Mirror) -> None:
    with pytest.raises(Unreachable):
        fetch(mirror, Remote("http://127.0.0.1:9/shop.git", "t"), branches=["main"])


def test_a_repository_that_is_not_there_is_the_server_s_refusal(
    mirror: Mirror, server: Server
) -> None:
    with pytest.raises(RemoteRefused, match="404"):
        fetch(mirror, Remote(server.url.replace("shop", "none"), "good-token"), branches=["main"])


def test_a_cancelled_fetch_leaves_nothing(tmp_path: Path, mirror: Mirror, server: Server) -> None:
    sha = _people_commit(tmp_path, server, "The shop opens")
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        fetch(mirror, server.remote, branches=["main"], cancel=stop)
    assert not has(mirror, sha)


def test_a_server_may_not_send_without_end(tmp_path: Path, mirror: Mirror, server: Server) -> None:
    _people_commit(tmp_path, server, "The shop opens")
    with pytest.raises(RemoteRefused, match="larger"):
        fetch(mirror, server.remote, branches=["main"], terms=Terms(received_bytes=10))


def _people_commit(folder: Path, server: Server, message: str) -> Sha:
    """Somebody pushes to main."""
    clone = folder / "people"
    if not clone.exists():
        git(folder, "clone", "-q", str(server.bare), str(clone))
    (clone / "README.md").write_text(message)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", message)
    git(clone, "push", "-q", "origin", "HEAD:main")
    return Sha(git(clone, "rev-parse", "HEAD"))


def _orphan(server: Server) -> str:
    tree = git(server.bare, "rev-parse", "main^{tree}")
    return git(server.bare, "commit-tree", tree, "-m", "Rewritten")
