"""What is left of a small change to the picture behind each layer of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lesson.layers import Dropout, Flatten
from lesson.network import Float32, forward
from lesson.results import Run
from lesson.robustness import prepared
from lesson.tables import percent
from lesson.words import sure

PICTURE, ANSWER = "picture", "answer"


class Stage(NamedTuple):
    """One layer's output, before and after.

    Attributes:
        place: in what :func:`lesson.network.forward` keeps; 0 is the picture.
        name: the layer's, as Keras numbers it; the last one's is ``"answer"``.
        kind: Keras's class, such as ``"Conv2D"``, or what ``name`` says of either end.
        difference: 0 if nothing has changed, 1 if the two have nothing in common.
    """

    place: int
    name: str
    kind: str
    difference: float


def difference(before: Float32, after: Float32) -> float:
    """The sum of the absolute differences, divided by the sums of both without their signs.

    For values of 0 and more it is what :func:`lesson.pooled.change` gives (Bray and Curtis, 1957).

    >>> difference(np.array([0, 2, 2]), np.array([2, 2, 0]))
    0.5
    >>> difference(np.zeros(3), np.zeros(3)), difference(np.array([1.0]), np.array([-1.0]))
    (0.0, 1.0)
    """
    both = float(np.abs(before).sum() + np.abs(after).sum())
    return float(np.abs(after - before).sum()) / both if both else 0.0


def activations(run: Run, pictures: Float32) -> list[Float32]:
    """Every activation for ink ``(n, 28, 28)``; see :func:`lesson.network.forward`.

    Raises:
        ValueError: the run was kept without its network.
    """
    if run.weights is None:
        raise ValueError(f"The run {run.digest} has no weights.")
    network, weights = run.spec.network, run.weights
    # One at a time: in one batch, equal pictures may differ in the last digit of a sum.
    each = [
        forward(network, weights, prepared(picture[None], run.spec.scaled)) for picture in pictures
    ]
    return [np.concatenate(outputs) for outputs in zip(*each, strict=True)]


def stages(run: Run, both: Sequence[Float32]) -> list[Stage]:
    """How far the picture, each layer's output and the answer have changed.

    Flatten and Dropout pass on what they get, and are left out.

    Args:
        run: whose network.
        both: its activations for two pictures, the one before and the one after.
    """
    found = [Stage(0, PICTURE, PICTURE, difference(*both[0]))]
    rows = run.spec.network.ledger
    for place, row in enumerate(rows, 1):
        if not isinstance(row.layer, Flatten | Dropout):
            last = place == len(rows)
            name, kind = (ANSWER, ANSWER) if last else (row.name, row.layer.kind)
            found.append(Stage(place, name, kind, difference(*both[place])))
    return found


def told(name: str, run: Run, both: Sequence[Float32]) -> str:
    """In a sentence, behind which layer most and least has changed, and what became of the answer.

    Args:
        name: what the run is called.
        run: whose network.
        both: as for :func:`stages`.
    """
    before, after = both[-1]
    digit, now = int(before.argmax()), int(after.argmax())
    chances = [sure(float(each)) for each in (before[digit], after[now])]
    if digit == now:
        answer = f"it answers {digit} before ({chances[0]}) and after ({chances[1]})"
    else:
        answer = f"its answer goes from {digit} ({chances[0]}) to {now} ({chances[1]})"
    inner = stages(run, both)[1:-1]
    if not inner:
        return f"**{name}** has no layer between: {answer}."
    most = max(inner, key=lambda stage: stage.difference)
    least = min(inner, key=lambda stage: stage.difference)
    if most.difference == least.difference:
        said = f"every layer changes by {percent(most.difference)}"
    else:
        said = (
            f"`{most.name}` changes most ({percent(most.difference)}) and `{least.name}` least "
            f"({percent(least.difference)})"
        )
    return f"**{name}**: of its layers {said}; {answer}."


def fullest(maps: Float32) -> int:
    """The map with the most in it, of maps ``(height, width, channels)``.

    >>> fullest(np.array([[[1.0, -3.0, 2.0]]]))
    1
    """
    return int(np.abs(maps).sum(axis=(0, 1)).argmax())
