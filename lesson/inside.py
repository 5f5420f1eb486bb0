"""A CNN stacked from a few choices, and what each of its layers makes of one digit.

An *activation* here is what :func:`lesson.network.forward` keeps of one layer for one digit:
``(1, height, width, channels)`` for maps, ``(1, units)`` for a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from lesson.layers import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    shape_text,
)
from lesson.network import Float32, split_weights
from lesson.specs import NUM_CLASSES, LedgerRow, NetworkSpec, RunSpec
from lesson.tables import percent, table
from lesson.units import Weighed, input_name

POOLINGS: dict[str, type[MaxPooling2D] | type[AveragePooling2D] | None] = {
    "max": MaxPooling2D,
    "average": AveragePooling2D,
    "none": None,
}
# Of a run, what is set by other controls or, on this page, by none.
NO_CONTROL = ("network", "scaled", "shuffled_labels")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Block:
    """A Conv2D layer with ReLU and the 2×2 pooling behind it: a key of ``POOLINGS``."""

    filters: int
    kernel_size: int = 3
    pooling: str = "max"


def stack(
    blocks: Sequence[Block], units: Sequence[int], dropout: float = 0.0, padding: str = "valid"
) -> NetworkSpec:
    """Blocks, then Flatten, then Dense layers of ``units``, then ten probabilities.

    Dropout follows each hidden Dense layer. Whether the layers fit is for the network's
    ``problem`` to say.

    >>> from lesson.specs import CNN_1
    >>> stack([Block(16)], [128]) == CNN_1
    True
    """
    layers: list[Layer] = []
    for block in blocks:
        layers.append(Conv2D(block.filters, block.kernel_size, padding=padding, activation="relu"))
        pooling = POOLINGS[block.pooling]
        if pooling:
            layers.append(pooling(pool_size=2))
    layers.append(Flatten())
    for count in units:
        layers.append(Dense(count, "relu"))
        if dropout:
            layers.append(Dropout(dropout))
    return NetworkSpec((*layers, Dense(NUM_CLASSES, "softmax")))


def settings(run: RunSpec) -> dict[str, int | float | str]:
    """The choices that give a run back, by the names of the page's controls.

    The reverse of :func:`stack`, for a network that it could have made.

    >>> from lesson.specs import CNN_1
    >>> chosen = settings(RunSpec(CNN_1))
    >>> [chosen[name] for name in ("blocks", "filters_1", "pooling_1", "units_1", "dropout")]
    [1, 16, 'max', 128, 0.0]
    """
    layers = run.network.layers
    convs = [(n, layer) for n, layer in enumerate(layers) if isinstance(layer, Conv2D)]
    hidden = [layer for layer in layers[:-1] if isinstance(layer, Dense)]
    rates = [layer.rate for layer in layers if isinstance(layer, Dropout)]
    chosen: dict[str, int | float | str] = {
        "blocks": len(convs),
        "padding": convs[0][1].padding if convs else "valid",
        "dense_layers": len(hidden),
        "dropout": rates[0] if rates else 0.0,
    }
    for block, (place, conv) in enumerate(convs, 1):
        behind = type(layers[place + 1])
        chosen[f"filters_{block}"] = conv.filters
        chosen[f"kernel_size_{block}"] = conv.kernel_size
        chosen[f"pooling_{block}"] = next(
            (name for name, pooling in POOLINGS.items() if pooling is behind), "none"
        )
    chosen |= {f"units_{n}": layer.units for n, layer in enumerate(hidden, 1)}
    kept = (field.name for field in fields(run) if field.name not in NO_CONTROL)
    return chosen | {name: getattr(run, name) for name in kept}


def says(row: LedgerRow, before: Float32, after: Float32) -> str:
    """What a layer does with the digit in hand, in a sentence or two with its numbers.

    Args:
        row: the layer's line in the ledger.
        before, after: the activations that go in and come out.
    """
    layer, size = row.layer, shape_text(row.input_shape)
    if isinstance(layer, Conv2D):
        channels = row.input_shape[-1]
        looks = f"all {channels} maps at once" if channels > 1 else "the picture"
        kernel = f"{layer.kernel_size}×{layer.kernel_size}"
        strongest = int(after[0].max(axis=(0, 1)).argmax()) + 1
        return (
            f"{layer.filters} filters of {kernel}×{channels} slide over {looks} and draw "
            f"one map each. ReLU then turns every negative answer into 0: "
            f"{percent(_zeros(after))} of this digit's {after.size:,} values are 0. The strongest "
            f"answer, {after.max():.2f}, comes from filter {strongest}."
        )
    if isinstance(layer, MaxPooling2D | AveragePooling2D):
        kept = "largest value" if isinstance(layer, MaxPooling2D) else "mean"
        lost = [side % layer.pool_size for side in row.input_shape[:2]]
        edge = " The last row and column fill no window and are dropped." if any(lost) else ""
        return (
            f"Of each {layer.pool_size}×{layer.pool_size} window only the {kept} goes on: "
            f"{before.size:,} values become {after.size:,}.{edge} The zeros go from "
            f"{percent(_zeros(before))} to {percent(_zeros(after))}. Nothing is learned here."
        )
    if isinstance(layer, Flatten):
        return (
            f"The {size} values are laid in one row of {after.size:,}, since each unit of a Dense "
            f"layer weighs a row. No value changes, and nothing is learned."
        )
    if isinstance(layer, Dropout):
        return (
            f"Only while training: a random {layer.rate:.0%} of the values are set to 0, and "
            f"the others are divided by {1 - layer.rate:g} to make up for it. Now it passes on "
            f"all {after.size} values as they are."
        )
    if isinstance(layer, Dense) and layer.activation == "softmax":
        return (
            f"Each of the {after.size} units weighs all {before.size:,} values, and softmax "
            f"turns the {after.size} sums into probabilities: together 1, the largest "
            f"{after.max():.4f} for the digit {int(after.argmax())}."
        )
    awake = int((after > 0).sum())
    return (
        f"Each of the {after.size} units weighs all {before.size:,} values, adds its bias, and "
        f"ReLU turns a negative sum into 0. For this digit {awake} of {after.size} are above 0."
    )


def _zeros(values: Float32) -> float:
    return float((values == 0).mean())


def logits(
    network: NetworkSpec, weights: Sequence[Float32], activations: Sequence[Float32]
) -> Float32:
    """The sums of the last Dense layer before its softmax, shape ``(n, 10)``.

    Args:
        network: a network that ends in Dense.
        weights: its trained arrays, as Keras's ``get_weights`` lists them.
        activations: what :func:`lesson.network.forward` gives for ``n`` digits.
    """
    kernel, bias = list(split_weights(network, weights))[-1]
    return activations[-2] @ kernel + bias


@dataclass(frozen=True)
class Answer:
    """One class in the arithmetic of softmax: its sum, e to the sum's distance from the largest."""

    digit: int
    logit: float
    distance: float
    power: float
    probability: float


