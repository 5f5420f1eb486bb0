"""The padding page, through the router."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from streamlit.testing.v1 import AppTest

from lesson import mnist, padded
from lesson.pictures import inked_at_the_edge
from lesson.shipped import VARIANTS
from lesson.specs import NOTEBOOK_RUNS, SHIFTS
from lesson.ui import explorer, resources

SLUG = "padding"
SETTINGS = [
    {},
    {"padding_padding": "same"},
    {"padding_padding": "3", "padding_kernel_size": "9", "padding_size": "28"},
    {"padding_kernel_size": "9", "padding_size": "28", "padding_strides": "5"},
    {"padding_padding": "same", "padding_kernel_size": "4", "padding_strides": "3"},
    {"padding_kernel_size": "3", "padding_dilation_rate": "4", "padding_size": "12"},
    {"padding_kernel_size": "1", "padding_strides": "5", "padding_size": "5"},
    {"padding_padding": "2", "padding_kernel_size": "2", "padding_strides": "4"},
    {"padding_padding": "1", "padding_strides": "2", "padding_dilation_rate": "2"},
]


def picture(app: AppTest, name: str) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What the explorer was sent for the picture with the key ``padding_<name>``."""
    assert not app.exception
    (found,) = (
        part for part in app.get("bidi_component") if part.proto.id.endswith(f"{SLUG}_{name}")
    )
    return explorer.decode(found.proto.bytes)


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


def inside(header: dict[str, Any], values: np.ndarray) -> np.ndarray:
    """What a map shows without its padding."""
    top, right, bottom, left = header.get("padding", (0, 0, 0, 0))
    return values[top : len(values) - bottom, left : len(values) - right]


def counted(side: int, settings: dict[str, str]) -> np.ndarray:
    """How often each pixel is used, by Keras: a filter of ones makes each window hand its answer's
    gradient, 1, back to every pixel that it used."""
    import tensorflow as tf

    padding = settings.get("padding_padding", "valid")
    strides = int(settings.get("padding_strides", 1))
    dilation = int(settings.get("padding_dilation_rate", 1))
    size = int(settings.get("padding_kernel_size", 3))
    image = tf.Variable(np.zeros((1, side, side, 1), np.float32))
    with tf.GradientTape() as tape:
        padded = (
            image
            if padding in ("valid", "same")
            else tf.pad(image, [[0, 0], *[[int(padding)] * 2] * 2, [0, 0]])
        )
        both = strides > 1 and dilation > 1
        answers = keras.ops.conv(
            padded,
            np.ones((size, size, 1, 1), np.float32),
            strides=1 if both else strides,
            padding="same" if padding == "same" else "valid",
            dilation_rate=dilation,
            data_format="channels_last",
        )
        answers = answers[:, ::strides, ::strides] if both else answers
        total = tf.reduce_sum(answers)
    return np.asarray(tape.gradient(total, image))[0, ..., 0]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_map_counts_how_often_keras_uses_each_pixel_and_hatches_what_it_drops(
    open_page: Any, settings: dict[str, str]
) -> None:
    app = open_page(SLUG, **settings)
    header, (values,) = picture(app, "coverage")
    counts = inside(header["maps"][0], values)
    expected = counted(int(settings.get("padding_size", 7)), settings)
    np.testing.assert_array_equal(counts, expected)
    unused = int((expected == 0).sum())
    assert (f"{unused} of {expected.size} pixels are not used" in text(app)) == (unused > 0)

    rows, columns = header["maps"][0].get("dropped", (0, 0))
    assert rows == columns == len(values) - 1 - np.flatnonzero(values.any(axis=1))[-1]
    assert ("Nothing is dropped" in text(app)) == (rows == 0)


@pytest.mark.parametrize("settings", SETTINGS)
def test_formula_keras_lines_and_pictures_agree_on_the_size_of_the_output(
    open_page: Any, settings: dict[str, str]
) -> None:
    app = open_page(SLUG, **settings)
    side = int(app.latex[1].value.strip("$\n ").rsplit("= ", 1)[1])
    assert f"The output has {side}×{side} cells" in text(app)
    _, (values,) = picture(app, "coverage")
    # Every window uses as many cells of the padded picture as it has weights.
    assert values.sum() == side**2 * int(settings.get("padding_kernel_size", 3)) ** 2
    _, (_, _, result) = picture(app, "digit")
    scope = {"layers": layers, "images": np.zeros((1, 28, 28, 1), np.float32)}
    exec(app.code[0].value, scope)
    assert scope["x"].shape[1:3] == result.shape


