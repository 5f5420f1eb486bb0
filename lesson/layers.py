"""Frozen descriptions of layers: the shape that comes out, and the parameters as arithmetic.

Worked out without Keras, so that a page can show them while a slider moves; the tests hold
them equal to Keras's ``output_shape`` and ``count_params``. Shapes leave out the batch axis:
``(height, width, channels)`` for pictures, ``(units,)`` for vectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from lesson.checks import SpecError, number, one_of, whole
from lesson.windows import output_size

Shape = tuple[int, ...]

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")
PADDINGS = ("valid", "same")
MAX_UNITS = 1024
MAX_FILTERS = 128


def shape_text(shape: Shape) -> str:
    """A shape as the pages write it.

    >>> shape_text((26, 26, 16)), shape_text((10,))
    ('26×26×16', '10')
    """
    return "×".join(str(size) for size in shape)


@dataclass(frozen=True)
class Layer:
    """What all layers share: a shape in, a shape out, and a count of parameters."""

    # Keras's own prefix for the names that it gives to layers of this class.
    prefix: ClassVar[str] = "layer"

    @property
    def kind(self) -> str:
        """The name of the Keras class."""
        return type(self).__name__

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape that comes out when ``input_shape`` goes in.

        Raises:
            SpecError: the layer cannot take that shape.
        """
        return input_shape

    def weight_shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        """The shapes of the trained arrays, in Keras's order: kernel, bias."""
        return ()

    def parameters(self, input_shape: Shape) -> int:
        """How many numbers this layer learns."""
        return sum(math.prod(shape) for shape in self.weight_shapes(input_shape))

    def arithmetic(self, input_shape: Shape) -> str:
        """The parameter count written out, as in ``3×3×1×16 + 16 = 160``."""
        shapes = self.weight_shapes(input_shape)
        if not shapes:
            return "0"
        sums = " + ".join(shape_text(shape) for shape in shapes)
        return f"{sums} = {self.parameters(input_shape):,}"

    def multiplications(self, input_shape: Shape) -> int:
        """How many products one forward pass of one digit needs; a measure of the work."""
        return 0

    def _needs_picture(self, input_shape: Shape) -> tuple[int, int, int]:
        if len(input_shape) != 3:
            raise SpecError(
                f"{self.kind} needs a picture of shape height×width×channels, but it receives "
                f"the shape {shape_text(input_shape)}: put it before Flatten."
            )
        height, width, channels = input_shape
        return height, width, channels


class _Windowed(Layer):
    """A layer that slides a square window over a picture."""

    @property
    def window(self) -> tuple[int, int, str, int]:
        """``(kernel_size, strides, padding, dilation_rate)`` of the sliding window."""
        raise NotImplementedError

    def _window_counts(self, input_shape: Shape) -> tuple[int, int]:
        """How many places the window takes, down and across."""
        height, width, _ = self._needs_picture(input_shape)
        size, strides, padding, dilation_rate = self.window
        reach = (size - 1) * dilation_rate + 1
        if padding == "valid" and reach > min(height, width):
            raise SpecError(
                f"{self.kind}: a window of {reach}×{reach} does not fit into a picture of "
                f"{height}×{width}. Use a smaller window, fewer layers before it, "
                f"or padding='same'."
            )
        return (
            output_size(height, size, strides, padding, dilation_rate),
            output_size(width, size, strides, padding, dilation_rate),
        )


