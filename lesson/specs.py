"""Frozen descriptions of layers, networks and runs, and what follows from them alone.

Shapes and parameter counts are worked out here without Keras, so that a page can
show them while a slider moves; the tests hold them equal to Keras's
``output_shape`` and ``count_params``. Shapes leave out the batch axis:
``(height, width, channels)`` for pictures, ``(units,)`` for vectors.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from lesson.convolution import output_size
from lesson.errors import LessonError

Shape = tuple[int, ...]

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")
OPTIMIZERS = ("adam", "sgd", "rmsprop")
PADDINGS = ("valid", "same")
IMAGE_SHAPE: Shape = (28, 28, 1)
NUM_CLASSES = 10
TRAINING_DIGITS = 60_000

# What a laptop can train while a class waits. They hold on the server, whatever the page sends.
MAX_LAYERS = 24
MAX_UNITS = 1024
MAX_FILTERS = 128
MAX_PARAMETERS = 5_000_000
MAX_EPOCHS = 50
MIN_BATCH_SIZE, MAX_BATCH_SIZE = 8, 4096
MIN_TRAINING_DIGITS = 100
# Products of weights and inputs: two cores of a laptop take about 90 s for each 10¹² of them
# while training, so a run ends within ten minutes and a step can be cancelled within a second.
MAX_RUN_WORK = 6 * 10**12
MAX_STEP_WORK = 4 * 10**9
MAX_STEP_ACTIVATIONS = 150_000_000


class SpecError(LessonError):
    """A layer, network or run that cannot be; the message says why and what to change."""


def _shown(value: Any) -> str:
    """A value as a message shows it, cut short if it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # more digits, or deeper, than Python writes out
        return f"{type(value).__name__} too large to show"
    return text if len(text) <= 100 else f"{text[:99]}…"


def _whole(owner: str, name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SpecError(
            f"{owner}: {name} must be a whole number from {low:,} to {high:,}, "
            f"but it is {_shown(value)}."
        )


def _one_of(owner: str, name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = ", ".join(allowed)
        raise SpecError(f"{owner}: {name} must be one of {choices}, but it is {_shown(value)}.")


def _number(owner: str, name: str, value: Any, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SpecError(
            f"{owner}: {name} must be a number from {low} to {high}, but it is {_shown(value)}."
        )


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
        _whole("Conv2D", "filters", self.filters, 1, MAX_FILTERS)
        _whole("Conv2D", "kernel_size", self.kernel_size, 1, 28)
        _whole("Conv2D", "strides", self.strides, 1, 28)
        _whole("Conv2D", "dilation_rate", self.dilation_rate, 1, 27)
        _one_of("Conv2D", "padding", self.padding, PADDINGS)
        _one_of("Conv2D", "activation", self.activation, ACTIVATIONS)
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
        _whole(self.kind, "pool_size", self.pool_size, 1, 28)
        if self.strides is not None:
            _whole(self.kind, "strides", self.strides, 1, 28)
        _one_of(self.kind, "padding", self.padding, PADDINGS)

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
        _whole("Dense", "units", self.units, 1, MAX_UNITS)
        _one_of("Dense", "activation", self.activation, ACTIVATIONS)

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
        _number("Dropout", "rate", self.rate, 0.0, 0.95)
        object.__setattr__(self, "rate", float(self.rate) + 0.0)  # -0.0 equals 0.0: one digest


LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Dropout)
}


@dataclass(frozen=True)
class LedgerRow:
    """One line of the ledger: a layer, the shapes around it, its parameters as arithmetic."""

    name: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape
    arithmetic: str
    parameters: int


@dataclass(frozen=True)
class NetworkSpec:
    """A stack of layers over one input, as in ``keras.Sequential``."""

    layers: tuple[Layer, ...]
    input_shape: Shape = IMAGE_SHAPE

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "input_shape", tuple(self.input_shape))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names, numbered as Keras numbers them: ``conv2d``, ``conv2d_1``."""
        seen: dict[str, int] = {}
        names = []
        for layer in self.layers:
            count = seen.get(layer.prefix, 0)
            seen[layer.prefix] = count + 1
            names.append(f"{layer.prefix}_{count}" if count else layer.prefix)
        return tuple(names)

    def _rows(self) -> Iterator[LedgerRow]:
        shape = self.input_shape
        for name, layer in zip(self.names, self.layers, strict=True):
            before, shape = shape, layer.output_shape(shape)
            yield LedgerRow(
                name, layer, before, shape, layer.arithmetic(before), layer.parameters(before)
            )

    @cached_property
    def ledger(self) -> tuple[LedgerRow, ...]:
        """Every layer with its shapes and its parameters written out.

        Raises:
            SpecError: a layer cannot take what the one before it gives.
        """
        return tuple(self._rows())

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape at the input and after each layer: one more than there are layers."""
        return (self.input_shape, *(row.output_shape for row in self.ledger))

    @property
    def parameters(self) -> int:
        """The number of trained values, equal to Keras's ``count_params()``."""
        return sum(row.parameters for row in self.ledger)

    @property
    def multiplications(self) -> int:
        """Products in one forward pass of one digit."""
        return sum(row.layer.multiplications(row.input_shape) for row in self.ledger)

    @cached_property
    def problem(self) -> str | None:
        """Why this network cannot be trained on the digits, in a sentence; ``None`` if it can."""
        try:
            self.check()
        except SpecError as error:
            return str(error)
        return None

    def check(self) -> None:
        """Make sure that the network can be trained on the digits.

        Raises:
            SpecError: it cannot be built, is too large, or does not end in ten probabilities.
        """
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise SpecError(
                f"A network has 1 to {MAX_LAYERS} layers, but this one has {len(self.layers)}."
            )
        last = self.layers[-1]
        if self.shapes[-1] != (NUM_CLASSES,) or getattr(last, "activation", None) != "softmax":
            raise SpecError(
                f"The last layer must give {NUM_CLASSES} probabilities, one a digit, with softmax, "
                f"but this network ends in {last.kind} with the shape "
                f"{shape_text(self.shapes[-1])}. End it with Flatten and "
                f"Dense({NUM_CLASSES}, activation='softmax')."
            )
        if self.parameters > MAX_PARAMETERS:
            raise SpecError(
                f"A network here has at most {MAX_PARAMETERS:,} parameters, but this one has "
                f"{self.parameters:,}. Use fewer units, fewer filters, or pooling before Dense."
            )


