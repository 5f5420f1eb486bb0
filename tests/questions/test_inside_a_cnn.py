"""The questions inside a CNN: their numbers are those of Keras, their mistakes the known ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lesson import glossary, mnist
from lesson.questions import bank, inside_lines, inside_trained, measured
from lesson.questions.inside_a_cnn import STACK
from lesson.questions.keras_line import Line
from lesson.questions.kinds import Blank, Choice, Number, Order
from lesson.runs import SHIPPED
from lesson.shipped import INSIDE_PAGE
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from tests.conftest import picture
from tests.questions.shown import revealed

OpenPage = Callable[..., AppTest]
few = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
stacks = st.fixed_dictionaries(
    {key: st.sampled_from(list(read.allowed)) for key, read in STACK.items()}
)
seeds = st.integers(0, 9_999)


def keras_stack(shown: Mapping[str, Any]) -> keras.Sequential:
    """The network that the page's controls stand for, written in plain Keras."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for n in range(1, shown["cnn_blocks"] + 1):
        filters, size = shown[f"cnn_filters_{n}"], shown[f"cnn_kernel_size_{n}"]
        model.add(keras.layers.Conv2D(filters, size, padding=shown["cnn_padding"]))
        if shown[f"cnn_pooling_{n}"] == "max":
            model.add(keras.layers.MaxPooling2D(2))
        elif shown[f"cnn_pooling_{n}"] == "average":
            model.add(keras.layers.AveragePooling2D(2))
    model.add(keras.layers.Flatten())
    for n in range(1, shown["cnn_dense_layers"] + 1):
        model.add(keras.layers.Dense(shown[f"cnn_units_{n}"]))
    model.add(keras.layers.Dense(10))
    return model


def of_kind(model: keras.Sequential, kind: type) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, kind)]


def told(asked: Choice) -> dict[str, int]:
    """What is said to each number that one may choose."""
    return {option.says: int(option.label.replace(",", "")) for option in asked.options}


# Shapes and parameters


@given(values=stacks, seed=seeds)
@few
def test_the_parameters_of_a_filter_over_maps_are_those_of_keras(
    values: dict[str, Any], seed: int
) -> None:
    asked = bank()["inside_weights"].ask(values, seed)
    assert isinstance(asked, Choice)
    layer = of_kind(keras_stack(asked.settings), keras.layers.Conv2D)[1]
    size, _, maps, filters = layer.kernel.shape
    assert f"Conv2D({filters}, kernel_size={size})" in asked.prompt
    assert f"{maps} maps go in" in asked.prompt
    assert asked.told(asked.solution) == f"{layer.count_params():,}"
    known = {
        "over one picture": size * size * filters + filters,
        "biases are missing": size * size * maps * filters,
        "a bias for each kernel": size * size * maps * filters + maps * filters,
        "weights of one filter": size * size * maps + filters,
    }
    for says, number in told(asked).items():
        if number != layer.count_params():
            assert [number] == [wrong for words, wrong in known.items() if words in says]


