"""What pooling keeps of a picture, and what a move of the digit changes before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lesson import mnist, network
from lesson.convolution import coverage
from lesson.layers import AveragePooling2D, Conv2D, MaxPooling2D
from lesson.specs import NetworkSpec

Values = npt.NDArray[np.generic]
Pooling = MaxPooling2D | AveragePooling2D

# As what was tried calls CNN 1 as it is, and with nothing changed but its pooling.
TRIED = (AS_IS, AVERAGE, NONE) = ("max pooling", "average pooling", "no pooling")


def feature_map(
    of: NetworkSpec, weights: Sequence[network.Float32], images: mnist.UInt8, number: int
) -> network.Float32:
    """What one filter of a network's first layer makes of digits; ``(n, height, width, 1)``.

    Args:
        of: a network that begins with Conv2D.
        weights: its trained arrays.
        images: shape ``(n, 28, 28)``.
        number: the filter's place, from 0.
    """
    first = of.layers[0]
    if not isinstance(first, Conv2D):
        raise ValueError(f"The network begins with {first.kind}, not with Conv2D.")
    kernel, bias = (array[..., number : number + 1] for array in weights[:2])
    return network.apply(replace(first, filters=1), mnist.prepare(images), (kernel, bias))


class Change(NamedTuple):
    """What a move has done to pictures, on average over them.

    Attributes:
        cells: how many values one picture has.
        changed: how many of them are not what they were.
        difference: 0 where nothing has changed, 1 where no ink lies on ink any more: the sum
            of the absolute differences, divided by the sum of all values before and after
            (Bray and Curtis, 1957).
    """

    cells: int
    changed: float
    difference: float


def change(before: Values, after: Values) -> Change:
    """Compare pictures ``(n, ...)`` of values that are 0 or more, cell by cell.

    >>> change(np.array([[0, 2, 2]]), np.array([[2, 2, 0]]))
    Change(cells=3, changed=2.0, difference=0.5)
    """
    first = before.reshape(len(before), -1).astype(np.float32)
    second = after.reshape(len(after), -1).astype(np.float32)
    gaps = np.abs(first - second)
    ink = first.sum(axis=1) + second.sum(axis=1)
    # An empty picture that stays empty has not changed.
    shares = gaps.sum(axis=1) / np.where(ink > 0, ink, 1)
    changed = np.count_nonzero(gaps, axis=1)
    return Change(first.shape[1], float(changed.mean()), float(shares.mean()))


def behind(layer: Pooling | None, pictures: network.Float32) -> network.Float32:
    """What a pooling layer, or nothing, makes of pictures ``(n, height, width, 1)``."""
    return pictures if layer is None else network.apply(layer, pictures, ())


def placement(side: int, layer: Pooling) -> str:
    """In words, how the windows lie on a square picture, and what they leave out.

    >>> placement(27, MaxPooling2D(pool_size=2)).split(". ")[1]
    '53 of 729 pixels are in no window.'
    """
    pool_size, strides, padding, _ = layer.window
    used = coverage(side, side, pool_size, strides, padding)
    if strides == pool_size:
        said = "The windows lie side by side: no pixel is in two of them"
    elif strides < pool_size:
        said = f"The windows overlap: a pixel lies in up to {used.max()} of them"
    else:
        said = "The windows have gaps between them: strides is larger than pool_size"
    unseen = np.count_nonzero(used == 0)
    lost = f"{unseen} of {used.size} pixels are in no window" if unseen else "No pixel is left out"
    return f"{said}. {lost}."
