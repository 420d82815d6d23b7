"""Tries to break out of a driver, so that what it promises is known and not believed."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished, Sandbox

SECRET = "baro-canary"
OWN_VARIABLES = frozenset({"PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_"})
FEW_PROCESSES = 10
SMALL_BYTES = 64 * 1024**2
SMALL_PIDS = 40


@dataclass(frozen=True)
class Finding:
    """One promise, and whether it is kept."""

    promise: str
    kept: bool
    detail: str = ""


@dataclass(frozen=True)
class Probe:
    """`ok`: every promise is kept. `gaps` are what the driver says of itself."""

    driver: str
    ok: bool
    gaps: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Trial:
    promise: str
    script: str
    kept: Callable[[Finished], bool]
    memory_bytes: int = 4 * 1024**3
    pids: int = 512


async def probe(driver: Sandbox) -> Probe:
    """Run every trial. Raises NoSandbox or OSError where nothing runs at all."""
    with tempfile.TemporaryDirectory(prefix="baro-probe-") as scratch:
        async with _listener() as port:
            findings = await _findings(driver, Path(scratch), port)
    ok = all(finding.kept for finding in findings)
    return Probe(driver.name, ok, driver.gaps, findings)


async def _findings(driver: Sandbox, scratch: Path, port: int) -> tuple[Finding, ...]:
    workspace, outside = scratch / "workspace", scratch / "outside"
    workspace.mkdir()
    outside.mkdir()
    (outside / "canary").write_text(SECRET)
    found = [await _tried(driver, workspace, trial) for trial in _trials(outside, port)]
    written = (workspace / "inside").exists()
    escaped = (outside / "written").exists()
    return (
        Finding("a command can write to its workspace", written),
        Finding("nothing outside the workspace can be written", not escaped),
        *found,
    )


async def _tried(driver: Sandbox, workspace: Path, trial: _Trial) -> Finding:
    policy = Policy(
        workspace=workspace,
        memory_bytes=trial.memory_bytes,
        pids=trial.pids,
        wall_seconds=10,
    )
    finished = await driver.run(["sh", "-c", trial.script], policy)
    kept = trial.kept(finished)
    told = finished.stopped or finished.output.strip() or f"exit {finished.exit_code}"
    return Finding(trial.promise, kept, "" if kept else told[:200])


def _trials(outside: Path, port: int) -> tuple[_Trial, ...]:
    connect = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo reached"
    return (
        _Trial(
            "the files of the host cannot be read",
            f"touch inside; echo x > '{outside}/written'; cat '{outside}/canary'",
            lambda ended: SECRET not in ended.output,
        ),
        _Trial(
            "services on the host's loopback cannot be reached",
            f"bash -c '{connect}'",
            lambda ended: "reached" not in ended.output,
        ),
        _Trial(
            "there is no way out to a network",
            "tail -n +2 /proc/net/route",
            lambda ended: not ended.output.strip(),
        ),
        _Trial(
            "the service's environment is not passed on",
            "env",
            lambda ended: _variables(ended) <= OWN_VARIABLES | Policy(workspace=outside).env.keys(),
        ),
        _Trial(
            "the processes of the host cannot be seen",
            "ls /proc | grep -c '^[0-9]'",
            lambda ended: int(ended.output.strip() or FEW_PROCESSES) < FEW_PROCESSES,
        ),
        _Trial(
            "the kernel's settings cannot be written",
            "test -w /proc/sys/kernel/core_pattern || test -w /proc/sysrq-trigger && echo writable",
            lambda ended: "writable" not in ended.output,
        ),
        _Trial(
            "too much memory ends a command",
            "tail /dev/zero",
            lambda ended: "memory" in ended.stopped,
            memory_bytes=SMALL_BYTES,
        ),
        _Trial(
            "too many processes end a command, or are refused",
            "for i in $(seq 200); do sleep 8 & done; wait",
            lambda ended: "processes" in ended.stopped or "fork" in ended.output.lower(),
            pids=SMALL_PIDS,
        ),
        _Trial(
            "python3 runs",
            "python3 -c 'print(6 * 7)'",
            lambda ended: ended.output.strip() == "42",
        ),
    )


def _variables(ended: Finished) -> set[str]:
    return {line.partition("=")[0] for line in ended.output.splitlines() if "=" in line}


@contextlib.asynccontextmanager
async def _listener() -> AsyncIterator[int]:
    """A live service on this machine, for the sandbox to fail to reach."""

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
