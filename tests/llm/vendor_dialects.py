"""Responses, Chat Completions and Messages, as a vendor reads and writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from llm.script import ScriptTurn
from llm.usage import Usage

Body = Mapping[str, Any]
Event = tuple[str | None, str]


@dataclass(frozen=True)
class Heard:
    """A request, reduced to what a script is chosen by. `results` stood before each model turn."""

    prompt: str
    results: tuple[str, ...]
    blocks: tuple[str, ...]
    tools: frozenset[str]


class Refusal(Exception):
    """The request breaks the dialect; a real vendor answers 400."""


class Dialect(Protocol):
    path: str
    caches_by_mark: bool

    def key(self, headers: Mapping[str, str]) -> str: ...
    def hear(self, body: Body) -> Heard: ...
    def events(self, turn: ScriptTurn, usage: Usage, model: str, number: int) -> list[Event]: ...


def require(claim: object, text: str) -> None:
    if not claim:
        raise Refusal(text)


def arguments(args: object) -> str:
    return args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)


def pieces(text: str, size: int = 7) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _check_tools(tools: Iterable[tuple[str, Any]]) -> frozenset[str]:
    named = list(tools)
    require(named, "no tools")
    for name, schema in named:
        require(isinstance(name, str) and name, "a tool has no name")
        require(isinstance(schema, dict) and schema.get("type") == "object", f"{name}: no schema")
        require("title" not in schema, f"{name}: its schema has a title")
    return frozenset(name for name, _ in named)


def _heard(head: str, said: Iterable[tuple[str, str]], tools: frozenset[str]) -> Heard:
    """`said` is (who, text) in order; what comes before the model's first turn is the prompt."""
    prompt, waiting, results, blocks = "", "", [], [head]
    for who, text in said:
        blocks.append(text)
        if who == "model":
            results.append(waiting)
            waiting = ""
        elif results:
            waiting += f"{text}\n"
        else:
            prompt += f"{text}\n"
    return Heard(prompt, (*results, waiting), tuple(blocks), tools)


def _paired(called: Iterable[str], answered: Iterable[str]) -> None:
    require(sorted(called) == sorted(answered), "calls and results do not pair up")


