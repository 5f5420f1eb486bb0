"""Questions of the comparison page on what networks answer, and on what chance does to that."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple

import numpy as np

from lesson import chance, comparison, evaluation, inside, mnist, worth
from lesson.questions import measured
from lesson.questions.comparing import NAMES, accuracy, looking, sizes
from lesson.questions.kinds import Asked, Cell, Choice, Mistake, Option, Settings, numbers
from lesson.results import Run
from lesson.run_files import StoreError
from lesson.shipped import seeds_of
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.words import points

ENOUGH = 50  # digits in a bin of sureness, so that their share means something


# Mistakes


@cache
def _confusion(name: str) -> np.ndarray[Any, Any] | None:
    run = measured.run(NOTEBOOK_RUNS[name])
    return (
        None if run is None else evaluation.confusion(mnist.load().y_test, run.test_probabilities)
    )


def cell(settings: Settings, random: Random) -> Asked:
    """Where the most frequent mistake with one digit stands in the confusion matrix."""
    name, true = random.choice(NAMES), random.randrange(10)
    counts = _confusion(name)
    if counts is None:
        return sizes(random)
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    most = int(wrong[true].max())
    right = frozenset((true, int(at)) for at in np.flatnonzero(wrong[true] == most))
    near = {
        (row, column): _cell_says(counts, true, row, column)
        for row in range(10)
        for column in range(10)
        if (row, column) not in right
    }
    answers = " and ".join(str(answer) for _, answer in sorted(right))
    each = " each" if len(right) > 1 else ""
    return Cell(
        prompt=f"How often {name} answers what: a row for each label, 0 to 9, a column for each "
        f"answer. Some {true}s it misreads. Point at the mistake that it makes with {true}s most "
        "often.",
        explanation=f"In row {true} stand the {counts[true].sum():,} digits that are a {true}. "
        f"{counts[true, true]:,} of them are read right, in column {true}. Most often they are "
        f"taken for {answers}: {most} times{each}.",
        settings=looking(
            "Mistakes",
            confusion=name,
            digits="this cell",
            true=str(true),
            answer=str(min(right)[1]),
        ),
        look="The cell is framed in the matrix, and its digits stand beside it.",
        values=counts,
        right=right,
        near=near,
        scale="count",
        high=float(wrong.max()),
        decimals=0,
        numbers=True,
    )


def _cell_says(counts: np.ndarray[Any, Any], true: int, row: int, column: int) -> str:
    """What another cell counts."""
    digits = f"{counts[row, column]:,}"
    if row == column == true:
        return f"Those are the {digits} that are read right."
    if row == true:
        return f"There stand {digits}. Another number in this row is larger."
    if column == true:
        return (
            f"That counts {row}s taken for a {true}. The row is what a digit is, the column what "
            "is answered."
        )
    return f"That is a {row} answered with {column}. Look along row {true}."


# Sureness


class Bin(NamedTuple):
    """Digits that a network answers about equally sure."""

    name: str
    low: float
    digits: int
    sure: float
    right: float


@cache
def _bins() -> list[Bin]:
    """Bins of enough digits whose share of right answers is far below the network's accuracy."""
    found = []
    for name, spec in NOTEBOOK_RUNS.items():
        if run := measured.run(spec):
            each = evaluation.calibration(mnist.load().y_test, run.test_probabilities)
            found += [
                Bin(name, place / 10, int(count), float(sure), float(right))
                for place, (count, sure, right) in enumerate(
                    zip(each.counts, each.sureness, each.accuracy, strict=True)
                )
                if count >= ENOUGH and right < each.mean_accuracy - 0.1
            ]
    return found


def sure(settings: Settings, random: Random) -> Asked:
    """How often a network is right where it is not sure."""
    if not _bins():
        return sizes(random)
    each = random.choice(_bins())
    right, whole = round(100 * each.right), accuracy(each.name)
    mistakes = [
        Mistake(
            round(100 * whole),
            "That is its accuracy over all digits. Of these it is less sure, and less often right.",
        ),
        Mistake(0, "Not sure is not wrong: the answer is still the likeliest of ten."),
        Mistake(10, "That is guessing among ten digits. The network has more to go by than that."),
        Mistake(100, "The likeliest answer is not always the right one."),
    ]
    if abs(100 - 2 * right) >= 10:
        mistakes.append(Mistake(100 - right, "So many of them are wrong."))
    return Choice(
        prompt=f"{each.name} reads {whole:.1%} of all test digits right. Of {each.digits} "
        f"of them it is {each.low:.0%} to {each.low + 0.1:.0%} sure. How many of 100 such answers "
        "are right?",
        explanation=f"{each.right:.1%} of these {each.digits} answers are right; on average the "
        f"network gives them {each.sure:.1%}. Accuracy is a mean over all digits, and most of them "
        "are easy. The probability speaks of this one answer, but whether it can be believed has "
        "to be measured.",
        settings=looking("Sureness"),
        look=f"The point of {each.name} above {each.sure:.2f} in the chart: point at it.",
        options=numbers(
            right,
            _believed(each),
            random.sample(mistakes, 3),
            write="about {} of 100",
        ),
    )


