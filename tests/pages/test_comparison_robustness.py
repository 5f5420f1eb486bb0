"""The comparison's view of changed digits, through the router."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import holding, mnist, network, robustness
from lesson.results import Run
from lesson.robustness import WAYS
from lesson.specs import LEVELS, NOTEBOOK_RUNS
from lesson.trainer import CANCELLED
from lesson.ui import resources
from lesson.ui.compare.robustness import KINDS
from tests.conftest import Picture, picture, pictures, tell
from tests.pages.test_comparison import (
    LATER,
    LATER_NAME,
    SMALL,
    SMALL_NAME,
    kept,  # noqa: F401 - a fixture
    notebook,
    text,
)

SLUG, VIEW = "comparison", {"comparison_view": "Robustness"}
CURVES = {label: kind for label, kind in KINDS.items() if kind != "moved"}


def measured(run: Run) -> dict[str, Any]:
    values = resources.store().robustness(run.digest)
    assert values.keys() == LEVELS.keys(), f"assets/runs lacks {run.digest}.robustness.json"
    return dict(values)


def curves(app: AppTest) -> list[dict[str, list[str]]]:
    """Each chart of curves: what stands under the pointer, by run, a number for each level."""
    found = []
    for markdown in app.markdown:
        for chart in re.findall(
            r'<svg [^>]*aria-label="Accuracy on changed.*?</svg>', markdown.value, re.S
        ):
            lines: dict[str, list[str]] = {}
            for told in re.findall(r"<title>[^<:]*: ([^<]*)</title>", chart):
                for name, value in re.findall(r"(\S[^,]*) ([01]\.\d{3})(?:, |$)", told):
                    lines.setdefault(name, []).append(value)
            found.append(lines)
    return found


def shown(values: Sequence[float]) -> list[str]:
    return [f"{value:.3f}" for value in values]


def strip(app: AppTest) -> Picture:
    return picture(app, "comparison_strip")


def test_every_kind_that_is_measured_can_be_looked_at() -> None:
    assert sorted(KINDS.values()) == sorted(LEVELS)


@pytest.mark.parametrize("label", CURVES)
def test_each_kind_has_its_curves_as_they_were_measured(open_page: Any, label: str) -> None:
    app = open_page(SLUG, **VIEW, comparison_change=label)
    (drawn,) = curves(app)
    kind = KINDS[label]
    for name, run in notebook().items():
        curve = measured(run)[kind]
        assert drawn[name] == shown(curve)
        # Where nothing is changed, it is the accuracy on the test digits.
        rest = curve[LEVELS[kind].index(WAYS[kind].rest)]
        assert rest == pytest.approx(run.test_accuracy, abs=3e-4)
    assert f">{WAYS[kind].axis}</text>" in text(app)
    known = {name: measured(run)[kind] for name, run in notebook().items()}
    assert holding.furthest_apart(kind, known) in text(app)
    assert not [button for button in app.button if "Measure" in button.label]


def test_moves_both_ways_at_once_are_a_map_for_each_run(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, comparison_change="anywhere")
    assert curves(app) == []
    drawn = picture(app, "comparison_moved")
    assert [map_["title"] for map_ in drawn.header["maps"]] == list(NOTEBOOK_RUNS)
    for run, map_, array in zip(
        notebook().values(), drawn.header["maps"], drawn.arrays, strict=True
    ):
        shares = dict(zip(LEVELS["moved"], measured(run)["moved"], strict=True))
        for row, down in enumerate(range(-6, 7)):
            for column, right in enumerate(range(-6, 7)):
                assert array[row, column] == pytest.approx(100 * shares[down, right], abs=1e-4)
        assert (map_["low"], map_["high"]) == (0, 100)
        ((top, left, *_),) = map_["marks"]
        assert array[top, left] == pytest.approx(100 * run.test_accuracy, abs=0.03)
    assert drawn.header["places"][0] == "moved 6 pixels up and 6 pixels to the left"
    assert drawn.header["places"][6 * 13 + 8] == "moved 2 pixels to the right"


@pytest.mark.parametrize("label", KINDS)
def test_the_digit_in_hand_is_shown_at_some_of_the_levels(open_page: Any, label: str) -> None:
    app = open_page(SLUG, **VIEW, comparison_change=label, digit="3")
    kind, found = KINDS[label], strip(app)
    digit = robustness.ink(mnist.load().x_test[3:4])
    expected = {
        holding.level_in_short(kind, level): WAYS[kind].apply(digit, level)[0]
        for level in LEVELS[kind]
    }
    titles = [map_["title"] for map_ in found.header["maps"]]
    assert len(set(titles)) == 5
    for title, array in zip(titles, found.arrays, strict=True):
        np.testing.assert_allclose(array, expected[title], atol=1e-6)
    assert titles[0] == holding.level_in_short(kind, LEVELS[kind][0])
    assert titles[-1] == holding.level_in_short(kind, LEVELS[kind][-1])


def test_a_drawn_digit_is_shown_too(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, digit_source="Draw")
    before = strip(app).arrays[2]
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    after = strip(app).arrays[2]
    assert (before != after).any()
    assert after[:, :11].sum() == 0
    assert after[:, 12:16].any(axis=1).sum() == 20


def test_the_table_says_who_holds_best_at_what(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW)
    said = text(app)
    runs = {name: measured(run) for name, run in notebook().items()}
    for kind, way in WAYS.items():
        shares = {name: float(np.mean(values[kind])) for name, values in runs.items()}
        leading = max(shares, key=lambda name: shares[name])
        (row,) = (line for line in said.splitlines() if line.startswith(f"| {way.name} |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        assert [cell.strip("*") for cell in cells] == [f"{each:.3f}" for each in shares.values()]
        assert cells[list(shares).index(leading)].startswith("**")
    assert holding.verdict(holding.means(runs)) in said
    assert holding.widest_gap(runs) in said


@pytest.mark.usefixtures("kept")
def test_a_run_without_its_network_cannot_be_measured_and_the_page_says_so(
    open_page: Any,
) -> None:
    app = open_page(SLUG, **VIEW, comparison_runs=["CNN 1", LATER_NAME])
    assert "kept without its network" in text(app)
    assert not [button for button in app.button if "Measure" in button.label]
    (drawn,) = curves(app)
    assert list(drawn) == ["CNN 1"]


@pytest.mark.usefixtures("kept")
def test_of_a_run_measured_in_part_the_rest_can_be_measured(open_page: Any) -> None:
    values = {"right": [0.5] * 13, "down": [0.25] * 13}
    resources.store().save_robustness(SMALL.digest, values)
    app = open_page(SLUG, **VIEW, comparison_runs=["CNN 1", SMALL_NAME])
    assert not [button for button in app.button if "Measure" in button.label]
    app.segmented_control(key="comparison_change").set_value("Noise").run()
    assert app.button(key=f"comparison_measure_{SMALL.digest}").label.startswith("Measure")
    (drawn,) = curves(app)
    assert list(drawn) == ["CNN 1"]
    row = next(line for line in text(app).splitlines() if line.startswith("| Moved sideways |"))
    assert row.endswith("| 0.500 |")
    row = next(line for line in text(app).splitlines() if line.startswith("| Noise |"))
    assert row.endswith("| – |")


@pytest.mark.usefixtures("kept")
def test_of_a_run_without_its_network_what_is_known_is_shown(open_page: Any) -> None:
    values = {"right": [0.5] * 13, "down": [0.25] * 13}
    resources.store().save_robustness(LATER.digest, values)
    app = open_page(SLUG, **VIEW, comparison_runs=[LATER_NAME])
    (drawn,) = curves(app)
    assert list(drawn.values()) == [["0.500"] * 13]
    app = open_page(SLUG, **VIEW, comparison_runs=[LATER_NAME], comparison_change="Noise")
    assert curves(app) == []
    assert "there are no numbers for it at “noise”" in text(app)


def test_a_finished_run_can_be_measured_and_that_be_called_off(
    open_page: Any,
    kept: dict[str, Run],  # noqa: F811
) -> None:
    app = open_page(SLUG, **VIEW, comparison_runs=SMALL_NAME)
    assert curves(app) == []
    app.button(key=f"comparison_measure_{SMALL.digest}").click().run()
    job = resources.trainer().job(SMALL, measured=True)
    assert job is not None
    until = time.monotonic() + 200
    while not (job.progress and job.progress.batch) and time.monotonic() < until:
        time.sleep(0.1)
    app.run()
    assert not app.exception
    app.button(key=f"cancel_{job.key}").click().run()
    assert job.state == CANCELLED
    assert app.run().button(key=f"comparison_measure_{SMALL.digest}").label.startswith("Measure")
    assert resources.store().robustness(SMALL.digest) == {}
    # What was measured, here by NumPy, is shown.
    values = robustness.measure(
        lambda ink: network.predict(
            SMALL.network, kept[SMALL_NAME].weights or (), robustness.prepared(ink)
        ),
        robustness.ink(mnist.load().x_test),
        mnist.load().y_test,
        ("right",),
    )
    resources.store().save_robustness(SMALL.digest, values)
    (drawn,) = curves(app.run())
    assert list(drawn.values()) == [shown(values["right"])]


@pytest.mark.parametrize("change", ["nothing", "\0", "9" * 3000, "Moved sideways"])
def test_nonsense_in_the_address_is_put_right(open_page: Any, change: str) -> None:
    app = open_page(SLUG, **VIEW, comparison_change=change)
    assert not app.exception
    assert app.segmented_control(key="comparison_change").value == "Moved sideways"
    assert len(pictures(app)) == 1
