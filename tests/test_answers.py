"""What networks answer to a picture in hand, against Keras."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from lesson import answers, mnist, robustness
from lesson.keras_models import build_model
from lesson.results import Run
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec, RunSpec

NETWORKS = {"feedforward": FEEDFORWARD, "CNN 1": CNN_1, "CNN 2": CNN_2}


def made(network: NetworkSpec, scaled: bool = True) -> tuple[Run, keras.Sequential]:
    """A run with random weights, and the same network in Keras."""
    model = build_model(network)
    random = np.random.default_rng(1)
    weights = tuple(
        random.normal(0, 0.1, each.shape).astype(np.float32) for each in model.get_weights()
    )
    model.set_weights(weights)
    run = Run(
        spec=RunSpec(network, scaled=scaled),
        history={},
        test_loss=1.0,
        test_accuracy=0.5,
        test_probabilities=np.zeros((0, 10), np.float32),
        epoch_seconds=[1.0],
        seconds=1.0,
        versions={},
        machine={},
        weights=weights,
    )
    return run, model


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("scaled", [True, False])
def test_the_probabilities_are_those_of_keras(name: str, scaled: bool) -> None:
    run, model = made(NETWORKS[name], scaled)
    images = mnist.load().x_test[:20]
    ours = answers.probabilities(run, robustness.ink(images))
    theirs = model.predict(mnist.prepare(images, scaled), verbose=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_are_what_the_softmax_gets(name: str) -> None:
    run, model = made(NETWORKS[name])
    images = mnist.load().x_test[:20]
    model.layers[-1].activation = keras.activations.linear
    theirs = model.predict(mnist.prepare(images), verbose=0)
    np.testing.assert_allclose(answers.scores(run, robustness.ink(images)), theirs, atol=1e-4)


def test_a_run_without_its_network_cannot_answer_and_says_so() -> None:
    run, _ = made(FEEDFORWARD)
    assert answers.problem("A", run) is None
    without = replace(run, weights=None)
    assert "A is kept without its network" in (answers.problem("A", without) or "")
    with pytest.raises(ValueError, match="no weights"):
        answers.scores(without, np.zeros((1, 28, 28), np.float32))


def test_weights_that_are_no_numbers_are_told_of() -> None:
    run, _ = made(FEEDFORWARD)
    weights = tuple(np.full_like(each, np.nan) for each in run.weights or ())
    assert "went astray" in (answers.problem("A", replace(run, weights=weights)) or "")


def chances(digit: int, share: float) -> np.ndarray:
    found = np.full(10, (1 - share) / 9, np.float32)
    found[digit] = share
    return found


def test_who_changes_its_answer_is_told_first() -> None:
    before = {"A": chances(7, 0.99), "B": chances(7, 0.9), "C": chances(1, 0.8)}
    after = {"A": chances(7, 0.4), "B": chances(2, 0.9), "C": chances(1, 0.85)}
    assert answers.told(before, after) == (
        "**B** goes from 7 to 2. "
        "**A** stays with 7, 99.0% sure before and 40.0% after. "
        "**C** stays with 1, 80.0% sure before and 85.0% after."
    )
