"""The configuration files of an organisation and a repository, read as one.

The organisation's file is read first and the repository's over it, key by key; lists are replaced.
Keys are strict: a misspelt one is an error that names the file, the line and the key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.repo_config import RepoConfig, describe

_MOST_BYTES = 65_536
_MOST_VALUES = 2_000
_MOST_DEPTH = 8
_MOST_BRACKETS = 500

Data = str | int | float | bool | None | list["Data"] | dict[str, "Data"]


@dataclass(frozen=True)
class Source:
    """One file, by the name that people know it by: `acme/.github baro.yml`."""

    name: str
    text: str


@dataclass(frozen=True)
class Loaded:
    """`origins` says for each key which file set it; a key that is missing there is a default."""

    config: RepoConfig
    origins: Mapping[str, str]


@dataclass(frozen=True)
class Broken:
    """`key` is empty where the file is no YAML at all."""

    file: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem}"


@dataclass(frozen=True)
class Held:
    """What was read, when, and the mistake in it; then `config` is the last good one."""

    config: RepoConfig
    at: datetime
    broken: Broken | None = None


def load(*sources: Source) -> Loaded | Broken:
    """The files as one configuration, later ones over earlier ones; or the first mistake."""
    merged: dict[str, Data] = {}
    origins: dict[str, str] = {}
    for source in sources:
        data = _data(source)
        if isinstance(data, Broken):
            return data
        merged = _over(merged, data)
        origins |= dict.fromkeys(_keys(data), source.name)
    return Loaded(RepoConfig.model_validate(merged), MappingProxyType(origins))


class _NoConfiguration(Exception):
    """Something else than keys and values, or more of them than anybody configures."""

    def __init__(self, problem: str, line: int = 1) -> None:
        super().__init__(problem)
        self.line = line


Path = tuple[str | int, ...]


def _data(source: Source) -> dict[str, Data] | Broken:
    """One file's values, once they are known to be good by themselves."""
    lines: dict[Path, int] = {}
    try:
        data = _values(source.text, lines)
        RepoConfig.model_validate(data)
    except ValidationError as error:
        mistakes = [_broken(source, lines, each) for each in error.errors()]
        return min(mistakes, key=lambda each: each.line)
    except _NoConfiguration as error:
        return Broken(source.name, error.line, "", str(error))
    return data


def _values(text: str, lines: dict[Path, int]) -> dict[str, Data]:
    """Plain data of plain YAML, and the line of each key and item.

    Only the nodes are read: what builds objects from tags fails in more ways than it documents.
    """
    if len(text.encode()) > _MOST_BYTES:
        raise _NoConfiguration(f"a configuration is at most {_MOST_BYTES // 1024} kB")
    root = _composed(text)
    if root is None or _is_null(root):
        return {}
    if not isinstance(root, MappingNode):
        raise _NoConfiguration("a configuration is keys and values")
    return _mapping(root, (), lines)


def _composed(text: str) -> Node | None:
    if text.count("{") + text.count("[") > _MOST_BRACKETS:
        raise _NoConfiguration("this nests deeper than a configuration does")
    try:
        return YAML(pure=True).compose(text)  # type: ignore[no-any-return]
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _NoConfiguration(f"this is no YAML: {error.problem}", line) from error
    except YAMLError as error:
        raise _NoConfiguration(f"this is no YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise _NoConfiguration("this nests deeper than a configuration does") from error


def _mapping(node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Data]:
    """A key without a value, such as a section whose lines are commented out, is not set."""
    data: dict[str, Data] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if (*path, key) in lines:
            raise _NoConfiguration(f"`{key}` is set twice", line)
        lines[*path, key] = line
        if not _is_null(value_node):
            data[key] = _value(value_node, (*path, key), lines)
    return data


def _value(node: Node, path: Path, lines: dict[Path, int]) -> Data:
    """Aliases may repeat and nest without end, so what they yield is counted."""
    if len(path) > _MOST_DEPTH or len(lines) > _MOST_VALUES:
        raise _NoConfiguration("this holds more values than a configuration has")
    if isinstance(node, MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, SequenceNode):
        for at, item in enumerate(node.value):
            lines[*path, at] = item.start_mark.line + 1
        return [_value(item, (*path, at), lines) for at, item in enumerate(node.value)]
    return _scalar(str(node.value), _tag(node))


def _scalar(text: str, tag: str) -> Data:
    match tag:
        case "bool":
            return text.lower() in ("true", "yes", "on", "y")
        case "int" if len(text) < 30 and re.fullmatch(r"[-+]?[0-9]+", text):
            return int(text)
        case "float":
            try:
                return float(text)
            except ValueError:
                return text
        case _:
            return text


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and _tag(node) == "null"


def _tag(node: Node) -> str:
    return str(node.ctag).rpartition(":")[2]


def _over(below: dict[str, Data], above: Mapping[str, Data]) -> dict[str, Data]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, dict) and isinstance(value, dict)
        merged[key] = _over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def _keys(data: Mapping[str, Data], prefix: str = "") -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _broken(source: Source, lines: Mapping[Path, int], error: ErrorDetails) -> Broken:
    """The error's path as far as the file has it; the rest names types of ours."""
    where = error["loc"]
    known = next((where[:end] for end in range(len(where), 0, -1) if where[:end] in lines), where)
    key = ".".join(str(part) for part in known)
    return Broken(source.name, lines.get(known, 1), key, f"`{key}` {_problem(key, error)}")


_PLAINER = {
    "model_type": "should hold keys and values",
    "tuple_type": "should be a list",
    "bool_type": "should be true or false",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "decimal_parsing": "should be a number",
    "missing": "lacks a key that it needs",
}


def _problem(key: str, error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        near = get_close_matches(key, _keys_as_deep_as(key), n=1)
        return f"is unknown; did you mean `{near[0]}`?" if near else "is unknown"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return _PLAINER.get(error["type"], f"{message[0].lower()}{message[1:]}")


def _keys_as_deep_as(key: str) -> list[str]:
    depth = key.count(".") + 1
    return list(dict.fromkeys(".".join(each.key.split(".")[:depth]) for each in describe()))
