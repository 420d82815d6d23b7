"""React, and take a reaction back; GitHub sends no webhook for either."""

from infra.hub.state.accounts import Account
from infra.hub.state.issues import Comment, Issue
from infra.hub.state.pulls import ReviewComment
from infra.hub.state.reactions import Content, Reaction
from infra.hub.state.world import World

Subject = Issue | Comment | ReviewComment


def react(world: World, subject: Subject, user: Account, content: Content) -> tuple[Reaction, bool]:
    """The reaction, and whether it is new; `updated_at` stays, as on GitHub."""
    for reaction in subject.reactions:
        if reaction.user is user and reaction.content == content:
            return reaction, False
    reaction = Reaction(world.next_id(), user, content, world.clock.now())
    subject.reactions.append(reaction)
    return reaction, True
