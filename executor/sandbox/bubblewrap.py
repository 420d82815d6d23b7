"""The driver that walls a command in: no network, no files and no processes of the host."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from executor.sandbox.interpreter import search_path, toolchain
from executor.sandbox.policy import INSIDE, Policy
from executor.sandbox.port import Finished, NoSandbox
from executor.sandbox.process import run_to_end
from executor.sandbox.watch import watch_tree

INSIDE_ID = "1000"
"""Programs that refuse to be root, or that behave otherwise as root, see a plain user."""

ETC = (
    "alternatives",
    "ca-certificates",
    "debian_version",
    "fonts",
    "java-11-openjdk",
    "java-17-openjdk",
    "java-21-openjdk",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "magic",
    "mime.types",
    "os-release",
    "pki/tls/certs",
    "protocols",
    "python3",
    "python3.11",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
)
"""What programs need of /etc. The rest may hold the host's secrets."""

READ_ONLY_PROC = ("bus", "fs", "irq", "sys", "sysrq-trigger")
HIDDEN_PROC = (
    "acpi",
    "asound",
    "kcore",
    "keys",
    "latency_stats",
    "sched_debug",
    "scsi",
    "timer_list",
)
"""To the kernel a sandbox under root owns these files: a line in /proc/sys/kernel/core_pattern
would run a program on the host. The lists are those of containers."""

ACCOUNTS = {
    "/etc/passwd": f"baro:x:{INSIDE_ID}:{INSIDE_ID}::/tmp:/bin/sh\n",
    "/etc/group": f"baro:x:{INSIDE_ID}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}

LIMITED = 'pids=$1; shift; ulimit -c 0; ulimit -u $pids 2>/dev/null || ulimit -p $pids; exec "$@"'
"""Also makes a missing program exit 127, as shells do; bwrap alone says 1."""


class Bubblewrap:
    """`bwrap` as found on PATH. As root it runs commands as the workspace's owner."""

    name = "bubblewrap"
    gaps = (
        "memory and processes are counted four times a second, not bounded by a cgroup",
        "the kernel is shared with the host",
    )

    def __init__(self, program: str | None = None) -> None:
        found = program or shutil.which("bwrap")
        if found is None:
            raise NoSandbox("bwrap is not on PATH: install the package `bubblewrap`")
        self._program = found

    async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
        files = {target: _sealed(text) for target, text in ACCOUNTS.items()}
        report = os.memfd_create("report")
        command = [
            *_as_owner(policy.workspace),
            self._program,
            *_walls(policy),
            *(part for target, fd in files.items() for part in _data(fd, target)),
            *("--json-status-fd", str(report), "--chdir", str(PurePosixPath(INSIDE) / cwd)),
            *("/bin/sh", "-c", LIMITED, "sh", str(policy.pids), *argv),
        ]
        fds = [report, *files.values()]
        try:
            finished = await run_to_end(
                command,
                policy,
                env={},
                cwd=Path("/"),
                watch=watch_tree(policy),
                pass_fds=fds,
            )
            if not finished.stopped and not _was_reached(report):
                raise NoSandbox(finished.output.strip() or f"bwrap ended with {finished.exit_code}")
            return finished
        finally:
            for fd in fds:
                os.close(fd)


def _walls(policy: Policy) -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session")
    yield from ("--uid", INSIDE_ID, "--gid", INSIDE_ID, "--cap-drop", "ALL", "--hostname", "baro")
    yield from _system()
    if policy.network == "open":
        yield from ("--share-net", "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf")
    yield from ("--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--proc", "/proc")
    yield from _harmless_proc()
    for path in (*toolchain(), *policy.read_only):
        yield from ("--ro-bind", str(path), str(path))
    yield from ("--bind", str(policy.workspace), INSIDE)
    yield from ("--clearenv", "--setenv", "PATH", search_path(INSIDE), "--setenv", "HOME", "/tmp")
    yield from ("--setenv", "PWD", INSIDE)
    for name, value in policy.env.items():
        yield from ("--setenv", name, value)


def _system() -> Iterator[str]:
    """/usr, and the old names beside it: links on most systems, folders on some."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _harmless_proc() -> Iterator[str]:
    for name in READ_ONLY_PROC:
        if Path("/proc", name).exists():
            yield from ("--ro-bind", f"/proc/{name}", f"/proc/{name}")
    for name in HIDDEN_PROC:
        path = Path("/proc", name)
        if path.is_dir():
            yield from ("--tmpfs", str(path), "--remount-ro", str(path))
        elif path.exists():
            yield from ("--ro-bind", "/dev/null", str(path))


def _as_owner(workspace: Path) -> tuple[str, ...]:
    """Root without its capabilities cannot write what another user owns: become that user."""
    owner = workspace.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoSandbox("setpriv is not on PATH: install the package `util-linux`")
    ids = (f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}")
    return (setpriv, *ids, "--clear-groups", "--")


def _data(fd: int, target: str) -> tuple[str, ...]:
    return ("--ro-bind-data", str(fd), target)


def _was_reached(report: int) -> bool:
    """bwrap reports an exit code only for a command it could start behind its walls."""
    return b"exit-code" in os.pread(report, 4096, 0)


def _sealed(text: str) -> int:
    """An open file that holds `text`, for a child to read; nothing touches the disk."""
    fd = os.memfd_create("etc")
    os.write(fd, text.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
