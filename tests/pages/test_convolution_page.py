"""The convolution page, through the router."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesson import mnist, sliding
from lesson.filters import FAMILIES, PRINTED, likeness
from lesson.kernels import KERNELS
from lesson.pictures import PICTURES
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import kernels, resources
from tests.conftest import Picture, picture, tell

SLUG = "convolution"
DIGIT = mnist.load().x_test[0].astype(np.float32) / 255


def main(app: AppTest) -> tuple[Picture, np.ndarray, np.ndarray, np.ndarray]:
    """The explorer: all of it, the picture, the kernel as it lies over it, the result."""
    drawn = picture(app, "convolution_main")
    (before,), (weights,) = drawn.array("input"), drawn.array("kernel")
    return drawn, before, weights, drawn.array("output")


def gallery(app: AppTest, name: str, columns: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The kernels of a gallery, and what stands below each: rows of them in turn."""
    shown = picture(app, f"convolution_{name}").arrays
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    return [k for row in rows[::2] for k in row], [m for row in rows[1::2] for m in row]


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
    drawn, before, weights, after = main(app)
    np.testing.assert_allclose(before, DIGIT, atol=1e-6)
    np.testing.assert_array_equal(weights, FAMILIES[slug].at(3))
    np.testing.assert_allclose(after, keras_result(DIGIT, weights), atol=1e-5)
    assert drawn.map("kernel")["title"] == FAMILIES[slug].name
    assert (drawn.map("input")["low"], drawn.map("input")["high"]) == (0, 1)
    assert drawn.header["editable"]
    assert FAMILIES[slug].says in text(app)


@pytest.mark.parametrize("slug", list(PICTURES))
def test_a_test_picture_can_stand_in_for_the_digit(open_page: Any, slug: str) -> None:
    app = open_page(SLUG, convolution_picture=slug, digit="7")
    drawn, before, weights, after = main(app)
    assert drawn.map("input")["title"].startswith(PICTURES[slug].name)
    np.testing.assert_array_equal(before, PICTURES[slug].values)
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-5)


@pytest.mark.parametrize(("size", "strides"), [("2", "1"), ("7", "1"), ("7", "4"), ("3", "2")])
def test_kernel_size_and_strides_shape_the_result_as_in_keras(
    open_page: Any, size: str, strides: str
) -> None:
    app = open_page(SLUG, convolution_kernel_size=size, convolution_strides=strides)
    drawn, before, weights, after = main(app)
    assert drawn.header["strides"] == [int(strides)] * 2
    assert weights.shape == (int(size), int(size))
    expected = keras_result(before, weights, int(strides))
    np.testing.assert_allclose(after, expected, atol=1e-4)
    assert f"= {len(expected)}\n$$" in text(app)
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
    drawn, before, weights, after = main(app)
    np.testing.assert_array_equal(weights, FAMILIES["emboss"].at(3)[::-1, ::-1])
    expected = keras_result(before, weights) - 0.75
    np.testing.assert_allclose(drawn.array("sums"), expected, atol=1e-5)
    np.testing.assert_allclose(after, np.maximum(expected, 0), atol=1e-5)
    np.testing.assert_allclose(run_shown_lines(app, before), after, atol=1e-5)
    assert (drawn.header["bias"], drawn.header["activation"]) == (-0.75, "relu")
    assert "after ReLU" in drawn.map("output")["title"]
    assert "activation='relu'" in app.code[0].value
    assert "differs" in text(app)


@pytest.mark.parametrize("strides", ["1", "2", "4"])
def test_the_window_stops_at_the_corners_and_rests_at_the_strongest_answer(
    open_page: Any, strides: str
) -> None:
    drawn, _, _, after = main(open_page(SLUG, convolution_strides=strides))
    stops = drawn.header["stops"]
    assert [stops[0][0], stops[-1][0]] == [0, after.size - 1]
    (strongest,) = [place for place, says in stops if sliding.STRONGEST in says]
    assert strongest == np.abs(after).argmax()


