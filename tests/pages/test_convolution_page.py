"""The convolution page, through the router."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from streamlit.testing.v1 import AppTest

from lesson import mnist
from lesson.filters import FAMILIES, likeness
from lesson.kernels import KERNELS
from lesson.pictures import PICTURES
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import explorer, kernels, resources

SLUG = "convolution"
DIGIT = mnist.load().x_test[0].astype(np.float32) / 255


def picture(app: AppTest, name: str) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What the explorer was sent for the picture with the key ``convolution_<name>``."""
    assert not app.exception
    (found,) = (
        part for part in app.get("bidi_component") if part.proto.id.endswith(f"{SLUG}_{name}")
    )
    return explorer.decode(found.proto.bytes)


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


def keras_result(image: np.ndarray, weights: np.ndarray, strides: int = 1) -> np.ndarray:
    kernel = np.ascontiguousarray(weights, dtype=np.float32)[..., None, None]
    result = keras.ops.conv(
        image[None, ..., None], kernel, strides=strides, data_format="channels_last"
    )
    return np.asarray(result)[0, ..., 0]


def run_shown_lines(app: AppTest, image: np.ndarray) -> np.ndarray:
    """The result of the Keras lines that the page shows, for its first filter."""
    scope = {"np": np, "keras": keras, "layers": layers, "picture": image}
    exec(app.code[0].value, scope)
    return np.asarray(scope["result"])[0, ..., 0]


@pytest.mark.parametrize("slug", list(FAMILIES))
def test_every_named_kernel_gives_what_keras_gives(open_page: Any, slug: str) -> None:
    app = open_page(SLUG, convolution_kernel=slug)
    header, (before, weights, after) = picture(app, "main")
    np.testing.assert_allclose(before, DIGIT, atol=1e-6)
    np.testing.assert_array_equal(weights, FAMILIES[slug].at(3))
    np.testing.assert_allclose(after, keras_result(DIGIT, weights), atol=1e-5)
    assert header["between"] == ["∗", "="]
    assert FAMILIES[slug].name in [part["title"] for part in header["maps"]]
    assert FAMILIES[slug].says in text(app)


@pytest.mark.parametrize("slug", list(PICTURES))
def test_a_test_picture_can_stand_in_for_the_digit(open_page: Any, slug: str) -> None:
    app = open_page(SLUG, convolution_picture=slug, digit="7")
    header, (before, weights, after) = picture(app, "main")
    assert header["maps"][0]["title"] == PICTURES[slug].name
    np.testing.assert_array_equal(before, PICTURES[slug].values)
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-5)


@pytest.mark.parametrize(("size", "strides"), [("2", "1"), ("7", "1"), ("7", "4"), ("3", "2")])
def test_kernel_size_and_strides_shape_the_result_as_in_keras(
    open_page: Any, size: str, strides: str
) -> None:
    app = open_page(SLUG, convolution_kernel_size=size, convolution_strides=strides)
    _, (before, weights, after) = picture(app, "main")
    assert weights.shape == (int(size), int(size))
    expected = keras_result(before, weights, int(strides))
    np.testing.assert_allclose(after, expected, atol=1e-4)
    assert any(part.value.strip("$\n ").endswith(f"= {len(expected)}") for part in app.latex)
    np.testing.assert_allclose(run_shown_lines(app, before), after, atol=1e-4)


def test_relu_bias_and_half_a_turn_act_on_the_picture_and_on_the_keras_lines(
    open_page: Any,
) -> None:
    app = open_page(
        SLUG,
        convolution_kernel="emboss",
        convolution_relu="true",
        convolution_flip="true",
        convolution_bias="-0.75",
    )
    _, (before, weights, after) = picture(app, "main")
    np.testing.assert_array_equal(weights, FAMILIES["emboss"].at(3)[::-1, ::-1])
    expected = np.maximum(keras_result(before, weights) - 0.75, 0)
    np.testing.assert_allclose(after, expected, atol=1e-5)
    np.testing.assert_allclose(run_shown_lines(app, before), after, atol=1e-5)
    assert "activation='relu'" in app.code[0].value
    assert "differs" in text(app)