def _believed(each: Bin) -> str:
    """How a probability compares with the share that is right."""
    if abs(each.right - each.sure) < 0.05:
        return "About as often as it says."
    return "Less often than it says." if each.right < each.sure else "More often than it says."


# What chance does


class Pair(NamedTuple):
    """Two networks and the accuracies of their trainings, the first one's first.

    Attributes:
        names: the one that was better at first, then the other.
        reached: the accuracies of each, a training with each seed.
        parameters: of each.
        moved: whether they were measured on moved digits.
        view: where the page shows them.
    """

    names: tuple[str, str]
    reached: tuple[tuple[float, ...], tuple[float, ...]]
    parameters: tuple[int, int]
    moved: bool
    view: str


@cache
def _pairs() -> dict[bool, list[Pair]]:
    """Pairs to compare, by whether their trainings lie apart."""
    found: dict[bool, list[Pair]] = {True: [], False: []}
    for pair in (*_of_the_notebook(), *_variants()):
        one, other = pair.reached
        if not chance.enough(one, other) or one[0] == other[0]:
            continue
        if one[0] < other[0]:
            (a, b), (large, small) = pair.names, pair.parameters
            pair = Pair((b, a), (other, one), (small, large), pair.moved, pair.view)
        found[chance.above(*pair.reached)].append(pair)
    return found


def _of_the_notebook() -> Iterator[Pair]:
    for names in (("Feedforward", "CNN 1"), ("Feedforward", "CNN 2"), ("CNN 1", "CNN 2")):
        one, other = (NOTEBOOK_RUNS[name] for name in names)
        reached = _reached(one), _reached(other)
        sizes = one.network.parameters, other.network.parameters
        yield Pair(names, reached, sizes, moved=False, view="Result")


def _reached(run: RunSpec) -> tuple[float, ...]:
    known = (measured.in_brief(spec) for spec in seeds_of(run))
    return tuple(each.test_accuracy for each in known if each)


def _variants() -> Iterator[Pair]:
    """CNN 1 and CNN 1 with one thing changed."""
    try:
        rows = worth.tried(measured.store())
    except StoreError:
        return
    for row in rows[1:]:
        base = rows[0]
        names = f"CNN 1 with {base.name}", f"CNN 1 with {row.name}"
        sizes = base.run.network.parameters, row.run.network.parameters
        plain, moved = (base.accuracies, row.accuracies), (base.moved, row.moved)
        yield Pair(names, plain, sizes, moved=False, view="Layers")
        yield Pair(names, moved, sizes, moved=True, view="Layers")


def by_chance(settings: Settings, random: Random) -> Asked:
    """Whether a difference is more than chance: the notebook's last comparison."""
    pairs = _pairs()
    apart = random.random() < 0.5
    if not pairs[apart]:
        return sizes(random)
    pair = random.choice(pairs[apart])
    (a, b), (one, other) = pair.names, pair.reached
    first = points(one[0] - other[0])
    gaps = [100 * (high - low) for high, low in zip(one, other, strict=True)]
    told = f"A: {min(one):.2%} to {max(one):.2%}. B: {min(other):.2%} to {max(other):.2%}."
    moved = f", all moved {worth.MOVED} pixels to the right" if pair.moved else ""
    larger = pair.parameters[0] > pair.parameters[1] and not apart
    more = " A has more parameters, but that is no proof either." if larger else ""
    runs = {name: run for name in pair.names if (run := _notebooks(name))}
    answer = f"\n\n{comparison.comparison_answer(runs)}" if len(runs) == 2 else ""
    return Choice(
        prompt=f"A is {a}, B is {b}. Each was trained once. Of the test digits{moved}, A reads "
        f"{one[0]:.2%} right and B {other[0]:.2%}. Now each is trained four times more, with other "
        "seeds. What comes out?",
        explanation=f"{told} "
        + (
            "They do not overlap, so the difference is more than chance."
            if apart
            else "They overlap, so one training of each does not say which network is better."
        )
        + answer,
        settings=looking(pair.view),
        look=f"The {'right' if pair.moved else 'left'} chart: each training is a mark.",
        options=(
            Option(
                "Every training of A is better than every one of B",
                "" if apart else f"They overlap.{more}",
                right=apart,
            ),
            Option(
                "Some trainings of A are worse than some of B",
                "They do not overlap." if apart else "",
                right=not apart,
            ),
            Option(
                f"A is better by about {first} each time",
                "Chance moves every training. With the same seed, A lies "
                f"{inside.signed(min(gaps))} to {inside.signed(max(gaps))} points above B.",
            ),
        ),
    )


def _notebooks(name: str) -> Run | None:
    return measured.run(NOTEBOOK_RUNS[name]) if name in NOTEBOOK_RUNS else None
