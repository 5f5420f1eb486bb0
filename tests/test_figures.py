from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

from lesson import figures
from lesson.evaluation import Calibration
from lesson.palette import CORRECT, NETWORKS, NEUTRAL, OTHER_RUNS, WRONG, run_colour, run_colours

HISTORY = {"accuracy": [0.9, 0.95], "val_accuracy": [0.88, 0.93], "loss": [0.4, 0.2]}
COUNTS = np.eye(10, dtype=int) * 90
COUNTS[4, 9] = 7
CALIBRATION = Calibration(
    np.array([0, 5, 40, 900]), np.array([0, 0.4, 0.75, 0.95]), np.array([0, 0.6, 0.5, 0.97])
)
HOSTILE = "<b>x</b> & <a href='javascript:1'>y</a>"

EVERY_FIGURE: dict[str, Callable[[], go.Figure]] = {
    "learning_curves": lambda: figures.learning_curves({"CNN 1": HISTORY, "Mine": HISTORY}),
    "class_balance": lambda: figures.class_balance(range(10), np.arange(10)),
    "pixel_histogram": lambda: figures.pixel_histogram(np.arange(256), np.arange(256) / 255),
    "confusion_matrix": lambda: figures.confusion_matrix(COUNTS, "CNN 1", true=4, answer=9),
    "reliability": lambda: figures.reliability({"CNN 1": CALIBRATION, "Mine": CALIBRATION}),
    "hunger": lambda: figures.hunger(
        {"CNN 1": {100: [0.7, 0.72], 1000: [0.9]}}, {"Mine": (500, 0.8)}
    ),
}


def traces(figure: go.Figure, **wanted: Any) -> list[dict[str, Any]]:
    """The figure's traces, as they are sent, that have these values."""
    data: list[dict[str, Any]] = json.loads(figure.to_json())["data"]
    return [trace for trace in data if all(trace.get(key) == wanted[key] for key in wanted)]


def sizes(value: Any, path: Sequence[str] = ()) -> list[float]:
    """All font sizes in a figure."""
    if isinstance(value, list):
        return [size for item in value for size in sizes(item, path)]
    if not isinstance(value, dict):
        return [value] if path[-1] == "size" and "font" in path[-2] else []
    return [size for key, item in value.items() for size in sizes(item, (*path, key))]


@pytest.mark.parametrize("name", EVERY_FIGURE)
class TestEveryFigure:
    def test_is_valid_plotly_although_it_is_built_without_validation(self, name: str) -> None:
        sent = EVERY_FIGURE[name]().to_plotly_json()
        go.Figure(sent)
        with pytest.raises(ValueError, match="Invalid property"):
            go.Figure({**sent, "layout": {**sent["layout"], "no_such_thing": 1}})

    def test_leaves_background_and_grid_to_the_theme(self, name: str) -> None:
        layout = json.loads(EVERY_FIGURE[name]().to_json())["layout"]
        assert layout["template"] == {}
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert "gridcolor" not in json.dumps(layout)

    def test_has_type_that_reads_from_the_back_row(self, name: str) -> None:
        figure = json.loads(EVERY_FIGURE[name]().to_json())
        assert min(sizes(figure)) >= 16

    def test_keeps_zoom_when_data_change(self, name: str) -> None:
        assert EVERY_FIGURE[name]().layout.uirevision == "kept"


@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_a_stage_sets_the_same_figure_larger(name: str) -> None:
    figure = EVERY_FIGURE[name]()
    before = json.loads(figure.to_json())
    larger = json.loads(figures.enlarged(figure, 1.5).to_json())
    assert json.loads(figure.to_json()) == before, "the figure itself stays"
    go.Figure(larger)
    assert min(sizes(larger)) >= 1.25 * min(sizes(before))
    # Type in the cells of a matrix has no more room than before: it grows by half.
    grown = {new / old for old, new in zip(sizes(before), sizes(larger), strict=True)}
    assert grown <= {1.5, 1.25}
    for old, new in zip(before["data"], larger["data"], strict=True):
        assert [new.get(axis) for axis in "xyz"] == [old.get(axis) for axis in "xyz"]
        assert new.get("width") == old.get("width"), "a bar is as wide as its data"
        if "line" in old:
            assert new["line"]["width"] == 1.5 * old["line"]["width"]


def test_every_public_figure_is_covered_by_these_tests() -> None:
    assert set(EVERY_FIGURE) == set(figures.__all__) - {"CONFIG", "enlarged", "run_colour"}


