"""Prices with their sources, and sums that do not forget what they could not price."""

from datetime import UTC, date, datetime
from decimal import Decimal

from pydantic import SecretStr

from llm.pricing import Cost, Priced, Usd, cost_of, price
from llm.routing import Endpoint, Rates, Route
from llm.usage import Usage
from tests.llm.builders import NOON, a_route

MILLION = Usage(input=1_000_000, cache_read=1_000_000, cache_write=1_000_000, output=1_000_000)


def at_openai(model: str) -> Route:
    endpoint = Endpoint(
        name="openai",
        kind="openai-responses",
        base_url="https://proxy.example/v1",
        key=SecretStr("k"),
    )
    return Route(model=model, endpoint=endpoint)


def test_a_configured_price_always_wins() -> None:
    rates = Rates(input=Decimal(1), output=Decimal(4), cache_read=Decimal("0.1"))
    route = at_openai("gpt-5.6-luna").model_copy(update={"price": (rates,)})
    assert price(route, MILLION, NOON) == Priced(amount=Usd(Decimal("6.1")), source="BARO_ROUTES")


def test_a_dated_price_holds_from_its_day_on() -> None:
    old = Rates(input=Decimal(1), output=Decimal(0))
    new = Rates(input=Decimal(2), output=Decimal(0), since=date(2026, 11, 20))
    route = a_route().model_copy(update={"price": (new, old)})
    usage = Usage(input=1_000_000)
    before = datetime(2026, 11, 19, 23, 59, tzinfo=UTC)
    assert [price(route, usage, at).amount for at in (before, NOON)] == [1, 2]


def test_a_vendors_list_price_names_its_source() -> None:
    priced = price(at_openai("gpt-5.6-luna"), Usage(input=1000, output=1000), NOON)
    assert priced.amount == Decimal("0.0014")
    assert priced.source.startswith("genai-prices ")


def test_an_unknown_model_or_server_is_unknown_with_the_reason() -> None:
    for route in (at_openai("no-such-model"), a_route(model="gpt-5.6-luna")):
        priced = price(route, Usage(input=5), NOON)
        assert priced.amount is None
        assert priced.reason == f"no price is known for {route}"


def test_nothing_used_costs_nothing_anywhere() -> None:
    assert price(a_route(), Usage(), NOON).amount == 0


def test_a_sum_remembers_the_tokens_it_could_not_price() -> None:
    known = cost_of(Usage(input=10), Priced(amount=Usd(Decimal("0.5")), source="list"))
    unknown = cost_of(Usage(output=7), Priced(amount=None, source="list", reason="new model"))
    total = known + unknown + Cost()
    assert (total.known, total.tokens, total.unpriced_tokens) == (Decimal("0.5"), 17, 7)
    assert total.amount is None
    assert total.reasons == {"new model"}
    assert (known + known).amount == 1
