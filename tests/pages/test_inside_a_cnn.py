"""The page that stacks a CNN, trains it and looks into every layer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import export, inside, mnist, shipped
from lesson.results import Run
from lesson.runs import SHIPPED
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.ui import explorer, resources, training

OpenPage = Callable[..., AppTest]
SLUG = "inside-a-cnn"
BUILD = "Build and train"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_here(open_page: OpenPage) -> OpenPage:
    """The page, its controls in the address without their prefix."""

    def opened(digit: int = 0, **values: object) -> AppTest:
        query = {f"cnn_{key}": str(value) for key, value in values.items()}
        app = open_page(SLUG, digit=str(digit), **query)
        assert not app.exception
        return app

    return opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """The runs that the page looks for or hands to the training panel, which does nothing."""
    specs: list[RunSpec] = []
    find = resources.find

    def found(spec: RunSpec) -> Run | None:
        specs.append(spec)
        return find(spec)

    monkeypatch.setattr(resources, "find", found)
    monkeypatch.setattr(training, "panel", lambda spec, key: specs.append(spec))
    return specs


def pictures(app: AppTest) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    return [explorer.decode(part.proto.bytes) for part in app.get("bidi_component")]


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


def activations(spec: RunSpec, index: int) -> dict[str, np.ndarray]:
    """What plain Keras computes in each layer of a shipped network, from its ``.keras`` file."""
    model = keras.models.load_model(SHIPPED / spec.digest / "network.keras", compile=False)
    whole = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    outputs = whole(mnist.prepare(mnist.load().x_test[index][None], True), training=False)
    return {
        layer.name: np.asarray(output)[0]
        for layer, output in zip(model.layers, outputs, strict=True)
    }


def assert_shows(
    picture: tuple[dict[str, Any], list[np.ndarray]], expected: np.ndarray, digit: int
) -> None:
    """The digit as the network gets it, then the maps or the wrapped row of a layer."""
    header, (first, *maps) = picture
    np.testing.assert_allclose(first, mnist.load().x_test[digit] / 255, atol=1e-6)
    if expected.ndim == 3:
        np.testing.assert_allclose(np.stack(maps, axis=-1), expected, atol=1e-4)
        titles = [map_["title"] for map_ in header["maps"]]
        assert titles == ["digit", *map(str, range(1, len(maps) + 1))]
        assert len({(map_["low"], map_["high"]) for map_ in header["maps"]}) == 1
    else:
        np.testing.assert_allclose(maps[0].ravel(), expected, atol=1e-4)


def test_it_opens_with_the_run_that_ships_for_it_and_its_maps(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_page(SLUG)
    assert not app.exception
    assert asked == [shipped.INSIDE_PAGE]
    assert app.query_params == {}
    ((header, _),) = pictures(app)
    assert len(header["maps"]) == 1 + 16
    assert not app.info
    assert not app.error


@pytest.mark.parametrize("digit", [0, 8, 9999])
def test_every_layers_maps_are_those_of_keras(open_here: OpenPage, digit: int) -> None:
    theirs = activations(shipped.INSIDE_PAGE, digit)
    app = open_here(digit, layer="all")
    layers = [name for name in theirs if not name.startswith("dropout")]
    assert len(pictures(app)) == len(layers) == 8
    for name, picture in zip(layers, pictures(app), strict=True):
        assert_shows(picture, theirs[name], digit)
    assert all(f"**{name}**: " in said(app) for name in theirs)
    zeros = (theirs["conv2d"] == 0).mean()
    assert f"{100 * zeros:.1f}% of this digit's 10,816 values are 0" in said(app)
    assert said(app).count("passes on all") == 2  # both Dropout layers


@pytest.mark.parametrize("layer", ["conv2d", "max_pooling2d_1", "flatten", "dense_2"])
def test_one_layer_can_be_looked_at_alone(open_here: OpenPage, layer: str) -> None:
    (picture,) = pictures(open_here(17, layer=layer))
    assert_shows(picture, activations(shipped.INSIDE_PAGE, 17)[layer], 17)


def test_the_softmax_is_that_of_keras_and_its_arithmetic_is_shown(open_here: OpenPage) -> None:
    chances = activations(shipped.INSIDE_PAGE, 8)["dense_2"]
    app = open_here(8)
    (chart,) = app.get("plotly_chart")
    bars = json.loads(chart.proto.spec)["data"][0]
    np.testing.assert_allclose(bars["y"], chances, atol=1e-4)
    answer = int(chances.argmax())
    assert f"The network answers **{answer}**, {100 * chances.max():.1f}% sure" in said(app)
    (table,) = [part.value for part in app.markdown if "| digit |" in part.value]
    assert f"| **{answer}** |" in table.splitlines()[2]
    assert table.splitlines()[2].endswith(f"| {chances.max():.4f} |")


def test_a_wrong_answer_is_called_wrong(open_here: OpenPage) -> None:
    run = resources.find(shipped.INSIDE_PAGE)
    assert run
    labels, answers = mnist.load().y_test, run.test_probabilities.argmax(axis=1)
    mistake = int(np.flatnonzero(answers != labels)[0])
    text = said(open_here(mistake))
    assert f"The network answers **{answers[mistake]}**" in text
    assert f"wrong, the label is **{labels[mistake]}**" in text


@pytest.mark.parametrize("view", ["Look inside", BUILD])
def test_presets_set_the_notebooks_networks(
    open_here: OpenPage, asked: list[RunSpec], view: str
) -> None:
    app = open_here(view=view, blocks=3, kernel_size_1=5, pooling_1="none", seed=7, layer="dense_1")
    app.button(key="cnn_preset_1").click().run()
    assert not app.exception
    assert asked[-1] == NOTEBOOK_RUNS["CNN 1"]
    app.button(key="cnn_preset_2").click().run()
    assert not app.exception
    assert asked[-1] == shipped.INSIDE_PAGE


def test_cnn_1_shows_its_maps_at_once(open_here: OpenPage) -> None:
    app = open_here(layer="max_pooling2d_1")
    app.button(key="cnn_preset_1").click().run()
    assert not app.exception
    # That layer is not in CNN 1: the first one is shown.
    (picture,) = pictures(app)
    assert_shows(picture, activations(NOTEBOOK_RUNS["CNN 1"], 0)["conv2d"], 0)


def test_what_is_chosen_outlives_the_change_of_view(
    open_here: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_here(view=BUILD)
    app.select_slider(key="cnn_filters_1").set_value(24).run()
    app.select_slider(key="cnn_dropout").set_value(0.2).run()
    built = asked[-1]
    for view in ("Look inside", BUILD):
        app.get("button_group")[-2 if view == BUILD else 0].set_value(view).run()
        assert not app.exception
        assert asked[-1] == built
    assert built.network.layers[0] == replace(shipped.INSIDE_PAGE.network.layers[0], filters=24)


def test_every_slider_goes_to_both_ends(open_here: OpenPage, asked: list[RunSpec]) -> None:
    app = open_here(view=BUILD, blocks=4, dense_layers=3, padding="same")
    keys = [slider.key for slider in app.select_slider]
    assert len(keys) == 1 + 4 * 2 + 1 + 3 + 1 + 2  # blocks, each, dense, units, dropout, training
    for end in (-1, 0):
        for outer in ({"cnn_blocks", "cnn_dense_layers"}, set()):
            for key in keys:
                slider = app.select_slider(key=key)
                if key not in outer:
                    slider.set_value(slider.options[end])
            app.run()
            assert not app.exception
        if end == -1:
            assert {layer.filters for layer in asked[-1].network.layers[:8:2]} == {64}  # type: ignore[attr-defined]
    assert asked[-1].network == inside.stack([], [])
    assert (asked[-1].epochs, asked[-1].validation_split) == (1, 0.0)


def test_a_stack_that_is_nothing_but_dense_layers_is_one_too(
    open_here: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_here(view=BUILD, blocks=0, dense_layers=0)
    assert asked[-1].network == inside.stack([], [])
    assert "7,850" in said(app)


def test_an_impossible_stack_is_explained_and_cannot_be_trained(
    open_here: OpenPage, asked: list[RunSpec]
) -> None:
    reason = "Conv2D: a window of 3×3 does not fit into a picture of 1×1."
    app = open_here(view=BUILD, blocks=4)
    assert asked == []  # no training panel
    flow = next(part.value for part in app.markdown if "<svg" in part.value)
    assert "does not fit" in flow
    assert reason in flow
    assert "`conv2d`" not in said(app)  # no ledger
    assert [error.value[: len(reason)] for error in app.error] == [reason]
    app = open_here(blocks=4)
    assert [error.value[: len(reason)] for error in app.error] == [reason]
    assert not pictures(app)


def test_a_network_too_large_is_explained(open_here: OpenPage) -> None:
    settings = {"blocks": 1, "filters_1": 64, "padding": "same", "pooling_1": "none"}
    app = open_here(view=BUILD, units_1=256, **settings)
    assert any("at most 5,000,000 parameters" in error.value for error in app.error)


def test_an_untrained_network_says_so_and_leads_to_its_training(open_here: OpenPage) -> None:
    app = open_here(seed=4321)
    assert "not trained yet" in app.info[0].value
    assert not pictures(app)
    app.button(key="cnn_to_build").click().run()
    assert not app.exception
    assert app.button(key="cnn_train")
    assert app.query_params["cnn_seed"] == "4321"


def test_a_run_without_weights_says_so(
    open_here: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = resources.find(shipped.INSIDE_PAGE)
    assert run
    monkeypatch.setattr(resources, "find", lambda spec: replace(run, weights=None))
    app = open_here()
    assert "without its weights" in app.info[0].value
    assert not pictures(app)


def test_keras_lines_are_those_of_the_settings(open_here: OpenPage, asked: list[RunSpec]) -> None:
    code = open_here(blocks=1, kernel_size_1=5, pooling_1="average", epochs=3, seed=9).code[0].value
    assert code.startswith("keras.utils.set_random_seed(9)\n")
    assert export.network_code(asked[-1].network) in code
    assert export.compile_and_fit_code(asked[-1]) in code
    scope: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    exec(code.split("\n\n")[0], scope)
    assert scope["model"].count_params() == asked[-1].network.parameters


@pytest.mark.parametrize(
    ("key", "asked_for", "given"),
    [
        ("blocks", "99", 4),
        ("blocks", "-1", 0),
        ("blocks", "x", 2),
        ("filters_1", "17", 16),
        ("filters_2", "1000", 64),
        ("kernel_size_1", "0", 1),
        ("pooling_1", "median", "max"),
        ("padding", "full", "valid"),
        ("dense_layers", "7", 3),
        ("units_1", "1e9", 256),
        ("dropout", "nan", 0.5),
        ("dropout", "5", 0.9),
        ("batch_size", "3", 128),
        ("learning_rate", "inf", 0.001),
        ("optimizer", "<b>", "adam"),
        ("epochs", "1000000", 20),
        ("seed", "-4", 0),
        ("training_digits", "70000", 60_000),
        ("validation_split", "1", 0.5),
        ("layer", "nonsense", "conv2d"),
        ("view", "nonsense", "Look inside"),
    ],
)
def test_an_address_out_of_range_is_put_right(
    open_here: OpenPage, key: str, asked_for: str, given: object
) -> None:
    app = open_here(**{key: asked_for})
    assert app.session_state[f"cnn_{key}"] == given


def test_the_questions_are_answered_with_the_ledgers_numbers(open_here: OpenPage) -> None:
    answers = {part.label: part.markdown[0].value for part in open_here().expander}
    second = next(text for prompt, text in answers.items() if "second Conv2D" in prompt)
    assert "3×3×1×16 + 16 = 160" in second
    assert "3×3×16×32 + 32 = 4,640" in second
    fewer = next(text for prompt, text in answers.items() if "fewer parameters" in prompt)
    for number in ("347,690", "57,274", "2704×128 + 128 = 346,240", "800×64 + 64 = 51,264"):
        assert number in fewer


def test_a_stack_trained_from_the_page_shows_its_own_maps(open_here: OpenPage) -> None:
    app = open_here(
        view=BUILD, blocks=1, filters_1=4, dense_layers=0, epochs=1, training_digits=1000
    )
    app.button(key="cnn_train").click().run()
    assert not app.exception
    network = inside.stack([inside.Block(4)], [], 0.5)
    spec = replace(shipped.INSIDE_PAGE, network=network, epochs=1, training_digits=1000)
    job = resources.trainer().job(spec)
    assert job
    waited_until = time.monotonic() + 240
    while not job.done and time.monotonic() < waited_until:
        time.sleep(0.2)
    app.run()
    assert not app.exception
    run = resources.find(spec)
    assert run
    assert f"{run.test_accuracy:.2%}" in [metric.value for metric in app.metric]
    app.session_state["cnn_view"] = "Look inside"
    app.run()
    assert not app.exception
    ((_, (_, *maps)),) = pictures(app)
    expected = resources.activations(run, mnist.load().x_test[0])[1][0]
    np.testing.assert_array_equal(np.stack(maps, axis=-1), expected)


def test_looking_inside_loads_no_tensorflow_into_the_server() -> None:
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "streamlit_app.py")!r}, default_timeout=120).run()
app.switch_page("pages/lesson_6_inside_a_cnn.py").run()
assert not app.exception, app.exception
assert app.get("bidi_component"), "no maps"
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
