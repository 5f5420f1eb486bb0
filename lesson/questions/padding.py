"""What one predicts on the padding page."""

from __future__ import annotations

from random import Random

import numpy as np

from lesson import formulas
from lesson.convolution import coverage, output_size, padding_amounts
from lesson.layers import shape_text
from lesson.padded import SAME, VALID
from lesson.questions.kinds import (
    Asked,
    Blank,
    Cell,
    Choice,
    Mistake,
    Number,
    Option,
    Settings,
    numbers,
    shuffled,
)
from lesson.questions.question import Question, Read, changed

PAGE = "padding"
PADDINGS: dict[str, str | int] = {"valid": "valid", "same": "same", "1": 1, "2": 2, "3": 3}
READS = {
    "padding_padding": Read("valid", PADDINGS),
    "padding_kernel_size": Read(3, range(1, 10)),
    "padding_strides": Read(1, range(1, 6)),
    "padding_dilation_rate": Read(1, range(1, 5)),
    "padding_size": Read(7, range(5, 29)),
}


def _window(settings: Settings) -> tuple[int, int, str | int, int]:
    """``(kernel_size, strides, padding, dilation_rate)``."""
    return (
        settings["padding_kernel_size"],
        settings["padding_strides"],
        PADDINGS[settings["padding_padding"]],
        settings["padding_dilation_rate"],
    )


def _fits(settings: Settings) -> bool:
    """Whether the page can be set so."""
    size, (kernel_size, _, padding, dilation_rate) = settings["padding_size"], _window(settings)
    room = size + 2 * padding if isinstance(padding, int) else size
    return padding == "same" or (kernel_size - 1) * dilation_rate + 1 <= room


def rows(settings: Settings, random: Random) -> Asked:
    """How many rows come out."""

    def good(one: Settings) -> bool:
        _, strides, padding, dilation_rate = _window(one)
        if padding == "same" or dilation_rate > 1 or strides == 1 or not _fits(one):
            return False
        return output_size(one["padding_size"], *_window(one)) > 1

    chosen = changed(settings, READS, random, good)
    size, (kernel_size, strides, padding, _) = chosen["padding_size"], _window(chosen)
    pixels = padding if isinstance(padding, int) else 0
    right = output_size(size, kernel_size, strides, padding)
    over = (size + 2 * pixels - kernel_size) % strides
    up = f"That is rounded up. {over} rows are left over, too few for another step." if over else ""
    mistakes = [
        Mistake(
            right + 1,
            up or "That counts a step more than fits: the first window is there without a step.",
        ),
        Mistake(right - 1, "The first window was forgotten: it is there before any step is made."),
        Mistake(size - kernel_size + 1, "The strides were forgotten: the window skips places."),
        Mistake(size, "The picture keeps its size only with `same` and strides of 1."),
    ]
    if pixels:
        once = (
            output_size(size + pixels, kernel_size, strides) if size + pixels >= kernel_size else 0
        )
        says = "The padding counts twice: it lies above the picture and below it."
        mistakes.insert(0, Mistake(once, says))
    added = f"{pixels} pixels of padding on each side" if pixels else "no padding (`valid`)"
    worked = formulas.output_size_numbers(size, kernel_size, strides, padding)
    return Choice(
        prompt=f"A picture of {size}×{size}, {added}, `kernel_size={kernel_size}`, "
        f"`strides={strides}`. How many rows has the output?",
        explanation=f"${worked}$: as many steps as fit, rounded down, and the first place.",
        settings=chosen,
        look="Count the rows of the right picture. What is left over is hatched in the left one.",
        options=numbers(right, "The steps that fit, and the first place.", mistakes),
    )


def corner(settings: Settings, random: Random) -> Asked:
    """How many windows see a corner: the notebook's question, with padding added."""
    size = random.choice((5, 6, 7, 8, 9))
    kernel_size = random.choice((3, 5)) if size > 5 else 3
    name = random.choice(("same", "1", "2"))
    padding = PADDINGS[name]
    counts = coverage(size, size, kernel_size, 1, padding, 1)
    right, middle = int(counts[0, 0]), int(counts.max())
    added = padding_amounts(size, kernel_size, 1, padding, 1)[0]
    chosen = {
        "padding_padding": name,
        "padding_kernel_size": kernel_size,
        "padding_strides": 1,
        "padding_dilation_rate": 1,
        "padding_size": size,
    }
    without = {**chosen, "padding_padding": "valid"}
    return Number(
        prompt=f"Without padding each corner is in one window only. Now with "
        f"{f'`{name}`' if name == 'same' else f'{name} pixels of padding on each side'}, "
        f"`kernel_size={kernel_size}` and `strides=1` on {size}×{size}: in how many windows is it?",
        explanation=f"The window can start at {added + 1} places down and {added + 1} across and "
        f"still hold the corner: {added + 1}×{added + 1} = {right}. The pixel in the middle is in "
        f"{middle}.",
        settings=chosen,
        look="The number in the corner of the left picture.",
        right=right,
        unit="windows",
        most=999,
        mistakes=(
            Mistake(1, "That is without padding, where only one window reaches it.", without),
            Mistake(added + 1, "That counts the steps in one direction only."),
            Mistake(2 * added + 1, "Down and across go together: the counts multiply."),
            Mistake(middle, "That is the pixel in the middle. The corner still counts less."),
            Mistake(
                kernel_size**2, "That many windows hold a pixel far from every edge, not a corner."
            ),
        ),
    )


