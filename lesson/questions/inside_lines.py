"""The lines that the notebook leaves blank in its CNN."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from lesson import inside
from lesson.export import layer_line
from lesson.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, shape_text
from lesson.questions.kinds import Asked, Blank, Mistake, Settings
from lesson.specs import LedgerRow, RunSpec

BUILD = "Build and train"  # the view that shows shapes and parameters
LEDGER = "The table under *Where the parameters sit*."
BEGIN, INPUT, END = (
    "model = keras.Sequential()",
    "model.add(keras.Input((28, 28, 1)))",
    "model.summary()",
)


class Gap(NamedTuple):
    """A line left out.

    Attributes:
        asks: what the line does.
        right: the lines that do it, the first of them the one that is shown.
        mistakes: other lines, and what is wrong with each.
        otherwise: what is said to any line that is neither.
        why: what the right line says.
        look: where the page shows it.
    """

    asks: str
    right: tuple[str, ...]
    mistakes: dict[str, str]
    otherwise: str
    why: str
    look: str = "The Keras lines at the foot of the page."


def line(settings: Settings, random: Random) -> Asked:
    """One line of a network like the notebook's first CNN, with numbers of its own."""
    filters, size = random.choice((8, 12, 16, 24)), random.choice((3, 5))
    units = random.choice((32, 64, 96, 128))
    network = inside.stack([inside.Block(filters, size)], [units])
    gaps = [BEGINNING, *(_layer(row) for row in network.ledger), ENDING]
    lines = [BEGIN, *(f"model.add({layer_line(layer)})" for layer in network.layers), END]
    place = random.randrange(len(gaps))
    gap = gaps[place]
    before, after = lines[:place], lines[place + 1 :]
    (before or after).insert(min(len(before), 1), INPUT)
    chosen = {f"cnn_{key}": value for key, value in inside.settings(RunSpec(network)).items()}
    return Blank(
        prompt=f"A line of a CNN is missing. {gap.asks}",
        explanation=gap.why,
        settings={**chosen, "cnn_view": BUILD},
        look=gap.look,
        before="\n".join(before),
        after="\n".join(after),
        right=gap.right,
        mistakes=tuple(Mistake(wrong, says) for wrong, says in gap.mistakes.items()),
        otherwise=gap.otherwise,
    )


BEGINNING = Gap(
    asks="It makes a network without layers, to which they are then added.",
    right=(BEGIN, "keras.Sequential()"),
    mistakes={
        "model = keras.Model()": "A Model is told its inputs and outputs. Layers are added to "
        "another class.",
        "model = keras.Sequential": "The brackets are missing: call it.",
    },
    otherwise="It is `model = `, and Keras's name for layers one behind the other.",
    why="A Sequential holds layers one behind the other.",
)
ENDING = Gap(
    asks="It lists each layer with its shape and its parameters.",
    right=(END,),
    mistakes={
        "model.summary": "The brackets are missing: call it.",
        "model.count_params()": "That is the sum alone, without the layers that it is of.",
        "model.evaluate(x_test, y_test)": "That measures how well the network reads.",
    },
    otherwise="It is a method of the model, and needs nothing in its brackets.",
    why="It prints what this page shows as a table.",
    look=LEDGER,
)


def _layer(row: LedgerRow) -> Gap:
    """A layer left out, told by what it has to do."""
    layer, shape = row.layer, shape_text(row.output_shape)
    if isinstance(layer, Conv2D):
        return _convolution(layer, shape)
    if isinstance(layer, MaxPooling2D):
        return Gap(
            f"It keeps the largest of each 2×2 values, and gives {shape}.",
            _right(layer),
            {
                "layers.MaxPooling2D(pool_size=2, strides=1)": "Unless it is told otherwise, "
                "pooling moves by its own size. With strides of 1 its windows overlap, and the "
                "maps hardly get smaller.",
                "layers.AveragePooling2D(pool_size=2)": "That keeps the mean, not the largest.",
            },
            "It is max pooling, with a pool_size of 2.",
            "Where nothing is said of `strides`, they are the pool_size.",
        )
    if isinstance(layer, Flatten):
        return Gap(
            f"Before a Dense layer comes, all values have to lie in one row: {shape}.",
            _right(layer),
            {
                "layers.MaxPooling2D(pool_size=2)": "That makes the maps smaller once more, but "
                "they are still maps.",
                "layers.Dense(10, activation='softmax')": "Dense weighs the last axis only: it "
                "would answer for each place by itself.",
            },
            "It only lays the values in a row, and needs no settings.",
            "No value changes. The notebook's CNN 1 goes without it.",
        )
    assert isinstance(layer, Dense)
    return _last(layer) if layer.activation == "softmax" else _dense(layer)


def _right(layer: Layer) -> tuple[str, ...]:
    return (layer_line(layer), f"model.add({layer_line(layer)})")


def _convolution(layer: Conv2D, shape: str) -> Gap:
    count, size = layer.filters, layer.kernel_size
    return Gap(
        f"It looks for {count} patterns of {size}×{size}, turns negative answers into 0, and gives "
        f"{shape}.",
        _right(layer),
        {
            f"layers.Conv2D({count}, kernel_size={size})": "Without an activation negative answers "
            "stay negative.",
            f"layers.Conv2D({size}, kernel_size={count}, activation='relu')": "The number of "
            "filters comes first, then the side of each.",
            f"layers.Conv2D({count}, kernel_size={size}, padding='same', activation='relu')": (
                "With `same` the maps would stay 28×28."
            ),
        },
        f"It needs {count} filters, a kernel_size of {size}, and ReLU.",
        "How many filters, how large, and what becomes of their sums.",
    )


def _dense(layer: Dense) -> Gap:
    return Gap(
        f"It weighs all values in {layer.units} units, and turns negative sums into 0.",
        _right(layer),
        {
            f"layers.Dense({layer.units})": "Without an activation negative sums stay negative.",
            f"layers.Dense({layer.units}, activation='softmax')": "Softmax makes shares of 1, "
            "which belongs into the last layer.",
        },
        f"It is a Dense layer with {layer.units} units and ReLU.",
        f"It has {layer.units} units, each with a weight for each value.",
    )


def _last(layer: Dense) -> Gap:
    return Gap(
        "It gives a probability for each digit.",
        _right(layer),
        {
            f"layers.Dense({layer.units})": "Those are ten sums, which may be negative, and do not "
            "make 1 together.",
            f"layers.Dense({layer.units}, activation='relu')": "ReLU leaves sums above 0 as they "
            "are. Probabilities make 1 together.",
            "layers.Dense(1, activation='softmax')": "One unit gives one number, and softmax of "
            "one number is always 1.",
            f"layers.Dense({layer.units - 1}, activation='softmax')": "The digits begin with 0: "
            "there are ten.",
        },
        f"It is a Dense layer with {layer.units} units and softmax.",
        "As many units as digits, and softmax makes their sums shares of 1.",
    )
