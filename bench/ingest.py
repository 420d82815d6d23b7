"""Webhook to durable 202, against the same route without the insert, and against a Probot.

    ./dev bench ingest [--rounds 5] [--seconds 2] [--probot DIR]

The receivers take turns within each round, so that a busy machine is unfair to all of them. DIR is
where `npm install --prefix DIR probot` was run; without it that comparison is left out.
"""

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench._receiver import SECRET

CONNECTIONS = 32
BAR_UNSTORED = 0.8
BAR_PROBOT = 1.0
_GUIDS = itertools.count()


@dataclass
class Receiver:
    """A server under load, and what it did in each round."""

    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[98] * 1000


def main() -> None:
    options = _options()
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="baro-bench-")))
        receivers = [
            running.enter_context(_baro("stored", folder)),
            running.enter_context(_baro("unstored", folder / "unstored")),
        ]
        if options.probot is not None:
            receivers.append(running.enter_context(_probot(options.probot)))
        for receiver in receivers:
            asyncio.run(_load(receiver, 0.5))
            receiver.rates.clear()
            receiver.seconds.clear()
        for _ in range(options.rounds):
            for receiver in receivers:
                asyncio.run(_load(receiver, options.seconds))
        _refuse_lost(receivers[0], folder / "baro.db")
        _report(receivers, options.probot)


def _report(receivers: list[Receiver], probot: Path | None) -> None:
    for receiver in receivers:
        rates = " / ".join(f"{rate:,.0f}" for rate in sorted(receiver.rates))
        print(f"{receiver.name:<28} {rates} req/s, p99 {receiver.p99_ms:.0f} ms")
    stored, unstored, *others = receivers
    _verdict("durable / without the insert", stored, unstored, BAR_UNSTORED)
    for each in others:
        _verdict("durable / Probot, no insert", stored, each, BAR_PROBOT)
    if probot is None:
        print("Probot: not measured; `npm install --prefix DIR probot`, then --probot DIR")


def _verdict(what: str, ours: Receiver, theirs: Receiver, bar: float) -> None:
    """The median of the rounds' ratios: each round compares neighbours in time."""
    ratio = statistics.median(
        mine / other for mine, other in zip(ours.rates, theirs.rates, strict=True)
    )
    print(f"{what}: {ratio:.2f}x (bar {bar:.1f}x) {'ok' if ratio >= bar else 'BELOW THE BAR'}")


async def _load(receiver: Receiver, seconds: float) -> None:
    """Every connection asks again as soon as it is answered."""
    body = _body()
    until = time.perf_counter() + seconds
    began = time.perf_counter()
    counts = await asyncio.gather(*(_connection(receiver, body, until) for _ in range(CONNECTIONS)))
    receiver.rates.append(sum(counts) / (time.perf_counter() - began))


async def _connection(receiver: Receiver, body: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    count = 0
    while (began := time.perf_counter()) < until:
        writer.write(_head(len(body)) + body)
        status = await _answer(reader)
        receiver.seconds.append(time.perf_counter() - began)
        if status not in (200, 202):
            raise SystemExit(f"{receiver.name} answered {status}")
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    if length:
        await reader.readexactly(int(length))
    elif b"transfer-encoding: chunked" in head:
        await reader.readuntil(b"0\r\n\r\n")
    return int(head.split(b" ", 2)[1])


def _head(length: int) -> bytes:
    return (
        "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "User-Agent: GitHub-Hookshot/bench\r\nX-GitHub-Event: issue_comment\r\n"
        f"X-GitHub-Delivery: bench-{next(_GUIDS)}\r\nX-Hub-Signature-256: {SIGNATURE}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def _body() -> bytes:
    """An issue_comment as GitHub sends them: eleven kilobytes, most of which is addresses."""
    maya, jon, acme = _account("maya"), _account("jon"), _account("acme")
    payload = {
        "action": "created",
        "issue": {
            **_links(f"{REPOSITORY}/issues/12", ("labels", "comments", "events", "timeline")),
            "id": 2**31 + 11,
            "number": 12,
            "title": "Export orders as CSV and JSON",
            "user": maya,
            "assignees": [jon, maya],
            "body": "The export page times out once a shop has more than a few orders. " * 12,
        },
        "comment": {"id": 2**31 + 5, "body": "/baro plan\r\n", "user": maya},
        "repository": {
            **_links(REPOSITORY, PARTS),
            "id": 2**31 + 2,
            "full_name": "acme/shop",
            "owner": acme,
        },
        "organization": acme,
        "installation": {"id": 2**31 + 1, "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u"},
        "sender": maya,
    }
    return json.dumps(payload).encode()


def _account(login: str) -> dict[str, object]:
    number = 2**31 + zlib.crc32(login.encode())
    parts = ("followers", "following", "gists", "starred", "subscriptions", "orgs", "repos")
    return {
        **_links(f"https://api.github.example/users/{login}", (*parts, "events", "received")),
        "login": login,
        "id": number,
        "node_id": f"MDQ6VXNlcj{number}",
        "avatar_url": f"https://avatars.github.example/u/{number}?v=4",
        "html_url": f"https://github.example/{login}",
        "type": "User",
        "site_admin": False,
    }


def _links(base: str, parts: tuple[str, ...]) -> dict[str, object]:
    every = {f"{part}_url": f"{base}/{part}{{/{part[:-1]}}}" for part in parts}
    return {"url": base, **every}


REPOSITORY = "https://api.github.example/repos/acme/shop"
WORDS = """
    forks keys collaborators teams hooks issue_events events assignees branches tags blobs git_tags
    git_refs trees statuses languages stargazers contributors subscribers subscription commits
    git_commits comments issue_comment contents compare merges archive downloads issues pulls
    milestones notifications labels releases deployments
"""
PARTS = tuple(WORDS.split())
SIGNATURE = "sha256=" + hmac.new(SECRET, _body(), hashlib.sha256).hexdigest()


def _refuse_lost(receiver: Receiver, database: Path) -> None:
    """A 202 that is not in the database would make the figure worthless."""
    with closing(sqlite3.connect(database)) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM deliveries").fetchone()
    if kept < len(receiver.seconds):
        raise SystemExit(f"{len(receiver.seconds)} were answered and {kept} are there")


def _baro(how: str, folder: Path) -> AbstractContextManager[Receiver]:
    folder.mkdir(exist_ok=True)
    name = "baro, durable 202" if how == "stored" else "baro, nothing stored"
    return _started(name, [sys.executable, "-m", "bench._receiver", how, str(folder)])


def _probot(folder: Path) -> AbstractContextManager[Receiver]:
    node = shutil.which("node")
    if node is None:
        raise SystemExit("no node on PATH: Probot needs one")
    script = str(Path(__file__).with_name("probot.mjs"))
    return _started("Probot, nothing stored", [node, script, str(folder), SECRET.decode()])


@contextmanager
def _started(name: str, command: list[str]) -> Iterator[Receiver]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Receiver(name, int(process.stdout.readline()))
        finally:
            process.send_signal(signal.SIGTERM)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench ingest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--probot", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
