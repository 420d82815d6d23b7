"""Models over HTTP: pydantic-ai speaks the three dialects, and no other module imports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic_ai import exceptions
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    CachePoint,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from llm.backend import Job, Result
from llm.clients import anthropic_client, on_bytes, openai_client
from llm.conversation import Answer, Answers, Asked, Call, Reply, Turn
from llm.errors import (
    BadReply,
    KeyRefused,
    LLMError,
    NoRoute,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from llm.loop import converse
from llm.meter import Clock, Finish
from llm.prefix import tool_specs
from llm.routing import Endpoint, Route
from llm.usage import Usage, from_counts
from llm.watchdog import Pulse


@dataclass(frozen=True)
class InProcess:
    """The backend that runs the loop here and asks vendors for the words."""

    clock: Clock

    async def run(self, job: Job) -> Result:
        return await converse(job, VendorSpeaker(_model(job.route)), self.clock)


@dataclass(frozen=True)
class VendorSpeaker:
    model: Model

    async def speak(self, job: Job, turns: Sequence[Turn], pulse: Pulse) -> Reply:
        with _told_of_bytes(pulse.beat), _as_our_errors(job.route):
            request = model_request_stream(
                self.model,
                _messages(job, turns),
                model_settings=_settings(job),
                model_request_parameters=_parameters(job),
            )
            async with request as stream:
                async for event in stream:
                    pulse.beat(_characters(event))
            return _reply(stream, job.route)


def _model(route: Route) -> Model:
    endpoint = route.endpoint
    if endpoint is None:
        raise NoRoute(f"{route} names no endpoint")
    match endpoint.kind:
        case "openai-responses":
            from pydantic_ai.models.openai import OpenAIResponsesModel
            from pydantic_ai.providers.openai import OpenAIProvider

            provider = OpenAIProvider(openai_client=openai_client(endpoint))
            return OpenAIResponsesModel(route.model, provider=provider)
        case "openai-chat":
            return _chat_model(route.model, endpoint)
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel
            from pydantic_ai.providers.anthropic import AnthropicProvider

            anthropic = AnthropicProvider(anthropic_client=anthropic_client(endpoint))
            return AnthropicModel(route.model, provider=anthropic)


def _chat_model(model: str, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.deepseek import DeepSeekProvider
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    client, host = openai_client(endpoint), urlsplit(endpoint.base_url).hostname or ""
    if host.endswith("openai.com"):
        return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
    # DeepSeek wants its reasoning sent back and knows `max_tokens` only.
    if host.endswith("deepseek.com"):
        return OpenAIChatModel(model, provider=DeepSeekProvider(openai_client=client))
    # Everybody else gets no field that only OpenAI itself knows.
    provider = OpenAICompatibleProvider(endpoint.name, openai_client=client)
    return OpenAIChatModel(model, provider=provider)


def _parameters(job: Job) -> ModelRequestParameters:
    outputs = {output.name for output in job.outputs}
    tools: list[ToolDefinition] = []
    replies: list[ToolDefinition] = []
    for spec in tool_specs(job):
        definition = ToolDefinition(
            name=spec.name,
            description=spec.description,
            parameters_json_schema=spec.schema,
            kind="output" if spec.name in outputs else "function",
        )
        (replies if spec.name in outputs else tools).append(definition)
    # A reply that is only text can be a tool call that failed to be one, and would pass as success.
    return ModelRequestParameters(
        function_tools=tools, output_tools=replies, output_mode="tool", allow_text_output=False
    )


def _settings(job: Job) -> ModelSettings:
    assert job.route.endpoint is not None
    match job.route.endpoint.kind:
        case "openai-responses":
            from pydantic_ai.models.openai import OpenAIResponsesModelSettings

            responses = OpenAIResponsesModelSettings(
                openai_store=False, openai_prompt_cache_diagnostics=False
            )
            if job.cache_key:
                responses["openai_prompt_cache_key"] = job.cache_key
            return _with_common(responses, job)
        case "openai-chat":
            return _with_common(ModelSettings(), job)
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModelSettings

            return _with_common(AnthropicModelSettings(anthropic_cache=True), job)


def _with_common(settings: ModelSettings, job: Job) -> ModelSettings:
    settings["max_tokens"] = job.limits.max_output_tokens
    settings["parallel_tool_calls"] = True
    # Framing would add words of the library's own to our prefix.
    settings["framing_announcement"] = "never"
    if job.route.effort is not None:
        settings["thinking"] = job.route.effort
    return settings


def _messages(job: Job, turns: Sequence[Turn]) -> list[ModelMessage]:
    messages = [_message(turn) for turn in turns]
    first = messages[0]
    assert isinstance(first, ModelRequest)
    first.parts = [SystemPromptPart(job.system), *first.parts]
    return messages


def _message(turn: Turn) -> ModelMessage:
    match turn:
        case Asked(blocks=blocks):
            return ModelRequest(parts=[UserPromptPart(_ending_in_cache(block)) for block in blocks])
        case Reply(raw=raw):
            assert isinstance(raw, ModelResponse)
            return raw
        case Answers(answers=answers):
            return ModelRequest(parts=[_returned(answer) for answer in answers])


def _ending_in_cache(block: str) -> list[UserContent]:
    return [block, CachePoint()]


def _returned(answer: Answer) -> ToolReturnPart:
    return ToolReturnPart(
        tool_name=answer.call.tool,
        content=answer.text,
        tool_call_id=answer.call.id,
        outcome="failed" if answer.failed else "success",
    )


def _reply(stream: StreamedResponse, route: Route) -> Reply:
    response = stream.get()
    if response.state != "complete" or response.finish_reason is None:
        raise Unreachable(f"{route} cut its stream")
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    return Reply(
        text="".join(part.content for part in response.parts if isinstance(part, TextPart)),
        calls=tuple(Call(part.tool_call_id, part.tool_name, _json(part)) for part in calls),
        usage=_usage(response.usage),
        model=response.model_name or route.model,
        finish=_FINISHES.get(response.finish_reason, Finish.unknown),
        raw=response,
    )


_FINISHES = {
    "stop": Finish.stop,
    "length": Finish.length,
    "content_filter": Finish.filtered,
    "tool_call": Finish.tool_calls,
}


def _json(part: ToolCallPart) -> str:
    return part.args if isinstance(part.args, str) else json.dumps(part.args or {})


def _usage(usage: RequestUsage) -> Usage | None:
    """None where the vendor sent no count."""
    if usage.unmeasured_requests:
        return None
    reasoning = {"reasoning_tokens": usage.output_reasoning_tokens}
    return from_counts(
        prompt=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_tokens,
        cache_write=usage.cache_write_tokens,
        details={**usage.details, **(reasoning if usage.output_reasoning_tokens else {})},
    )


def _characters(event: object) -> int:
    match event:
        case (
            PartStartEvent(part=TextPart(content=text))
            | PartDeltaEvent(delta=TextPartDelta(content_delta=text))
        ):
            return len(text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=str() as text)):
            return len(text)
        case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str() as text)):
            return len(text)
        case _:
            return 0


@contextmanager
def _told_of_bytes(told: Callable[[], None]) -> Iterator[None]:
    token = on_bytes.set(told)
    try:
        yield
    finally:
        on_bytes.reset(token)


@contextmanager
def _as_our_errors(route: Route) -> Iterator[None]:
    try:
        yield
    except (exceptions.ModelAPIError, exceptions.UnexpectedModelBehavior) as error:
        raise _ours(error, route) from error


def _ours(error: exceptions.AgentRunError, route: Route) -> LLMError:
    where = _where(route)
    match error:
        case exceptions.ModelQuotaExceededError():
            return RateLimited(f"{where} says the account has no credit left")
        case exceptions.ModelRateLimitError(retry_after=seconds):
            return RateLimited(f"{where} is over its rate limit", seconds)
        case exceptions.ModelOverloadedError(retry_after=seconds):
            return RateLimited(f"{where} is overloaded", seconds)
        case exceptions.ModelAuthenticationError():
            return KeyRefused(f"{where} refused the key")
        case (
            exceptions.ModelServerError(in_stream=began)
            | exceptions.ModelUnavailableError(in_stream=began)
        ):
            return Unreachable(f"{where} failed: {_status(error)}", billed=began)
        case exceptions.ModelConnectionError(phase=phase):
            sent = phase not in ("pool", "connect")
            return Unreachable(f"{where} could not be reached: {error.message}", billed=sent)
        case exceptions.ModelRequestRejectedError() | exceptions.ModelHTTPError():
            return RequestRefused(f"{where} refused the request: {_status(error)}")
        case exceptions.ModelAPIError():
            return Unreachable(f"{where} broke off: {error.message[:300]}")
        case exceptions.ContentFilterError():
            return BadReply(f"{route} would not answer: its content filter stopped it")
        case _:
            return Unreachable(f"{where} answered what cannot be read: {str(error)[:300]}")


def _where(route: Route) -> str:
    """The endpoint for people; a URL may carry a password before its host."""
    endpoint = route.endpoint
    if endpoint is None:
        return str(route)
    url = urlsplit(endpoint.base_url)
    return f"{endpoint.name} ({url.scheme}://{url.netloc.rpartition('@')[2]}{url.path})"


def _status(error: exceptions.AgentRunError) -> str:
    if isinstance(error, exceptions.ModelHTTPError):
        return f"{error.status_code} {error.body}"[:300]
    return error.message[:300]
