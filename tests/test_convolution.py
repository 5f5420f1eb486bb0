"""The arithmetic against Keras.

Keras refuses strides and dilation together; there the oracle is Keras with a kernel into
which the gaps were written as zeros. Who meets whom is told by Keras too: one picture for
each pixel, lit in that pixel alone, goes through kernels of ones, and what comes out
above zero has met it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lesson.convolution import (
    Box,
    Window,
    average_pooling2d,
    conv2d,
    coverage,
    dropped,
    max_pooling2d,
    output_size,
    padding_amounts,
    reach,
    receptive_field,
    touches,
    window_positions,
)
from lesson.errors import LessonError

Array = NDArray[Any]

many = settings(max_examples=150, deadline=None)
some = settings(max_examples=80, deadline=None)


def agrees(ours: Array, keras_says: Any) -> None:
    np.testing.assert_allclose(ours, np.asarray(keras_says), rtol=1e-5, atol=1e-5)


def keras_conv(
    images: Array, kernel: Array, strides: int, padding: str | int, dilation_rate: int
) -> Array:
    if isinstance(padding, int):
        images = keras.layers.ZeroPadding2D(padding)(images)
        padding = "valid"
    if strides > 1 and dilation_rate > 1:
        height, width, channels, filters = kernel.shape
        spread = np.zeros(
            ((height - 1) * dilation_rate + 1, (width - 1) * dilation_rate + 1, channels, filters),
            dtype=kernel.dtype,
        )
        spread[::dilation_rate, ::dilation_rate] = kernel
        kernel, dilation_rate = spread, 1
    return np.asarray(
        keras.ops.conv(
            images,
            kernel,
            strides=strides,
            padding=padding,
            data_format="channels_last",
            dilation_rate=dilation_rate,
        )
    )


def noise(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


paddings = st.one_of(st.sampled_from(["valid", "same"]), st.integers(0, 4))


def smallest(kernel_size: int, padding: str | int, dilation_rate: int) -> int:
    """The smallest picture into which the window fits."""
    if padding == "same":
        return 1
    added = 0 if padding == "valid" else 2 * int(padding)
    return max(1, (kernel_size - 1) * dilation_rate + 1 - added)


@dataclass(frozen=True)
class Sliding:
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    strides: int
    padding: str | int
    dilation_rate: int
    channels: int
    filters: int
    seed: int


@st.composite
def slidings(draw: st.DrawFn, square: bool = False) -> Sliding:
    kernel_height = draw(st.integers(1, 5))
    kernel_width = kernel_height if square else draw(st.integers(1, 5))
    dilation_rate = draw(st.integers(1, 3))
    padding = draw(paddings)
    return Sliding(
        height=draw(st.integers(smallest(kernel_height, padding, dilation_rate), 14)),
        width=draw(st.integers(smallest(kernel_width, padding, dilation_rate), 14)),
        kernel_height=kernel_height,
        kernel_width=kernel_width,
        strides=draw(st.integers(1, 4)),
        padding=padding,
        dilation_rate=dilation_rate,
        channels=draw(st.integers(1, 3)),
        filters=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 99)),
    )


@st.composite
def stacks(draw: st.DrawFn) -> tuple[tuple[int, int], list[Window]]:
    """A picture's shape, and up to three windows that fit behind one another."""
    height, width = shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    windows = []
    for _ in range(draw(st.integers(1, 3))):
        kernel_size, dilation_rate = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        strides, padding = draw(st.integers(1, 3)), draw(paddings)
        if smallest(kernel_size, padding, dilation_rate) > min(height, width):
            padding = "same"
        windows.append(Window(kernel_size, strides, padding, dilation_rate))
        height = output_size(height, kernel_size, strides, padding, dilation_rate)
        width = output_size(width, kernel_size, strides, padding, dilation_rate)
    return shape, windows


