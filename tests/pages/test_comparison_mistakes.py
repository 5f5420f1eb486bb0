"""The comparison's matrix and the digits of its cells, through the router."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from lesson import evaluation, mnist
from lesson.results import Run
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from lesson.ui.compare.mistakes import CELL, CONTESTED, KINDS
from tests.conftest import OpenPage, pictures, tell

SLUG = "comparison"
GALLERY = "comparison_gallery"


def notebook() -> dict[str, Run]:
    runs = {name: resources.find(spec) for name, spec in NOTEBOOK_RUNS.items()}
    assert all(runs.values())
    return runs


def opened(open_page: OpenPage, **query: str) -> AppTest:
    return open_page(SLUG, comparison_view="Mistakes", **query)


def of_cell(open_page: OpenPage, true: int | str, answer: int | str, **query: str) -> AppTest:
    cell = {"comparison_true": str(true), "comparison_answer": str(answer)}
    return opened(open_page, comparison_digits=CELL, **cell, **query)


def figure(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    (part,) = app.get("plotly_chart")
    return json.loads(part.proto.spec)


def clicked(app: AppTest, true: int, answer: int) -> AppTest:
    """The page as it runs when the browser tells that a cell of the matrix was clicked."""
    (part,) = app.get("plotly_chart")
    point = {"x": answer, "y": true, "curve_number": 2, "point_index": 10 * true + answer}
    selection = {"points": [point], "point_indices": [10 * true + answer], "box": [], "lasso": []}
    states = app._tree.get_widget_states()
    told = json.dumps({"selection": selection})
    states.widgets.append(WidgetState(id=part.proto.id, string_value=told))
    return app._run(states)


def shown(app: AppTest) -> tuple[list[str], list[str], list[int]]:
    """Titles and captions of the digits in the gallery, and which test digits they are."""
    (picture,) = (drawn for drawn in pictures(app) if GALLERY in drawn.key)
    maps, tests = picture.header["maps"], mnist.load().x_test
    for map_, array in zip(maps, picture.arrays, strict=True):
        np.testing.assert_array_equal(array, tests[map_["choice"]])
    return (
        [map_["title"] for map_ in maps],
        [map_["caption"] for map_ in maps],
        [map_["choice"] for map_ in maps],
    )


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.main.markdown)


@pytest.mark.parametrize("name", ["Feedforward", "CNN 2"])
def test_the_matrix_and_the_mistakes_are_those_of_the_chosen_run(
    open_page: OpenPage, name: str
) -> None:
    app, run = opened(open_page, comparison_confusion=name), notebook()[name]
    digits = mnist.load()
    answers = run.test_probabilities.argmax(axis=1)

    cells = figure(app)["data"][2]
    counts = np.zeros((10, 10), dtype=int)
    for row, column, count in zip(cells["y"], cells["x"], cells["text"], strict=True):
        counts[row, column] = int(count.replace(",", "") or 0)
    expected = np.zeros((10, 10), dtype=int)
    np.add.at(expected, (digits.y_test, answers), 1)
    np.testing.assert_array_equal(counts, expected)

    titles, captions, places = shown(app)
    assert places == evaluation.mistakes(digits.y_test, run.test_probabilities)[:8].tolist()
    assert titles == [f"{digits.y_test[at]} taken for {answers[at]}" for at in places]
    assert captions[-1] == f"sure: {run.test_probabilities[places[-1]].max():.1%}"
    wrong = (answers != digits.y_test).sum()
    assert f"misreads {wrong:,} of the 10,000" in text(app)
    assert f"1 to 8 of {wrong:,}" in text(app)


def test_a_click_on_a_cell_shows_its_digits_and_stands_in_the_address(open_page: OpenPage) -> None:
    app = opened(open_page)
    assert not figure(app)["layout"].get("shapes")
    for true, answer in ((4, 9), (3, 5), (4, 9)):
        app = clicked(app, true, answer)
        assert set(shown(app)[0]) == {f"{true} taken for {answer}"}
        assert app.query_params["comparison_true"] == str(true)
        assert app.query_params["comparison_answer"] == str(answer)
        assert app.query_params["comparison_digits"] == CELL
        box = figure(app)["layout"]["shapes"][-1]
        assert (box["y0"] + 0.5, box["x0"] + 0.5) == (true, answer)


def test_the_digits_of_a_cell_are_leafed_through_to_the_last(open_page: OpenPage) -> None:
    run, labels = notebook()["Feedforward"], mnist.load().y_test
    expected = evaluation.in_cell(labels, run.test_probabilities, 4, 9).tolist()
    app = of_cell(open_page, 4, 9)
    assert app.button(key="comparison_previous").disabled
    found = shown(app)[2]
    while not app.button(key="comparison_next").disabled:
        app.button(key="comparison_next").click().run()
        found += shown(app)[2]
    assert found == expected
    assert f"33 to {len(expected)} of {len(expected)}" in text(app)
    app.button(key="comparison_previous").click().run()
    assert shown(app)[2] == expected[24:32]
    # Another cell is shown from its start.
    app.selectbox(key="comparison_true").set_value("3").run()
    app.selectbox(key="comparison_answer").set_value("5").run()
    assert shown(app)[2] == evaluation.in_cell(labels, run.test_probabilities, 3, 5)[:8].tolist()


def test_a_row_or_a_column_shows_its_mistakes(open_page: OpenPage) -> None:
    titles, *_ = shown(of_cell(open_page, 4, "any"))
    assert all(title.startswith("4 taken for ") for title in titles)
    titles, *_ = shown(of_cell(open_page, "any", 9))
    assert all(title.endswith(" taken for 9") for title in titles)
    assert "4 taken for 9" in titles


def test_a_cell_without_digits_says_so(open_page: OpenPage) -> None:
    counts = notebook()["CNN 2"].confusion
    true, answer = map(int, np.argwhere(counts == 0)[0])
    app = of_cell(open_page, true, answer, comparison_confusion="CNN 2")
    assert f"takes none for a{'n' if answer == 8 else ''} {answer}." in text(app)
    assert not [drawn for drawn in pictures(app) if GALLERY in drawn.key]


def test_the_cell_is_kept_while_other_digits_are_shown(open_page: OpenPage) -> None:
    app = of_cell(open_page, 4, 9)
    for kind in KINDS[::-1]:
        app.segmented_control(key="comparison_digits").set_value(kind).run()
        framed = bool(figure(app)["layout"].get("shapes"))
        assert framed == (kind == CELL)
    app.segmented_control(key="comparison_digits").set_value(CELL).run()
    assert set(shown(app)[0]) == {"4 taken for 9"}


def test_disagreements_show_the_answer_of_every_run(open_page: OpenPage) -> None:
    app = opened(open_page, comparison_digits=CONTESTED)
    labels = mnist.load().y_test
    answers = np.stack([run.test_probabilities.argmax(axis=1) for run in notebook().values()])
    for title, caption, at in zip(*shown(app), strict=True):
        assert title == f"a{'n' if labels[at] == 8 else ''} {labels[at]}"
        assert caption.split() == [str(answer) for answer in answers[:, at]]
        assert len(set(caption.split())) > 1
    differ = (answers != answers[0]).any(axis=0).sum()
    assert f"differ on {differ:,} of the 10,000" in text(app)


def test_a_digit_that_is_clicked_is_in_hand_on_all_pages(open_page: OpenPage) -> None:
    app = opened(open_page)
    place = shown(app)[2][2]
    (key,) = (drawn.key for drawn in pictures(app) if GALLERY in drawn.key)
    app = tell(app, key, "chosen", place)
    (picture,) = (drawn for drawn in pictures(app) if GALLERY in drawn.key)
    assert picture.header["chosen"] == place
    assert "The framed digit is in hand." in text(app)
    app.switch_page("pages/lesson_6_inside_a_cnn.py").run()
    assert not app.exception
    assert app.number_input(key="digit").value == place


@pytest.mark.parametrize("value", ["11", "-1", "", "4.5", "[]"])
def test_nonsense_for_a_cell_is_any(open_page: OpenPage, value: str) -> None:
    app = of_cell(open_page, value, value)
    assert not app.exception
    assert app.selectbox(key="comparison_true").value == "any"
    assert "Click a cell of the matrix" in text(app)
