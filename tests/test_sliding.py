"""A slid window against Keras, and against what the browser reckons of it."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from lesson import sliding
from lesson.convolution import Window
from lesson.errors import LessonError
from lesson.series import PADDINGS
from lesson.sliding import Slide
from tests.test_convolution import Sliding, keras_conv, noise, slidings

Array = NDArray[Any]
many = settings(max_examples=70, deadline=None)
ACTIVATIONS = ["linear", "relu", "sigmoid", "tanh"]


def close(ours: Array, theirs: Any, atol: float = 2e-5) -> None:
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-4, atol=atol)


def slid(case: Sliding, bias: float = 0.0, activation: str = "linear") -> tuple[Slide, Array]:
    """A filter slid over a picture, and what Keras's layer gives before its activation."""
    size = case.kernel_height
    picture = noise(case.seed, case.height, case.width, case.channels)
    kernel = noise(case.seed + 1, size, size, case.channels)
    window = Window(size, case.strides, case.padding, case.dilation_rate)
    theirs = keras_conv(
        picture[None], kernel[..., None], case.strides, case.padding, case.dilation_rate
    )
    slide = sliding.convolution(picture, kernel, window, bias, activation)
    return slide, theirs[0, ..., 0] + np.float32(bias)


def under(slide: Slide, row: int, column: int) -> list[tuple[int, int, int, int]]:
    """As the browser has it: which cell of the input each cell of the kernel meets at a place."""
    _, down, across = slide.kernel.shape
    return [
        (
            i,
            j,
            row * slide.strides[0] + i * slide.dilation_rate[0],
            column * slide.strides[1] + j * slide.dilation_rate[1],
        )
        for i, j in product(range(down), range(across))
    ]


def is_padding(slide: Slide, row: int, column: int) -> bool:
    top, right, bottom, left = slide.padding
    _, height, width = slide.inputs.shape
    return not (top <= row < height - bottom and left <= column < width - right)


def inside(slide: Slide) -> Array:
    """The inputs without their padding."""
    top, right, bottom, left = slide.padding
    _, height, width = slide.inputs.shape
    return slide.inputs[:, top : height - bottom, left : width - right]


# ---- convolution


@given(
    case=slidings(square=True),
    bias=some.floats(-9, 9, width=32),
    activation=some.sampled_from(ACTIVATIONS),
)
@many
def test_sums_and_result_are_keras_s_and_the_parts_of_the_channels_add_up_to_them(
    case: Sliding, bias: float, activation: str
) -> None:
    slide, theirs = slid(case, bias, activation)
    close(slide.sums, theirs)
    close(slide.result, keras.activations.get(activation)(theirs))
    assert slide.parts.shape == (case.channels, *slide.sums.shape)
    close(slide.parts.sum(axis=0) + np.float32(slide.bias), slide.sums)
    assert (list(slide.results), slide.activation) == (["convolution"], activation)
    assert slide.bias == bias


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("channels", [1, 16])
@pytest.mark.parametrize(
    ("strides", "padding", "dilation_rate"),
    [(1, "valid", 1), (2, "same", 1), (1, "same", 3), (4, "valid", 1)],
)
def test_one_filter_of_a_keras_layer_is_slid_as_the_layer_does(
    strides: int, padding: str, dilation_rate: int, channels: int, activation: str
) -> None:
    layer = keras.layers.Conv2D(
        3,
        5,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
        activation=activation,
        bias_initializer="glorot_uniform",
    )
    picture = noise(4, 28, 26, channels)
    theirs = np.asarray(layer(picture[None]))[0]
    kernel, bias = layer.get_weights()
    window = Window(5, strides, padding, dilation_rate)
    for n in range(3):
        slide = sliding.convolution(picture, kernel[..., n], window, bias[n], activation)
        close(slide.result, theirs[..., n])


@given(case=slidings(square=True))
@many
def test_the_window_arithmetic_of_the_browser_gives_the_sum_of_every_place(case: Sliding) -> None:
    slide, theirs = slid(case)
    inputs, kernel = slide.inputs.astype(float), slide.kernel.astype(float)
    reckoned = np.zeros(slide.sums.shape)
    for row, column in np.ndindex(*slide.sums.shape):
        for i, j, y, x in under(slide, row, column):
            reckoned[row, column] += float(inputs[:, y, x] @ kernel[:, i, j])
    close(reckoned, slide.sums)
    close(reckoned, theirs)


