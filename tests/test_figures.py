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
from lesson.palette import CORRECT, NETWORKS, NEUTRAL, OTHER_RUNS, WRONG, run_colour, run_colours

HISTORY = {"accuracy": [0.9, 0.95], "val_accuracy": [0.88, 0.93], "loss": [0.4, 0.2]}
COUNTS = np.eye(10, dtype=int) * 90
COUNTS[4, 9] = 7
HOSTILE = "<b>x</b> & <a href='javascript:1'>y</a>"

EVERY_FIGURE: dict[str, Callable[[], go.Figure]] = {
    "learning_curves": lambda: figures.learning_curves({"CNN 1": HISTORY, "Mine": HISTORY}),
    "class_balance": lambda: figures.class_balance(range(10), np.arange(10)),
    "pixel_histogram": lambda: figures.pixel_histogram(np.arange(256), np.arange(256) / 255),
    "accuracy_spread": lambda: figures.accuracy_spread({"CNN 1": [0.98, 0.984]}),
    "seconds_per_epoch": lambda: figures.seconds_per_epoch({"CNN 1": [2.0, 1.0]}),
    "parameters_by_layer": lambda: figures.parameters_by_layer(
        {"CNN 1": [("conv2d", 160), ("flatten", 0), ("dense", 346_240)]}
    ),
    "accuracy_against_parameters": lambda: figures.accuracy_against_parameters(
        {"CNN 2": (57_274, 0.981), "CNN 1": (347_690, 0.983)}
    ),
    "confusion_matrix": lambda: figures.confusion_matrix(COUNTS, "CNN 1"),
    "moved_curves": lambda: figures.moved_curves([-1, 0, 1], {"CNN 1": [0.9, 0.98, 0.9]}, "down"),
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


def test_every_public_figure_is_covered_by_these_tests() -> None:
    assert set(EVERY_FIGURE) == set(figures.__all__) - {"CONFIG", "run_colour"}


def test_text_colour_is_streamlits_placeholder_for_strong_text() -> None:
    assert GRAY_90 == figures.INK


def test_each_network_has_a_colour_of_its_own_everywhere() -> None:
    assert len({*NETWORKS.values(), *OTHER_RUNS}) == len(NETWORKS) + len(OTHER_RUNS)
    for name, colour in NETWORKS.items():
        history = figures.learning_curves({"Mine": HISTORY, name: HISTORY})
        assert {trace["line"]["color"] for trace in traces(history)[2:]} == {colour}
        moved = figures.moved_curves([0, 1], {name: [1.0, 0.9]}, "down")
        assert traces(moved, name=name)[0]["line"]["color"] == colour
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


def test_spread_shows_every_seed_and_their_mean() -> None:
    figure = figures.accuracy_spread({"CNN 1": [0.98, 0.984, 0.991]})
    points = traces(figure, mode="markers")[0]
    mean = traces(figure, mode="markers+text")[0]
    assert points["x"] == [0.98, 0.984, 0.991]
    assert mean["x"] == [pytest.approx(0.985)]
    assert mean["text"] == ["mean 0.9850"]
    assert figure.layout.xaxis.range[0] < 0.98


def test_seconds_start_at_zero_and_bars_end_at_the_mean() -> None:
    figure = figures.seconds_per_epoch({"CNN 1": [3.0, 1.0]})
    assert figure.layout.xaxis.range[0] == 0
    assert traces(figure, type="bar")[0]["x"] == [2.0]


def test_layers_are_stacked_to_the_total_and_those_without_parameters_left_out() -> None:
    figure = EVERY_FIGURE["parameters_by_layer"]()
    pieces = traces(figure, type="bar")
    assert [piece["x"][0] for piece in pieces] == [160, 346_240]
    assert figure.layout.barmode == "stack"
    assert "346,400" in traces(figure, mode="text")[0]["text"][0]


def test_scatter_puts_parameters_across_and_accuracy_up() -> None:
    point = traces(figures.accuracy_against_parameters({"CNN 2": (57_274, 0.981)}))[0]
    assert (point["x"], point["y"], point["text"]) == ([57_274], [0.981], ["CNN 2"])


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
    words = traces(figure, mode="text")[0]
    cells = {
        (true, predicted): text
        for true, predicted, text in zip(words["y"], words["x"], words["text"], strict=True)
    }
    assert cells == {**{(digit, digit): "90" for digit in range(10)}, (4, 9): "7"}
    assert traces(figure, type="heatmap")[0]["text"][4][9] == "true 4, predicted 9: 7"
    assert figure.layout.xaxis.title.text == "predicted"
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    assert top < bottom


def test_confusion_matrix_without_errors_is_drawn() -> None:
    errors, _ = traces(figures.confusion_matrix(np.eye(10, dtype=int)), type="heatmap")
    assert errors["zmax"] == 1
    assert not np.array(errors["z"]).any()


def test_moved_curves_say_the_direction_and_show_guessing() -> None:
    figure = figures.moved_curves([-2, 0, 2], {"CNN 1": [0.5, 0.98, 0.4]}, "to the right")
    assert traces(figure, name="CNN 1")[0]["y"] == [0.5, 0.98, 0.4]
    assert traces(figure, name="guessing")[0]["y"] == [0.1, 0.1]
    assert "to the right" in figure.layout.xaxis.title.text


def test_names_are_shown_as_they_are() -> None:
    for figure in (
        figures.learning_curves({HOSTILE: HISTORY}),
        figures.accuracy_spread({HOSTILE: [0.9]}),
        figures.parameters_by_layer({HOSTILE: [("dense", 5)]}),
        figures.accuracy_against_parameters({HOSTILE: (5, 0.9)}),
        figures.moved_curves([0, 1], {HOSTILE: [1, 1]}, "down"),
        figures.confusion_matrix(COUNTS, HOSTILE),
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
figures.learning_curves({"CNN 1": {"accuracy": [0.9, 0.95]}})
loading.join()
"""


def test_a_figure_can_be_drawn_while_another_thread_loads_pandas() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WHILE_PANDAS_LOADS], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
