"""The padding page, through the router."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from streamlit.testing.v1 import AppTest

from lesson import brief, chance, mnist, padded, sliding, worth
from lesson.filters import FAMILIES
from lesson.pictures import inked_at_the_edge
from lesson.shipped import VARIANTS
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from tests.conftest import Picture, picture, tell
from tests.test_convolution import keras_conv
from tests.test_worth import in_brief

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


def coverage(app: AppTest) -> Picture:
    """How often each pixel counts."""
    return picture(app, "padding_coverage")


def digit(app: AppTest) -> Picture:
    """The digit with this padding."""
    return picture(app, "padding_digit")


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


def inside(drawn: Picture) -> np.ndarray:
    """The input without its padding."""
    top, right, bottom, left = drawn.map("input").get("padding", (0, 0, 0, 0))
    (values,) = drawn.array("input")
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
    drawn = coverage(app)
    expected = counted(int(settings.get("padding_size", 7)), settings)
    np.testing.assert_array_equal(inside(drawn), expected)
    unused = int((expected == 0).sum())
    assert (f"{unused} of {expected.size} pixels are not used" in text(app)) == (unused > 0)

    # Each window sees as many pixels as there are meetings of a pixel with a window.
    assert drawn.header["operations"] == ["count"]
    assert drawn.array("output").sum() == expected.sum()
    rows, columns = drawn.map("input").get("dropped", (0, 0))
    side, size = len(drawn.array("output")), len(drawn.array("kernel")[0])
    (strides, _), (dilation, _) = drawn.header["strides"], drawn.header["dilation"]
    used = (side - 1) * strides + (size - 1) * dilation + 1
    assert rows == columns == drawn.map("input")["rows"] - used
    # The padding behind the last pixels is left over first.
    real = rows - drawn.map("input").get("padding", (0, 0, 0, 0))[2]
    said = {1: "The last row and column are dropped"}.get(
        real, f"The last {real} rows and columns are dropped"
    )
    if real <= 0:
        said = "Only padding is left over" if rows else "Nothing is dropped"
    assert said in text(app)


@pytest.mark.parametrize("settings", SETTINGS)
def test_formula_keras_lines_and_pictures_agree_on_the_size_of_the_output(
    open_page: Any, settings: dict[str, str]
) -> None:
    app = open_page(SLUG, **settings)
    side = int(app.latex[1].value.strip("$\n ").rsplit("= ", 1)[1])
    assert f"The output has {side}×{side} cells" in text(app)
    assert coverage(app).array("output").shape == (side, side)
    scope = {"layers": layers, "images": np.zeros((1, 28, 28, 1), np.float32)}
    exec(app.code[0].value, scope)
    assert scope["x"].shape[1:3] == digit(app).array("output").shape


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_digit_s_result_is_keras_s(open_page: Any, settings: dict[str, str]) -> None:
    drawn = digit(open_page(SLUG, digit="3", **settings))
    image = mnist.load().x_test[3].astype(np.float32) / 255
    np.testing.assert_allclose(inside(drawn), image, atol=1e-6)
    (weights,) = drawn.array("kernel")
    size = int(settings.get("padding_kernel_size", 3))
    np.testing.assert_array_equal(
        weights, FAMILIES["laplacian-8"].at(size) if size > 1 else np.ones((1, 1))
    )
    padding = settings.get("padding_padding", "valid")
    expected = keras_conv(
        image[None, ..., None],
        weights[..., None, None],
        int(settings.get("padding_strides", 1)),
        padding if padding in ("valid", "same") else int(padding),
        int(settings.get("padding_dilation_rate", 1)),
    )[0, ..., 0]
    np.testing.assert_allclose(drawn.array("output"), expected, atol=1e-4)
    (strongest,) = [place for place, says in drawn.header["stops"] if sliding.STRONGEST in says]
    assert abs(expected.ravel()[strongest]) == pytest.approx(np.abs(expected).max(), abs=1e-4)


def test_without_padding_a_corner_counts_once_and_the_middle_nine_times(open_page: Any) -> None:
    app = open_page(SLUG)
    assert "A corner counts **once**, the pixel in the middle **9 times**" in text(app)
    app = open_page(SLUG, padding_padding="same")
    assert "A corner counts **4 times**, the pixel in the middle **9 times**" in text(app)


def test_the_digit_keeps_its_pixels_inside_the_padding_and_can_be_swapped(open_page: Any) -> None:
    image = mnist.load().x_test[42].astype(np.float32) / 255
    for swapped, expected in (("false", image), ("true", 1 - image)):
        app = open_page(SLUG, digit="42", padding_padding="2", padding_swapped=swapped)
        drawn = digit(app)
        assert drawn.map("input")["padding"] == [2, 2, 2, 2]
        np.testing.assert_allclose(inside(drawn), expected, atol=1e-6)
        assert drawn.array("input").sum() == pytest.approx(expected.sum(), rel=1e-5)
        (weights,) = drawn.array("kernel")
        given = keras_conv(expected[None, ..., None], weights[..., None, None], 1, 2, 1)
        np.testing.assert_allclose(drawn.array("output"), given[0, ..., 0], atol=1e-4)


def test_padding_makes_an_edge_only_where_the_background_is_not_zero(open_page: Any) -> None:
    plain = digit(open_page(SLUG, padding_padding="same")).array("output")
    assert not plain[0].any()
    app = open_page(SLUG, padding_padding="same", padding_swapped="true")
    assert digit(app).array("output")[0].all()
    valid = digit(open_page(SLUG, padding_swapped="true")).array("output")
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
    assert inside(coverage(app)).tolist() == [[1] * 5] * 5
    assert coverage(app).array("output").tolist() == [[25]]


@pytest.mark.parametrize("padding", ["valid", "same", "1", "2", "3"])
def test_every_slider_at_both_ends_gives_a_picture(open_page: Any, padding: str) -> None:
    app = open_page(SLUG, padding_padding=padding)
    keys = ("size", "kernel_size", "strides", "dilation_rate")
    for end in (-1, 0):
        for key in keys:
            control = app.select_slider(key=f"padding_{key}")
            app = control.set_value(control.options[end]).run()
            for drawn in (coverage(app), digit(app)):
                assert np.isfinite(drawn.array("output")).all()


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
    drawn = coverage(app)
    assert drawn.array("input").shape == (1, 28, 28)
    assert "padding" not in drawn.map("input")
    assert app.select_slider(key="padding_strides").value == 1
    assert app.select_slider(key="padding_dilation_rate").value == 4


@pytest.mark.parametrize("value", ["", "abc", "0", "-3", "999", "1e400", "nan", "<b>🙂"])
def test_nonsense_in_the_address_shows_the_page_all_the_same(open_page: Any, value: str) -> None:
    names = ("padding", "size", "kernel_size", "strides", "dilation_rate", "swapped")
    app = open_page(SLUG, **dict.fromkeys((f"padding_{name}" for name in names), value))
    for drawn in (coverage(app), digit(app)):
        assert np.isfinite(drawn.array("output")).all()


def test_a_digit_of_ones_own_without_a_label_is_padded_like_any_other(open_page: Any) -> None:
    app = open_page(SLUG, digit_source="Draw", padding_padding="1")
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    drawn = digit(app)
    assert drawn.map("input")["title"].startswith("Your drawing")
    assert inside(drawn)[:, 13:15].any(axis=1).sum() == 20


def test_the_page_tells_what_padding_costs_and_what_was_measured(open_page: Any) -> None:
    app = open_page(SLUG)
    valid, same = NOTEBOOK_RUNS["CNN 1"].network, VARIANTS["same_padding"].network
    said = text(app)
    more = same.parameters - valid.parameters
    assert f"| {valid.parameters:,} | {same.parameters:,} |" in said
    assert f"has {more:,} weights more" in said
    assert f"{inked_at_the_edge(mnist.load().x_test):,} of 10,000" in said


def test_with_one_training_with_padding_nothing_is_claimed(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "shipped", dict)
    app = open_page(SLUG)
    run = resources.find(padded.SAME)
    assert run is not None
    assert "| Seeds | 5 | 1 |" in text(app)
    assert f" | {run.test_accuracy:.2%} |" in text(app)
    known = "Whether it gave anything is not known: too few seeds to say (5 without it, 1 with it)."
    assert known in text(app)
    assert chance.BEYOND not in text(app)


def test_with_five_seeds_of_both_it_is_said_what_padding_gave(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "shipped", lambda: in_brief(padded.WITH, 0.5))
    app = open_page(SLUG)
    rows, verdict = padded.measured(worth.tried(resources.store()))
    assert "| Seeds | 5 | 5 |" in text(app)
    assert all(f"| {' | '.join(row)} |" in text(app) for row in rows)
    assert verdict.startswith("What it gave, beside the network without it: accuracy: ")
    assert verdict in text(app)


def test_without_the_measured_runs_the_page_says_so_and_goes_on(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worth, "tried", lambda store: [])
    app = open_page(SLUG)
    assert not app.exception
    assert "missing from assets" in text(app)
