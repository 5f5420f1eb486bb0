"""The data preparation page, through the router."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import drawing, mnist, preparation
from lesson.shipped import VARIANTS
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import explorer, own, resources

SLUG = "data-preparation"


def pictures(app: AppTest) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """The explorer's pictures: the digit, the one-hot cells, the gallery."""
    assert not app.exception
    return [explorer.decode(part.proto.bytes) for part in drawn(app)]


def drawn(app: AppTest) -> list[Any]:
    """The elements of the page itself that show a picture; its script is an element without one."""
    return [part for part in app.main.get("bidi_component") if part.proto.bytes]


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


# ---- the reader's own digit


@pytest.fixture
def open_own(open_page: Any) -> Any:
    """The page with a drawn 1 in hand."""

    def opened(label: int | None = None) -> AppTest:
        app = open_page(SLUG, digit_source="Draw")
        ink = drawing.draw((((140, 40), (140, 240)),))
        app.session_state[own.DRAWN] = own._own("Your drawing", ink, ink, "You drew 1 stroke.")
        app.session_state[f"{own.MEANT[own.DRAWN]}_0"] = label
        return app.run()

    return opened


def test_the_steps_of_ones_own_digit_are_shown_and_told(open_own: Any) -> None:
    app = open_own()
    (header, maps), (_, (pixels,)), *_ = pictures(app)
    prepared = drawing.prepare(drawing.draw((((140, 40), (140, 240)),)))
    assert [map_["title"][:2] for map_ in header["maps"]] == ["1.", "2.", "3.", "4."]
    for shown, step in zip(maps[1:], prepared.steps, strict=True):
        np.testing.assert_array_equal(shown, step.values)
        assert step.says in text(app)
    np.testing.assert_array_equal(pixels, prepared.image)
    assert "Your drawing is prepared" in text(app)


def test_without_a_label_the_page_asks_for_one_and_goes_on(open_own: Any) -> None:
    app = open_own()
    assert len(pictures(app)) == 3  # the steps, the pixels, the gallery
    assert "Say in the sidebar which digit you meant" in text(app)
    assert "None" not in text(app)
    *_, (header, _) = pictures(app)
    assert len(header["maps"]) == 30


def test_with_a_label_ones_own_digit_is_as_any_other(open_own: Any) -> None:
    app = open_own(label=3)
    _, _, (_, cells), _ = pictures(app)
    np.testing.assert_array_equal(np.ravel(cells), np.eye(10)[3])
    assert preparation.in_words(3, 4) in text(app)


def test_with_a_test_digit_the_page_invites_to_draw_one(open_page: Any) -> None:
    assert "**Draw** a digit of your own" in text(open_page(SLUG))
