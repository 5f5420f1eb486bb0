"""Filters over things that come one after another: series of numbers, and words.

A series is a picture of height 1, so :func:`conv1d` is :func:`lesson.convolution.conv2d`
and nothing else. The series are computed here, as examples; none of them was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesson.convolution import conv2d
from lesson.errors import LessonError

Float32 = NDArray[np.float32]

PADDINGS = ("valid", "same", "causal")
LENGTH = 120
OWN_SIZE = 5
"""How many weights the reader's own filter has."""


def conv1d(
    series: ArrayLike,
    kernel: ArrayLike,
    *,
    strides: int = 1,
    padding: str = "valid",
    dilation_rate: int = 1,
) -> NDArray[np.floating]:
    """Slide every filter along a series, as Keras's ``Conv1D`` without a bias.

    Args:
        series: ``(..., length, channels)``.
        kernel: ``(kernel_size, channels, filters)``.
        padding: ``"valid"``, ``"same"``, or ``"causal"``: zeros before the series only, so that
            no answer depends on a value that comes later.

    Output shape: ``(..., new_length, filters)``.

    >>> rising = np.array([0, 1, 3, 6])[:, None]
    >>> change = np.array([-1, 1]).reshape(2, 1, 1)
    >>> conv1d(rising, change)[:, 0].tolist()
    [1.0, 2.0, 3.0]
    >>> conv1d(rising, change, padding="causal")[:, 0].tolist()
    [0.0, 1.0, 2.0, 3.0]

    Raises:
        LessonError: shapes or settings do not go together.
    """
    values, weights = np.asarray(series), np.asarray(kernel)
    if padding not in PADDINGS or values.ndim < 2 or weights.ndim != 3:
        raise LessonError(
            f"conv1d needs a series (..., length, channels), a kernel (kernel_size, channels, "
            f"filters) and a padding from {', '.join(PADDINGS)}, but it got the shapes "
            f"{values.shape} and {weights.shape} and padding={padding!r}. "
            f"A plain series needs a last axis of 1: series[:, None]."
        )
    if padding == "causal":
        before = (len(weights) - 1) * dilation_rate
        values = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(before, 0), (0, 0)])
        padding = "valid"
    rows = conv2d(
        values[..., None, :, :],
        weights[None],
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
    answer: NDArray[np.floating] = rows[..., 0, :, :]
    return answer


def slide(values: ArrayLike, weights: ArrayLike, padding: str = "valid") -> NDArray[np.floating]:
    """One filter along one plain series: ``(length,)`` and ``(kernel_size,)``."""
    series, kernel = np.asarray(values), np.asarray(weights)
    return conv1d(series[:, None], kernel[:, None, None], padding=padding)[:, 0]


@dataclass(frozen=True, eq=False)
class Named:
    """Read-only float32 numbers ``(n,)`` with a name and a sentence about them."""

    name: str
    values: Float32
    says: str

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float32)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)


# One heartbeat in simple strokes: a small wave, a sharp peak between two dips, a broad wave.
_BEAT = (0.0, 0.15, 0.15, 0.0, -0.2, 1.0, -0.35, 0.0, 0.1, 0.25, 0.25, 0.1, 0.0)
_BEAT_STARTS = (3, 23, 44, 62, 85, 104)


def _step() -> Float32:
    steps = np.repeat([0.0, 1.0, 0.4, 0.4], LENGTH // 4)
    return steps.astype(np.float32)


def _noisy_wave() -> Float32:
    time = np.arange(LENGTH)
    noise = np.random.default_rng(1).normal(0.0, 0.35, LENGTH)
    return (np.sin(2 * np.pi * time / 40) + noise).astype(np.float32)


def _temperature() -> Float32:
    """Spring days: a slow rise, warm and cold spells that last some days, and one cold front."""
    time = np.arange(LENGTH)
    push = np.random.default_rng(4).normal(0.0, 1.6, LENGTH)
    # Today's weather is four fifths of yesterday's, and something new.
    spells = [float(push[0])]
    for new in push[1:]:
        spells.append(0.8 * spells[-1] + float(new))
    front = np.where(time >= 70, -7.0, 0.0)
    return (6 + 0.12 * time + np.array(spells) + front).astype(np.float32)


def _heartbeat() -> Float32:
    values = np.random.default_rng(3).normal(0.0, 0.06, LENGTH)
    for start in _BEAT_STARTS:
        values[start : start + len(_BEAT)] += _BEAT
    # A touched wire: as high as a beat, but of another shape.
    values[72:78] += 0.9
    return values.astype(np.float32)


# The keys stand in the address bar.
SERIES: dict[str, Named] = {
    "steps": Named("Steps", _step(), "It is even but for two jumps, one up and one down."),
    "noisy_wave": Named(
        "Noisy wave", _noisy_wave(), "A slow wave that is hard to see, since each value is off."
    ),
    "temperature": Named(
        "Daily temperature",
        _temperature(),
        "120 spring days in °C, made up by a formula: a slow rise, spells of warm and cold days, "
        "and a cold front on day 70.",
    ),
    "heartbeat": Named(
        "Heartbeat",
        _heartbeat(),
        f"{len(_BEAT_STARTS)} beats, not quite regular, made up by a formula, and at 72 a touched "
        "wire: as high as a beat, but of another shape.",
    ),
}

# The mean is taken off, so that an even stretch gives 0 whatever its height.
_PULSE = np.array(_BEAT) - np.mean(_BEAT)

KERNELS: dict[str, Named] = {
    "moving_average": Named(
        "Moving average", np.full(7, 1 / 7), "It evens out what lasts shorter than its window."
    ),
    "difference": Named(
        "Difference",
        np.array([-1.0, 0.0, 1.0]),
        "It answers where the series rises or falls: an edge filter in one dimension.",
    ),
    "second_difference": Named(
        "Second difference",
        np.array([1.0, -2.0, 1.0]),
        "It answers where the series bends: at corners, peaks and dips.",
    ),
    "pulse": Named(
        "One heartbeat",
        _PULSE / np.sum(_PULSE**2),
        "Its weights have the shape of a beat, and it answers most where the series has it too. "
        "On the heartbeat it gives about 1 for each beat, and far less for the wire.",
    ),
}
OWN = "own"
"""The key of the filter whose weights the reader sets."""


def keras_code(kernel: ArrayLike, padding: str) -> str:
    """The Keras lines that slide one filter along the array ``series`` of shape ``(length,)``."""
    weights = [round(float(weight), 4) for weight in np.asarray(kernel).tolist()]
    return f"""\
layer = layers.Conv1D(1, kernel_size={len(weights)}, padding={padding!r}, use_bias=False)
layer.build((None, len(series), 1))
layer.set_weights([np.reshape({weights}, (-1, 1, 1))])
answer = layer(series.reshape(1, -1, 1))[0, :, 0]"""


# One made-up number a word, from −1 (turns the next word round) to 1 (praise).
WORDS: dict[str, float] = {
    "The": 0.0,
    "film": 0.0,
    "was": 0.0,
    "not": -1.0,
    "good": 1.0,
    "but": -0.2,
    "quite": 0.3,
    "funny": 0.8,
}
NOT_GOOD = (-1.0, 1.0)
"""A filter over two words: most where one that turns round stands before one that praises."""
