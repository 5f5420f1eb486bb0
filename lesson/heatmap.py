"""Small arrays as SVG, for paper: on the screen the explorer draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from lesson import svg
from lesson.palette import CORRECT, ON_COLOUR, WRONG

CELL = 24.0
WIDEST = 190  # of a picture on paper, in pixels
LEGIBLE = 12  # columns up to which the values stand in the cells
ENDS = {"ink": (None, "#111111"), "diverging": ("#b35806", "#1b5fa8"), "count": (None, "#00695c")}


def heatmap(
    values: npt.NDArray[np.generic],
    title: str,
    scale: str = "ink",
    high: float | None = None,
    right: Iterable[tuple[int, int]] = (),
    given: tuple[int, int] | None = None,
    named: bool = False,
) -> str:
    """An array ``(height, width)`` as squares.

    Args:
        values: real numbers.
        title: what it shows, for those who do not see it.
        scale: ``ink``, ``count`` or, around zero, ``diverging``.
        high: the end of the scale, by default the largest value.
        right: cells to frame, ``(row, column)``.
        given: a cell to cross out, unless it is framed.
        named: whether the title stands below.
    """
    height, width = values.shape
    numbers = values.astype(float)
    top = high or float(np.abs(numbers).max(initial=0.0)) or 1.0
    low_colour, high_colour = ENDS[scale]
    parts = [_frame(0, 0, width, height, "#888888", 1)]
    for row, column in np.ndindex(height, width):
        value = float(numbers[row, column])
        share = min(1.0, abs(value) / top) if math.isfinite(value) else 0.0
        colour = high_colour if value >= 0 or low_colour is None else low_colour
        x, y = column * CELL, row * CELL
        if share:
            look = {"fill": colour, "fill_opacity": f"{share:.3f}", "stroke": "none", "rx": 0}
            parts.append(svg.rect(x, y, CELL, CELL, **look))
        if width <= LEGIBLE:
            fill = "#ffffff" if share > 0.55 else ON_COLOUR
            said = f"{value:.3g}".replace("-", "−")
            parts.append(svg.text(x + CELL / 2, y + CELL / 2 + 3.5, said, 10, fill=fill))
    framed = set(right)
    parts += [_frame(row, column, 1, 1, CORRECT, 3) for row, column in sorted(framed)]
    if given and given not in framed:
        x, y = given[1] * CELL, given[0] * CELL
        cross = f"M{x} {y}l{CELL} {CELL}m0 {-CELL}l{-CELL} {CELL}"
        parts.append(svg.path(cross, stroke=WRONG, stroke_width=3))
    size = round(width * CELL)
    shown, bottom = min(size, WIDEST), height * CELL
    if named:
        letters = 20 * size / shown
        parts.append(svg.text(size / 2, bottom + 1.3 * letters, title, round(letters)))
        bottom += 1.7 * letters
    drawn = svg.picture(bottom, title, f"{height} rows, {width} columns", parts, size)
    return drawn.replace('width="100%"', f'width="{shown}"', 1)


def _frame(row: int, column: int, wide: int, high: int, colour: str, line: int) -> str:
    look = {"stroke": colour, "stroke_width": line, "rx": 0}
    return svg.rect(column * CELL, row * CELL, wide * CELL, high * CELL, **look)
