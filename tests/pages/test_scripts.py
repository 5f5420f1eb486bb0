"""The whole script beside a page's Keras lines runs by itself and comes to what the page shows."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import export, takeaway
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import digits, frame, own
from tests import offline
from tests.conftest import OpenPage, picture

RESULTS = {
    "convolution": "answers",
    "padding": "counts",
    "pooling": "pooled_values",
    "beyond-images": "answer",
    "data-preparation": "prepared",
}


class Case(NamedTuple):
    """A page with settings in its address; ``own``: with a drawn digit in hand."""

    slug: str
    settings: dict[str, str]
    own: bool = False


CASES = (
    Case("convolution", {"digit": "3"}),
    Case(
        "convolution",
        {
            "convolution_picture": "ramp",
            "convolution_kernel": "emboss",
            "convolution_strides": "2",
            "convolution_relu": "true",
            "convolution_flip": "true",
            "convolution_bias": "-0.25",
        },
    ),
    Case("convolution", {"convolution_kernel": "sobel-x"}, own=True),
    Case("convolution", {"convolution_kernel": "gaussian-blur", "convolution_kernel_size": "9"}),
    Case("padding", {}),
    Case("padding", {"padding_padding": "same", "padding_strides": "3", "padding_size": "28"}),
    Case(
        "padding",
        {
            "padding_padding": "same",
            "padding_strides": "2",
            "padding_dilation_rate": "2",
            "padding_size": "11",
        },
    ),
    Case("padding", {"padding_padding": "2", "padding_kernel_size": "4", "padding_size": "5"}),
    Case("pooling", {"digit": "77", "pooling_pool_size": "3", "pooling_padding": "same"}),
    Case("pooling", {"pooling_input": "feature map 5", "pooling_strides": "1"}),
    Case("pooling", {"pooling_kind": "max", "pooling_shift": "0"}, own=True),
    Case("beyond-images", {}),
    Case("beyond-images", {"beyond_series": "temperature", "beyond_padding": "causal"}),
    Case("beyond-images", {"beyond_kernel": "My own", "beyond_padding": "same"}),
    Case("data-preparation", {"digit": "5", "data_scaled": "true"}),
    Case("data-preparation", {}, own=True),
)


class Done(NamedTuple):
    """A page, what its script prints, and the script's result."""

    app: AppTest
    said: str
    result: np.ndarray


