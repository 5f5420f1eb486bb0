"""Convolution and pooling in plain NumPy, and which pixels meet which outputs.

Pictures have the shape ``(height, width, channels)``, as in Keras, with any number
of batch axes in front. Five words hold for the whole module:

- ``kernel_size``: how many pixels a window has along one side;
- ``strides``: how far it moves from one place to the next;
- ``dilation_rate``: the distance between two neighbouring pixels of one window;
- ``padding``: ``"valid"`` (none), ``"same"`` (Keras's rule: with ``strides`` of 1 the
  size stays), or a whole number of pixels added on every side;
- *reach*: how many pixels a window spans, ``(kernel_size - 1) * dilation_rate + 1``.

``strides`` and ``dilation_rate`` may both be above 1, which Keras does not allow.
The tests hold this arithmetic equal to Keras's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import ArrayLike, NDArray

from lesson.errors import LessonError
from lesson.windows import check_whole, check_window, dropped, output_size, padding_amounts

# The whole numbers of a window belong to this vocabulary, wherever they are worked out.
__all__ = [
    "Box",
    "Window",
    "average_pooling2d",
    "conv2d",
    "coverage",
    "dropped",
    "max_pooling2d",
    "output_size",
    "padding_amounts",
    "reach",
    "receptive_field",
    "touches",
    "window_positions",
]

# How many values a convolution gathers at once: few enough to stay in the processor's cache.
_GATHERED_VALUES = 2**17
# Products in one matrix product: few enough that OpenBLAS stays in one thread. While the cores are
# busy, as they are beside a training, waiting for its other threads costs 10 to 50 times the work.
_PRODUCTS = 2**18
# Runs of neighbouring values shorter than this are gathered faster pixel by pixel (measured).
_SHORT_RUN = 16


def window_positions(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> NDArray[np.int64]:
    """The index of each window's first pixel along one axis; below 0 inside the padding.

    Output shape: ``(output_size,)``.

    >>> window_positions(5, 3, strides=2, padding="same").tolist()
    [-1, 1, 3]

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    windows = output_size(size, kernel_size, strides, padding, dilation_rate)
    before, _ = padding_amounts(size, kernel_size, strides, padding, dilation_rate)
    return np.arange(windows, dtype=np.int64) * strides - before


