"""A drawing becomes a digit as MNIST's makers would have made it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import drawing, mnist, network
from lesson.errors import LessonError
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS

ONE = (((140, 40), (140, 240)),)
PLACES = np.random.default_rng(0).choice(10_000, 500, replace=False)


def enlarged(digit: np.ndarray, down: int, right: int, factor: int = 8) -> np.ndarray:
    """A digit as ink, each pixel a square, somewhere on a larger sheet."""
    sheet = np.zeros((28 * factor + 160, 28 * factor + 160), dtype=np.float32)
    large = np.kron(digit, np.ones((factor, factor))) / 255
    sheet[down : down + len(large), right : right + len(large)] = large
    return sheet


# ---- prepare


def test_every_mnist_digit_comes_back_as_it_was_from_a_large_picture_of_it() -> None:
    rng = np.random.default_rng(1)
    digits = mnist.load().x_test[PLACES]
    back = [drawing.prepare(enlarged(digit, *rng.integers(0, 160, 2))).image for digit in digits]
    same = np.mean([np.array_equal(a, b) for a, b in zip(digits, back, strict=True)])
    assert same > 0.99
    for spec in NOTEBOOK_RUNS.values():
        run = RunStore().find(spec)
        assert run is not None
        assert run.weights is not None
        before, after = (
            network.predict(spec.network, run.weights, mnist.prepare(np.array(images))).argmax(1)
            for images in (digits, back)
        )
        assert np.mean(before == after) > 0.99


@pytest.mark.parametrize("factor", [1, 3, 16])
def test_the_size_of_the_picture_does_not_matter(factor: int) -> None:
    digit = mnist.load().x_test[0]
    back = drawing.prepare(enlarged(digit, 5, 70, factor)).image
    np.testing.assert_array_equal(back, digit)


@pytest.mark.parametrize("shape", [(1, 1), (1, 512), (512, 1), (3, 400), (20, 20), (19, 21)])
def test_ink_of_any_shape_fits_the_box_and_keeps_its_proportions(shape: tuple[int, int]) -> None:
    prepared = drawing.prepare(np.ones(shape, dtype=np.float32))
    rows, columns = (np.flatnonzero(prepared.image.any(axis=axis)) for axis in (1, 0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert max(height, width) == 20
    longest = max(shape)
    assert abs(height - max(1, 20 * shape[0] / longest)) <= 0.5
    assert abs(width - max(1, 20 * shape[1] / longest)) <= 0.5


def test_the_steps_tell_what_was_done_in_order() -> None:
    prepared = drawing.prepare(drawing.draw(ONE))
    cropped, box, middle = prepared.steps
    assert (box.values.shape, middle.values.shape) == ((20, 20), (28, 28))
    assert middle.values is prepared.image
    assert "of 280×280" in cropped.says
    assert "become 20×2:" in box.says
    assert "row 14, column 14" in middle.says
    top, left, bottom, right = middle.box or (0, 0, 0, 0)
    np.testing.assert_array_equal(middle.values[top:bottom, left:right], box.values)
    assert not prepared.image.flags.writeable


def test_an_l_moves_out_of_the_middle_by_as_much_as_is_said() -> None:
    ink = np.zeros((200, 200), dtype=np.float32)
    ink[:, :40] = ink[160:] = 1
    *_, middle = drawing.prepare(ink).steps
    assert "moves 3 pixels up and 4 pixels to the right" in middle.says
    assert middle.box is not None
    assert middle.box == (1, 8, 21, 28)


@pytest.mark.parametrize("empty", [np.zeros((28, 28)), np.zeros((1, 1))])
def test_a_picture_without_ink_is_told_of(empty: np.ndarray) -> None:
    with pytest.raises(LessonError, match="needs ink"):
        drawing.prepare(empty.astype(np.float32))


def test_resizing_keeps_the_mean() -> None:
    values = np.random.default_rng(0).random((37, 53)).astype(np.float32)
    for size in ((20, 20), (1, 1), (37, 53), (80, 60)):
        assert drawing.resize(values, *size).mean() == pytest.approx(values.mean(), abs=1e-5)
    np.testing.assert_allclose(drawing.resize(values, 37, 53), values, atol=1e-6)


# ---- strokes


def test_a_stroke_is_as_thick_as_the_pen_and_round_at_its_ends() -> None:
    ink = drawing.draw(ONE)
    assert ink[140].sum() == pytest.approx(drawing.PEN, abs=1)
    rows = np.flatnonzero(ink[:, 140])
    assert (rows[0], rows[-1]) == pytest.approx(
        (40 - drawing.PEN / 2, 240 + drawing.PEN / 2), abs=1
    )
    assert ink[29, 131] == 0  # a square end would reach here


def test_a_dot_is_a_disc() -> None:
    area = drawing.draw((((100, 100),),)).sum()
    assert area == pytest.approx(math.pi * (drawing.PEN / 2) ** 2, rel=0.06)


def test_a_stroke_over_the_edge_is_cut_off_and_nothing_else() -> None:
    ink = drawing.draw((((0, 0), (280, 280)),))
    assert ink.shape == (280, 280)
    assert ink[0, 0] == ink[-1, -1] == 1


HOSTILE: list[Any] = [
    None,
    True,
    5,
    "strokes",
    {},
    {"0": [1, 2]},
    [5],
    [[]],
    [[1]],
    [[1, 2, 3]],
    ["12"],
    [[[1, 2]]],
    [[1, True]],
    [[1, None]],
    [[1, "2"]],
    [[0.5, 1]],
    [[-1, 1]],
    [[281, 1]],
    [[float("nan"), 1]],
    [[float("inf"), 1]],
    [[10**400, 1]],
    [[1, 1]] * 101,
    [[1, 1] * 3001],
    [[1, 1] * 31] * 100,
]


@pytest.mark.parametrize("sent", HOSTILE, ids=lambda sent: repr(sent)[:20])
def test_what_the_pad_would_not_send_is_refused_with_a_sentence(sent: Any) -> None:
    with pytest.raises(LessonError, match=r"A drawing has at most .* Clear the pad"):
        drawing.read_strokes(sent)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_a_drawing_or_a_sentence(sent: Any) -> None:
    try:
        strokes = drawing.read_strokes(sent)
    except LessonError:
        return
    assert all(0 <= place <= 280 for stroke in strokes for point in stroke for place in point)


places = st.integers(0, drawing.GRID)
drawings = st.lists(
    st.lists(st.tuples(places, places), min_size=1, max_size=20), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(drawings)
def test_every_drawing_becomes_a_digit_in_the_middle(points: list[list[tuple[int, int]]]) -> None:
    sent = [[place for point in stroke for place in point] for stroke in points]
    strokes = drawing.read_strokes(sent)
    assert strokes == tuple(map(tuple, points))
    image = drawing.prepare(drawing.draw(strokes)).image
    assert (image.shape, image.dtype) == ((28, 28), np.uint8)
    assert image.max() > 100
    # As MNIST's: to the pixel, which the rounding to bytes can only just miss; unless the digit is
    # so lopsided that it has come to the picture's edge.
    for axis, middle in enumerate(drawing.centre(image.astype(np.float32))):
        ends = image.any(axis=1 - axis)[[0, -1]]
        assert 13.45 < middle < 14.55 or ends.any()
