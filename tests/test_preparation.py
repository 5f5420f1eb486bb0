"""The preparation in numbers: steps, costs of answers, frequencies."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lesson import mnist, preparation


def test_each_step_tells_shape_type_and_memory_of_the_real_arrays() -> None:
    images = mnist.load().x_test[:500]
    taken = [images, mnist.reshape(images)]
    taken += [mnist.to_float32(taken[1]), mnist.prepare(images)]
    for step, real in zip(preparation.steps(images), taken, strict=True):
        assert step.shape == real.shape
        assert step.dtype == real.dtype.name
        assert step.megabytes == pytest.approx(real.nbytes / 1e6)
        assert step.highest == real.max()


def test_the_share_of_background_is_that_of_all_training_pixels() -> None:
    assert preparation.background_share() == pytest.approx((mnist.load().x_train == 0).mean())


@pytest.mark.parametrize("label", range(10))
def test_the_costs_of_answers_are_those_of_keras(label: int) -> None:
    target = np.eye(10, dtype=np.float32)[label]
    for answer in range(10):
        sure = preparation.sure_of(answer)
        assert sure.sum() == pytest.approx(1)
        assert sure.argmax() == answer
        loss = keras.losses.categorical_crossentropy(target, sure)
        assert preparation.cross_entropies(label)[answer] == pytest.approx(float(loss), abs=1e-5)
        square = keras.losses.mean_squared_error([float(label)], [float(answer)])
        assert preparation.squared_errors(label)[answer] == float(square)


def test_as_a_name_all_wrong_answers_cost_the_same_and_as_a_number_they_do_not() -> None:
    wrong = np.arange(10) != 5
    assert np.ptp(preparation.cross_entropies(5)[wrong]) < 1e-6
    assert preparation.squared_errors(5)[[4, 1]].tolist() == [1, 16]


def test_the_most_frequent_label_is_counted_in_training_and_judged_on_the_test() -> None:
    data = mnist.load()
    label, share = preparation.most_frequent(data.y_train, data.y_test)
    assert all(
        (data.y_train == label).sum() >= (data.y_train == other).sum() for other in range(10)
    )
    assert share == (data.y_test == label).mean()


@pytest.mark.parametrize("label", range(10))
@pytest.mark.parametrize("answer", range(10))
def test_the_words_name_two_other_answers_and_the_costs(label: int, answer: int) -> None:
    words = preparation.in_words(label, answer)
    assert f"{preparation.cross_entropies(label)[answer]:.2f}" in words
    assert str((label - answer) ** 2) in words
    assert ("right answer" in words) == (label == answer)
