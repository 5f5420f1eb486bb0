"""The page on series, words and films: what is shown is what the filter really answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lesson import diagrams, outcome, series
from lesson.layers import Dense
from lesson.runs import RunStore
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD
from lesson.ui import resources
from lesson.ui.navigation import page

OpenPage = Callable[..., AppTest]


def texts(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in app.markdown]


def drawn(app: AppTest) -> dict[str, np.ndarray[Any, Any]]:
    """The heights of the figure's curves and bars, by name."""
    (chart,) = app.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    return {trace.get("name", "weights"): np.array(numbers(trace["y"])) for trace in spec["data"]}


def numbers(values: Any) -> Any:
    """Plotly may send an array as base64."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return values


def conv1d(values: Any, weights: Any, padding: str) -> np.ndarray[Any, Any]:
    """What Keras answers."""
    layer = keras.layers.Conv1D(1, len(weights), padding=padding, use_bias=False)
    layer.build((None, len(values), 1))
    layer.set_weights([np.reshape(weights, (-1, 1, 1))])
    return np.asarray(layer(np.reshape(values, (1, -1, 1))))[0, :, 0]


@pytest.mark.parametrize("padding", series.PADDINGS)
@pytest.mark.parametrize("kernel", series.KERNELS)
def test_every_filter_with_every_padding_draws_what_keras_answers(
    open_page: OpenPage, kernel: str, padding: str
) -> None:
    app = open_page(
        "beyond-images", beyond_series="temperature", beyond_kernel=kernel, beyond_padding=padding
    )
    values, weights = series.SERIES["temperature"].values, series.KERNELS[kernel].values
    said = texts(app)
    curves = drawn(app)
    np.testing.assert_allclose(curves["series"], values, rtol=1e-6)
    np.testing.assert_allclose(curves["weights"], weights, rtol=1e-6)
    np.testing.assert_allclose(curves["answer"], conv1d(values, weights, padding), atol=1e-4)
    assert series.padding_in_words(padding, len(values), len(weights)) in said
    assert app.code[0].value == series.keras_code(weights, padding)


@pytest.mark.parametrize("name", series.SERIES)
def test_every_series_can_be_chosen(open_page: OpenPage, name: str) -> None:
    app = open_page("beyond-images")
    app.selectbox(key="beyond_series").select(name).run()
    texts(app)
    np.testing.assert_allclose(drawn(app)["series"], series.SERIES[name].values, rtol=1e-6)


def test_weights_of_ones_own_are_the_ones_that_slide(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_weight_1="-1")
    app.number_input(key="beyond_weight_5").set_value(1.5).run()
    weights = [-1.0, 0.0, 1.0, 0.0, 1.5]
    texts(app)
    curves = drawn(app)
    assert curves["weights"].tolist() == weights
    values = series.SERIES["heartbeat"].values
    np.testing.assert_allclose(curves["answer"], conv1d(values, weights, "valid"), atol=1e-4)


def test_untouched_weights_of_ones_own_leave_the_series_as_it_is(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_padding="same")
    curves = drawn(app)
    np.testing.assert_allclose(curves["answer"], curves["series"], atol=1e-6)


def test_weights_that_are_all_zero_answer_zero(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_weight_3="0")
    assert any("answers 0 everywhere" in text for text in texts(app))
    assert not drawn(app)["answer"].any()


@pytest.mark.parametrize(("text", "bound"), [("99", 2.0), ("-99", -2.0), ("nonsense", 0.0)])
def test_a_weight_from_the_address_is_kept_within_bounds(
    open_page: OpenPage, text: str, bound: float
) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_weight_2=text)
    texts(app)
    assert drawn(app)["weights"][1] == bound


@pytest.mark.parametrize(("text", "position"), [("-3", 1), ("4", 4), ("99", 7), ("x", 1)])
def test_the_filter_lies_on_the_words_that_the_address_names(
    open_page: OpenPage, text: str, position: int
) -> None:
    app = open_page("beyond-images", beyond_position=text)
    sums = series.sum_in_words(series.WORDS, series.NOT_GOOD, position - 1)
    assert any(said.startswith(f"**{sums}.**") for said in texts(app))
    words = list(series.WORDS)[position - 1 : position + 1]
    window = next(said for said in texts(app) if "A filter over words" in said)
    said = " ".join(f"{word} {series.WORDS[word]:g}".replace("-", "−") for word in words)
    assert f"lies on: {said}." in window


def test_moving_the_filter_over_the_words_leaves_the_series_alone(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel="difference")
    before = drawn(app)
    app.select_slider(key="beyond_position").set_value(4).run()
    assert any("= 2.**" in text for text in texts(app))
    np.testing.assert_array_equal(drawn(app)["answer"], before["answer"])


def test_nonsense_in_the_address_opens_the_page_with_its_defaults(open_page: OpenPage) -> None:
    nonsense = dict.fromkeys(("beyond_series", "beyond_kernel", "beyond_padding"), "<b>?")
    app = open_page("beyond-images", **nonsense)
    texts(app)
    assert app.selectbox(key="beyond_series").value == "heartbeat"
    assert app.selectbox(key="beyond_kernel").value == "pulse"
    assert app.query_params == {}


def test_the_film_and_the_words_are_drawn(open_page: OpenPage) -> None:
    assert diagrams.frames_filter() in texts(open_page("beyond-images"))


def test_the_closing_answer_counts_parameters_as_keras_does(open_page: OpenPage) -> None:
    app = open_page("beyond-images")
    answer = next(e.markdown[0].value for e in app.expander if e.label.startswith("Why do"))
    assert CNN_1.parameters > FEEDFORWARD.parameters > CNN_2.parameters
    for network in (FEEDFORWARD, CNN_1, CNN_2):
        assert f"{network.parameters:,}" in answer
    assert isinstance(CNN_1.ledger[3].layer, Dense)
    dense = keras.layers.Dense(26 * 26 * 16)
    dense.build((None, 28 * 28))
    assert f"= {dense.count_params():,}." in answer
    assert outcome.reading(outcome.results(resources.store())) in answer


def test_without_any_run_the_page_stands(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(resources, "store", lambda: RunStore(tmp_path, shipped=None))
    texts(open_page("beyond-images"))
    st.cache_data.clear()


def test_every_objective_is_summed_up_with_the_way_back(open_page: OpenPage) -> None:
    app = open_page("beyond-images")
    said = texts(app)
    back = {link.proto.label for link in app.get("page_link")}
    for objective in outcome.OBJECTIVES:
        assert f"**{objective.goal}** {objective.learned}" in said
        titles = {page(slug).title for slug in objective.pages if slug != "beyond-images"}
        assert titles <= back