@dataclass(frozen=True)
class Conv2D(_Windowed):
    """Square filters slid over the picture.

    Input shape: ``(height, width, channels)``.
    Output shape: ``(new_height, new_width, filters)``.

    >>> Conv2D(filters=16, kernel_size=3).output_shape((28, 28, 1))
    (26, 26, 16)
    >>> Conv2D(filters=16, kernel_size=3).arithmetic((28, 28, 1))
    '3×3×1×16 + 16 = 160'
    """

    prefix: ClassVar[str] = "conv2d"
    filters: int
    kernel_size: int = 3
    strides: int = 1
    padding: str = "valid"
    dilation_rate: int = 1
    activation: str = "linear"

    def __post_init__(self) -> None:
        whole("Conv2D", "filters", self.filters, 1, MAX_FILTERS)
        whole("Conv2D", "kernel_size", self.kernel_size, 1, 28)
        whole("Conv2D", "strides", self.strides, 1, 28)
        whole("Conv2D", "dilation_rate", self.dilation_rate, 1, 27)
        one_of("Conv2D", "padding", self.padding, PADDINGS)
        one_of("Conv2D", "activation", self.activation, ACTIVATIONS)
        if self.strides > 1 and self.dilation_rate > 1:
            raise SpecError(
                f"Conv2D: Keras allows strides or dilation_rate above 1, not both, but strides is "
                f"{self.strides} and dilation_rate is {self.dilation_rate}. Set one of them to 1."
            )

    @property
    def window(self) -> tuple[int, int, str, int]:
        return self.kernel_size, self.strides, self.padding, self.dilation_rate

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*self._window_counts(input_shape), self.filters)

    def weight_shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        *_, channels = self._needs_picture(input_shape)
        return (self.kernel_size, self.kernel_size, channels, self.filters), (self.filters,)

    def multiplications(self, input_shape: Shape) -> int:
        kernel, _ = self.weight_shapes(input_shape)
        return math.prod(self._window_counts(input_shape)) * math.prod(kernel)


@dataclass(frozen=True)
class _Pooling2D(_Windowed):
    pool_size: int = 2
    strides: int | None = None
    padding: str = "valid"

    def __post_init__(self) -> None:
        whole(self.kind, "pool_size", self.pool_size, 1, 28)
        if self.strides is not None:
            whole(self.kind, "strides", self.strides, 1, 28)
        one_of(self.kind, "padding", self.padding, PADDINGS)

    @property
    def window(self) -> tuple[int, int, str, int]:
        return self.pool_size, self.strides or self.pool_size, self.padding, 1

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*self._window_counts(input_shape), input_shape[-1])


@dataclass(frozen=True)
class MaxPooling2D(_Pooling2D):
    """Keeps the largest value of each window. ``strides=None`` means ``pool_size``.

    >>> MaxPooling2D().output_shape((26, 26, 16))
    (13, 13, 16)
    """

    prefix: ClassVar[str] = "max_pooling2d"


@dataclass(frozen=True)
class AveragePooling2D(_Pooling2D):
    """Keeps the mean of each window, padding left out. ``strides=None`` means ``pool_size``."""

    prefix: ClassVar[str] = "average_pooling2d"


@dataclass(frozen=True)
class Flatten(Layer):
    """Lays all values in one row.

    >>> Flatten().output_shape((13, 13, 16))
    (2704,)
    """

    prefix: ClassVar[str] = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)


@dataclass(frozen=True)
class Dense(Layer):
    """Every unit sees every value of the last axis, and only of the last axis.

    >>> Dense(units=128).arithmetic((784,))
    '784×128 + 128 = 100,480'
    >>> Dense(units=1).output_shape((28, 28, 1)), Dense(units=1).arithmetic((28, 28, 1))
    ((28, 28, 1), '1×1 + 1 = 2')
    """

    prefix: ClassVar[str] = "dense"
    units: int
    activation: str = "linear"

    def __post_init__(self) -> None:
        whole("Dense", "units", self.units, 1, MAX_UNITS)
        one_of("Dense", "activation", self.activation, ACTIVATIONS)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def weight_shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        return (input_shape[-1], self.units), (self.units,)

    def multiplications(self, input_shape: Shape) -> int:
        return math.prod(input_shape) * self.units


@dataclass(frozen=True)
class Dropout(Layer):
    """Silences a random share of its inputs, while training only."""

    prefix: ClassVar[str] = "dropout"
    rate: float = 0.5

    def __post_init__(self) -> None:
        number("Dropout", "rate", self.rate, 0.0, 0.95)
        object.__setattr__(self, "rate", float(self.rate) + 0.0)  # -0.0 equals 0.0: one digest


LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Dropout)
}