@given(values=stacks, seed=seeds)
@few
def test_the_row_that_flatten_gives_is_that_of_keras(values: dict[str, Any], seed: int) -> None:
    asked = bank()["inside_row"].ask(values, seed)
    assert isinstance(asked, Number)
    model = keras_stack(asked.settings)
    (flat,) = of_kind(model, keras.layers.Flatten)
    pool = model.layers[model.layers.index(flat) - 1]
    _, high, wide, maps = pool.input.shape
    assert f"gives {high}×{wide}×{maps}" in asked.prompt
    assert asked.right == flat.output.shape[1]
    known = {
        "That is one map": pool.output.shape[1] * pool.output.shape[2],
        "one value of each map": maps,
        "go into the pooling": high * wide * maps,
        "rounded up": int(np.ceil(high / 2) * np.ceil(wide / 2)) * maps,
        "not fewer": pool.output.shape[1] * pool.output.shape[2] * (maps // 2),
        "`strides=1`": (high - 1) * (wide - 1) * maps,
    }
    for mistake in asked.mistakes:
        assert [mistake.value] == [n for words, n in known.items() if words in mistake.says]


@given(values=stacks, seed=seeds)
@few
def test_a_block_more_makes_the_network_as_large_as_keras_says(
    values: dict[str, Any], seed: int
) -> None:
    asked = bank()["inside_block"].ask(values, seed)
    assert isinstance(asked, Choice)
    wrong = next(option for option in asked.options if not option.right)
    before, after = keras_stack(wrong.show), keras_stack(asked.settings)
    assert asked.settings["cnn_blocks"] == wrong.show["cnn_blocks"] + 1
    counts = before.count_params(), after.count_params()
    assert "{:,} parameters become {:,}".format(*counts) in asked.explanation
    rises = counts[1] > counts[0]
    assert asked.told(asked.solution) == ("It rises" if rises else "It falls")
    # Dropout and activations, which this stack goes without, learn nothing.
    assert {option.right for option in asked.options if option.label == "It stays"} == {False}


def test_blocks_that_enlarge_and_that_shrink_are_both_asked_about() -> None:
    question = bank()["inside_block"]
    assert {question.ask({}, seed).told(question.ask({}, seed).solution) for seed in range(9)} == {
        "It rises",
        "It falls",
    }


@pytest.mark.parametrize("seed", range(3))
def test_what_the_layers_do_is_told_with_the_shapes_of_keras(seed: int) -> None:
    asked = bank()["inside_types"].ask({}, seed)
    assert isinstance(asked, Order)
    conv, pool, flat, dense, last = keras_stack(asked.settings).layers
    ordered = [asked.items[place] for place in asked.right]
    assert f"{conv.output.shape[-1]} maps" in ordered[0]
    assert f"{pool.output.shape[1]}×{pool.output.shape[2]}" in ordered[1]
    assert f"{flat.output.shape[1]:,} values" in ordered[2]
    assert f"{dense.units} units" in ordered[3]
    assert last.units == 10
    assert "ten probabilities" in ordered[4]
    # Of all the ways to put them, one is right, and each mistake changes two of them over.
    right = [order for order in permutations(range(5)) if asked.judge(order).right]
    assert right == [asked.right]
    for mistake in asked.mistakes:
        swapped = [a != b for a, b in zip(mistake.value, asked.right, strict=True)]
        assert sum(swapped) == 2


# A trained filter's map


def weights(run: RunSpec) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The first layer's kernel and bias, from the file that plain Keras loads."""
    model = keras.models.load_model(SHIPPED / run.digest / "network.keras", compile=False)
    kernel, bias = model.layers[0].get_weights()
    return kernel, bias


def sums(image: Any, kernel: Any, bias: float) -> np.ndarray[Any, Any]:
    """A filter's sums, place by place: Keras lays the kernel on the picture as it stands."""
    pixels = image.astype(np.float64) / 255
    rows = [
        [(pixels[row : row + 3, column : column + 3] * kernel).sum() + bias for column in range(26)]
        for row in range(26)
    ]
    return np.array(rows)


@pytest.mark.parametrize(
    ("digit", "blocks", "seed"), [(0, 2, 0), (17, 2, 5), (4321, 1, 1), (9999, 0, 2)]
)
def test_the_right_map_is_the_filters_and_each_other_is_a_known_mistake(
    digit: int, blocks: int, seed: int
) -> None:
    asked = bank()["inside_map"].ask({"digit": digit, "cnn_blocks": blocks}, seed)
    assert isinstance(asked, Choice)
    assert len(asked.options) == 4
    assert asked.settings["cnn_blocks"] != blocks  # else one could look it up
    run = INSIDE_PAGE if blocks == 1 else NOTEBOOK_RUNS["CNN 1"]
    kernel, biases = weights(run)
    unit = int(asked.settings["cnn_unit"]) - 1
    kernel, bias = kernel[:, :, 0, unit].astype(np.float64), float(biases[unit])
    shown = [float(text) for text in re.findall(r"-?\d\.\d\d", asked.prompt)]
    np.testing.assert_allclose(shown, kernel.ravel(), atol=0.0051)
    image = mnist.load().x_test[digit]
    assert f"test digit {digit}, a {mnist.load().y_test[digit]}?" in asked.prompt
    right = sums(image, kernel, bias)
    known = {
        "half a turn": np.maximum(sums(image, kernel[::-1, ::-1], bias), 0),
        "rows and columns": np.maximum(sums(image, kernel.T, bias), 0),
        "plus and minus": np.maximum(sums(image, -kernel, bias), 0),
        "before ReLU": right,
        "what is below 0 is 0": np.maximum(right, 0),
    }
    for option in asked.options:
        (expected,) = [map_ for words, map_ in known.items() if words in option.says]
        assert option.picture is not None
        np.testing.assert_allclose(option.picture, expected, atol=1e-4)
        assert option.right == ("what is below 0 is 0" in option.says)
    row, column = np.unravel_index(right.argmax(), right.shape)
    assert f"at row {row} and column {column}" in asked.explanation


def test_without_trained_networks_the_filters_are_made_by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caches = (inside_trained._filters, inside_trained._maps)
    monkeypatch.setattr(measured, "run", lambda spec: None)
    for cache in caches:
        cache.cache_clear()
    try:
        asked = bank()["inside_map"].ask({}, 0)
    finally:
        for cache in caches:
            cache.cache_clear()
    assert isinstance(asked, Choice)
    assert "made by hand" in asked.prompt
    assert asked.settings == {}
    assert len(asked.options) >= 2


# Dropout


@pytest.mark.parametrize("seed", range(6))
def test_dropout_silences_what_keras_silences(seed: int) -> None:
    asked = bank()["inside_dropout"].ask({}, seed)
    count, rate = (
        float(re.findall(pattern, asked.prompt)[0]) for pattern in (r"behind (\d+)", r"\((.*?)\)")
    )
    keras.utils.set_random_seed(1)
    training = "training" in asked.prompt
    values = np.ones((500, int(count)), np.float32)
    out = np.asarray(keras.layers.Dropout(rate)(values, training=training))
    silenced = float((out == 0).sum(axis=1).mean())
    label = asked.told(asked.solution)
    if training:
        assert abs(silenced - float(re.findall(r"\d+", label)[0])) < 0.5
        assert label.endswith("by chance")
    else:
        assert silenced == 0
        assert label == "Not one"


# The notebook's lines


def run_lines(asked: Blank, line: str) -> keras.Sequential:
    """The whole with a line in place of the dots, run by Keras."""
    scope: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    if not line.startswith("model"):
        line = f"model.add({line})" if line.startswith("layers.") else f"model = {line}"
    quiet = asked.after.replace("model.summary()", "")
    exec("\n".join([asked.before, line.replace("model.summary()", ""), quiet]), scope)
    return scope["model"]


LINES = [bank()["inside_line"].ask({}, seed) for seed in range(24)]
EACH = {re.sub(r"\d+", "", line.right[0]): line for line in LINES}


@pytest.mark.parametrize("asked", list(EACH.values()), ids=lambda each: each.right[0])
def test_the_right_line_makes_the_network_and_the_wrong_ones_do_not(asked: Blank) -> None:
    model = run_lines(asked, asked.right[0])
    assert model.layers[-1].units == 10
    assert model.layers[-1].activation.__name__ == "softmax"
    for right in asked.right[1:]:
        assert run_lines(asked, right).count_params() == model.count_params()
    shape = "×".join(str(side) for side in model.layers[0].output.shape[1:])
    if "Conv2D" in asked.right[0]:
        assert f"gives {shape}." in asked.prompt
    if asked.right[0] in (inside_lines.END, inside_lines.BEGIN):
        return
    missing = next(n for n, layer in enumerate(model.layers) if kind(layer) in asked.right[0])
    for mistake in asked.mistakes:
        assert Line.of(mistake.value) != Line.of(asked.right[0])
        try:
            other = run_lines(asked, mistake.value)
        except ValueError:  # Keras refuses it
            continue
        assert written(other.layers[missing]) != written(model.layers[missing])


def written(layer: Any) -> tuple[str, dict[str, Any]]:
    """What a layer is, whatever it is called."""
    return type(layer).__name__, layer.get_config() | {"name": ""}


def kind(layer: Any) -> str:
    """What a line must say to be this layer's."""
    dense = f"Dense({getattr(layer, 'units', '')}"
    return dense if isinstance(layer, keras.layers.Dense) else type(layer).__name__


def test_each_line_that_the_notebook_leaves_blank_is_asked_for() -> None:
    asked = "\n".join(line.right[0] for line in LINES)
    for line in ("Sequential()", "Conv2D(", "Flatten()", "Dense(10, activation='softmax')"):
        assert line in asked
    assert re.search(r"Dense\((32|64|96|128), activation='relu'\)", asked)
    assert "model.summary()" in asked


# On the page


@pytest.fixture
def shown(open_page: OpenPage) -> Callable[[str, int], AppTest]:
    """The page with the settings that a question reveals."""
    return partial(revealed, open_page)


def said(app: AppTest) -> str:
    return "\n".join(glossary.plain(part.value) for part in app.main.markdown)


def test_the_page_shows_the_parameters_and_the_shapes(
    shown: Callable[[str, int], AppTest],
) -> None:
    for key in ("inside_weights", "inside_row", "inside_block", "inside_types"):
        asked = bank()[key].ask({}, 1)
        model = keras_stack(asked.settings)
        text = said(shown(key, 1))
        assert f"**{model.count_params():,}**" in text, key
        (flat,) = of_kind(model, keras.layers.Flatten)
        assert f"| `flatten` | {flat.output.shape[1]} |" in text, key


def test_the_page_shows_the_filters_map(shown: Callable[[str, int], AppTest]) -> None:
    asked = bank()["inside_map"].ask({}, 3)
    assert isinstance(asked, Choice)
    drawn = picture(shown("inside_map", 3), "cnn_slide").array("output")
    np.testing.assert_allclose(drawn, asked.options[asked.solution].picture, atol=1e-5)


@pytest.mark.parametrize("seed", range(2))
def test_the_page_says_what_dropout_does(shown: Callable[[str, int], AppTest], seed: int) -> None:
    asked = bank()["inside_dropout"].ask({}, seed)
    (count,) = re.findall(r"behind (\d+)", asked.prompt)
    assert f"passes on all {count} values as they are" in said(shown("inside_dropout", seed))


def test_the_page_shows_the_line(shown: Callable[[str, int], AppTest]) -> None:
    seed, asked = next(
        (n, line) for n, line in enumerate(LINES) if line.right[0].startswith("layers.Conv2D")
    )
    app = shown("inside_line", seed)
    assert any(asked.right[0] in block.value for block in app.code)