def meetings(shape: tuple[int, int], windows: list[Window]) -> Array:
    """How many ways lead from each pixel to each output: (pixels, new height, new width)."""
    lit = np.eye(shape[0] * shape[1], dtype=np.float32).reshape(-1, *shape, 1)
    for window in windows:
        ones = np.ones((window.kernel_size, window.kernel_size, 1, 1), dtype=np.float32)
        lit = keras_conv(lit, ones, window.strides, window.padding, window.dilation_rate)
    return lit[..., 0]


# Convolution


@given(slidings())
@many
def test_conv2d_equals_keras(case: Sliding) -> None:
    images = noise(case.seed, 2, case.height, case.width, case.channels)
    kernel = noise(
        case.seed + 1, case.kernel_height, case.kernel_width, case.channels, case.filters
    )
    bias = noise(case.seed + 2, case.filters)
    ours = conv2d(
        images,
        kernel,
        bias,
        strides=case.strides,
        padding=case.padding,
        dilation_rate=case.dilation_rate,
    )
    assert ours.dtype == np.float32
    agrees(ours, keras_conv(images, kernel, case.strides, case.padding, case.dilation_rate) + bias)


@pytest.mark.parametrize("channels", [1, 16])
def test_conv2d_equals_a_keras_layer_on_a_large_batch(channels: int) -> None:
    images = noise(1, 150, 28, 28, channels)
    layer = keras.layers.Conv2D(8, 3, bias_initializer="glorot_uniform")
    theirs = layer(images)
    agrees(conv2d(images, *layer.get_weights()), theirs)


@given(slidings())
@some
def test_flip_turns_each_filter_by_half_a_turn(case: Sliding) -> None:
    images = noise(case.seed, 1, case.height, case.width, case.channels)
    kernel = noise(
        case.seed + 1, case.kernel_height, case.kernel_width, case.channels, case.filters
    )
    turned = np.rot90(kernel, 2, axes=(0, 1))
    ours = conv2d(
        images,
        kernel,
        strides=case.strides,
        padding=case.padding,
        dilation_rate=case.dilation_rate,
        flip=True,
    )
    agrees(ours, keras_conv(images, turned, case.strides, case.padding, case.dilation_rate))


@given(length=st.integers(1, 12), taps=st.integers(1, 5), seed=st.integers(0, 99))
@some
def test_flipped_form_is_the_convolution_of_mathematics(length: int, taps: int, seed: int) -> None:
    series, weights = noise(seed, length + taps - 1), noise(seed + 1, taps)
    ours = conv2d(series.reshape(1, -1, 1), weights.reshape(1, -1, 1, 1), flip=True)
    np.testing.assert_allclose(
        ours.ravel(), np.convolve(series, weights, mode="valid"), rtol=1e-5, atol=1e-5
    )


def test_a_single_point_gives_the_flipped_form_s_kernel_back() -> None:
    point = np.zeros((5, 5, 1), dtype=np.float32)
    point[2, 2] = 1
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1)
    np.testing.assert_array_equal(conv2d(point, kernel, flip=True)[..., 0], kernel[..., 0, 0])
    np.testing.assert_array_equal(conv2d(point, kernel)[::-1, ::-1, 0], kernel[..., 0, 0])


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3), (0,), (2, 0)])
def test_any_batch_axes_may_stand_in_front(batch: tuple[int, ...]) -> None:
    images = noise(5, *batch, 7, 6, 2)
    kernel = noise(6, 3, 3, 2, 4)
    ours = conv2d(images, kernel)
    assert ours.shape == (*batch, 5, 4, 4)
    assert max_pooling2d(images).shape == (*batch, 3, 3, 2)
    assert average_pooling2d(images).shape == (*batch, 3, 3, 2)
    for index in np.ndindex(batch):
        agrees(ours[index], conv2d(images[index], kernel))
        agrees(max_pooling2d(images)[index], max_pooling2d(images[index]))
        agrees(average_pooling2d(images)[index], average_pooling2d(images[index]))


