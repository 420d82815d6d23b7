"""The configuration files of an organisation and a repository, read as one.

The organisation's file is read first and the repository's over it, key by key; lists are replaced.
Keys are strict: a misspelt one is an error that names the file, the line and the key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.repo_config import RepoConfig, describe

_MOST_BYTES = 65_536
_MOST_VALUES = 2_000
_MOST_DEPTH = 8

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


def _data(source: Source) -> dict[str, Data] | Broken:
    """One file's values, once they are known to be good by themselves."""
    tree: object = None
    try:
        tree = _tree(source.text)
        data = _values(tree)
        RepoConfig.model_validate(data)
    except ValidationError as error:
        return min(
            (_broken(source, tree, each) for each in error.errors()), key=lambda each: each.line
        )
    except _NoConfiguration as error:
        return Broken(source.name, 1, "", str(error))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Broken(source.name, line, "", f"this is no YAML: {error.problem}")
    except YAMLError as error:
        return Broken(source.name, 1, "", f"this is no YAML: {str(error).splitlines()[0]}")
    return data


def _tree(text: str) -> object:
    if len(text.encode()) > _MOST_BYTES:
        raise _NoConfiguration(f"a configuration is at most {_MOST_BYTES // 1024} kB")
    return YAML(typ="rt", pure=True).load(text)


def _values(tree: object) -> dict[str, Data]:
    if tree is None:
        return {}
    if not isinstance(tree, CommentedMap):
        raise _NoConfiguration("a configuration is keys and values")
    budget = iter(range(_MOST_VALUES))
    return _mapping(tree, budget, 1)


def _mapping(node: CommentedMap, budget: Iterator[int], depth: int) -> dict[str, Data]:
    """A key without a value, such as a section whose lines are commented out, is not set."""
    given = ((str(key), value) for key, value in node.items() if value is not None)
    return {key: _value(value, budget, depth) for key, value in given}


def _value(node: object, budget: Iterator[int], depth: int) -> Data:
    """Plain data. Aliases may repeat and nest without end, so what they yield is counted."""
    if next(budget, None) is None or depth > _MOST_DEPTH:
        raise _NoConfiguration("this holds more values than a configuration has")
    if isinstance(node, CommentedMap):
        return _mapping(node, budget, depth + 1)
    if isinstance(node, CommentedSeq):
        return [_value(value, budget, depth + 1) for value in node]
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, int):
        return int(node)
    return float(node) if isinstance(node, float) else str(node)


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


def _broken(source: Source, tree: object, error: ErrorDetails) -> Broken:
    path = _known_path(tree, error["loc"])
    key = ".".join(str(part) for part in path or error["loc"])
    return Broken(source.name, _line(tree, path), key, f"`{key}` {_problem(key, error)}")


def _known_path(tree: object, location: Sequence[int | str]) -> tuple[int | str, ...]:
    """The error's path as far as the file has it; the rest names types of ours."""
    path: list[int | str] = []
    for part in location:
        in_map = isinstance(tree, CommentedMap) and part in tree
        in_list = isinstance(tree, CommentedSeq) and isinstance(part, int) and part < len(tree)
        if not (in_map or in_list):
            break
        path.append(part)
        tree = tree[part]  # type: ignore[index]
    return tuple(path)


def _line(tree: object, path: Sequence[int | str]) -> int:
    line = 0
    for part in path:
        if isinstance(tree, CommentedMap):
            line = tree.lc.key(part)[0]
        elif isinstance(tree, CommentedSeq):
            line = tree.lc.item(part)[0]
        tree = tree[part]  # type: ignore[index]
    return line + 1


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
