"""One unit of a trained network taken apart: what goes in, what each input adds, what comes out.

A unit is a filter of Conv2D, a channel of pooling, or one of a Dense layer's units. It is named as
the reader counts: maps and units from 1, the classes by their digits. ``activations`` are what
:func:`lesson.network.forward` keeps of one digit, ``weights`` what Keras's ``get_weights`` lists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from lesson import sliding
from lesson.convolution import Window
from lesson.errors import LessonError
from lesson.layers import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    Shape,
)
from lesson.network import Float32, activate, split_weights
from lesson.specs import LedgerRow, NetworkSpec

# An edited weight may be so far from zero: more would only run out of the pictures' scales.
LARGEST_WEIGHT = 99.0


def names(row: LedgerRow) -> list[str]:
    """The units of a layer that can be opened, as the reader calls them.

    >>> from lesson.specs import CNN_2
    >>> [names(row)[:2] for row in CNN_2.ledger if row.name in ("conv2d", "flatten", "dense_2")]
    [['1', '2'], [], ['0', '1']]
    """
    if isinstance(row.layer, Flatten | Dropout):
        return []
    first = 0 if is_classes(row) else 1
    return [str(first + unit) for unit in range(row.output_shape[-1])]


def is_classes(row: LedgerRow) -> bool:
    """Whether a layer's units are the classes: a Dense layer with softmax."""
    return isinstance(row.layer, Dense) and row.layer.activation == "softmax"


def called(row: LedgerRow, unit: int) -> str:
    """A unit in words.

    >>> from lesson.specs import CNN_2
    >>> [called(CNN_2.ledger[place], 4) for place in (0, 5, 9)]
    ['map 5', 'unit 5', 'digit 4']
    """
    word = "map" if len(row.output_shape) == 3 else "digit" if is_classes(row) else "unit"
    return f"{word} {names(row)[unit]}"


# Convolution and pooling


def slide(
    network: NetworkSpec,
    weights: Sequence[Float32],
    activations: Sequence[Float32],
    place: int,
    unit: int,
) -> sliding.Slide:
    """A filter over all maps of the layer before, or a pooling window over the one that it pools.

    Args:
        place: the layer's in ``network.layers``.
        unit: the filter or the channel, from 0.

    Raises:
        LessonError: the layer slides no window.
    """
    layer, before = network.layers[place], activations[place][0]
    if isinstance(layer, Conv2D):
        kernel, bias = list(split_weights(network, weights))[place]
        return sliding.convolution(
            before, kernel[..., unit], Window(*layer.window), float(bias[unit]), layer.activation
        )
    if isinstance(layer, MaxPooling2D | AveragePooling2D):
        kind: sliding.Operation = "max" if isinstance(layer, MaxPooling2D) else "average"
        return sliding.pooling(before[..., unit], Window(*layer.window), (kind,))
    raise LessonError(f"Only Conv2D and pooling slide a window, but this layer is {layer.kind}.")


def strongest(slide: sliding.Slide) -> int:
    """The channel whose part moves the sums the most, taken over all places without its sign.

    >>> from lesson.convolution import Window
    >>> kernel = np.array([[[0.5, -2.0]]], np.float32)
    >>> strongest(sliding.convolution(np.ones((3, 3, 2), np.float32), kernel, Window(1)))
    1
    """
    return int(np.abs(slide.parts).sum(axis=(1, 2)).argmax())


class Traced(NamedTuple):
    """A layer on the way back to the digit: its place in ``activations``, and one of its maps."""

    place: int
    channel: int


def trace(
    network: NetworkSpec,
    weights: Sequence[Float32],
    activations: Sequence[Float32],
    place: int,
    unit: int,
) -> list[Traced]:
    """The maps that lead from the digit to a unit, the digit first, the unit's own input last.

    Pooling has one map before it. Of the maps that a filter looks at the one is taken whose part
    is the :func:`strongest` for this digit.
    """
    way = []
    for at in range(place, -1, -1):
        if isinstance(network.layers[at], Conv2D):
            unit = strongest(slide(network, weights, activations, at, unit))
        way.append(Traced(at, unit))
    return way[::-1]