def softmax_steps(sums: Sequence[float] | Float32) -> list[Answer]:
    """Softmax written out for ten sums, the most probable first.

    As in Keras the largest sum is first taken from all of them, which changes no share and
    keeps the powers from overflowing.

    >>> steps = softmax_steps([0.0, 2.0, 1.0])
    >>> [(step.digit, step.distance, round(step.probability, 3)) for step in steps]
    [(1, 0.0, 0.665), (2, -1.0, 0.245), (0, -2.0, 0.09)]
    """
    values = np.asarray(sums, dtype=np.float64)
    distances = values - values.max()
    powers = np.exp(distances)
    shares = powers / powers.sum()
    order = np.argsort(-values, kind="stable")
    return [
        Answer(int(d), float(values[d]), float(distances[d]), float(powers[d]), float(shares[d]))
        for d in order
    ]


def verdict(first: Answer, label: int | None) -> str:
    """The network's answer, how sure it is, and whether the label, if there is one, agrees.

    >>> verdict(Answer(7, 5.0, 0.0, 1.0, 0.75), label=1)
    'The network answers **7**, 75.0% sure: wrong, the label is **1**.'
    >>> verdict(Answer(7, 5.0, 0.0, 1.0, 0.75), label=None)
    'The network answers **7**, 75.0% sure.'
    """
    answer = f"The network answers **{first.digit}**, {percent(first.probability)} sure"
    if label is None:
        return f"{answer}."
    right = "right" if first.digit == label else f"wrong, the label is **{label}**"
    return f"{answer}: {right}."