def test_without_padding_a_corner_counts_once_and_the_middle_nine_times(open_page: Any) -> None:
    app = open_page(SLUG)
    assert "A corner counts **once**, the pixel in the middle **9 times**" in text(app)
    app = open_page(SLUG, padding_padding="same")
    assert "A corner counts **4 times**, the pixel in the middle **9 times**" in text(app)


def test_the_digit_keeps_its_pixels_inside_the_padding_and_can_be_swapped(open_page: Any) -> None:
    digit = mnist.load().x_test[42].astype(np.float32) / 255
    for swapped, expected in (("false", digit), ("true", 1 - digit)):
        app = open_page(SLUG, digit="42", padding_padding="2", padding_swapped=swapped)
        header, (padded, weights, result) = picture(app, "digit")
        np.testing.assert_allclose(inside(header["maps"][0], padded), expected, atol=1e-6)
        assert padded.sum() == pytest.approx(expected.sum(), rel=1e-5)
        given = keras.ops.conv(
            padded[None, ..., None], weights[..., None, None], data_format="channels_last"
        )
        np.testing.assert_allclose(result, np.asarray(given)[0, ..., 0], atol=1e-4)


def test_padding_makes_an_edge_only_where_the_background_is_not_zero(open_page: Any) -> None:
    _, (_, _, plain) = picture(open_page(SLUG, padding_padding="same"), "digit")
    app = open_page(SLUG, padding_padding="same", padding_swapped="true")
    _, (_, _, swapped) = picture(app, "digit")
    assert not plain[0].any()
    assert swapped[0].all()
    _, (_, _, valid) = picture(open_page(SLUG, padding_swapped="true"), "digit")
    np.testing.assert_allclose(valid[0], 0, atol=1e-5)


def test_the_sliders_end_where_a_window_no_longer_fits(open_page: Any) -> None:
    app = open_page(SLUG, padding_size="5", padding_kernel_size="9", padding_dilation_rate="4")
    assert not app.exception
    assert app.select_slider(key="padding_kernel_size").value == 5
    assert app.select_slider(key="padding_dilation_rate").value == 1
    assert any("no longer fit into 5 pixels" in part.value for part in app.caption)
    app.segmented_control(key="padding_padding").set_value("3").run()
    assert not app.exception
    app.select_slider(key="padding_kernel_size").set_value(9).run()
    assert not app.exception
    app.segmented_control(key="padding_padding").set_value("valid").run()
    _, (values,) = picture(app, "coverage")
    assert values.tolist() == [[1] * 5] * 5


@pytest.mark.parametrize("padding", ["valid", "same", "1", "2", "3"])
def test_every_slider_at_both_ends_gives_a_picture(open_page: Any, padding: str) -> None:
    app = open_page(SLUG, padding_padding=padding)
    keys = ("size", "kernel_size", "strides", "dilation_rate")
    for end in (-1, 0):
        for key in keys:
            control = app.select_slider(key=f"padding_{key}")
            app = control.set_value(control.options[end]).run()
            picture(app, "coverage")
            picture(app, "digit")


def test_values_from_the_address_that_cannot_be_are_made_to_fit(open_page: Any) -> None:
    app = open_page(
        SLUG,
        padding_padding="-1",
        padding_size="1e9",
        padding_kernel_size="nan",
        padding_strides="0",
        padding_dilation_rate="77",
        padding_swapped="2",
    )
    header, (values,) = picture(app, "coverage")
    assert values.shape == (28, 28)
    assert "padding" not in header["maps"][0]
    assert app.select_slider(key="padding_strides").value == 1
    assert app.select_slider(key="padding_dilation_rate").value == 4


def test_the_page_tells_what_padding_costs_and_what_was_measured(open_page: Any) -> None:
    app = open_page(SLUG)
    valid, same = NOTEBOOK_RUNS["CNN 1"].network, VARIANTS["same_padding"].network
    said = text(app)
    more = same.parameters - valid.parameters
    assert f"| {valid.parameters:,} | {same.parameters:,} |" in said
    assert f"has {more:,} weights more" in said
    assert f"{inked_at_the_edge(mnist.load().x_test):,} of 10,000" in said
    run = resources.find(VARIANTS["same_padding"])
    assert run is not None
    moved = resources.store().moved(run.digest)
    assert moved is not None
    assert f" {run.test_accuracy:.4f} |" in said
    assert f"moved right by 3 pixels it is {moved['right'][SHIFTS.index(3)]:.4f}" in said


def test_without_the_measured_runs_the_page_says_so_and_goes_on(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        padded, "measured", lambda store: ([], "They are missing from assets/runs.")
    )
    app = open_page(SLUG)
    assert not app.exception
    assert "missing from assets/runs" in text(app)
    assert len(app.expander) == 3
