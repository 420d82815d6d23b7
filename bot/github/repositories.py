"""The repository itself: its state, its files through the API, its people, its rules."""

import base64
from urllib.parse import quote

from bot.github.answers import Account, BranchRule, FileContent, Permission, Repository
from bot.github.client import Client
from bot.github.errors import NotThere, Refused


async def repository(client: Client) -> Repository:
    """By id: owner and name may have changed since we last looked."""
    answer = await client.read(client.root)
    return Repository.model_validate_json(answer.content)


async def file(client: Client, path: str, ref: str | None = None) -> str | None:
    """A text file's content on a ref (the default branch without one), or None."""
    params = {"ref": ref} if ref else None
    try:
        answer = await client.read(f"{client.root}/contents/{quote(path)}", params=params)
    except NotThere:
        return None
    body = answer.json()
    if not isinstance(body, dict) or body.get("type") != "file":
        return None
    content = FileContent.model_validate(body)
    return base64.b64decode(content.content).decode("utf-8", errors="replace")


async def permission(client: Client, login: str) -> Permission | None:
    """What somebody may do here right now; None for a login that does not exist."""
    path = f"{client.root}/collaborators/{quote(login)}/permission"
    try:
        answer = await client.read(path)
    except NotThere:
        return None
    return Permission.model_validate_json(answer.content)


async def writers(client: Client) -> tuple[str, ...]:
    """People with write access, for a sentence that names somebody; empty where we may not ask."""
    try:
        found = await client.pages(Account, f"{client.root}/collaborators", {"permission": "push"})
    except Refused:
        return ()
    return tuple(one.login for one in found if one.type == "User")


async def branch_rules(client: Client, branch: str) -> list[BranchRule]:
    return await client.pages(BranchRule, f"{client.root}/rules/branches/{quote(branch)}")
