"""Frozen descriptions of networks and runs, and what follows from them alone.

A run's spec says all that decides a training; its digest names the run everywhere.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar

from lesson.checks import SpecError, number, one_of, shown, truth, whole
from lesson.layers import (
    LAYERS,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    Shape,
    shape_text,
)

OPTIMIZERS = ("adam", "sgd", "rmsprop")
IMAGE_SHAPE: Shape = (28, 28, 1)
NUM_CLASSES = 10
TRAINING_DIGITS = 60_000
# By how many pixels the test digits are moved, to the right and, apart, down.
SHIFTS = tuple(range(-6, 7))
# Where a run's accuracy on changed test digits is measured; :mod:`lesson.robustness` has the ways.
LEVELS: dict[str, tuple[Any, ...]] = {
    "right": SHIFTS,
    "down": SHIFTS,
    "rotation": tuple(range(-45, 46, 5)),
    "scale": tuple(tenths / 10 for tenths in range(5, 16)),
    "noise": tuple(tenths / 10 for tenths in range(9)),
    "contrast": tuple(tenths / 10 for tenths in range(1, 11)),
    "blur": tuple(halves / 2 for halves in range(7)),
    "patch": tuple(range(0, 19, 2)),
    "moved": tuple((down, right) for down in SHIFTS for right in SHIFTS),
}
# What the pages call these ways, short enough that all stand in one line.
CHANGES = {
    "right": "Moved sideways",
    "down": "up or down",
    "moved": "anywhere",
    "rotation": "Turned",
    "scale": "Resized",
    "noise": "Noise",
    "contrast": "Paler ink",
    "blur": "Blurred",
    "patch": "Covered",
}

# What a laptop can train while a class waits. They hold on the server, whatever the page sends.
MAX_LAYERS = 24
MAX_PARAMETERS = 5_000_000
MAX_EPOCHS = 50
MIN_BATCH_SIZE, MAX_BATCH_SIZE = 8, 4096
MIN_TRAINING_DIGITS = 100
# Products of weights and inputs: two cores of a laptop take about 90 s for each 10¹² of them
# while training, so a run ends within ten minutes and a step can be cancelled within a second.
MAX_RUN_WORK = 6 * 10**12
MAX_STEP_WORK = 4 * 10**9
MAX_STEP_ACTIVATIONS = 150_000_000


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
    divided by 255; ``shuffled_labels`` deals the training labels out anew, so that there is
    nothing to learn but by heart. The loss is categorical cross-entropy throughout.
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
    shuffled_labels: bool = False

    # Raised when a spec of the same text would be trained in another way.
    FORMAT: ClassVar[int] = 1

    def __post_init__(self) -> None:
        one_of("Run", "optimizer", self.optimizer, OPTIMIZERS)
        number("Run", "learning_rate", self.learning_rate, 1e-6, 10.0)
        whole("Run", "batch_size", self.batch_size, MIN_BATCH_SIZE, MAX_BATCH_SIZE)
        whole("Run", "epochs", self.epochs, 1, MAX_EPOCHS)
        whole("Run", "seed", self.seed, 0, 2**31 - 1)
        whole("Run", "training_digits", self.training_digits, MIN_TRAINING_DIGITS, TRAINING_DIGITS)
        truth("Run", "scaled", self.scaled)
        truth("Run", "shuffled_labels", self.shuffled_labels)
        number("Run", "validation_split", self.validation_split, 0.0, 0.5)
        object.__setattr__(self, "learning_rate", float(self.learning_rate))
        object.__setattr__(self, "validation_split", float(self.validation_split) + 0.0)

    def __hash__(self) -> int:
        # Equal runs have one digest, which is known once it was asked for.
        return hash(self.digest)

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

    @cached_property
    def kin(self) -> str:
        """The same for runs that differ in nothing but the seed, and for no others."""
        return replace(self, seed=0).digest

    def to_json(self) -> dict[str, Any]:
        """Plain data that :meth:`from_json` reads back to an equal spec."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if not self.shuffled_labels:
            del values["shuffled_labels"]  # it came later: runs that do without keep their names
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
                    f"A run's format must be {cls.FORMAT}, but it is {shown(data['format'])}."
                )
            network = dict(values.pop("network"))
            layers = []
            for entry in network["layers"]:
                arguments = dict(entry)
                layers.append(LAYERS[arguments.pop("class")](**arguments))
            shape = tuple(network["input_shape"])
            if shape != IMAGE_SHAPE:
                raise SpecError(
                    f"A network's input must be {IMAGE_SHAPE}, but it is {shown(shape)}."
                )
            # The shape from here: 28.0 equals 28, but would be another digest.
            return cls(network=NetworkSpec(tuple(layers), IMAGE_SHAPE), **values)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            if isinstance(error, SpecError):
                raise
            raise SpecError(f"This is not the description of a run: {shown(error)}.") from error


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
