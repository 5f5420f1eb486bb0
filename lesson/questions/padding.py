"""What one predicts on the padding page."""

from __future__ import annotations

from random import Random

import numpy as np

from lesson import formulas
from lesson.convolution import coverage, output_size, padding_amounts, touches
from lesson.questions.kinds import (
    Asked,
    Cell,
    Choice,
    Mistake,
    Number,
    Settings,
    numbers,
)
from lesson.questions.padding_worth import KERNEL_SIZE, cost, digits, line, worth_it
from lesson.questions.question import Question, Read, changed

PAGE = "padding"
PADDINGS: dict[str, str | int] = {"valid": "valid", "same": "same", "1": 1, "2": 2, "3": 3}
READS = {
    "padding_padding": Read("valid", PADDINGS),
    "padding_kernel_size": KERNEL_SIZE,
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


def _in_words(settings: Settings) -> str:
    """The picture, its padding and the window, as a prompt begins with them."""
    size, (kernel_size, strides, padding, _) = settings["padding_size"], _window(settings)
    added = f"`padding='{padding}'`"
    if isinstance(padding, int):
        added = f"{padding} {'pixel' if padding == 1 else 'pixels'} of padding on each side"
    return f"A picture of {size}×{size}, {added}, `kernel_size={kernel_size}`, `strides={strides}`."


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
    room = size + 2 * pixels
    over = (room - kernel_size) % strides
    mistakes = [
        Mistake(
            right + 1,
            f"That is rounded up. Left over: {over} of {room} rows, too few for another step."
            if over
            else "That is a step too many: the window has reached the edge before.",
        ),
        Mistake(right - 1, "The first window was forgotten: it is there before any step is made."),
        Mistake(
            room - kernel_size + 1,
            "The strides were forgotten: the window skips places.",
            {"padding_strides": 1},
        ),
        Mistake(
            size,
            "The picture keeps its size with `same` and strides of 1, but not here.",
            {"padding_padding": "same", "padding_strides": 1},
        ),
    ]
    if pixels:
        forgotten = "The padding was forgotten: the window slides over it too."
        twice = "The padding counts twice: it lies above the picture and below it."
        for times, says, show in ((0, forgotten, {"padding_padding": "valid"}), (1, twice, {})):
            if size + times * pixels >= kernel_size:
                value = output_size(size + times * pixels, kernel_size, strides)
                mistakes.insert(0, Mistake(value, says, show))
    worked = formulas.output_size_numbers(size, kernel_size, strides, padding)
    return Choice(
        prompt=f"{_in_words(chosen)} How many rows has the output?",
        explanation=f"${worked}$: as many steps as fit, rounded down, and the first place.",
        settings=chosen,
        look="The formula, and the sentence beside it. What is left over is hatched in the left "
        "picture.",
        options=numbers(right, "", mistakes),
    )


def corner(settings: Settings, random: Random) -> Asked:
    """How many windows see a corner: the notebook's question, with padding added."""

    def good(one: Settings) -> bool:
        size, window = one["padding_size"], _window(one)
        if window[2] == "valid" or window[3] > 1 or not _fits(one) or size < window[0]:
            return False
        return bool(coverage(size, size, *window)[0, 0] > 1)

    chosen = changed(settings, READS, random, good)
    size, window = chosen["padding_size"], _window(chosen)
    kernel_size, strides, _, _ = window
    counts = coverage(size, size, *window)
    right, most = int(counts[0, 0]), int(counts.max())
    down = int(touches(size, *window)[:, 0].sum())
    added = padding_amounts(size, *window)[0]
    return Number(
        prompt="Without padding, the pixel in the upper left corner is in one window only. "
        f"{_in_words(chosen)} In how many is it now?",
        explanation=f"Rows of padding above the picture: {added}. So {down} windows "
        f"down hold the first row, and as many across the first column: {down}×{down} = {right}. "
        f"No pixel is in more than {most}. The notebook's answer, once, is for `valid`.",
        settings=chosen,
        look="The number in the upper left corner of the left picture.",
        right=right,
        unit="windows",
        most=999,
        mistakes=(
            Mistake(
                1,
                "That is without padding, where only one window reaches it.",
                {**chosen, "padding_padding": "valid"},
            ),
            Mistake(down, "That counts the windows in one direction only."),
            Mistake(2 * down - 1, "Down and across go together: the counts multiply."),
            Mistake(2 * down, "Down and across go together: the counts multiply."),
            Mistake(
                min(added + 1, kernel_size) ** 2,
                f"The strides were forgotten: the window moves by {strides}.",
            ),
            Mistake(most, "That is a pixel farther inside. The corner counts less."),
            Mistake(
                kernel_size**2,
                "That many windows hold a pixel far from every edge, with strides of 1.",
            ),
        ),
    )


def unused(settings: Settings, random: Random) -> Asked:
    """Which pixel no window sees."""

    def good(one: Settings) -> bool:
        size, window = one["padding_size"], _window(one)
        if window[2] != "valid" or window[3] > 1 or size > 12 or not _fits(one):
            return False
        return bool(0 < (coverage(size, size, *window) == 0).sum() <= size**2 // 2)

    chosen = changed(settings, READS, random, good)
    size, (kernel_size, strides, _, _) = chosen["padding_size"], _window(chosen)
    counts = coverage(size, size, kernel_size, strides)
    empty = frozenset((int(row), int(column)) for row, column in np.argwhere(counts == 0))
    last = (output_size(size, kernel_size, strides) - 1) * strides + kernel_size - 1
    return Cell(
        prompt=f"{_in_words(chosen)} Point at a pixel that no window sees.",
        explanation=f"The windows are {kernel_size} wide and begin {strides} pixels apart, and the "
        f"last one ends at row and column {last} of 0 to {size - 1}. {len(empty)} of {size**2} "
        "pixels are in none.",
        settings=chosen,
        look="The zeros in the left picture.",
        values=counts * 0,
        high=1.0,
        numbers=False,
        right=empty,
        near={(0, 0): "The first window starts there."},
        otherwise="There is a window that sees it.",
    )


QUESTIONS = (
    Question("padding_rows", PAGE, "shapes", "How many rows?", rows, READS),
    Question("padding_corner", PAGE, "shapes", "How often does a corner count?", corner, READS),
    Question("padding_unused", PAGE, "shapes", "Which pixel is not used?", unused, READS),
    Question("padding_cost", PAGE, "shapes", "What does padding cost?", cost, varies=False),
    Question("padding_digits", PAGE, "shapes", "A good idea here?", digits, varies=False),
    Question("padding_worth", PAGE, "shapes", "When is it worth it?", worth_it),
    Question(
        "padding_line",
        PAGE,
        "shapes",
        "Which Keras line?",
        line,
        {"padding_kernel_size": KERNEL_SIZE},
    ),
)
