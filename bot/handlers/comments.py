"""A comment was made, or an issue opened with a command in its text: obey what it asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot import commands
from bot.approvals import Access, Ignored, Void
from bot.asking import Asking
from bot.commands import Command, goal_of, parse
from bot.comments import replies
from bot.config import rule_of
from bot.github import issues
from bot.github.answers import Pull
from bot.github.errors import NotThere
from bot.github.pulls import pull as read_pull
from bot.github.repositories import writers
from bot.hooks import CommentMade, IssueOpened, Thread
from bot.markers import Kind
from bot.permissions import access
from bot.place import Place
from bot.progress import publish
from bot.store import changes, plans, requests, runs
from bot.store.changes import Change
from bot.store.runs import Run
from bot.store.states import ApprovalHow, ChangeState, PlanState, RequestKind, Subject
from bot.visible import visible
from bot.voice import doubt, say_once
from bot.workflows.approving import approve
from bot.workflows.asking import ask
from bot.workflows.retrying import retry
from bot.workflows.stopping import cancel
from planner.plan import Mode
from planner.request import Person, Remark, Request


@dataclass(frozen=True)
class Said:
    """One person's words in one thread. `key` names the trigger in every effect it causes."""

    place: Place
    thread: Thread
    person: Person
    key: str
    text: str
    at: datetime
    comment: int | None


async def on_comment(place: Place, event: CommentMade) -> None:
    """Bots, ourselves among them, are never obeyed, whatever they write."""
    if event.speaker.is_bot:
        return
    said = Said(
        place,
        event.thread,
        event.speaker.person,
        f"comment-{event.comment}",
        event.body,
        event.at,
        event.comment,
    )
    asked = parse(event.body)
    if asked:
        await _obey_all(said, asked)
    else:
        await _answer(said)


async def on_issue_opened(place: Place, event: IssueOpened) -> None:
    """A command in the text of a new issue counts like a comment; the rest is the goal."""
    asked = parse(event.thread.body)
    if event.speaker.is_bot or not asked:
        return
    number = event.thread.number
    said = Said(
        place,
        event.thread,
        event.speaker.person,
        f"issue-{number}",
        event.thread.body,
        event.at,
        None,
    )
    await _obey_all(said, asked)


async def _obey_all(said: Said, asked: tuple[Command, ...]) -> None:
    try:
        await _acknowledge(said)
    except NotThere:
        # The comment was deleted before we came to it: nothing was asked.
        return
    change = await _change(said)
    for index, command in _answerable(asked):
        key = f"{said.key}-{index}"
        reply = await _refusal(said, command)
        is_refused = reply is not None
        if reply is None:
            reply = await _obey(said, change, command, key)
        if reply:
            await say_once(said.place, change.id, said.thread.number, key, reply)
        if is_refused:
            # Who may start work is said once; it holds for all that follows.
            return


def _answerable(asked: tuple[Command, ...]) -> Iterator[tuple[int, Command]]:
    """Anybody may write lines without end, so what anybody may ask is answered once of a kind."""
    answered: set[type] = set()
    for index, command in enumerate(asked):
        if isinstance(command, OPEN_TO_ALL):
            if type(command) in answered:
                continue
            answered.add(type(command))
        yield index, command


async def _acknowledge(said: Said) -> None:
    """👀 at once, also for somebody we may refuse; repeating it changes nothing."""
    if said.comment is None:
        await issues.react_to_issue(said.place.client, said.thread.number, "eyes")
    else:
        await issues.react_to_comment(said.place.client, said.comment, "eyes")


async def _change(said: Said) -> Change:
    """The change this thread belongs to: on a pull request of ours, that of its issue."""
    store, repository = said.place.services.store, said.place.repository.id
    if said.thread.is_pull:
        ours = await changes.by_pull(store, repository, said.thread.number)
        if ours is not None:
            return ours
    subject = Subject.pull if said.thread.is_pull else Subject.issue
    return await changes.open_change(store, repository, said.thread.number, subject, said.person)


async def _obey(said: Said, change: Change, command: Command, key: str) -> str | None:
    """Do it, and return what there is to say at once, if anything."""
    match command:
        case commands.Plan(words, mode):
            return await _plan(said, change, key, words, mode)
        case commands.SetMode(mode):
            return await _plan(said, change, key, "", mode)
        case commands.Approve(revision):
            return await _approve(said, change, revision)
        case commands.Cancel():
            done = await cancel(said.place.services, change, said.person.login)
            return None if done else replies.nothing_to_cancel()
        case commands.Retry():
            run = await retry(said.place, change)
            return None if run else replies.nothing_to_retry()
        case commands.Fix(words):
            return await _fix(said, change, key, words)
        case commands.Status():
            return await _status(said, change)
        case commands.Help():
            return replies.help_text()
        case commands.Unknown():
            return replies.unknown_command(command)
        case commands.Malformed():
            return replies.malformed_command(command)
        case _:
            assert_never(command)


OPEN_TO_ALL = (commands.Help, commands.Status, commands.Unknown, commands.Malformed)


async def _refusal(said: Said, command: Command) -> str | None:
    """Live permission by user id, before anything that costs or changes something."""
    if isinstance(command, OPEN_TO_ALL):
        return None
    held = await access(said.place.client, said.person)
    if held is not None and held >= Access.write:
        return None
    name = said.place.repository.full_name
    return replies.not_permitted(name, await writers(said.place.client), await rule_of(said.place))


