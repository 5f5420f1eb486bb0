"""A drawn or uploaded digit, prepared as MNIST's digits were.

MNIST's makers scaled each digit, proportions kept, to fit a box of 20×20 pixels, where it became
grey at its edges, and put the centre of its ink into the middle of 28×28. Source: Y. LeCun,
L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition" (1998).

Ink is ``(height, width)``, 0 for paper to 1 for full ink.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from lesson.errors import LessonError

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Point = tuple[int, int]
Strokes = tuple[tuple[Point, ...], ...]

GRID = 280  # a drawing's points are whole numbers from 0 to this, to the right and down
PEN = 24  # how thick a stroke is: of a digit as high as most are drawn, as MNIST's are
MAX_STROKES = 100
MAX_POINTS = 3_000
FINER = 2  # strokes are filled on a finer grid, so that their edges are grey and not jagged

BOX, SIDE = 20, 28
MIDDLE = 14  # the row and column where every MNIST digit has its centre of mass, to the pixel
SHOWN = 112  # no picture of a step is larger


@dataclass(frozen=True, eq=False)
class Step:
    """What a digit is after one step.

    Attributes:
        title: the step's name.
        values: ``(height, width)``, 0 for background to 255 for ink.
        says: what was done, in a sentence or two.
        box: where the box of 20×20 lies in the picture, ``(top, left, bottom, right)``, half-open.
    """

    title: str
    values: UInt8
    says: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """A digit ``(28, 28)`` and how it came to be.

    Attributes:
        image: 0 for background to 255 for ink, read-only.
        steps: the ink cropped, in the box, in the middle.
    """

    image: UInt8
    steps: tuple[Step, ...]


def read_strokes(received: object) -> Strokes:
    """The strokes that a browser sent, each as one list ``[x, y, x, y, ...]``.

    Anybody can send anything: nothing is taken that the pad would not send.

    >>> read_strokes([[10, 20, 30, 40], [5, 5]])
    (((10, 20), (30, 40)), ((5, 5),))

    Raises:
        LessonError: this is no drawing, or a larger one than the pad takes.
    """
    rule = (
        f"A drawing has at most {MAX_STROKES} strokes and {MAX_POINTS:,} points, whole numbers "
        f"from 0 to {GRID}"
    )
    remedy = "Clear the pad and draw it again."
    if not isinstance(received, list) or len(received) > MAX_STROKES:
        raise LessonError(f"{rule}, but {_found(received, 'strokes')} came. {remedy}")
    strokes, points = [], 0
    for stroke in received:
        if not isinstance(stroke, list) or not stroke or len(stroke) % 2:
            raise LessonError(f"{rule}, but {_found(stroke, 'numbers')} came as one. {remedy}")
        points += len(stroke) // 2
        if points > MAX_POINTS:
            raise LessonError(f"{rule}, but more points came. {remedy}")
        if not all(_is_place(number) for number in stroke):
            raise LessonError(f"{rule}, but something else came as a point. {remedy}")
        whole = [int(number) for number in stroke]
        strokes.append(tuple(zip(whole[::2], whole[1::2], strict=True)))
    return tuple(strokes)


def _found(received: object, what: str) -> str:
    if isinstance(received, list):
        return f"a list of {len(received):,} {what}"
    return f"a value of the type {type(received).__name__}"


def _is_place(number: Any) -> bool:
    # The browser's JSON has one kind of number, and may write 5 as 5.0. True is not a number here.
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return 0 <= number <= GRID and number == int(number)


def draw(strokes: Strokes) -> Float32:
    """The ink of a drawing, ``(280, 280)``: each stroke a line with round ends and joints.

    >>> ink = draw((((140, 40), (140, 240)),))
    >>> ink.shape, float(ink[140, 140]), float(ink[140, 100])
    ((280, 280), 1.0, 0.0)
    """
    sheet = Image.new("L", (GRID * FINER, GRID * FINER))
    pen = ImageDraw.Draw(sheet)
    radius = PEN * FINER // 2  # around the cell in the middle, so the line is one cell wider
    for stroke in strokes:
        path = [(x * FINER, y * FINER) for x, y in stroke]
        pen.line(path, fill=255, width=2 * radius + 1)
        for x, y in path:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(sheet.reduce(FINER), dtype=np.float32) / np.float32(255)


def resize(values: Float32, height: int, width: int) -> Float32:
    """The picture in another size: each pixel is the mean of what it covers of the old ones.

    >>> resize(np.array([[0, 1, 1, 1]], dtype=np.float32), 1, 2).tolist()
    [[0.5, 1.0]]
    """
    rows, columns = _shares(values.shape[0], height), _shares(values.shape[1], width)
    return rows @ values @ columns.T


def _shares(before: int, after: int) -> Float32:
    """How much of each new pixel lies over each old one, along one side: ``(after, before)``."""
    edges = np.arange(after + 1)[:, None] * (before / after)
    old = np.arange(before)
    covered = np.minimum(edges[1:], old + 1) - np.maximum(edges[:-1], old)
    return (np.clip(covered, 0, None) * (after / before)).astype(np.float32)


def within(values: Float32, longest: int) -> Float32:
    """The picture with no side longer than ``longest``, its proportions kept.

    >>> within(np.zeros((1, 50), dtype=np.float32), 10).shape
    (1, 10)
    """
    if max(values.shape) <= longest:
        return values
    return resize(values, *_scaled(values.shape, longest))


def _scaled(shape: tuple[int, ...], longest: int) -> tuple[int, int]:
    # A half is rounded up; no side vanishes.
    height, width = (max(1, math.floor(side * longest / max(shape) + 0.5)) for side in shape)
    return height, width


def to_bytes(values: Float32) -> UInt8:
    """0..1 as 0..255, rounded, read-only.

    >>> to_bytes(np.array([[0.0, 0.5, 1.0]], dtype=np.float32)).tolist()
    [[0, 128, 255]]
    """
    rounded = np.rint(np.clip(values, 0, 1) * np.float32(255)).astype(np.uint8)
    rounded.setflags(write=False)
    return rounded


def prepare(ink: Float32) -> Prepared:
    """Crop to the ink, fit it into 20×20, put its centre of mass into the middle of 28×28.

    >>> prepare(draw((((140, 40), (140, 240)),))).image.shape
    (28, 28)

    Raises:
        LessonError: there is no ink.
    """
    if not ink.any():
        raise LessonError("A digit needs ink, but the picture has none. Draw a stroke.")
    cropped, rows, columns = crop(ink)
    height, width = _scaled(cropped.shape, BOX)
    fitted = resize(cropped, height, width)
    box = np.zeros((BOX, BOX), dtype=np.float32)
    top, left = (BOX - height) // 2, (BOX - width) // 2
    box[top : top + height, left : left + width] = fitted

    # Where the fitted ink begins if its centre of mass is to lie in the middle.
    row, column = centre(fitted)
    down, right = _start(row, height), _start(column, width)
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    image[down : down + height, right : right + width] = fitted
    corner = (down - top, right - left)
    ends = [min(start + BOX, SIDE) for start in corner]

    digit = to_bytes(image)
    return Prepared(
        digit,
        (
            Step(
                "2. The ink, cropped",
                to_bytes(within(cropped, SHOWN)),
                f"Ink is found in the rows {rows.start} to {rows.stop - 1} and the columns "
                f"{columns.start} to {columns.stop - 1} of {ink.shape[0]}×{ink.shape[1]}. What "
                f"lies around them is cut off.",
            ),
            Step(
                f"3. In a box of {BOX}×{BOX}",
                to_bytes(box),
                f"{cropped.shape[0]}×{cropped.shape[1]} become {height}×{width}: the longer side "
                f"fills the box, the other keeps its proportion. A pixel is the mean of what it "
                f"covers, so edges are grey.",
            ),
            Step(
                f"4. In the middle of {SIDE}×{SIDE}",
                digit,
                f"The ink's centre of mass is put into row {MIDDLE}, column {MIDDLE}. The box, "
                f"which began in the middle, {_moved(corner)} for that.",
                (max(corner[0], 0), max(corner[1], 0), ends[0], ends[1]),
            ),
        ),
    )


def crop(ink: Float32) -> tuple[Float32, slice, slice]:
    """The smallest part of the picture that holds all ink, and its rows and columns.

    >>> crop(np.eye(4, dtype=np.float32)[:, 2:])[1:]
    (slice(2, 4, None), slice(0, 2, None))
    """
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    tall, wide = (slice(int(found[0]), int(found[-1]) + 1) for found in (rows, columns))
    return ink[tall, wide], tall, wide


def centre(ink: Float32) -> tuple[float, float]:
    """The row and column of the ink's centre of mass.

    >>> centre(np.array([[0, 1, 1]], dtype=np.float32))
    (0.0, 1.5)
    """
    values = ink.astype(np.float64)
    row, column = (
        float(values.sum(axis=1 - axis) @ np.arange(values.shape[axis]) / values.sum())
        for axis in (0, 1)
    )
    return row, column


def _start(middle: float, size: int) -> int:
    # As far as whole pixels allow: MNIST's centres lie from 13.5 to below 14.5, without exception.
    return min(max(math.ceil(MIDDLE - 0.5 - middle), 0), SIDE - size)


def _moved(corner: tuple[int, int]) -> str:
    """By how much the box has left the middle, in words.

    >>> _moved((5, 2)), _moved((4, 4))
    ('moves 1 pixel down and 2 pixels to the left', 'need not move')
    """
    down, right = (place - (SIDE - BOX) // 2 for place in corner)
    parts = [
        f"{abs(by)} pixel{'s' if abs(by) > 1 else ''} {forward if by > 0 else back}"
        for by, forward, back in ((down, "down", "up"), (right, "to the right", "to the left"))
        if by
    ]
    return f"moves {' and '.join(parts)}" if parts else "need not move"
