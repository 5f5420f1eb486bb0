"""Which run holds best at what: the same words for other runs would be wrong."""

from __future__ import annotations

import pytest

from lesson import holding
from lesson.palette import NETWORKS
from lesson.robustness import WAYS
from lesson.specs import LEVELS


def flat(**shares: float) -> dict[str, list[float]]:
    """The same accuracy at each level of these kinds."""
    return {kind: [share] * len(LEVELS[kind]) for kind, share in shares.items()}


def curve(kind: str, rest: float, **levels: float) -> list[float]:
    """An accuracy at each level: ``rest``, save where a place, such as ``at_0``, says another."""
    values = [rest] * len(LEVELS[kind])
    for place, share in levels.items():
        values[int(place.removeprefix("at_"))] = share
    return values


@pytest.mark.parametrize(
    ("kind", "level", "words"),
    [
        ("right", 1, "moved 1 pixel to the right"),
        ("down", -4, "moved 4 pixels up"),
        ("moved", (-1, 3), "moved 1 pixel up and 3 pixels to the right"),
        ("rotation", -45, "turned by 45° counterclockwise"),
        ("scale", 0.5, "0.5 times as large"),
        ("noise", 0.4, "with noise of a standard deviation of 0.4"),
        ("contrast", 0.1, "with 10% of the ink left"),
        ("blur", 1.5, "blurred by 1.5 pixels"),
        ("patch", 8, "with 8×8 pixels covered"),
    ],
)
def test_levels_are_told_in_words(kind: str, level: object, words: str) -> None:
    assert holding.level_in_words(kind, level) == words


@pytest.mark.parametrize("kind", LEVELS)
def test_every_level_has_words_and_a_short_name_of_its_own(kind: str) -> None:
    words = [holding.level_in_words(kind, level) for level in LEVELS[kind]]
    short = [holding.level_in_short(kind, level) for level in LEVELS[kind]]
    assert len(set(words)) == len(set(short)) == len(LEVELS[kind])
    assert words[LEVELS[kind].index(WAYS[kind].rest)] == "left as they are"


def test_the_level_is_named_at_which_runs_lie_furthest_apart() -> None:
    a, b = curve("contrast", 0.9, at_0=0.95), curve("contrast", 0.9, at_0=0.2, at_1=0.5)
    assert holding.furthest_apart("contrast", {"B": b, "A": a}) == (
        "They lie furthest apart on digits **with 10% of the ink left**: "
        "A 0.950 and B 0.200 are read right."
    )
    assert holding.furthest_apart("contrast", {"B": b}) == (
        "It is hit hardest by digits **with 10% of the ink left**: B 0.200 are read right."
    )


def test_means_are_taken_over_all_levels_and_leave_out_what_was_not_measured() -> None:
    measured = {"A": {"blur": [1, 1, 1, 0.5, 0, 0, 0]}, "B": flat(blur=0.25, noise=0.5)}
    means = holding.means(measured)
    assert means["blur"] == {"A": 0.5, "B": 0.25}
    assert means["noise"] == {"B": 0.5}
    assert means["patch"] == {}


def test_the_table_marks_the_best_and_who_comes_close() -> None:
    means = holding.means(
        {"A": flat(blur=0.9, noise=0.5), "B": flat(blur=0.895, noise=0.6), "C": flat(blur=0.2)}
    )
    lines = holding.table(means, ["A", "B", "C"]).splitlines()
    assert "| Blurred | **0.900** | **0.895** | 0.200 |" in lines
    assert "| Noise | 0.500 | **0.600** | – |" in lines
    assert "| Turned | – | – | – |" in lines
    assert len(lines) == 2 + len(LEVELS)


def test_one_run_alone_is_not_the_best() -> None:
    means = holding.means({"A": flat(blur=0.9)})
    assert "**" not in holding.table(means, ["A"])
    assert "Choose a second run" in holding.verdict(means)
    assert holding.widest_gap({"A": flat(blur=0.9)}) == ""


def test_each_run_has_its_colour_in_the_table_and_its_name_is_escaped() -> None:
    table = holding.table(holding.means({}), ["CNN 2", "<b>x</b>"])
    assert NETWORKS["CNN 2"] in table
    assert "<b>x" not in table


def test_no_network_need_hold_best_at_everything() -> None:
    means = holding.means({"A": flat(blur=0.9, noise=0.5), "B": flat(blur=0.2, noise=0.6)})
    assert holding.verdict(means) == (
        "No network holds best at everything. **B** holds best: noise. **A** holds best: blurred."
    )


def test_who_is_never_beaten_is_named_and_so_is_who_keeps_up() -> None:
    means = holding.means({"A": flat(blur=0.9, noise=0.5), "B": flat(blur=0.2, noise=0.505)})
    assert holding.verdict(means) == (
        "On average **A** is never beaten. **A** holds best: blurred. "
        "**A** and **B** are level: noise."
    )


def test_the_widest_gap_is_looked_for_among_all_levels_of_all_kinds() -> None:
    measured = {
        "A": {"blur": curve("blur", 0.9), "patch": curve("patch", 0.9)},
        "B": {"blur": curve("blur", 0.6, at_6=0.8), "patch": curve("patch", 0.9, at_9=0.1)},
        "C": {"blur": curve("blur", 0.95)},
    }
    assert holding.widest_gap(measured) == (
        "The widest gap of all: of digits with 18×18 pixels covered, A reads 0.900 right, B 0.100."
    )
