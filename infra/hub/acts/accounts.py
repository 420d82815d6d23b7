"""Add people and organisations, and let them go."""

from infra.hub.state.accounts import Account, AccountKind
from infra.hub.state.world import World


def add_account(
    world: World, login: str, kind: AccountKind = "User", name: str | None = None
) -> Account:
    if world.account(login) is not None:
        raise ValueError(f"{login} is taken")
    account = Account(world.next_id(), login, kind, world.clock.now(), name)
    world.accounts[login.casefold()] = account
    return account


def add_organization(world: World, login: str, owners: tuple[Account, ...] = ()) -> Account:
    account = add_account(world, login, "Organization")
    account.owners |= {owner.id for owner in owners}
    return account


def delete_account(account: Account) -> None:
    """What it wrote stays, and shows no author."""
    account.gone = True
