"""The driver that walls nothing in: a clean environment and limits, for work one trusts anyway."""

from collections.abc import Sequence

from executor.sandbox.interpreter import search_path
from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished
from executor.sandbox.process import run_to_end
from executor.sandbox.watch import watch_tree

LIMITED = 'ulimit -c 0; exec "$@"'


class Unwalled:
    """Only ever asked for by name."""

    name = "none"
    gaps = (
        "commands read and write whatever this user may",
        "commands reach the network",
        "commands see and may signal this user's processes",
        "a process that leaves its group outlives the command",
        "the workspace is not at the same path for every story",
    )

    async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
        env = {"PATH": search_path(str(policy.workspace)), "HOME": "/tmp", **policy.env}
        return await run_to_end(
            ["/bin/sh", "-c", LIMITED, "sh", *argv],
            policy,
            env=env,
            cwd=policy.workspace / cwd,
            watch=watch_tree(policy),
        )
