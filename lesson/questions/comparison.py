"""What one predicts on the comparison page: what was measured of the lesson's own runs.

Every answer is looked up in what ships. Where that is missing, the networks' sizes are asked
about, which follow from their specs alone.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import numpy as np

from lesson import chance, comparison, hunger
from lesson.holding import level_in_words
from lesson.questions import measured
from lesson.questions.comparing import NAMES, accuracy, by_parameters, in_order, looking, sizes
from lesson.questions.comparison_answers import by_chance, cell, sure
from lesson.questions.kinds import Asked, Choice, Mistake, Option, Order, Settings, shuffled
from lesson.questions.question import Question, Read, changed
from lesson.specs import CHANGES, LEVELS, NOTEBOOK_RUNS, TRAINING_DIGITS, RunSpec
from lesson.words import listed

PAGE = "comparison"
ASKED = [kind for kind in CHANGES if kind != "moved"]  # one number says how far
CLEAR = 0.03  # one training each: networks that lie closer are not asked about
FEW_READS = {"comparison_digits_learned": Read(1_000, hunger.SIZES)}
SHIFT = 3


# Changed digits


class Held(NamedTuple):
    """What the networks read at one level of one kind of change, the best first."""

    kind: str
    level: Any
    shares: tuple[tuple[str, float], ...]


@cache
def _held() -> dict[tuple[str, ...], list[Held]]:
    """Every level at which the three lie clearly apart, by the order that they come in."""
    every = {name: measured.robustness(spec) for name, spec in NOTEBOOK_RUNS.items()}
    found: dict[tuple[str, ...], list[Held]] = {}
    for kind in ASKED:
        if not all(kind in each for each in every.values()):
            continue
        for at, level in enumerate(LEVELS[kind]):
            shares = {name: each[kind][at] for name, each in every.items()}
            ranked = tuple(sorted(shares.items(), key=lambda item: -item[1]))
            if min(a - b for (_, a), (_, b) in pairwise(ranked)) >= CLEAR:
                names = tuple(name for name, _ in ranked)
                found.setdefault(names, []).append(Held(kind, level, ranked))
    return found


def holds(settings: Settings, random: Random) -> Asked:
    """Which network reads changed digits best."""
    every = _held()
    if not every:
        return sizes(random)
    right = random.choice(list(every))  # each order as likely, though most changes give one
    held = random.choice(every[right])
    items, place = in_order(right, random)
    plain = {name: accuracy(name) for name in NAMES}
    unchanged = sorted(NAMES, key=lambda name: -plain[name])
    told = listed([f"{name} {share:.1%}" for name, share in held.shares])
    return Order(
        prompt=f"The networks get all test digits {level_in_words(held.kind, held.level)}. None "
        "learned from such digits. Put them in order, the one that reads most of them first.",
        explanation=f"Measured on all 10,000: {told}. Left as they are: "
        f"{listed([f'{name} {plain[name]:.1%}' for name in unchanged])}. What a network does on "
        "digits like those it learned from does not say how it does on others.",
        settings=looking("Robustness", change=CHANGES[held.kind]),
        look="The curves, and the sentences below them.",
        items=items,
        right=tuple(place[name] for name in right),
        mistakes=(
            Mistake(
                tuple(place[name] for name in by_parameters()),
                "That is their order by parameters. More of them do not hold better.",
            ),
            Mistake(
                tuple(place[name] for name in unchanged),
                "That is their order on digits left as they are.",
            ),
            Mistake(
                tuple(place[name] for name in reversed(right)), "That begins with the one hit most."
            ),
        ),
        otherwise="Look at the curves.",
    )


# Few digits


@cache
def _curves() -> hunger.Curves:
    def reached(spec: RunSpec) -> float | None:
        known = measured.in_brief(spec)
        return known.test_accuracy if known else None

    return hunger.curves(reached)


def _leader(size: int, most: bool) -> str | None:
    """The network whose every seed lies above, or below, every seed of the others."""
    points = {name: each[size] for name, each in _curves().items() if size in each}
    for name, values in points.items():
        others = [value for other, each in points.items() if other != name for value in each]
        apart = chance.above(values, others) if most else chance.above(others, values)
        if len(points) == len(NAMES) and chance.enough(values) and apart:
            return name
    return None


def few(settings: Settings, random: Random) -> Asked:
    """Which network reads best, or worst, when it learned from few digits."""
    most = random.random() < 0.5
    try:
        chosen = changed(
            settings,
            FEW_READS,
            random,
            lambda one: bool(_leader(one["comparison_digits_learned"], most)),
        )
    except ValueError:
        return sizes(random)
    size = chosen["comparison_digits_learned"]
    right = _leader(size, most)
    curves = _curves()
    means = {name: float(np.mean(curves[name][size])) for name in NAMES}
    told = listed([f"{name} {means[name]:.1%}" for name in sorted(NAMES, key=lambda n: -means[n])])
    largest = by_parameters()[0]

    def says(name: str) -> str:
        text = f"It reads {means[name]:.1%}, {right} {means[str(right)]:.1%}."
        if name == largest and most:
            return f"{text} It has the most parameters, but that is not what decides."
        return text

    return Choice(
        prompt=f"The three networks learn from {'the first ' if size < TRAINING_DIGITS else 'all '}"
        f"{size:,} training digits. Which of them then reads {'most' if most else 'fewest'} of the "
        "test digits?",
        explanation=f"The means of five seeds: {told}; no seed of the others comes as "
        f"{'high' if most else 'low'} as any of {right}. {hunger.leaders(curves)}",
        settings=looking("Data", digits_learned=size),
        look=f"The curves above {size:,}, and the table below them.",
        options=tuple(
            Option(name, says(name) if name != right else "", name == right) for name in NAMES
        ),
    )


# Why


def why(settings: Settings, random: Random) -> Asked:
    """Why CNNs suit pictures: the notebook's question, with its answer put right."""
    base, cnn = (NOTEBOOK_RUNS[name].network for name in ("Feedforward", "CNN 1"))
    moved = {
        name: values["right"]
        for name, spec in NOTEBOOK_RUNS.items()
        if "right" in (values := measured.robustness(spec))
    }
    return Choice(
        prompt="Why do both CNNs read pictures better than the feedforward network, moved ones "
        "above all? Which of these holds for both of them?",
        explanation=comparison.why_answer(
            {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}, moved, SHIFT
        ),
        settings=looking("Robustness", change=CHANGES["right"]),
        look="The curves of the three networks.",
        options=shuffled(
            [
                Option(
                    "The same few weights look at neighbouring pixels everywhere",
                    "A stroke is found wherever it lies.",
                    right=True,
                ),
                Option(
                    "The whole network has fewer parameters to learn",
                    f"CNN 1 has {cnn.parameters:,}, and the feedforward network "
                    f"{base.parameters:,}. That is true of CNN 2 only.",
                    show=looking("Result"),
                ),
                Option(
                    "Each unit of the first layer sees more pixels at once",
                    "It sees fewer: a filter 9 at a time, a Dense unit all 784.",
                ),
                Option(
                    "Their filters know edges before the training begins",
                    "Their weights begin at random, as all do. What edges are, they learn.",
                ),
            ],
            random,
        ),
    )


QUESTIONS = (
    Question("comparison_holds", PAGE, "when", "Which network holds?", holds),
    Question("comparison_few", PAGE, "when", "Few digits to learn from", few, FEW_READS),
    Question("comparison_cell", PAGE, "train", "Read the confusion matrix", cell),
    Question("comparison_sure", PAGE, "train", "How sure, how right?", sure),
    Question("comparison_chance", PAGE, "train", "Is one better?", by_chance),
    Question("comparison_reason", PAGE, "when", "Why CNNs?", why, varies=False),
)
