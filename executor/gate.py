"""Runs the repository's own checks on the tree that is about to be delivered."""

import asyncio

from executor.events import Sha
from executor.evidence import Evidence
from executor.sandbox.policy import Policy
from executor.sandbox.port import Sandbox
from executor.setup import prepare
from executor.verify import verify
from executor.workspace.port import Workspaces
from planner.plan import Plan


async def run_gate(
    plan: Plan,
    *,
    name: str,
    head: Sha,
    tree: str,
    workspaces: Workspaces,
    sandbox: Sandbox,
    silence_seconds: float = 900,
) -> tuple[Evidence, ...]:
    """The evidence of every gate check, bound to `tree`, in a workspace that holds just that."""
    if not plan.gate:
        return ()
    await prepare(plan, workspaces, sandbox)
    workspace = await asyncio.to_thread(
        workspaces.create, name, head, prepared_from=Sha(plan.base.sha)
    )
    try:
        policy = Policy(workspace=workspace.path, silence_seconds=silence_seconds)
        return await verify(plan.gate, tree, sandbox, policy)
    finally:
        await asyncio.to_thread(workspaces.remove, workspace)