def touches(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> NDArray[np.bool_]:
    """Which window (row) uses which pixel (column) along one axis.

    A window is the product of its rows and its columns, so one axis at a time tells
    everything about who meets whom.

    Output shape: ``(output_size, size)``.

    >>> touches(4, 2, dilation_rate=2).astype(int).tolist()
    [[1, 0, 1, 0], [0, 1, 0, 1]]

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    starts = window_positions(size, kernel_size, strides, padding, dilation_rate)
    taps = starts[:, None] + np.arange(kernel_size) * dilation_rate
    inside = (taps >= 0) & (taps < size)
    used = np.zeros((len(starts), size), dtype=bool)
    used[np.nonzero(inside)[0], taps[inside]] = True
    return used


def coverage(
    height: int,
    width: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> NDArray[np.int64]:
    """How many windows use each pixel of a picture.

    Output shape: ``(height, width)``.

    >>> coverage(4, 4, 3).tolist()
    [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    rows = touches(height, kernel_size, strides, padding, dilation_rate).sum(axis=0)
    columns = touches(width, kernel_size, strides, padding, dilation_rate).sum(axis=0)
    return np.outer(rows, columns)


@dataclass(frozen=True)
class Window:
    """The square window that one layer slides: of a convolution or of pooling.

    Raises:
        LessonError: a setting is invalid.
    """

    kernel_size: int
    strides: int = 1
    padding: str | int = "valid"
    dilation_rate: int = 1

    def __post_init__(self) -> None:
        check_window(self.kernel_size, self.strides, self.padding, self.dilation_rate)

    def touches(self, size: int) -> NDArray[np.bool_]:
        """Which window uses which of ``size`` pixels: see :func:`touches`."""
        return touches(size, self.kernel_size, self.strides, self.padding, self.dilation_rate)


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows ``top`` to ``bottom``, columns ``left`` to ``right``.

    ``bottom`` and ``right`` are not part of it, as in a slice.
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def _chain(windows: Sequence[Window], size: int) -> NDArray[np.bool_]:
    """Which output after all layers (row) depends on which input pixel (column), on one axis."""
    depends = np.eye(size, dtype=bool)
    for window in windows:
        # A window depends on whatever any of its pixels depends on.
        depends = window.touches(len(depends)) @ depends
    return depends


def _chains(
    windows: Sequence[Window], shape: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if len(shape) != 2:
        raise LessonError(
            f"shape must be (height, width), but it is {tuple(shape)!r}. Leave out other axes."
        )
    height, width = shape
    check_whole("height", height, 1)
    check_whole("width", width, 1)
    return _chain(windows, height), _chain(windows, width)


def _place(name: str, index: int, size: int) -> None:
    check_whole(name, index, 0)
    if index >= size:
        raise LessonError(
            f"{name} must lie in 0 to {size - 1}, but it is {index}. Choose one in that range."
        )


def receptive_field(
    windows: Sequence[Window], shape: tuple[int, int], row: int, column: int
) -> Box:
    """The part of the input that one output cell after the last window can see.

    It is the smallest rectangle around all pixels that the cell depends on: with
    dilation or strides, some of those inside may have no part in it. An output that
    sees nothing but padding has the empty ``Box(0, 0, 0, 0)``.

    Args:
        windows: the layers in order, the first one next to the input.
        shape: ``(height, width)`` of the input.
        row, column: the cell in the output of the last window.

    >>> receptive_field([Window(3), Window(2, strides=2), Window(3)], (28, 28), 0, 1)
    Box(top=0, left=2, bottom=8, right=10)

    Raises:
        LessonError: a window does not fit, or there is no such output cell.
    """
    rows, columns = _chains(windows, shape)
    _place("row", row, len(rows))
    _place("column", column, len(columns))
    seen_rows, seen_columns = np.flatnonzero(rows[row]), np.flatnonzero(columns[column])
    if not len(seen_rows) or not len(seen_columns):
        return Box(0, 0, 0, 0)
    return Box(
        top=int(seen_rows[0]),
        left=int(seen_columns[0]),
        bottom=int(seen_rows[-1]) + 1,
        right=int(seen_columns[-1]) + 1,
    )


def reach(
    windows: Sequence[Window], shape: tuple[int, int], row: int, column: int
) -> NDArray[np.bool_]:
    """Which outputs of the last window depend on one pixel of the input.

    Args:
        windows: the layers in order, the first one next to the input.
        shape: ``(height, width)`` of the input.
        row, column: the pixel in the input.

    Output shape: ``(output height, output width)``.

    >>> reach([Window(3)], (4, 4), 0, 1).astype(int).tolist()
    [[1, 1], [0, 0]]

    Raises:
        LessonError: a window does not fit, or there is no such pixel.
    """
    rows, columns = _chains(windows, shape)
    _place("row", row, shape[0])
    _place("column", column, shape[1])
    reached: NDArray[np.bool_] = np.logical_and.outer(rows[:, row], columns[:, column])
    return reached


def _numbers(name: str, values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise LessonError(
            f"{name} must hold real numbers, but its values are of type {array.dtype}. "
            f"Pass an array of whole or floating-point numbers."
        )
    return array


def _pictures(images: ArrayLike) -> tuple[tuple[int, ...], NDArray[Any]]:
    """The batch axes, and the pictures with those axes laid into one."""
    array = _numbers("images", images)
    if array.ndim < 3 or 0 in array.shape[-3:]:
        raise LessonError(
            f"images must have the shape (..., height, width, channels) with at least one pixel "
            f"and one channel, but theirs is {array.shape}. A grey picture needs a last axis of "
            f"1: images[..., None]."
        )
    return array.shape[:-3], array.reshape(-1, *array.shape[-3:])


def _pad(
    images: NDArray[Any], rows: tuple[int, int], columns: tuple[int, int], value: Any
) -> NDArray[Any]:
    if rows == columns == (0, 0):
        return images
    n, height, width, channels = images.shape
    (top, bottom), (left, right) = rows, columns
    shape = (n, top + height + bottom, left + width + right, channels)
    padded = np.full(shape, value, dtype=images.dtype)
    padded[:, top : top + height, left : left + width] = images
    return padded


def conv2d(
    images: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
    flip: bool = False,
) -> NDArray[Any]:
    """Slide every filter over every picture: at each place multiply, add up, add the bias.

    As in Keras this is cross-correlation. ``flip=True`` turns each filter by half a turn
    first, which is convolution as mathematics defines it.

    Args:
        images: ``(..., height, width, channels)``.
        kernel: ``(kernel_height, kernel_width, channels, filters)``.
        bias: ``(filters,)``, or ``None`` for zeros.

    Output shape: ``(..., new_height, new_width, filters)``; float64 if the images are
    float64, float32 in all other cases.

    >>> step = np.array([[0, 0, 1, 1]] * 3)[..., None]
    >>> left_to_right = np.array([[-1, 0, 1]] * 3).reshape(3, 3, 1, 1)
    >>> conv2d(step, left_to_right)[..., 0].tolist()
    [[3.0, 3.0]]
    >>> conv2d(step, left_to_right, flip=True)[..., 0].tolist()
    [[-3.0, -3.0]]

    Raises:
        LessonError: shapes or settings do not go together.
    """
    batch, pictures = _pictures(images)
    filters = _numbers("kernel", kernel)
    dtype = np.float64 if pictures.dtype == np.float64 else np.float32
    n, height, width, channels = pictures.shape
    if filters.ndim != 4 or 0 in filters.shape:
        raise LessonError(
            f"kernel must have the shape (kernel_height, kernel_width, channels, filters), none "
            f"of them 0, but its shape is {filters.shape}. One 3×3 filter for grey pictures: "
            f"values.reshape(3, 3, 1, 1)."
        )
    kernel_height, kernel_width, kernel_channels, count = filters.shape
    if kernel_channels != channels:
        raise LessonError(
            f"A filter needs one layer of values for each channel of the picture, but the kernel "
            f"has {kernel_channels} and the picture {channels}. Make the kernel's third axis "
            f"{channels}."
        )
    if flip:
        filters = filters[::-1, ::-1]

    down = (height, kernel_height, strides, padding, dilation_rate)
    across = (width, kernel_width, strides, padding, dilation_rate)
    new_height, new_width = output_size(*down), output_size(*across)
    padded = _pad(
        pictures.astype(dtype, copy=False), padding_amounts(*down), padding_amounts(*across), 0
    )

    # Lay each window out as a row and each filter as a column: matrix products do the rest.
    weights = filters.astype(dtype, copy=False).reshape(-1, count)
    result = np.empty((n, new_height, new_width, count), dtype=dtype)
    image_step, row_step, column_step, channel_step = padded.strides
    windows = as_strided(
        padded,
        shape=(n, new_height, new_width, kernel_height, kernel_width, channels),
        strides=(
            image_step,
            row_step * strides,
            column_step * strides,
            row_step * dilation_rate,
            column_step * dilation_rate,
            channel_step,
        ),
        writeable=False,
    )
    short = kernel_width * channels < _SHORT_RUN
    at_once = max(1, _GATHERED_VALUES // (new_height * new_width * len(weights)))
    block = max(1, _PRODUCTS // weights.size)
    for first in range(0, n, at_once):
        some = slice(first, first + at_once)
        if short:
            rows = windows[some].transpose(3, 4, 5, 0, 1, 2).reshape(len(weights), -1).T
        else:
            rows = windows[some].reshape(-1, len(weights))
        places = result[some].reshape(-1, count)
        for start in range(0, len(rows), block):
            end = start + block
            np.matmul(rows[start:end], weights, out=places[start:end])

    if bias is not None:
        offsets = _numbers("bias", bias)
        if offsets.shape != (count,):
            raise LessonError(
                f"bias must hold one number for each filter, shape ({count},), but its shape is "
                f"{offsets.shape}. Pass {count} numbers, or None."
            )
        result += offsets.astype(dtype, copy=False)
    return result.reshape(*batch, new_height, new_width, count)


def _pool_window(
    images: NDArray[Any], pool_size: int, strides: int | None, padding: str
) -> tuple[tuple[int, int, int, str], tuple[int, int, int, str]]:
    """The settings of the window, down and across."""
    check_whole("pool_size", pool_size, 1)
    if not isinstance(padding, str):
        raise LessonError(
            f"padding of a pooling layer must be 'valid' or 'same', as in Keras, but it is "
            f"{padding!r}. Choose one of these."
        )
    step = pool_size if strides is None else strides
    _, height, width, _ = images.shape
    return (height, pool_size, step, padding), (width, pool_size, step, padding)


def _taps(
    padded: NDArray[Any], pool_size: int, step: int, new_height: int, new_width: int
) -> Iterator[NDArray[Any]]:
    """For each cell of the window in turn: what it holds at all places of the window."""
    for row in range(pool_size):
        for column in range(pool_size):
            yield padded[
                :,
                row : row + (new_height - 1) * step + 1 : step,
                column : column + (new_width - 1) * step + 1 : step,
            ]


def max_pooling2d(
    images: ArrayLike, pool_size: int = 2, strides: int | None = None, padding: str = "valid"
) -> NDArray[Any]:
    """Keep the largest value of each window, in each channel on its own.

    ``strides=None`` means ``pool_size``: the windows lie side by side. Padding never wins.

    Input shape: ``(..., height, width, channels)``.
    Output shape: ``(..., new_height, new_width, channels)``, of the same type.

    >>> max_pooling2d(np.arange(16).reshape(4, 4, 1))[..., 0].tolist()
    [[5, 7], [13, 15]]

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    batch, pictures = _pictures(images)
    down, across = _pool_window(pictures, pool_size, strides, padding)
    new_height, new_width = output_size(*down), output_size(*across)
    kind = pictures.dtype.kind
    lowest = -np.inf if kind == "f" else False if kind == "b" else np.iinfo(pictures.dtype).min
    padded = _pad(pictures, padding_amounts(*down), padding_amounts(*across), lowest)
    taps = _taps(padded, pool_size, down[2], new_height, new_width)
    result = next(taps).copy()
    for tap in taps:
        np.maximum(result, tap, out=result)
    return result.reshape(*batch, *result.shape[1:])


def average_pooling2d(
    images: ArrayLike, pool_size: int = 2, strides: int | None = None, padding: str = "valid"
) -> NDArray[Any]:
    """Keep the mean of each window, in each channel on its own.

    ``strides=None`` means ``pool_size``: the windows lie side by side. Padding does not
    count: a window that hangs over the edge averages the pixels that it has.

    Input shape: ``(..., height, width, channels)``.
    Output shape: ``(..., new_height, new_width, channels)``; float64 if the images are
    float64, float32 in all other cases.

    >>> average_pooling2d(np.arange(16).reshape(4, 4, 1))[..., 0].tolist()
    [[2.5, 4.5], [10.5, 12.5]]

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    batch, pictures = _pictures(images)
    down, across = _pool_window(pictures, pool_size, strides, padding)
    dtype = np.float64 if pictures.dtype == np.float64 else np.float32
    pixels_down, pixels_across = touches(*down).sum(axis=1), touches(*across).sum(axis=1)
    padded = _pad(
        pictures.astype(dtype, copy=False), padding_amounts(*down), padding_amounts(*across), 0
    )
    taps = _taps(padded, pool_size, down[2], len(pixels_down), len(pixels_across))
    result = next(taps).copy()
    for tap in taps:
        result += tap
    result /= np.outer(pixels_down, pixels_across)[..., None].astype(dtype)
    return result.reshape(*batch, *result.shape[1:])
