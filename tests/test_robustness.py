"""What is done to the digits, against Keras and against plain loops; and what is measured."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import drawing, mnist, network, robustness
from lesson.evaluation import accuracy, move
from lesson.robustness import SIDE, WAYS, Changes, add_noise, blur, cover, fade, warp
from lesson.runs import SHIPPED, RunStore
from lesson.specs import LEVELS, NOTEBOOK_RUNS

some = settings(max_examples=25, deadline=None)
DIGITS = robustness.ink(mnist.load().x_test[:12])


def by_keras(pictures: np.ndarray, angle: float, size: float) -> np.ndarray:
    """The same turn about the middle, with Keras's own interpolation."""
    turn, middle = np.radians(angle), (SIDE - 1) / 2
    cos, sin = np.cos(turn) / size, np.sin(turn) / size
    # Where the pixel at (x, y) comes from: (a x + b y + c, d x + e y + f).
    across = [cos, sin, middle - middle * (cos + sin)]
    down = [-sin, cos, middle - middle * (cos - sin)]
    found = keras.ops.image.affine_transform(
        pictures[..., None],
        np.tile(np.array([*across, *down, 0, 0], np.float32), (len(pictures), 1)),
        interpolation="bilinear",
        fill_mode="constant",
    )
    return np.asarray(found)[..., 0]


@some
@given(st.floats(-180, 180), st.floats(0.3, 2.0))
def test_turning_and_resizing_are_those_of_keras(angle: float, size: float) -> None:
    np.testing.assert_allclose(warp(DIGITS, angle, size), by_keras(DIGITS, angle, size), atol=2e-4)


@pytest.mark.parametrize("quarters", [-3, -1, 1, 2, 4])
def test_quarter_turns_are_exact_and_clockwise(quarters: int) -> None:
    turned = np.rot90(DIGITS, -quarters, axes=(1, 2))
    np.testing.assert_allclose(warp(DIGITS, angle=90 * quarters), turned, atol=1e-6)


def test_no_turn_and_no_other_size_leave_every_pixel() -> None:
    np.testing.assert_array_equal(warp(DIGITS), DIGITS)


def test_a_larger_digit_has_so_much_more_ink() -> None:
    small = warp(DIGITS, size=0.5)  # nothing of it leaves the picture
    assert small.sum() == pytest.approx(0.25 * DIGITS.sum(), rel=0.02)


@some
@given(st.integers(6, 21), st.integers(6, 21), st.floats(0.2, 2.0))
def test_a_blurred_dot_is_a_bell_and_keeps_its_ink(row: int, column: int, sigma: float) -> None:
    dot = np.zeros((1, SIDE, SIDE), np.float32)
    dot[0, row, column] = 1
    found = blur(dot, sigma)[0]
    assert found.sum() == pytest.approx(1, abs=0.01)  # little reaches the edge
    far = np.arange(-60, 61)
    bell = np.exp(-0.5 * (far / sigma) ** 2)
    bell /= bell.sum()
    for r, c in ((row, column), (row + 1, column), (row, column - 2), (row - 3, column + 3)):
        expected = bell[60 + r - row] * bell[60 + c - column]
        assert found[r, c] == pytest.approx(expected, abs=1e-5)


def test_ink_that_is_blurred_over_the_edge_is_lost() -> None:
    corner = np.zeros((1, SIDE, SIDE), np.float32)
    corner[0, 0, 0] = 1
    assert 0.25 < blur(corner, 2.0).sum() < 0.5


@some
@given(st.integers(0, 20), st.lists(st.integers(-10, 27), min_size=4, max_size=4))
def test_each_picture_is_covered_at_its_own_place(side: int, corners: list[int]) -> None:
    tops, lefts = corners[:2], corners[2:]
    found = cover(DIGITS[:2], side, tops, lefts)
    for picture, before, top, left in zip(found, DIGITS[:2], tops, lefts, strict=True):
        for row in range(SIDE):
            for column in range(SIDE):
                under = top <= row < top + side and left <= column < left + side
                assert picture[row, column] == (0 if under else before[row, column])


def test_noise_is_the_same_each_time_and_grows_in_step() -> None:
    np.testing.assert_array_equal(add_noise(DIGITS, 0.3), add_noise(DIGITS, 0.3))
    grey = np.full((200, SIDE, SIDE), 0.5, np.float32)
    little, more = add_noise(grey, 0.05) - 0.5, add_noise(grey, 0.1) - 0.5
    np.testing.assert_allclose(more, 2 * little, atol=1e-6)
    assert little.std() == pytest.approx(0.05, rel=0.01)
    assert abs(little.mean()) < 0.001


@some
@given(st.floats(0, 2))
def test_noisy_ink_is_still_ink(spread: float) -> None:
    found = add_noise(DIGITS, spread)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


def test_a_larger_patch_covers_all_that_a_smaller_one_covers() -> None:
    full = np.ones((300, SIDE, SIDE), np.float32)
    before = WAYS["patch"].apply(full, 0) == 0
    for side in LEVELS["patch"][1:]:
        covered = WAYS["patch"].apply(full, side) == 0
        assert (covered.sum(axis=(1, 2)) == side**2).all()
        assert (covered >= before).all()
        before = covered


@pytest.mark.parametrize("kind", WAYS)
def test_at_rest_nothing_changes(kind: str) -> None:
    way = WAYS[kind]
    assert way.rest in LEVELS[kind]
    np.testing.assert_array_equal(way.apply(DIGITS, way.rest), DIGITS)


