"""A plan is priced before anybody approves it, and so are the narrower ways to do the same."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from llm.routing import Endpoint, Rates, Route, Tier
from planner.estimate import RouteFor, estimate
from planner.plan import Estimate, Mode, Story
from tests.planner.builders import NOON, a_story, stories

DEEPSEEK = Endpoint(
    name="deepseek", kind="openai-chat", base_url="http://127.0.0.1:1", key=SecretStr("k")
)
CHEAP = Route(
    model="flash",
    endpoint=DEEPSEEK,
    price=(Rates(input=Decimal("0.30"), cache_read=Decimal("0.03"), output=Decimal("1.20")),),
)
UNPRICED = Route(backend="scripted", model="prepared", script=Path("/nowhere"))


def priced(
    plan: Sequence[Story], mode: Mode, agents: int = 1, route_for: RouteFor = lambda _: CHEAP
) -> Estimate:
    return estimate(plan, mode, agents, route_for, NOON)


def test_a_parallel_plan_is_compared_with_sequential_and_focused() -> None:
    plan = stories(s1="", s2="s1", s3="s1", s4="s2 s3")
    priced_plan = priced(plan, Mode.parallel, 2)
    sequential, focused = priced_plan.alternatives
    assert [sequential.mode, focused.mode] == [Mode.sequential, Mode.focused]
    assert priced_plan.proposed.tokens == sequential.tokens
    assert focused.tokens.low < sequential.tokens.low
    assert priced_plan.proposed.minutes.low < sequential.minutes.low
    assert sequential.speedup == focused.speedup == 1


def test_the_speedup_is_bounded_by_the_critical_path_however_many_agents() -> None:
    proposed = priced(stories(s1="", s2="s1", s3="s1", s4="s2 s3"), Mode.parallel, 99).proposed
    assert proposed.critical_path == ("s1", "s2", "s4")
    assert proposed.speedup == Decimal("1.3")


def test_agents_bound_the_speedup_of_a_wide_plan() -> None:
    wide = stories(s1="", s2="", s3="", s4="")
    assert priced(wide, Mode.parallel, 2).proposed.speedup == 2
    assert priced(wide, Mode.parallel, 4).proposed.speedup == 4


def test_a_heavier_tier_takes_more_of_everything() -> None:
    by_tier = [priced([a_story("s1", tier=tier)], Mode.focused).proposed for tier in Tier]
    assert [f.tokens.low for f in by_tier] == sorted(f.tokens.low for f in by_tier)
    assert [f.minutes.low for f in by_tier] == sorted(f.minutes.low for f in by_tier)


def test_a_focused_plan_has_no_alternative() -> None:
    assert priced([a_story("s1")], Mode.focused).alternatives == ()


def test_every_story_names_its_model_and_its_share() -> None:
    whole = priced(stories(s1="", s2=""), Mode.parallel, 2)
    assert [one.model for one in whole.stories] == ["flash", "flash"]
    assert whole.proposed.usd
    assert whole.proposed.usd.low == sum(one.usd.low for one in whole.stories if one.usd)
    assert Decimal("0.005") < whole.proposed.usd.low < Decimal("0.10")
    assert whole.proposed.usd.high == whole.proposed.usd.low * 2


def test_an_unknown_price_is_unknown_and_never_zero() -> None:
    half = priced(
        [a_story("s1", tier=Tier.light), a_story("s2")],
        Mode.parallel,
        2,
        lambda tier: UNPRICED if tier is Tier.light else CHEAP,
    )
    assert half.proposed.usd is None
    assert half.proposed.tokens.low > 0
    assert [one.usd is None for one in half.stories] == [True, False]
