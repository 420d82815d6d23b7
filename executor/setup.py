"""Installs what the repository needs into the prepared base: once per run, before any agent."""

import asyncio
from pathlib import Path

from executor.events import Sha
from executor.sandbox.policy import Policy
from executor.sandbox.port import Sandbox
from executor.workspace.port import Workspaces
from planner.plan import Check, Plan


class SetupFailed(Exception):
    """A setup command of the repository did not succeed; the text holds the end of its output."""


async def prepare(plan: Plan, workspaces: Workspaces, sandbox: Sandbox) -> None:
    """Make the base of this plan ready on this machine; done already is done.

    Only these commands see the network, and no model has said a word by then: they come from the
    base branch.

    Raises:
        SetupFailed: a command failed; nothing is kept of the base.
    """
    loop = asyncio.get_running_loop()

    def install(folder: Path) -> None:
        for check in plan.setup:
            running = asyncio.run_coroutine_threadsafe(_run(check, folder, sandbox), loop)
            running.result()

    await asyncio.to_thread(workspaces.prepare, Sha(plan.base.sha), install)


async def _run(check: Check, folder: Path, sandbox: Sandbox) -> None:
    policy = Policy(workspace=folder, network="open", wall_seconds=check.timeout_seconds)
    finished = await sandbox.run(check.argv, policy)
    if finished.exit_code != 0:
        command = " ".join(check.argv)
        raise SetupFailed(f"`{command}` exited {finished.exit_code}: {finished.output[-2000:]}")
