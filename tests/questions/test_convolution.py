"""The convolution page's questions, held against Keras and against what the page then shows."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from keras import layers

from lesson import mnist
from lesson.filters import FAMILIES
from lesson.pictures import PICTURES
from lesson.questions import bank
from lesson.questions.kinds import Blank, Cell, Choice, Number, Settings
from tests.conftest import picture
from tests.questions.shown import address, asked, code_in, few, says

SLUG = "convolution"


def kernel_of(prompt: str) -> np.ndarray:
    """The kernel that a prompt writes out."""
    (inner,) = re.findall(r"\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}", prompt)
    return np.array([[float(n) for n in row.split("&")] for row in inner.split(r"\\")], np.float32)


def image_of(settings: Settings) -> np.ndarray:
    """The picture on the page."""
    if settings["convolution_picture"] == "digit":
        return mnist.load().x_test[settings["digit"]].astype(np.float32) / 255
    return PICTURES[settings["convolution_picture"]].values


def keras_map(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    kernel = np.ascontiguousarray(weights, np.float32)[..., None, None]
    result = keras.ops.conv(image[None, ..., None], kernel, data_format="channels_last")
    return np.asarray(result)[0, ..., 0]


@few
@given(asked("convolution_map"))
def test_the_right_map_is_keras_s_and_each_other_one_the_mistake_that_it_is_said_to_be(
    question: Choice,
) -> None:
    image, weights = image_of(question.settings), kernel_of(question.prompt)
    right = keras_map(image, weights)
    made = {
        "": right,
        "turned by half a turn": keras_map(image, weights[::-1, ::-1]),
        "lies across": keras_map(image, np.rot90(weights)),
        "after ReLU": np.maximum(right, 0),
        "only add up": keras_map(image, FAMILIES["gaussian-blur"].at(len(weights)))
        * np.abs(right).max(),
    }
    for option in question.options:
        (mistake,) = [each for each in made if each in option.says and bool(each) != option.right]
        assert option.picture is not None
        np.testing.assert_allclose(option.picture, made[mistake], atol=1e-4)
    # One sees the difference: somewhere it is a quarter of the strongest answer.
    for option in question.options:
        assert option.picture is not None
        gap = np.abs(option.picture - right).max()
        assert option.right or gap > np.abs(right).max() / 4


@few
@given(asked("convolution_edge"))
def test_right_cells_are_those_whose_window_answers_with_more_than_half(question: Cell) -> None:
    image, weights = image_of(question.settings), kernel_of(question.prompt)
    np.testing.assert_array_equal(question.values, image)
    most = float(keras_map(image, weights).max())
    for row in range(28):
        for column in range(28):
            cell = (row, column)
            window = image[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            if window.shape != (3, 3):
                assert cell not in question.right
                assert cell not in question.near
                continue
            answer = float((window * weights).sum())
            if abs(abs(answer) - most / 2) > 1e-4:
                assert (cell in question.right) == (answer > most / 2)
                orange = "orange" in question.near.get(cell, "")
                assert orange == (answer < -most / 2)
            if "cancel" in question.near.get(cell, ""):
                assert answer == pytest.approx(0, abs=1e-5)
    assert len(question.right) > 2


@few
@given(asked("convolution_shape"))
def test_the_shape_is_keras_s_and_so_is_each_mistake(question: Choice) -> None:
    layer = eval(code_in(question.prompt), {"layers": layers})

    def text(**changes: Any) -> str:
        other = layers.Conv2D.from_config(layer.get_config() | changes)
        return "×".join(map(str, other.compute_output_shape((None, 28, 28, 1))[1:]))

    assert question.told(question.solution) == text()
    (side, filters), (size, step) = (
        layer.compute_output_shape((None, 28, 28, 1))[2:],
        (layer.kernel_size[0], layer.strides[0]),
    )
    for label, why in says(question).items():
        if "strides were forgotten" in why:
            assert label == text(strides=1)
        elif "one filter" in why:
            assert label == text(filters=1)
        elif "with padding" in why:
            assert label == text(padding="same")
        elif "side of a filter" in why:
            assert label == f"{side}×{side}×{size}"
        else:
            up = -(-(28 - size) // step) + 1
            assert label == f"{up}×{up}×{filters}"
            assert f"Left over: {28 - (side - 1) * step - size} of 28 rows" in why


@few
@given(asked("convolution_parameters"))
def test_the_parameters_are_those_that_keras_counts_and_so_are_the_mistakes(
    question: Number,
) -> None:
    layer = eval(code_in(question.prompt), {"layers": layers})
    outputs = int(np.prod(layer(np.zeros((1, 28, 28, 1), np.float32)).shape))
    kernel, bias = (weights.size for weights in layer.get_weights())
    assert question.right == layer.count_params() == kernel + bias
    one = kernel // bias
    side = layer.kernel_size[0]
    values = {
        "biases were forgotten": kernel,
        "not the layer one": kernel + 1,
        "That is one filter. ": one + 1,
        "without its bias": one,
        "its side counts twice": bias * (side + 1),
        "weights of its own for each place": (one + 1) * outputs,
        "how many products": one * outputs,
        "That is a Dense layer": (784 + 1) * outputs,
        "how many values come out": outputs,
    }
    for value, why in says(question).items():
        (known,) = [number for part, number in values.items() if part in why]
        assert value == known


def test_training_finds_what_keras_trains_and_nothing_that_is_in_its_configuration() -> None:
    layer = layers.Conv2D(16, kernel_size=3)
    layer.build((None, 28, 28, 1))
    assert [weights.name for weights in layer.trainable_variables] == ["kernel", "bias"]
    right, wrong = set(), {}
    for seed in range(40):
        question = bank()["convolution_found"].ask({}, seed)
        assert isinstance(question, Choice)
        right.add(question.told(question.solution))
        wrong |= says(question)
        assert f"= {layer.count_params()} numbers" in question.explanation
    assert right == {"The numbers in each filter", "The number added to each answer"}
    assert len(wrong) == 5
    named = {name for why in wrong.values() for name in re.findall(r"`(\w+)`", why)}
    assert named == {"filters", "kernel_size", "strides", "padding"}
    assert named <= layer.get_config().keys()


@few
@given(asked("convolution_line"))
def test_the_line_makes_the_layer_that_is_asked_for_however_it_is_written(question: Blank) -> None:
    layer = eval(question.solution, {"layers": layers})
    shape = "×".join(map(str, layer.compute_output_shape((None, 28, 28, 1))[1:]))
    assert question.after.endswith(f"the output has the shape {shape}")
    size, filters = layer.kernel_size[0], layer.filters
    assert f"{size}×{size}" in question.prompt
    assert (f"{filters} filters" if filters > 1 else "one filter") in question.prompt
    assert keras.activations.serialize(layer.activation) == "relu"
    for line in (
        f"Conv2D({filters}, {size}, activation='relu')",
        f'model.add(Conv2D(filters={filters}, kernel_size=({size}, {size}), activation="relu"))',
        f"keras.layers.Conv2D({filters}, {size}, 1, activation='relu', input_shape=(28, 28, 1))",
    ):
        assert question.problem(line) is None
        assert question.judge(line).right
    assert not question.judge(f"Conv2D({filters + 1}, {size}, activation='relu')").right


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_page_shows_the_map_that_is_right_and_the_one_that_was_chosen(
    open_page: Any, seed: int
) -> None:
    question = bank()["convolution_map"].ask({}, seed)
    assert isinstance(question, Choice)
    for option in question.options:
        if option.right or {"convolution_flip", "convolution_relu"} & option.show.keys():
            app = open_page(SLUG, **address(question.settings, option.show))
            shown = picture(app, "convolution_main").array("output")
            np.testing.assert_allclose(shown, option.picture, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 3])
def test_the_page_shows_the_answers_of_the_windows_that_were_pointed_at(
    open_page: Any, seed: int
) -> None:
    question = bank()["convolution_edge"].ask({}, seed)
    assert isinstance(question, Cell)
    drawn = picture(open_page(SLUG, **address(question.settings)), "convolution_main")
    np.testing.assert_array_equal(drawn.array("input")[0], question.values)
    answers = drawn.array("output")
    for row, column in question.right:
        assert answers[row - 1, column - 1] > answers.max() / 2
    assert len(question.right) == (answers > answers.max() / 2).sum()


@pytest.mark.parametrize("key", ["convolution_shape", "convolution_parameters"])
def test_the_page_says_the_shape_and_the_parameters(open_page: Any, key: str) -> None:
    mine = {
        "convolution_kernel_size": 5,
        "convolution_strides": 2,
        "convolution_kernel": "box-blur",
    }
    question = bank()[key].ask(mine, 4)
    assert question.settings["convolution_kernel"] == "box-blur"
    app = open_page(SLUG, **address(question.settings))
    said = "\n".join(part.value for part in app.markdown)
    right = question.told(question.solution)
    assert (f"the shape {right}," if key == "convolution_shape" else f"= {right}") in said


def test_the_page_shows_the_learned_filter_and_the_keras_line(open_page: Any) -> None:
    question = bank()["convolution_found"].ask({}, 2)
    app = open_page(SLUG, **address(question.settings))
    chosen = picture(app, "convolution_learned_gallery").header["chosen"]
    assert chosen == question.settings["convolution_learned"]
    line = bank()["convolution_line"].ask({}, 2)
    app = open_page(SLUG, **address(line.settings))
    assert app.code[0].value.splitlines()[0] == f"layer = {line.solution}"
