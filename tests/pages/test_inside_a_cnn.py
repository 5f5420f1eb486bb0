"""The page that stacks a CNN, trains it and looks into every layer."""

from __future__ import annotations

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
    monkeypatch.setattr(training, "panel", lambda spec, lab: specs.append(spec))
    return specs


def pictures(app: AppTest) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """What the explorer shows, without the element that holds its script."""
    parts = [part.proto for part in app.get("bidi_component")]
    return [explorer.decode(part.bytes) for part in parts if part.bytes]


def overview(app: AppTest) -> dict[str, np.ndarray]:
    """The layers that the overview draws: maps ``(height, width, maps)`` or units ``(n,)``."""
    ((header, arrays),) = pictures(app)
    assert header["kind"] == "network"
    return {
        layer["name"]: arrays[layer["map"]].transpose(1, 2, 0)
        if arrays[layer["map"]].ndim == 3
        else arrays[layer["map"]][0]
        for layer in header["layers"]
        if "map" in layer
    }


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


def test_it_opens_with_the_run_that_ships_for_it_and_all_of_its_layers(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_page(SLUG)
    assert not app.exception
    assert asked == [shipped.INSIDE_PAGE]
    assert app.query_params == {}
    ((header, _),) = pictures(app)
    drawn = [name for name in shipped.INSIDE_PAGE.network.names if not name.startswith("dropout")]
    assert [layer["name"] for layer in header["layers"]] == ["digit", *drawn]
    assert not app.info
    assert not app.error


@pytest.mark.parametrize("digit", [0, 8, 9999])
def test_every_layers_maps_are_those_of_keras(open_here: OpenPage, digit: int) -> None:
    theirs = activations(shipped.INSIDE_PAGE, digit)
    shown = overview(open_here(digit))
    pixels = shown.pop("digit")[..., 0]
    np.testing.assert_allclose(pixels, mnist.load().x_test[digit] / 255, atol=1e-6)
    assert len(shown) == 7  # what Flatten and Dropout pass on is not sent twice
    for name, values in shown.items():
        np.testing.assert_allclose(values, theirs[name], atol=1e-4)


@pytest.mark.parametrize("name", shipped.INSIDE_PAGE.network.names)
def test_a_layer_says_what_it_does_with_the_digit(open_here: OpenPage, name: str) -> None:
    text = said(open_here(8, layer=name))
    assert f"**{name}**: " in text
    if name == "conv2d":
        zeros = (activations(shipped.INSIDE_PAGE, 8)[name] == 0).mean()
        assert f"{100 * zeros:.1f}% of this digit's 10,816 values are 0" in text


@pytest.mark.parametrize(("layer", "unit"), [("conv2d", 16), ("conv2d_1", 5)])
def test_a_filter_is_opened_with_its_kernels_and_its_map(
    open_here: OpenPage, layer: str, unit: int
) -> None:
    ((header, arrays),) = pictures(open_here(17, layer=layer, unit=unit))
    assert header["kind"] == "sliding"
    roles = {map_["role"]: array for map_, array in zip(header["maps"], arrays, strict=True)}
    model = keras.models.load_model(
        SHIPPED / shipped.INSIDE_PAGE.digest / "network.keras", compile=False
    )
    kernel, bias = model.get_layer(layer).get_weights()
    channels = kernel.shape[2]
    np.testing.assert_array_equal(
        roles["kernel"].reshape(channels, 3, 3), kernel[..., unit - 1].transpose(2, 0, 1)
    )
    assert header["bias"] == pytest.approx(bias[unit - 1])
    theirs = activations(shipped.INSIDE_PAGE, 17)[layer]
    np.testing.assert_allclose(roles["output"], theirs[..., unit - 1], atol=1e-4)
    assert header["layerHigh"] == pytest.approx(theirs.max(), abs=1e-4)
    assert [map_["title"] for map_ in header["maps"] if map_["role"] == "before"] == (
        [] if layer == "conv2d" else ["digit", f"conv2d, map {header['channel'] + 1}"]
    )


def test_a_pooling_channel_is_opened_behind_the_map_that_it_pools(open_here: OpenPage) -> None:
    ((header, arrays),) = pictures(open_here(17, layer="max_pooling2d_1", unit=32))
    roles = {map_["role"]: array for map_, array in zip(header["maps"], arrays, strict=True)}
    theirs = activations(shipped.INSIDE_PAGE, 17)
    np.testing.assert_allclose(roles["output"], theirs["max_pooling2d_1"][..., 31], atol=1e-4)
    np.testing.assert_allclose(np.squeeze(roles["input"]), theirs["conv2d_1"][..., 31], atol=1e-4)


def test_a_dense_unit_is_opened_as_inputs_times_weights(open_here: OpenPage) -> None:
    app = open_here(17, layer="dense", unit=12)
    ((header, (inputs, weights, products)),) = pictures(app)
    assert header["linked"]
    assert header["tiles"] == [5, 5]
    np.testing.assert_allclose(inputs * weights, products, atol=1e-6)
    theirs = activations(shipped.INSIDE_PAGE, 17)
    pooled = theirs["max_pooling2d_1"]
    np.testing.assert_allclose(inputs[5:10, 10:15], pooled[..., 10], atol=1e-4)  # 8 maps in a row
    assert f"makes it **{theirs['dense'][11]:.3f}**" in said(app)


def test_a_class_is_opened_with_what_pushes_it_and_the_softmax_of_keras(
    open_here: OpenPage,
) -> None:
    chances = activations(shipped.INSIDE_PAGE, 8)["dense_2"]
    answer, unlikely = int(chances.argmax()), int(chances.argmin())
    app = open_here(8, layer="dense_2", unit=answer)
    assert f"The network answers **{answer}**, {100 * chances.max():.1f}% sure" in said(app)
    (table,) = [part.value for part in app.markdown if "| digit |" in part.value]
    assert f"| **{answer}** |" in table.splitlines()[2]
    assert table.splitlines()[2].endswith(f"| {chances.max():.4f} |")
    app = open_here(8, layer="dense_2", unit=unlikely)
    (table,) = [part.value for part in app.markdown if "| digit |" in part.value]
    assert f"| **{unlikely}** |" in table


def test_one_goes_from_unit_to_unit_and_back_to_all_layers(open_here: OpenPage) -> None:
    app = open_here(layer="conv2d", unit=16)
    app.button(key="cnn_next").click().run()
    assert app.session_state["cnn_unit"] == "1"
    app.button(key="cnn_previous").click().run()
    assert app.session_state["cnn_unit"] == "16"
    app.button(key="cnn_all").click().run()
    assert not app.exception
    assert overview(app)
    app.selectbox(key="cnn_layer").select("flatten").run()
    assert not app.exception
    # In the overview one clicks on what one wants to open.
    assert "cnn_unit" not in {box.key for box in app.selectbox}


def changed(app: AppTest, choice: str, value: float) -> None:
    """Give a weight of the Dense unit that is open another value."""
    app.selectbox(key="cnn_weight").select(choice)
    app.run()
    app.number_input(key="cnn_value").set_value(value)
    app.button(key="cnn_change").click().run()
    assert not app.exception


def test_a_changed_bias_moves_the_answer_as_it_does_in_keras_until_it_is_restored(
    open_here: OpenPage,
) -> None:
    app = open_here(0, layer="dense_2", unit=3)
    model = keras.models.load_model(
        SHIPPED / shipped.INSIDE_PAGE.digest / "network.keras", compile=False
    )
    kernel, bias = model.get_layer("dense_2").get_weights()
    bias[3] = 60
    model.get_layer("dense_2").set_weights([kernel, bias])
    digit = mnist.prepare(mnist.load().x_test[0][None], True)
    chances = np.asarray(model(digit, training=False))[0]
    assert chances.argmax() == 3
    changed(app, "the bias", 60.0)
    assert "You changed 1 weight: the network now answers **3**" in said(app)
    app.button(key="cnn_all").click().run()
    np.testing.assert_allclose(overview(app)["dense_2"], chances, atol=1e-4)
    # Another reader has the trained weights.
    assert overview(open_here(0))["dense_2"].argmax() == 7
    app.button(key="cnn_restore").click().run()
    assert "You changed" not in said(app)
    assert overview(app)["dense_2"].argmax() == 7


def test_changes_are_undone_one_by_one(open_here: OpenPage) -> None:
    app = open_here(0, layer="dense_2", unit=3)
    changed(app, "the bias", 60.0)
    changed(app, "the bias", -60.0)
    assert "You changed 1 weight: the network still answers **7**" in said(app)
    app.button(key="cnn_undo").click().run()
    assert "You changed 1 weight: the network now answers **3**" in said(app)
    app.button(key="cnn_undo").click().run()
    assert "You changed" not in said(app)


def test_a_session_keeps_so_many_changes_and_no_more(
    open_here: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lesson.ui.inside.MOST_EDITS", 2)
    app = open_here(0, layer="dense_2", unit=3)
    changed(app, "the bias", 60.0)
    changed(app, "the bias", -60.0)
    assert not app.toast
    changed(app, "the bias", 61.0)
    (told,) = app.toast
    assert told.value == "2 changes are the most. Restore the weights to go on."
    assert "the network still answers **7**" in said(app)
    app.button(key="cnn_undo").click().run()
    changed(app, "the bias", 61.0)
    assert "the network now answers **3**" in said(app)


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
    assert app.selectbox(key="cnn_network_name").value == "Your own"
    app.selectbox(key="cnn_network_name").select("CNN 1").run()
    assert not app.exception
    assert asked[-1] == NOTEBOOK_RUNS["CNN 1"]
    app.selectbox(key="cnn_network_name").select("CNN 2, 10% held back").run()
    assert not app.exception
    assert asked[-1] == shipped.INSIDE_PAGE


def test_a_run_is_held_against_another_where_it_is_built(open_here: OpenPage) -> None:
    app = open_here(view=BUILD)
    assert "**CNN 2, 10% held back.** Look for:" in said(app)
    app.button(key="cnn_beside").click().run()
    assert not app.exception
    a, b = (resources.find(spec) for spec in (NOTEBOOK_RUNS["CNN 1"], shipped.INSIDE_PAGE))
    assert a
    assert b
    assert f"**A**, «CNN 1», {a.test_accuracy:.2%}: **filters 16, " in said(app)
    assert app.metric[0].delta.endswith(f"points: A {a.test_accuracy:.2%}")
    app.button(key="cnn_back").click().run()
    assert not app.exception
    assert app.selectbox(key="cnn_network_name").value == "CNN 1"
    assert "This run is A." in said(app)


def test_the_same_network_is_taken_again_with_the_next_seed(
    open_here: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = resources.find(shipped.INSIDE_PAGE)
    assert run
    monkeypatch.setattr(resources, "find", lambda spec: replace(run, spec=spec))
    app = open_here(view=BUILD)
    app.button(key="cnn_again").click().run()
    assert not app.exception
    assert app.number_input(key="cnn_seed").value == 43
    assert app.query_params["cnn_seed"] == "43"
    assert "**seed 42**. **B**: **seed 43**." in said(app)


def test_the_filters_of_the_first_layer_are_shown_as_they_came_to_be(
    open_here: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = resources.find(shipped.INSIDE_PAGE)
    assert run
    grown = np.linspace(0, 1, 6).reshape(6, 1, 1, 1, 1)
    learned = (grown * np.arange(1, 17) * np.ones((6, 3, 3, 1, 16))).astype(np.float16)
    monkeypatch.setattr(resources, "find", lambda spec: replace(run, learned=learned))
    app = open_here(view=BUILD, learned_epoch=3)
    assert "## What the first layer, conv2d, learned" in said(app)
    (units, maps), (_, strip) = pictures(app)
    assert len(maps) == 16
    assert units["maps"][0]["high"] == 16
    np.testing.assert_allclose(maps[15], np.full((3, 3), 9.6), rtol=1e-3)
    assert len(strip) == 6
    assert not any("first layer" in part.value for part in open_here().markdown)


def test_one_goes_to_a_network_of_ones_own_where_it_is_built(open_here: OpenPage) -> None:
    app = open_here()
    app.selectbox(key="cnn_network_name").select("Your own").run()
    assert not app.exception
    assert app.session_state["cnn_view"] == BUILD
    assert app.select_slider(key="cnn_blocks").value == 2


def test_cnn_1_shows_its_maps_at_once(open_here: OpenPage) -> None:
    app = open_here(layer="max_pooling2d_1", unit=3)
    app.selectbox(key="cnn_network_name").select("CNN 1").run()
    assert not app.exception
    # That layer is not in CNN 1: the first one is shown.
    assert app.session_state["cnn_layer"] == "conv2d"
    app = open_here(
        blocks=1, units_1=128, dense_layers=1, dropout=0.0, batch_size=256, validation_split=0.0
    )
    np.testing.assert_allclose(
        overview(app)["conv2d"], activations(NOTEBOOK_RUNS["CNN 1"], 0)["conv2d"], atol=1e-4
    )


def test_what_is_chosen_outlives_the_change_of_view(
    open_here: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_here(view=BUILD)
    app.select_slider(key="cnn_filters_1").set_value(24).run()
    app.select_slider(key="cnn_dropout").set_value(0.2).run()
    built = asked[-1]
    for view in ("Look inside", BUILD):
        app.session_state["cnn_view"] = view
        app.run()
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


def test_a_run_that_went_astray_says_so(
    open_here: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = resources.find(shipped.INSIDE_PAGE)
    assert run
    assert run.weights is not None
    astray = tuple(np.full_like(each, np.nan) for each in run.weights)
    monkeypatch.setattr(resources, "find", lambda spec: replace(run, weights=astray))
    app = open_here()
    assert not app.exception
    assert "smaller learning rate" in app.warning[0].value
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
        ("unit", "99", "all"),
        ("unit", "0", "all"),
        ("unit", "<b>", "all"),
        ("view", "nonsense", "Look inside"),
    ],
)
def test_an_address_out_of_range_is_put_right(
    open_here: OpenPage, key: str, asked_for: str, given: object
) -> None:
    app = open_here(**{key: asked_for})
    assert app.session_state[f"cnn_{key}"] == given


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
    expected = resources.activations(run, mnist.load().x_test[0])[1][0]
    np.testing.assert_array_equal(overview(app)["conv2d"], expected)


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


def test_the_next_digit_is_a_button_beside_the_picture(open_here: OpenPage) -> None:
    app = open_here(digit=9999)
    app.button(key="digit_next").click().run()
    assert app.sidebar.number_input(key="digit").value == 0
    np.testing.assert_array_equal(
        overview(app)["digit"][..., 0], mnist.prepare(mnist.load().x_test[:1])[0, ..., 0]
    )
