"""What answers say about a network, against Keras and TensorFlow."""

from __future__ import annotations

import math

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson.evaluation import (
    Float32,
    accuracy,
    answered,
    calibration,
    confusion,
    cross_entropy,
    disagreements,
    in_cell,
    mistakes,
    move,
    sureness,
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
    for height in (10, 30, 80):
        sums[0, 3] = height
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
@given(ANSWERS, st.integers(0, 9), st.integers(0, 9))
def test_a_cell_holds_its_digits_and_a_row_or_column_its_mistakes_surest_first(
    case: tuple, true: int, answer: int
) -> None:
    labels, _, probabilities = case
    answers = probabilities.argmax(axis=1)
    for row, column in ((true, answer), (true, None), (None, answer), (None, None)):
        found = in_cell(labels, probabilities, row, column)
        assert sorted(found) == [
            n
            for n in range(len(labels))
            if row in (None, labels[n]) and column in (None, answers[n])
            # One cell holds all of its digits, whatever is more only those that are misread.
            if None not in (row, column) or labels[n] != answers[n]
        ]
        assert (np.diff(probabilities[found].max(axis=1)) <= 0).all()


@some
@given(ANSWERS, st.integers(1, 20))
def test_calibration_is_that_of_the_bins_of_pandas(case: tuple, bins: int) -> None:
    labels, _, probabilities = case
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    cut = pd.cut(sure, [n / bins for n in range(bins + 1)])
    grouped = pd.DataFrame({"sure": sure, "right": right}).groupby(cut, observed=False)
    means = grouped.mean().fillna(0)
    found = calibration(labels, probabilities, bins)
    assert found.counts.tolist() == grouped.size().tolist()
    np.testing.assert_allclose(found.sureness, means["sure"])
    np.testing.assert_allclose(found.accuracy, means["right"].astype(float))
    assert found.mean_sureness == pytest.approx(sure.mean())
    assert found.mean_accuracy == pytest.approx(right.mean())
    apart = (means["sure"] - means["right"].astype(float)).abs()
    assert found.error == pytest.approx((apart * grouped.size()).sum() / len(labels))


def test_a_network_that_is_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    probabilities = np.tile(np.array([0.75, 0.25], dtype=np.float32), (8, 1))
    labels = np.array([0, 0, 1, 0] * 2)
    found = calibration(labels, probabilities)
    assert found.error == 0
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 0, 8, 0, 0]
    # Right or wrong by turns, it would be 0.25 surer than right.
    assert calibration(np.array([0, 1] * 4), probabilities).error == 0.25


def test_answers_that_are_no_numbers_are_not_sure_at_all() -> None:
    probabilities = np.full((3, 10), np.nan, dtype=np.float32)
    labels = np.array([0, 1, 2])
    assert sureness(probabilities).tolist() == [0, 0, 0]
    assert calibration(labels, probabilities).counts[0] == 3
    assert answered(labels, probabilities, 0.5) == (0, 0)


@some
@given(ANSWERS, st.floats(0, 0.99))
def test_the_answers_that_count_are_those_of_which_the_network_is_sure_enough(
    case: tuple, least: float
) -> None:
    labels, _, probabilities = case
    sure = [n for n, row in enumerate(probabilities) if row.max() >= np.float32(least)]
    right = [n for n in sure if probabilities[n].argmax() == labels[n]]
    assert answered(labels, probabilities, least) == (len(sure), len(right))


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
