"""What answers say about a network, against Keras and TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import mnist
from lesson.evaluation import (
    SHIFTS,
    Float32,
    accuracy,
    confusion,
    cross_entropy,
    disagreements,
    mistakes,
    move,
    moved_accuracy,
)

some = settings(max_examples=50, deadline=None)


def answers(seed: int, count: int) -> tuple[np.ndarray, Float32, Float32]:
    """Random labels, sums before the softmax, and probabilities, some of them very sure."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, count)
    sharpness = generator.choice([0.1, 1, 5, 10], (count, 1))
    sums = (generator.normal(size=(count, 10)) * sharpness).clip(-40, 40).astype(np.float32)
    return labels, sums, np.asarray(keras.ops.softmax(sums))


ANSWERS = st.builds(answers, st.integers(0, 2**32 - 1), st.integers(1, 200))


@some
@given(ANSWERS)
def test_accuracy_loss_and_confusion_are_those_of_keras(case: tuple) -> None:
    labels, sums, probabilities = case
    truth = keras.utils.to_categorical(labels, 10)
    right = keras.metrics.categorical_accuracy(truth, probabilities)
    assert accuracy(labels, probabilities) == pytest.approx(float(np.mean(right)), abs=1e-6)
    # ``evaluate`` takes the sums before the softmax.
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)(truth, sums)
    assert cross_entropy(labels, probabilities) == pytest.approx(float(loss), rel=1e-5, abs=1e-6)
    counts = tf.math.confusion_matrix(labels, probabilities.argmax(axis=1), 10)
    assert np.array_equal(confusion(labels, probabilities), counts)


def test_a_label_held_impossible_costs_much_but_not_without_end() -> None:
    sums = np.zeros((1, 10), dtype=np.float32)
    for sureness in (10, 30, 80):
        sums[0, 3] = sureness
        theirs = keras.losses.CategoricalCrossentropy(from_logits=True)(np.eye(10)[[4]], sums)
        ours = cross_entropy(np.array([4]), np.asarray(keras.ops.softmax(sums)))
        assert ours == pytest.approx(float(theirs), rel=1e-4)
    impossible = np.eye(10, dtype=np.float32)[[3]]
    assert 80 < cross_entropy(np.array([4]), impossible) < 100
    assert cross_entropy(np.array([3]), impossible) == 0


def test_answers_that_are_no_numbers_give_no_loss_and_no_traceback() -> None:
    probabilities = np.full((3, 10), np.nan, dtype=np.float32)
    labels = np.array([0, 1, 2])
    assert math.isnan(cross_entropy(labels, probabilities))
    assert 0 <= accuracy(labels, probabilities) <= 1
    assert confusion(labels, probabilities).sum() == 3
    assert set(mistakes(labels, probabilities)) <= {0, 1, 2}


def test_confusion_has_the_label_in_the_row_and_the_answer_in_the_column() -> None:
    probabilities = np.eye(10, dtype=np.float32)[[9, 9, 4]]
    counts = confusion(np.array([4, 4, 4], dtype=np.uint8), probabilities)
    assert counts.shape == (10, 10)
    assert counts[4, 9] == 2
    assert counts[4, 4] == 1
    assert counts.sum() == 3


def test_a_label_of_eight_bits_is_counted_like_any_other() -> None:
    labels = np.arange(10, dtype=np.uint8).repeat(30)
    probabilities = np.eye(10, dtype=np.float32)[labels]
    assert np.array_equal(confusion(labels, probabilities), 30 * np.eye(10))


@some
@given(ANSWERS)
def test_mistakes_are_the_wrong_answers_the_surest_first(case: tuple) -> None:
    labels, _, probabilities = case
    found = mistakes(labels, probabilities)
    expected = [n for n, row in enumerate(probabilities) if row.argmax() != labels[n]]
    assert sorted(found) == expected
    sureness = [probabilities[n].max() for n in found]
    assert sureness == sorted(sureness, reverse=True)