@dataclass(frozen=True)
class RunSpec:
    """All that decides one training: the same spec gives the same weights on the same machine.

    ``training_digits`` takes the first so many of the 60,000; ``validation_split`` holds back
    that share at their end, as Keras's ``fit`` does; ``scaled`` says whether pixels were
    divided by 255. The loss is categorical cross-entropy throughout.
    """

    network: NetworkSpec
    optimizer: str = "adam"
    learning_rate: float = 0.001
    batch_size: int = 256
    epochs: int = 5
    seed: int = 42
    training_digits: int = TRAINING_DIGITS
    scaled: bool = True
    validation_split: float = 0.0

    # Raised when a spec of the same text would be trained in another way.
    FORMAT: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _one_of("Run", "optimizer", self.optimizer, OPTIMIZERS)
        _number("Run", "learning_rate", self.learning_rate, 1e-6, 10.0)
        _whole("Run", "batch_size", self.batch_size, MIN_BATCH_SIZE, MAX_BATCH_SIZE)
        _whole("Run", "epochs", self.epochs, 1, MAX_EPOCHS)
        _whole("Run", "seed", self.seed, 0, 2**31 - 1)
        _whole("Run", "training_digits", self.training_digits, MIN_TRAINING_DIGITS, TRAINING_DIGITS)
        if not isinstance(self.scaled, bool):
            raise SpecError(f"Run: scaled must be True or False, but it is {_shown(self.scaled)}.")
        _number("Run", "validation_split", self.validation_split, 0.0, 0.5)
        object.__setattr__(self, "learning_rate", float(self.learning_rate))
        object.__setattr__(self, "validation_split", float(self.validation_split) + 0.0)

    @property
    def fitted_digits(self) -> int:
        """How many digits the weights are fitted to: all but those held back for validation."""
        return math.floor(self.training_digits * (1 - self.validation_split))

    @property
    def batches(self) -> int:
        """Steps in one epoch."""
        return math.ceil(self.fitted_digits / self.batch_size)

    @property
    def work(self) -> int:
        """Products of weights and inputs in the forward passes of the whole training."""
        return self.network.multiplications * self.fitted_digits * self.epochs

    @property
    def problem(self) -> str | None:
        """Why this run cannot be made, in a sentence; ``None`` if it can."""
        try:
            self.check()
        except SpecError as error:
            return str(error)
        return None

    def check(self) -> None:
        """Make sure that a laptop can train this run while a class waits.

        Raises:
            SpecError: the network cannot be trained, or the training would take too much.
        """
        self.network.check()
        if self.work > MAX_RUN_WORK:
            raise SpecError(
                f"A run here takes at most {MAX_RUN_WORK:,} multiplications (some ten minutes), "
                f"but this one takes {self.work:,}. Use fewer epochs, fewer digits, fewer filters, "
                f"or pooling earlier."
            )
        if self.network.multiplications * self.batch_size > MAX_STEP_WORK:
            raise SpecError(
                f"One batch here takes at most {MAX_STEP_WORK:,} multiplications, but this one "
                f"takes {self.network.multiplications * self.batch_size:,}. Use a smaller "
                f"batch_size, fewer filters, or smaller kernels."
            )
        activations = self.batch_size * sum(math.prod(shape) for shape in self.network.shapes)
        if activations > MAX_STEP_ACTIVATIONS:
            raise SpecError(
                f"One batch here holds at most {MAX_STEP_ACTIVATIONS:,} activations in memory, but "
                f"this one holds {activations:,}. Use a smaller batch_size or fewer filters."
            )

    @cached_property
    def digest(self) -> str:
        """Twenty hexadecimal digits that name this run, in every process and version of Python."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def to_json(self) -> dict[str, Any]:
        """Plain data that :meth:`from_json` reads back to an equal spec."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["network"] = {
            "input_shape": list(self.network.input_shape),
            "layers": [{"class": layer.kind, **asdict(layer)} for layer in self.network.layers],
        }
        return {"format": self.FORMAT, **values}

    @classmethod
    def from_json(cls, data: Any) -> RunSpec:
        """Read what :meth:`to_json` wrote, trusting nothing.

        Raises:
            SpecError: the data are of another format or hold values that no spec may have.
        """
        try:
            values = dict(data)
            if values.pop("format") != cls.FORMAT:
                raise SpecError(
                    f"A run's format must be {cls.FORMAT}, but it is {_shown(data['format'])}."
                )
            network = dict(values.pop("network"))
            layers = []
            for entry in network["layers"]:
                arguments = dict(entry)
                layers.append(LAYERS[arguments.pop("class")](**arguments))
            shape = tuple(network["input_shape"])
            if shape != IMAGE_SHAPE:
                raise SpecError(
                    f"A network's input must be {IMAGE_SHAPE}, but it is {_shown(shape)}."
                )
            # The shape from here: 28.0 equals 28, but would be another digest.
            return cls(network=NetworkSpec(tuple(layers), IMAGE_SHAPE), **values)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            if isinstance(error, SpecError):
                raise
            raise SpecError(f"This is not the description of a run: {_shown(error)}.") from error


