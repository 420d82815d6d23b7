"""Chooses the driver, and never settles for less than was asked for."""

import tempfile
from pathlib import Path

from executor.sandbox.bubblewrap import Bubblewrap
from executor.sandbox.none import Unwalled
from executor.sandbox.policy import Policy
from executor.sandbox.port import NoSandbox, Sandbox

NAMESPACES = (
    "allow user namespaces (Debian: `sysctl kernel.unprivileged_userns_clone=1`; Ubuntu: "
    "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`; a container: "
    "`--security-opt seccomp=unconfined --security-opt systempaths=unconfined`)"
)


async def pick(setting: str) -> Sandbox:
    """The driver that `BARO_SANDBOX` asks for, once it has run a command.

    Raises:
        NoSandbox: with one sentence that names the fix. `auto` never means `none`.
    """
    match setting:
        case "auto" | "bubblewrap":
            return await _walled()
        case "none":
            return Unwalled()
        case _:
            raise NoSandbox(f"there is no sandbox {setting!r}: say auto, bubblewrap or none")


async def _walled() -> Sandbox:
    driver = Bubblewrap()
    with tempfile.TemporaryDirectory(prefix="baro-sandbox-") as scratch:
        policy = Policy(workspace=Path(scratch), wall_seconds=20)
        try:
            finished = await driver.run(["true"], policy)
        except (NoSandbox, OSError) as error:
            raise NoSandbox(f"bubblewrap does not work here: {error}; {NAMESPACES}") from error
    if finished.exit_code:
        reason = finished.stopped or finished.output.strip()
        raise NoSandbox(f"bubblewrap cannot run a command here: {reason}; {NAMESPACES}")
    return driver
