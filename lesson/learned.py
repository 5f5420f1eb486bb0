"""How the weights of a network's first layer came to be: their pictures, and how far they moved.

``learned`` is what a run keeps of them (:class:`lesson.results.Run`): at the start and after each
epoch ``(epochs + 1, height, width, channels, units)`` for Conv2D, or ``(epochs + 1, inputs,
units)`` for Dense, as float16.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lesson.specs import IMAGE_SHAPE

Float32 = npt.NDArray[np.float32]
Learned = npt.NDArray[np.float16]

FRAMES = 11


def pictures(learned: Learned) -> Float32:
    """The weights of each unit as a picture: ``(epochs + 1, units, height, width)``.

    A unit of a Dense layer behind Flatten has a weight for each pixel, and these are laid as the
    pixels lie. Of a filter the first channel is shown: the digits have only one.

    >>> pictures(np.zeros((6, 784, 4), np.float16)).shape
    (6, 4, 28, 28)
    >>> pictures(np.zeros((6, 3, 3, 1, 16), np.float16)).shape
    (6, 16, 3, 3)
    """
    values = learned.astype(np.float32)
    if values.ndim == 5:
        return np.moveaxis(values[..., 0, :], -1, 1)
    moments, inputs, units = values.shape
    side = IMAGE_SHAPE[:2] if inputs == math.prod(IMAGE_SHAPE) else (1, inputs)
    return np.moveaxis(values.reshape(moments, *side, units), -1, 1)


def reach(learned: Learned) -> float:
    """The largest weight of all epochs, sign aside: the end of one scale for all of them.

    >>> reach(np.array([[[0.5]], [[-2.0]], [[np.nan]]], np.float16))
    2.0
    """
    sizes = np.abs(learned[np.isfinite(learned)].astype(np.float32))
    return float(sizes.max(initial=0.0)) or 1.0


def moved(learned: Learned) -> list[float]:
    """How far the weights are from the start: ‖w − w₀‖ / ‖w₀‖, at the start and after each epoch.

    >>> moved(np.array([[[3.0], [4.0]], [[3.0], [9.0]]], np.float16))
    [0.0, 1.0]
    """
    flat = learned.reshape(len(learned), -1).astype(np.float64)
    start = float(np.linalg.norm(flat[0])) or 1.0
    return [float(np.linalg.norm(after - flat[0])) / start for after in flat]


def restless(learned: Learned) -> int:
    """The unit, from 0, whose weights have moved the most between the start and the end.

    >>> restless(np.array([[[1.0, 1.0]], [[1.5, 3.0]]], np.float16))
    1
    """
    change = (learned[-1].astype(np.float32) - learned[0].astype(np.float32)) ** 2
    return int(np.nan_to_num(change).reshape(-1, change.shape[-1]).sum(axis=0).argmax())


def frames(moments: int) -> list[int]:
    """The epochs of a film strip: the start, the end, and as many between as fit evenly.

    >>> frames(6), frames(51)
    ([0, 1, 2, 3, 4, 5], [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
    """
    count = min(moments, FRAMES)
    return [round(step * (moments - 1) / max(1, count - 1)) for step in range(count)]


def said(learned: Learned, epoch: int) -> str:
    """How far the weights have moved by an epoch, in a sentence.

    >>> said(np.array([[[3.0], [4.0]], [[3.0], [9.0]]], np.float16), 1)
    'After epoch 1 these weights have moved by **100% of** their size at the start.'
    """
    if epoch == 0:
        return "Before training: small random numbers, drawn by the seed."
    distance = moved(learned)[epoch]
    when = f"After epoch {epoch}"
    if not math.isfinite(distance):
        return f"{when} these weights are no numbers any more: the steps were too large."
    far = f"{distance:.0%} of" if distance < 10 else f"{distance:,.0f} times"
    return f"{when} these weights have moved by **{far}** their size at the start."