def scripts_of(patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What pages hand to their button for the script, by their addresses."""
    taken: dict[str, Any] = {}
    show = frame.keras_lines

    def lines(code: str, script: Any = None, name: str = "") -> None:
        taken[name] = script
        show(code, script, name)

    patch.setattr(frame, "keras_lines", lines)
    return taken


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return scripts_of(monkeypatch)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> list[Done]:
    """Every case, all scripts run in one process without the internet."""
    from tests.conftest import ROUTER

    folder = tmp_path_factory.mktemp("scripts")
    offline.give_digits(folder)
    apps, wanted = [], []
    with pytest.MonkeyPatch.context() as patch:
        taken = scripts_of(patch)
        for number, case in enumerate(CASES):
            apps.append(opened(str(ROUTER), case))
            text = taken[case.slug]()
            if case.slug == "pooling":
                text += "pooled_values = np.stack(list(pooled.values()))\n"
            path = folder / f"{number}.py"
            path.write_text(text, encoding="utf-8")
            wanted.append((path.name, RESULTS[case.slug]))
    ran = offline.run(folder, "-c", offline.RUNNER, json.dumps(wanted))
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    results = []
    for app, (name, variable) in zip(apps, wanted, strict=True):
        with np.load(folder / f"{name}.npz") as arrays:
            results.append(Done(app, told[name], arrays[variable]))
    return results


def opened(router: str, case: Case) -> AppTest:
    from lesson.ui.navigation import page

    app = AppTest.from_file(router, default_timeout=120).run()
    app.switch_page(page(case.slug).file)
    for key, value in case.settings.items():
        app.query_params[key] = value
    if case.own:
        ink = np.zeros((112, 112), dtype=np.float32)
        ink[20:90, 50:60] = ink[20:30, 30:60] = 0.7
        app.session_state[own.DRAWN] = own._own("Your drawing", ink, ink, "You drew 2 strokes.")
        app.session_state[digits.SOURCE_KEY] = digits.DRAW
    app.run()
    assert not app.exception
    return app


def each(slug: str) -> Any:
    """The cases of a page."""
    numbers = [number for number, case in enumerate(CASES) if case.slug == slug]
    return pytest.mark.parametrize("number", numbers)


@each("convolution")
def test_the_filter_answers_as_the_explorer_shows(done: list[Done], number: int) -> None:
    app, said, result = done[number]
    shown = picture(app, "convolution_main").array("output")
    np.testing.assert_allclose(result, shown, atol=1e-4)
    assert f"from {result.min():.2f} to {result.max():.2f}" in said


@each("padding")
def test_each_pixel_counts_as_often_as_the_explorer_shows(done: list[Done], number: int) -> None:
    app, said, result = done[number]
    drawn = picture(app, "padding_coverage")
    top, right, bottom, left = drawn.map("input").get("padding", (0, 0, 0, 0))
    (shown,) = drawn.array("input")
    rows, columns = shown.shape
    np.testing.assert_array_equal(result, shown[top : rows - bottom, left : columns - right])
    side = len(drawn.array("output"))
    assert f"The output has {side} x {side} cells." in said


@each("pooling")
def test_the_pooled_maps_are_those_of_the_explorer(done: list[Done], number: int) -> None:
    app, said, result = done[number]
    shown = picture(app, "pooling_maps").all("output")
    assert len(result) == len(shown)
    for ours, theirs in zip(result, shown, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    # What the move changes, as in the page's table.
    page = "\n".join(part.value for part in app.markdown)
    found = re.findall(r"^(\w+): (\d+ of \d+) values change, difference (\d+%)$", said, re.M)
    assert len(found) == 1 + len(shown)
    for name, changed, difference in found:
        assert f"| {name} | {changed} | {difference} |" in page


@each("beyond-images")
def test_the_series_is_answered_as_the_page_says(done: list[Done], number: int) -> None:
    app, said, result = done[number]
    shown = picture(app, "beyond_series_explorer").array("output")
    np.testing.assert_allclose(result, shown.ravel(), atol=1e-4)
    (strongest,) = re.findall(r"The strongest answer is \S+ at time \S+\.", said)
    assert strongest.replace("-", "−") in "\n".join(part.value for part in app.markdown)


@each("data-preparation")
def test_the_digit_is_prepared_as_the_page_shows(done: list[Done], number: int) -> None:
    app, said, result = done[number]
    np.testing.assert_array_equal(result[..., 0], picture(app, "data_pixels").arrays[0])
    assert "loaded: (60000, 28, 28), uint8, 0 to 255, 47.0 MB" in said
    high = 1 if CASES[number].settings else 255
    assert f"prepared: (60000, 28, 28, 1), float32, 0 to {high}, 188.2 MB" in said


# Pages that train: that their scripts run is tested with what is taken along.


@pytest.mark.parametrize("slug", ["feedforward", "inside-a-cnn"])
def test_a_page_that_trains_gives_the_experiment_of_its_run(
    open_page: OpenPage, taken: dict[str, Any], slug: str
) -> None:
    app = open_page(slug, feedforward_epochs="3", cnn_epochs="3")
    assert not app.exception
    script = taken[slug]()
    (name, spec), *others = taken[slug].args[0].items()
    assert not others
    assert spec.epochs == 3
    assert script == takeaway.script({name: spec})
    assert export.network_code(spec.network) in app.code[-1].value
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels.count("The same in Keras: take the whole script") == 1


def test_a_network_that_cannot_be_has_lines_but_no_script(
    open_page: OpenPage, taken: dict[str, Any]
) -> None:
    sizes = {f"cnn_kernel_size_{n}": "9" for n in range(1, 5)}
    app = open_page("inside-a-cnn", cnn_blocks="4", **sizes)
    assert not app.exception
    assert "does not fit" in app.error[0].value
    assert taken["inside-a-cnn"] is None
    assert app.code


@pytest.mark.parametrize("slug", ["overview", "comparison"])
def test_a_link_that_hides_the_lines_hides_their_expander(open_page: OpenPage, slug: str) -> None:
    assert "in Keras" in " ".join(part.label for part in open_page(slug).expander)
    hidden = open_page(slug, hide="code")
    assert not hidden.exception
    assert "in Keras" not in " ".join(part.label for part in hidden.expander)


@pytest.mark.parametrize("slug", ["overview", "comparison"])
def test_the_networks_that_are_compared_unfold_as_keras_lines(
    open_page: OpenPage, slug: str
) -> None:
    app = open_page(slug)
    assert not app.code
    app.session_state[f"{slug}_in_keras"] = True
    app.run()
    assert not app.exception
    lines = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}
    assert app.code[0].value == export.networks_code(lines)
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Script (.py)", "Notebook (.ipynb)", "The digits (mnist.npz)"]