def test_mistakes_that_are_equally_sure_keep_their_order() -> None:
    probabilities = np.eye(10, dtype=np.float32)[[1, 1, 0, 1]]
    assert mistakes(np.zeros(4, dtype=int), probabilities).tolist() == [0, 1, 3]


@some
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_networks_disagree_where_not_all_answers_are_one(seed: int, networks: int) -> None:
    all_answers = [answers(seed + n, 40)[2] for n in range(networks)]
    expected = [n for n in range(40) if len({a[n].argmax() for a in all_answers}) > 1]
    assert disagreements(all_answers).tolist() == expected
    assert disagreements(iter(all_answers)).tolist() == expected


def moved_by_keras(images: np.ndarray, right: int, down: int) -> np.ndarray:
    """Pad on one side and crop on the other."""
    height, width = images.shape[1:3]
    padding = ((max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)))
    padded = keras.layers.ZeroPadding2D(padding)(images)
    return np.asarray(padded)[:, max(-down, 0) :, max(-right, 0) :][:, :height, :width]


@some
@given(
    st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 8), st.integers(1, 8), st.integers(0, 99)
)
def test_pictures_move_as_padded_and_cropped(
    right: int, down: int, height: int, width: int, seed: int
) -> None:
    images = np.random.default_rng(seed).random((2, height, width, 3), dtype=np.float32)
    kept = images.copy()
    ours = move(images, right=right, down=down)
    assert ours.dtype == images.dtype
    assert np.array_equal(ours, moved_by_keras(images, right, down))
    assert np.array_equal(move(images[..., 0], right, down), ours[..., 0])
    assert np.array_equal(images, kept)


def test_right_is_right_and_down_is_down() -> None:
    image = np.zeros((1, 3, 3), dtype=np.uint8)
    image[0, 1, 1] = 7
    assert np.argwhere(move(image, right=1))[0].tolist() == [0, 1, 2]
    assert np.argwhere(move(image, down=1))[0].tolist() == [0, 2, 1]
    assert np.argwhere(move(image, right=-1, down=-1))[0].tolist() == [0, 0, 0]
    assert np.array_equal(move(image), image)
    assert not move(image, right=2).any()


def brightest_column(images: Float32) -> Float32:
    """Answers with the column, of the first ten, in which most of the ink is."""
    return images[..., 0].sum(axis=1)[:, :10]


def test_moved_accuracy_is_that_of_each_shift_to_the_right_and_apart_down() -> None:
    assert SHIFTS == (-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6)
    images = np.zeros((7, 28, 28, 1), dtype=np.float32)
    labels = np.arange(1, 8)
    images[np.arange(7), 14, labels] = 1
    shares: list[float] = []
    result = moved_accuracy(brightest_column, images, labels, shares.append)
    assert set(result) == {"right", "down"}
    # A column is right only where nothing moved sideways; up and down it does not matter.
    assert dict(zip(SHIFTS, result["right"], strict=True)) == {
        shift: float(shift == 0) for shift in SHIFTS
    }
    assert result["down"] == [1.0] * 13
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1


def test_moved_accuracy_asks_about_the_same_digits_moved() -> None:
    digits = mnist.load()
    images, labels = mnist.prepare(digits.x_test[:20]), digits.y_test[:20]
    asked: list[Float32] = []

    def answer(batch: Float32) -> Float32:
        asked.append(batch)
        return np.eye(10, dtype=np.float32)[labels]

    assert moved_accuracy(answer, images, labels)["right"] == [1.0] * 13
    expected: list[Callable[[], np.ndarray]] = []
    for shift in SHIFTS:
        expected.append(lambda shift=shift: moved_by_keras(images, shift, 0))
        expected.append(lambda shift=shift: moved_by_keras(images, 0, shift))
    for batch, by_keras in zip(asked, expected, strict=True):
        assert np.array_equal(batch, by_keras())
