"""Filters over things that come one after another: series of numbers, and words.

A series is a picture of height 1, so :func:`conv1d` is :func:`lesson.convolution.conv2d`
and nothing else. The series are computed here, as examples; none of them was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesson.convolution import conv2d
from lesson.errors import LessonError

Float32 = NDArray[np.float32]

PADDINGS = ("valid", "same", "causal")
LENGTH = 120


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
BEATS = tuple(start + _BEAT.index(max(_BEAT)) for start in _BEAT_STARTS)
"""The times at which the heartbeat's beats are highest."""


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
    "steps": Named("Steps", _step(), "Even but for two jumps, one up and one down."),
    "noisy_wave": Named(
        "Noisy wave", _noisy_wave(), "A slow wave that is hard to see, since each value is off."
    ),
    "temperature": Named(
        "Daily temperature",
        _temperature(),
        "Spring days in °C, made up by a formula: a slow rise, spells of warm and cold days, "
        "a cold front on day 70.",
    ),
    "heartbeat": Named(
        "Heartbeat",
        _heartbeat(),
        "Six beats, made up by a formula, and at time 72 a touched wire: as high as a beat, but "
        "of another shape.",
    ),
}

# The mean is taken off, so that an even stretch gives 0 whatever its height.
_PULSE = np.array(_BEAT) - np.mean(_BEAT)

KERNELS: dict[str, Named] = {
    "moving_average": Named(
        "Moving average",
        np.full(7, 1 / 7),
        "This filter evens out what lasts shorter than its window.",
    ),
    "difference": Named(
        "Difference",
        np.array([-1.0, 0.0, 1.0]),
        "This filter answers where the series rises or falls: an edge filter in one dimension.",
    ),
    "second_difference": Named(
        "Second difference",
        np.array([1.0, -2.0, 1.0]),
        "This filter answers where the series bends: at corners, peaks and dips.",
    ),
    "pulse": Named(
        "One heartbeat",
        _PULSE / np.sum(_PULSE**2),
        "This filter has the shape of a beat. On the heartbeat it gives about 1 for each beat, "
        "and far less for the wire.",
    ),
}
OWN = "own"
"""The key of the filter whose weights the reader sets."""
OWN_START = (0.0, 0.0, 1.0, 0.0, 0.0)


def strongest(answers: ArrayLike, length: int) -> str:
    """Where a filter's answer is furthest from 0, in a sentence.

    Answers of ``"valid"`` padding are told by the middle of the values that the filter saw.

    >>> strongest([0.0, -2.0, 1.0], length=5)
    'The strongest answer is −2 at time 2.'
    >>> strongest([0.0, 0.0], length=2)
    'The filter answers 0 everywhere.'
    """
    values = np.asarray(answers, dtype=np.float64)
    place = int(np.abs(values).argmax())
    if not abs(values[place]) > 1e-6:
        return "The filter answers 0 everywhere."
    time = place + (length - len(values)) / 2
    return f"The strongest answer is {_signed(values[place])} at time {time:g}."


def padding_in_words(padding: str, length: int, kernel_size: int) -> str:
    """What a padding does to a series, with its numbers put in.

    >>> print(padding_in_words("valid", 120, 7))
    **valid**: the filter stays inside the series, so 120 values give 120 − 7 + 1 = 114 answers. \
Each is drawn in the middle of the 7 values that it was made of.
    """
    edge = kernel_size - 1
    return {
        "valid": f"**valid**: the filter stays inside the series, so {length} values give "
        f"{length} − {kernel_size} + 1 = {length - edge} answers. Each is drawn in the middle of "
        f"the {kernel_size} values that it was made of.",
        "same": f"**same**: {edge} zeros are added, {edge // 2} before and {edge - edge // 2} "
        f"after, so {length} values give {length} answers. Those at the ends are partly made of "
        f"zeros, and each needs values that come later: it cannot be had while the series "
        f"is still being measured.",
        "causal": f"**causal**: {edge} zeros are added before the series, none after, so {length} "
        f"values give {length} answers, and each is made of what has been measured up to then. "
        f"It suits live data and forecasts; the price is that a pattern is answered only when it "
        f"is over, {edge / 2:g} steps after its middle.",
    }[padding]


def keras_code(kernel: ArrayLike, padding: str) -> str:
    """The Keras lines that slide one filter along the array ``series`` of shape ``(length,)``."""
    # As short as a 32-bit number can be written without becoming another.
    weights = [float(str(weight)) for weight in np.asarray(kernel, np.float32)]
    return f"""\
layer = layers.Conv1D(1, kernel_size={len(weights)}, padding={padding!r}, use_bias=False)
layer.build((None, len(series), 1))
kernel = np.reshape(
    {weights},
    ({len(weights)}, 1, 1),
)
layer.set_weights([kernel])
answer = layer(series.reshape(1, -1, 1))[0, :, 0]"""


# One made-up number a word: below 0 if it turns the next one round, above 0 if it praises.
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


def sum_in_words(words: Mapping[str, float], weights: Sequence[float], position: int) -> str:
    """What a filter makes of the words under it, as arithmetic.

    >>> sum_in_words({"not": -1.0, "good": 1.0}, NOT_GOOD, 0)
    'not −1 × −1 + good 1 × 1 = 2'
    """
    seen = list(words.items())[position : position + len(weights)]
    answer = slide([tone for _, tone in seen], weights)[0]
    terms = [
        f"{word} {_signed(tone)} × {_signed(weight)}"
        for (word, tone), weight in zip(seen, weights, strict=True)
    ]
    return f"{' + '.join(terms)} = {_signed(answer)}"


def best_words(words: Mapping[str, float], weights: Sequence[float]) -> str:
    """The words to which a filter answers most.

    >>> best_words(WORDS, NOT_GOOD)
    'not good'
    """
    place = int(slide(list(words.values()), weights).argmax())
    return " ".join(list(words)[place : place + len(weights)])


def _signed(value: float) -> str:
    """Three digits and a true minus sign.

    >>> _signed(-1.0), _signed(0.12345), _signed(-0.0)
    ('−1', '0.123', '0')
    """
    return f"{value + 0.0:.3g}".replace("-", "−")