@pytest.mark.parametrize(
    ("given_type", "result_type"),
    [("float32", "float32"), ("float64", "float64"), ("uint8", "float32"), ("bool", "float32")],
)
def test_conv2d_works_in_the_precision_of_the_images(given_type: str, result_type: str) -> None:
    images = np.eye(5, dtype=given_type)[..., None]
    kernel = np.ones((3, 3, 1, 1), dtype=np.int64)
    result = conv2d(images, kernel, np.zeros(1))
    assert result.dtype == result_type
    assert result[..., 0].tolist() == [[3, 2, 1], [2, 3, 2], [1, 2, 3]]


def test_pixels_of_0_to_255_do_not_wrap_around() -> None:
    images = np.full((3, 3, 1), 255, dtype=np.uint8)
    assert conv2d(images, np.full((3, 3, 1, 1), -1)).item() == -9 * 255
    assert average_pooling2d(images, 3).item() == 255


def test_views_and_read_only_images_are_taken_as_they_are() -> None:
    images = noise(7, 12, 20, 2)
    images.setflags(write=False)
    before = images.copy()
    kernel = noise(8, 3, 3, 2, 3)
    view = images[::2, ::-1]
    for padding in ("valid", "same"):
        agrees(conv2d(view, kernel, padding=padding), conv2d(view.copy(), kernel, padding=padding))
    max_pooling2d(images, 2, 1)
    average_pooling2d(images, 2, 1)
    np.testing.assert_array_equal(images, before)


def test_results_are_the_callers_own() -> None:
    images = noise(9, 4, 4, 1)
    before = images.copy()
    for result in (
        conv2d(images, np.ones((1, 1, 1, 1))),
        max_pooling2d(images, 1),
        average_pooling2d(images, 1),
    ):
        result[...] = 7
    np.testing.assert_array_equal(images, before)


# Pooling


@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    channels=st.integers(1, 3),
    pool_size=st.integers(1, 5),
    strides=st.one_of(st.none(), st.integers(1, 4)),
    padding=st.sampled_from(["valid", "same"]),
    seed=st.integers(0, 99),
)
@many
def test_pooling_equals_keras(
    height: int,
    width: int,
    channels: int,
    pool_size: int,
    strides: int | None,
    padding: str,
    seed: int,
) -> None:
    if padding == "valid":
        height, width = max(height, pool_size), max(width, pool_size)
    # All below zero, so that padding with zeros would win.
    images = noise(seed, 2, height, width, channels) - 2
    how: dict[str, Any] = {"strides": strides, "padding": padding}
    agrees(
        max_pooling2d(images, pool_size, **how),
        keras.ops.max_pool(images, pool_size, data_format="channels_last", **how),
    )
    agrees(
        average_pooling2d(images, pool_size, **how),
        keras.ops.average_pool(images, pool_size, data_format="channels_last", **how),
    )


def test_pooling_equals_the_keras_layers_of_the_notebook() -> None:
    images = noise(3, 2, 13, 13, 3)
    agrees(max_pooling2d(images), keras.layers.MaxPooling2D()(images))
    agrees(average_pooling2d(images), keras.layers.AveragePooling2D(2)(images))


@pytest.mark.parametrize("kind", ["uint8", "int16", "int64", "float32", "float64", "bool"])
def test_max_pooling_keeps_the_type_and_average_pooling_gives_fractions(kind: str) -> None:
    images = np.array([[0, 1, 1], [0, 0, 1], [1, 0, 0]]).astype(kind)[..., None]
    largest = max_pooling2d(images, 2, padding="same")
    assert largest.dtype == kind
    assert largest[..., 0].tolist() == [[1, 1], [1, 0]]
    mean = average_pooling2d(images, 2, padding="same")
    assert mean.dtype == ("float64" if kind == "float64" else "float32")
    assert mean[..., 0].tolist() == [[0.25, 1], [0.5, 0]]


def test_padding_never_wins_among_negative_whole_numbers() -> None:
    images = np.full((3, 3, 1), -5, dtype=np.int8)
    assert np.unique(max_pooling2d(images, 2, padding="same")).tolist() == [-5]


