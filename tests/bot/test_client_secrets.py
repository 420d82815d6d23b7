"""Nothing that looks like a secret leaves in words of ours."""

from pathlib import Path

from bot.github.issues import post_comment
from bot.services import build_services
from bot.store import installations
from bot.store.ids import InstallationId, RepositoryId
from bot.store.migrate import migrate
from executor.sandbox.none import Unwalled
from tests.support.stage import SHOP, a_tiny_stage


async def test_a_key_in_a_comment_is_taken_out(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        await migrate(stage.settings.database_url)
        services = await build_services(stage.settings, Unwalled())
        repository = stage.hub.world.repository(SHOP)
        assert repository is not None
        installation = InstallationId(stage.app.installation_id)
        await installations.seen(services.store, installation, "acme")
        row = await installations.repository_seen(
            services.store, RepositoryId(repository.id), installation, "acme", "shop"
        )
        key = "ghp_" + "a1B2" * 9
        posted = await post_comment(services.client(row), 1, f"The key is {key}.")
        assert key not in (posted.body or "")
        assert "removed" in (posted.body or "")
        await services.close()