def softmax_table(steps: Sequence[Answer], shown: int = 3, chosen: int | None = None) -> str:
    """The arithmetic of softmax as a Markdown table: the likeliest classes, the rest, the total.

    The class ``chosen`` has a line in any case.
    """
    total = sum(step.power for step in steps)
    lines = [step for place, step in enumerate(steps) if place < shown or step.digit == chosen]
    rest = sum(step.power for step in steps if step not in lines)
    rows = [
        (
            f"**{step.digit}**",
            signed(step.logit),
            signed(step.distance),
            small(step.power),
            small(step.probability),
        )
        for step in lines
    ]
    rows.append(("the rest", "", "", small(rest), small(rest / total)))
    rows.append(("total", "", "", small(total), "1"))
    head = ("digit", "sum $z$", "$z$ − largest", "$e$ to that", "÷ total")
    return table(head, rows, "rrrrr")


def small(value: float) -> str:
    """A number from 0 up with its leading digits, however small.

    >>> small(0.12345), small(0.0000314), small(0.0)
    ('0.1235', '3.1·10⁻⁵', '0')
    """
    if value >= 0.001 or value == 0:
        return f"{value:.4f}" if value else "0"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}·10{str(int(power)).translate(RAISED)}"


def signed(value: float, decimals: int = 2) -> str:
    """A number with a true minus sign, and none on a zero.

    >>> signed(-1.5), signed(0.25, 3), signed(-0.001)
    ('−1.50', '0.250', '0.00')
    """
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def pushes(network: NetworkSpec, place: int, weighed: Weighed, inputs: Sequence[int]) -> str:
    """Some inputs of a Dense unit, each with its weight and what the two give, a line each.

    Args:
        network: whose layer at ``place`` the unit belongs to.
        place: in ``network.layers``.
        weighed: the unit.
        inputs: which of its inputs, from 0.
    """
    lines = [
        f"{input_name(network, place, number)}: "
        f"{times(float(weighed.inputs[number]), float(weighed.weights[number]))}"
        for number in inputs
    ]
    return "  \n".join(lines or ["Nothing."])


def times(one: float, other: float, decimals: int = 3) -> str:
    """A product as it is written down; where the rounded numbers give another one, with ``≈``.

    >>> times(1.2, 0.4), times(2.0, -0.25), times(1.4996, 0.4996)
    ('1.200 × 0.400 = **+0.480**', '2.000 × −0.250 = **−0.500**', '1.500 × 0.500 ≈ **+0.749**')
    """
    product = one * other
    written = round(round(one, decimals) * round(other, decimals), decimals)
    sign = "=" if f"{written:.{decimals}f}" == f"{product:.{decimals}f}" else "≈"
    plus = "+" if product > 0 else ""
    return (
        f"{signed(one, decimals)} × {signed(other, decimals)} {sign} "
        f"**{plus}{signed(product, decimals)}**"
    )


def sum_in_words(weighed: Weighed, share: float | None = None) -> str:
    """How a Dense unit comes to its value, from the sum of all products on.

    Args:
        weighed: the unit.
        share: of a class its probability.

    >>> from lesson.units import weigh
    >>> sum_in_words(weigh(np.array([2.0, 1.0]), np.array([-1.0, 0.5]), 0.25, "relu"))
    'All 2 products together −1.500, bias 0.250: **−1.250**. ReLU makes it **0.000**.'
    """
    products = float(weighed.products.sum())
    text = (
        f"All {weighed.products.size:,} products together {signed(products, 3)}, "
        f"bias {signed(weighed.bias, 3)}: **{signed(weighed.total, 3)}**."
    )
    if share is not None:
        return f"{text} Softmax makes it **{percent(share)}**."
    if weighed.activation == "linear":
        return text
    name = "ReLU" if weighed.activation == "relu" else weighed.activation
    return f"{text} {name} makes it **{signed(weighed.output, 3)}**."


def change(count: int, before: Answer, after: Sequence[Answer]) -> str:
    """What the change of ``count`` weights does to the network's answer.

    Args:
        count: how many weights differ.
        before: the answer of the network as it was trained.
        after: the answers of the changed one, the likeliest first.

    >>> steps = softmax_steps([0.0, 2.0, 1.0])
    >>> change(1, steps[0], steps)
    'You changed 1 weight: the network still answers **1** (66.5%, before 66.5%).'
    >>> change(2, steps[1], steps)
    'You changed 2 weights: the network now answers **1** (66.5%) instead of **2** (24.5%).'
    """
    weights = f"You changed {count} weight{'' if count == 1 else 's'}"
    now, was = percent(after[0].probability), percent(before.probability)
    if after[0].digit == before.digit:
        return f"{weights}: the network still answers **{before.digit}** ({now}, before {was})."
    return (
        f"{weights}: the network now answers **{after[0].digit}** ({now}) instead of "
        f"**{before.digit}** ({was})."
    )
