"""A hub with acme/shop in it, held to GitHub's description in every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.hub.acts.apps import set_hook
from infra.hub.running import Hub, running_hub
from infra.hub.seed import AppSeed, Seeded, plant, shop
from tests.infra.hub.app import AppClient, session_key
from tests.infra.hub.receiver import Receiver, receiving

SECRET = "a hook secret"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The folder acme/shop starts from."""
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "README.md").write_text("# Shop\n")
    (folder / "src" / "cart.py").write_text("total = 0\n\n\ndef add(price):\n    return price\n")
    return folder


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with running_hub(tmp_path / "hub", check=True) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def seeded(hub: Hub, source: Path) -> Seeded:
    app = AppSeed(hook_secret=SECRET, private_key=session_key())
    return plant(hub.world, shop(source, app=app))


@pytest.fixture
def app(hub: Hub, seeded: Seeded) -> AppClient:
    return AppClient(hub, seeded)


@pytest_asyncio.fixture
async def bot(app: AppClient) -> AppClient:
    """The App, signed in with all it was granted."""
    return await app.sign_in()


@pytest_asyncio.fixture
async def receiver(hub: Hub, seeded: Seeded) -> AsyncIterator[Receiver]:
    async with receiving() as each:
        set_hook(hub.world.apps[seeded.app_id], each.url, SECRET)
        yield each
