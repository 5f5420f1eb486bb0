"""Units taken apart: their parts add up to what Keras computes, and an edit is Keras's too."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson import inside, mnist, network, units
from lesson.errors import LessonError
from lesson.layers import Conv2D, Dense
from lesson.runs import SHIPPED, RunStore
from lesson.shipped import INSIDE_PAGE
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD

NAMES = CNN_2.names
CONVS = [n for n, layer in enumerate(CNN_2.layers) if isinstance(layer, Conv2D)]
DENSES = [n for n, layer in enumerate(CNN_2.layers) if isinstance(layer, Dense)]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return keras.models.load_model(SHIPPED / INSIDE_PAGE.digest / "network.keras", compile=False)


@pytest.fixture(scope="module")
def weights() -> list[np.ndarray]:
    run = RunStore().find(INSIDE_PAGE)
    assert run
    assert run.weights
    return list(run.weights)


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return mnist.prepare(mnist.load().x_test[8][None], True)


@pytest.fixture(scope="module")
def activations(weights: list[np.ndarray], digit: np.ndarray) -> list[np.ndarray]:
    return network.forward(CNN_2, weights, digit)


def before_activation(model: keras.Model, name: str, digit: np.ndarray) -> np.ndarray:
    """The sums of a layer, from a Keras model whose layer is linear."""
    config = model.get_config()
    for layer in config["layers"]:
        if layer["config"]["name"] == name:
            layer["config"]["activation"] = "linear"
    linear = keras.Sequential.from_config(config)
    linear.set_weights(model.get_weights())
    part = keras.Model(linear.inputs[0], linear.get_layer(name).output)
    return np.asarray(part(digit, training=False))[0]


@pytest.mark.parametrize("place", CONVS)
def test_a_filters_parts_and_its_bias_are_keras_sums(
    model: keras.Model, weights: Any, activations: Any, digit: np.ndarray, place: int
) -> None:
    theirs = before_activation(model, NAMES[place], digit)
    for unit in range(theirs.shape[-1]):
        slide = units.slide(CNN_2, weights, activations, place, unit)
        together = slide.parts.sum(axis=0) + slide.bias
        np.testing.assert_allclose(together, theirs[..., unit], atol=1e-4)
        np.testing.assert_allclose(slide.result, activations[place + 1][0, ..., unit], atol=1e-5)


def test_a_pooling_window_gives_the_layers_map(weights: Any, activations: Any) -> None:
    slide = units.slide(CNN_2, weights, activations, 3, 31)
    np.testing.assert_array_equal(slide.result, activations[4][0, ..., 31])


@pytest.mark.parametrize("place", DENSES)
def test_a_dense_units_products_and_its_bias_are_keras_sum(
    model: keras.Model, weights: Any, activations: Any, digit: np.ndarray, place: int
) -> None:
    theirs = before_activation(model, NAMES[place], digit)
    for unit, total in enumerate(theirs):
        weighed = units.weighed(CNN_2, weights, activations, place, unit)
        assert weighed.total == pytest.approx(total, abs=1e-3)
        assert weighed.products.sum() + weighed.bias == pytest.approx(total, abs=1e-3)
        assert weighed.output == activations[place + 1][0, unit]


def test_the_strongest_pushes_are_the_largest_products(weights: Any, activations: Any) -> None:
    weighed = units.weighed(CNN_2, weights, activations, 5, 3)
    up, down = weighed.pushes()
    order = np.argsort(weighed.products)
    assert weighed.products[up].tolist() == weighed.products[order[::-1][:5]].tolist()
    assert weighed.products[down].tolist() == weighed.products[order[:5]].tolist()


def test_what_leads_to_a_unit_is_the_pooled_map_and_the_strongest_part(
    weights: Any, activations: Any
) -> None:
    way = units.trace(CNN_2, weights, activations, 3, 20)
    assert [at for at, _ in way] == [0, 1, 2, 3]
    assert way[3].channel == 20  # pooling looks at its own map
    slide = units.slide(CNN_2, weights, activations, 2, 20)
    parts = [np.abs(part).sum() for part in slide.parts]
    assert way[2].channel == way[1].channel == int(np.argmax(parts))
    assert way[0].channel == 0


def test_a_mosaic_holds_each_map_whole(activations: Any) -> None:
    maps, row = activations[4][0], activations[5][0]
    laid = units.mosaic(row, units.flattened(CNN_2, 5) or ())
    assert laid.shape == (4 * 5, 8 * 5)
    for n in range(32):
        top, left = n // 8 * 5, n % 8 * 5
        np.testing.assert_array_equal(laid[top : top + 5, left : left + 5], maps[..., n])


@pytest.mark.parametrize("spec", [CNN_1, CNN_2, FEEDFORWARD])
def test_an_inputs_name_tells_which_value_flatten_put_there(spec: Any) -> None:
    place = spec.names.index("dense")
    height, width, maps = units.flattened(spec, place) or ()
    numbers = np.arange(height * width * maps).reshape(height, width, maps)
    number = int(numbers[height - 1, 2, maps - 1])
    where = f"row {height - 1}, column 2"
    expected = where if maps == 1 else f"map {maps}, {where}"
    assert units.input_name(spec, place, number) == expected


def test_only_a_window_slides_and_only_a_row_is_weighed(weights: Any, activations: Any) -> None:
    with pytest.raises(LessonError, match="slide a window"):
        units.slide(CNN_2, weights, activations, 5, 0)
    with pytest.raises(LessonError, match="behind Flatten"):
        units.weighed(CNN_2, weights, activations, 2, 0)


# Edits


@pytest.mark.parametrize(
    ("place", "unit", "asked"),
    [
        (0, 4, {"channel": 0, "row": 2, "column": 1, "value": 3}),
        (2, 31, {"channel": 15, "row": 0, "column": 2, "value": -9.5}),
        (2, 31, {"bias": 7.25}),
        (5, 63, {"input": 799, "value": 0.5}),
        (9, 3, {"bias": -99}),
    ],
)
def test_an_edited_weight_is_keras_with_that_weight_set(
    model: keras.Model, weights: Any, digit: np.ndarray, place: int, unit: int, asked: Any
) -> None:
    edit = units.read_edit(CNN_2, place, unit, asked)
    assert edit
    ours = network.forward(CNN_2, units.edited(CNN_2, weights, [edit]), digit)[-1]
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    kernel, bias = twin.get_layer(NAMES[place]).get_weights()
    if "bias" in asked:
        bias[unit] = asked["bias"]
    elif "input" in asked:
        kernel[asked["input"], unit] = asked["value"]
    else:
        kernel[asked["row"], asked["column"], asked["channel"], unit] = asked["value"]
    twin.get_layer(NAMES[place]).set_weights([kernel, bias])
    np.testing.assert_allclose(ours, twin(digit, training=False), atol=1e-4)


def test_an_edit_touches_a_copy_of_one_array_alone(weights: Any) -> None:
    before = [array.copy() for array in weights]
    edit = units.Edit(5, 2, (7,), 42.0)
    after = units.edited(CNN_2, weights, [edit, edit._replace(value=43.0)])
    assert [one is other for one, other in zip(weights, after, strict=True)].count(False) == 1
    assert after[4][7, 2] == 43
    for array, kept in zip(weights, before, strict=True):
        np.testing.assert_array_equal(array, kept)


HOSTILE: list[Any] = [
    None,
    [],
    "bias",
    {},
    {"bias": "1"},
    {"bias": True},
    {"bias": math.nan},
    {"bias": math.inf},
    {"bias": 99.1},
    {"bias": 10**400},
    {"value": 1},
    {"channel": 0, "row": 3, "column": 0, "value": 1},
    {"channel": 0, "row": -1, "column": 0, "value": 1},
    {"channel": 1, "row": 0, "column": 0, "value": 1},
    {"channel": 0, "row": 0.0, "column": 0, "value": 1},
    {"channel": 0, "row": "0", "column": 0, "value": 1},
    {"channel": 0, "row": 0, "column": True, "value": 1},
    {"input": 0, "value": 1},
]


@pytest.mark.parametrize("asked", HOSTILE, ids=str)
def test_what_is_no_weight_or_no_value_is_not_taken(asked: Any) -> None:
    assert units.read_edit(CNN_2, 0, 0, asked) is None


@given(st.integers(0, 9), st.integers(-5, 1000), st.integers(-5, 1000))
def test_an_edit_that_is_taken_can_be_made(place: int, unit: int, number: int) -> None:
    weights = [
        np.zeros(shape, np.float32)
        for row in CNN_2.ledger
        for shape in row.layer.weight_shapes(row.input_shape)
    ]
    for asked in ({"bias": 1}, {"input": number, "value": 1}):
        edit = units.read_edit(CNN_2, place, unit, asked)
        if edit:
            after = units.edited(CNN_2, weights, [edit])
            assert sum(int((array == 1).sum()) for array in after) == 1


# In words


def test_pushes_are_written_as_their_arithmetic(weights: Any, activations: Any) -> None:
    weighed = units.weighed(CNN_2, weights, activations, 5, 3)
    (strongest, *_), _ = weighed.pushes()
    line = inside.pushes(CNN_2, 5, weighed, [strongest])
    assert f"**+{weighed.products[strongest]:.3f}**" in line
    assert units.input_name(CNN_2, 5, strongest) in line
    assert inside.pushes(CNN_2, 5, weighed, []) == "Nothing."
