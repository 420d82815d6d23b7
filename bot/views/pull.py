"""What the pull request says, and the check run on its head."""

from bot.comments.views import PullView
from bot.place import Place
from bot.proofs import tests_defined
from bot.store import ledger
from bot.store.changes import Change
from bot.store.states import Subject
from executor.conductor import Delivery
from executor.git.view import CommitView


async def pull_view(place: Place, change: Change, delivery: Delivery) -> PullView:
    store, order, state = place.services.store, delivery.order, delivery.state
    assert state.reconciled is not None
    mirror = place.services.mirror(place.repository)
    tree = CommitView(mirror, order.branch, state.reconciled.head)
    used = await ledger.tokens_of_run(store, order.run)
    return PullView(
        change=change.id,
        issue=change.number if change.subject is Subject.issue else None,
        plan=order.plan,
        run=state,
        tests=tests_defined(order.plan, tree.read),
        spent=await ledger.cost_of_run(store, order.run),
        cached_share=used.cache_read / used.prompt if used.prompt else None,
    )
