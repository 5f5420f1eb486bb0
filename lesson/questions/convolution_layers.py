"""What a convolutional layer gives and learns: questions of the convolution page."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from lesson.export import layer_line
from lesson.filters import FAMILIES
from lesson.layers import Conv2D, Dense, shape_text
from lesson.pictures import PICTURES
from lesson.questions.kinds import (
    Asked,
    Blank,
    Choice,
    Mistake,
    Number,
    Option,
    Settings,
    distinct,
    shuffled,
)
from lesson.questions.question import Read, changed
from lesson.specs import CNN_1, IMAGE_SHAPE

# Kernels that exist at every size that is asked about.
GROWN = [slug for slug, family in FAMILIES.items() if family.has(2) and family.has(7)]
PICTURE = Read("digit", ["digit", *PICTURES])
LAYER = {
    "convolution_kernel_size": Read(3, range(2, 8)),
    "convolution_filters": Read(6, range(1, 7)),
    "convolution_strides": Read(1, range(1, 5)),
}
READS = {
    **LAYER,
    "convolution_kernel": Read("vertical-edges", GROWN),
    "convolution_picture": PICTURE,
}


def _layer(settings: Settings) -> Conv2D:
    return Conv2D(
        settings["convolution_filters"],
        settings["convolution_kernel_size"],
        settings["convolution_strides"],
    )


def _shown(settings: Settings) -> dict[str, Any]:
    """What is asked, on a picture of 28×28: an upload may have another size."""
    return {key: settings[key] for key in READS}


def shape_out(settings: Settings, random: Random) -> Asked:
    """The shape that comes out."""

    def good(one: Settings) -> bool:
        layer = _layer(one)
        return layer.filters > 1 and layer.strides > 1

    chosen = {**settings, **changed(settings, LAYER, random, good)}
    layer = _layer(chosen)
    filters, size, step = layer.filters, layer.kernel_size, layer.strides
    out = layer.output_shape(IMAGE_SHAPE)
    side, over = out[0], (28 - size) % step
    wrong = [
        Mistake(
            Conv2D(filters, size).output_shape(IMAGE_SHAPE),
            f"The strides were forgotten: the window moves by {step}, not by 1.",
            {"convolution_strides": 1},
        ),
        Mistake(
            (side, side, 1),
            "That is one filter. Each makes a map of its own, and none are added up.",
            {"convolution_filters": 1},
        ),
        Mistake(
            (side, side, size),
            f"{size} is the side of a filter. The last number is how many filters there are.",
        ),
        Mistake(
            Conv2D(filters, size, step, "same").output_shape(IMAGE_SHAPE),
            "That is with padding: without it the window has to fit into the picture, and its own "
            "size counts.",
        ),
    ]
    if over:
        up = f"That is rounded up. Left over: {over} of 28 rows, too few for another step."
        wrong.insert(0, Mistake((side + 1, side + 1, filters), up))
    options = [
        Option(shape_text(each.value), each.says, show=each.show) for each in distinct(out, wrong)
    ]
    return Choice(
        prompt=f"`{layer_line(layer)}` on a picture of 28×28×1. Which shape comes out?",
        explanation=f"(28 − {size}) / {step}, rounded down, + 1 = {side} places down and as many "
        f"across, and a map for each of the {filters} filters.",
        settings=_shown(chosen),
        look="The title above the result, and the sentence under *Several filters at once*.",
        options=shuffled([Option(shape_text(out), "", right=True), *options[:4]], random),
    )


def parameters(settings: Settings, random: Random) -> Asked:
    """How many parameters a layer has, and what would cost more."""

    def good(one: Settings) -> bool:
        return bool(one["convolution_filters"] > 1)

    chosen = {**settings, **changed(settings, LAYER, random, good)}
    layer = _layer(chosen)
    filters, size = layer.filters, layer.kernel_size
    right = layer.parameters(IMAGE_SHAPE)
    outputs = int(np.prod(layer.output_shape(IMAGE_SHAPE)))
    dense = (784 + 1) * outputs
    return Number(
        prompt=f"How many parameters does `{layer_line(layer)}` learn on a picture of 28×28×1?",
        explanation=f"{layer.arithmetic(IMAGE_SHAPE)}: each filter has {size}×{size} weights and "
        f"one bias, the same at each place. That is little for {outputs:,} values: a Dense layer "
        f"from 784 pixels to as many would have {dense:,}.",
        settings=_shown(chosen),
        look="The sentence under *Several filters at once*.",
        right=right,
        unit="parameters",
        mistakes=(
            Mistake(right - filters, "The biases were forgotten: each filter has one."),
            Mistake(right - filters + 1, "Each filter has a bias of its own, not the layer one."),
            Mistake(
                size**2 + 1,
                f"That is one filter. There are {filters}.",
                {"convolution_filters": 1},
            ),
            Mistake(size**2, f"That is one filter, without its bias. There are {filters}."),
            Mistake(filters * (size + 1), "A filter is a square: its side counts twice."),
            Mistake(
                (size**2 + 1) * outputs,
                "That would be weights of its own for each place. A filter takes the same ones "
                "everywhere.",
            ),
            Mistake(
                size**2 * outputs,
                "That is how many products there are. A weight is used at each place, and counts "
                "once.",
            ),
            Mistake(dense, "That is a Dense layer: each value would have a weight for each pixel."),
            Mistake(outputs, "That is how many values come out, not what is learned."),
        ),
    )


# What is set before a training, and why training cannot find it.
CHOSEN = {
    "The number of filters": "`filters` is chosen: it decides how many weights there are to find.",
    "The side of each filter": "`kernel_size` is chosen: it decides how many weights a filter has.",
    "How far the window moves": "`strides` are chosen: they are no weights, and no training "
    "changes them.",
    "What is added at the edges": "`padding` is chosen, and adds zeros that nothing changes.",
    "Which activation follows": "The activation is chosen: ReLU stays ReLU while one trains.",
}
LEARNED = ("The numbers in each filter", "The number added to each answer")


def found(settings: Settings, random: Random) -> Asked:
    """What we choose, and what training finds."""
    wrong = random.sample(list(CHOSEN.items()), 3)
    layer = CNN_1.layers[0]
    assert isinstance(layer, Conv2D)
    return Choice(
        prompt="Which of these does training find in a convolutional layer?",
        explanation="Training finds every weight of every filter, and one bias each: in CNN 1 "
        f"{layer.arithmetic(IMAGE_SHAPE)} numbers. We choose the hyperparameters: `filters`, "
        "`kernel_size`, `strides`, `padding` and the activation.",
        settings={"convolution_learned": random.randint(1, layer.filters)},
        look="*What CNN 1 learned by itself*: nobody wrote these numbers; that there are "
        f"{layer.filters} filters of {layer.kernel_size}×{layer.kernel_size} was chosen.",
        options=shuffled(
            [
                Option(random.choice(LEARNED), "", right=True),
                *(Option(each, why) for each, why in wrong),
            ],
            random,
        ),
    )


def line(settings: Settings, random: Random) -> Asked:
    """The Keras line of a convolution: the notebook's blank."""

    def good(one: Settings) -> bool:
        return bool(one["convolution_filters"] != one["convolution_kernel_size"] > 2)

    chosen = {**settings, **changed(settings, LAYER, random, good), "convolution_strides": 1}
    filters, size = chosen["convolution_filters"], chosen["convolution_kernel_size"]
    right = Conv2D(filters, size, activation="relu")
    out = shape_text(right.output_shape(IMAGE_SHAPE))
    what = f"{filters} filters" if filters > 1 else "one filter"
    return Blank(
        prompt=f"Add a convolutional layer: {what} of {size}×{size}, ReLU as its activation, all "
        "else as Keras has it.",
        explanation="First how many filters, then the side of each. The notebook's text speaks of "
        "`filters = 6`; its code has 16.",
        settings={**_shown(chosen), "convolution_relu": True},
        look="*The same in Keras*, the first line.",
        before="model = keras.Sequential()\nmodel.add(keras.Input((28, 28, 1)))",
        after=f"# the output has the shape {out}",
        right=(layer_line(right),),
        mistakes=(
            Mistake(
                layer_line(Conv2D(filters, size)),
                "Without a word about it there is no activation: answers below 0 stay.",
                {"convolution_relu": False},
            ),
            Mistake(
                layer_line(Conv2D(size, filters, activation="relu")),
                "The number of filters comes first, then the side of each.",
            ),
            Mistake(
                layer_line(Conv2D(filters, size, padding="same", activation="relu")),
                "With `same` the output would stay 28×28.",
            ),
            Mistake(
                layer_line(Dense(filters, activation="relu")),
                "Dense has no window: it looks at each pixel by itself here, at no neighbours.",
            ),
        ),
        otherwise=f"It needs {what}, a kernel_size of {size}, and ReLU, and nothing else.",
    )
