import shutil

import pytest

from executor.sandbox.bubblewrap import Bubblewrap
from executor.sandbox.pick import pick
from executor.sandbox.port import NoSandbox
from executor.sandbox.probe import probe

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="install the package bubblewrap"
)


@needs_bubblewrap
@pytest.mark.parametrize("setting", ["auto", "bubblewrap"])
async def test_walls_are_the_default(setting: str) -> None:
    assert (await pick(setting)).name == "bubblewrap"


async def test_no_walls_only_by_name() -> None:
    driver = await pick("none")
    assert driver.name == "none"
    assert "commands reach the network" in driver.gaps


async def test_an_unknown_driver_is_refused_by_name() -> None:
    with pytest.raises(NoSandbox, match="no sandbox 'docker': say auto, bubblewrap or none"):
        await pick("docker")


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoSandbox, match="install the package `bubblewrap`"):
        Bubblewrap()


async def test_auto_never_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoSandbox):
        await pick("auto")


@needs_bubblewrap
async def test_bubblewrap_keeps_every_promise() -> None:
    found = await probe(await pick("bubblewrap"))
    assert [finding.promise for finding in found.findings if not finding.kept] == []
    assert found.ok


async def test_no_walls_are_caught_breaking_their_promises() -> None:
    found = await probe(await pick("none"))
    broken = {finding.promise for finding in found.findings if not finding.kept}
    assert not found.ok
    assert {
        "nothing outside the workspace can be written",
        "the files of the host cannot be read",
        "services on the host's loopback cannot be reached",
    } <= broken
    assert found.gaps