def unused(settings: Settings, random: Random) -> Asked:
    """Which pixel no window sees."""
    while True:
        size, kernel_size = random.choice((6, 7, 8, 9)), random.choice((2, 3))
        strides = random.choice((2, 3, 4))
        counts = coverage(size, size, kernel_size, strides, "valid", 1)
        empty = frozenset((int(row), int(column)) for row, column in np.argwhere(counts == 0))
        if 0 < len(empty) <= size * size // 2:
            break
    last = (output_size(size, kernel_size, strides) - 1) * strides + kernel_size - 1
    seen = "One window sees it."
    return Cell(
        prompt=f"`kernel_size={kernel_size}`, `strides={strides}`, `valid`, on {size}×{size} "
        "pixels. Point at a pixel that no window sees.",
        explanation=f"The windows start at {strides} rows and columns apart, and the last one ends "
        f"at row and column {last}. {len(empty)} of {size**2} pixels are in none.",
        settings={
            "padding_padding": "valid",
            "padding_kernel_size": kernel_size,
            "padding_strides": strides,
            "padding_dilation_rate": 1,
            "padding_size": size,
        },
        look="The zeros in the left picture.",
        values=counts * 0,
        numbers=False,
        right=empty,
        near={(0, 0): "The first window starts there."},
        otherwise=seen,
    )


def cost(settings: Settings, random: Random) -> Asked:
    """What padding costs: the notebook's answer put right."""
    valid, same = VALID.network, SAME.network
    more = same.parameters - valid.parameters
    conv = valid.ledger[0].arithmetic
    return Choice(
        prompt="The convolution of CNN 1 gets `padding='same'` instead of `'valid'`. Which layer "
        "has more parameters then?",
        explanation=f"A filter has as many weights with padding as without: {conv}. But the maps "
        f"stay larger, {shape_text(same.ledger[1].output_shape)} instead of "
        f"{shape_text(valid.ledger[1].output_shape)} behind the pooling, and the Dense layer has "
        f"{more:,} weights more. The notebook says that padding adds parameters without saying "
        "where.",
        look="The table under *What padding costs, and what it gave*.",
        options=shuffled(
            [
                Option("The Dense layer behind it", "Its input is larger.", right=True),
                Option(
                    "The convolution itself",
                    f"Its filters keep their size: {conv}, with padding and without.",
                ),
                Option("The pooling layer", "Pooling learns nothing: it has no parameters at all."),
                Option("None", "The maps are larger, and some layer takes in all their values."),
            ],
            random,
        ),
    )


def line(settings: Settings, random: Random) -> Asked:
    """The Keras line that keeps the size of the picture."""
    filters, kernel_size = random.choice((8, 12, 16)), random.choice((3, 5))
    right = f"layers.Conv2D({filters}, kernel_size={kernel_size}, padding='same')"
    return Blank(
        prompt=f"Write the layer: {filters} filters of {kernel_size}×{kernel_size}, and the output "
        "as large as the picture.",
        explanation=f"`{right}`: `same` adds as many zeros as keep the size when strides are 1.",
        settings={
            "padding_padding": "same",
            "padding_kernel_size": kernel_size,
            "padding_strides": 1,
            "padding_dilation_rate": 1,
            "padding_size": 28,
        },
        before="inputs = keras.Input((28, 28, 1))",
        after="# the output has the shape " + shape_text((28, 28, filters)),
        right=(right,),
        mistakes=(
            Mistake(
                f"layers.Conv2D({filters}, kernel_size={kernel_size})",
                "Without a word about padding it is `valid`, and the output is "
                f"{28 - kernel_size + 1}×{28 - kernel_size + 1}.",
                {"padding_padding": "valid"},
            ),
            Mistake(
                f"layers.Conv2D({filters}, kernel_size={kernel_size}, padding='valid')",
                "`valid` adds nothing: the output gets smaller.",
                {"padding_padding": "valid"},
            ),
            Mistake(
                f"layers.Conv2D({kernel_size}, kernel_size={filters}, padding='same')",
                "The number of filters comes first, then the side of each.",
            ),
        ),
        otherwise=f"It needs {filters} filters, a kernel_size of {kernel_size}, and padding that "
        "keeps the size.",
    )


QUESTIONS = (
    Question("padding_rows", PAGE, "shapes", "How many rows?", rows, READS),
    Question("padding_corner", PAGE, "shapes", "How often does a corner count?", corner),
    Question("padding_unused", PAGE, "shapes", "Which pixel is not used?", unused),
    Question("padding_cost", PAGE, "shapes", "What does padding cost?", cost, varies=False),
    Question("padding_line", PAGE, "shapes", "The Keras line", line),
)
