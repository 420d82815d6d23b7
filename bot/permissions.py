"""What somebody may do in a repository at this moment, asked of GitHub and matched by user id."""

from bot.approvals import Access
from bot.github.answers import Permission
from bot.github.client import Client
from bot.github.repositories import permission
from planner.request import Person


async def access(client: Client, person: Person) -> Access | None:
    """None where GitHub's answer is about nobody, or about somebody else of that name."""
    answer = await permission(client, person.login)
    if answer is None or answer.user is None or answer.user.id != person.id:
        return None
    return _access(answer)


async def may_write(client: Client, person: Person) -> bool:
    """Live, and fail closed: an unknown answer is a no."""
    held = await access(client, person)
    return held is not None and held >= Access.write


def _access(answer: Permission) -> Access:
    """`role_name` is exact where it is one of GitHub's own; a custom role keeps its base."""
    for name in (answer.role_name, answer.permission):
        if name in Access.__members__:
            return Access[name]
    return Access.none
