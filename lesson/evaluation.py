"""What a network's answers say about it: loss, accuracy, confusion, mistakes, moved digits.

Probabilities have the shape ``(n, 10)``, labels ``(n,)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lesson.specs import SHIFTS

Float32 = npt.NDArray[np.float32]
Labels = npt.NDArray[np.integer]
Pictures = TypeVar("Pictures", bound=npt.NDArray[Any])

# The smallest probability that a 32-bit softmax tells from 0. Keras's ``evaluate`` takes the loss
# from the sums before the softmax, so that a sure mistake costs as much as it should.
EPSILON = float(np.finfo(np.float32).tiny)


def accuracy(labels: Labels, probabilities: Float32) -> float:
    """The share of digits whose most probable class is their label.

    >>> accuracy(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]], dtype=np.float32))
    0.5
    """
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def cross_entropy(labels: Labels, probabilities: Float32) -> float:
    """The mean of −log p(label), as Keras's ``categorical_crossentropy`` has it."""
    right = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(right, EPSILON)).mean())


def confusion(
    labels: Labels, probabilities: Float32, num_classes: int = 10
) -> npt.NDArray[np.int64]:
    """Counts ``(num_classes, num_classes)``: row = label, column = the network's answer.

    >>> confusion(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), num_classes=2).tolist()
    [[1, 0], [1, 0]]
    """
    cells = labels.astype(np.int64) * num_classes + probabilities.argmax(axis=1)
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def mistakes(labels: Labels, probabilities: Float32) -> npt.NDArray[np.int64]:
    """Indices of the digits answered wrongly, the most confident mistake first."""
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    sureness = probabilities[wrong, answers[wrong]]
    return wrong[np.argsort(-sureness, kind="stable")]


def disagreements(probabilities: Iterable[Float32]) -> npt.NDArray[np.int64]:
    """Indices of the digits to which not all networks give the same answer."""
    answers = np.stack([values.argmax(axis=1) for values in probabilities])
    return np.flatnonzero((answers != answers[0]).any(axis=0))


def move(images: Pictures, right: int = 0, down: int = 0) -> Pictures:
    """Move pictures by whole pixels; what leaves is lost, what comes in is 0.

    Args:
        images: shape ``(n, height, width)`` or ``(n, height, width, channels)``.
        right: pixels to the right; negative to the left.
        down: pixels downward; negative upward.

    >>> move(np.array([[[1, 2, 3]]]), right=1).tolist()
    [[[0, 1, 2]]]
    """
    moved = np.zeros_like(images)
    height, width = images.shape[1:3]
    if abs(right) >= width or abs(down) >= height:
        return moved
    to_rows, from_rows = _overlap(down, height)
    to_columns, from_columns = _overlap(right, width)
    moved[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return moved


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    kept = size - abs(shift)
    return slice(max(shift, 0), max(shift, 0) + kept), slice(max(-shift, 0), max(-shift, 0) + kept)


def moved_accuracy(
    answer: Callable[[Float32], Float32],
    images: Float32,
    labels: Labels,
    tell: Callable[[float], None] = lambda share: None,
) -> dict[str, list[float]]:
    """Accuracy on the same digits moved by each of ``SHIFTS``, to the right and, apart, down.

    Args:
        answer: prepared digits ``(n, 28, 28, 1)`` → probabilities ``(n, 10)``.
        images: prepared digits.
        labels: their labels.
        tell: called with the share of the work done, 0 to 1.
    """
    result: dict[str, list[float]] = {"right": [], "down": []}
    for position, shift in enumerate(SHIFTS):
        result["right"].append(accuracy(labels, answer(move(images, right=shift))))
        tell((2 * position + 1) / (2 * len(SHIFTS)))
        result["down"].append(accuracy(labels, answer(move(images, down=shift))))
        tell((2 * position + 2) / (2 * len(SHIFTS)))
    return result
