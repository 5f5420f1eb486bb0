"""What the lesson comes to: its objectives, and its result in numbers and in words.

Sentences are chosen by comparing the numbers, so they hold for whatever runs they are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lesson.runs import RunStore
from lesson.specs import LEVELS, NOTEBOOK_RUNS
from lesson.words import listed

MOVED = 3
"""By how many pixels to the right the digits are moved where the result is told in brief."""
CHANGE: tuple[str, Any] = ("right", MOVED)


@dataclass(frozen=True)
class Objective:
    """What a reader can do after the lesson, what there was to learn, and on which pages.

    Questions name it by its ``key``.
    """

    key: str
    goal: str
    learned: str
    pages: tuple[str, ...]


OBJECTIVES = (
    Objective(
        "prepare",
        "Prepare pictures and labels so that a network can learn from them.",
        "A picture is a block of numbers: height, width, channels. They are scaled to 0..1, and a "
        "label becomes one of ten names, not a quantity.",
        ("data-preparation",),
    ),
    Objective(
        "train",
        "Train a network, count its parameters, and read its curves and its mistakes.",
        "A Dense layer has a weight for each pair of a value and a unit, and a bias for each unit. "
        "Whether a network is too small, or learns by heart, shows beside digits that it did not "
        "learn from.",
        ("feedforward", "inside-a-cnn", "comparison"),
    ),
    Objective(
        "when",
        "Say when a convolutional network is the better choice, and show it by measuring.",
        "A convolutional network fits data whose neighbours belong together and whose patterns may "
        "turn up anywhere. Whether it is better is measured: accuracy, parameters, time, and "
        "what happens when the digits move.",
        ("feedforward", "comparison", "beyond-images"),
    ),
    Objective(
        "edges",
        "Explain how a filter finds edges.",
        "A filter is a small block of weights. One whose weights cancel out gives 0 on "
        "an even area, and a large answer where dark meets light. A trained network finds "
        "such weights by itself.",
        ("convolution", "inside-a-cnn"),
    ),
    Objective(
        "layers",
        "Describe what convolutional and pooling layers do to a picture and to its shape.",
        "A convolutional layer turns one picture into as many maps as it has filters. A pooling "
        "layer keeps one value for each window, so a Dense layer behind it needs fewer weights.",
        ("convolution", "pooling", "inside-a-cnn"),
    ),
    Objective(
        "shapes",
        "Define filters, strides and padding, and work out the shape that they give.",
        "Filters say how many maps come out, strides how far the window moves, padding what is "
        "added at the edges. The output size follows: (size + padding − kernel size) / strides, "
        "rounded down, + 1.",
        ("convolution", "padding"),
    ),
)


@dataclass(frozen=True)
class Result:
    """One network in brief; ``moved`` is its accuracy when the test digits are moved, or changed
    in another way."""

    name: str
    accuracy: float
    parameters: int
    moved: float


def results(store: RunStore, change: tuple[str, Any] = CHANGE) -> list[Result]:
    """The notebook's finished runs in their order; those that are missing are left out.

    Args:
        store: where they are.
        change: what is done to the digits, and by how much: a key and a value of ``LEVELS``.
    """
    kind, level = change
    found = []
    for name, spec in NOTEBOOK_RUNS.items():
        summary, moved = store.summary(spec), store.robustness(spec.digest)
        if summary is not None and kind in moved:
            right = moved[kind][LEVELS[kind].index(level)]
            found.append(Result(name, summary.test_accuracy, spec.network.parameters, right))
    return found


def in_short(change: tuple[str, Any]) -> str:
    """What is done to the digits, as it stands above their bars.

    >>> in_short(("right", 3)), in_short(("down", -1)), in_short(("rotation", -45))
    ('when moved 3 pixels', 'when moved 1 px up', 'when turned −45°')
    >>> in_short(("contrast", 0.1)), in_short(("patch", 6))
    ('with 10% of the ink', 'with 6×6 covered')
    """
    kind, level = change
    if kind in ("right", "down"):
        to_right = "pixel" if level == 1 else "pixels"
        ways = {"right": ("px left", to_right), "down": ("px up", "px down")}[kind]
        return f"when moved {abs(level)} {ways[level > 0]}"
    return {
        "rotation": f"when turned {level:g}°".replace("-", "−"),
        "scale": f"at {level:g} times the size",
        "noise": f"with noise of {level:g}",
        "contrast": f"with {level:.0%} of the ink",
        "blur": f"when blurred by {level:g}",
        "patch": f"with {level}×{level} covered",
    }[kind]


def reading(rows: Sequence[Result]) -> str:
    """The result in three sentences; the first of ``rows`` is what the others are held against.

    >>> print(reading([Result("A", 0.9, 100, 0.5), Result("B", 0.95, 330, 0.9)]))
    A reads 90.0% of the test digits right and B 95.0%. B has 3.3 times the parameters of A. \
With every digit moved 3 pixels to the right, A loses 40.0 points of its accuracy and B only 5.0.
    """
    if not rows:
        return ""
    first, *others = rows
    right = f"{_called(first)} reads {first.accuracy:.1%} of the test digits right"
    sentences = [listed([right, *(f"{row.name} {row.accuracy:.1%}" for row in others)])]
    if others:
        sizes = [f"{row.name} has {_times(row.parameters, first.parameters)}" for row in others]
        sentences.append(f"{listed(sizes)} the parameters of {_called(first)}")
    losses = [f"{_called(first)} loses {_loss(first):.1f} points of its accuracy"]
    for row in others:
        losses.append(f"{row.name} {'only ' if _loss(row) < _loss(first) else ''}{_loss(row):.1f}")
    sentences.append(f"With every digit moved {MOVED} pixels to the right, {listed(losses)}")
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)


def verdict(rows: Sequence[Result]) -> str:
    """What the first of ``rows``, which has no filters, teaches about the others.

    >>> verdict([Result("A", 0.9, 100, 0.5), Result("B", 0.95, 330, 0.9)])
    'Filters do not always make a network smaller (B is larger than A), but B holds better when \
the digits move.'
    """
    if len(rows) < 2:
        return ""
    first, *others = rows
    larger = [row.name for row in others if row.parameters > first.parameters]
    steady = [row.name for row in others if _loss(row) < _loss(first)]
    if larger:
        verb = "are" if len(larger) > 1 else "is"
        size = f"Filters do not always make a network smaller ({listed(larger)} {verb} larger"
        size += f" than {_called(first)})"
    else:
        size = f"Here no network with filters is larger than {_called(first)}"
    if steady:
        holds = f"{listed(steady)} {'hold' if len(steady) > 1 else 'holds'} better"
    else:
        holds = "none of them holds better"
    return (
        f"{size}, {'but' if bool(larger) == bool(steady) else 'and'} {holds} when the digits move."
    )


def _loss(row: Result) -> float:
    """What moving the digits costs, in points of accuracy, rounded as it is shown."""
    return round(100 * (row.accuracy - row.moved), 1) + 0.0


def _times(part: float, whole: float) -> str:
    """``part`` in terms of ``whole``.

    >>> _times(330, 100), _times(55, 100)
    ('3.3 times', '55% of')
    """
    return f"{part / whole:.1f} times" if part >= 1.1 * whole else f"{part / whole:.0%} of"


def _called(row: Result) -> str:
    return "the feedforward network" if row.name == "Feedforward" else row.name