@given(case=slidings(square=True))
@many
def test_padding_is_zeros_around_the_picture_and_what_is_dropped_no_window_meets(
    case: Sliding,
) -> None:
    slide, _ = slid(case)
    picture = noise(case.seed, case.height, case.width, case.channels).transpose(2, 0, 1)
    np.testing.assert_array_equal(inside(slide), picture)
    assert np.count_nonzero(slide.inputs) == np.count_nonzero(picture)
    met = np.zeros(slide.inputs.shape[1:], dtype=bool)
    for row, column in np.ndindex(*slide.sums.shape):
        for _, _, y, x in under(slide, row, column):
            met[y, x] = True
    for axis, rest in zip((1, 0), slide.dropped, strict=True):
        last = np.flatnonzero(met.any(axis=axis))[-1]
        assert met.shape[1 - axis] - 1 - last == rest


def test_the_numbers_of_a_slide_can_travel_as_float32() -> None:
    slide = sliding.convolution(np.eye(5)[..., None], np.eye(3)[..., None], Window(3), 1, "tanh")
    for array in (slide.inputs, slide.kernel, slide.parts, slide.sums, slide.result):
        assert array.dtype == np.float32
    for slide in (sliding.pooling(np.eye(4), Window(2)), sliding.counting(4, 4, Window(2))):
        assert all(array.dtype == np.float32 for array in (slide.inputs, *slide.results.values()))
    assert sliding.series(np.arange(5), np.array([1, -1])).inputs.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "kernel", "window"),
    [
        ((4, 4, 1), (5, 5, 1), Window(5)),
        ((4, 4, 2), (3, 3, 1), Window(3)),
        ((4, 4, 1), (3, 3, 2), Window(3)),
        ((4, 4, 1), (3, 3, 1), Window(3, dilation_rate=2)),
    ],
)
def test_what_does_not_go_together_is_told(
    shape: tuple[int, ...], kernel: tuple[int, ...], window: Window
) -> None:
    with pytest.raises(LessonError):
        sliding.convolution(np.zeros(shape), np.zeros(kernel), window)


# ---- pooling


@some.composite
def pooled(draw: some.DrawFn) -> tuple[Array, Window]:
    """A picture, and a window that fits into it."""
    padding = draw(some.sampled_from(["valid", "same"]))
    pool_size, strides = draw(some.integers(1, 8)), draw(some.integers(1, 8))
    least = pool_size if padding == "valid" else 1
    height, width = draw(some.integers(least, 14)), draw(some.integers(least, 14))
    # Below 0 too: padding must neither be the largest nor count in the mean.
    picture = noise(draw(some.integers(0, 99)), height, width) - draw(some.sampled_from([0, 2]))
    return picture.astype(np.float32), Window(pool_size, strides, padding)


@given(pooled())
@many
def test_pooling_gives_what_both_layers_of_keras_give(case: tuple[Array, Window]) -> None:
    picture, window = case
    slide = sliding.pooling(picture, window)
    assert list(slide.results) == ["max", "average"]
    layers = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
    for result, layer in zip(slide.results.values(), layers, strict=True):
        theirs = layer(window.kernel_size, window.strides, window.padding)(picture[None, ..., None])
        close(result, np.asarray(theirs)[0, ..., 0])


@given(pooled())
@many
def test_the_largest_and_the_mean_are_those_of_the_pixels_under_the_window(
    case: tuple[Array, Window],
) -> None:
    slide = sliding.pooling(*case)
    np.testing.assert_array_equal(inside(slide)[0], case[0])
    for row, column in np.ndindex(*slide.result.shape):
        real = [
            float(slide.inputs[0, y, x])
            for _, _, y, x in under(slide, row, column)
            if not is_padding(slide, y, x)
        ]
        assert real  # a window that saw nothing but padding would have no largest
        assert slide.results["max"][row, column] == np.float32(max(real))
        assert slide.results["average"][row, column] == pytest.approx(np.mean(real), abs=1e-5)


