"""What the preparation of the digits does to them, in numbers.

Labels and answers are 0 to 9. An answer stands for a network that is sure of one class.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lesson import mnist
from lesson.evaluation import cross_entropy

SURENESS = 0.9


class Step(NamedTuple):
    """The digits after one step: what was done, what they are now.

    Attributes:
        action: what was done to get here.
        shape: ``(n, ...)``.
        dtype: the type of one value.
        megabytes: what all of them take in memory, in millions of bytes.
        highest: the largest value that a pixel can have.
    """

    action: str
    shape: tuple[int, ...]
    dtype: str
    megabytes: float
    highest: float


def steps(images: mnist.UInt8) -> Iterator[Step]:
    """The digits ``(n, 28, 28)`` as they are loaded, then after each step of the preparation.

    One white picture takes the steps, and the memory is multiplied: nothing large is built.

    >>> [step.shape for step in steps(np.zeros((5, 28, 28), dtype=np.uint8))]
    [(5, 28, 28), (5, 28, 28, 1), (5, 28, 28, 1), (5, 28, 28, 1)]
    """
    loaded = np.full_like(images[:1], 255)
    reshaped = mnist.reshape(loaded)
    floats = mnist.to_float32(reshaped)
    taken = {"load": loaded, "reshape": reshaped, "float32": floats, "/ 255": mnist.scale(floats)}
    for action, one in taken.items():
        shape = (len(images), *one.shape[1:])
        yield Step(action, shape, one.dtype.name, one.nbytes * len(images) / 1e6, float(one.max()))


@lru_cache(maxsize=1)
def background_share() -> float:
    """The share of the training digits' pixels that are 0."""
    images = mnist.load().x_train
    return 1 - np.count_nonzero(images) / images.size


def squared_errors(label: int) -> npt.NDArray[np.int64]:
    """What each answer costs if the label is taken for a quantity; shape ``(10,)``.

    >>> squared_errors(5).tolist()
    [25, 16, 9, 4, 1, 0, 1, 4, 9, 16]
    """
    return (np.arange(10) - label) ** 2


def sure_of(answer: int, sureness: float = SURENESS) -> mnist.Float32:
    """Ten probabilities: ``sureness`` for the answer, the rest spread evenly over the others."""
    probabilities = np.full(10, (1 - sureness) / 9, dtype=np.float32)
    probabilities[answer] = sureness
    return probabilities


def cross_entropies(label: int, sureness: float = SURENESS) -> npt.NDArray[np.float64]:
    """What each answer costs if the label is one of ten names; shape ``(10,)``.

    >>> cross_entropies(5).round(2).tolist()
    [4.5, 4.5, 4.5, 4.5, 4.5, 0.11, 4.5, 4.5, 4.5, 4.5]
    """
    labels = np.array([label])
    return np.array(
        [cross_entropy(labels, sure_of(answer, sureness)[None]) for answer in range(10)]
    )


def most_frequent(y_train: mnist.UInt8, y_test: mnist.UInt8) -> tuple[int, float]:
    """The most frequent training label, and the share of test digits that it would get right.

    >>> most_frequent(np.array([1, 1, 2], dtype=np.uint8), np.array([1, 2], dtype=np.uint8))
    (1, 0.5)
    """
    label = int(np.bincount(y_train).argmax())
    return label, float(np.mean(y_test == label))


def in_words(label: int, answer: int) -> str:
    """What an answer costs, the label taken for a quantity and for a name."""
    squares, entropies = squared_errors(label), cross_entropies(label)
    if answer == label:
        return (
            f"That is the right answer. As a number it costs {squares[answer]}; as a name it costs "
            f"−ln {SURENESS:g} = {entropies[answer]:.2f}, since the network is not quite sure. "
            "Choose a wrong one."
        )
    near, far = (label - 1 if label else 1), (0 if label > 4 else 9)
    return (
        f"With the label as a number, answering {answer} for a {label} costs "
        f"**{squares[answer]}**; {near} would cost {squares[near]}, {far} would cost "
        f"{squares[far]}. But {near} is not nearly right: it is another name. With one-hot and "
        f"cross-entropy every wrong answer given with this certainty costs "
        f"**{entropies[answer]:.2f}**. Only the probability of the right class counts."
    )
