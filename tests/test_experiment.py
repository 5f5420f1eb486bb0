"""Two trainings held against each other: the same first weights are those of Keras."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lesson import experiment, training
from lesson.layers import Dense, Dropout, Flatten
from lesson.results import Run
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec, RunSpec, feedforward

A = RunSpec(FEEDFORWARD, training_digits=100)


def begin_alike(a: RunSpec, b: RunSpec) -> bool:
    ours, theirs = training.initial_weights(a), training.initial_weights(b)
    return len(ours) == len(theirs) and all(
        one.shape == other.shape and bool((one == other).all())
        for one, other in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize(
    ("b", "why"),
    [
        (replace(A, epochs=9, batch_size=16, learning_rate=0.1, optimizer="sgd"), None),
        (replace(A, scaled=False, shuffled_labels=True), None),
        (replace(A, network=feedforward(activation="tanh")), None),
        (replace(A, seed=7), "the seeds are 42 and 7"),
        (replace(A, network=feedforward((128, 64))), "`dense_1` and `dense_2` have another shape"),
        (replace(A, network=feedforward(dropout=0.5)), "`dense_1` and `dense_2` get another draw"),
        (replace(A, network=feedforward((128,))), "`dense_1` has another shape"),
        (replace(A, network=CNN_1), "another shape"),
    ],
)
def test_whether_two_runs_begin_alike_is_what_keras_says(b: RunSpec, why: str | None) -> None:
    found = experiment.unlike_at_first(A, b)
    assert begin_alike(A, b) == (found is None)
    assert (found is None) == (why is None)
    assert (why or "") in (found or "")


def test_the_rate_of_a_dropout_does_not_matter_to_the_first_weights() -> None:
    one, other, none = (replace(A, network=feedforward(dropout=x)) for x in (0.1, 0.9, 0.0))
    assert begin_alike(one, other)
    assert experiment.unlike_at_first(one, other) is None
    assert "Dropout draws too" in str(experiment.unlike_at_first(one, none))


def test_dropout_that_silences_nothing_draws_nothing() -> None:
    idle = NetworkSpec((Flatten(), Dense(4), Dropout(0.0), Dense(10, "softmax")))
    plain = NetworkSpec((Flatten(), Dense(4), Dense(10, "softmax")))
    a, b = RunSpec(idle), RunSpec(plain)
    assert begin_alike(a, b)
    assert experiment.unlike_at_first(a, b) is None


def test_layers_of_convolution_draw_in_their_turn() -> None:
    deeper = experiment.first_draws(CNN_2)
    assert [draw for draw, _ in deeper.values()] == [0, 1, 2, 4, 6]
    assert deeper["conv2d"][1] == (3, 3, 1, 16)


def run(spec: RunSpec, accuracy: float) -> Run:
    none = np.zeros((0, 10), np.float32)
    return Run(spec, {"loss": [1.0], "accuracy": [0.5]}, 0.5, accuracy, none, [1.0], 1.0, {}, {})


def test_the_verdict_says_which_is_better_and_by_how_much() -> None:
    a, b = run(A, 0.96), run(replace(A, epochs=9), 0.9712)
    said = experiment.verdict(a, b, ["epochs 9"])
    assert said == "B reads **1.12 percentage points more** of the test digits right."
    assert "**1.12 percentage points fewer**" in experiment.verdict(b, a, ["epochs 5"])
    assert "as many test digits right as A" in experiment.verdict(a, run(b.spec, 0.96), ["x"])


def test_several_changes_at_once_are_no_experiment() -> None:
    a, b = run(A, 0.96), run(replace(A, epochs=9, batch_size=16), 0.97)
    said = experiment.verdict(a, b, ["epochs 9", "batch_size 16"])
    assert "2 settings differ, so one cannot say which of them did it." in said


def test_a_difference_is_held_against_what_chance_does() -> None:
    a, b = run(A, 0.96), run(replace(A, epochs=9), 0.97)
    changed = ["epochs 9"]
    assert "B lies outside." in experiment.verdict(a, b, changed, [0.95, 0.96, 0.965])
    assert "B lies within." in experiment.verdict(a, b, changed, [0.95, 0.96, 0.975])
    assert "chance" not in experiment.verdict(a, b, changed, [0.95, 0.96])
    assert "that much is chance" in experiment.verdict(a, run(replace(A, seed=7), 0.97), ["seed 7"])
