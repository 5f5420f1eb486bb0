"""The data preparation page, through the router."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import mnist, preparation
from lesson.shipped import VARIANTS
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import explorer, resources

SLUG = "data-preparation"


def pictures(app: AppTest) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """The explorer's pictures: the digit, the one-hot cells, the gallery."""
    assert not app.exception
    return [explorer.decode(part.proto.bytes) for part in app.get("bidi_component")]


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


@pytest.mark.parametrize("index", [0, 1234, 9999])
def test_the_pixels_of_the_digit_in_hand_are_shown_as_they_are_and_scaled(
    open_page: Any, index: int
) -> None:
    digit = mnist.load().x_test[index]
    app = open_page(SLUG, digit=str(index))
    (header, (shown,)), *_ = pictures(app)
    np.testing.assert_array_equal(shown, digit)
    assert (header["maps"][0]["high"], header["maps"][0]["numbers"]) == (255, True)

    app.toggle(key="data_scaled").set_value(True).run()
    (header, (shown,)), *_ = pictures(app)
    np.testing.assert_array_equal(shown, digit.astype(np.float32) / np.float32(255))
    assert (header["maps"][0]["low"], header["maps"][0]["high"]) == (0, 1)
    assert f"{digit.max() / 255:.4f}" in text(app)


def test_the_keras_lines_follow_the_switch(open_page: Any) -> None:
    app = open_page(SLUG)
    assert "/ 255" not in app.code[0].value
    app.toggle(key="data_scaled").set_value(True).run()
    assert "/ 255" in app.code[0].value


def test_every_step_is_told_with_shape_type_and_memory(open_page: Any) -> None:
    said = text(open_page(SLUG))
    for line in (
        "| load | 60000×28×28 | uint8 | 0 to 255 | 47.0 MB |",
        "| reshape | 60000×28×28×1 | uint8 | 0 to 255 | 47.0 MB |",
        "| float32 | 60000×28×28×1 | float32 | 0 to 255 | 188.2 MB |",
        "| / 255 | 60000×28×28×1 | float32 | 0 to 1 | 188.2 MB |",
    ):
        assert line in said


@pytest.mark.parametrize("answer", [0, 4, 7, 9])
def test_the_costs_of_the_chosen_answer_stand_beside_the_one_hot_label(
    open_page: Any, answer: int
) -> None:
    app = open_page(SLUG, data_wrong_answer=str(answer))
    label = int(mnist.load().y_test[0])
    _, (_, cells), _ = pictures(app)
    np.testing.assert_array_equal(np.ravel(cells), np.eye(10)[label])
    said = text(app)
    assert preparation.in_words(label, answer) in said
    assert f"**→ {answer} ←**" in said
    assert "| 49 | 36 | 25 | 16 | 9 | 4 | 1 | 0 | 1 | 4 |" in said


@pytest.mark.parametrize("label", ["all", "0", "9"])
def test_the_gallery_shows_the_first_training_digits_with_the_label(
    open_page: Any, label: str
) -> None:
    data = mnist.load()
    *_, (header, maps) = pictures(open_page(SLUG, data_gallery_label=label))
    chosen = data.y_train == int(label) if label != "all" else np.ones(60_000, bool)
    np.testing.assert_array_equal(maps, data.x_train[chosen][:30])
    titles = [map_["title"] for map_ in header["maps"]]
    assert titles == [str(name) for name in data.y_train[chosen][:30]]


def test_the_balance_of_the_classes_is_counted(open_page: Any) -> None:
    data = mnist.load()
    said = text(open_page(SLUG))
    assert f"{(data.y_train == 1).sum():,} of the 60,000" in said
    assert f"**{(data.y_test == 1).mean():.2%}**" in said


def test_what_scaling_does_is_read_off_the_runs(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaled = resources.find(NOTEBOOK_RUNS["Feedforward"])
    assert scaled is not None
    history = {"accuracy": [0.3, 0.4], "loss": [7.25, 5.5]}
    other = replace(scaled, history=history, test_accuracy=0.4321)
    find = resources.find
    monkeypatch.setattr(
        resources, "find", lambda spec: other if spec == VARIANTS["unscaled"] else find(spec)
    )
    app = open_page(SLUG)
    assert not app.exception
    assert not app.info
    said = text(app)
    assert f"**{scaled.test_accuracy:.2%}** right with scaled pixels, **43.21%** without" in said
    assert f"{scaled.history['loss'][0]:.2f} and 7.25" in said
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    drawn = [trace["y"] for chart in charts for trace in chart["data"] if "y" in trace]
    for values in (scaled.history["accuracy"], [7.25, 5.5]):
        assert list(values) in drawn


def test_a_missing_run_is_said_calmly(open_page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "find", lambda spec: None)
    app = open_page(SLUG)
    assert not app.exception
    assert "missing" in app.info[0].value


NONSENSE = ["", "abc", "-1e999", "nan", "🙂", "99999999999", "[1]"]


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_in_the_address_shows_the_page_all_the_same(open_page: Any, value: str) -> None:
    keys = ("digit", "data_scaled", "data_wrong_answer", "data_gallery_label")
    app = open_page(SLUG, **dict.fromkeys(keys, value))
    assert len(pictures(app)) == 3