@given(pooled())
@many
def test_pooling_rests_where_the_largest_and_the_mean_differ_most(
    case: tuple[Array, Window],
) -> None:
    slide = sliding.pooling(*case)
    gaps = slide.results["max"] - slide.results["average"]
    telling = [stop for stop in slide.stops if sliding.DIFFER in stop.says]
    assert len(telling) == (gaps.max() > sliding.NOTHING)
    for stop in telling:
        assert gaps[stop.row, stop.column] == gaps.max()
        assert stop.most


@pytest.mark.parametrize("kinds", [("max",), ("average",), ("average", "max")])
def test_one_kind_of_pooling_is_what_it_is_beside_the_other(kinds: Any) -> None:
    picture = noise(3, 9, 9)
    both, alone = (sliding.pooling(picture, Window(3, 2), k) for k in (("max", "average"), kinds))
    assert tuple(alone.results) == kinds
    for kind in kinds:
        np.testing.assert_array_equal(alone.results[kind], both.results[kind])
    assert alone.result is alone.results[kinds[0]]
    assert alone.stops[1:-1]  # whichever kind is shown, there is something to stop at
    assert set(kinds) < set(get_args(sliding.Operation))


# ---- counting


@given(case=slidings(square=True))
@many
def test_counts_are_those_of_windows_laid_one_after_the_other(case: Sliding) -> None:
    window = Window(case.kernel_height, case.strides, case.padding, case.dilation_rate)
    slide = sliding.counting(case.height, case.width, window)
    used = np.zeros(slide.inputs.shape[1:])
    for row, column in np.ndindex(*slide.result.shape):
        cells = [(y, x) for _, _, y, x in under(slide, row, column) if not is_padding(slide, y, x)]
        assert slide.result[row, column] == len(cells)
        for cell in cells:
            used[cell] += 1
    np.testing.assert_array_equal(slide.inputs[0], used)
    assert inside(slide)[0].shape == (case.height, case.width)
    # Each meeting is counted once at the pixel and once at the window.
    assert slide.inputs.sum() == slide.result.sum()
    ones = np.ones((1, case.height, case.width, 1), np.float32)
    kernel = np.ones((case.kernel_height, case.kernel_height, 1, 1), np.float32)
    theirs = keras_conv(ones, kernel, case.strides, case.padding, case.dilation_rate)
    np.testing.assert_array_equal(slide.result, theirs[0, ..., 0])


def test_counting_goes_from_corner_to_corner_since_no_place_is_stronger_than_another() -> None:
    said = [stop.says for stop in sliding.counting(7, 7, Window(3)).stops]
    assert said == [sliding.FIRST_CORNER, sliding.ROW_END, sliding.LAST]


# ---- series


def conv1d(values: Array, kernel: Array, padding: str) -> Array:
    layer = keras.layers.Conv1D(1, len(kernel), padding=padding, use_bias=False)
    layer.build((None, len(values), 1))
    layer.set_weights([kernel.reshape(-1, 1, 1)])
    return np.asarray(layer(values.reshape(1, -1, 1)))[0, :, 0]


@given(
    length=some.integers(1, 30),
    size=some.integers(1, 13),
    padding=some.sampled_from(PADDINGS),
    seed=some.integers(0, 99),
)
@many
def test_a_series_is_answered_as_by_keras_and_lines_up_with_its_padding(
    length: int, size: int, padding: str, seed: int
) -> None:
    length = max(length, size) if padding == "valid" else length
    values, kernel = noise(seed, length), noise(seed + 1, size)
    slide = sliding.series(values, kernel, padding)
    answers = conv1d(values, kernel, padding)
    assert slide.result.shape == slide.sums.shape == (1, len(answers))
    close(slide.result[0], answers)
    np.testing.assert_array_equal(inside(slide)[0, 0], values)
    padded = slide.inputs[0, 0]
    assert len(padded) == len(answers) + size - 1  # the last window ends at the last value
    for place, answer in enumerate(answers):
        assert padded[place : place + size] @ kernel == pytest.approx(answer, abs=1e-4)
    top, right, bottom, left = slide.padding
    assert top == bottom == 0
    assert not padded[:left].any()
    assert not padded[length + left :].any()
    assert right == 0 or padding == "same"


