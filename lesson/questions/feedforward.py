"""What one predicts of the network on the feedforward page; its training is in a module beside."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from lesson import export
from lesson.layers import MAX_FILTERS, Dense, Flatten, shape_text
from lesson.questions import feedforward_calls as calls
from lesson.questions import feedforward_training as training
from lesson.questions.kinds import (
    Asked,
    Blank,
    Cell,
    Choice,
    Mistake,
    Settings,
    numbers,
)
from lesson.questions.question import Question, Read, changed
from lesson.specs import NetworkSpec, feedforward
from lesson.words import listed

PAGE = "feedforward"
STEPS = (2, 4, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
UNITS = (128, 32, 32, 32, 32)
SIDE = 28
MOST_LAYERS = 3  # of a network whose parameters one can add up
LAYERS = {
    "feedforward_hidden_layers": Read(2, range(6)),
    **{f"feedforward_units_{n}": Read(units, STEPS) for n, units in enumerate(UNITS, 1)},
}
NETWORK = {
    **LAYERS,
    "feedforward_activation": Read("relu", ("relu", "sigmoid", "tanh", "linear")),
}


def _units(settings: Settings) -> tuple[int, ...]:
    """The units of each hidden layer."""
    depth = settings["feedforward_hidden_layers"]
    return tuple(settings[f"feedforward_units_{n}"] for n in range(1, depth + 1))


def _shown(settings: Settings) -> dict[str, Any]:
    """The settings without those of layers that are not there."""
    depth = settings["feedforward_hidden_layers"]
    unused = {f"feedforward_units_{n}" for n in range(depth + 1, len(UNITS) + 1)}
    return {key: value for key, value in settings.items() if key not in unused}


def parameters(settings: Settings, random: Random) -> Asked:
    """The notebook's question: how many parameters are there?"""

    def good(one: Settings) -> bool:
        return 1 <= len(_units(one)) <= MOST_LAYERS and _units(one) != _units(settings)

    chosen = changed(settings, LAYERS, random, good)
    units = _units(chosen)
    network = feedforward(units)
    right = network.parameters
    values = SIDE * SIDE
    biases = sum(units) + 10
    unflattened = NetworkSpec(network.layers[1:])
    one_row = NetworkSpec(network.layers[1:], (SIDE,))
    others = [
        Mistake(right + values, f"The {values} values that come in are no units: no biases there."),
        Mistake(
            right - network.ledger[-1].parameters,
            "The last layer was forgotten: its ten units learn too.",
        ),
        Mistake(one_row.parameters, f"A picture of {SIDE}×{SIDE} has {values} values, not {SIDE}."),
        Mistake(
            unflattened.parameters,
            "That is without Flatten: each unit would have one weight, which all pixels share.",
        ),
        Mistake(
            values + biases,
            "That adds up values and units. A weight belongs to each pair of them: they multiply.",
        ),
    ]
    likely = [Mistake(right - biases, "Those are the weights. Each unit has a bias too.")]
    if units[0] == 128:
        half = feedforward((64, *units[1:])).parameters
        says = "That is with 64 units in the first layer, as the notebook's answer writes."
        likely.append(Mistake(half, f"{says} Its code has 128."))
    hidden = listed(list(map(str, units)))
    sums = "; ".join(f"`{row.name}` {row.arithmetic}" for row in network.ledger if row.parameters)
    return Choice(
        prompt=f"Flatten on {SIDE}×{SIDE}×1, "
        f"{'a hidden layer' if len(units) == 1 else 'hidden layers'} of {hidden} units, and the "
        "last layer of 10. How many parameters does the network learn?",
        explanation=f"{sums}. Together {right:,}. A Dense layer has a weight for each pair of an "
        "incoming value and a unit, and a bias for each unit.",
        settings=_shown(chosen),
        look="The table under *How many numbers does it learn?*",
        options=numbers(
            right, "Weights and biases of every layer.", [*likely, *random.sample(others, 5)]
        ),
    )


def neighbour(settings: Settings, random: Random) -> Asked:
    """Where a pixel's neighbours are when the picture is one row."""
    row, column = random.choice(range(4, SIDE - 4)), random.choice(range(4, SIDE - 4))
    by = random.choice((SIDE, -SIDE, 2 * SIDE, -2 * SIDE, SIDE - 1, 1 - SIDE))
    start = row * SIDE + column
    right = divmod(start + by, SIDE)
    values = np.zeros((SIDE, SIDE), np.float32)
    values[row, column] = 1
    along = divmod(column * SIDE + row + by, SIDE)[::-1]
    near = {
        (row, column): f"That is the dark pixel itself, value {start}.",
        along: "That counts down the columns. Flatten lays the rows end to end, as one reads.",
        (right[0], right[1] - 1): "One too early: the first value is number 0.",
        (right[0], right[1] + 1): "One too far.",
    }
    return Cell(
        prompt=f"Flatten lays the {SIDE}×{SIDE} pixels in one row of {SIDE * SIDE}. The dark pixel "
        f"becomes value {start}. Point at the pixel that becomes value {start + by}.",
        explanation=f"A row of the picture has {SIDE} pixels, so what lies one row below is "
        f"{SIDE} places away, and {abs(by)} places {'on' if by > 0 else 'back'} is row {right[0]}, "
        f"column {right[1]}, counted from 0. To a Dense layer they are two of {SIDE * SIDE} "
        "values like any others: nothing says that they were neighbours.",
        settings={"feedforward_row": right[0]},
        look=f"Row {right[0]} is marked under *What Flatten does*, in the picture and in the row.",
        values=values,
        scale="ink",
        high=1.0,
        numbers=False,
        right=frozenset({right}),
        near=near,
        otherwise=f"A step of {SIDE} goes to the same place one row below.",
    )


