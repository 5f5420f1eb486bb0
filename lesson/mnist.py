"""The bundled MNIST digits, and the steps that prepare them for a network.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits";
provenance and licence stand in ``assets/README.md``.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lesson import ASSETS
from lesson.errors import LessonError

PATH = ASSETS / "mnist.npz"
SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]


class DataError(LessonError):
    """The file of digits is missing, cut off or altered."""


class Digits(NamedTuple):
    """All 70,000 digits, read-only: pictures ``(n, 28, 28)``, labels ``(n,)`` of 0 to 9."""

    x_train: UInt8
    y_train: UInt8
    x_test: UInt8
    y_test: UInt8


@lru_cache(maxsize=2)
def load(path: Path = PATH) -> Digits:
    """The digits, checked against the stored SHA-256 and loaded once in each process.

    Raises:
        DataError: the file is not the one that belongs here; the message says how to get it back.
    """
    rule = f"The digits are read from {path.parent.name}/{path.name}, whose SHA-256 is {SHA256}"
    remedy = (
        "Get the file back with `git checkout -- assets/mnist.npz`, or from the same version of "
        "this program, and reload the page."
    )
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = f"but the file cannot be read: {error.strerror}."
        raise DataError(f"{rule}, {reason} {remedy}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise DataError(
            f"{rule}, but the file there has {len(content):,} bytes with the SHA-256 {found}: "
            f"it was cut off or altered. {remedy}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        digits = Digits(*(arrays[name] for name in Digits._fields))
    for array in digits:
        array.setflags(write=False)
    return digits


def reshape(images: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Give each picture its channel axis: ``(n, 28, 28)`` → ``(n, 28, 28, 1)``.

    >>> reshape(np.zeros((5, 28, 28))).shape
    (5, 28, 28, 1)
    """
    return images.reshape(len(images), 28, 28, 1)


def to_float32(images: npt.NDArray[np.generic]) -> Float32:
    """The same values as 32-bit floating point numbers, still 0 to 255."""
    return images.astype(np.float32)


def scale(images: Float32) -> Float32:
    """Divide by 255, so that every value lies in 0 to 1.

    >>> scale(np.array([0, 51, 255], dtype=np.float32)).tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    return images / np.float32(255)


def one_hot(labels: npt.NDArray[np.integer], num_classes: int = 10) -> Float32:
    """A row for each label: 1 in the label's column, 0 elsewhere; ``(n,)`` → ``(n, num_classes)``.

    >>> one_hot(np.array([2]), num_classes=4).tolist()
    [[0.0, 0.0, 1.0, 0.0]]
    """
    return np.eye(num_classes, dtype=np.float32)[labels]


def prepare(images: UInt8, scaled: bool = True) -> Float32:
    """All the notebook's steps for pictures: reshape, float32 and, unless told otherwise, scale."""
    values = to_float32(reshape(images))
    return scale(values) if scaled else values
