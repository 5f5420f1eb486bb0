"""The pooling page, through the router."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import brief, chance, mnist, pooled, sliding, worth
from lesson.evaluation import move
from lesson.layers import AveragePooling2D, MaxPooling2D
from lesson.run_files import StoreError
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from tests.conftest import Picture, picture, pictures, tell
from tests.test_worth import in_brief

SLUG = "pooling"
KERAS = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}


KEYS = ["pooling_maps", "pooling_gaps"]


def main(app: AppTest) -> Picture:
    """The explorer."""
    return picture(app, "pooling_maps")


def inside(drawn: Picture) -> np.ndarray:
    """The input without its padding."""
    top, right, bottom, left = drawn.map("input").get("padding", (0, 0, 0, 0))
    (values,) = drawn.array("input")
    return values[top : len(values) - bottom, left : len(values) - right]


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


@pytest.mark.parametrize(
    ("pool_size", "strides", "padding"),
    [(2, None, "valid"), (1, None, "valid"), (8, None, "valid"), (8, 1, "same"), (3, 2, "same"),
     (2, 5, "valid"), (1, 8, "same")],
)  # fmt: skip
def test_max_and_average_are_those_of_keras_for_the_digit_in_hand(
    open_page: Any, pool_size: int, strides: int | None, padding: str
) -> None:
    app = open_page(
        SLUG,
        digit="77",
        pooling_pool_size=str(pool_size),
        pooling_strides=str(strides),
        pooling_padding=padding,
    )
    drawn = main(app)
    image = mnist.load().x_test[77]
    np.testing.assert_array_equal(inside(drawn), image)
    assert drawn.header["strides"] == [strides or pool_size] * 2
    assert drawn.array("kernel").shape == (1, pool_size, pool_size)
    assert drawn.header["operations"] == list(KERAS)
    results = drawn.all("output")
    for found, layer in zip(results, KERAS.values(), strict=True):
        expected = layer(pool_size, strides, padding)(image[None, ..., None].astype(np.float32))
        np.testing.assert_allclose(found, np.asarray(expected)[0, ..., 0], atol=1e-3)
    size = len(results[0])
    assert app.latex[0].value.strip("$\n ").endswith(f"= {size}")
    assert f"28×28×1 → {size}×{size}×1" in app.code[0].value
    # The window rests where the two kinds say most different things.
    gaps = (results[0] - results[1]).ravel()
    telling = [place for place, says in drawn.header["stops"] if sliding.DIFFER in says]
    assert len(telling) == (pool_size > 1)
    assert all(gaps[place] == pytest.approx(gaps.max(), abs=1e-3) for place in telling)


def test_what_no_window_reaches_is_hatched(open_page: Any) -> None:
    assert main(open_page(SLUG, pooling_pool_size="5")).map("input")["dropped"] == [3, 3]
    assert "dropped" not in main(open_page(SLUG, pooling_pool_size="4")).map("input")


@pytest.mark.parametrize(
    ("kind", "line"), [("max", "MaxPooling2D"), ("average", "AveragePooling2D")]
)
def test_one_kind_alone_is_shown_and_written_in_keras(open_page: Any, kind: str, line: str) -> None:
    app = open_page(SLUG, pooling_kind=kind, pooling_pool_size="3", pooling_strides="2")
    drawn = main(app)
    assert drawn.header["operations"] == [kind]
    assert drawn.map("input")["title"] == "Input, 28×28"
    assert drawn.map("output")["title"] == f"{kind}, 13×13"
    digit = mnist.load().x_test[:1, ..., None].astype(np.float32)
    expected = np.asarray(KERAS[kind](3, 2)(digit))[0, ..., 0]
    np.testing.assert_allclose(drawn.array("output"), expected, atol=1e-3)
    assert app.code[0].value == f"layers.{line}(pool_size=3, strides=2)  # 28×28×1 → 13×13×1"


@pytest.mark.parametrize("number", [1, 16])
def test_a_feature_map_of_the_trained_network_can_be_pooled(open_page: Any, number: int) -> None:
    app = open_page(SLUG, pooling_input=f"feature map {number}")
    (before,), (largest, mean) = main(app).array("input"), main(app).all("output")
    run = resources.find(NOTEBOOK_RUNS["CNN 1"])
    assert run is not None
    _, features, pooled_, *_ = resources.activations(run, mnist.load().x_test[0])
    np.testing.assert_allclose(before, features[0, ..., number - 1], atol=1e-5)
    np.testing.assert_allclose(largest, pooled_[0, ..., number - 1], atol=1e-5)
    np.testing.assert_allclose(mean, before.reshape(13, 2, 13, 2).mean(axis=(1, 3)), atol=1e-5)
    assert "26×26×16 → 13×13×16" in app.code[0].value
    # One scale for the map and for what pooling keeps of it.
    assert {(m["low"], m["high"]) for m in main(app).header["maps"] if m["role"] != "kernel"} == {
        (0, float(before.max()) or 1)
    }


@pytest.mark.parametrize("right", [0, 1, 4])
def test_the_move_is_measured_before_and_after_both_kinds(open_page: Any, right: int) -> None:
    app = open_page(SLUG, pooling_shift=str(right))
    _, header, gaps = picture(app, "pooling_gaps")
    few = mnist.to_float32(mnist.reshape(mnist.load().x_test[:500]))
    moved = move(few, right=right)
    layers = {"before": None, "max": MaxPooling2D(), "average": AveragePooling2D()}
    for (name, layer), gap in zip(layers.items(), gaps, strict=True):
        first, second = pooled.behind(layer, few), pooled.behind(layer, moved)
        np.testing.assert_allclose(gap, (second - first)[0, ..., 0], atol=1e-3)
        one, mean = pooled.change(first[:1], second[:1]), pooled.change(first, second)
        row = f"| {one.changed:.0f} of {one.cells} | {one.difference:.0%} | {mean.difference:.0%} |"
        assert f"| {name} {row}" in text(app)
    assert len({(map_["low"], map_["high"]) for map_ in header["maps"]}) == 1


@pytest.mark.parametrize(("pool_size", "more"), [(1, "more"), (2, "more"), (8, "fewer")])
def test_the_parameters_behind_are_those_that_keras_counts(
    open_page: Any, pool_size: int, more: str
) -> None:
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(16, 3),
            keras.layers.MaxPooling2D(pool_size),
            keras.layers.Flatten(),
            keras.layers.Dense(128),
            keras.layers.Dense(10),
        ]
    )
    said = text(open_page(SLUG, pooling_pool_size=str(pool_size)))
    assert f"then has {network.count_params():,} parameters, {more} than the" in said


def rows_of(app: AppTest) -> list[worth.Tried]:
    """What was tried with the pooling; each is in the page's table."""
    rows = [row for row in worth.tried(resources.store()) if row.name in pooled.TRIED]
    assert [row.name for row in rows] == list(pooled.TRIED)
    for row in rows:
        assert (
            f"| {row.name} | {row.run.network.parameters:,} | {row.epoch_seconds:.1f} s "
            f"| {len(row.accuracies)} | {worth.between(row.accuracies)} "
            f"| {worth.between(row.moved)} |"
        ) in text(app)
    assert worth.verdict(rows) in text(app)
    assert not app.info
    return rows