def line(settings: Settings, random: Random) -> Asked:
    """The notebook's blanks in the network: Flatten, a hidden layer, the last one."""

    def good(one: Settings) -> bool:
        if one["feedforward_activation"] == "linear" or len(_units(one)) > MOST_LAYERS:
            return False
        return (_units(one), one["feedforward_activation"]) != (
            _units(settings),
            settings["feedforward_activation"],
        )

    chosen = changed(settings, NETWORK, random, good)
    network = feedforward(_units(chosen), chosen["feedforward_activation"])
    place = random.choice([0, len(network.layers) - 1, *range(len(network.layers))])
    layer = network.layers[place]
    lines = export.network_code(network).splitlines()
    before, after = lines[: 2 + place], lines[3 + place :]
    parts = {
        "prompt": "",
        "settings": _shown(chosen),
        "look": "The lines at the end of the page, *The same in Keras*.",
        "before": "\n".join(before),
        "after": "\n".join(after),
    }
    if isinstance(layer, Flatten):
        return _flatten(parts)
    assert isinstance(layer, Dense)
    incoming = network.shapes[place][0]
    if place == len(network.layers) - 1:
        return _last(parts, incoming)
    return _hidden(parts, layer, incoming, place)


def _flatten(parts: dict[str, Any]) -> Blank:
    def without(units: int) -> str:
        shape = Dense(units).output_shape((SIDE, SIDE, 1))
        return f"Dense works along the last axis only: out comes {shape_text(shape)}."

    return Blank(
        **parts
        | {"prompt": "Which line is missing, so that each unit sees all pixels of the picture?"},
        explanation="Flatten lays the picture in one row. It learns nothing, but without it a "
        "Dense layer works along the last axis only, each pixel by itself.",
        right=("layers.Flatten()", "layers.Reshape((784,))", "layers.Reshape((-1,))"),
        mistakes=(
            Mistake("layers.Dense(784)", without(784)),
            Mistake("layers.Dense(1)", f"That is the notebook's first try. {without(1)}"),
            Mistake("layers.Dropout(0.5)", "That silences half of the pixels while training."),
            Mistake("layers.MaxPooling2D()", "That makes the picture smaller, but not a row."),
        ),
        otherwise="It has to make one row of 28×28×1, and needs to learn nothing for that.",
    )


def _hidden(parts: dict[str, Any], layer: Dense, incoming: int, place: int) -> Blank:
    units, activation = layer.units, layer.activation
    filters = min(units, MAX_FILTERS)
    return Blank(
        **parts
        | {
            "prompt": f"Write hidden layer {place}: {units} units, each joined to every value that "
            f"comes in, with the activation {activation}."
        },
        explanation=f"The number says how many values come out. That {incoming} come in, Keras "
        "sees by itself.",
        right=(export.layer_line(layer),),
        mistakes=(
            Mistake(
                f"layers.Dense({units})",
                "Without an activation it only adds up. Two such layers in a row can do no more "
                "than one.",
            ),
            Mistake(
                f"layers.Dense({units}, activation='softmax')",
                "Softmax makes its values add up to 1. That is for the last layer.",
            ),
            Mistake(
                f"layers.Dense({incoming}, activation='{activation}')"
                if incoming <= 512
                else f"layers.Dense(784, activation='{activation}')",
                f"{incoming} values come in. The number says how many come out.",
            ),
            Mistake(
                f"layers.Conv2D({filters}, kernel_size=3, activation='{activation}')",
                "That slides filters over a picture, but here the values lie in a row.",
            ),
        ),
        otherwise=f"It needs {units} units and the activation {activation}.",
    )


def _last(parts: dict[str, Any], incoming: int) -> Blank:
    right = "layers.Dense(10, activation='softmax')"
    return Blank(
        **parts | {"prompt": "The last line is missing: one probability for each of the digits."},
        explanation="A unit for each of the ten classes. Softmax makes the ten sums positive and "
        "lets them add up to 1.",
        right=(right,),
        mistakes=(
            Mistake("layers.Dense(10)", "Ten sums come out: they can be negative, or 300."),
            Mistake(
                "layers.Dense(1, activation='softmax')",
                "One unit is one number, and softmax of a single number is always 1.",
            ),
            Mistake(
                "layers.Dense(10, activation='sigmoid')",
                "That is ten answers of yes or no: they need not add up to 1.",
            ),
            Mistake(
                "layers.Dense(10, activation='relu')",
                "ReLU only cuts off what is negative: no probabilities come out.",
            ),
            Mistake("layers.Dense(9, activation='softmax')", "0 to 9 are ten digits."),
        ),
        otherwise="It needs a unit for each of the ten digits, and what makes probabilities of "
        "their sums.",
    )


QUESTIONS = (
    Question("feedforward_parameters", PAGE, "train", "How many parameters?", parameters, LAYERS),
    Question("feedforward_neighbour", PAGE, "when", "Where is the neighbour?", neighbour),
    Question("feedforward_line", PAGE, "train", "A line of the network", line, NETWORK),
    Question("feedforward_call", PAGE, "train", "A line around it", calls.call, calls.READS),
    *training.QUESTIONS,
)
