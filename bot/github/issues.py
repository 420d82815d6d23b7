"""Issues, their comments and reactions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.github.answers import Comment, Issue, Reaction
from bot.github.client import PAGES, PER_PAGE, Client

REACTIONS = TypeAdapter(list[Reaction])


async def issue(client: Client, number: int) -> Issue:
    answer = await client.read(f"{client.root}/issues/{number}")
    return Issue.model_validate_json(answer.content)


async def comments(client: Client, number: int, since: datetime | None = None) -> list[Comment]:
    """All comments of an issue or pull request, oldest first."""
    params: dict[str, str | int] = {"since": since.isoformat()} if since else {}
    return await client.pages(Comment, f"{client.root}/issues/{number}/comments", params)


async def comment(client: Client, comment_id: int) -> Comment:
    answer = await client.read(f"{client.root}/issues/comments/{comment_id}")
    return Comment.model_validate_json(answer.content)


async def post_comment(client: Client, number: int, body: str) -> Comment:
    path = f"{client.root}/issues/{number}/comments"
    answer = await client.write("POST", path, {"body": body})
    return Comment.model_validate_json(answer.content)


async def edit_comment(client: Client, comment_id: int, body: str) -> Comment:
    path = f"{client.root}/issues/comments/{comment_id}"
    answer = await client.write("PATCH", path, {"body": body})
    return Comment.model_validate_json(answer.content)


async def react_to_comment(client: Client, comment_id: int, content: str) -> None:
    """Repeating is harmless: GitHub answers with the reaction that is there."""
    path = f"{client.root}/issues/comments/{comment_id}/reactions"
    await client.write("POST", path, {"content": content})


async def react_to_issue(client: Client, number: int, content: str) -> None:
    path = f"{client.root}/issues/{number}/reactions"
    await client.write("POST", path, {"content": content})


@dataclass(frozen=True)
class Seen:
    """What a poll saw. `etags` by page; a page unchanged since then costs no rate limit."""

    reactions: tuple[Reaction, ...]
    etags: Mapping[int, str]


async def thumbs(client: Client, comment_id: int, known: Seen | None = None) -> Seen:
    """Every 👍 on a comment, walking all pages: a new one lands on the last.

    A page that answers 304 repeats what `known` holds for it.
    """
    path = f"{client.root}/issues/comments/{comment_id}/reactions"
    seen: list[Reaction] = []
    etags: dict[int, str] = {}
    for page in range(1, PAGES + 1):
        etag = known.etags.get(page) if known else None
        headers = {"If-None-Match": etag} if etag else {}
        params: dict[str, str | int] = {"content": "+1", "per_page": PER_PAGE, "page": page}
        answer = await client.read(path, params=params, headers=headers)
        if answer.status_code == 304 and known and etag:
            etags[page] = etag
            items = list(known.reactions[(page - 1) * PER_PAGE : page * PER_PAGE])
        else:
            etags[page] = answer.headers.get("etag", "")
            items = REACTIONS.validate_json(answer.content)
        seen += items
        if len(items) < PER_PAGE:
            break
    return Seen(tuple(seen), etags)
