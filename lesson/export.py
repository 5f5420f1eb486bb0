"""Spec → the Keras lines that do the same."""

from __future__ import annotations

from dataclasses import MISSING, fields

from lesson.layers import Layer
from lesson.specs import NetworkSpec, RunSpec

_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}


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


def network_code(network: NetworkSpec) -> str:
    """The network as ``keras.Sequential``."""
    lines = [f"    keras.Input({network.input_shape}),"]
    lines += [f"    {layer_line(layer)}," for layer in network.layers]
    return "\n".join(["model = keras.Sequential([", *lines, "])"])


def compile_and_fit_code(run: RunSpec) -> str:
    """Compile, fit and evaluate with the run's settings."""
    digits = "" if run.training_digits == 60_000 else f"[:{run.training_digits}]"
    arguments = f"batch_size={run.batch_size}, epochs={run.epochs}"
    if run.validation_split:
        arguments += f", validation_split={run.validation_split!r}"
    return f"""\
model.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.{_OPTIMIZERS[run.optimizer]}(learning_rate={run.learning_rate!r}),
    metrics=["accuracy"],
)
model.fit(x_train{digits}, y_train{digits}, {arguments})
model.evaluate(x_test, y_test)"""


def preparation_code(scaled: bool = True) -> str:
    """Load MNIST and prepare it as the lesson does."""
    division = " / 255" if scaled else ""
    return f"""\
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32"){division}
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32"){division}
y_train = keras.utils.to_categorical(y_train, 10)
y_test = keras.utils.to_categorical(y_test, 10)"""


def shuffling_code(run: RunSpec) -> str:
    """Deal the training labels out at random, as the lesson does with this seed."""
    return f"""\
order = np.random.default_rng({run.seed}).permutation({run.training_digits})
y_train = y_train[order]  # each digit now has the label of another one"""


def run_code(run: RunSpec) -> str:
    """A whole script: the same seed gives the same network as in the lesson."""
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