def _bearer(headers: Mapping[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ")


class ChatCompletions:
    path = "/v1/chat/completions"
    caches_by_mark = False

    def key(self, headers: Mapping[str, str]) -> str:
        return _bearer(headers)

    def hear(self, body: Body) -> Heard:
        require(body.get("stream_options", {}).get("include_usage"), "no usage asked for")
        tools = [one["function"] for one in body.get("tools", [])]
        named = _check_tools((one["name"], one["parameters"]) for one in tools)
        messages = body["messages"]
        require(messages[0]["role"] == "system", "no system message")
        calls = [call["id"] for one in messages for call in one.get("tool_calls") or []]
        _paired(calls, [one["tool_call_id"] for one in messages if one["role"] == "tool"])
        head = json.dumps([tools, messages[0]])
        said = ((_who(one["role"]), _chat_text(one)) for one in messages[1:])
        return _heard(head, said, named)

    def events(self, turn: ScriptTurn, usage: Usage, model: str, number: int) -> list[Event]:
        def chunk(delta: Body, finish: str | None = None) -> Event:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return None, json.dumps(base | {"choices": [choice]}, ensure_ascii=False)

        base: dict[str, Any] = {
            "id": f"chat-{number}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": model,
        }
        events = [chunk({"role": "assistant", "content": ""})]
        events += [chunk({"content": piece}) for piece in pieces(turn.text)]
        for index, call in enumerate(turn.calls):
            start = {"id": f"call_{number}_{index}", "type": "function"}
            named = {"function": {"name": call.tool, "arguments": ""}}
            events.append(chunk({"tool_calls": [{"index": index, **start, **named}]}))
            events += [
                chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
                for piece in pieces(arguments(call.args))
            ]
        events.append(chunk({}, "tool_calls" if turn.calls else "stop"))
        counted = {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.output,
            "total_tokens": usage.total,
            "prompt_tokens_details": {"cached_tokens": usage.cache_read},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        }
        last = None, json.dumps(base | {"choices": [], "usage": counted})
        return [*events, last, (None, "[DONE]")]


def _who(role: str) -> str:
    return "model" if role == "assistant" else "us"


def _chat_text(message: Body) -> str:
    content = message.get("content") or ""
    text = content if isinstance(content, str) else "\n".join(part["text"] for part in content)
    return text + json.dumps(message["tool_calls"]) if message.get("tool_calls") else text


class Responses:
    path = "/v1/responses"
    caches_by_mark = False

    def key(self, headers: Mapping[str, str]) -> str:
        return _bearer(headers)

    def hear(self, body: Body) -> Heard:
        require(body.get("store") is False, "the response would be stored")
        require("previous_response_id" not in body, "the conversation would live at the vendor")
        tools = body.get("tools", [])
        named = _check_tools((one["name"], one["parameters"]) for one in tools)
        items = body["input"]
        require(
            body.get("instructions") or items[0].get("role") in ("system", "developer"), "no system"
        )
        _paired(
            [one["call_id"] for one in items if one.get("type") == "function_call"],
            [one["call_id"] for one in items if one.get("type") == "function_call_output"],
        )
        head = json.dumps([tools, body.get("instructions")])
        return _heard(head, _as_turns(items), named)

    def events(self, turn: ScriptTurn, usage: Usage, model: str, number: int) -> list[Event]:
        made: list[Event] = []

        def add(kind: str, **fields: object) -> None:
            body = {"type": kind, "sequence_number": len(made), **fields}
            made.append((kind, json.dumps(body, ensure_ascii=False)))

        whole: dict[str, Any] = {
            "id": f"resp_{number}", "object": "response", "created_at": 1, "model": model,
            "output": [], "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        }  # fmt: skip
        add("response.created", response=whole | {"status": "in_progress"})
        output = []
        if turn.text:
            output.append(_say(add, turn.text, number))
        for index, call in enumerate(turn.calls, start=len(output)):
            output.append(_call(add, call.tool, arguments(call.args), number, index))
        counted = {
            "input_tokens": usage.prompt,
            "input_tokens_details": {"cached_tokens": usage.cache_read},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.total,
        }
        done = whole | {"status": "completed", "output": output, "usage": counted}
        add("response.completed", response=done)
        return made


def _as_turns(items: Iterable[Body]) -> Iterator[tuple[str, str]]:
    """Neighbouring items of the model are one turn of it."""
    said: list[str] = []
    for item in items:
        kind = item.get("type", "message")
        if kind in ("function_call", "reasoning") or item.get("role") == "assistant":
            said.append(json.dumps(item))
            continue
        if said:
            yield "model", "".join(said)
            said = []
        yield "us", item["output"] if kind == "function_call_output" else _item_text(item)
    if said:
        yield "model", "".join(said)


def _item_text(item: Body) -> str:
    content = item["content"]
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content)


def _say(add: Any, text: str, number: int) -> Body:
    where = {"output_index": 0, "item_id": f"msg_{number}", "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": []}
    item = {"id": f"msg_{number}", "type": "message", "role": "assistant", "content": []}
    add("response.output_item.added", output_index=0, item=item | {"status": "in_progress"})
    add("response.content_part.added", **where, part=empty)
    for piece in pieces(text):
        add("response.output_text.delta", **where, delta=piece, logprobs=[])
    add("response.output_text.done", **where, text=text, logprobs=[])
    add("response.content_part.done", **where, part=empty | {"text": text})
    done = item | {"status": "completed", "content": [empty | {"text": text}]}
    add("response.output_item.done", output_index=0, item=done)
    return done


def _call(add: Any, tool: str, args: str, number: int, index: int) -> Body:
    item = {
        "id": f"fc_{number}_{index}", "type": "function_call", "name": tool,
        "call_id": f"call_{number}_{index}", "arguments": "",
    }  # fmt: skip
    where = {"output_index": index, "item_id": item["id"]}
    add("response.output_item.added", output_index=index, item=item | {"status": "in_progress"})
    for piece in pieces(args):
        add("response.function_call_arguments.delta", **where, delta=piece)
    add("response.function_call_arguments.done", **where, arguments=args, name=tool)
    done = item | {"status": "completed", "arguments": args}
    add("response.output_item.done", output_index=index, item=done)
    return done


class Messages:
    path = "/v1/messages"
    caches_by_mark = True

    def key(self, headers: Mapping[str, str]) -> str:
        require(headers.get("anthropic-version"), "no version header")
        # The documentation says x-api-key; the vendor's SDK sends a bearer since its version 2.
        return headers.get("x-api-key") or _bearer(headers)

    def hear(self, body: Body) -> Heard:
        require(body.get("max_tokens"), "no max_tokens")
        require(body.get("system"), "no system")
        tools = body.get("tools", [])
        named = _check_tools((one["name"], one["input_schema"]) for one in tools)
        parts = [part for one in body["messages"] for part in _parts(one)]
        _paired(
            [part["id"] for part in parts if part["type"] == "tool_use"],
            [part["tool_use_id"] for part in parts if part["type"] == "tool_result"],
        )
        require(json.dumps(body).count('"cache_control"') in range(1, 5), "1 to 4 cache points")
        head = json.dumps([tools, body["system"]])
        said = _message_turns(body["messages"])
        return _heard(head, said, named)

    def events(self, turn: ScriptTurn, usage: Usage, model: str, number: int) -> list[Event]:
        def event(kind: str, **fields: object) -> Event:
            return kind, json.dumps({"type": kind, **fields}, ensure_ascii=False)

        begun = {
            "input_tokens": usage.input,
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write,
            "output_tokens": 1,
        }
        message: dict[str, Any] = {
            "id": f"msg_{number}", "type": "message", "role": "assistant", "model": model,
            "content": [], "stop_reason": None, "stop_sequence": None, "usage": begun,
        }  # fmt: skip
        events = [event("message_start", message=message), event("ping")]
        index = 0
        if turn.text:
            block: dict[str, Any] = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(turn.text)]
            events += _block(event, index, block, deltas)
            index += 1
        for call in turn.calls:
            block = {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": call.tool}
            deltas = [
                {"type": "input_json_delta", "partial_json": piece}
                for piece in pieces(arguments(call.args))
            ]
            events += _block(event, index, block | {"input": {}}, deltas)
            index += 1
        stop = {"stop_reason": "tool_use" if turn.calls else "end_turn", "stop_sequence": None}
        counted = begun | {"output_tokens": usage.output}
        events.append(event("message_delta", delta=stop, usage=counted))
        return [*events, event("message_stop")]


def _block(event: Any, index: int, block: Body, deltas: Iterable[Body]) -> list[Event]:
    return [
        event("content_block_start", index=index, content_block=block),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def _parts(message: Body) -> list[Body]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _message_turns(messages: Iterable[Body]) -> Iterator[tuple[str, str]]:
    """Our words part by part, since a cache may end after each; a model's turn as one."""
    for message in messages:
        if message["role"] == "assistant":
            yield "model", "".join(_part_text(part) for part in _parts(message))
        else:
            yield from (("us", _part_text(part)) for part in _parts(message))


def _part_text(part: Body) -> str:
    match part["type"]:
        case "text":
            return str(part["text"])
        case "tool_result":
            content = part["content"]
            return (
                content if isinstance(content, str) else "\n".join(one["text"] for one in content)
            )
        case _:
            return json.dumps({key: part[key] for key in part if key != "cache_control"})


DIALECTS: dict[str, Dialect] = {
    "openai-responses": Responses(),
    "openai-chat": ChatCompletions(),
    "anthropic": Messages(),
}
