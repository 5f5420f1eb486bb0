"""Spec → the Keras lines that do the same."""

from __future__ import annotations

from dataclasses import MISSING, fields

from lesson.layers import Layer
from lesson.specs import TRAINING_DIGITS, NetworkSpec, RunSpec

_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}

# What a script begins with, and where it gets the digits: Keras's copy, or the lesson's own.
IMPORTS = """\
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # as in the lesson; before Keras is imported

import keras
import numpy as np
from keras import layers"""
DATA = """\
# Keras fetches MNIST once and keeps it; without the internet, mnist.npz beside this file will do.
beside = Path(globals().get("__file__", ".")).parent / "mnist.npz"
if beside.exists():
    with np.load(beside) as digits:
        x_train, y_train = digits["x_train"], digits["y_train"]
        x_test, y_test = digits["x_test"], digits["y_test"]
else:
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:
        raise SystemExit(
            f"Keras could not fetch the digits ({error}). Take mnist.npz from the lesson's page "
            "Data preparation, put it beside this file, and run it again."
        ) from error"""
_LOAD = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"


def layer_line(layer: Layer) -> str:
    """One layer as a call; what Keras does by itself is left out.

    >>> from lesson.specs import Conv2D
    >>> layer_line(Conv2D(filters=16, kernel_size=3, activation="relu"))
    "layers.Conv2D(16, kernel_size=3, activation='relu')"
    """
    arguments = []
    for position, field in enumerate(fields(layer)):
        value = getattr(layer, field.name)
        # The first says how many or how large; Keras has no default for a kernel's size.
        if position == 0 and field.default is MISSING:
            arguments.append(repr(value))
        elif position == 0 or field.name == "kernel_size" or value != field.default:
            arguments.append(f"{field.name}={value!r}")
    return f"layers.{layer.kind}({', '.join(arguments)})"


def network_code(network: NetworkSpec, name: str = "model") -> str:
    """The network as ``keras.Sequential``."""
    lines = [f"    keras.Input({network.input_shape}),"]
    lines += [f"    {layer_line(layer)}," for layer in network.layers]
    return "\n".join([f"{name} = keras.Sequential([", *lines, "])"])


def compile_code(run: RunSpec) -> str:
    """Compile with the run's optimizer."""
    return f"""\
model.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.{_OPTIMIZERS[run.optimizer]}(learning_rate={run.learning_rate!r}),
    metrics=["accuracy"],
)"""


def first_digits(run: RunSpec) -> str:
    """The slice of the training digits that the run uses; nothing if it uses all.

    >>> from lesson.specs import FEEDFORWARD
    >>> first_digits(RunSpec(FEEDFORWARD)), first_digits(RunSpec(FEEDFORWARD, training_digits=300))
    ('', '[:300]')
    """
    return "" if run.training_digits == TRAINING_DIGITS else f"[:{run.training_digits}]"


def fit_arguments(run: RunSpec) -> str:
    """How ``fit`` is to train."""
    arguments = f"batch_size={run.batch_size}, epochs={run.epochs}"
    if run.validation_split:
        arguments += f", validation_split={run.validation_split!r}"
    return arguments


def compile_and_fit_code(run: RunSpec) -> str:
    """Compile, fit and evaluate with the run's settings."""
    digits = first_digits(run)
    return f"""\
{compile_code(run)}
model.fit(x_train{digits}, y_train{digits}, {fit_arguments(run)})
model.evaluate(x_test, y_test)"""


def steps_code(scaled: bool = True) -> str:
    """Prepare the digits that were loaded."""
    division = " / 255" if scaled else ""
    return f"""\
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32"){division}
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32"){division}
y_train = keras.utils.to_categorical(y_train, 10)
y_test = keras.utils.to_categorical(y_test, 10)"""


def preparation_code(scaled: bool = True) -> str:
    """Load MNIST and prepare it as the lesson does."""
    return f"{_LOAD}\n{steps_code(scaled)}"


def order_code(run: RunSpec) -> str:
    """In which order a run with shuffled labels deals them out."""
    return f"order = np.random.default_rng({run.seed}).permutation({run.training_digits})"


def shuffling_code(run: RunSpec) -> str:
    """Deal the training labels out at random, as the lesson does with this seed."""
    return f"""\
{order_code(run)}
y_train = y_train[order]  # each digit now has the label of another one"""


def run_code(run: RunSpec) -> str:
    """A run in short: the same seed gives the same network as in the lesson."""
    numpy = "import numpy as np\n" if run.shuffled_labels else ""
    shuffling = [shuffling_code(run)] if run.shuffled_labels else []
    return "\n\n".join(
        [
            f"import keras\n{numpy}from keras import layers",
            preparation_code(run.scaled),
            *shuffling,
            f"keras.utils.set_random_seed({run.seed})\n{network_code(run.network)}",
            compile_and_fit_code(run),
        ]
    )


def networks_code(networks: dict[str, NetworkSpec]) -> str:
    """Several networks one after another, each under its name."""
    return "\n\n".join(f"# {name}\n{network_code(each)}" for name, each in networks.items())