def test_text_colour_is_streamlits_placeholder_for_strong_text() -> None:
    assert GRAY_90 == figures.INK


def test_each_network_has_a_colour_of_its_own_everywhere() -> None:
    assert len({*NETWORKS.values(), *OTHER_RUNS}) == len(NETWORKS) + len(OTHER_RUNS)
    for name, colour in NETWORKS.items():
        history = figures.learning_curves({"Mine": HISTORY, name: HISTORY})
        assert {trace["line"]["color"] for trace in traces(history)[2:]} == {colour}
        assert run_colour(name) == colour


def test_other_runs_differ_from_each_other_and_from_the_networks() -> None:
    colours = run_colours(["a", "CNN 1", "b", "c"])
    assert len(set(colours.values())) == 4
    assert run_colour(3) == run_colour("anything") == OTHER_RUNS[0]
    assert run_colour(3 + len(OTHER_RUNS)) == OTHER_RUNS[0]


@pytest.mark.parametrize(
    "colour", [*NETWORKS.values(), *OTHER_RUNS, CORRECT, WRONG, NEUTRAL], ids=str
)
@pytest.mark.parametrize("background", ["#ffffff", "#0e1117"])
def test_palette_has_contrast_on_white_and_on_dark(colour: str, background: str) -> None:
    def luminance(value: str) -> float:
        parts = [int(value[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(colour), luminance(background)))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_learning_curves_draw_training_solid_and_validation_dashed() -> None:
    training, validation = traces(figures.learning_curves({"CNN 1": HISTORY}))
    assert (training["y"], training["line"]["dash"]) == ([0.9, 0.95], "solid")
    assert (validation["y"], validation["line"]["dash"]) == ([0.88, 0.93], "dash")
    assert training["x"] == validation["x"] == [1, 2]


def test_learning_curves_without_validation_have_one_line_a_run() -> None:
    lines = traces(figures.learning_curves({"CNN 1": HISTORY, "CNN 2": HISTORY}, "loss"))
    assert [line["name"] for line in lines] == ["CNN 1, training", "CNN 2, training"]


@pytest.mark.parametrize("epochs", [1, 5, 23, 50])
def test_epochs_are_marked_by_whole_numbers_and_all_points_lie_inside(epochs: int) -> None:
    figure = figures.learning_curves({"Mine": {"accuracy": [0.5] * epochs}})
    axis = figure.layout.xaxis
    assert isinstance(axis.dtick, int)
    assert axis.dtick >= 1
    assert epochs / axis.dtick <= 10
    assert axis.range[0] < 1
    assert axis.range[1] > epochs


def test_learning_curves_that_explode_are_still_drawn() -> None:
    figure = figures.learning_curves({"Mine": {"loss": [float("nan"), 40.0, float("inf")]}}, "loss")
    assert figure.layout.yaxis.range[1] >= 40


def test_class_balance_holds_both_counts() -> None:
    train, test = traces(figures.class_balance(np.arange(10) + 5000, np.arange(10)))
    assert train["y"] == list(range(5000, 5010))
    assert test["y"] == list(range(10))
    assert test["marker"]["pattern"]["shape"]
    assert not train["marker"]["pattern"]["shape"]


def test_histograms_count_every_pixel_and_have_the_same_shape() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    before, after = traces(figures.pixel_histogram(pixels, pixels / np.float32(255)))
    assert sum(before["y"]) == sum(after["y"]) == pixels.size
    assert before["x"][-1] > 250
    assert after["x"][-1] < 1


def test_confusion_matrix_colours_errors_and_not_the_diagonal() -> None:
    figure = figures.confusion_matrix(COUNTS, "CNN 1")
    errors, diagonal = traces(figure, type="heatmap")
    z = np.array(errors["z"])
    assert z[4, 9] == errors["zmax"] == 7
    assert z.sum() == 7
    assert not z.diagonal().any()
    assert [row.index(1) for row in diagonal["z"]] == list(range(10))


def test_confusion_matrix_writes_counts_with_true_labels_in_rows() -> None:
    figure = figures.confusion_matrix(COUNTS)
    (words,) = traces(figure, mode="markers+text")
    cells = {
        (true, answer): text
        for true, answer, text in zip(words["y"], words["x"], words["text"], strict=True)
        if text
    }
    assert cells == {**{(digit, digit): "90" for digit in range(10)}, (4, 9): "7"}
    assert "the network’s answer" in figure.layout.xaxis.title.text
    assert "true" in figure.layout.yaxis.title.text
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    assert top < bottom


def test_each_cell_of_a_confusion_matrix_can_be_clicked_and_looks_as_before() -> None:
    figure = figures.confusion_matrix(COUNTS)
    (cells,) = traces(figure, mode="markers+text")
    assert {*zip(cells["y"], cells["x"], strict=True)} == {
        (true, answer) for true in range(10) for answer in range(10)
    }
    assert cells["customdata"] == COUNTS.ravel().tolist()
    # Only these squares answer the pointer, however far from the middle of a cell it is.
    assert {trace["hoverinfo"] for trace in traces(figure, type="heatmap")} == {"skip"}
    assert figure.layout.hoverdistance == -1
    unseen = {"marker": {"opacity": 0}, "textfont": {"color": figures.INK}}
    assert cells["selected"] == cells["unselected"] == unseen
    assert cells["marker"]["opacity"] == 0


def marked(figure: go.Figure) -> list[tuple[float, ...]]:
    boxes = json.loads(figure.to_json())["layout"]["shapes"]
    return [(box["y0"], box["y1"], box["x0"], box["x1"], box["line"]["width"]) for box in boxes]


def test_the_cell_that_is_looked_at_is_framed_and_its_labels_are_bold() -> None:
    figure = figures.confusion_matrix(COUNTS, true=4, answer=9)
    row, column, cell = marked(figure)
    assert row[:4] == (3.5, 4.5, -0.5, 9.5)
    assert column[:4] == (-0.5, 9.5, 8.5, 9.5)
    assert cell[:4] == (3.5, 4.5, 8.5, 9.5)
    assert cell[4] > max(row[4], column[4])
    assert [text for text in figure.layout.yaxis.ticktext if "<b>" in text] == ["<b>4</b>"]
    assert [text for text in figure.layout.xaxis.ticktext if "<b>" in text] == ["<b>9</b>"]


def test_a_whole_row_or_column_is_framed_where_no_cell_is_chosen() -> None:
    assert marked(figures.confusion_matrix(COUNTS)) == []
    ((top, bottom, left, right, _),) = marked(figures.confusion_matrix(COUNTS, true=0))
    assert (top, bottom, left, right) == (-0.5, 0.5, -0.5, 9.5)
    ((top, bottom, left, right, _),) = marked(figures.confusion_matrix(COUNTS, answer=0))
    assert (top, bottom, left, right) == (-0.5, 9.5, -0.5, 0.5)


def test_confusion_matrix_without_errors_is_drawn() -> None:
    errors, _ = traces(figures.confusion_matrix(np.eye(10, dtype=int)), type="heatmap")
    assert errors["zmax"] == 1
    assert not np.array(errors["z"]).any()


def test_reliability_has_a_point_for_each_bin_with_enough_digits() -> None:
    figure = figures.reliability({"CNN 1": CALIBRATION}, enough=30)
    (line,) = traces(figure, name="CNN 1")
    assert (line["x"], line["y"], line["customdata"]) == ([0.75, 0.95], [0.5, 0.97], [40, 900])
    (even,) = traces(figure, name="as sure as right")
    assert even["x"] == even["y"] == [0, 1]
    assert even["line"]["dash"] == "dot"


def test_names_are_shown_as_they_are() -> None:
    for figure in (
        figures.learning_curves({HOSTILE: HISTORY}),
        figures.confusion_matrix(COUNTS, HOSTILE),
        figures.reliability({HOSTILE: CALIBRATION}),
    ):
        sent = str(figure.to_plotly_json())
        assert "&lt;b&gt;x" in sent
        assert "<a href" not in sent


WHILE_PANDAS_LOADS = """
import sys, threading
import plotly.graph_objects
import lesson.palette

loading = threading.Thread(target=__import__, args=("pandas",))
loading.start()
while "pandas" not in sys.modules:
    pass
assert not hasattr(sys.modules["pandas"], "Series"), "pandas was there at once: nothing is tried"
from lesson import figures
from lesson.evaluation import Calibration
figures.learning_curves({"CNN 1": {"accuracy": [0.9, 0.95]}})
loading.join()
"""


def test_a_figure_can_be_drawn_while_another_thread_loads_pandas() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WHILE_PANDAS_LOADS], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
