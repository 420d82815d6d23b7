"""Counts a process tree's memory and members while it runs, where no cgroup does it for us."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from executor.sandbox.policy import Policy
from executor.sandbox.process import Watch

LOOK_SECONDS = 0.25
PAGE = os.sysconf("SC_PAGE_SIZE")


def watch_tree(policy: Policy) -> Watch:
    """A watch that speaks up when the tree passes the policy's memory or process limit."""

    async def watch(pid: int) -> str:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            members = tuple(_tree(pid))
            if len(members) > policy.pids:
                return f"stopped: more than {policy.pids} processes"
            if _resident(members) > policy.memory_bytes < _proportional(members):
                return f"stopped: more than {policy.memory_bytes // 1024**2} MB of memory"

    return watch


def _tree(pid: int) -> Iterator[int]:
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        yield current
        for children in Path(f"/proc/{current}/task").glob("*/children"):
            waiting.extend(int(child) for child in _read(children).split())


def _resident(members: tuple[int, ...]) -> int:
    """Cheap, and too high: what a fork shares is counted for each."""
    fields = (_read(Path(f"/proc/{pid}/statm")).split() for pid in members)
    return sum(int(parts[1]) for parts in fields if parts) * PAGE


def _proportional(members: tuple[int, ...]) -> int:
    """Exact, and slow: asked only when the cheap sum is over the limit."""
    total = 0
    for pid in members:
        for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