# Sizes and positions


@given(slidings(square=True))
@some
def test_output_size_equals_the_number_of_keras_outputs(case: Sliding) -> None:
    how = (case.kernel_height, case.strides, case.padding, case.dilation_rate)
    outputs = meetings((case.height, case.width), [Window(*how)])
    assert outputs.shape[1:] == (output_size(case.height, *how), output_size(case.width, *how))


@given(size=st.integers(1, 40), kernel_size=st.integers(1, 9), dilation_rate=st.integers(1, 3))
@some
def test_same_padding_keeps_height_and_width(
    size: int, kernel_size: int, dilation_rate: int
) -> None:
    assert output_size(size, kernel_size, 1, "same", dilation_rate) == size


@given(slidings(square=True))
@some
def test_windows_positions_padding_and_what_is_dropped_fill_the_padded_axis(case: Sliding) -> None:
    how = (case.height, case.kernel_height, case.strides, case.padding, case.dilation_rate)
    before, after = padding_amounts(*how)
    positions = window_positions(*how)
    assert positions[0] == -before
    assert set(np.diff(positions)) <= {case.strides}
    end_of_last = positions[-1] + (case.kernel_height - 1) * case.dilation_rate + 1
    left_over = dropped(*how)
    assert end_of_last + left_over == case.height + after
    assert 0 <= left_over < case.strides


def test_what_is_dropped_changes_no_output_of_keras() -> None:
    # 28 pixels, windows of 3 moved by 4: the last window ends at 27, and one pixel is left over.
    left_over = dropped(28, 3, strides=4)
    assert left_over == 1
    images = noise(4, 1, 28, 28, 1)
    kernel = np.ones((3, 3, 1, 1), dtype=np.float32)
    changed = images.copy()
    changed[:, -left_over:] += 9
    np.testing.assert_array_equal(
        keras_conv(images, kernel, 4, "valid", 1), keras_conv(changed, kernel, 4, "valid", 1)
    )
    changed[:, -left_over - 1] += 9
    assert (
        keras_conv(images, kernel, 4, "valid", 1) != keras_conv(changed, kernel, 4, "valid", 1)
    ).any()


def test_odd_same_padding_puts_more_after_than_before() -> None:
    assert padding_amounts(28, 2, 1, "same", 1) == (0, 1)
    assert padding_amounts(28, 4, 1, "same", 1) == (1, 2)


def test_numpy_whole_numbers_are_whole_numbers() -> None:
    numbers: list[Any] = [np.int64(28), np.int32(3), np.int64(2), np.int64(1), np.int8(1)]
    size = output_size(*numbers)
    assert (size, type(size)) == (14, int)


# Who meets whom


@given(slidings(square=True))
@some
def test_coverage_counts_the_windows_that_use_each_pixel(case: Sliding) -> None:
    shape = (case.height, case.width)
    how = (case.kernel_height, case.strides, case.padding, case.dilation_rate)
    uses = meetings(shape, [Window(*how)]).sum(axis=(1, 2)).reshape(shape)
    np.testing.assert_array_equal(coverage(case.height, case.width, *how), uses)


def test_a_corner_counts_once_and_the_middle_nine_times() -> None:
    counts = coverage(28, 28, 3)
    assert (counts[0, 0], counts[0, 14], counts[14, 14]) == (1, 3, 9)
    same = coverage(28, 28, 3, padding="same")
    assert (same[0, 0], same[0, 14], same[14, 14]) == (4, 6, 9)


def test_dilation_leaves_pixels_between_its_taps_unused() -> None:
    assert touches(5, 3, dilation_rate=2).astype(int).tolist() == [[1, 0, 1, 0, 1]]
    assert coverage(3, 3, 2, dilation_rate=2).tolist() == [[1, 0, 1], [0, 0, 0], [1, 0, 1]]


