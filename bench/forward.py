"""Digits through the notebook's trained networks in NumPy, against Keras on the same weights."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from bench.measure import Measure
from lesson import mnist
from lesson.keras_models import build_model
from lesson.network import Float32, forward, predict
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS, RunSpec

ONE, MANY = 1.0, 2.0  # to reach: with one digit, with many
DIGITS = 1000
OFTEN, SELDOM = 60, 3  # calls a round on each side: their median counts
AGREE = 1e-5  # by how much the probabilities may differ at most
Call = Callable[[], object]


def measure(rounds: int) -> list[Measure]:
    """One digit, every activation kept, through each network; many digits through CNN 2."""
    images = mnist.prepare(mnist.load().x_test[:DIGITS])
    digit = images[:1]
    found = []
    for name, spec in NOTEBOOK_RUNS.items():
        weights = _shipped(spec)
        model = build_model(spec.network)
        model.set_weights(weights)
        ours = partial(forward, spec.network, weights, digit)
        np.testing.assert_allclose(ours()[-1], model(digit), atol=AGREE)
        taken = _taken(ours, partial(model, digit), OFTEN, rounds)
        found.append(Measure(f"{name}: one digit", "model(x), eagerly", "ms", *taken, ONE))
    # The last of them is CNN 2. Both sides take batches of their own size.
    many, all_of_keras = (
        partial(predict, spec.network, weights, images),
        partial(model.predict, images, verbose=0),
    )
    np.testing.assert_allclose(many(), all_of_keras(), atol=AGREE)
    taken = _taken(many, all_of_keras, SELDOM, rounds)
    found.append(Measure(f"{name}: {DIGITS:,} digits", "model.predict", "ms", *taken, MANY))
    return found


def _shipped(spec: RunSpec) -> tuple[Float32, ...]:
    """The trained weights that ship with the lesson."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunStore(Path(folder)).find(spec)
    if run is None or run.weights is None:
        raise LookupError("A run is missing: `python -m lesson.shipped --missing` trains it.")
    return run.weights


def _taken(ours: Call, theirs: Call, calls: int, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds a call, each side in turn, one value a round; both have been called before."""
    sides: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, values in zip((ours, theirs), sides, strict=True):
            values.append(1000 * median(_seconds(side) for _ in range(calls)))
    return sides


def _seconds(call: Call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
