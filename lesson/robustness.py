"""What is left of a network's accuracy when the digits are moved, turned, blurred or covered.

Pictures here are ink ``(n, 28, 28)``, float32, 0 for paper to 1 for full ink. The levels at which
each way is measured are :data:`lesson.specs.LEVELS`; nobody trained a network on any of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson.errors import LessonError
from lesson.evaluation import Labels, accuracy, move
from lesson.mnist import UInt8, scale, to_float32
from lesson.specs import LEVELS, MAX_RUN_WORK, NetworkSpec

Float32 = npt.NDArray[np.float32]
Answer = Callable[[Float32], Float32]

SIDE = 28
MIDDLE = (SIDE - 1) / 2
TEST_DIGITS = 10_000
# Seen on two cores: to change all digits in every way, and then to have them answered.
CHANGING_SECONDS = 15.0
SECONDS_PER_MULTIPLICATION = 1e-10
CHANCE_SEED = 0  # noise and the places of patches are drawn from it: the same at every level
_AT_A_TIME = 250  # pictures
_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64) - MIDDLE


def ink(images: UInt8) -> Float32:
    """Digits of bytes as ink, 0 to 1, of the same shape."""
    return scale(to_float32(images))


def prepared(pictures: Float32, scaled: bool = True) -> Float32:
    """Ink as a network gets it: shape ``(n, 28, 28, 1)``, 0..1, or 0..255 if it is not scaled."""
    return pictures[..., None] if scaled else pictures[..., None] * np.float32(255)


# What can be done to a picture


def warp(pictures: Float32, angle: float = 0.0, size: float = 1.0) -> Float32:
    """Turn pictures clockwise by ``angle`` degrees about their middle and make them ``size`` times
    as large. Values between pixels are interpolated linearly; beyond the edge there is paper.

    >>> dot = np.zeros((1, 28, 28), dtype=np.float32)
    >>> dot[0, 0, 0] = 1
    >>> np.argwhere(warp(dot, angle=90)[0] > 0.5).tolist()
    [[0, 27]]
    """
    turn = math.radians(angle)
    # Each pixel asks where it comes from: the way back.
    rows = (_ROWS * math.cos(turn) - _COLUMNS * math.sin(turn)) / size + MIDDLE
    columns = (_ROWS * math.sin(turn) + _COLUMNS * math.cos(turn)) / size + MIDDLE
    rows, columns = (np.clip(at, -1, SIDE) + 1 for at in (rows, columns))
    above, left = (np.minimum(np.floor(at).astype(int), SIDE) for at in (rows, columns))
    down, right = (rows - above).astype(np.float32), (columns - left).astype(np.float32)
    at = above * (SIDE + 2) + left
    warped = np.empty_like(pictures)
    # As many at a time as a processor keeps at hand: four times as fast as all at once.
    for first in range(0, len(pictures), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        # A frame of paper of one pixel: what lies further out is paper too.
        framed = np.pad(pictures[some], ((0, 0), (1, 1), (1, 1))).reshape(-1, (SIDE + 2) ** 2)
        upper = framed[:, at] * (1 - right) + framed[:, at + 1] * right
        lower = framed[:, at + SIDE + 2] * (1 - right) + framed[:, at + SIDE + 3] * right
        warped[some] = upper * (1 - down) + lower * down
    return warped


def add_noise(pictures: Float32, spread: float) -> Float32:
    """Add to each pixel a normal random number of that standard deviation, and cut off at 0 and 1.

    The numbers behind it are the same at each spread, so that more noise is more of the same.
    """
    if not spread:
        return pictures
    random = np.random.default_rng(CHANCE_SEED)
    noise = random.standard_normal(pictures.shape, dtype=np.float32)
    return np.clip(pictures + np.float32(spread) * noise, 0, 1)


def fade(pictures: Float32, contrast: float) -> Float32:
    """Make ink paler: 1 leaves it, 0.1 leaves a tenth of it."""
    return pictures * np.float32(contrast)


def blur(pictures: Float32, sigma: float) -> Float32:
    """Blur with a normal curve of that standard deviation, in pixels; beyond the edge is paper."""
    if not sigma:
        return pictures
    distance = np.arange(SIDE)
    weights = np.exp(-0.5 * (np.subtract.outer(distance, distance) / sigma) ** 2)
    reach = np.arange(-3 * SIDE, 3 * SIDE + 1)
    weights = (weights / np.exp(-0.5 * (reach / sigma) ** 2).sum()).astype(np.float32)
    return weights @ pictures @ weights


def cover(pictures: Float32, side: int, top: npt.ArrayLike = 0, left: npt.ArrayLike = 0) -> Float32:
    """Lay a square of paper over pictures, its corner at ``top`` and ``left``: one, or one each.

    >>> float(28 * 28 - cover(np.ones((1, 28, 28), dtype=np.float32), 4, 10, 10).sum())
    16.0
    """
    tops, lefts = (np.reshape(np.asarray(at), (-1, 1, 1)) for at in (top, left))
    rows, columns = np.arange(SIDE)[:, None], np.arange(SIDE)
    down = (rows >= tops) & (rows < tops + side)
    across = (columns >= lefts) & (columns < lefts + side)
    return np.where(down & across, np.float32(0), pictures)


def _cover_anywhere(pictures: Float32, side: int) -> Float32:
    """Cover each picture at a place of its own, drawn once: a larger patch covers it further."""
    random = np.random.default_rng(CHANCE_SEED)
    top, left = (random.random(len(pictures)) * (SIDE - side + 1) for _ in range(2))
    return cover(pictures, side, top.astype(int), left.astype(int))


# What is measured


@dataclass(frozen=True)
class Way:
    """One way to make the digits harder.

    Attributes:
        name: as a heading, such as ``"Turned"``.
        axis: what a level is, with its unit, for the axis of a chart.
        rest: the level that changes nothing.
        apply: ``(pictures, level)`` → pictures.
    """

    name: str
    axis: str
    rest: Any
    apply: Callable[[Float32, Any], Float32]


WAYS: dict[str, Way] = {
    "right": Way("Moved sideways", "pixels to the right", 0, lambda x, by: move(x, right=by)),
    "down": Way("Moved up or down", "pixels downward", 0, lambda x, by: move(x, down=by)),
    "rotation": Way("Turned", "degrees clockwise", 0, lambda x, by: warp(x, angle=by)),
    "scale": Way("Smaller or larger", "times as large", 1.0, lambda x, by: warp(x, size=by)),
    "noise": Way("Noise", "standard deviation of the noise", 0.0, add_noise),
    "contrast": Way("Paler ink", "share of the ink that is left", 1.0, fade),
    "blur": Way("Blurred", "pixels (standard deviation)", 0.0, blur),
    "patch": Way("Partly covered", "side of the patch in pixels", 0, _cover_anywhere),
    "moved": Way(
        "Moved anywhere", "(down, right)", (0, 0), lambda x, by: move(x, down=by[0], right=by[1])
    ),
}


def work(network: NetworkSpec, kinds: Iterable[str] = tuple(WAYS)) -> int:
    """Products of weights and inputs that measuring a network takes."""
    levels = sum(len(LEVELS[kind]) for kind in kinds)
    return levels * TEST_DIGITS * network.multiplications


def affordable(network: NetworkSpec) -> tuple[str, ...]:
    """The kinds that a network is measured in: all, or all but the many moves both ways at once.

    Raises:
        LessonError: even those would keep everybody else waiting.
    """
    few = tuple(kind for kind in WAYS if kind != "moved")
    for kinds in (tuple(WAYS), few):
        if work(network, kinds) <= MAX_RUN_WORK:
            return kinds
    raise LessonError(
        f"A measurement here takes at most {MAX_RUN_WORK:,} multiplications (some ten minutes), "
        f"but for this network it would take {work(network, few):,}. Train one with fewer "
        f"filters, or with pooling earlier, to measure it on changed digits."
    )


def seconds(network: NetworkSpec) -> float:
    """About how long measuring a network takes on two cores of a laptop."""
    return CHANGING_SECONDS + SECONDS_PER_MULTIPLICATION * work(network, affordable(network))


def measure(
    answer: Answer,
    pictures: Float32,
    labels: Labels,
    kinds: Iterable[str] = tuple(WAYS),
    tell: Callable[[float], None] = lambda share: None,
) -> dict[str, list[float]]:
    """Accuracy at every level of each kind: one number for each of ``LEVELS[kind]``.

    Args:
        answer: ink ``(n, 28, 28)`` → probabilities ``(n, 10)``.
        pictures: the test digits as ink.
        labels: their labels.
        kinds: keys of ``WAYS``.
        tell: called with the share of the work done, above 0 to 1.
    """
    found: dict[str, list[float]] = {}
    kinds = tuple(kinds)
    done, all_levels = 0, sum(len(LEVELS[kind]) for kind in kinds)
    for kind in kinds:
        found[kind] = []
        for level in LEVELS[kind]:
            changed = WAYS[kind].apply(pictures, level)
            found[kind].append(accuracy(labels, answer(changed)))
            done += 1
            tell(done / all_levels)
    return found


@dataclass(frozen=True)
class Changes:
    """All that one can do to a digit in hand at once; the defaults leave it as it is."""

    right: int = 0
    down: int = 0
    rotation: float = 0.0
    scale: float = 1.0
    blur: float = 0.0
    contrast: float = 1.0
    noise: float = 0.0
    patch: int = 0
    patch_top: int = 12
    patch_left: int = 12

    def apply(self, pictures: Float32) -> Float32:
        """Turned and resized, moved, blurred, paler, noisy, then covered: in this order."""
        if self.rotation or self.scale != 1:
            pictures = warp(pictures, self.rotation, self.scale)
        pictures = move(pictures, self.right, self.down)
        pictures = add_noise(fade(blur(pictures, self.blur), self.contrast), self.noise)
        return cover(pictures, self.patch, self.patch_top, self.patch_left)
