"""A patch slid over a digit: every place asked of Keras, one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lesson import mnist, occlusion, robustness
from lesson.occlusion import Occlusion, occlude
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec
from tests.test_answers import made


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_1, CNN_2], ids=["dense", "cnn 1", "cnn 2"])
@pytest.mark.parametrize("side", [3, 5])
def test_each_place_is_what_keras_answers_with_the_patch_there(
    network: NetworkSpec, side: int
) -> None:
    run, model = made(network)
    digit = robustness.ink(mnist.load().x_test[3])
    found = occlude(run, digit, side)
    copies = np.tile(digit, (784, 1, 1))
    half = side // 2
    for place, copy in enumerate(copies):
        row, column = divmod(place, 28)
        copy[max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1] = 0
    theirs = model.predict(np.concatenate([digit[None], copies])[..., None], verbose=0)
    unhurt, covered = theirs[0], theirs[1:]
    assert found.answer == unhurt.argmax()
    assert found.sure == pytest.approx(unhurt.max(), abs=1e-5)
    np.testing.assert_allclose(found.chances.ravel(), covered[:, found.answer], atol=1e-5)
    np.testing.assert_array_equal(found.answers.ravel(), covered.argmax(axis=1))
    # The lead is the logarithm of how many times as probable the answer is as the next best.
    others = np.delete(covered, found.answer, axis=1).max(axis=1)
    leads = np.log(covered[:, found.answer] / others)
    np.testing.assert_allclose(found.leads.ravel(), leads, atol=1e-3)
    assert found.worst == np.unravel_index(leads.argmin(), (28, 28))
    assert found.lost == (covered.argmax(axis=1) != found.answer).sum()


def test_where_the_patch_covers_no_ink_nothing_changes() -> None:
    run, _ = made(CNN_1)
    digit = robustness.ink(mnist.load().x_test[0])
    found = occlude(run, digit, 5)
    assert digit[:3, :3].sum() == 0
    assert found.changes[0, 0] == 0
    assert found.changes.any()


def test_an_empty_picture_cannot_be_hurt() -> None:
    run, _ = made(CNN_2)
    found = occlude(run, np.zeros((28, 28), np.float32), 9)
    assert not found.changes.any()
    (told,) = occlusion.told({"A": found})
    assert "hurt nowhere" in told


def test_a_digit_is_answered_the_same_whatever_was_drawn_before() -> None:
    run, _ = made(FEEDFORWARD)
    first, second = robustness.ink(mnist.load().x_test[:2])
    one = occlude(run, first, 5)
    occlude(run, second, 5)
    np.testing.assert_array_equal(occlude(run, first, 5).leads, one.leads)


@pytest.mark.parametrize(
    ("place", "side", "expected"),
    [((0, 0), 3, (0, 0, 2, 2)), ((27, 14), 9, (23, 10, 28, 19)), ((14, 14), 5, (12, 12, 17, 17))],
)
def test_the_patch_is_cut_off_at_the_edge(
    place: tuple[int, int], side: int, expected: tuple[int, ...]
) -> None:
    assert occlusion.box(place, side) == expected


def example() -> Occlusion:
    leads = np.full((28, 28), 8.0, np.float32)
    leads[10, 12] = 2.0
    chances = np.full((28, 28), 0.998, np.float32)
    chances[10, 12] = 0.6
    return Occlusion(5, 7, 0.998, 8.0, leads, chances, np.full((28, 28), 7))


def test_the_place_that_hurts_most_is_told_with_its_numbers() -> None:
    assert occlusion.told({"A": example()}) == [
        "**A** is hit hardest at row 10, column 12: its lead goes from 8.0 to 2.0, the probability "
        "of 7 goes from 99.8% to 60.0%. No place changes its answer."
    ]


def test_an_answer_that_is_lost_is_told() -> None:
    found = example()
    found.leads[10, 12], found.chances[10, 12], found.answers[10, 12] = -1.5, 0.12, 9
    (told,) = occlusion.told({"A": found})
    assert "to −1.5, the probability of 7 goes from 99.8% to 12.0%, and it answers 9" in told
    assert told.endswith("In all, 1 place of 784 changes its answer.")
    found.answers[3:5, 3] = 1
    assert "3 places of 784 change its answer" in occlusion.told({"A": found})[0]


def test_a_probability_that_rounds_to_the_same_is_said_to_stay() -> None:
    found = example()
    sure = replace(found, sure=1.0, chances=np.ones_like(found.chances))
    assert "the probability of 7 stays over 99.9%" in occlusion.told({"A": sure})[0]
