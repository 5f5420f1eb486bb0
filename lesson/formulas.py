"""What the pages compute, written out: formulas with the numbers put in, and Keras lines."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from lesson.convolution import output_size, padding_amounts
from lesson.export import layer_line
from lesson.layers import Conv2D

Numbers = NDArray[np.floating]

# n pixels, p added on each side, a window of k pixels at a distance of d, moved by s.
OUTPUT_SIZE_VALID = r"\left\lfloor\dfrac{n - k}{s}\right\rfloor + 1"
OUTPUT_SIZE = r"\left\lfloor\dfrac{n + 2p - (k-1)\,d - 1}{s}\right\rfloor + 1"
OUTPUT_SIZE_SAME = r"\left\lceil\dfrac{n}{s}\right\rceil"
SYMBOLS = {
    "n": "the picture's side",
    "k": "`kernel_size`",
    "s": "`strides`",
    "p": "padding on each side",
    "d": "`dilation_rate`",
    r"\lfloor\ \rfloor": "rounded down",
    r"\lceil\ \rceil": "rounded up",
}


def legend(formula: str) -> str:
    """What the symbols of one of the formulas stand for, in a line of Markdown.

    >>> legend(OUTPUT_SIZE_SAME)
    "$n$: the picture's side, $s$: `strides`, $\\\\lceil\\\\ \\\\rceil$: rounded up"
    """
    letters = re.sub(r"\\[a-z]+", "", formula)
    return ", ".join(
        f"${symbol}$: {meaning}"
        for symbol, meaning in SYMBOLS.items()
        if (symbol in letters if len(symbol) == 1 else symbol.split("\\ ")[0] in formula)
    )


def output_size_numbers(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> str:
    r"""The output size of one axis, as an equation in numbers.

    What leaves the size alone is left out: padding of 0, a dilation rate of 1.

    >>> output_size_numbers(28, 3)
    '\\left\\lfloor\\dfrac{28 - 3}{1}\\right\\rfloor + 1 = 26'
    >>> output_size_numbers(28, 3, strides=2, padding="same")
    '\\left\\lceil\\dfrac{28}{2}\\right\\rceil = 14'

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    result = output_size(size, kernel_size, strides, padding, dilation_rate)
    if padding == "same":
        return rf"\left\lceil\dfrac{{{size}}}{{{strides}}}\right\rceil = {result}"
    reach = f"{kernel_size}"
    if dilation_rate > 1:
        reach = rf"{kernel_size - 1}\cdot{dilation_rate} - 1"
    added = "" if padding in ("valid", 0) else rf" + 2\cdot{padding}"
    room = rf"\dfrac{{{size}{added} - {reach}}}{{{strides}}}"
    return rf"\left\lfloor{room}\right\rfloor + 1 = {result}"


def filter_lines(
    layer: Conv2D,
    weights: Numbers,
    bias: float = 0.0,
    flip: bool = False,
    shape: tuple[int, ...] = (28, 28),
) -> str:
    """Keras lines that give the first filter of a layer these weights and show it ``picture``.

    Args:
        layer: its ``kernel_size`` is the side of ``weights``.
        weights: ``(size, size)``.
        bias: of the first filter.
        flip: whether the kernel is turned by half a turn first.
        shape: ``(height, width)`` of the picture.
    """
    height, width = shape
    # As short as a 32-bit number can be written without becoming another.
    exact = [[str(weight).removesuffix(".0") for weight in row] for row in np.float32(weights)]
    rows = ",\n".join(f"    [{', '.join(row)}]" for row in exact)
    turned = "[::-1, ::-1]" if flip else ""
    return "\n".join(
        [
            f"layer = {layer_line(layer)}",
            f"layer.build((None, {height}, {width}, 1))",
            "kernel, bias = (weights.copy() for weights in layer.get_weights())",
            "# The first filter by hand; training would find all of them by itself.",
            f"kernel[:, :, 0, 0] = np.array([\n{rows},\n]){turned}",
            *([f"bias[0] = {bias:g}"] if bias else []),
            "layer.set_weights([kernel, bias])",
            f"result = layer(picture.reshape(1, {height}, {width}, 1))",
        ]
    )


def padding_lines(
    kernel_size: int,
    strides: int,
    padding: str | int,
    dilation_rate: int,
    filters: int = 16,
    size: int = 28,
) -> str:
    """Keras lines for a convolution of pictures of ``size``×``size`` with these settings.

    A number of pixels takes a layer of its own. Keras does not take strides and a dilation rate
    above 1 together: there the lines make every place first and keep each ``strides``-th.

    >>> print(padding_lines(3, 1, 2, 1))
    x = layers.ZeroPadding2D(2)(images)
    x = layers.Conv2D(16, kernel_size=3)(x)
    """
    amounts = padding_amounts(size, kernel_size, strides, padding, dilation_rate)
    if strides > 1 and dilation_rate > 1:
        layer = layer_line(Conv2D(filters, kernel_size, dilation_rate=dilation_rate))
        added = amounts[0] if amounts[0] == amounts[1] else (amounts, amounts)
        lines = ["# Keras refuses strides and dilation_rate above 1 together: stride afterwards."]
        if any(amounts):
            lines.append(f"x = layers.ZeroPadding2D({added})(images)")
        source = "x" if any(amounts) else "images"
        return "\n".join([*lines, f"x = {layer}({source})[:, ::{strides}, ::{strides}, :]"])
    if isinstance(padding, int) and padding:
        layer = layer_line(Conv2D(filters, kernel_size, strides, dilation_rate=dilation_rate))
        return f"x = layers.ZeroPadding2D({padding})(images)\nx = {layer}(x)"
    kind = padding if isinstance(padding, str) else "valid"
    layer = layer_line(Conv2D(filters, kernel_size, strides, kind, dilation_rate))
    return f"x = {layer}(images)"


def times(count: int) -> str:
    """How often, in words: ``once``, ``twice``, ``9 times``.

    >>> times(0), times(1), times(9)
    ('never', 'once', '9 times')
    """
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count:,} times")