async def _plan(said: Said, change: Change, key: str, words: str, mode: Mode | None) -> str | None:
    store = said.place.services.store
    if await runs.active_of(store, change.id):
        return replies.busy()
    if change.subject is Subject.issue and said.thread.is_pull:
        return await _fix(said, change, key, words) if words else replies.fix_needs_words()
    if said.thread.is_pull and (refused := await _closed_or_fork(said)):
        return refused
    await _forget_ended_pull(said, change)
    await changes.set_requester(store, change.id, said.person)
    request = Request(
        title=said.thread.title,
        goal=goal_of(said.thread.body),
        words=visible(words),
        mode=mode,
        remarks=await _remarks(said),
        answers=await _answers(said, change),
        asked_by=said.person,
        at=said.at,
    )
    pull = said.thread.number if said.thread.is_pull else None
    await ask(said.place.services, change, key, Asking(request=request, pull=pull))
    return None


async def _forget_ended_pull(said: Said, change: Change) -> None:
    """A change is planned anew after its pull request ended: the next one is another."""
    if change.pull_number is None or said.thread.is_pull:
        return
    pull = await read_pull(said.place.client, change.pull_number)
    if pull.state != "open":
        await changes.forget_pull(said.place.services.store, change.id)


async def _closed_or_fork(said: Said) -> str | None:
    pull = await read_pull(said.place.client, said.thread.number)
    return _unusable(said, pull)


def _unusable(said: Said, pull: Pull) -> str | None:
    if pull.head.repo is None or pull.head.repo.id != said.place.repository.id:
        return replies.fork_refused()
    return None if pull.state == "open" else replies.cannot_follow_up()


async def _fix(said: Said, change: Change, key: str, words: str) -> str | None:
    """On our own open pull request the command is the approval; elsewhere it needs a plan."""
    if not said.thread.is_pull:
        return replies.not_ours_to_fix()
    pull = await read_pull(said.place.client, said.thread.number)
    if (refused := _unusable(said, pull)) is not None:
        return refused
    bot = await said.place.client.bot()
    is_ours = pull.user is not None and pull.user.id == bot.user_id
    if not is_ours or said.thread.number != change.pull_number:
        return replies.not_ours_to_fix()
    if await runs.active_of(said.place.services.store, change.id):
        return replies.busy()
    request = Request(
        title=said.thread.title,
        goal=visible(words),
        mode=Mode.focused,
        asked_by=said.person,
        at=said.at,
    )
    asking = Asking(request=request, kind="fix", pull=said.thread.number, is_approval=True)
    await ask(said.place.services, change, key, asking)
    return None


async def _approve(said: Said, change: Change, revision: int | None) -> str | None:
    plan = await plans.latest(said.place.services.store, change.id)
    if plan is None or plan.state is PlanState.cancelled:
        return replies.nothing_to_approve()
    result = await approve(
        said.place,
        change,
        plan,
        said.person,
        ApprovalHow.command,
        named_revision=revision,
    )
    match result:
        case Ignored():
            return replies.approval_refused(result, await rule_of(said.place))
        case Void():
            return replies.approval_stale(result, plan.revision)
        case Run():
            return None
        case _:
            assert_never(result)


async def _status(said: Said, change: Change) -> str | None:
    """The living comments are the answer; only where there are none is something said."""
    for number in {change.number, change.pull_number or change.number}:
        for kind in (Kind.plan, Kind.status):
            await doubt(said.place, change.id, number, kind)
    await publish(said.place.services, change.id)
    store = said.place.services.store
    known = await plans.latest(store, change.id) or await requests.latest(store, change.id)
    return None if known else replies.nothing_here()


async def _answer(said: Said) -> None:
    """Words without a command answer our questions, if it was them we asked."""
    store, repository = said.place.services.store, said.place.repository.id
    change = await changes.by_issue(store, repository, said.thread.number)
    if change is None or change.state is not ChangeState.waiting:
        return
    is_requester = said.person.id == change.requester.id
    held = await access(said.place.client, said.person)
    if not is_requester or held is None or held < Access.write:
        return
    await _acknowledge(said)
    asked = await requests.latest(store, change.id)
    assert asked is not None
    asking = Asking.model_validate_json(asked.body)
    answers = (*asking.request.answers, visible(said.text))
    request = asking.request.model_copy(update={"answers": answers, "at": said.at})
    news = asking.model_copy(update={"request": request})
    await ask(said.place.services, change, said.key, news)


async def _answers(said: Said, change: Change) -> tuple[str, ...]:
    """What was answered before still holds for the next revision."""
    asked = await requests.latest(said.place.services.store, change.id)
    if asked is None or asked.kind is RequestKind.fix:
        return ()
    return Asking.model_validate_json(asked.body).request.answers


async def _remarks(said: Said) -> tuple[Remark, ...]:
    """Comments by people who may write here, made before the request and untouched since."""
    trusted: dict[int, bool] = {}
    remarks: list[Remark] = []
    for comment in await issues.comments(said.place.client, said.thread.number):
        author, body = comment.user, comment.body
        if author is None or author.type != "User" or not body or comment.id == said.comment:
            continue
        if comment.created_at >= said.at or comment.updated_at > said.at or parse(body):
            continue
        person = Person(id=author.id, login=author.login)
        if person.id not in trusted:
            held = await access(said.place.client, person)
            trusted[person.id] = held is not None and held >= Access.write
        if trusted[person.id]:
            remarks.append(Remark(author=person, text=visible(body), at=comment.created_at))
    return tuple(remarks)
