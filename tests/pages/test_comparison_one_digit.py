"""The comparison's view of one digit that the reader changes, through the router."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import answers, mnist, naming, robustness
from lesson.palette import run_colours
from lesson.robustness import Changes
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from tests.conftest import picture, tell
from tests.pages.test_comparison import LATER_NAME, SMALL_NAME, kept, notebook, text  # noqa: F401

SLUG, VIEW = "comparison", {"comparison_view": "One digit"}


def bars(app: AppTest) -> str:
    (svg,) = (part.value for part in app.main.markdown if part.value.startswith("<svg"))
    return str(svg)


def changed(app: AppTest) -> np.ndarray:
    _, after = picture(app, "comparison_changed").arrays
    return np.asarray(after)


def said(name: str, ink: np.ndarray) -> str:
    """A run's answer as it stands above its bars."""
    run = notebook()[name]
    chances = answers.probabilities(run, ink[None].astype(np.float32))[0]
    digit = int(chances.argmax())
    return f"{name}: {digit}, "


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ({}, Changes()),
        ({"comparison_right": "3", "comparison_down": "-10"}, Changes(right=3, down=-10)),
        ({"comparison_rotation": "-90"}, Changes(rotation=-90)),
        ({"comparison_scale": "0.5", "comparison_blur": "1.5"}, Changes(scale=0.5, blur=1.5)),
        ({"comparison_contrast": "0.1"}, Changes(contrast=0.1)),
        ({"comparison_noise": "0.4"}, Changes(noise=0.4)),
        (
            {
                "comparison_patch": "9",
                "comparison_patch_top": "2",
                "comparison_patch_left": "15",
            },
            Changes(patch=9, patch_top=2, patch_left=15),
        ),
    ],
)
def test_the_picture_is_changed_and_every_network_answers_to_it(
    open_page: Any, query: dict[str, str], changes: Changes
) -> None:
    app = open_page(SLUG, **VIEW, **query, digit="2")
    digit = robustness.ink(mnist.load().x_test[2:3])
    expected = changes.apply(digit)[0]
    np.testing.assert_allclose(changed(app), expected, atol=1e-6)
    shown = bars(app)
    for name in NOTEBOOK_RUNS:
        assert said(name, expected) in shown
    label = int(mnist.load().y_test[2])
    right = sum(said(name, expected).endswith(f" {label}, ") for name in NOTEBOOK_RUNS)
    assert shown.count("✓ right</text>") == right
    assert shown.count("✗ wrong</text>") == len(NOTEBOOK_RUNS) - right


def test_what_the_changes_did_is_told_and_can_be_put_back(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW)
    assert "stays with" not in text(app)
    for key, value in (("right", 8), ("rotation", 120), ("patch", 6)):
        app.select_slider(key=f"comparison_{key}").set_value(value).run()
    assert "**Feedforward** goes from 7 to" in text(app) or "**Feedforward** stays" in text(app)
    app.select_slider(key="comparison_patch_top").set_value(20).run()
    app.button(key="comparison_example_Put it back").click().run()
    np.testing.assert_allclose(changed(app), robustness.ink(mnist.load().x_test[0]), atol=1e-6)
    assert app.select_slider(key="comparison_rotation").value == 0
    assert "stays with" not in text(app)
    assert not app.query_params.get("comparison_rotation")


def test_an_example_is_one_click_and_takes_the_place_of_what_was_before(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, comparison_noise="0.5")
    app.button(key="comparison_example_Turn it by 30°").click().run()
    digit = robustness.ink(mnist.load().x_test[:1])
    expected = Changes(rotation=30).apply(digit)[0]
    np.testing.assert_allclose(changed(app), expected, atol=1e-6)
    assert app.query_params.get("comparison_rotation") in ("30", ["30"])


def test_where_a_patch_lies_is_asked_once_there_is_one_and_it_stays_on_the_digit(
    open_page: Any,
) -> None:
    app = open_page(SLUG, **VIEW)
    keys = [slider.key for slider in app.select_slider]
    assert "comparison_patch_top" not in keys
    app.select_slider(key="comparison_patch").set_value(5).run()
    app.select_slider(key="comparison_patch_left").set_value(23).run()
    app.select_slider(key="comparison_patch").set_value(20).run()
    assert not app.exception
    assert app.select_slider(key="comparison_patch_left").value == 8
    assert not changed(app)[12 - 4 : 28, 8:28].any() or not changed(app)[8:28, 8:28].any()


def test_all_chosen_networks_answer_to_a_drawn_digit(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, digit_source="Draw", comparison_right="2")
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    first, _ = picture(app, "comparison_changed").header["maps"]
    assert first["title"] == "Your drawing"
    shown = bars(app)
    assert "right</text>" not in shown
    for name in NOTEBOOK_RUNS:
        assert said(name, changed(app)) in shown
    app.pills(key="digit_drawn_label_0").set_value(1).run()
    assert "right</text>" in bars(app) or "wrong</text>" in bars(app)


@pytest.mark.usefixtures("kept")
def test_a_run_without_its_network_cannot_answer_and_the_page_says_so(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, comparison_runs=["CNN 2", LATER_NAME, SMALL_NAME])
    assert "is kept without its network, so it cannot answer" in text(app)
    assert "CNN 2: 7" in bars(app)
    # A run keeps the colour that it has among all that are chosen.
    labels = naming.labels(["CNN 2", LATER_NAME, SMALL_NAME])
    colours = run_colours(labels.values())
    assert colours[labels[SMALL_NAME]] in bars(app)
    assert colours[labels[LATER_NAME]] not in bars(app)
    app = open_page(SLUG, **VIEW, comparison_runs=[LATER_NAME])
    assert not app.exception
    assert changed(app).shape == (28, 28)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ({"comparison_right": "99"}, 10),
        ({"comparison_right": "nonsense"}, 0),
        ({"comparison_right": "2.7"}, 3),
    ],
)
def test_nonsense_in_the_address_is_put_right(
    open_page: Any, query: dict[str, str], value: int
) -> None:
    app = open_page(SLUG, **VIEW, **query)
    assert not app.exception
    assert app.select_slider(key="comparison_right").value == value


def test_no_run_is_asked_that_is_not_chosen(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, comparison_runs=["CNN 1"])
    assert resources.find(NOTEBOOK_RUNS["CNN 1"]) is not None
    assert "CNN 1: 7" in bars(app)
    assert "CNN 2" not in bars(app)