def test_with_one_training_of_a_variant_nothing_is_claimed(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "shipped", dict)
    app = open_page(SLUG)
    assert [len(row.accuracies) for row in rows_of(app)] == [5, 1, 1]
    assert text(app).count(chance.TOO_FEW) == 2
    assert chance.BEYOND not in text(app)


def test_with_five_seeds_of_each_it_is_said_what_lies_beyond_chance(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "shipped", lambda: in_brief("average pooling", 0.5))
    app = open_page(SLUG)
    assert [len(row.accuracies) for row in rows_of(app)] == [5, 5, 1]
    assert re.search(r"average pooling.*accuracy: .*digits moved by 3 pixels: ", text(app))
    assert text(app).count(chance.TOO_FEW) == 1


def test_what_ships_in_brief_and_is_damaged_is_told(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> dict[str, brief.Brief]:
        raise StoreError("It is torn.")

    monkeypatch.setattr(brief, "shipped", damaged)
    app = open_page(SLUG)
    assert not app.exception
    assert [part.value for part in app.error] == ["It is torn."]


def test_without_any_run_the_page_still_pools_the_digit(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "find", lambda spec: None)
    monkeypatch.setattr(worth, "tried", lambda store: [])
    app = open_page(SLUG, pooling_input="feature map 3")
    assert [drawn.key for drawn in pictures(app)] == KEYS
    assert app.selectbox(key="pooling_input").options == ["the digit"]
    (info,) = app.info
    assert "max pooling, average pooling, no pooling" in info.value


@pytest.mark.parametrize("source", ["the digit", "feature map 16"])
def test_every_control_at_both_ends_gives_what_keras_gives(open_page: Any, source: str) -> None:
    app = open_page(SLUG, pooling_input=source)
    for pool_size in (1, 8):
        for strides in ("None", "1", "8"):
            for padding in ("valid", "same"):
                app.select_slider(key="pooling_pool_size").set_value(pool_size)
                app.selectbox(key="pooling_strides").set_value(strides)
                app.segmented_control(key="pooling_padding").set_value(padding).run()
                drawn = main(app)
                step = None if strides == "None" else int(strides)
                for found, layer in zip(drawn.all("output"), KERAS.values(), strict=True):
                    expected = layer(pool_size, step, padding)(inside(drawn)[None, ..., None])
                    np.testing.assert_allclose(found, np.asarray(expected)[0, ..., 0], atol=1e-3)


@pytest.mark.parametrize("value", ["", "abc", "0", "-3", "999", "nan", "🙂", "feature map 17"])
def test_nonsense_in_the_address_shows_the_page_all_the_same(open_page: Any, value: str) -> None:
    names = ("input", "kind", "pool_size", "strides", "padding", "shift")
    app = open_page(SLUG, **dict.fromkeys((f"pooling_{name}" for name in names), value))
    assert [drawn.key for drawn in pictures(app)] == KEYS


def test_a_digit_of_ones_own_without_a_label_is_pooled_like_any_other(open_page: Any) -> None:
    app = open_page(SLUG, digit_source="Draw", pooling_padding="same", pooling_pool_size="3")
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    drawn = main(app)
    image = inside(drawn)
    assert image[:, 13:15].any(axis=1).sum() == 20
    expected = KERAS["max"](3, None, "same")(image[None, ..., None].astype(np.float32))
    np.testing.assert_array_equal(drawn.all("output")[0], np.asarray(expected)[0, ..., 0])
