"""git over HTTP: who may, what GitHub refuses, and `git http-backend` for the rest."""

import asyncio
import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pygit2

from infra.hub.acts.pushes import ref_moved
from infra.hub.gate import Reply
from infra.hub.git.judge import Move, Pusher, Refused, content_refusal, refusal
from infra.hub.git.pktline import pushed_moves, refused_report
from infra.hub.git.store import ENVIRONMENT, open_store, ref_target
from infra.hub.rest.actors import Actor, AsApp, AsInstallation, Nobody, writer
from infra.hub.rest.needs import READ_CONTENTS, WRITE_CONTENTS, check_access
from infra.hub.rest.refusal import Refusal
from infra.hub.state.apps import LEVELS
from infra.hub.state.repositories import Repository
from infra.hub.state.world import World

SERVICES = {"git-upload-pack", "git-receive-pack"}


@dataclass(frozen=True)
class GitCall:
    owner: str
    name: str
    tail: str  # `info/refs`, `git-upload-pack`, `git-receive-pack`
    method: str
    query: str
    headers: dict[str, str]
    body: bytes  # already unzipped

    @property
    def is_push(self) -> bool:
        return "git-receive-pack" in (self.tail, self.query.partition("service=")[2])

    @property
    def moves(self) -> list[Move]:
        return pushed_moves(self.body)[0] if self.tail == "git-receive-pack" else []


def unzipped(headers: dict[str, str], body: bytes) -> bytes:
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


async def serve_git(world: World, actor: Actor | Refusal, call: GitCall) -> Reply:
    try:
        if isinstance(actor, Refusal):
            raise actor
        repo = _admit(world, actor, call)
    except Refusal as refusal_:
        return _refused(refusal_)
    if call.tail != "git-receive-pack":
        return await _backend(repo, call)
    return await _push(world, repo, actor, call)


def _admit(world: World, actor: Actor, call: GitCall) -> Repository:
    with world.lock:
        full_name = f"{call.owner}/{call.name}"
        repo = world.repository(full_name) or world.moved_to(full_name)
        if isinstance(actor, Nobody) and (repo is None or repo.private or call.is_push):
            raise Refusal(401, "No anonymous write access.")
        if isinstance(actor, AsApp) or repo is None:
            raise Refusal(404, "Repository not found.")
        need = WRITE_CONTENTS if call.is_push else READ_CONTENTS
        try:
            check_access(world, actor, repo, need)
        except Refusal as refused:
            raise _in_git_words(refused, actor, repo) from refused
        return repo


def _in_git_words(refused: Refusal, actor: Actor, repo: Repository) -> Refusal:
    if refused.status == 404:
        return Refusal(404, "Repository not found.")
    if repo.archived:
        return Refusal(403, "This repository was archived so it is read-only.")
    return Refusal(403, f"Permission to {repo.full_name}.git denied to {actor.name}.")


def _refused(refused: Refusal) -> Reply:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return Reply(refused.status, headers, refused.message.encode())


async def _push(world: World, repo: Repository, actor: Actor, call: GitCall) -> Reply:
    """Judged first, as GitHub's hooks do, then taken by git itself."""
    moves, pack = pushed_moves(call.body)
    with world.lock:
        refused, said = _judge(world, repo, actor, moves, pack)
        before = {move.ref: ref_target(open_store(repo.path), move.ref) for move in moves}
    if refused:
        headers = {"Content-Type": "application/x-git-receive-pack-result"}
        return Reply(200, headers, refused_report(moves, refused, said))
    reply = await _backend(repo, call)
    with world.lock:
        store, by = open_store(repo.path), writer(actor)
        for move in moves:
            now = ref_target(store, move.ref)
            if now != before[move.ref] and now == move.new:
                ref_moved(world, repo, move.ref, before[move.ref], now, by)
    return reply


def _judge(
    world: World, repo: Repository, actor: Actor, moves: list[Move], pack: bytes
) -> tuple[dict[str, str], str]:
    """The refused refs with git's short reason, and what GitHub says about them."""
    with tempfile.TemporaryDirectory(dir=repo.path) as folder:
        store = _quarantine(repo, Path(folder), pack) if pack else open_store(repo.path)
        found = {move.ref: _look(world, repo, actor, move, store) for move in moves}
    refused = {ref: each for ref, each in found.items() if each is not None}
    said = "\n".join(each.sentence for each in refused.values())
    return {ref: each.reason for ref, each in refused.items()}, said


def _look(
    world: World, repo: Repository, actor: Actor, move: Move, store: pygit2.Repository
) -> Refused | None:
    pusher = Pusher(isinstance(actor, AsInstallation), _may_write_workflows(actor))
    largest = world.switches.largest_file_bytes
    return refusal(repo, move, store) or content_refusal(repo, move, store, pusher, largest)


def _may_write_workflows(actor: Actor) -> bool:
    if not isinstance(actor, AsInstallation):
        return True
    return LEVELS.get(actor.token.permissions.get("workflows", ""), 0) >= LEVELS["write"]


def _quarantine(repo: Repository, folder: Path, pack: bytes) -> pygit2.Repository:
    """The pushed objects in a place of their own, over the repository's."""
    packs = folder / "pack"
    packs.mkdir()
    objects = {
        "GIT_OBJECT_DIRECTORY": str(folder),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repo.path / "objects"),
    }
    subprocess.run(
        ["git", f"--git-dir={repo.path}", "index-pack", "--stdin", "--fix-thin"],
        input=pack,
        env={**ENVIRONMENT, **objects},
        capture_output=True,
        check=False,
    )
    store = open_store(repo.path)
    store.odb.add_disk_alternate(str(folder))
    return store


async def _backend(repo: Repository, call: GitCall) -> Reply:
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(repo.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.path.name}/{call.tail}",
        "REQUEST_METHOD": call.method,
        "QUERY_STRING": call.query,
        "CONTENT_TYPE": call.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(call.body)),
        "REMOTE_USER": "hub",
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": call.headers.get("git-protocol", ""),
    }
    process = await asyncio.create_subprocess_exec(
        shutil.which("git") or "git",
        "http-backend",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, _ = await process.communicate(call.body)
    return _parsed(out)


def _parsed(out: bytes) -> Reply:
    head, _, body = out.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    status = 200
    for row in head.decode("latin-1").splitlines():
        name, _, text = row.partition(":")
        if name.lower() == "status":
            status = int(text.split()[0])
        elif name:
            headers[name] = text.strip()
    return Reply(status if head else 500, headers, body)
