"""The pooling page's questions, held against Keras and against what the page then shows."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from keras import layers

from lesson import mnist, worth
from lesson.pooled import AS_IS, AVERAGE
from lesson.questions import bank, variants
from lesson.questions.kinds import Cell, Choice, Order
from lesson.runs import RunStore
from tests.conftest import picture
from tests.questions.shown import address, asked, code_in, few, says

SLUG = "pooling"
PLACES = {"first": 0, "second": 1, "third": 2}


def by_keras(layer: keras.Layer, image: np.ndarray) -> np.ndarray:
    return np.asarray(layer(image[None, ..., None].astype(np.float32)))[0, ..., 0]


def said(app: Any) -> str:
    return "\n".join(part.value for part in app.markdown)


@few
@given(asked("pooling_map"))
def test_the_right_picture_is_keras_s_and_each_other_one_its_mistake(question: Choice) -> None:
    image = mnist.load().x_test[question.settings["digit"]]
    kind, size = re.findall(r"through (\w+) pooling with `pool_size=(\d)`", question.prompt)[0]
    size, side = int(size), 28 // int(size)
    made = {
        "largest": by_keras(layers.MaxPooling2D(size), image),
        "mean": by_keras(layers.AveragePooling2D(size), image),
        "skips pixels": image[::size, ::size][:side, :side],
        "smallest": -by_keras(layers.MaxPooling2D(size), -image.astype(np.float32)),
    }
    right = "largest" if kind == "max" else "mean"
    assert len(question.options) == len(made)
    for option in question.options:
        name = right if option.right else next(each for each in made if each in option.says)
        assert option.right or name != right
        assert option.picture is not None
        np.testing.assert_allclose(option.picture, made.pop(name), atol=1e-3)


@few
@given(asked("pooling_wins"))
def test_the_winner_is_the_largest_of_the_window_that_is_asked_for(question: Cell) -> None:
    layer = eval(code_in(question.prompt), {"layers": layers})
    column, row = (PLACES[name] for name in re.findall(r"\*\*(\w+)\*\*", question.prompt))
    (winner,) = question.right
    assert question.values[winner] == by_keras(layer, question.values)[row, column]
    size, step = layer.pool_size[0], layer.strides[0]

    def within(cell: tuple[int, int], down: int, across: int) -> bool:
        return 0 <= cell[0] - down < size and 0 <= cell[1] - across < size

    assert within(winner, row * step, column * step)
    for cell, why in question.near.items():
        if "not the largest" in why:
            assert within(cell, row * step, column * step)
            assert question.values[cell] < question.values[winner]
        elif "not by its own size" in why:
            assert within(cell, row * size, column * size)
        else:
            assert within(cell, column * step, row * step)


@few
@given(asked("pooling_order"))
def test_the_order_is_that_of_the_shapes_in_keras(question: Order) -> None:
    made = [eval(f"layers.MaxPooling2D({item})", {"layers": layers}) for item in question.items]
    sides = [layer.compute_output_shape((None, 28, 28, 1))[1] for layer in made]
    assert len(set(sides)) == len(sides)
    assert [sides[n] for n in question.right] == sorted(sides, reverse=True)
    for side, item in zip(sides, question.items, strict=True):
        assert f"`{item}` gives {side}×{side}" in question.explanation
    for order, why in says(question).items():
        if "by pool_size" in why:
            sizes = [made[n].pool_size[0] for n in order]
            assert sizes == sorted(sizes)
        else:
            assert [sides[n] for n in order] == sorted(sides)
    # Who goes by the size of the window is wrong, whatever the numbers.
    assert any("by pool_size" in why for why in says(question).values())


@few
@given(asked("pooling_dense"))
def test_the_dense_layer_behind_has_as_many_parameters_as_in_keras_and_so_have_the_mistakes(
    question: Choice,
) -> None:
    layer = eval(code_in(question.prompt), {"layers": layers})
    shape = layer.compute_output_shape((None, 26, 26, 16))[1:]
    dense = layers.Dense(128)
    dense.build((None, int(np.prod(shape))))
    right = dense.count_params()
    assert question.told(question.solution) == f"{right:,}"
    size, step, side = layer.pool_size[0], layer.strides[0], shape[0]
    by_size = layers.MaxPooling2D(size, padding=layer.padding)
    other = by_size.compute_output_shape((None, 26, 26, 16))[1]
    values = {
        "channels were forgotten": side * side * 128 + 128,
        "biases were forgotten": right - 128,
        "down and across": 26 * side * 16 * 128 + 128,
        "without pooling": 26 * 26 * 16 * 128 + 128,
        "no weights of its own": right + size * size * 16,
        "rounded up": (-(-(26 - size) // step) + 1) ** 2 * 16 * 128 + 128,
        "not by its own size": other * other * 16 * 128 + 128,
    }
    for label, why in says(question).items():
        (known,) = [number for part, number in values.items() if part in why]
        assert label == f"{known:,}"


def test_cnn_1_is_larger_than_the_feedforward_network_and_smaller_than_without_pooling() -> None:
    def count(*inner: keras.Layer) -> str:
        return f"{keras.Sequential([keras.Input((28, 28, 1)), *inner]).count_params():,}"

    behind = (layers.Flatten(), layers.Dense(128), layers.Dense(10))
    with_pooling = count(layers.Conv2D(16, 3), layers.MaxPooling2D(2), *behind)
    without = count(layers.Conv2D(16, 3), layers.Flatten(), layers.Dense(128), layers.Dense(10))
    plain = count(layers.Flatten(), layers.Dense(128), layers.Dense(32), layers.Dense(10))
    question = bank()["pooling_reduction"].ask({}, 0)
    assert question.told(question.solution) == "It is larger: its maps cost a lot"
    assert f"CNN 1 has {with_pooling} parameters, the feedforward network {plain}." in (
        question.explanation
    )
    assert f"Without its pooling CNN 1 would have {without}" in question.explanation


@pytest.mark.parametrize(
    ("average", "right"),
    [
        ((0.990, 0.991, 0.992), "better"),
        ((0.970, 0.971, 0.972), "worse"),
        ((0.979, 0.981, 0.985), "Nothing that chance"),
        ((0.99,), "too few"),
    ],
)
def test_what_average_pooling_did_is_what_the_trainings_bear_out(
    monkeypatch: pytest.MonkeyPatch, average: tuple[float, ...], right: str
) -> None:
    plain = (0.980, 0.982, 0.983)
    rows = {
        name: worth.Tried(name, worth.VARIANTS[name], values, values, 2.0)
        for name, values in ((AS_IS, plain), (AVERAGE, average))
    }
    monkeypatch.setattr(variants, "known", lambda: rows)
    question = bank()["pooling_average"].ask({}, 0)
    assert right in question.told(question.solution)


def test_without_the_trainings_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "known", dict)
    question = bank()["pooling_average"].ask({}, 0)
    assert "too few" in question.told(question.solution)
    assert "missing from assets" in question.explanation


def test_what_ships_says_that_the_kind_of_pooling_makes_no_difference_beyond_chance() -> None:
    known = {row.name: row.accuracies for row in worth.tried(RunStore())}
    largest, mean = known[AS_IS], known[AVERAGE]
    assert len(largest) == len(mean) == 5
    assert min(mean) <= max(largest)
    assert max(mean) >= min(largest)
    question = bank()["pooling_average"].ask({}, 0)
    assert question.told(question.solution) == "Nothing that chance does not do as well"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_page_shows_both_results_and_the_skipped_pixels(open_page: Any, seed: int) -> None:
    question = bank()["pooling_map"].ask({}, seed)
    assert isinstance(question, Choice)
    drawn = picture(open_page(SLUG, **address(question.settings)), "pooling_maps")
    (right,) = [option.picture for option in question.options if option.right]
    assert any(np.allclose(result, right, atol=1e-3) for result in drawn.all("output"))
    (skipped,) = [option for option in question.options if "skips" in option.says]
    app = open_page(SLUG, **address(question.settings, skipped.show))
    assert skipped.picture is not None
    side = len(skipped.picture)
    shown = picture(app, "pooling_maps").all("output")[0][:side, :side]
    np.testing.assert_allclose(shown, skipped.picture, atol=1e-3)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_page_shows_what_wins_at_the_place_that_is_named(open_page: Any, seed: int) -> None:
    question = bank()["pooling_wins"].ask({}, seed)
    assert isinstance(question, Cell)
    app = open_page(SLUG, **address(question.settings))
    row, column = map(int, re.findall(r"row (\d+), column (\d+)", question.look)[0])
    result = picture(app, "pooling_maps").all("output")[0]
    assert result[row, column] == question.values[question.solution]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_page_shows_the_size_and_the_dense_layer(open_page: Any, seed: int) -> None:
    order = bank()["pooling_order"].ask({"pooling_pool_size": 3}, seed)
    app = open_page(SLUG, **address(order.settings))
    side = len(picture(app, "pooling_maps").all("output")[0])
    (item,) = re.findall(r"`(.*?)`", order.look)
    assert f"`{item}` gives {side}×{side}" in order.explanation
    mine = {"pooling_pool_size": 3, "pooling_strides": "2", "pooling_padding": "same"}
    dense = bank()["pooling_dense"].ask(mine, seed)
    app = open_page(SLUG, **address(dense.settings))
    assert f"= {dense.told(dense.solution)}, by a factor of" in said(app)


def test_the_page_shows_the_bars_and_the_table(open_page: Any) -> None:
    question = bank()["pooling_reduction"].ask({}, 0)
    app = open_page(SLUG, **address(question.settings))
    for number in re.findall(r"\d{3,7}", question.explanation.replace(",", "")):
        assert f"{int(number):,}" in said(app)
    average = bank()["pooling_average"].ask({}, 0)
    for spread in re.findall(r"[\d.]+% \([\d.–]+\)", average.explanation):
        assert spread in said(app)
