"""What networks answer to a picture in hand, before and after it is changed.

Pictures are ink ``(28, 28)``, float32, 0 for paper to 1 for full ink; probabilities ``(10,)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lesson.network import Float32, activate, predict
from lesson.results import Run
from lesson.robustness import prepared
from lesson.specs import NetworkSpec
from lesson.words import sure


def problem(name: str, run: Run) -> str | None:
    """Why a run cannot answer, in a sentence; ``None`` if it can."""
    if run.weights is None:
        return f"{name} is kept without its network, so it cannot answer."
    if not all(np.isfinite(each).all() for each in run.weights):
        return (
            f"The weights of {name} are not numbers any more: its training went astray, and it "
            "cannot answer."
        )
    return None


def scores(run: Run, pictures: Float32, batch_size: int = 250) -> Float32:
    """The ten sums before the softmax, ``(n, 10)``, for ink ``(n, 28, 28)``.

    Probabilities hide what happens near 1: a sum may fall by half before a digit shows it.
    ``batch_size`` is that of :func:`lesson.network.predict`.

    Raises:
        ValueError: the run was kept without its network.
    """
    if run.weights is None:
        raise ValueError(f"The run {run.digest} has no weights.")
    without = without_softmax(run.spec.network)
    return predict(without, run.weights, prepared(pictures, run.spec.scaled), batch_size)


def without_softmax(network: NetworkSpec) -> NetworkSpec:
    """The same network, but its last layer gives its sums as they are."""
    *before, last = network.layers
    return replace(network, layers=(*before, replace(last, activation="linear")))  # type: ignore[call-arg]


def probabilities(run: Run, pictures: Float32) -> Float32:
    """What a run answers to a few pictures of ink ``(n, 28, 28)``: ``(n, 10)``.

    Raises:
        ValueError: the run was kept without its network.
    """
    # One at a time: a product of two rows is divided among threads, which wait for each other.
    return activate(scores(run, pictures, batch_size=1), "softmax")


def verdict(digit: int, label: int | None) -> str:
    """Whether an answer is right, with a mark; nothing if nobody has said what was meant.

    >>> verdict(7, 7), verdict(7, 1), verdict(7, None)
    ('✓ right', '✗ wrong', '')
    """
    if label is None:
        return ""
    return "✓ right" if digit == label else "✗ wrong"


def told(before: Mapping[str, Float32], after: Mapping[str, Float32]) -> str:
    """What changing the picture does to each run's answer, those that change theirs first.

    Args:
        before: for each run its probabilities for the picture as it was.
        after: the same for the picture as it is now.

    >>> seven, one = (np.eye(10, dtype=np.float32)[digit] for digit in (7, 1))
    >>> told({"A": seven, "B": seven}, {"A": seven, "B": one})
    '**B** goes from 7 to 1. **A** stays with 7, over 99.9% sure before and over 99.9% after.'
    """
    goes, stays = [], []
    for name, chances in before.items():
        was, now = int(chances.argmax()), int(after[name].argmax())
        if was != now:
            goes.append(f"**{name}** goes from {was} to {now}.")
        else:
            shares = [sure(float(each[was])) for each in (chances, after[name])]
            stays.append(
                f"**{name}** stays with {was}, {shares[0]} sure before and {shares[1]} after."
            )
    return " ".join([*goes, *stays])
