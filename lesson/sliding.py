"""A window slid over an input, with everything that can be said of each of its places.

What the explorer shows of a convolution, a pooling layer or a filter over a series: the padded
input, the kernel, the part that each channel gives, their sum and the bias, the result, and the
places worth stopping at. Cells are counted from 0; a place is ``(row, column)`` of the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lesson.convolution import (
    Window,
    average_pooling2d,
    conv2d,
    coverage,
    dropped,
    max_pooling2d,
    padding_amounts,
)
from lesson.network import activate
from lesson.series import slide as slide_along

Float32 = NDArray[np.float32]
Operation = Literal["convolution", "max", "average", "count"]


class Stop(NamedTuple):
    """A place of the window that is worth a look, and why; ``most`` where there is most to see."""

    row: int
    column: int
    says: str
    most: bool = False


@dataclass(frozen=True, eq=False)
class Slide:
    """One filter, or one pooling window, slid over an input.

    Attributes:
        inputs: ``(channels, height, width)``, the padding included.
        kernel: ``(channels, kernel height, kernel width)``; of pooling the shape alone counts.
        strides, dilation_rate: down and across.
        padding: rows and columns of the input that are padding: top, right, bottom, left.
        dropped: rows and columns at the end of the input that no window reaches.
        parts: ``(channels, rows, columns)``: what each channel adds to the sum, without bias.
        sums: ``(rows, columns)``: all parts and the bias, before the activation.
        bias: added to each sum.
        activation: Keras's name.
        results: the outputs ``(rows, columns)`` by operation; one, or two poolings side by side.
        stops: places worth stopping at, in the order in which the window meets them.
    """

    inputs: Float32
    kernel: Float32
    strides: tuple[int, int]
    dilation_rate: tuple[int, int]
    padding: tuple[int, int, int, int]
    dropped: tuple[int, int]
    parts: Float32
    sums: Float32
    bias: float
    activation: str
    results: dict[Operation, Float32]
    stops: tuple[Stop, ...]

    @property
    def result(self) -> Float32:
        """The first output."""
        return next(iter(self.results.values()))


def convolution(
    pictures: Float32,
    kernel: Float32,
    window: Window,
    bias: float = 0.0,
    activation: str = "linear",
) -> Slide:
    """One filter over one picture.

    Args:
        pictures: ``(height, width, channels)``.
        kernel: ``(kernel_size, kernel_size, channels)``, as it lies over the picture.
        window: its ``kernel_size`` is the kernel's.
        bias: of this filter.
        activation: Keras's name of it.

    >>> slide = convolution(np.ones((4, 4, 2)), np.ones((3, 3, 2)), Window(3), bias=-20)
    >>> slide.parts[:, 0, 0].tolist(), slide.sums[0, 0].item()
    ([9.0, 9.0], -2.0)

    Raises:
        LessonError: shapes or settings do not go together.
    """
    values = np.asarray(pictures, dtype=np.float32)
    weights = np.asarray(kernel, dtype=np.float32)
    settings: dict[str, Any] = {
        "strides": window.strides,
        "padding": window.padding,
        "dilation_rate": window.dilation_rate,
    }
    # A channel by itself is a picture with one channel: so each part is a convolution of its own.
    parts = np.stack(
        [
            conv2d(values[..., c : c + 1], weights[:, :, c : c + 1, None], **settings)[..., 0]
            for c in range(values.shape[-1])
        ]
    )
    sums = conv2d(values, weights[..., None], np.array([bias], np.float32), **settings)[..., 0]
    result = activate(sums, activation)
    return Slide(
        **_placed(values.transpose(2, 0, 1), window),
        kernel=weights.transpose(2, 0, 1),
        parts=parts,
        sums=sums,
        bias=float(bias),
        activation=activation,
        results={"convolution": result},
        # Without an activation both signs are an answer; the bias alone is none.
        stops=stops(sums - np.float32(bias) if activation == "linear" else result),
    )


def pooling(
    picture: Float32, window: Window, kinds: Sequence[Operation] = ("max", "average")
) -> Slide:
    """The largest value or the mean of each window over one picture ``(height, width)``.

    >>> slide = pooling(np.arange(16.0).reshape(4, 4), Window(2, strides=2))
    >>> slide.results["max"].tolist(), slide.results["average"][0, 0].item()
    ([[5.0, 7.0], [13.0, 15.0]], 2.5)
    """
    values = np.asarray(picture, dtype=np.float32)
    settings: tuple[Any, ...] = (window.kernel_size, window.strides, window.padding)
    both: dict[Operation, Float32] = {
        "max": max_pooling2d(values[..., None], *settings)[..., 0],
        "average": average_pooling2d(values[..., None], *settings)[..., 0],
    }
    results = {kind: both[kind] for kind in kinds}
    first = next(iter(results.values()))
    return Slide(
        **_placed(values[None], window),
        kernel=np.ones((1, window.kernel_size, window.kernel_size), np.float32),
        parts=first[None],
        sums=first,
        bias=0.0,
        activation="linear",
        results=results,
        stops=stops(both["max"], DIFFER, both["max"] - both["average"]),
    )


def series(values: Float32, kernel: Float32, padding: str = "valid") -> Slide:
    """One filter along a series ``(length,)``; padding may be ``"causal"``.

    >>> slide = series(np.array([0.0, 1.0, 3.0]), np.array([-1.0, 1.0]), "causal")
    >>> slide.padding, slide.result.tolist()
    ((0, 0, 0, 1), [[0.0, 1.0, 2.0]])
    """
    numbers = np.asarray(values, dtype=np.float32)
    weights = np.asarray(kernel, dtype=np.float32)
    edge = len(weights) - 1
    left, right = {"valid": (0, 0), "same": (edge // 2, edge - edge // 2), "causal": (edge, 0)}[
        padding
    ]
    answers = slide_along(numbers, weights, padding)[None]
    return Slide(
        inputs=np.pad(numbers, (left, right))[None, None],
        kernel=weights[None, None],
        strides=(1, 1),
        dilation_rate=(1, 1),
        padding=(0, right, 0, left),
        dropped=(0, 0),
        parts=answers[None],
        sums=answers,
        bias=0.0,
        activation="linear",
        results={"convolution": answers},
        stops=stops(answers),
    )


def counting(height: int, width: int, window: Window) -> Slide:
    """How often each pixel counts: a picture in which each pixel holds in how many windows it is.

    The result says how many pixels of the picture a window sees; padding is not one.

    >>> counting(3, 3, Window(3, padding=1)).result.tolist()
    [[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]]
    """
    counts = coverage(
        height, width, window.kernel_size, window.strides, window.padding, window.dilation_rate
    ).astype(np.float32)
    seen = convolution(
        np.ones((height, width, 1), np.float32),
        np.ones((window.kernel_size, window.kernel_size, 1), np.float32),
        window,
    )
    return Slide(
        **_placed(counts[None], window),
        kernel=seen.kernel,
        parts=seen.parts,
        sums=seen.sums,
        bias=0.0,
        activation="linear",
        results={"count": seen.result},
        stops=stops(np.zeros_like(seen.result)),  # there is nothing to meet
    )


FIRST = "the first window"
FIRST_CORNER = "the first corner"
FIRST_EDGE = "the first edge met"
ROW_END = "the end of the first row"
STRONGEST = "the strongest answer"
DIFFER = "where the largest and the mean differ most"
LAST = "the last window"
# An edge is met where an answer first comes close to the strongest one.
CLOSE = 0.5
NOTHING = 1e-6  # an answer up to this is none


def stops(
    answers: Float32, telling: str = STRONGEST, strength: Float32 | None = None
) -> tuple[Stop, ...]:
    """Where an author would stop while the window slides over a result ``(rows, columns)``.

    Two reasons for one place are told together.

    Args:
        answers: the result; an edge is met where it first comes close to its strongest.
        telling, strength: the one place to look at longest is where ``strength``, by default the
            size of the answers, is largest; and what to call it.

    >>> [(stop.row, stop.column, stop.says) for stop in stops(np.array([[0.0, 3.0], [-9.0, 0.0]]))]
    [(0, 0, 'the first corner'), (0, 1, 'the end of the first row'), \
(1, 0, 'the first edge met, the strongest answer'), (1, 1, 'the last window')]
    """
    rows, columns = answers.shape
    size = np.abs(np.nan_to_num(answers)).ravel()
    strong = size if strength is None else np.nan_to_num(strength).ravel()
    reasons: dict[int, list[str]] = {0: [FIRST_CORNER if rows > 1 else FIRST]}
    if size.max() > NOTHING:
        reasons.setdefault(int((size >= CLOSE * size.max()).argmax()), []).append(FIRST_EDGE)
    most = 0
    if strong.max() > NOTHING:
        most = int(strong.argmax())
        reasons.setdefault(most, []).append(telling)
    if rows > 1 and columns > 1:
        reasons.setdefault(columns - 1, []).append(ROW_END)
    reasons.setdefault(rows * columns - 1, []).append(LAST)
    return tuple(
        Stop(place // columns, place % columns, ", ".join(reasons[place]), place == most)
        for place in sorted(reasons)
    )


def _placed(channels: Float32, window: Window) -> dict[str, Any]:
    """How the window lies on channels ``(channels, height, width)``: fields of a ``Slide``."""
    _, height, width = channels.shape
    settings = (window.kernel_size, window.strides, window.padding, window.dilation_rate)
    top, bottom = padding_amounts(height, *settings)
    left, right = padding_amounts(width, *settings)
    return {
        "inputs": np.pad(channels, ((0, 0), (top, bottom), (left, right))),
        "strides": (window.strides, window.strides),
        "dilation_rate": (window.dilation_rate, window.dilation_rate),
        "padding": (top, right, bottom, left),
        "dropped": (dropped(height, *settings), dropped(width, *settings)),
    }