# ---- stops

results = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=some.one_of(
        some.floats(-9, 9, width=32), some.sampled_from([0.0, np.nan, np.inf, -np.inf, 1e-9, 3e38])
    ),
)


@given(results)
@settings(max_examples=200, deadline=None)
def test_stops_lie_in_order_inside_the_result_from_the_first_corner_to_the_last(
    answers: Array,
) -> None:
    rows, columns = answers.shape
    found = sliding.stops(answers)
    places = [stop.row * columns + stop.column for stop in found]
    assert places == sorted(set(places))
    assert all(0 <= stop.row < rows and 0 <= stop.column < columns for stop in found)
    assert (places[0], places[-1]) == (0, rows * columns - 1)
    first = sliding.FIRST_CORNER if rows > 1 else sliding.FIRST
    assert found[0].says.startswith(first)
    assert found[-1].says.endswith(sliding.LAST)
    assert sum(stop.most for stop in found) == 1
    assert all(type(number) is int for stop in found for number in stop[:2])  # they go into JSON
    named = [says for stop in found for says in stop.says.split(", ")]
    assert len(named) == len(set(named))
    assert (sliding.ROW_END in named) == (rows > 1 and columns > 1)


@given(results)
@settings(max_examples=200, deadline=None)
def test_the_strongest_answer_and_the_first_edge_are_stops_unless_all_answers_are_nothing(
    answers: Array,
) -> None:
    size = np.abs(np.nan_to_num(answers))
    found = {name: stop for stop in sliding.stops(answers) for name in stop.says.split(", ")}
    if size.max() <= sliding.NOTHING:
        assert sliding.STRONGEST not in found
        assert sliding.FIRST_EDGE not in found
        return
    strongest, edge = found[sliding.STRONGEST], found[sliding.FIRST_EDGE]
    assert (strongest.row, strongest.column) == np.unravel_index(size.argmax(), size.shape)
    assert size[edge.row, edge.column] >= 0.5 * size.max()
    before = size.ravel()[: edge.row * size.shape[1] + edge.column]
    assert (before < 0.5 * size.max()).all()
    assert edge[:2] <= strongest[:2]


@pytest.mark.parametrize("value", [0.0, np.nan, 5.0])
def test_a_single_answer_is_first_and_last_at_once(value: float) -> None:
    (stop,) = sliding.stops(np.full((1, 1), value))
    assert (stop.row, stop.column) == (0, 0)
    assert stop.says.startswith(sliding.FIRST)
    assert stop.says.endswith(sliding.LAST)
    assert (sliding.STRONGEST in stop.says) == (value == 5)


def test_a_bias_alone_is_no_answer() -> None:
    kernel = np.ones((3, 3, 1))
    blank = sliding.convolution(np.zeros((8, 8, 1)), kernel, Window(3), bias=7.5)
    assert [stop.says for stop in blank.stops] == [
        sliding.FIRST_CORNER, sliding.ROW_END, sliding.LAST,
    ]  # fmt: skip


@given(case=slidings(square=True), bias=some.sampled_from([0.0, -1.5, 40.0]))
@many
def test_the_window_rests_where_keras_s_answer_without_the_bias_is_strongest(
    case: Sliding, bias: float
) -> None:
    slide, theirs = slid(case, bias)
    size = np.abs(theirs - np.float32(bias))
    strongest = [stop for stop in slide.stops if sliding.STRONGEST in stop.says]
    assert len(strongest) == 1 or size.max() < 1e-5  # windows that saw nothing but padding
    for row, column, *_ in strongest:
        assert size[row, column] == pytest.approx(size.max(), abs=1e-4)


def test_after_relu_the_strongest_answer_is_the_one_that_is_left() -> None:
    picture = np.zeros((6, 6, 1), np.float32)
    picture[1, 1], picture[4, 4] = -9, 2
    slide = sliding.convolution(picture, np.ones((1, 1, 1)), Window(1), 0, "relu")
    (strongest,) = [stop for stop in slide.stops if sliding.STRONGEST in stop.says]
    assert strongest[:2] == (4, 4)
