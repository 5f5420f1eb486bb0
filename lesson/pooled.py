"""What pooling keeps of a picture, and what a move of the digit changes before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lesson import mnist, network
from lesson.convolution import Box, Window, receptive_field
from lesson.evaluation import move
from lesson.specs import AveragePooling2D, Conv2D, MaxPooling2D, NetworkSpec

Values = npt.NDArray[np.generic]
Pooling = MaxPooling2D | AveragePooling2D


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


class Telling(NamedTuple):
    """The window in which maximum and mean differ most: its output cell, its pixels, both values."""

    row: int
    column: int
    box: Box
    pixels: int
    largest: float
    mean: float


def telling_window(picture: Values, layer: Pooling) -> Telling:
    """Find it in a picture ``(height, width)``; the box is counted in the picture, not its padding.

    >>> telling_window(np.array([[1, 1, 0, 8]]), MaxPooling2D(pool_size=1))[:2]
    (0, 0)
    """
    pool_size, strides, padding, _ = layer.window
    settings = {"pool_size": pool_size, "strides": strides, "padding": padding}
    values = picture[None, ..., None].astype(np.float32)
    largest, mean = (
        network.apply(kind(**settings), values, ())[0, ..., 0]  # type: ignore[arg-type]
        for kind in (MaxPooling2D, AveragePooling2D)
    )
    row, column = (int(i) for i in np.unravel_index((largest - mean).argmax(), mean.shape))
    window = Window(pool_size, strides, padding)
    box = receptive_field([window], (picture.shape[0], picture.shape[1]), row, column)
    pixels = box.height * box.width
    return Telling(row, column, box, pixels, float(largest[row, column]), float(mean[row, column]))


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


def moved_change(
    before: network.Float32, after: network.Float32, layer: Pooling | None = None
) -> Change:
    """The same comparison behind a pooling layer; pictures of shape ``(n, height, width, 1)``."""
    if layer is None:
        return change(before, after)
    return change(network.apply(layer, before, ()), network.apply(layer, after, ()))
