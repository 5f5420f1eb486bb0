"""What comes of a training: what it tells while it goes on, and the finished run.

NumPy is loaded with the first array: the overview, and any list of runs, needs none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from lesson.specs import RunSpec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Float32 = npt.NDArray[np.float32]

# Accuracy on changed test digits: for each kind one number for each of ``specs.LEVELS[kind]``.
Robustness = Mapping[str, Sequence[float]]
# Of so many units or filters of the first layer it is kept how they came to be.
LEARNED_UNITS = 16


@dataclass(frozen=True)
class Progress:
    """What a training tells while it goes on, about four times a second.

    ``loss`` and ``accuracy`` are the running means of the current epoch; the values of the
    validation digits come once an epoch, when it ends. ``seconds_left`` is an estimate.
    """

    stage: str
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    loss: float | None = None
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    epoch_end: bool = False


@dataclass(frozen=True)
class Summary:
    """A run without its arrays, for lists; ``epoch_seconds`` is the mean of its epochs."""

    spec: RunSpec
    test_loss: float
    test_accuracy: float
    seconds: float
    epoch_seconds: float
    has_network: bool


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training: its spec and what came of it.

    Shapes: ``test_probabilities`` ``(10000, 10)``; ``history`` one number an epoch under Keras's
    names (``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``); ``weights`` as Keras's
    ``get_weights`` lists them, or ``None`` for runs shipped as results only. ``epoch_seconds``
    is the wall time of each epoch, ``seconds`` that of the whole ``fit``. ``learned`` are the
    weights of the first layer that has any, for its first ``LEARNED_UNITS`` units or filters,
    at the start and after each epoch: ``(epochs + 1, ..., units)``, float16, for looking at only.
    """

    spec: RunSpec
    history: Mapping[str, Sequence[float]]
    test_loss: float
    test_accuracy: float
    test_probabilities: Float32
    epoch_seconds: Sequence[float]
    seconds: float
    versions: Mapping[str, str]
    machine: Mapping[str, str]
    weights: tuple[Float32, ...] | None = None
    learned: npt.NDArray[np.float16] | None = None
    # The file that plain Keras loads, while it is on its way to the store.
    keras_file: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        return self.spec.digest

    @property
    def confusion(self) -> npt.NDArray[np.int64]:
        """Counts ``(10, 10)``: row = label, column = answer, over the 10,000 test digits."""
        from lesson.evaluation import confusion
        from lesson.mnist import load

        return confusion(load().y_test, self.test_probabilities)

    @property
    def summary(self) -> Summary:
        return Summary(
            self.spec,
            self.test_loss,
            self.test_accuracy,
            self.seconds,
            fmean(self.epoch_seconds),
            self.weights is not None,
        )
