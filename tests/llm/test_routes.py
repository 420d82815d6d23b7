"""From keys and `BARO_ROUTES` to routes."""

from decimal import Decimal
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from llm import route_table
from llm.default_routes import default_routes, vendor_endpoints
from llm.route_table import RoutesError, parse_routes
from llm.routing import Phase, Routes, Tier

VENDORS = vendor_endpoints(openai_key="k-openai", anthropic_key="k-anthropic")


def ladder(routes: Routes, phase: Phase, tier: Tier = Tier.standard) -> list[str]:
    rungs: list[str] = []
    while route := routes.route(phase, tier, len(rungs)):
        rungs.append(str(route))
    return rungs


def test_without_a_key_there_is_no_route() -> None:
    assert default_routes().route(Phase.draft) is None


def test_premium_plans_cheap_executes_and_the_ladder_gets_stronger() -> None:
    routes = default_routes(openai_key="k")
    assert ladder(routes, Phase.intake)[0] == snapshot("openai/gpt-5.6-luna (low)")
    assert ladder(routes, Phase.draft) == snapshot(["openai/gpt-5.6-sol (high)"])
    assert ladder(routes, Phase.story, Tier.light) == snapshot(
        ["openai/gpt-5.6-luna (low)", "openai/gpt-5.6-terra (medium)", "openai/gpt-5.6-sol (high)"]
    )
    assert ladder(routes, Phase.story, Tier.heavy) == snapshot(
        ["openai/gpt-5.6-terra (medium)", "openai/gpt-5.6-sol (high)"]
    )


def test_every_phase_and_tier_has_a_default() -> None:
    routes = default_routes(anthropic_key="k", anthropic_base_url="http://127.0.0.1:1")
    assert all(routes.route(phase, tier) for phase in Phase for tier in Tier)


def example() -> str:
    """What the docstring shows is what is read."""
    lines = (route_table.__doc__ or "").splitlines()
    return "\n".join(line for line in lines if line.startswith("    "))


def test_the_documented_example_is_read() -> None:
    routes = parse_routes(example(), {"deepseek": "k"}, VENDORS)
    assert ladder(routes, Phase.critic) == ["openai/gpt-5.6-terra"]
    assert ladder(routes, Phase.draft) == ["anthropic/claude-opus-5-5 (high)"]
    assert ladder(routes, Phase.story, Tier.light) == ["deepseek/deepseek-v4-flash"]
    assert ladder(routes, Phase.story, Tier.heavy) == [
        "openai/gpt-5.6-luna",
        "openai/gpt-5.6-sol (high)",
    ]
    light = routes.route(Phase.story, Tier.light)
    assert light is not None
    assert light.price[0].input == Decimal("0.3")
    assert light.endpoint is not None
    assert light.endpoint.key.get_secret_value() == "k"


def test_a_phase_that_is_left_out_keeps_what_the_keys_give() -> None:
    routes = parse_routes(
        '{"routes": {"draft": {"endpoint": "openai", "model": "m"}}}', {}, VENDORS
    )
    assert ladder(routes, Phase.draft) == ["openai/m"]
    assert ladder(routes, Phase.intake)[0] == "anthropic/claude-haiku-5-5 (low)"


def test_prepared_replies_alone_answer_every_phase() -> None:
    routes = parse_routes('{"backend": "scripted", "script": "/x.yaml"}', {})
    assert {ladder(routes, phase)[0] for phase in Phase} == {"scripted/prepared-replies"}
    route = routes.route(Phase.story, Tier.heavy)
    assert route is not None
    assert route.script == Path("/x.yaml")


def test_no_key_is_ever_shown() -> None:
    assert "k-openai" not in repr(default_routes(openai_key="k-openai"))
    assert "k-openai" not in default_routes(openai_key="k-openai").model_dump_json()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("routs: {}", "BARO_ROUTES: routs: Extra inputs are not permitted"),
        (
            "routes: {story: {lite: {endpoint: openai, model: m}}}",
            "BARO_ROUTES: routes.story.lite: Extra inputs are not permitted",
        ),
        (
            "routes: {draft: {endpoint: openai, modell: m}}",
            "BARO_ROUTES: routes.draft.model: Field required",
        ),
        (
            "routes: {draft: [{endpoint: openai, model: m, effort: huge}]}",
            "BARO_ROUTES: routes.draft.0.effort: "
            "Input should be 'minimal', 'low', 'medium' or 'high'",
        ),
        (
            "routes: {draft: {endpoint: nowhere, model: m}}",
            "BARO_ROUTES: routes.draft names the endpoint nowhere; there are: anthropic, openai",
        ),
        (
            "endpoints: {my-own: {kind: openai-chat, base_url: http://x/v1}}",
            "BARO_ROUTES: endpoints.my-own has no key; set BARO_KEY_MY_OWN",
        ),
        (
            "endpoints: {x: {kind: soap, base_url: http://x/v1}}",
            "BARO_ROUTES: endpoints.x.kind: "
            "Input should be 'openai-responses', 'openai-chat' or 'anthropic'",
        ),
        ("{", "BARO_ROUTES is neither YAML nor JSON: while parsing a flow node"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(text: str, sentence: str) -> None:
    with pytest.raises(RoutesError) as caught:
        parse_routes(text, {}, VENDORS)
    assert str(caught.value).startswith(sentence)
