"""What one predicts on the pooling page."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson import mnist
from lesson.convolution import average_pooling2d, max_pooling2d, output_size
from lesson.export import layer_line
from lesson.layers import MaxPooling2D
from lesson.questions.kinds import (
    Asked,
    Cell,
    Choice,
    Mistake,
    Option,
    Order,
    Settings,
)
from lesson.questions.pooling_networks import READS, average, dense, reduction
from lesson.questions.question import Question, Read

PAGE = "pooling"
DIGIT, TEST_SET = "the digit", "Test set"
TEST_DIGITS, SIDE = 10_000, 28
ORDINALS = ("first", "second", "third")
KINDS = {
    "max": "Max pooling keeps the largest of each window, so strokes stay dark and get wider.",
    "average": "Average pooling gives the mean of each window, so strokes get paler.",
}

Pixels = npt.NDArray[np.uint8]


def _on_the_digit(number: int, pool_size: int, strides: int | None) -> dict[str, Any]:
    """Settings of the page that pool a test digit."""
    return {
        "digit": number,
        "digit_source": TEST_SET,
        "pooling_input": DIGIT,
        "pooling_kind": "both",
        "pooling_pool_size": pool_size,
        "pooling_strides": "None" if strides is None else str(strides),
        "pooling_padding": "valid",
    }


def which_map(settings: Settings, random: Random) -> Asked:
    """Which of four pictures pooling makes."""
    pool_size = random.choice([n for n in (2, 3, 4) if n != settings["pooling_pool_size"]])
    kind = random.choice(("max", "average"))
    number = random.randrange(TEST_DIGITS)
    image = mnist.load().x_test[number][..., None]
    side = output_size(SIDE, pool_size, pool_size)
    made = {
        "max": max_pooling2d(image, pool_size),
        "average": average_pooling2d(image, pool_size),
        "first": image[::pool_size, ::pool_size][:side, :side],
        "least": 255 - max_pooling2d(255 - image, pool_size),
    }
    says = {
        "max": "That keeps the largest of each window: strokes are as dark as before, and wider.",
        "average": "That is the mean of each window: strokes are paler where background is mixed "
        "in.",
        "first": f"That skips pixels, as strides of {pool_size} do: of each window only the first "
        "pixel is looked at.",
        "least": "That keeps the smallest of each window, mostly background.",
    }
    shows: dict[str, Settings] = {
        "first": {"pooling_pool_size": 1, "pooling_strides": str(pool_size)},
        "max": {"pooling_kind": "max"},
        "average": {"pooling_kind": "average"},
    }
    order = random.sample(list(made), len(made))
    return Choice(
        prompt=f"A test digit goes through {kind} pooling with `pool_size={pool_size}`. Which of "
        "the pictures comes out?",
        explanation=f"{KINDS[kind]} Nothing of it is learned: a pooling layer has no weights.",
        settings=_on_the_digit(number, pool_size, None),
        look="The two results, side by side.",
        options=tuple(
            Option(
                letter,
                "" if name == kind else says[name],
                right=name == kind,
                picture=made[name][..., 0].astype(np.float32),
                show={} if name == kind else shows.get(name, {}),
            )
            for letter, name in zip("ABCD", order, strict=True)
        ),
        scale="ink",
        high=255.0,
    )


def largest(pixels: Pixels, row: int, column: int, pool_size: int) -> set[tuple[int, int]]:
    """The cells of a window that hold its largest value; none where the window does not fit."""
    window = pixels[row : row + pool_size, column : column + pool_size]
    if window.shape != (pool_size, pool_size):
        return set()
    most = np.argwhere(window == window.max())
    return {(row + int(down), column + int(across)) for down, across in most}


def wins(settings: Settings, random: Random) -> Asked:
    """Which pixel max pooling keeps."""
    while True:
        pool_size = random.choice((2, 3))
        strides = random.choice([n for n in (1, 2, 3) if n != pool_size])
        number, side = random.randrange(TEST_DIGITS), 2 * strides + pool_size
        down, across = (random.randrange(4 // strides, 16 // strides) for _ in range(2))
        row, column = random.choice([(a, b) for a in range(3) for b in range(3) if a != b])
        top, left = down * strides, across * strides
        pixels = mnist.load().x_test[number][top : top + side, left : left + side]
        first, start = row * strides, column * strides
        right = largest(pixels, first, start, pool_size)
        by_size = largest(pixels, row * pool_size, column * pool_size, pool_size)
        swapped = largest(pixels, start, first, pool_size)
        most = pixels[first : first + pool_size, start : start + pool_size].max()
        # One pixel wins, and who moves the window wrongly points at another.
        if most > 0 and len(right) == 1 and not right & (by_size | swapped):
            break
    inside = [(first + a, start + b) for a in range(pool_size) for b in range(pool_size)]
    near = dict.fromkeys(by_size, f"The window moves by strides={strides}, not by its own size.")
    near |= dict.fromkeys(swapped, "Rows come first, then columns: this is the other way round.")
    near |= dict.fromkeys(inside, "It is in the window, but it is not the largest there.")
    layer = layer_line(MaxPooling2D(pool_size, strides))
    return Cell(
        prompt=f"`{layer}` slides over these pixels of a digit, from the upper left. Point at the "
        f"pixel that wins the **{ORDINALS[column]}** window of the **{ORDINALS[row]}** row of "
        "windows.",
        explanation=f"That window covers rows {first} to {first + pool_size - 1} and columns "
        f"{start} to {start + pool_size - 1} of what is shown, since it moves by {strides}. The "
        f"largest value there is {most}; where it stood in the window is forgotten.",
        settings=_on_the_digit(number, pool_size, strides),
        look=f"Point at row {down + row}, column {across + column} of the result *max*: its window "
        "lights up.",
        values=pixels,
        high=255.0,
        decimals=0,
        numbers=True,
        right=frozenset(right),
        near={cell: says for cell, says in near.items() if cell not in right},
        otherwise=f"It is not in that window, which begins at row {first} and column {start}.",
    )


def order(settings: Settings, random: Random) -> Asked:
    """Which pooling keeps most values: strides decide, not the size of the window."""
    own = settings["pooling_pool_size"]
    while True:
        sizes = random.sample([n for n in range(2, 9) if n != own], 3)
        layers = [MaxPooling2D(own)]
        for pool_size in sizes:
            others = [n for n in (None, 1, 2, 3) if n != pool_size]
            layers.append(MaxPooling2D(pool_size, random.choice(others)))
        random.shuffle(layers)
        sides = [layer.output_shape((SIDE, SIDE, 1))[0] for layer in layers]
        right = tuple(sorted(range(len(layers)), key=lambda n: -sides[n]))
        by_size = tuple(sorted(range(len(layers)), key=lambda n: layers[n].pool_size))
        # Of the results no two are alike, and who goes by the size of the window errs.
        if len(set(sides)) == len(sides) and right not in (by_size, (0, 1, 2, 3)):
            break
    items = tuple(_in_brief(layer) for layer in layers)
    # The page shows the one that moves least for its size.
    shown = max(range(len(layers)), key=lambda n: layers[n].pool_size - layers[n].window[1])
    return Order(
        prompt=f"Four poolings of a picture of {SIDE}×{SIDE}. Put them in order: the one that "
        "keeps the **most values** first.",
        explanation=", ".join(f"`{items[n]}` gives {sides[n]}×{sides[n]}" for n in right)
        + ". How far the window moves decides. Without strides it moves by its own size, and each "
        "value is told of once: that is the usual way. With smaller strides windows overlap and "
        "the map shrinks less, so more parameters stay behind it. Nothing forbids it.",
        settings={
            "pooling_input": DIGIT,
            "pooling_pool_size": layers[shown].pool_size,
            "pooling_strides": str(layers[shown].strides),
            "pooling_padding": "valid",
        },
        look=f"The results with `{items[shown]}`. Try the others.",
        items=items,
        right=right,
        mistakes=(
            Mistake(
                by_size,
                "That goes by pool_size. A large window that moves by little still gives a value "
                "at each place.",
            ),
            Mistake(right[::-1], "That begins with the one that keeps the fewest."),
        ),
        otherwise="Where no strides are given, the window moves by pool_size.",
    )


def _in_brief(layer: MaxPooling2D) -> str:
    """A pooling by what is set of it.

    >>> _in_brief(MaxPooling2D(4)), _in_brief(MaxPooling2D(4, strides=1))
    ('pool_size=4', 'pool_size=4, strides=1')
    """
    step = "" if layer.strides is None else f", strides={layer.strides}"
    return f"pool_size={layer.pool_size}{step}"


QUESTIONS = (
    Question(
        "pooling_map",
        PAGE,
        "layers",
        "Which of four pictures?",
        which_map,
        {"pooling_pool_size": READS["pooling_pool_size"]},
    ),
    Question("pooling_wins", PAGE, "layers", "Which pixel wins?", wins),
    Question(
        "pooling_order",
        PAGE,
        "layers",
        "What keeps most?",
        order,
        {"pooling_pool_size": Read(2, range(2, 9))},
    ),
    Question("pooling_dense", PAGE, "layers", "What is left behind it?", dense, READS),
    Question("pooling_reduction", PAGE, "layers", "Smaller than what?", reduction, varies=False),
    Question("pooling_average", PAGE, "layers", "Max or average?", average, varies=False),
)
