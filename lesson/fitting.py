"""What the feedforward page says of networks and trainings, worked out: no Streamlit here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lesson.layers import Dense, Dropout
from lesson.results import Run
from lesson.specs import RunSpec

TRAINING_SETTINGS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "training_digits",
    "optimizer",
    "seed",
    "validation_split",
    "scaled",
    "shuffled_labels",
)


def settings(run: RunSpec) -> dict[str, int | float | str | bool]:
    """The values of the feedforward page's controls that ask for this run.

    >>> from lesson.specs import feedforward
    >>> found = settings(RunSpec(feedforward((64, 32))))
    >>> found["hidden_layers"], found["units_1"], found["units_2"], found["batch_size"]
    (2, 64, 32, 256)
    """
    *hidden, _ = (layer for layer in run.network.layers if isinstance(layer, Dense))
    rates = [layer.rate for layer in run.network.layers if isinstance(layer, Dropout)]
    return {
        "hidden_layers": len(hidden),
        **{f"units_{place}": layer.units for place, layer in enumerate(hidden, start=1)},
        "activation": hidden[0].activation if hidden else "relu",
        "dropout": rates[0] if rates else 0.0,
        **{name: getattr(run, name) for name in TRAINING_SETTINGS},
    }


def decimal(value: float) -> str:
    """A number written out, without an exponent.

    >>> decimal(0.00001), decimal(0.3), decimal(1.0)
    ('0.00001', '0.3', '1')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Fit:
    """How a run with validation ended: accuracies from 0 to 1, epochs counted from 1."""

    training: float
    validation: float
    best_epoch: int
    lowest_loss: float
    last_loss: float

    @property
    def points(self) -> float:
        """How far training lies above validation, in percentage points.

        >>> Fit(0.75, 0.5, 1, 1.0, 1.0).points
        25.0
        """
        return 100 * (self.training - self.validation)


def fit_of(run: Run) -> Fit:
    """What a run's history says of its fit: the last epoch, and the one of lowest validation loss.

    Raises:
        KeyError: the run held no digits back for validation.
    """
    losses = run.history["val_loss"]
    # A training that blew up has losses that are not numbers: they are never the lowest.
    best = min(
        range(len(losses)), key=lambda n: losses[n] if math.isfinite(losses[n]) else math.inf
    )
    return Fit(
        run.history["accuracy"][-1],
        run.history["val_accuracy"][-1],
        best + 1,
        losses[best],
        losses[-1],
    )
