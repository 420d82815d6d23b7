"""Pull requests and the branches under them."""

from bot.github.answers import Pull
from bot.github.client import Client
from bot.github.errors import Invalid, NotThere


async def pull(client: Client, number: int) -> Pull:
    answer = await client.read(f"{client.root}/pulls/{number}")
    return Pull.model_validate_json(answer.content)


async def pull_for_branch(client: Client, branch: str) -> Pull | None:
    """The newest pull request from that branch of this repository, open or not."""
    params: dict[str, str | int] = {"head": f"{client.owner}:{branch}", "state": "all"}
    found = await client.pages(Pull, f"{client.root}/pulls", params)
    return max(found, key=lambda one: one.number, default=None)


async def open_pull(
    client: Client, *, title: str, body: str, head: str, base: str, draft: bool
) -> Pull:
    json = {"title": title, "body": body, "head": head, "base": base, "draft": draft}
    answer = await client.write("POST", f"{client.root}/pulls", json)
    return Pull.model_validate_json(answer.content)


async def edit_pull(client: Client, number: int, *, title: str, body: str) -> Pull:
    json = {"title": title, "body": body}
    answer = await client.write("PATCH", f"{client.root}/pulls/{number}", json)
    return Pull.model_validate_json(answer.content)


async def mark_ready(client: Client, wanted: Pull) -> bool:
    """Out of draft, which REST has no word for; False where GitHub would not.

    An Enterprise server has GraphQL beside its REST prefix, github.com below its base.
    """
    base = client.identity.endpoint.api_url.rstrip("/")
    url = f"{base.removesuffix('/v3')}/graphql"
    query = (
        "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) "
        "{ pullRequest { isDraft } } }"
    )
    answer = await client.write("POST", url, {"query": query, "variables": {"id": wanted.node_id}})
    return not answer.json().get("errors")


async def delete_branch(client: Client, branch: str) -> None:
    """Gone already is as good as deleted."""
    try:
        await client.write("DELETE", f"{client.root}/git/refs/heads/{branch}")
    except (NotThere, Invalid):
        return
