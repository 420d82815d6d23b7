"""The whole flow over HTTP in each vendor's dialect, with torn streams, a 429 and a cut."""

from pathlib import Path

import pytest

from bot.store import changes, ledger
from bot.store.engine import Store
from bot.store.ledger import CallRow
from bot.store.states import CallState, ChangeState
from infra.demo.texts import EXPORT, ROUNDING, issue, replies, sample_files
from infra.hub.seed import IssueSeed
from llm.script import load_script
from llm.usage import Usage
from tests.llm.vendor_server import Fault, VendorServer, serving
from tests.scenarios.test_parallel import repaired
from tests.support.stage import SHOP, Stage, a_stage, baro, number_of_pull

KINDS = ("openai-responses", "openai-chat", "anthropic")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_bug_is_mended_in_every_dialect(tmp_path: Path, kind: str) -> None:
    await _played(tmp_path, kind, ROUNDING, sample_files(), [Fault("429", after=1)])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_feature_is_built_in_every_dialect(tmp_path: Path, kind: str) -> None:
    cut = Fault("cut", after=9)
    await _played(tmp_path, kind, EXPORT, repaired(), [Fault("429", after=4), cut])


async def _played(
    folder: Path, kind: str, name: str, files: dict[str, str], faults: list[Fault]
) -> None:
    prepared = folder / "said.yaml"
    prepared.write_text(replies())
    text = issue(name)
    asked = IssueSeed(title=text.title, body=text.body, author="jon")
    async with serving(VendorServer(load_script(prepared), faults=faults)) as vendor:
        keys = {f"BARO_KEY_{name.upper()}": key for name, key in vendor.keys.items()}
        routes = {"BARO_ROUTES": vendor.routes_text(kind), **keys}
        async with (
            a_stage(folder, files=files, issues=(asked,), environment=routes) as stage,
            baro(stage),
        ):
            maya = stage.person("maya")
            await maya.comment(SHOP, 1, "/baro plan")
            plan = await stage.comment(1, "waiting for approval")
            await maya.react(SHOP, plan.id)
            finished = await stage.comment(1, "@maya", 90)
            assert "is ready" in finished.body, stage.said(1)[-1].body
            assert number_of_pull(finished.body)
            calls = await _calls(stage)
        measured = [call.usage for call in calls if call.state is CallState.settled]
        assert sum(measured, Usage()) == vendor.told
        cut = sum(fault.kind == "cut" for fault in faults)
        assert sum(call.state is CallState.unmeasured for call in calls) == cut


async def _calls(stage: Stage) -> tuple[CallRow, ...]:
    async with Store(stage.settings.database_url) as store:
        (change,) = await changes.in_state(store, *ChangeState)
        return await ledger.calls_of_change(store, change.id)
