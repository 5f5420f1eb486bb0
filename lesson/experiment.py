"""Two trainings held against each other: do they begin alike, and what came of the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lesson import chance
from lesson.layers import Conv2D, Dense, Dropout, Shape
from lesson.results import Run
from lesson.specs import NetworkSpec, RunSpec
from lesson.words import listed

MOST_SEED = 9_999


def next_seed(seed: int) -> int:
    """The seed after this one; behind the largest that all pages take comes 0.

    >>> next_seed(42), next_seed(9_999)
    (43, 0)
    """
    return seed + 1 if seed < MOST_SEED else 0


# The first weights


def first_draws(network: NetworkSpec) -> dict[str, tuple[int, Shape]]:
    """What decides the first weights of each layer beside the seed: its draw, and its shape.

    Keras lets each layer that has something to draw take one number from the seed, in order:
    those with weights, and Dropout too.

    >>> from lesson.specs import feedforward
    >>> first_draws(feedforward((4,), dropout=0.5))
    {'dense': (0, (784, 4)), 'dense_1': (2, (4, 10))}
    """
    found: dict[str, tuple[int, Shape]] = {}
    draw = 0
    for row in network.ledger:
        layer = row.layer
        if isinstance(layer, Conv2D | Dense):
            found[row.name] = draw, layer.weight_shapes(row.input_shape)[0]
        draw += isinstance(layer, Conv2D | Dense) or (isinstance(layer, Dropout) and layer.rate > 0)
    return found


def unlike_at_first(a: RunSpec, b: RunSpec) -> str | None:
    """Why two runs do not begin from the same weights, in words; ``None`` if they do.

    >>> from lesson.specs import FEEDFORWARD
    >>> a = RunSpec(FEEDFORWARD)
    >>> unlike_at_first(a, replace(a, epochs=9)), unlike_at_first(a, replace(a, seed=7))
    (None, 'the seeds are 42 and 7')
    """
    if a.seed != b.seed:
        return f"the seeds are {a.seed} and {b.seed}"
    ours, theirs = first_draws(b.network), first_draws(a.network)
    if ours == theirs:
        return None
    common = [name for name in ours if name in theirs]
    shapes = [name for name in common if ours[name][1] != theirs[name][1]]
    draws = [name for name in common if name not in shapes and ours[name] != theirs[name]]
    if shapes:
        have = "has" if len(shapes) == 1 else "have"
        return f"the same seed, but {_layers(shapes)} {have} another shape"
    if draws:
        names, verb = _layers(draws), "gets" if len(draws) == 1 else "get"
        return f"the same seed, but {names} {verb} another draw of it, since Dropout draws too"
    return "the same seed, but not as many layers with weights"


def _layers(names: Sequence[str]) -> str:
    return listed([f"`{name}`" for name in names])


# What came of it


def verdict(a: Run, b: Run, differences: Sequence[str], seeds: Sequence[float] = ()) -> str:
    """What the difference between A and B did to the accuracy on the test digits.

    Args:
        a, b: the runs.
        differences: what B does otherwise, as :func:`lesson.naming.differences` lists it.
        seeds: the accuracies of runs that differ from A in nothing but the seed, A among them.
    """
    apart = 100 * (b.test_accuracy - a.test_accuracy)
    if round(apart, 2) == 0:
        text = f"B reads as many test digits right as A, {b.test_accuracy:.2%}"
    else:
        way = "more" if apart > 0 else "fewer"
        text = f"B reads **{abs(apart):.2f} percentage points {way}** of the test digits right"
    if replace(b.spec, seed=a.spec.seed) == a.spec:
        return f"{text}. Nothing but the seed differs: that much is chance."
    if len(differences) > 1:
        text += f". {len(differences)} settings differ, so one cannot say which of them did it"
    if len(seeds) < chance.FEWEST_SEEDS:
        return f"{text}."
    low, high = min(seeds), max(seeds)
    where = "within" if low <= b.test_accuracy <= high else "outside"
    return (
        f"{text}. Chance moves A from {low:.2%} to {high:.2%} with {len(seeds)} seeds: "
        f"B lies {where}."
    )


def points(a: float, b: float) -> str:
    """How far B lies above A, in percentage points, with its sign.

    >>> points(0.9668, 0.971), points(0.5, 0.25), points(0.5, 0.5)
    ('+0.42 points', '-25.00 points', '0.00 points')
    """
    apart = round(100 * (b - a), 2) + 0.0
    return f"{apart:+.2f} points" if apart else "0.00 points"


def loss_apart(a: float, b: float) -> str:
    """How far the loss of B lies above that of A, with its sign; nothing if one is no number.

    >>> loss_apart(0.5, 0.25), loss_apart(0.5, math.nan)
    ('-0.2500', '')
    """
    return f"{b - a:+.4f}" if math.isfinite(b - a) else ""