def feedforward(
    units: tuple[int, ...] = (128, 32), activation: str = "relu", dropout: float = 0.0
) -> NetworkSpec:
    """Flatten, then hidden Dense layers of ``units``, then ten probabilities."""
    layers: list[Layer] = [Flatten()]
    for count in units:
        layers.append(Dense(count, activation))
        if dropout:
            layers.append(Dropout(dropout))
    return NetworkSpec((*layers, Dense(NUM_CLASSES, "softmax")))


FEEDFORWARD = feedforward()
CNN_1 = NetworkSpec(
    (
        Conv2D(16, kernel_size=3, activation="relu"),
        MaxPooling2D(pool_size=2),
        Flatten(),
        Dense(128, "relu"),
        Dense(NUM_CLASSES, "softmax"),
    )
)
CNN_2 = NetworkSpec(
    (
        Conv2D(16, kernel_size=3, activation="relu"),
        MaxPooling2D(pool_size=2),
        Conv2D(32, kernel_size=3, activation="relu"),
        MaxPooling2D(pool_size=2),
        Flatten(),
        Dense(64, "relu"),
        Dropout(0.5),
        Dense(16, "relu"),
        Dropout(0.5),
        Dense(NUM_CLASSES, "softmax"),
    )
)

# The notebook's three trainings, in the order in which the lesson tells of them.
NOTEBOOK_RUNS: dict[str, RunSpec] = {
    "Feedforward": RunSpec(FEEDFORWARD, batch_size=256),
    "CNN 1": RunSpec(CNN_1, batch_size=256),
    "CNN 2": RunSpec(CNN_2, batch_size=128),
}