def test_the_strongest_cell_is_marked_with_its_window_and_written_out(open_page: Any) -> None:
    app = open_page(SLUG, convolution_strides="2")
    header, (before, weights, after) = picture(app, "main")
    row, column = np.unravel_index(np.abs(after).argmax(), after.shape)
    assert header["maps"][2]["marks"] == [
        [row, column, row + 1, column + 1, "its answer", "result"]
    ]
    top, left, bottom, right, *_ = header["maps"][0]["marks"][0]
    assert (top, left, bottom, right) == (2 * row, 2 * column, 2 * row + 3, 2 * column + 3)
    _, (under, laid) = picture(app, "cell")
    np.testing.assert_array_equal(under, before[top:bottom, left:right])
    np.testing.assert_array_equal(laid, weights)
    assert rf"\mathbf{{{after[row, column]:.3f}}}" in app.latex[0].value
    assert f"Row {row}, column {column} of the result" in text(app)


@pytest.mark.parametrize(("row", "column"), [("0", "0"), ("25", "25"), ("3", "20")])
def test_any_other_cell_can_be_chosen(open_page: Any, row: str, column: str) -> None:
    app = open_page(
        SLUG, convolution_strongest="false", convolution_row=row, convolution_column=column
    )
    header, (before, weights, after) = picture(app, "main")
    down, across = int(row), int(column)
    assert header["maps"][2]["marks"][0][:2] == [down, across]
    _, (under, _) = picture(app, "cell")
    np.testing.assert_array_equal(under, before[down : down + 3, across : across + 3])
    assert after[down, across] == pytest.approx(float((under * weights).sum()), abs=1e-5)


def test_a_chosen_cell_stays_inside_a_result_that_shrinks(open_page: Any) -> None:
    app = open_page(
        SLUG, convolution_strongest="false", convolution_row="25", convolution_column="25"
    )
    app.select_slider(key="convolution_strides").set_value(4).run()
    header, (_, _, after) = picture(app, "main")
    assert after.shape == (7, 7)
    assert header["maps"][2]["marks"][0][:4] == [6, 6, 7, 7]


def test_a_named_kernel_becomes_the_reader_s_own_and_its_values_can_be_changed(
    open_page: Any,
) -> None:
    app = open_page(SLUG, convolution_kernel="sharpen")
    assert not [field for field in app.number_input if "weight" in field.key]
    app.button(key="convolution_edit").click().run()
    _, (_, weights, _) = picture(app, "main")
    np.testing.assert_array_equal(weights, FAMILIES["sharpen"].at(3))
    app.number_input(key="convolution_weight_1_3").set_value(2.5).run()
    header, (before, weights, after) = picture(app, "main")
    assert header["maps"][1]["title"] == "Custom"
    assert weights.tolist() == [[0, -1, 2.5], [-1, 5, -1], [0, -1, 0]]
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-5)
    np.testing.assert_allclose(run_shown_lines(app, before), after, atol=1e-5)
    app.selectbox(key="convolution_kernel").select("sharpen").run()
    _, (_, weights, _) = picture(app, "main")
    np.testing.assert_array_equal(weights, FAMILIES["sharpen"].at(3))


def test_a_copied_address_restores_the_reader_s_own_kernel(open_page: Any) -> None:
    app = open_page(SLUG, convolution_kernel="gaussian-blur", convolution_kernel_size="4")
    app.button(key="convolution_edit").click().run()
    _, (_, weights, after) = picture(app, "main")
    np.testing.assert_array_equal(weights, FAMILIES["gaussian-blur"].at(4))
    address = {
        key: values if isinstance(values, str) else values[-1]
        for key, values in app.query_params.items()
    }
    assert address["convolution_weight_2_1"] == str(weights[1, 0])
    again = open_page(SLUG, **address)
    _, (_, restored, same) = picture(again, "main")
    np.testing.assert_array_equal(restored, weights)
    np.testing.assert_array_equal(same, after)


@pytest.mark.parametrize("size", range(1, kernels.LARGEST + 1))
def test_an_own_kernel_can_have_every_size(open_page: Any, size: int) -> None:
    app = open_page(SLUG, convolution_kernel="custom", convolution_kernel_size=str(size))
    _, (before, weights, after) = picture(app, "main")
    np.testing.assert_array_equal(weights, np.ones((size, size)))
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-4)
    assert app.select_slider(key="convolution_filters").value == (6 if size > 1 else 1)