@pytest.mark.parametrize("relu", ["false", "true"])
def test_the_colours_of_the_layer_reach_as_far_as_the_largest_answer_of_its_filters(
    open_page: Any, relu: str
) -> None:
    app = open_page(SLUG, convolution_relu=relu)
    _, maps = gallery(app, "gallery", 6)
    drawn, _, _, after = main(app)
    # It stays the layer's scale, however many of its filters are looked at below.
    assert main(open_page(SLUG, convolution_relu=relu, convolution_filters="2"))[0].header[
        "layerHigh"
    ] == pytest.approx(drawn.header["layerHigh"])
    most = max(float(np.abs(values).max()) for values in maps)
    assert drawn.header["layerHigh"] == pytest.approx(most)
    assert any(np.allclose(values, after, atol=1e-5) for values in maps)


def test_a_named_kernel_becomes_the_reader_s_own_and_its_values_can_be_changed(
    open_page: Any,
) -> None:
    app = open_page(SLUG, convolution_kernel="sharpen")
    assert not [field for field in app.number_input if "weight" in field.key]
    app.button(key="convolution_edit").click().run()
    np.testing.assert_array_equal(main(app)[2], FAMILIES["sharpen"].at(3))
    app.number_input(key="convolution_weight_1_3").set_value(2.5).run()
    drawn, before, weights, after = main(app)
    assert drawn.map("kernel")["title"] == "Custom"
    assert weights.tolist() == [[0, -1, 2.5], [-1, 5, -1], [0, -1, 0]]
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-5)
    np.testing.assert_allclose(run_shown_lines(app, before), after, atol=1e-5)
    app.selectbox(key="convolution_kernel").select("sharpen").run()
    np.testing.assert_array_equal(main(app)[2], FAMILIES["sharpen"].at(3))


def test_a_copied_address_restores_the_reader_s_own_kernel(open_page: Any) -> None:
    app = open_page(SLUG, convolution_kernel="gaussian-blur", convolution_kernel_size="4")
    app.button(key="convolution_edit").click().run()
    _, _, weights, after = main(app)
    np.testing.assert_array_equal(weights, FAMILIES["gaussian-blur"].at(4))
    address = {
        key: values if isinstance(values, str) else values[-1]
        for key, values in app.query_params.items()
    }
    assert address["convolution_weight_2_1"] == str(weights[1, 0])
    _, _, restored, same = main(open_page(SLUG, **address))
    np.testing.assert_array_equal(restored, weights)
    np.testing.assert_array_equal(same, after)


@pytest.mark.parametrize("size", range(1, kernels.LARGEST + 1))
def test_an_own_kernel_can_have_every_size(open_page: Any, size: int) -> None:
    app = open_page(SLUG, convolution_kernel="custom", convolution_kernel_size=str(size))
    _, before, weights, after = main(app)
    np.testing.assert_array_equal(weights, np.ones((size, size)))
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-4)
    assert app.select_slider(key="convolution_filters").value == (6 if size > 1 else 1)


@pytest.mark.parametrize("filters", [1, 6])
def test_several_filters_stand_over_what_each_gives(open_page: Any, filters: int) -> None:
    app = open_page(SLUG, convolution_filters=str(filters), convolution_strides="2")
    weights, maps = gallery(app, "gallery", filters)
    assert len(weights) == len(maps) == filters
    np.testing.assert_array_equal(weights[0], FAMILIES["vertical-edges"].at(3))
    assert len({values.tobytes() for values in weights}) == filters
    for values, result in zip(weights, maps, strict=True):
        np.testing.assert_allclose(result, keras_result(DIGIT, values, 2), atol=1e-5)
    layer = layers.Conv2D(filters, 3, strides=2)
    layer.build((None, 28, 28, 1))
    assert f"= {layer.count_params()} parameters" in text(app)
    assert f"13×13×{filters}" in text(app)


def test_the_four_edge_kernels_are_among_the_filters_shown_at_first(open_page: Any) -> None:
    shown, _ = gallery(open_page(SLUG), "gallery", 6)
    for slug in KERNELS:
        if slug.endswith("-edges"):
            assert any(np.array_equal(values, KERNELS[slug].values) for values in shown)


def test_the_learned_filters_stand_over_the_maps_that_cnn_1_makes(open_page: Any) -> None:
    run = resources.find(NOTEBOOK_RUNS["CNN 1"])
    assert run is not None
    image = mnist.load().x_test[5]
    maps = resources.activations(run, image)[1][0]
    kernels_shown, maps_shown = gallery(open_page(SLUG, digit="5"), "learned_gallery", 8)
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
    assert picture(app, "convolution_learned_gallery").header["chosen"] == n
    learned, first, by_hand, second = picture(app, "convolution_alike").arrays
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
    )
    _, before, weights, after = main(app)
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
    _, _, weights, after = main(app)
    assert weights[0, 0] == (kernels.LIMIT if weight == "1e9" else 1)
    assert np.isfinite(after).all()


