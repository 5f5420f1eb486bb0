"""Named kernels that were made by hand: edges, blur, sharpen.

They are written for cross-correlation, as :func:`lesson.convolution.conv2d` and Keras
do it: the values lie over the picture as they stand here. Blurs sum to 1 and keep the
brightness; edge kernels sum to 0 and answer nothing where the picture is even.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesson.errors import LessonError


@dataclass(frozen=True, eq=False)
class Kernel:
    """A named square of weights for one channel.

    ``values`` become read-only float32 of shape ``(size, size)``, ``size`` odd;
    ``says`` is one sentence on what the kernel answers to.

    Raises:
        LessonError: the values are not an odd square.

    >>> KERNELS["identity"].values.tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """

    name: str
    values: NDArray[np.float32]
    says: str

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[0] != values.shape[1] or values.shape[0] % 2 == 0:
            raise LessonError(
                f"A kernel's values must be a square with an odd side, so that it has a middle, "
                f"but their shape is {values.shape}. Use 3×3 or 5×5 values."
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def size(self) -> int:
        """How many pixels the kernel has along one side."""
        return len(self.values)


def _kernel(name: str, values: ArrayLike, says: str, divisor: float = 1) -> Kernel:
    return Kernel(name, np.asarray(values, dtype=np.float32) / np.float32(divisor), says)


# Rows of Pascal's triangle: the whole numbers nearest in shape to a Gaussian bell.
_BELL_3 = (1, 2, 1)
_BELL_5 = (1, 4, 6, 4, 1)

# What the address bar holds is a kernel's name as it is shown, or this key.
KERNELS: dict[str, Kernel] = {
    "identity": _kernel(
        "Identity",
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "Gives the picture back unchanged: each pixel answers to itself alone.",
    ),
    "vertical-edges": _kernel(
        "Vertical edges",
        [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
        "Answers where the right is brighter than the left, and with a minus sign where it "
        "is darker (Prewitt's kernel).",
    ),
    "horizontal-edges": _kernel(
        "Horizontal edges",
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        "Answers where below is brighter than above, and with a minus sign where it is "
        "darker (Prewitt's kernel).",
    ),
    "falling-diagonal-edges": _kernel(
        "Diagonal edges, falling",
        [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
        "Answers along edges that run from top left to bottom right, with a plus sign where "
        "the top right is the brighter side.",
    ),
    "rising-diagonal-edges": _kernel(
        "Diagonal edges, rising",
        [[-1, -1, 0], [-1, 0, 1], [0, 1, 1]],
        "Answers along edges that run from bottom left to top right, with a plus sign where "
        "the bottom right is the brighter side.",
    ),
    "sobel-x": _kernel(
        "Sobel, left to right",
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "Answers to vertical edges as Prewitt's kernel does, but the middle row counts "
        "double, which makes it steadier against noise.",
    ),
    "sobel-y": _kernel(
        "Sobel, top to bottom",
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "Answers to horizontal edges as Prewitt's kernel does, but the middle column counts "
        "double, which makes it steadier against noise.",
    ),
    "laplacian-4": _kernel(
        "Laplacian, 4 neighbours",
        [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
        "Answers to edges in every direction: how much a pixel is brighter than the four "
        "beside, above and below it.",
    ),
    "laplacian-8": _kernel(
        "Laplacian, 8 neighbours",
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "Answers to edges in every direction, diagonal ones too: how much a pixel is "
        "brighter than the eight around it.",
    ),
    "box-blur-3": _kernel(
        "Box blur, 3×3",
        np.ones((3, 3)),
        "Gives the plain mean of nine pixels, so that small detail fades.",
        divisor=9,
    ),
    "box-blur-5": _kernel(
        "Box blur, 5×5",
        np.ones((5, 5)),
        "Gives the plain mean of 25 pixels, so that strokes of a digit run together.",
        divisor=25,
    ),
    "gaussian-blur-3": _kernel(
        "Gaussian blur, 3×3",
        np.outer(_BELL_3, _BELL_3),
        "Gives a mean in which near pixels count more than far ones: a softer blur than the box.",
        divisor=16,
    ),
    "gaussian-blur-5": _kernel(
        "Gaussian blur, 5×5",
        np.outer(_BELL_5, _BELL_5),
        "Gives a mean over 25 pixels in which near ones count most: smooth and without the "
        "hard corners of the box.",
        divisor=256,
    ),
    "sharpen": _kernel(
        "Sharpen",
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "Adds to each pixel how much it differs from its four neighbours, so that edges stand out.",
    ),
    "emboss": _kernel(
        "Emboss",
        [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
        "Keeps the picture and adds light from one corner, so that strokes look raised.",
    ),
}
