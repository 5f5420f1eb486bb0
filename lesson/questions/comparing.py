"""What the comparison page's questions share: its views, and what is asked without results."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from lesson import comparison
from lesson.questions import measured
from lesson.questions.kinds import Asked, Mistake, Order
from lesson.specs import NOTEBOOK_RUNS

NAMES = tuple(NOTEBOOK_RUNS)


def looking(view: str, **more: Any) -> dict[str, Any]:
    """The page, with the notebook's three runs in one of its views."""
    runs = [spec.digest for spec in NOTEBOOK_RUNS.values()]
    return {"comparison_runs": runs, "comparison_view": view} | {
        f"comparison_{key}": value for key, value in more.items()
    }


def by_parameters() -> list[str]:
    return sorted(NAMES, key=lambda name: -NOTEBOOK_RUNS[name].network.parameters)


def in_order(right: Sequence[str], random: Random) -> tuple[tuple[str, ...], dict[str, int]]:
    """Items in an order that is not the right one, and the place of each."""
    items = list(right)
    while items == list(right):
        random.shuffle(items)
    return tuple(items), {name: place for place, name in enumerate(items)}


def sizes(random: Random) -> Asked:
    """What can be asked without any result: which network is larger."""
    right = by_parameters()
    items, place = in_order(right, random)
    return Order(
        prompt="The results that this question asks for are missing from `assets`. So another one: "
        "put the networks in order by their number of parameters, the largest first.",
        explanation=comparison.parameters_sentence(
            {name: NOTEBOOK_RUNS[name].network for name in NAMES}
        ),
        items=items,
        right=tuple(place[name] for name in right),
        mistakes=(
            Mistake(
                tuple(place[name] for name in ("CNN 2", "CNN 1", "Feedforward")),
                "That is the order by layers. More layers are not more parameters.",
            ),
        ),
    )


@cache
def accuracy(name: str) -> float:
    known = measured.in_brief(NOTEBOOK_RUNS[name])
    return known.test_accuracy if known else float("nan")
