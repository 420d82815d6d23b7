"""One process group, run to its end or to its limits, with a bounded memory of what it said."""

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path

from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished

CHUNK = 65_536
TIMED_OUT = "timed out"
LEFTOVER_SECONDS = 1.0
"""How long output may still trickle in once the process itself is gone."""

Watch = Callable[[int], Coroutine[None, None, str]]
"""Given a process id, returns why its tree must die; an empty text is no objection."""


async def run_to_end(
    argv: Sequence[str],
    policy: Policy,
    *,
    env: Mapping[str, str],
    cwd: Path,
    watch: Watch,
    pass_fds: Sequence[int] = (),
) -> Finished:
    """Run `argv` as it stands. Raises OSError where it cannot be started at all."""
    read_end, write_end = os.pipe()
    started = time.monotonic()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    heard = _Heard(policy.output_bytes)
    try:
        stopped = await _follow(process, read_end, heard, policy, watch)
    finally:
        _kill_group(process.pid)
        await process.wait()
    code = process.returncode if process.returncode is not None else -signal.SIGKILL
    exit_code = 128 - code if code < 0 else code
    return Finished(
        exit_code=exit_code,
        output=heard.text(),
        seconds=time.monotonic() - started,
        timed_out=stopped.startswith(TIMED_OUT),
        stopped=stopped,
        signalled=exit_code - 128 if 128 < exit_code < 160 else None,
        cut=heard.cut,
    )


async def _follow(
    process: asyncio.subprocess.Process,
    read_end: int,
    heard: "_Heard",
    policy: Policy,
    watch: Watch,
) -> str:
    """Wait for the end; the text says which limit brought it, or is empty."""
    reading = asyncio.create_task(_listen(read_end, heard, policy.silence_seconds))
    exiting = asyncio.create_task(_exit(process))
    watching = asyncio.create_task(watch(process.pid))
    tasks = (reading, exiting, watching)
    try:
        async with asyncio.timeout(policy.wall_seconds):
            pending: set[asyncio.Task[str]] = set(tasks)
            while not exiting.done():
                done, pending = await asyncio.wait(pending, return_when="FIRST_COMPLETED")
                if stopped := "".join(task.result() for task in done):
                    return stopped
        _kill_group(process.pid)
        await asyncio.wait((reading,), timeout=LEFTOVER_SECONDS)
        return ""
    except TimeoutError:
        return f"{TIMED_OUT} after {policy.wall_seconds:g} s"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _exit(process: asyncio.subprocess.Process) -> str:
    await process.wait()
    return ""


async def _listen(read_end: int, heard: "_Heard", silence_seconds: float) -> str:
    """Read to the end of the stream; a text says that it fell silent for too long."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=CHUNK)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", buffering=0)
    )
    try:
        while True:
            async with asyncio.timeout(silence_seconds):
                chunk = await reader.read(CHUNK)
            if not chunk:
                return ""
            heard.add(chunk)
    except TimeoutError:
        return f"{TIMED_OUT}: silent for {silence_seconds:g} s"
    finally:
        transport.close()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


class _Heard:
    """The first quarter and the last three of what was said, when it was too much to keep."""

    def __init__(self, limit: int) -> None:
        self.cut = False
        self._head_room = limit // 4
        self._tail_room = limit - self._head_room
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0

    def add(self, chunk: bytes) -> None:
        room = self._head_room - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        rest = chunk[room:] if room > 0 else chunk
        if not rest:
            return
        self._tail.append(rest)
        self._tail_size += len(rest)
        while self._tail_size - len(self._tail[0]) >= self._tail_room:
            self._tail_size -= len(self._tail.popleft())
            self.cut = True

    def text(self) -> str:
        tail = b"".join(self._tail)
        if len(tail) > self._tail_room:
            tail, self.cut = tail[-self._tail_room :], True
        gap = b"\n[... output cut ...]\n" if self.cut else b""
        return (bytes(self._head) + gap + tail).decode(errors="replace")
