"""The grammar of a comment: which of its lines are commands to baro, and what each one asks.

Only plain text at the start of a line counts, as GitHub renders it: not code, quotes, lists, links,
headings, tables or HTML. Arguments are read by hand because argparse words its refusals differently
from one Python to the next, may exit the process, and takes the apostrophe of a goal for a quote.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from bot.markdown import code
from bot.visible import visible
from planner.plan import Mode


@dataclass(frozen=True)
class Plan:
    words: str = ""
    mode: Mode | None = None


@dataclass(frozen=True)
class Approve:
    """Without a revision it is the one on show."""

    revision: int | None = None


@dataclass(frozen=True)
class SetMode:
    mode: Mode


@dataclass(frozen=True)
class Cancel:
    pass


@dataclass(frozen=True)
class Retry:
    pass


@dataclass(frozen=True)
class Fix:
    words: str


@dataclass(frozen=True)
class Status:
    pass


@dataclass(frozen=True)
class Help:
    pass


@dataclass(frozen=True)
class Unknown:
    word: str
    nearest: str | None


@dataclass(frozen=True)
class Malformed:
    """A command we know, with arguments we do not; the sentence says what it takes."""

    command: str
    sentence: str


Command = Plan | Approve | SetMode | Cancel | Retry | Fix | Status | Help | Unknown | Malformed


class Needs(StrEnum):
    """What somebody must hold to use a command."""

    anyone = "anyone"
    writer = "write access"


@dataclass(frozen=True)
class HelpLine:
    name: str
    usage: str
    does: str
    needs: Needs


HELP = (
    HelpLine(
        "plan",
        "/baro plan [what to do] [--mode focused|sequential|parallel]",
        "Plan this issue, or plan it again with these words. Nothing runs before it is approved.",
        Needs.writer,
    ),
    HelpLine(
        "approve",
        "/baro approve [rN]",
        "Approve the plan on show. A 👍 on it, or its box, does the same.",
        Needs.writer,
    ),
    HelpLine(
        "mode",
        "/baro mode focused|sequential|parallel",
        "Plan again in this mode.",
        Needs.writer,
    ),
    HelpLine(
        "cancel",
        "/baro cancel",
        "Stop. What is done so far is kept and no pull request is opened.",
        Needs.writer,
    ),
    HelpLine("retry", "/baro retry", "Run what failed once more.", Needs.writer),
    HelpLine(
        "fix",
        "/baro fix <what to change>",
        "On a pull request by baro: change it, on the same branch.",
        Needs.writer,
    ),
    HelpLine("status", "/baro status", "Bring the status comment up to date.", Needs.anyone),
    HelpLine("help", "/baro help", "Show this table.", Needs.anyone),
)


def parse(body: str) -> tuple[Command, ...]:
    """The commands of a comment, in order."""
    return tuple(_command(text) for _, text in _command_lines(body))


def goal_of(body: str) -> str:
    """What a text asks for beside its commands, as its readers see it."""
    lines = body.replace("\r\n", "\n").split("\n")
    asked = {line for line, _ in _command_lines(body)}
    said = "\n".join(text for line, text in enumerate(lines) if line not in asked)
    return visible(said).strip()


_MARK = re.compile(r"/baro(?=\s|$)", re.IGNORECASE)


def _command_lines(body: str) -> Iterator[tuple[int, str]]:
    """Each command with the number of its line, from 0."""
    if _MARK.search(body) is None:
        return
    for paragraph in _top_level_paragraphs(_markdown().parse(body)):
        first = paragraph.map[0] if paragraph.map else 0
        for token in paragraph.children or ():
            if token.type == "command":
                yield first + token.meta["line"], token.content


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.inline.ruler.before("text", "command", _mark_command)
    return markdown


def _top_level_paragraphs(tokens: list[Token]) -> Iterator[Token]:
    for before, token in pairwise(tokens):
        # A mail's signature, `--` under the text, makes a heading of it.
        if before.level == 0 and (before.type == "paragraph_open" or before.markup in ("-", "=")):
            yield token


def _mark_command(state: StateInline, silent: bool) -> bool:
    """Mark `/baro` at a line's start, and leave the rest of the line to Markdown's own rules."""
    at_line_start = state.pos == 0 or state.src[state.pos - 1] == "\n"
    if silent or state.linkLevel or not at_line_start:
        return False
    mark = _MARK.match(state.src, state.pos)
    if mark is None:
        return False
    token = state.push("command", "", 0)
    token.content = state.src[mark.end() :].split("\n", 1)[0]
    token.meta = {"line": state.src.count("\n", 0, state.pos)}
    state.pos = mark.end()
    return True


def _command(line: str) -> Command:
    word, _, rest = visible(line).strip().partition(" ")
    read = _READERS.get(word.lower())
    if read is not None:
        return read(rest.strip())
    if not word:
        return Help()
    return Unknown(word, next(iter(get_close_matches(word.lower(), _READERS, n=1)), None))


_MODES: dict[str, Mode] = {mode.value: mode for mode in Mode}
_MODE_NAMES = "focused, sequential or parallel"


def _plan(rest: str) -> Command:
    words, modes = _without_mode(rest.split())
    wrong = next((mode for mode in modes if mode not in _MODES), None)
    if wrong is not None:
        given = f"not {code(wrong, 40)}" if wrong else "and nothing follows it"
        return Malformed("plan", f"`--mode` is {_MODE_NAMES}, {given}.")
    if len(set(modes)) > 1:
        return Malformed("plan", f"`--mode` is both {' and '.join(modes)}; choose one.")
    if words and words[0].startswith("--"):
        return Malformed("plan", f"{code(words[0], 40)} is unknown; the option is `--mode`.")
    return Plan(" ".join(words), _MODES[modes[0]] if modes else None)


def _without_mode(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """The words of a goal, and every value given to `--mode`, "" where none follows."""
    kept: list[str] = []
    modes: list[str] = []
    rest = iter(words)
    for word in rest:
        option, _, value = word.partition("=")
        if option == "--mode":
            modes.append((value or next(rest, "")).lower())
        else:
            kept.append(word)
    return kept, modes


def _approve(rest: str) -> Command:
    if not rest:
        return Approve()
    revision = re.fullmatch(r"[rR]?([1-9][0-9]{0,5})", rest)
    if revision is None:
        return Malformed("approve", f"A revision looks like `r2`, not {code(rest, 40)}.")
    return Approve(int(revision[1]))


def _mode(rest: str) -> Command:
    if rest.lower() in _MODES:
        return SetMode(_MODES[rest.lower()])
    given = f", not {code(rest, 40)}" if rest else ""
    return Malformed("mode", f"The mode is {_MODE_NAMES}{given}.")


def _fix(rest: str) -> Command:
    return Fix(rest) if rest else Malformed("fix", "Say what to change, in your own words.")


def _alone(command: Command, name: str) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        return Malformed(name, f"`/baro {name}` stands alone on its line.") if rest else command

    return read


_READERS: dict[str, Callable[[str], Command]] = {
    "plan": _plan,
    "approve": _approve,
    "mode": _mode,
    "cancel": _alone(Cancel(), "cancel"),
    "retry": _alone(Retry(), "retry"),
    "fix": _fix,
    "status": _alone(Status(), "status"),
    "help": _alone(Help(), "help"),
}
