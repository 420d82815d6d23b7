"""The routes which the keys present give: a premium model to plan, cheap ones to execute."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from llm.routing import Effort, Endpoint, Ladder, Ladders, Phase, Route, Routes, Tier

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"

# (model, effort), cheapest first; each step up is what only a failure or a risk may pay for.
_OPENAI: tuple[tuple[str, Effort], ...] = (
    ("gpt-5.6-luna", "low"),
    ("gpt-5.6-terra", "medium"),
    ("gpt-5.6-sol", "high"),
)
_ANTHROPIC: tuple[tuple[str, Effort], ...] = (
    ("claude-haiku-5-5", "low"),
    ("claude-sonnet-5-5", "medium"),
    ("claude-opus-5-5", "high"),
)


def vendor_endpoints(
    openai_key: str | None = None,
    openai_base_url: str | None = None,
    anthropic_key: str | None = None,
    anthropic_base_url: str | None = None,
) -> tuple[Endpoint, ...]:
    """The endpoints that are always there by name, `openai` and `anthropic`, if they have a key."""
    openai = openai_key and Endpoint(
        name="openai",
        kind="openai-responses",
        base_url=openai_base_url or OPENAI_URL,
        key=SecretStr(openai_key),
    )
    anthropic = anthropic_key and Endpoint(
        name="anthropic",
        kind="anthropic",
        base_url=anthropic_base_url or ANTHROPIC_URL,
        key=SecretStr(anthropic_key),
    )
    return tuple(endpoint for endpoint in (anthropic, openai) if endpoint)


def default_routes(
    openai_key: str | None = None,
    openai_base_url: str | None = None,
    anthropic_key: str | None = None,
    anthropic_base_url: str | None = None,
) -> Routes:
    endpoints = vendor_endpoints(openai_key, openai_base_url, anthropic_key, anthropic_base_url)
    return Routes(ladders=ladders_from(endpoints))


def ladders_from(endpoints: Sequence[Endpoint]) -> Ladders:
    """One vendor's three models in every phase; the first endpoint given is the one used."""
    if not endpoints:
        return {}
    cheap, middle, premium = _three(endpoints[0])
    story: dict[Tier, Ladder] = {
        Tier.light: (cheap, middle, premium),
        Tier.standard: (cheap, middle, premium),
        Tier.heavy: (middle, premium),
    }
    thinking: dict[Phase, Ladder] = {
        Phase.intake: (cheap, middle),
        Phase.architect: (premium,),
        Phase.draft: (premium,),
        Phase.critic: (middle, premium),
        Phase.surgeon: (premium,),
        Phase.resolve: (middle, premium),
    }
    return {
        **{(phase, tier): ladder for phase, ladder in thinking.items() for tier in Tier},
        **{(Phase.story, tier): ladder for tier, ladder in story.items()},
    }


def _three(endpoint: Endpoint) -> tuple[Route, Route, Route]:
    models = _ANTHROPIC if endpoint.kind == "anthropic" else _OPENAI
    cheap, middle, premium = (
        Route(model=model, effort=effort, endpoint=endpoint) for model, effort in models
    )
    return cheap, middle, premium
