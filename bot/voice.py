"""How baro speaks on GitHub: every comment has a key, is looked up before it is repeated."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bot.github import issues
from bot.github.answers import Comment
from bot.github.errors import NotThere, Unanswered
from bot.markers import Kind, Marker, is_ours, marked, parse, short
from bot.place import Place
from bot.store import effects
from bot.store.effects import Effect
from bot.store.ids import ChangeId
from bot.store.states import EffectState
from planner.plan import Digest


@dataclass(frozen=True)
class Kept:
    """A comment of ours as it stands. `at`: when this text was written, by GitHub's clock; None
    where it was there before."""

    id: int
    at: datetime | None = None


async def say_once(place: Place, change: ChangeId, number: int, key: str, body: str) -> int:
    """A one-off reply, posted exactly once for its key; the comment's id."""
    kept = await _once(place, change, number, f"reply:{key}", Kind.reply, key, body)
    return kept.id


async def keep_comment(
    place: Place,
    change: ChangeId,
    number: int,
    kind: Kind,
    body: str,
    digest: Digest | None = None,
    *,
    is_news: bool = False,
) -> Kept | None:
    """A living comment: posted once per thread, then edited in place when its text changed.

    None: somebody deleted it. It is posted again only for news, which nobody could have deleted.
    """
    key = _key(change, number, kind)
    known = await effects.get(place.services.store, key)
    if known is not None and known.digest == GONE and is_news:
        await effects.forget(place.services.store, key)
        known = None
    if known is None or known.state is EffectState.intended or known.external_id is None:
        return await _once(place, change, number, key, kind, "", body, digest)
    text = await _marked(place, change, kind, "", body, digest)
    if known.digest == GONE:
        return None
    if known.digest == _hash(text):
        return Kept(known.external_id)
    try:
        edited = await issues.edit_comment(place.client, known.external_id, text)
    except NotThere:
        await effects.done(place.services.store, key, digest=GONE)
        return None
    await effects.done(place.services.store, key, digest=_hash(text))
    return Kept(edited.id, edited.updated_at)


GONE = "deleted"
DOUBTED = "doubted"


async def comment_of(place: Place, change: ChangeId, number: int, kind: Kind) -> Effect | None:
    """What we know of a living comment of ours."""
    return await effects.get(place.services.store, _key(change, number, kind))


async def doubt(place: Place, change: ChangeId, number: int, kind: Kind) -> None:
    """Somebody else may have edited it: it is written anew the next time it is shown."""
    known = await comment_of(place, change, number, kind)
    if known is not None and known.state is EffectState.done and known.digest != GONE:
        await effects.done(place.services.store, known.key, digest=DOUBTED)


def _key(change: ChangeId, number: int, kind: Kind) -> str:
    return f"{kind.value}:{change}:{number}"


async def _once(
    place: Place,
    change: ChangeId,
    number: int,
    effect_key: str,
    kind: Kind,
    marker_key: str,
    body: str,
    digest: Digest | None = None,
) -> Kept:
    store = place.services.store
    known = await effects.get(store, effect_key)
    if known and known.state is EffectState.done and known.external_id is not None:
        return Kept(known.external_id)
    text = await _marked(place, change, kind, marker_key, body, digest)
    await effects.intend(store, effect_key, change, kind.value)
    # An earlier intention may have been carried out by a process that did not live to say so.
    made = await _find(place, number, text) if known else None
    if made is None:
        try:
            made = await issues.post_comment(place.client, number, text)
        except Unanswered:
            made = await _find(place, number, text)
            if made is None:
                raise
    if (made.body or "").replace("\r\n", "\n").strip() != text.strip():
        made = await issues.edit_comment(place.client, made.id, text)
    await effects.done(store, effect_key, external_id=made.id, digest=_hash(text))
    return Kept(made.id, made.updated_at)


async def _find(place: Place, number: int, text: str) -> Comment | None:
    """The comment that carries the marker of this text and was written by us."""
    bot = await place.client.bot()
    wanted = _marker(text)
    for comment in await issues.comments(place.client, number):
        author = comment.user.id if comment.user else None
        if is_ours(comment.body or "", author=author, us=bot.user_id, expected=wanted):
            return comment
    return None


def _marker(text: str) -> Marker:
    found = parse(text)
    assert found is not None
    return found


async def _marked(
    place: Place, change: ChangeId, kind: Kind, key: str, body: str, digest: Digest | None
) -> str:
    bot = await place.client.bot()
    marker = Marker(
        app=bot.app_id, kind=kind, change=change, key=key, digest=short(digest) if digest else ""
    )
    return marked(body, marker)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
