"""What one predicts on the convolution page."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesson import mnist
from lesson.convolution import conv2d
from lesson.export import layer_line
from lesson.filters import FAMILIES, Float32
from lesson.layers import Conv2D, Dense, shape_text
from lesson.pictures import PICTURES
from lesson.questions.kinds import (
    Asked,
    Blank,
    Cell,
    Choice,
    Mistake,
    Number,
    Option,
    Settings,
    shuffled,
)
from lesson.questions.question import Question, Read, changed
from lesson.specs import CNN_1, IMAGE_SHAPE

PAGE = "convolution"
TEST_SET = "Test set"  # where the digit in hand comes from
TEST_DIGITS = 10_000
# Kernels that exist at every size that is asked about, and those of them that answer to one side.
GROWN = [slug for slug, family in FAMILIES.items() if family.has(2) and family.has(7)]
ONE_SIDED = [slug for slug in GROWN if slug.endswith("-edges") or slug.startswith("sobel")]
# In words, what stands in the middle of each picture.
SHAPES = {
    "circle": "a bright circle on a dark ground",
    "cross": "a bright plus sign on a dark ground",
    "checkerboard": "a checkerboard whose first square is dark",
}
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
PLAIN = {
    "convolution_strides": 1,
    "convolution_bias": 0.0,
    "convolution_relu": False,
    "convolution_flip": False,
}


def written(weights: Float32) -> str:
    """A kernel as a formula.

    >>> written(np.array([[0.0, 1.0], [-1.0, 0.0]], np.float32))
    '$\\\\begin{bmatrix} 0 & 1 \\\\\\\\ -1 & 0 \\\\end{bmatrix}$'
    """
    rows = r" \\ ".join(" & ".join(f"{weight:g}" for weight in row) for row in weights)
    return rf"$\begin{{bmatrix}} {rows} \end{{bmatrix}}$"


def answers(picture: Float32, weights: Float32) -> Float32:
    """What a kernel gives at each place; ``(rows, columns)``."""
    result: Float32 = conv2d(picture[..., None], weights[..., None, None])[..., 0]
    return result


def which_map(settings: Settings, random: Random) -> Asked:
    """Which of four pictures a kernel makes."""
    size = settings["convolution_kernel_size"]
    shape = random.choice([each for each in SHAPES if each != settings["convolution_picture"]])
    slug = random.choice(ONE_SIDED)
    picture, weights = PICTURES[shape].values, FAMILIES[slug].at(size)
    blur = FAMILIES["gaussian-blur"].at(size)
    right = answers(picture, weights)
    high = float(np.abs(right).max())
    wrong = [
        Option(
            "turned",
            "That is with the kernel turned by half a turn first, as mathematics convolves. Keras "
            "lays it over the picture as it is written.",
            picture=answers(picture, weights[::-1, ::-1]),
            show={"convolution_flip": True},
        ),
        Option(
            "across",
            "That kernel lies across this one: it answers to edges in the other direction.",
            picture=answers(picture, np.rot90(weights)),
        ),
        Option(
            "relu",
            "That is after ReLU. Without it, answers below 0 stay, and are drawn in orange.",
            picture=np.maximum(right, 0),
            show={"convolution_relu": True},
        ),
        Option(
            "blur",
            "That comes from weights that only add up. These are above and below 0, and cancel "
            "out where the picture is even.",
            picture=answers(picture, blur) * np.float32(high),
            show={"convolution_kernel": "gaussian-blur"},
        ),
    ]
    mixed = shuffled(
        [Option("right", "", right=True, picture=right), *random.sample(wrong, 3)], random
    )
    return Choice(
        prompt=f"The picture is {SHAPES[shape]}. Over it slides the kernel {written(weights)}, "
        "with strides of 1 and no ReLU. Which of the maps does it make? Blue is above 0, orange "
        "below.",
        explanation=f"{FAMILIES[slug].says} Where all pixels under it are alike, the products "
        "cancel: the weights add up to 0.",
        settings={
            **PLAIN,
            "convolution_picture": shape,
            "convolution_kernel": slug,
            "convolution_kernel_size": size,
        },
        look="The result, right of the kernel.",
        options=tuple(
            Option(letter, option.says, option.right, option.picture, option.show)
            for letter, option in zip("ABCD", mixed, strict=True)
        ),
        high=high,
    )


def edge(settings: Settings, random: Random) -> Asked:
    """Where on a picture a kernel answers."""
    shown = settings["convolution_picture"]
    shape = random.choice(["digit", *(each for each in SHAPES if each != shown)])
    slug, digit = random.choice(ONE_SIDED), random.randrange(TEST_DIGITS)
    picture = PICTURES[shape].values if shape in PICTURES else digit_picture(digit)
    middle = answers(picture, FAMILIES[slug].at(3))  # of the window whose middle is one pixel on
    high = float(middle.max())
    right = {place(cell) for cell in np.argwhere(middle > high / 2)}
    minus = "There the answer is below 0, orange: it is brighter on the other side."
    even = (
        "There the pixels under the weights above 0 are as bright as those under the weights below "
        "0: the products cancel, and the answer is 0."
    )
    near = {place(cell): minus for cell in np.argwhere(middle < -high / 2)}
    near |= {place(cell): even for cell in np.argwhere(np.abs(middle) < 1e-6)}
    where: dict[str, Any] = {"convolution_picture": shape}
    if shape == "digit":
        where |= {"digit": digit, "digit_source": TEST_SET}
    return Cell(
        prompt=f"Over this picture slides the kernel {written(FAMILIES[slug].at(3))}. Point at the "
        "middle of a window whose answer is well above 0: more than half of the largest.",
        explanation=f"{FAMILIES[slug].says} Its weights are below 0 on one side, above 0 on the "
        "other, and add up to 0: only where one side is brighter is there an answer, and the sign "
        "says which.",
        settings={
            **PLAIN,
            **where,
            "convolution_kernel": slug,
            "convolution_kernel_size": 3,
        },
        look="The blue cells of the result. Point at one, and its window lights up.",
        values=picture,
        high=1.0,
        numbers=False,
        right=frozenset(right),
        near=near,
        otherwise="There the answer is weak, or the window would not fit.",
    )


def place(cell: NDArray[np.integer]) -> tuple[int, int]:
    """The middle of the 3×3 window that gives a cell of the result."""
    row, column = cell
    return int(row) + 1, int(column) + 1


def digit_picture(number: int) -> Float32:
    """A test digit, 0..1."""
    return mnist.prepare(mnist.load().x_test[number][None])[0, ..., 0]


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
        (
            Conv2D(filters, size).output_shape(IMAGE_SHAPE),
            f"The strides were forgotten: the window moves by {step}, not by 1.",
        ),
        ((side, side, 1), "Each filter makes a map of its own, and none are added up."),
        (
            (side, side, size),
            f"{size} is the side of a filter. The last number is how many filters there are.",
        ),
        (
            Conv2D(filters, size, step, "same").output_shape(IMAGE_SHAPE),
            "That is with padding: without it the window has to fit into the picture, and its own "
            "size counts.",
        ),
    ]
    if over:
        up = f"That is rounded up. Left over: {over} of 28 rows, too few for another step."
        wrong.insert(0, ((side + 1, side + 1, filters), up))
    says: dict[str, str] = {}
    for mistaken, why in wrong:
        if mistaken != out:
            says.setdefault(shape_text(mistaken), why)
    options = [Option(label, why) for label, why in list(says.items())[:4]]
    return Choice(
        prompt=f"`{layer_line(layer)}` on a picture of 28×28×1. Which shape comes out?",
        explanation=f"(28 − {size}) / {step}, rounded down, + 1 = {side} places down and as many "
        f"across, and a map for each of the {filters} filters.",
        settings=_shown(chosen),
        look="The title above the result, and the sentence under *Several filters at once*.",
        options=shuffled([Option(shape_text(out), "", right=True), *options], random),
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
            Mistake(size**2 + 1, f"That is one filter. There are {filters}."),
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
LEARNED = {
    "The numbers in each filter": "the weights",
    "The number added to each answer": "the bias",
}


def found(settings: Settings, random: Random) -> Asked:
    """What we choose, and what training finds."""
    label, name = random.choice(list(LEARNED.items()))
    wrong = random.sample(list(CHOSEN.items()), 3)
    layer = CNN_1.layers[0]
    assert isinstance(layer, Conv2D)
    return Choice(
        prompt="Which of these does training find in a convolutional layer?",
        explanation=f"Training finds {name}: every weight of every filter, and one bias each, in "
        f"CNN 1 {layer.arithmetic(IMAGE_SHAPE)} numbers. We choose the hyperparameters: `filters`, "
        "`kernel_size`, `strides`, `padding` and the activation.",
        settings={"convolution_learned": random.randint(1, layer.filters)},
        look="*What CNN 1 learned by itself*: nobody wrote these numbers; that there are "
        f"{layer.filters} filters of {layer.kernel_size}×{layer.kernel_size} was chosen.",
        options=shuffled(
            [Option(label, "", right=True), *(Option(each, why) for each, why in wrong)], random
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
        explanation=f"`{layer_line(right)}`: first how many filters, then the side of each. The "
        "notebook's text speaks of `filters = 6`; its code has 16.",
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


QUESTIONS = (
    Question(
        "convolution_map",
        PAGE,
        "edges",
        "Which map does this kernel make?",
        which_map,
        {
            "convolution_picture": PICTURE,
            "convolution_kernel_size": Read(3, range(2, 6)),
        },
    ),
    Question(
        "convolution_edge",
        PAGE,
        "edges",
        "Where does it answer?",
        edge,
        {"convolution_picture": PICTURE},
    ),
    Question("convolution_shape", PAGE, "shapes", "Which shape comes out?", shape_out, READS),
    Question("convolution_parameters", PAGE, "layers", "How many parameters?", parameters, READS),
    Question("convolution_found", PAGE, "layers", "What does training find?", found),
    Question("convolution_line", PAGE, "shapes", "The Keras line", line, READS),
)
