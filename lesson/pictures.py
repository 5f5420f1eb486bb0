"""Simple test pictures: what a filter answers to is plain to see on them.

All are 28×28 as the digits are, float32, 0 for background to 1 for ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]

SIDE = 28
SQUARE = 4  # side of a checkerboard's squares, and how thick the cross is
RADIUS = 9

_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE]
_MIDDLE = (SIDE - 1) / 2


@dataclass(frozen=True, eq=False)
class Picture:
    """A named picture: ``values`` ``(28, 28)``, read-only, and in a sentence what it is for."""

    name: str
    values: Float32
    says: str


def _picture(name: str, values: ArrayLike, says: str) -> Picture:
    pixels = np.array(values, dtype=np.float32)
    pixels.setflags(write=False)
    return Picture(name, pixels, says)


def _cross() -> NDArray[np.bool_]:
    """A plus sign in the middle, one square short of the border."""
    bar = abs(_ROWS - _MIDDLE) < SQUARE / 2
    inside = (abs(_ROWS - _MIDDLE) < _MIDDLE - SQUARE + 1) & (
        abs(_COLUMNS - _MIDDLE) < _MIDDLE - SQUARE + 1
    )
    crossed: NDArray[np.bool_] = (bar | bar.T) & inside
    return crossed


def _disc() -> NDArray[np.float64]:
    """A full circle; pixels on its rim are grey in proportion, as in a drawn digit."""
    distance = np.hypot(_ROWS - _MIDDLE, _COLUMNS - _MIDDLE)
    disc: NDArray[np.float64] = np.clip(RADIUS + 0.5 - distance, 0, 1)
    return disc


PICTURES: dict[str, Picture] = {
    "step": _picture("Step", _COLUMNS >= SIDE // 2, "One vertical edge, and nothing else."),
    "cross": _picture("Cross", _cross(), "Vertical and horizontal edges, each in both directions."),
    "checkerboard": _picture(
        "Checkerboard",
        (_ROWS // SQUARE + _COLUMNS // SQUARE) % 2,
        "Edges everywhere, and corners where they meet.",
    ),
    "ramp": _picture(
        "Ramp",
        _COLUMNS / (SIDE - 1),
        "It grows brighter by the same amount at each column: a slope without an edge.",
    ),
    "circle": _picture("Circle", _disc(), "Edges in every direction."),
}


def inked_at_the_edge(images: NDArray[np.generic]) -> int:
    """How many of the pictures ``(n, height, width)`` have ink on their outermost ring of pixels.

    >>> inked_at_the_edge(np.stack([np.eye(4), np.zeros((4, 4))]))
    1
    """
    rows, columns = images[:, [0, -1], :], images[:, :, [0, -1]]
    return int((rows.any(axis=(1, 2)) | columns.any(axis=(1, 2))).sum())
