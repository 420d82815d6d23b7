"""Token classes that add up exactly."""

from hypothesis import given
from hypothesis import strategies as st

from llm.usage import Usage, from_counts

counts = st.integers(min_value=0, max_value=10**9)
usages = st.builds(
    Usage, input=counts, cache_read=counts, cache_write=counts, output=counts, reasoning=counts
)


@given(usages, usages)
def test_the_total_of_a_sum_is_the_sum_of_the_totals(one: Usage, other: Usage) -> None:
    assert (one + other).total == one.total + other.total


def test_what_was_read_or_written_is_not_input() -> None:
    usage = from_counts(prompt=100, output=7, cache_read=60, cache_write=30, details={})
    assert usage == Usage(input=10, cache_read=60, cache_write=30, output=7)


def test_deepseek_names_its_cache_hits_differently() -> None:
    hits = {"prompt_cache_hit_tokens": 90, "prompt_cache_miss_tokens": 10}
    usage = from_counts(prompt=100, output=1, cache_read=0, cache_write=0, details=hits)
    assert usage == Usage(input=10, cache_read=90, output=1)


def test_reasoning_is_inside_the_output() -> None:
    details = {"reasoning_tokens": 5}
    usage = from_counts(prompt=1, output=8, cache_read=0, cache_write=0, details=details)
    assert (usage.output, usage.reasoning, usage.total) == (8, 5, 9)
