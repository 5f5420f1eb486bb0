"""Hunger for data: how well the notebook's networks read digits when they learn from few.

Each is trained on the first 100, 300, … training digits, with five seeds. On few digits five
epochs would be a handful of steps, and one would measure the steps instead of the digits; so
the fewer the digits, the more often they are shown, up to :data:`lesson.specs.MAX_EPOCHS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from lesson import chance
from lesson.specs import NOTEBOOK_RUNS, TRAINING_DIGITS, RunSpec
from lesson.words import listed

SEEDS = (42, 43, 44, 45, 46)
BATCH_SIZE = 32
# How often so many digits are shown.
EPOCHS = {100: 50, 300: 50, 1_000: 50, 3_000: 20, 10_000: 10}
SIZES = (*EPOCHS, TRAINING_DIGITS)

# For each network and number of digits the accuracy that each seed reached.
Curves = dict[str, dict[int, list[float]]]


def spec(name: str, size: int, seed: int) -> RunSpec:
    """The run of one point: with all digits the notebook's own.

    >>> spec("CNN 1", 100, 42).epochs, spec("CNN 1", 60_000, 42) == NOTEBOOK_RUNS["CNN 1"]
    (50, True)
    """
    run = replace(NOTEBOOK_RUNS[name], seed=seed)
    if size == TRAINING_DIGITS:
        return run
    return replace(run, training_digits=size, batch_size=BATCH_SIZE, epochs=EPOCHS[size])


def small_runs() -> tuple[RunSpec, ...]:
    """The runs behind the curves but those on all digits, which ship as runs of their own."""
    return tuple(
        spec(name, size, seed) for size in EPOCHS for name in NOTEBOOK_RUNS for seed in SEEDS
    )


def curves(accuracy: Callable[[RunSpec], float | None]) -> Curves:
    """The accuracies that are known; sizes of which none is known are left out.

    Args:
        accuracy: what a run reached on the test digits, ``None`` if it is not known.
    """
    found: Curves = {}
    for name in NOTEBOOK_RUNS:
        for size in SIZES:
            reached = [accuracy(spec(name, size, seed)) for seed in SEEDS]
            if known := [value for value in reached if value is not None]:
                found.setdefault(name, {})[size] = known
    return found


def first_to_reach(points: Mapping[int, Sequence[float]], level: float) -> int | None:
    """The smallest number of digits with which the mean, as it is shown, reaches a level.

    >>> first_to_reach({100: [0.6, 0.7], 1000: [0.9, 0.91]}, 0.9)
    1000
    """
    return next(
        (size for size, values in sorted(points.items()) if round(fmean(values), 3) >= level), None
    )


def sentence(found: Curves, size: int, level: float) -> str:
    """How well each network reads with so many digits, and how many it needs to reach a level.

    Args:
        found: as :func:`curves` gives it.
        size: one of ``SIZES``.
        level: an accuracy, such as 0.9.
    """
    means = {name: fmean(points[size]) for name, points in found.items() if size in points}
    if not means:
        return ""
    ranked = sorted(means, key=lambda name: -means[name])
    said = listed([f"{name} {means[name]:.1%}" for name in ranked])
    text = f"With {size:,} digits, on average over the seeds: {said}."
    needs = {name: first_to_reach(points, level) for name, points in found.items()}
    reached = [f"{name} with {most:,}" for name, most in needs.items() if most]
    never = [name for name, most in needs.items() if not most]
    if reached:
        text += f" The first of these sizes at which the mean is {level:.0%} or more: "
        text += f"{listed(reached)}."
    if never:
        text += f" {listed(never)} did not get there."
    return text


def leaders(found: Curves) -> str:
    """Which network reads best at each number of digits, and where the lead is not chance.

    >>> leaders({"A": {100: [0.6, 0.7]}, "B": {100: [0.8, 0.9]}})
    "Best on average: B with 100. The leader's worst seed beats every other network with 100."
    """
    best: dict[str, list[str]] = {}
    clear = []
    for size in SIZES:
        points = {name: each[size] for name, each in found.items() if size in each}
        if len(points) < 2:
            continue
        leader = max(points, key=lambda name: fmean(points[name]))
        best.setdefault(leader, []).append(f"{size:,}")
        others = [value for name, values in points.items() if name != leader for value in values]
        if chance.above(points[leader], others):
            clear.append(f"{size:,}")
    if not best:
        return ""
    parts = [f"{name} with {listed(sizes)}" for name, sizes in best.items()]
    text = f"Best on average: {'; '.join(parts)}."
    if clear:
        return f"{text} The leader's worst seed beats every other network with {listed(clear)}."
    return f"{text} At none of these sizes does the leader's worst seed beat every other network."
