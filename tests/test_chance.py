"""The one rule by which all pages judge what chance does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from lesson import chance, comparison

digits_right = some.integers(9_790, 9_810).map(lambda right: right / 10_000)


@given(some.lists(digits_right, min_size=3, max_size=5), some.lists(digits_right, min_size=3))
def test_what_lies_beyond_chance_is_never_told_as_nothing(
    ours: list[float], theirs: list[float]
) -> None:
    said = chance.against(ours, theirs)
    assert "0.00" not in said
    apart = min(ours) > max(theirs) or max(ours) < min(theirs)
    assert (chance.BEYOND in said) == apart


def test_a_gap_smaller_than_what_is_shown_is_no_gap() -> None:
    assert chance.against([0.980011] * 3, [0.98001] * 3) == "within chance"


@given(
    some.lists(digits_right, min_size=3, max_size=5),
    some.lists(digits_right, min_size=3, max_size=5),
)
def test_the_comparison_judges_by_the_same_rule(ours: list[float], theirs: list[float]) -> None:
    told = comparison.chance_sentence({"A": ours, "B": theirs})
    apart = min(ours) > max(theirs) or max(ours) < min(theirs)
    assert ("so the difference counts" in told) == apart
