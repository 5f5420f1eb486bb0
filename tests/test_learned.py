"""What a first layer learned: its pictures are Keras's weights, and its way is measured."""

from __future__ import annotations

import numpy as np
import pytest

from lesson import inside, learned, training
from lesson.specs import NetworkSpec, RunSpec, feedforward


@pytest.mark.parametrize(
    ("network", "size"),
    [(feedforward((5,)), (28, 28)), (inside.stack([inside.Block(3, kernel_size=5)], []), (5, 5))],
)
def test_the_pictures_are_the_weights_at_the_start_and_at_the_end(
    network: NetworkSpec, size: tuple[int, int]
) -> None:
    spec = RunSpec(network, epochs=2, training_digits=200)
    run = training.train(spec)
    assert run.learned is not None
    assert run.weights is not None
    shown = learned.pictures(run.learned)
    units = run.weights[0].shape[-1]
    assert shown.shape == (3, units, *size)
    for moment, kernel in ((0, training.initial_weights(spec)[0]), (2, run.weights[0])):
        for unit in range(units):
            ours, theirs = shown[moment, unit], kernel[..., unit].reshape(size)
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)  # kept as float16
    way = learned.moved(run.learned)
    assert way[0] == 0
    apart = np.linalg.norm(run.weights[0] - training.initial_weights(spec)[0])
    size_at_first = np.linalg.norm(training.initial_weights(spec)[0])
    assert way[2] == pytest.approx(apart / size_at_first, rel=0.01)


def test_a_row_that_is_no_digit_is_shown_as_a_row() -> None:
    assert learned.pictures(np.zeros((2, 5, 3), np.float16)).shape == (2, 3, 1, 5)


def test_weights_that_are_no_numbers_any_more_are_said_and_spoil_no_scale() -> None:
    gone = np.array([[[1.0, 2.0]], [[np.nan, np.inf]]], np.float16)
    assert learned.reach(gone) == 2.0
    assert "no numbers any more" in learned.said(gone, 1)
    assert learned.restless(gone) in (0, 1)
    assert "drawn by the seed" in learned.said(gone, 0)
    assert learned.reach(np.zeros((2, 1, 1), np.float16)) == 1.0


def test_weights_that_went_far_are_told_in_times() -> None:
    far = np.array([[[3.0, 4.0]], [[3.0, 504.0]]], np.float16)
    assert "moved by **100 times** their size" in learned.said(far, 1)


@pytest.mark.parametrize("moments", [2, 6, 11, 12, 21, 51])
def test_a_film_strip_goes_from_the_start_to_the_end_in_order(moments: int) -> None:
    strip = learned.frames(moments)
    assert strip == sorted(set(strip))
    assert (strip[0], strip[-1]) == (0, moments - 1)
    assert len(strip) <= learned.FRAMES