# Dense


@dataclass(frozen=True, eq=False)
class Weighed:
    """A Dense unit for one digit.

    Attributes:
        inputs, weights, products: ``(n,)``: each input, its weight, and what it adds to the sum.
        bias: added to the sum of the products.
        total: that sum and the bias.
        output: what the activation makes of it; of a class its probability.
        activation: Keras's name.
    """

    inputs: Float32
    weights: Float32
    products: Float32
    bias: float
    total: float
    output: float
    activation: str

    def pushes(self, count: int = 5) -> tuple[list[int], list[int]]:
        """The inputs that push the unit up the most and down the most, the strongest first.

        >>> weighed = weigh(np.array([1, 2, 0, 1]), np.array([3, -1, 9, 0.5]), 0.0, "linear")
        >>> weighed.pushes()
        ([0, 3], [1])
        """
        order = np.argsort(self.products, kind="stable")
        down = [int(place) for place in order[:count] if self.products[place] < 0]
        up = [int(place) for place in order[::-1][:count] if self.products[place] > 0]
        return up, down


def weigh(inputs: Float32, weights: Float32, bias: float, activation: str) -> Weighed:
    """Weigh inputs ``(n,)``; with softmax the output is left at the sum, since it needs all."""
    products = inputs * weights
    total = float(products.sum() + np.float32(bias))
    one = np.array([total], np.float32)
    output = total if activation == "softmax" else float(activate(one, activation)[0])
    return Weighed(inputs, weights, products, float(bias), total, output, activation)


def weighed(
    network: NetworkSpec,
    weights: Sequence[Float32],
    activations: Sequence[Float32],
    place: int,
    unit: int,
) -> Weighed:
    """The Dense unit ``unit``, from 0, of the layer at ``place``.

    Raises:
        LessonError: the layer is not Dense, or there is no Flatten before it.
    """
    layer = network.layers[place]
    if not isinstance(layer, Dense) or activations[place].ndim != 2:
        raise LessonError(
            f"Only a Dense layer behind Flatten weighs a row, but this is {layer.kind} behind the "
            f"shape {activations[place].shape[1:]}."
        )
    kernel, bias = list(split_weights(network, weights))[place]
    found = weigh(activations[place][0], kernel[:, unit], float(bias[unit]), layer.activation)
    # The layer's own output is what the network went on with, and for softmax the share.
    return replace(found, output=float(activations[place + 1][0, unit]))


def flattened(network: NetworkSpec, place: int) -> Shape | None:
    """The shape ``(height, width, maps)`` of what a Dense layer sees laid in a row, if it does.

    >>> from lesson.specs import CNN_2
    >>> flattened(CNN_2, 5), flattened(CNN_2, 7)
    ((5, 5, 32), None)
    """
    before = place - 1
    while before >= 0 and isinstance(network.layers[before], Dropout):
        before -= 1
    if before < 0 or not isinstance(network.layers[before], Flatten):
        return None
    shape = network.shapes[before]
    return shape if len(shape) == 3 else None


