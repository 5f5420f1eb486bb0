"""What the pages write out is what Keras does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from keras import layers

from lesson import formulas
from lesson.convolution import conv2d
from lesson.filters import FAMILIES
from lesson.layers import Conv2D

PICTURE = np.random.default_rng(3).random((28, 28)).astype(np.float32)


def value_of(latex: str) -> tuple[int, int]:
    """Both sides of an equation in LaTeX: the left one reckoned, the right one read."""
    left, right = latex.split(" = ")
    for latex_word, python in {
        r"\dfrac": "", "}{": ")/(", "{": "(", "}": ")", r"\cdot": "*",
        r"\left\lfloor": "floor(", r"\right\rfloor": ")",
        r"\left\lceil": "ceil(", r"\right\rceil": ")",
    }.items():  # fmt: skip
        left = left.replace(latex_word, python)
    return int(eval(left, {"floor": np.floor, "ceil": np.ceil})), int(right)


@settings(max_examples=60, deadline=None)
@given(
    size=some.integers(5, 28),
    kernel_size=some.integers(1, 9),
    strides=some.integers(1, 5),
    dilation_rate=some.integers(1, 4),
    padding=some.sampled_from(["valid", "same", 0, 1, 3]),
)
def test_the_formula_with_numbers_holds_and_gives_keras_s_size(
    size: int, kernel_size: int, strides: int, dilation_rate: int, padding: str | int
) -> None:
    amount = padding if isinstance(padding, int) else 0
    reach = (kernel_size - 1) * dilation_rate + 1
    strides = 1 if dilation_rate > 1 else strides
    if padding != "same" and reach > size + 2 * amount:
        size = reach
    latex = formulas.output_size_numbers(size, kernel_size, strides, padding, dilation_rate)
    reckoned, said = value_of(latex)
    layer = layers.Conv2D(
        1,
        kernel_size,
        strides=strides,
        padding=padding if isinstance(padding, str) else "valid",
        dilation_rate=dilation_rate,
    )
    keras_size = layer.compute_output_shape((1, size + 2 * amount, size + 2 * amount, 1))[1]
    assert reckoned == said == keras_size


def test_what_leaves_the_size_alone_is_left_out_of_the_formula() -> None:
    assert r"\cdot" not in formulas.output_size_numbers(28, 3, padding=0)
    assert r"+ 2\cdot2" in formulas.output_size_numbers(28, 3, padding=2)
    assert r"2\cdot3 - 1" in formulas.output_size_numbers(28, 3, dilation_rate=3)


def run_lines(lines: str, **names: object) -> dict[str, object]:
    scope = {"np": np, "keras": keras, "layers": layers, **names}
    exec(lines, scope)
    return scope


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("strides", [1, 3])
@pytest.mark.parametrize("relu", [False, True])
def test_the_keras_lines_of_a_filter_do_what_the_lesson_does(
    flip: bool, strides: int, relu: bool
) -> None:
    weights = FAMILIES["emboss"].at(3)
    layer = Conv2D(4, 3, strides, activation="relu" if relu else "linear")
    lines = formulas.filter_lines(layer, weights, bias=-0.25, flip=flip)
    result = np.asarray(run_lines(lines, picture=PICTURE)["result"])
    ours = conv2d(PICTURE[..., None], weights[..., None, None], [-0.25], strides=strides, flip=flip)
    ours = np.maximum(ours, 0) if relu else ours
    assert result.shape[-1] == 4
    np.testing.assert_allclose(result[0, ..., :1], ours, atol=1e-5)


@pytest.mark.parametrize(("strides", "dilation_rate"), [(1, 1), (2, 1), (1, 2), (3, 2), (2, 4)])
@pytest.mark.parametrize("padding", ["valid", "same", 0, 2])
@pytest.mark.parametrize("kernel_size", [1, 4, 5])
def test_the_keras_lines_of_a_padding_do_what_the_lesson_does(
    kernel_size: int, padding: str | int, strides: int, dilation_rate: int
) -> None:
    lines = formulas.padding_lines(kernel_size, strides, padding, dilation_rate, filters=1)
    weights = np.random.default_rng(1).random((kernel_size, kernel_size, 1, 1), dtype=np.float32)

    def with_weights(*args: object, **settings: object) -> layers.Layer:
        return layers.Conv2D(
            *args, **settings, kernel_initializer=lambda shape, dtype=None: weights
        )

    class Named:
        Conv2D = staticmethod(with_weights)
        ZeroPadding2D = layers.ZeroPadding2D

    result = run_lines(lines, layers=Named, images=PICTURE[None, ..., None])["x"]
    ours = conv2d(
        PICTURE[..., None],
        weights,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
    np.testing.assert_allclose(np.asarray(result)[0], ours, atol=1e-5)
