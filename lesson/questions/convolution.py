"""What one predicts on the convolution page."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesson import mnist
from lesson.convolution import conv2d
from lesson.filters import FAMILIES, Float32
from lesson.pictures import PICTURES
from lesson.questions.convolution_layers import (
    GROWN,
    PICTURE,
    READS,
    found,
    line,
    parameters,
    shape_out,
)
from lesson.questions.kinds import (
    Asked,
    Cell,
    Choice,
    Option,
    Settings,
    shuffled,
)
from lesson.questions.question import Question, Read

PAGE = "convolution"
TEST_SET = "Test set"  # where the digit in hand comes from
TEST_DIGITS = 10_000
# Kernels that answer to one side of an edge.
ONE_SIDED = [slug for slug in GROWN if slug.endswith("-edges") or slug.startswith("sobel")]
# In words, what each picture is; where there is ink, its values are 1.
SHAPES = {
    "circle": "a full circle of ink on an empty ground",
    "cross": "a plus sign of ink on an empty ground",
    "checkerboard": "a checkerboard whose first square, in the upper left corner, is empty",
}
BRIGHTER = "Brighter means a larger value: ink is 1."
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
    rows = r" \\ ".join(" & ".join(f"{weight + 0:g}" for weight in row) for row in weights)
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
        explanation=f"{FAMILIES[slug].says} {BRIGHTER} Where all pixels under it are alike, the "
        "products cancel: the weights add up to 0.",
        settings={
            **PLAIN,
            "convolution_picture": shape,
            "convolution_kernel": slug,
            "convolution_kernel_size": size,
        },
        look="The result, right of the kernel. Try the kernels of four directions on the circle.",
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
    right = frozenset(middles(middle > high / 2))
    minus = "There the answer is below 0, orange: the ink is on the other side."
    even = (
        "There is as much ink under the weights above 0 as under those below 0: the products "
        "cancel, and the answer is 0."
    )
    near = dict.fromkeys(middles(middle < -high / 2), minus)
    near |= dict.fromkeys(middles(np.abs(middle) < 1e-6), even)
    where: dict[str, Any] = {"convolution_picture": shape}
    if shape == "digit":
        where |= {"digit": digit, "digit_source": TEST_SET}
    return Cell(
        prompt=f"Over this picture slides the kernel {written(FAMILIES[slug].at(3))}. Point at the "
        "middle of a window whose answer is well above 0: more than half of the largest.",
        explanation=f"{FAMILIES[slug].says} {BRIGHTER} Its weights are below 0 on one side, above "
        "0 on the other, and add up to 0: only where one side has more ink is there an answer, and "
        "the sign says which.",
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
        right=right,
        near=near,
        otherwise="There the answer is weak, or the window would not fit.",
    )


def middles(chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The middles of the 3×3 windows that give the chosen cells of a result."""
    return [(row + 1, column + 1) for row, column in np.argwhere(chosen).tolist()]


def digit_picture(number: int) -> Float32:
    """A test digit, 0..1."""
    return mnist.prepare(mnist.load().x_test[number][None])[0, ..., 0]


QUESTIONS = (
    Question(
        "convolution_map",
        PAGE,
        "edges",
        "Which of four maps?",
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
    Question("convolution_shape", PAGE, "shapes", "Which shape?", shape_out, READS),
    Question(
        "convolution_parameters", PAGE, "layers", "What is there to learn?", parameters, READS
    ),
    Question("convolution_found", PAGE, "layers", "Chosen or found?", found),
    Question("convolution_line", PAGE, "shapes", "Which Keras line?", line, READS),
)