@given(stacks(), st.data())
@many
def test_receptive_field_is_the_rectangle_around_all_pixels_that_matter(
    stack: tuple[tuple[int, int], list[Window]], data: st.DataObject
) -> None:
    shape, windows = stack
    outputs = meetings(shape, windows)
    row = data.draw(st.integers(0, outputs.shape[1] - 1))
    column = data.draw(st.integers(0, outputs.shape[2] - 1))
    rows, columns = np.nonzero(outputs[:, row, column].reshape(shape))
    expected = Box(0, 0, 0, 0)
    if len(rows):
        expected = Box(rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
    assert receptive_field(windows, shape, row, column) == expected


@given(stacks(), st.data())
@many
def test_reach_marks_the_outputs_that_a_pixel_changes(
    stack: tuple[tuple[int, int], list[Window]], data: st.DataObject
) -> None:
    shape, windows = stack
    row = data.draw(st.integers(0, shape[0] - 1))
    column = data.draw(st.integers(0, shape[1] - 1))
    changed = meetings(shape, windows)[row * shape[1] + column] > 0
    np.testing.assert_array_equal(reach(windows, shape, row, column), changed)


def test_receptive_field_through_the_second_network_of_the_notebook() -> None:
    # Conv 3, pool 2, conv 3, pool 2: each output sees 10×10 pixels, and neighbours start 4 apart.
    windows = [Window(3), Window(2, strides=2), Window(3), Window(2, strides=2)]
    assert receptive_field(windows, (28, 28), 0, 0) == Box(0, 0, 10, 10)
    box = receptive_field(windows, (28, 28), 4, 2)
    assert box == Box(16, 8, 26, 18)
    assert (box.height, box.width) == (10, 10)


def test_without_layers_a_pixel_sees_and_reaches_itself() -> None:
    assert receptive_field([], (3, 4), 1, 2) == Box(1, 2, 2, 3)
    assert np.argwhere(reach([], (3, 4), 1, 2)).tolist() == [[1, 2]]


# Errors


@pytest.mark.parametrize(
    ("settings_", "received", "remedy"),
    [
        ({"strides": 0}, "it is 0", "Set strides to 1 or more"),
        ({"strides": -1}, "it is -1", "Set strides to 1 or more"),
        ({"strides": True}, "it is True", "Set strides to 1 or more"),
        ({"strides": 1.5}, "it is 1.5", "Set strides to 1 or more"),
        ({"strides": (1, 2)}, r"it is \(1, 2\)", "Set strides to 1 or more"),
        ({"dilation_rate": 0}, "it is 0", "Set dilation_rate to 1 or more"),
        ({"dilation_rate": None}, "it is None", "Set dilation_rate to 1 or more"),
        ({"padding": -1}, "it is -1", "Set padding to 0 or more"),
        ({"padding": True}, "it is True", "Set padding to 0 or more"),
        ({"padding": 0.5}, "it is 0.5", "Set padding to 0 or more"),
        ({"padding": None}, "it is None", "Set padding to 0 or more"),
        ({"padding": "full"}, "it is 'full'", "Choose one of these"),
        ({"dilation_rate": 3}, "spans 7 pixels.* only 5", "Use a smaller kernel_size"),
    ],
)
def test_an_invalid_setting_is_explained(
    settings_: dict[str, Any], received: str, remedy: str
) -> None:
    picture, kernel = np.zeros((5, 5, 1)), np.zeros((3, 3, 1, 1))
    for attempt in (
        lambda: conv2d(picture, kernel, **settings_),
        lambda: output_size(5, 3, **settings_),
        lambda: dropped(5, 3, **settings_),
        lambda: window_positions(5, 3, **settings_),
        lambda: touches(5, 3, **settings_),
        lambda: coverage(5, 5, 3, **settings_),
        lambda: reach([Window(3, **settings_)], (5, 5), 0, 0),
        lambda: receptive_field([Window(3, **settings_)], (5, 5), 0, 0),
    ):
        with pytest.raises(LessonError, match=f"{received}.*{remedy}"):
            attempt()


@pytest.mark.parametrize("size", [0, -3, 2.0, True])
def test_a_picture_and_a_window_have_at_least_one_pixel(size: Any) -> None:
    with pytest.raises(LessonError, match=f"^size must be a whole number from 1 .* {size}"):
        output_size(size, 3)
    with pytest.raises(LessonError, match=f"kernel_size must be a whole number .* {size}"):
        output_size(28, size)
    with pytest.raises(LessonError, match=f"kernel_size must be a whole number .* {size}"):
        Window(size)
    with pytest.raises(LessonError, match=f"height must be a whole number .* {size}"):
        reach([], (size, 3), 0, 0)


@pytest.mark.parametrize(
    ("picture", "kernel", "bias", "message"),
    [
        ((28, 28), (3, 3, 1, 1), None, r"theirs is \(28, 28\).*images\[\.\.\., None\]"),
        ((0, 28, 1), (3, 3, 1, 1), None, r"theirs is \(0, 28, 1\)"),
        ((28, 28, 1), (3, 3), None, r"its shape is \(3, 3\).*reshape"),
        ((28, 28, 1), (3, 0, 1, 1), None, r"its shape is \(3, 0, 1, 1\)"),
        ((28, 28, 3), (3, 3, 1, 4), None, "kernel has 1 and the picture 3.*third axis 3"),
        ((28, 28, 1), (3, 3, 1, 4), (1,), r"shape \(4,\), but its shape is \(1,\).*Pass 4"),
        ((28, 28, 1), (3, 3, 1, 4), (), r"shape \(4,\), but its shape is \(\)"),
    ],
)
def test_shapes_that_do_not_go_together_are_explained(
    picture: tuple[int, ...],
    kernel: tuple[int, ...],
    bias: tuple[int, ...] | None,
    message: str,
) -> None:
    with pytest.raises(LessonError, match=message):
        conv2d(np.zeros(picture), np.zeros(kernel), None if bias is None else np.zeros(bias))


@pytest.mark.parametrize("values", [1j, "a", None])
def test_only_real_numbers_can_be_convolved(values: Any) -> None:
    strange, picture, kernel = np.full((3, 3, 1, 1), values), np.ones((3, 3, 1)), np.ones((3,) * 4)
    with pytest.raises(LessonError, match=r"images must hold real numbers.*Pass an array"):
        conv2d(strange, kernel)
    with pytest.raises(LessonError, match=r"kernel must hold real numbers.*Pass an array"):
        conv2d(picture, strange)


@pytest.mark.parametrize("pooling", [max_pooling2d, average_pooling2d])
@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"pool_size": 0}, "pool_size must be .* it is 0"),
        ({"pool_size": (2, 2)}, r"pool_size must be .* it is \(2, 2\)"),
        ({"strides": 0}, "strides must be .* it is 0"),
        ({"padding": 1}, "'valid' or 'same', as in Keras, but it is 1"),
        ({"padding": "full"}, "it is 'full'"),
        ({"pool_size": 6}, "spans 6 pixels.* only 5"),
    ],
)
def test_invalid_pooling_is_explained(
    pooling: Any, settings_: dict[str, Any], message: str
) -> None:
    with pytest.raises(LessonError, match=message):
        pooling(np.zeros((5, 5, 1)), **settings_)


def test_a_place_outside_is_explained() -> None:
    with pytest.raises(LessonError, match="row must lie in 0 to 25, but it is 26"):
        receptive_field([Window(3)], (28, 28), 26, 0)
    with pytest.raises(LessonError, match=r"column must be a whole number from 0 up.* -1"):
        receptive_field([Window(3)], (28, 28), 0, -1)
    with pytest.raises(LessonError, match="column must lie in 0 to 27, but it is 28"):
        reach([Window(3)], (28, 28), 0, 28)
    with pytest.raises(LessonError, match=r"shape must be \(height, width\).*\(28, 28, 1\)"):
        reach([Window(3)], (28, 28, 1), 0, 0)  # type: ignore[arg-type]
