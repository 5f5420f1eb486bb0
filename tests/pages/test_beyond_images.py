"""The page on series, words and films: what is shown is what the filter really answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import diagrams, outcome, series, sliding
from lesson.ui.navigation import page
from tests.conftest import Picture, picture, tell

OpenPage = Callable[..., AppTest]


def texts(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in app.markdown]


def explored(app: AppTest) -> Picture:
    """The explorer."""
    return picture(app, "beyond_series_explorer")


def drawn(app: AppTest) -> dict[str, np.ndarray[Any, Any]]:
    """The numbers of the explorer's curves, by name: the series without its padding."""
    shown = explored(app)
    assert shown.header["plot"] is True
    _, right, _, left = shown.map("input").get("padding", (0, 0, 0, 0))
    (((values,),), ((weights,),), (answer,)) = (
        shown.array(role) for role in ("input", "kernel", "output")
    )
    return {
        "series": values[left : len(values) - right],
        "weights": weights,
        "answer": answer,
        "padded": values,
    }


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
    answers = conv1d(values, weights, padding)
    np.testing.assert_allclose(curves["answer"], answers, atol=1e-4)
    # Each window of what is shown above gives the answer that is shown below.
    for place, answer in enumerate(answers):
        window = curves["padded"][place : place + len(weights)]
        assert float(window @ weights) == pytest.approx(float(answer), abs=1e-3)
    header = explored(app).header
    assert header["lead"] == (len(weights) - 1 if padding == "causal" else None)
    (strongest,) = [place for place, says in header["stops"] if sliding.STRONGEST in says]
    assert abs(answers[strongest]) == pytest.approx(np.abs(answers).max(), abs=1e-4)
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
    titles = [map_["title"] for map_ in explored(app).header["maps"]]
    assert titles == ["Heartbeat", "Filter: My own", "The filter's answers"]


@pytest.mark.parametrize("padding", series.PADDINGS)
@pytest.mark.parametrize("end", [-2.0, 2.0])
def test_weights_at_both_ends_give_what_keras_gives(
    open_page: OpenPage, end: float, padding: str
) -> None:
    own = {f"beyond_weight_{place}": str(end) for place in range(1, 6)}
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_padding=padding, **own)
    values, curves = series.SERIES["heartbeat"].values, drawn(app)
    assert curves["weights"].tolist() == [end] * 5
    np.testing.assert_allclose(curves["answer"], conv1d(values, [end] * 5, padding), atol=1e-4)


def test_untouched_weights_of_ones_own_leave_the_series_as_it_is(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_padding="same")
    curves = drawn(app)
    np.testing.assert_allclose(curves["answer"], curves["series"], atol=1e-6)


def test_weights_that_are_all_zero_answer_zero(open_page: OpenPage) -> None:
    app = open_page("beyond-images", beyond_kernel=series.OWN, beyond_weight_3="0")
    assert any("answers 0 everywhere" in text for text in texts(app))
    assert not drawn(app)["answer"].any()
    # There is nothing to meet between the first window and the last.
    assert [place for place, _ in explored(app).header["stops"]] == [0, 115]


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


def test_a_reader_with_a_digit_of_ones_own_in_hand_can_come_here(open_page: OpenPage) -> None:
    app = open_page("padding", digit_source="Draw")
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    app.switch_page(page("beyond-images").file).run()
    assert len(drawn(app)["series"]) == series.LENGTH


def test_the_film_and_the_words_are_drawn(open_page: OpenPage) -> None:
    assert diagrams.frames_filter() in texts(open_page("beyond-images"))


def test_every_objective_is_summed_up_with_the_way_back(open_page: OpenPage) -> None:
    app = open_page("beyond-images")
    said = texts(app)
    back = {link.proto.label for link in app.get("page_link")}
    for objective in outcome.OBJECTIVES:
        assert f"**{objective.goal}** {objective.learned}" in said
        titles = {page(slug).title for slug in objective.pages if slug != "beyond-images"}
        assert titles <= back
