"""How a window fits on one axis of a picture: padding, output size, what is left over.

Whole numbers only, no arrays. :mod:`lesson.convolution` explains the words.
"""

from __future__ import annotations

import numbers
from typing import Any

from lesson.errors import LessonError


def check_whole(name: str, value: Any, low: int) -> None:
    """Raise LessonError unless ``value`` is an integer, Python's or NumPy's, from ``low`` up."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < low:
        raise LessonError(
            f"{name} must be a whole number from {low} up, but it is {value!r}. "
            f"Set {name} to {low} or more."
        )


def check_window(kernel_size: int, strides: int, padding: str | int, dilation_rate: int) -> None:
    """Raise LessonError unless a window can have these settings."""
    check_whole("kernel_size", kernel_size, 1)
    check_whole("strides", strides, 1)
    check_whole("dilation_rate", dilation_rate, 1)
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise LessonError(
                f"padding must be 'valid', 'same' or a whole number of pixels, "
                f"but it is {padding!r}. Choose one of these."
            )
    else:
        check_whole("padding", padding, 0)


def padding_amounts(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> tuple[int, int]:
    """How many pixels are added before and after one axis of ``size`` pixels.

    ``"same"`` follows Keras: as much as the last of ``ceil(size / strides)`` windows
    needs, and if that is odd, the larger half comes after.

    >>> padding_amounts(28, 3, padding="same"), padding_amounts(28, 2, padding="same")
    ((1, 1), (0, 1))

    Raises:
        LessonError: a setting is not one of those that the module names.
    """
    check_whole("size", size, 1)
    check_window(kernel_size, strides, padding, dilation_rate)
    if padding == "valid":
        return 0, 0
    if padding == "same":
        windows = -(-size // strides)
        reach = (kernel_size - 1) * dilation_rate + 1
        total = max((windows - 1) * strides + reach - size, 0)
        return int(total // 2), int(total - total // 2)
    return int(padding), int(padding)


def output_size(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> int:
    """How many windows fit along one axis of ``size`` pixels.

    ``floor((size + padding before and after - reach) / strides) + 1``

    >>> output_size(28, 3), output_size(28, 3, padding="same"), output_size(28, 3, strides=2)
    (26, 28, 13)

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    room = _room(size, kernel_size, strides, padding, dilation_rate)
    return int(room // strides) + 1


def dropped(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int = "valid",
    dilation_rate: int = 1,
) -> int:
    """How many pixels at the end of the padded axis lie beyond the last window.

    It is what the floor in :func:`output_size` cuts off.

    >>> dropped(28, 3), dropped(28, 3, strides=2)
    (0, 1)

    Raises:
        LessonError: a setting is invalid, or not even one window fits.
    """
    return int(_room(size, kernel_size, strides, padding, dilation_rate) % strides)


def _room(size: int, kernel_size: int, strides: int, padding: str | int, dilation_rate: int) -> int:
    """How far the first window can be moved before it leaves the padded axis."""
    before, after = padding_amounts(size, kernel_size, strides, padding, dilation_rate)
    reach = (kernel_size - 1) * dilation_rate + 1
    room = size + before + after - reach
    if room < 0:
        raise LessonError(
            f"A window must fit into the padded picture, but kernel_size={kernel_size} with "
            f"dilation_rate={dilation_rate} spans {reach} pixels, and {size} pixels with "
            f"padding={padding!r} are only {size + before + after}. Use a smaller kernel_size "
            f"or dilation_rate, a larger picture, or padding='same'."
        )
    return int(room)