def test_without_the_trained_network_the_page_says_so_and_goes_on(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "find", lambda spec: None)
    app = open_page(SLUG)
    assert not app.exception
    assert "missing" in app.info[0].value


def test_every_control_at_both_ends_gives_what_keras_gives(open_page: Any) -> None:
    app = open_page(SLUG)
    for end in (-1, 0):
        for name in ("kernel_size", "strides", "filters", "learned"):
            control = app.select_slider(key=f"convolution_{name}")
            app = control.set_value(control.options[end]).run()
        for bias in (-kernels.LIMIT, kernels.LIMIT):
            app = app.number_input(key="convolution_bias").set_value(bias).run()
            for name in ("relu", "flip"):
                toggle = app.toggle(key=f"convolution_{name}")
                app = toggle.set_value(not toggle.value).run()
            drawn, before, weights, after = main(app)
            (strides, _) = drawn.header["strides"]
            expected = keras_result(before, weights, strides) + bias
            if app.toggle(key="convolution_relu").value:
                expected = np.maximum(expected, 0)
            np.testing.assert_allclose(after, expected, atol=1e-4)


@pytest.mark.parametrize("value", ["", "0", "-3", "999", "nan", "<b>🙂"])
def test_nonsense_in_the_address_shows_the_page_all_the_same(open_page: Any, value: str) -> None:
    names = "picture kernel kernel_size strides relu flip bias filters learned weight_1_1".split()
    app = open_page(SLUG, **dict.fromkeys((f"convolution_{name}" for name in names), value))
    drawn, before, weights, after = main(app)
    expected = keras_result(before, weights, drawn.header["strides"][0]) + drawn.header["bias"]
    np.testing.assert_allclose(after, expected, atol=1e-4)


def test_a_digit_of_ones_own_without_a_label_is_filtered_like_any_other(open_page: Any) -> None:
    app = open_page(SLUG, digit_source="Draw")
    np.testing.assert_allclose(main(app)[1], DIGIT, atol=1e-6)  # until something is drawn
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    drawn, before, weights, after = main(app)
    assert drawn.map("input")["title"].startswith("Your drawing")
    assert before[:, 13:15].any(axis=1).sum() == 20  # a line as high as MNIST's digits
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-5)


def png(picture: np.ndarray) -> tuple[str, bytes, str]:
    """A file to upload: its name, its content, its type."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return "mine.png", file.getvalue(), "image/png"


def upload(open_page: Any, height: int, width: int) -> AppTest:
    """The page with a picture to be filtered: a dark bar across light paper."""
    paper = np.full((height, width), 255, np.uint8)
    paper[:, width // 3 : width // 2] = 0
    app = open_page(SLUG, digit_source="Upload", convolution_picture="upload")
    assert "No picture is uploaded yet" in app.info[0].value
    return app.file_uploader[0].set_value(png(paper)).run()


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize(("height", "width"), [(50, 40), (4, 60), (200, 30)])
def test_an_uploaded_picture_can_stand_in_for_the_digit(
    open_page: Any, height: int, width: int, end: int
) -> None:
    app = upload(open_page, height, width)
    sizes = app.select_slider(key="convolution_kernel_size")
    sizes.set_value(sizes.options[end]).run()
    drawn, before, weights, after = main(app)
    assert not app.info
    assert drawn.map("input")["title"].startswith("Uploaded picture")
    assert max(before.shape) <= 64
    assert len(weights) <= min(before.shape)
    np.testing.assert_allclose(after, keras_result(before, weights), atol=1e-4)


@pytest.mark.parametrize("slug", ["vertical-edges", "sharpen"])  # with many sizes, and with one
def test_an_upload_too_narrow_for_a_kernel_is_told_and_the_digit_stands_there(
    open_page: Any, slug: str
) -> None:
    app = upload(open_page, 2, 300)
    app.selectbox(key="convolution_kernel").select(slug).run()
    _, before, _, _ = main(app)
    assert "too narrow" in app.info[0].value
    assert not app.error
    assert min(before.shape) >= PRINTED
