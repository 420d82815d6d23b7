"""What the hub holds and has seen; and its first contents."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from infra.hub.controls.controlled import Controlled
from infra.hub.seed import Seed, plant


async def plant_seed(hub: Controlled, request: Request) -> object:
    sent = Seed.model_validate_json(await request.body())
    with hub.world.lock:
        return plant(hub.world, sent).model_dump()


async def show_state(hub: Controlled, request: Request) -> object:
    del request
    world = hub.world
    with world.lock:
        return {
            "web_url": world.urls.web,
            "api_url": world.urls.api,
            "people": [each.login for each in world.accounts.values() if each.kind == "User"],
            "apps": [{"id": each.id, "slug": each.slug} for each in world.apps.values()],
            "repositories": [
                {"full_name": repo.full_name, "issues": sorted(repo.issues)}
                for repo in world.repositories.values()
            ],
        }


async def show_traffic(hub: Controlled, request: Request) -> object:
    query = request.query_params
    found = hub.traffic.matching(query.get("method", ".*"), query.get("path", ".*"))
    return [
        {
            "kind": each.kind,
            "method": each.method,
            "path": each.path,
            "status": each.status,
            "actor": each.actor,
            "at": each.at.isoformat(),
        }
        for each in found
    ]


async def show_violations(hub: Controlled, request: Request) -> object:
    del request
    return [asdict(each) for each in hub.violations]


async def show_unread(hub: Controlled, request: Request) -> object:
    found = hub.unread(request.query_params["author"])
    return [{"id": each.id, "body": each.body} for each in found]


async def show_avatar(request: Request) -> Response:
    hue = request.path_params["id"] * 47 % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
        f'<rect width="8" height="8" fill="hsl({hue} 45% 55%)"/>'
        '<circle cx="4" cy="3" r="1.5" fill="#fff"/><path d="M1 8a3 3 0 0 1 6 0" fill="#fff"/>'
        "</svg>"
    )
    return Response(svg, media_type="image/svg+xml")
