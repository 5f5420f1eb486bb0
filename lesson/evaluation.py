"""What a network's answers say about it: loss, accuracy, confusion, mistakes, sureness.

Probabilities have the shape ``(n, 10)``, labels ``(n,)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

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
    return in_cell(labels, probabilities)


def in_cell(
    labels: Labels, probabilities: Float32, true: int | None = None, answer: int | None = None
) -> npt.NDArray[np.int64]:
    """Indices of the digits in a part of the confusion matrix, the surest answer first.

    Args:
        labels: what the digits are.
        probabilities: what the network answers.
        true: the cell's row.
        answer: its column. Without both it is no single cell, but the mistakes in that row, in
            that column or in the whole matrix.

    >>> answers = np.eye(10, dtype=np.float32)[[4, 9, 9]]
    >>> in_cell(np.array([4, 4, 9]), answers, true=4, answer=4).tolist()
    [0]
    >>> in_cell(np.array([4, 4, 9]), answers, true=4).tolist()
    [1]
    """
    answers = probabilities.argmax(axis=1)
    inside = np.ones(len(labels), dtype=bool)
    if true is not None:
        inside &= labels == true
    if answer is not None:
        inside &= answers == answer
    if true is None or answer is None:
        inside &= answers != labels
    places = np.flatnonzero(inside)
    sureness = probabilities[places, answers[places]]
    return places[np.argsort(-sureness, kind="stable")]


def disagreements(probabilities: Iterable[Float32]) -> npt.NDArray[np.int64]:
    """Indices of the digits to which not all networks give the same answer."""
    answers = np.stack([values.argmax(axis=1) for values in probabilities])
    return np.flatnonzero((answers != answers[0]).any(axis=0))


@dataclass(frozen=True, eq=False)
class Calibration:
    """How sure a network is, beside how often it is right.

    The digits stand in bins of equal width by the probability of the network's answer. Arrays
    have the shape ``(bins,)``, with 0 for a bin without digits.

    Attributes:
        counts: how many digits there are in each bin.
        sureness: the mean probability of their answers.
        accuracy: the share of them that is answered right.
    """

    counts: npt.NDArray[np.int64]
    sureness: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]

    @property
    def mean_sureness(self) -> float:
        """The mean probability of all answers."""
        return float(np.average(self.sureness, weights=self.counts))

    @property
    def mean_accuracy(self) -> float:
        """The share of all digits that is answered right."""
        return float(np.average(self.accuracy, weights=self.counts))

    @property
    def error(self) -> float:
        """The expected calibration error: how far sureness and accuracy lie apart in a bin.

        The mean over the digits, as in Guo et al. 2017, "On Calibration of Modern Neural
        Networks", arXiv 1706.04599, equation 5: 0 for a network that is as sure as it is right.
        """
        return float(np.average(np.abs(self.accuracy - self.sureness), weights=self.counts))


def sureness(probabilities: Float32) -> Float32:
    """The probability of each answer ``(n,)``; one that is no number is not sure at all.

    >>> sureness(np.array([[0.25, 0.75]], dtype=np.float32)).tolist()
    [0.75]
    """
    return np.nan_to_num(probabilities.max(axis=1))


def calibration(labels: Labels, probabilities: Float32, bins: int = 10) -> Calibration:
    """How often a network is right when it is so sure; a bin holds its upper end.

    >>> answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]], dtype=np.float32)
    >>> found = calibration(np.array([0, 0, 1, 0]), answers, bins=2)
    >>> found.counts.tolist(), found.accuracy.tolist(), f"{found.error:.2f}"
    ([0, 4], [0.0, 0.75], '0.00')
    """
    sure = sureness(probabilities).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    places = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    sums = [np.bincount(places, values, minlength=bins) for values in (sure, right)]
    return Calibration(counts, *(total / np.maximum(counts, 1) for total in sums))


def answered(labels: Labels, probabilities: Float32, least: float) -> tuple[int, int]:
    """How many digits are left when a network need only answer those of which it is sure enough.

    Args:
        labels: what the digits are.
        probabilities: what the network answers.
        least: an answer counts if its probability is at least that.

    Returns:
        how many answers count, and how many of these are right.

    >>> answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]], dtype=np.float32)
    >>> answered(np.array([0, 1, 1]), answers, least=0.7)
    (2, 1)
    """
    counted = sureness(probabilities) >= least
    right = probabilities[counted].argmax(axis=1) == labels[counted]
    return int(counted.sum()), int(right.sum())


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
