"""Trainings that work and trainings that fail, each with what to look for.

All ship as runs, so that they show at once, and all can be trained again. What came of one is
said by comparing its numbers, so the sentences hold for whatever runs they are given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lesson.fitting import Fit, fit_of
from lesson.results import Run
from lesson.specs import (
    CNN_2,
    FEEDFORWARD,
    NOTEBOOK_RUNS,
    NUM_CLASSES,
    NetworkSpec,
    RunSpec,
    feedforward,
)

FEW = 1_000
# An accuracy below this is no better than chance, for ten digits of about the same number.
GUESSING = 0.15
# From so many percentage points on, training and validation lie far apart; below this accuracy
# both are low, for these digits.
APART, LOW = 5.0, 0.93
# A loss by so much above another has grown; so many points an epoch are still a climb.
GROWN, RISING = 0.1, 1.0


@dataclass(frozen=True)
class Preset:
    """One training to look at.

    Attributes:
        spec: what is trained.
        beside: the key of the preset that it is held against, from which it differs in little.
        look: what to look for, before one sees it.
    """

    spec: RunSpec
    beside: str
    look: str


# Held back for validation, so that one sees how far what is learned holds for other digits.
PLAIN = RunSpec(FEEDFORWARD, validation_split=0.1)
BY_HEART = RunSpec(FEEDFORWARD, training_digits=FEW, batch_size=32, epochs=50, validation_split=0.2)
CNN = RunSpec(CNN_2, batch_size=128, validation_split=0.1)

FEEDFORWARD_PRESETS: dict[str, Preset] = {
    "The notebook's, 10% held back": Preset(
        PLAIN,
        "No activation",
        "Where do the two curves end, and how far do they lie apart?",
    ),
    "Underfit: 4 units": Preset(
        RunSpec(feedforward((4,)), validation_split=0.1),
        "The notebook's, 10% held back",
        "How high do both curves get, training and validation, and are they far apart?",
    ),
    "Overfit: 1,000 digits, 50 epochs": Preset(
        BY_HEART,
        "Dropout 0.5 on 1,000 digits",
        "Does the validation loss fall as long as the training loss does, or does it turn?",
    ),
    "Dropout 0.5 on 1,000 digits": Preset(
        replace(BY_HEART, network=feedforward(dropout=0.5)),
        "Overfit: 1,000 digits, 50 epochs",
        "The same 1,000 digits, but half of the units are silenced at each step. What does the "
        "validation loss do now?",
    ),
    "1,000 digits only": Preset(
        replace(PLAIN, training_digits=FEW, batch_size=32),
        "The notebook's, 10% held back",
        "Five epochs as before, but over a sixtieth of the digits. What does that cost?",
    ),
    "Pixels not scaled": Preset(
        replace(PLAIN, scaled=False),
        "The notebook's, 10% held back",
        "The pixels go from 0 to 255. How large is the loss in the first epoch?",
    ),
    "Learning rate far too high": Preset(
        replace(PLAIN, learning_rate=1.0),
        "The notebook's, 10% held back",
        "Each step is a thousand times as long. Does the loss find its way down?",
    ),
    "Learning rate far too low": Preset(
        replace(PLAIN, learning_rate=0.00001),
        "The notebook's, 10% held back",
        "Each step is a hundredth as long. Has the curve levelled off when training ends?",
    ),
    "No activation": Preset(
        replace(PLAIN, network=feedforward(activation="linear")),
        "The notebook's, 10% held back",
        "Without an activation three layers are one matrix, written in three pieces. How much is "
        "the bend of ReLU worth?",
    ),
    "Labels shuffled": Preset(
        replace(BY_HEART, shuffled_labels=True),
        "Overfit: 1,000 digits, 50 epochs",
        "The labels were dealt out at random, so there is nothing to understand. Can the network "
        "still get its training digits right, and what does it say of new ones?",
    ),
}

CNN_PRESETS: dict[str, Preset] = {
    "CNN 1": Preset(
        NOTEBOOK_RUNS["CNN 1"],
        "CNN 2, 10% held back",
        "One convolution, one pooling. Which layer has nearly all of the parameters?",
    ),
    "CNN 2, 10% held back": Preset(
        CNN,
        "CNN 1",
        "Which curve lies higher, training or validation, and from which epoch on? Why?",
    ),
    "CNN 2 without dropout": Preset(
        replace(
            CNN,
            network=NetworkSpec(tuple(x for x in CNN_2.layers if x.kind != "Dropout")),
        ),
        "CNN 2, 10% held back",
        "Which curve lies higher now, and which of the two networks reads more test digits right?",
    ),
    "CNN 2, 1,000 digits only": Preset(
        replace(CNN, training_digits=FEW, batch_size=32),
        "CNN 2, 10% held back",
        "Five epochs as before, but over a sixtieth of the digits. What does that cost?",
    ),
    "CNN 2, learning rate far too high": Preset(
        replace(CNN, learning_rate=0.1),
        "CNN 2, 10% held back",
        "Each step is a hundred times as long. Does the loss find its way down?",
    ),
}

PRESETS = FEEDFORWARD_PRESETS | CNN_PRESETS


def outcome(run: Run, beside: Run | None, name: str) -> str:
    """What came of a preset, beside the run that it is held against.

    Args:
        run: what was trained.
        beside, name: the other run, if it is trained, and what it is called.
    """
    return " ".join([_reads(run, beside, name), *course(run)])


def _reads(run: Run, beside: Run | None, name: str) -> str:
    said = f"It reads {run.test_accuracy:.1%} of the test digits right"
    if run.test_accuracy < GUESSING:
        said += ", no more than guessing"
    other = f"reads {beside.test_accuracy:.1%}" if beside else "is not trained yet"
    return f"{said}; «{name}» {other}."


def course(run: Run) -> list[str]:
    """What is striking in how a training went, in at most three sentences."""
    first, guessing = run.history["loss"][0], math.log(NUM_CLASSES)
    found = []
    if first > (1 + GROWN) * guessing:
        found.append(
            f"In the first epoch its loss is {first:.2f}; answering 10% to everything gives "
            f"{guessing:.2f}."
        )
    if "val_loss" in run.history:
        found += _fit(run, fit_of(run))
    if (late := _still_rising(run)) and len(found) < 3:
        found.append(late)
    return found


def _fit(run: Run, fit: Fit) -> list[str]:
    """Training beside validation: how far apart they end, and whether that grew."""
    # Of the numbers as they are shown, or they would contradict each other.
    apart = round(round(100 * fit.training, 1) - round(100 * fit.validation, 1), 1)
    points = f"{abs(apart):.1f} points"
    ends = f"Training ends at {fit.training:.1%}, validation at {fit.validation:.1%}"
    risen = math.isfinite(fit.last_loss) and fit.last_loss > (1 + GROWN) * fit.lowest_loss
    if max(fit.training, fit.validation) < GUESSING:
        ends += ": nothing was learned."
    elif apart < 0 and any(layer.kind == "Dropout" for layer in run.spec.network.layers):
        ends += f", {points} above it, partly because dropout silences units while training only."
    elif apart > APART and risen:
        ends += f": {points} apart. That is overfitting."
    elif max(fit.training, fit.validation) < LOW:
        ends += f": both low, {points} apart. That is underfitting."
    else:
        ends += f": {points} apart."
    if not risen or fit.training < GUESSING:
        return [ends]
    return [
        ends,
        f"The validation loss is lowest after epoch {fit.best_epoch}, at {fit.lowest_loss:.3f}, "
        f"and ends at {fit.last_loss:.3f}.",
    ]


def _still_rising(run: Run) -> str:
    """That training ended while it still helped, if it did."""
    accuracy = run.history["accuracy"]
    gained = 100 * (accuracy[-1] - accuracy[-2]) if len(accuracy) > 1 else 0.0
    if gained < RISING or accuracy[-1] < GUESSING:
        return ""
    return f"Accuracy still rose by {gained:.1f} points in the last epoch: more of them may help."
