"""The named kernels at other sizes, and which of them a learned filter is most like.

:mod:`lesson.kernels` lists kernels as books print them, most of them 3×3. Here each is a family:
the same idea at any size from 2×2 to 9×9, equal to the printed kernel at its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesson.errors import LessonError
from lesson.kernels import KERNELS

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

SMALLEST, LARGEST = 2, 9
PRINTED = 3  # kernels that exist in one size only have this one


@dataclass(frozen=True)
class Family:
    """A kernel with a name, at every size from ``smallest`` to ``largest``."""

    name: str
    says: str
    make: Callable[[int], Float64]
    smallest: int = SMALLEST
    largest: int = LARGEST

    def has(self, size: int) -> bool:
        """Whether there is a kernel of this size."""
        return self.smallest <= size <= self.largest

    def at(self, size: int) -> Float32:
        """The weights ``(size, size)``, read-only.

        Raises:
            LessonError: the family has no kernel of this size.

        >>> FAMILIES["vertical-edges"].at(4).tolist()[0]
        [-1.0, -1.0, 1.0, 1.0]
        """
        if not self.has(size):
            raise LessonError(
                f"{self.name} exists from {self.smallest}×{self.smallest} to "
                f"{self.largest}×{self.largest}, but kernel_size is {size}. Choose a size between, "
                f"or another kernel."
            )
        return _made(self.make, size)


@lru_cache(maxsize=128)
def _made(make: Callable[[int], Float64], size: int) -> Float32:
    weights = make(size).astype(np.float32)
    weights.setflags(write=False)
    return weights


def _bell(size: int) -> Float64:
    """A row of Pascal's triangle: whole numbers in the shape of a Gaussian bell."""
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [1, 1])
    return row


def _slope(size: int) -> Float64:
    """The difference between neighbours, smoothed: −1 0 1 at size 3, −1 −2 0 2 1 at 5."""
    slope: Float64 = np.convolve(_bell(size - 1), [-1, 1])
    return slope


def _vertical(size: int) -> Float64:
    """−1 left of the middle, +1 right of it."""
    columns = np.arange(size) - (size - 1) / 2
    return np.tile(np.sign(columns), (size, 1))


def _falling(size: int) -> Float64:
    """−1 below the diagonal from top left to bottom right, +1 above it."""
    rows, columns = np.mgrid[0:size, 0:size]
    sides: Float64 = np.sign(columns - rows).astype(float)
    return sides


def _middle(size: int) -> Float64:
    """1 in the middle; where the side is even, at the last pixel before it."""
    middle = np.zeros((size, size))
    middle[(size - 1) // 2, (size - 1) // 2] = 1
    return middle


def _box(size: int) -> Float64:
    return np.full((size, size), 1 / size**2)


def _gaussian(size: int) -> Float64:
    bell: Float64 = _bell(size) / 2 ** (size - 1)
    return np.outer(bell, bell)


def _as_printed(slug: str) -> Family:
    kernel = KERNELS[slug]
    return Family(
        kernel.name, kernel.says, lambda size: kernel.values.astype(float), PRINTED, PRINTED
    )


def _grown(slug: str, make: Callable[[int], Float64], says: str = "") -> Family:
    return Family(KERNELS[slug].name, says or KERNELS[slug].says, make)


# Edges in four directions come first: with several filters at once they are the ones shown.
FAMILIES: dict[str, Family] = {
    "vertical-edges": _grown(
        "vertical-edges",
        _vertical,
        "Answers where the right is brighter than the left, and with a minus sign where it is "
        "darker. At 3×3 it is Prewitt's kernel.",
    ),
    "horizontal-edges": _grown(
        "horizontal-edges",
        lambda size: _vertical(size).T,
        "Answers where below is brighter than above, and with a minus sign where it is darker. At "
        "3×3 it is Prewitt's kernel.",
    ),
    "falling-diagonal-edges": _grown("falling-diagonal-edges", _falling),
    "rising-diagonal-edges": _grown("rising-diagonal-edges", lambda size: -_falling(size)[:, ::-1]),
    "laplacian-8": Family(
        "Edges in every direction",
        "Answers where a pixel differs from those around it, whatever the direction: with a plus "
        "sign on the brighter side. At 3×3 it is the Laplacian with 8 neighbours.",
        lambda size: size**2 * _middle(size) - 1,
    ),
    "gaussian-blur": Family(
        "Gaussian blur",
        "Gives a mean in which near pixels count more than far ones: a softer blur than the box.",
        _gaussian,
    ),
    "box-blur": Family(
        "Box blur",
        "Gives the plain mean of the pixels under the window, so that small detail fades.",
        _box,
    ),
    "sharpen": _as_printed("sharpen"),
    "emboss": _as_printed("emboss"),
    "sobel-x": _grown(
        "sobel-x",
        lambda size: np.outer(_bell(size), _slope(size)),
        "Answers to vertical edges; rows near the middle count more, which makes it steadier "
        "against noise.",
    ),
    "sobel-y": _grown(
        "sobel-y",
        lambda size: np.outer(_slope(size), _bell(size)),
        "Answers to horizontal edges; columns near the middle count more, which makes it steadier "
        "against noise.",
    ),
    "laplacian-4": _as_printed("laplacian-4"),
    "identity": _grown("identity", _middle),
}


def likeness(one: ArrayLike, other: ArrayLike) -> float:
    """How much two kernels of one shape point the same way: the cosine, −1 to 1.

    1 is the same pattern, −1 the same with its signs turned, 0 no likeness; how strong the
    weights are does not count. A kernel of zeros is like nothing.

    >>> likeness([[1, 0]], [[2, 0]]), likeness([[1, 0]], [[0, 1]]), likeness([[1, 0]], [[-1, 0]])
    (1.0, 0.0, -1.0)
    """
    a, b = np.ravel(one).astype(float), np.ravel(other).astype(float)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return round(float(a @ b) / lengths, 9) if lengths else 0.0


def most_alike(weights: Float32) -> tuple[str, float]:
    """The family that ``weights`` ``(size, size)`` are most like, whatever the sign; the likeness.

    >>> most_alike(-2 * FAMILIES["falling-diagonal-edges"].at(3))
    ('falling-diagonal-edges', -1.0)
    """
    size = len(weights)
    alike = {
        slug: likeness(weights, family.at(size))
        for slug, family in FAMILIES.items()
        if family.has(size)
    }
    slug = max(alike, key=lambda name: abs(alike[name]))
    return slug, alike[slug]


def when_turned(weights: Float32) -> str:
    """What half a turn does to a kernel and so to its answers, in a sentence.

    >>> when_turned(FAMILIES["sobel-x"].at(3))
    'Turned, this kernel has every sign changed, so the result has too.'
    """
    turned = weights[::-1, ::-1]
    if np.array_equal(turned, weights):
        return "Turned, this kernel is the same as before, and so is the result."
    if np.array_equal(turned, -weights):
        return "Turned, this kernel has every sign changed, so the result has too."
    return "Turned, this kernel is another one, so the result differs."