@pytest.mark.parametrize("filters", [1, 6])
def test_several_filters_stand_over_what_each_gives(open_page: Any, filters: int) -> None:
    app = open_page(SLUG, convolution_filters=str(filters), convolution_strides="2")
    _, shown = picture(app, "gallery")
    weights, maps = shown[:filters], shown[filters:]
    assert len(maps) == filters
    np.testing.assert_array_equal(weights[0], FAMILIES["vertical-edges"].at(3))
    assert len({values.tobytes() for values in weights}) == filters
    for values, result in zip(weights, maps, strict=True):
        np.testing.assert_allclose(result, keras_result(DIGIT, values, 2), atol=1e-5)
    layer = layers.Conv2D(filters, 3, strides=2)
    layer.build((None, 28, 28, 1))
    assert f"= {layer.count_params()} parameters" in text(app)
    assert f"13×13×{filters}" in text(app)


def test_the_four_edge_kernels_are_among_the_filters_shown_at_first(open_page: Any) -> None:
    _, shown = picture(open_page(SLUG), "gallery")
    for slug in KERNELS:
        if slug.endswith("-edges"):
            assert any(np.array_equal(values, KERNELS[slug].values) for values in shown[:6])


def test_the_learned_filters_stand_over_the_maps_that_cnn_1_makes(open_page: Any) -> None:
    run = resources.find(NOTEBOOK_RUNS["CNN 1"])
    assert run is not None
    image = mnist.load().x_test[5]
    maps = resources.activations(run, image)[1][0]
    _, shown = picture(open_page(SLUG, digit="5"), "learned_gallery")
    kernels_shown, maps_shown = [*shown[:8], *shown[16:24]], [*shown[8:16], *shown[24:]]
    for n in range(16):
        np.testing.assert_array_equal(kernels_shown[n], run.weights[0][:, :, 0, n])
        np.testing.assert_allclose(maps_shown[n], maps[..., n], atol=1e-5)


@pytest.mark.parametrize("n", [1, 4, 16])
def test_a_learned_filter_stands_beside_the_kernel_that_it_is_most_like(
    open_page: Any, n: int
) -> None:
    run = resources.find(NOTEBOOK_RUNS["CNN 1"])
    assert run is not None
    app = open_page(SLUG, convolution_learned=str(n))
    _, (learned, first, by_hand, second) = picture(app, "alike")
    np.testing.assert_array_equal(learned, run.weights[0][:, :, 0, n - 1])
    np.testing.assert_allclose(first, keras_result(DIGIT, learned), atol=1e-5)
    np.testing.assert_allclose(second, keras_result(DIGIT, by_hand), atol=1e-5)
    best = max(
        abs(likeness(learned, kernel.values)) for kernel in KERNELS.values() if kernel.size == 3
    )
    assert likeness(learned, by_hand) == pytest.approx(best)
    assert f"likeness {best:.2f}" in text(app)


def test_values_from_the_address_that_cannot_be_are_made_to_fit(open_page: Any) -> None:
    app = open_page(
        SLUG,
        digit="-4",
        convolution_picture="a cat",
        convolution_kernel="sharpen",
        convolution_kernel_size="99",
        convolution_strides="0",
        convolution_filters="1000",
        convolution_bias="nan",
        convolution_learned="0",
        convolution_relu="perhaps",
        convolution_row="-1",
    )
    _, (before, weights, after) = picture(app, "main")
    np.testing.assert_allclose(before, DIGIT, atol=1e-6)
    np.testing.assert_array_equal(weights, FAMILIES["sharpen"].at(3))
    assert after.shape == (26, 26)
    assert app.select_slider(key="convolution_filters").value == 6
    assert app.select_slider(key="convolution_learned").value == 1


@pytest.mark.parametrize("weight", ["nan", "1e9", "<b>"])
def test_a_weight_from_the_address_that_cannot_be_is_made_to_fit(
    open_page: Any, weight: str
) -> None:
    app = open_page(SLUG, convolution_kernel="Custom", convolution_weight_1_1=weight)
    _, (_, weights, after) = picture(app, "main")
    assert weights[0, 0] == (kernels.LIMIT if weight == "1e9" else 1)
    assert np.isfinite(after).all()


def test_without_the_trained_network_the_page_says_so_and_goes_on(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "find", lambda spec: None)
    app = open_page(SLUG)
    assert not app.exception
    assert "missing" in app.info[0].value
    assert len(app.expander) == 3
