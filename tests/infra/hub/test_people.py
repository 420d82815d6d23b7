"""A person's hands do what a browser would."""

import pytest

from infra.hub.people import HubRefused, browser_text, ticked
from infra.hub.running import Hub
from infra.hub.seed import Seeded
from tests.infra.hub.app import AppClient


def test_a_browser_ends_lines_with_crlf() -> None:
    assert browser_text("a\nb\r\nc") == "a\r\nb\r\nc"


def test_only_the_box_that_says_the_label_is_ticked() -> None:
    body = "text [ ]\n- [ ] Approve r1\n- [x] Cancel\n* [ ] Approve r1 later"
    assert ticked(body, "Approve r1") == body.replace("- [ ] Approve", "- [x] Approve")
    with pytest.raises(ValueError, match="no empty box"):
        ticked(body, "Cancel")


async def test_a_refusal_has_its_status(hub: Hub, seeded: Seeded) -> None:
    with pytest.raises(HubRefused) as refused:
        await hub.as_user("maya").issue("acme/shop", 9)
    assert refused.value.status == 404


async def test_an_unknown_person_may_nothing(hub: Hub, seeded: Seeded) -> None:
    with pytest.raises(HubRefused) as refused:
        await hub.as_user("nobody").open_issue("acme/shop", "x")
    assert refused.value.status == 401


async def test_a_cookie_is_as_good_as_a_header(hub: Hub, app: AppClient) -> None:
    shown = await app.get("/user", Cookie="hub_user=rita; theme=dark")
    assert shown.json()["login"] == "rita"


async def test_files_are_read_and_written_on_branches(hub: Hub, seeded: Seeded) -> None:
    jon = hub.as_user("jon")
    await jon.branch_off("acme/shop", "work")
    await jon.write_file("acme/shop", "README.md", "# Store\n", "work")
    assert await jon.read_file("acme/shop", "README.md", "work") == "# Store\n"
    assert await jon.read_file("acme/shop", "README.md") == "# Shop\n"