def mosaic(row: Float32, shape: Shape) -> Float32:
    """A row that Flatten made, laid out as its maps again, side by side in as square a block.

    Args:
        row: ``(height × width × maps,)``.
        shape: ``(height, width, maps)``.

    >>> mosaic(np.arange(8), (1, 2, 4)).tolist()
    [[0, 4, 1, 5], [2, 6, 3, 7]]
    """
    height, width, maps = shape
    down = block(maps)
    tiles = row.reshape(height, width, down, maps // down)
    return tiles.transpose(2, 0, 3, 1).reshape(down * height, -1)


def block(count: int) -> int:
    """How many rows lay ``count`` maps out as square as can be, none left over.

    >>> [block(count) for count in (1, 16, 32, 7)]
    [1, 4, 4, 1]
    """
    return max(rows for rows in range(1, math.isqrt(count) + 1) if count % rows == 0)


def input_name(network: NetworkSpec, place: int, number: int) -> str:
    """What a Dense layer's input ``number``, from 0, is.

    >>> from lesson.specs import CNN_2
    >>> input_name(CNN_2, 5, 0), input_name(CNN_2, 5, 33), input_name(CNN_2, 7, 33)
    ('map 1, row 0, column 0', 'map 2, row 0, column 1', 'unit 34')
    """
    shape = flattened(network, place)
    if shape is None:
        return f"unit {number + 1}"
    pixel, channel = divmod(number, shape[2])
    where = f"row {pixel // shape[1]}, column {pixel % shape[1]}"
    return where if shape[2] == 1 else f"map {channel + 1}, {where}"


# Changed weights


class Edit(NamedTuple):
    """One changed weight: of which layer and unit, where, and its new value.

    ``where`` is ``(row, column, channel)`` in a filter, ``(input,)`` of a Dense unit, or empty for
    the bias.
    """

    place: int
    unit: int
    where: tuple[int, ...]
    value: float

    @property
    def at(self) -> tuple[int, ...]:
        """Where the weight stands in the layer's kernel, or its bias."""
        return (*self.where, self.unit)


def read_edit(network: NetworkSpec, place: int, unit: int, asked: Any) -> Edit | None:
    """The change that a browser asks for, or ``None`` if there is no such weight or value.

    Args:
        asked: ``{"bias": value}``, ``{"channel": c, "row": r, "column": k, "value": value}`` or
            ``{"input": i, "value": value}``, cells counted from 0. Nothing of it is trusted.

    >>> from lesson.specs import CNN_2
    >>> read_edit(CNN_2, 0, 4, {"channel": 0, "row": 2, "column": 1, "value": -1.5})
    Edit(place=0, unit=4, where=(2, 1, 0), value=-1.5)
    >>> read_edit(CNN_2, 0, 4, {"channel": 1, "row": 2, "column": 1, "value": -1.5}) is None
    True
    """
    if not isinstance(asked, Mapping):
        return None
    bias = "bias" in asked
    value = asked.get("bias" if bias else "value")
    keys = () if bias else ("input",) if "input" in asked else ("row", "column", "channel")
    where = []
    for key in keys:
        at = asked.get(key)
        if isinstance(at, bool) or not isinstance(at, int):
            return None
        where.append(at)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared before it is made a float: a whole number may be too long for one.
    if not -LARGEST_WEIGHT <= value <= LARGEST_WEIGHT:
        return None
    edit = Edit(place, unit, tuple(where), float(value))
    return edit if fits(network, edit) else None


def fits(network: NetworkSpec, edit: Edit) -> bool:
    """Whether a network has the weight that an edit changes."""
    row = network.ledger[edit.place]
    shapes = row.layer.weight_shapes(row.input_shape)
    if not shapes:
        return False
    *shape, units = shapes[0] if edit.where else shapes[1]
    return (
        len(shape) == len(edit.where)
        and 0 <= edit.unit < units
        and all(0 <= at < size for at, size in zip(edit.where, shape, strict=True))
    )


def edited(
    network: NetworkSpec, weights: Sequence[Float32], edits: Sequence[Edit]
) -> tuple[Float32, ...]:
    """The weights with the edits in them; arrays that no edit touches are shared, not copied."""
    changed = list(weights)
    copied: set[int] = set()
    for edit in edits:
        # Each layer with weights has two arrays: kernel, bias.
        first = 2 * sum(row.parameters > 0 for row in network.ledger[: edit.place])
        array = first if edit.where else first + 1
        if array not in copied:
            changed[array] = changed[array].copy()
            copied.add(array)
        changed[array][edit.at] = edit.value
    return tuple(changed)