@pytest.mark.parametrize("kind", WAYS)
def test_each_level_gives_another_picture_and_keeps_shape_and_type(kind: str) -> None:
    found = [WAYS[kind].apply(DIGITS, level) for level in LEVELS[kind]]
    assert {picture.shape for picture in found} == {DIGITS.shape}
    assert {picture.dtype for picture in found} == {DIGITS.dtype}
    assert len({picture.tobytes() for picture in found}) == len(found)


def test_every_kind_that_is_measured_has_a_way() -> None:
    assert WAYS.keys() == LEVELS.keys()


# What is measured


def brightest_column(pictures: np.ndarray) -> np.ndarray:
    """An answer that follows the digit sideways only: which of ten strips has most ink."""
    strips = np.add.reduceat(pictures.sum(axis=1), range(0, 28, 3), axis=1)
    return np.asarray(strips[:, :10], np.float32)


def test_at_rest_the_accuracy_is_the_networks_own() -> None:
    digits = mnist.load()
    pictures = robustness.ink(digits.x_test[:500])
    labels = brightest_column(pictures).argmax(axis=1)
    labels[::4] = (labels[::4] + 1) % 10  # a quarter is answered wrongly
    shares: list[float] = []
    found = robustness.measure(brightest_column, pictures, labels, tell=shares.append)
    assert found.keys() == LEVELS.keys()
    own = accuracy(labels, brightest_column(pictures))
    assert own == 0.75
    for kind, values in found.items():
        assert len(values) == len(LEVELS[kind])
        assert values[LEVELS[kind].index(WAYS[kind].rest)] == own
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) == sum(map(len, LEVELS.values()))


def test_only_what_is_asked_for_is_measured_level_by_level() -> None:
    asked: list[np.ndarray] = []

    def answer(pictures: np.ndarray) -> np.ndarray:
        asked.append(pictures)
        return np.eye(10, dtype=np.float32)[[3] * len(pictures)]

    found = robustness.measure(answer, DIGITS, np.full(len(DIGITS), 3), ["down", "contrast"])
    assert found == {"down": [1.0] * 13, "contrast": [1.0] * 10}
    for picture, shift in zip(asked, LEVELS["down"], strict=False):
        np.testing.assert_array_equal(picture, move(DIGITS, down=shift))
    np.testing.assert_allclose(asked[13], 0.1 * DIGITS, atol=1e-7)


@pytest.mark.parametrize("scaled", [True, False])
def test_ink_is_prepared_as_the_digits_were_for_training(scaled: bool) -> None:
    images = mnist.load().x_test[:5]
    ours = robustness.prepared(robustness.ink(images), scaled)
    np.testing.assert_allclose(ours, mnist.prepare(images, scaled), rtol=1e-6)


# All at once


def test_without_changes_the_digit_is_left_as_it_is() -> None:
    np.testing.assert_array_equal(Changes().apply(DIGITS), DIGITS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (Changes(right=3, down=-2), move(DIGITS, 3, -2)),
        (Changes(rotation=30), warp(DIGITS, 30)),
        (Changes(scale=0.7), warp(DIGITS, size=0.7)),
        (Changes(blur=1.5), blur(DIGITS, 1.5)),
        (Changes(contrast=0.2), fade(DIGITS, 0.2)),
        (Changes(noise=0.4), add_noise(DIGITS, 0.4)),
        (Changes(patch=6, patch_top=3, patch_left=20), cover(DIGITS, 6, 3, 20)),
    ],
)
def test_each_change_does_what_is_measured(changes: Changes, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(changes.apply(DIGITS), expected)


def test_a_patch_lies_over_the_noise_and_the_digit_turns_before_it_moves() -> None:
    changes = Changes(right=4, rotation=90, noise=0.3, patch=5, patch_top=1, patch_left=2)
    found = changes.apply(DIGITS)
    assert not found[:, 1:6, 2:7].any()
    clean = Changes(right=4, rotation=90).apply(DIGITS)
    np.testing.assert_array_equal(clean, move(warp(DIGITS, 90), right=4))


# The network in NumPy, where no test digit has been


CHANGED = {
    "moved": Changes(right=5, down=-3),
    "turned": Changes(rotation=-40, scale=1.3),
    "noisy": Changes(noise=0.5),
    "pale and blurred": Changes(contrast=0.1, blur=2.0),
    "covered": Changes(patch=10, patch_top=8, patch_left=8),
}


def drawn() -> np.ndarray:
    """Digits that were drawn with the pointer."""
    lines = (
        [[(140, 40), (140, 240)]],
        [[(60, 60), (200, 60), (120, 240)]],
        [[(60, 60), (60, 150), (200, 150)], [(190, 60), (190, 240)]],
    )
    prepared = [drawing.prepare(drawing.draw(strokes)).image for strokes in lines]
    return robustness.ink(np.stack(prepared))


@pytest.mark.parametrize("name", NOTEBOOK_RUNS)
def test_changed_and_drawn_digits_get_the_probabilities_that_keras_gives(
    name: str, tmp_path: Path
) -> None:
    run = RunStore(tmp_path).find(NOTEBOOK_RUNS[name])
    assert run is not None
    assert run.weights is not None
    model = keras.models.load_model(SHIPPED / run.digest / "network.keras")
    pictures = robustness.ink(mnist.load().x_test[:100])
    changed = [changes.apply(pictures) for changes in CHANGED.values()]
    images = robustness.prepared(np.concatenate([*changed, drawn()]))
    ours = network.predict(run.spec.network, run.weights, images)
    theirs = model.predict(images, batch_size=500, verbose=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
