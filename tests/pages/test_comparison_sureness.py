"""How sure the runs are, on the comparison page, through the router."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import mnist, naming, shipped
from lesson.results import Run
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.ui import resources
from tests.conftest import OpenPage

SLUG = "comparison"
OVERFITTED = shipped.VARIANTS["overfitted"]


def notebook() -> dict[str, Run]:
    runs = {name: resources.find(spec) for name, spec in NOTEBOOK_RUNS.items()}
    assert all(runs.values())
    return runs


def opened(open_page: OpenPage, **query: Any) -> AppTest:
    app = open_page(SLUG, comparison_view="Sureness", **query)
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in app.main.markdown)


def rows(app: AppTest, heading: str) -> dict[str, list[str]]:
    """The rows of the table one of whose headings this is, by the network."""
    tables = [part.value for part in app.main.markdown if part.value.startswith("| network |")]
    (table,) = (table for table in tables if heading in table)
    cells = [line.strip("| ").split(" | ") for line in table.split("\n")[2:]]
    return {name: numbers for name, *numbers in cells}


def sure_and_right(run: Run) -> tuple[np.ndarray, np.ndarray]:
    answers = run.test_probabilities.argmax(axis=1)
    return run.test_probabilities.max(axis=1), answers == mnist.load().y_test


def test_each_run_has_its_curve_and_its_row(open_page: OpenPage) -> None:
    app = opened(open_page)
    (part,) = app.get("plotly_chart")
    lines = {trace.get("name"): trace for trace in json.loads(part.proto.spec)["data"]}
    table = rows(app, "calibration error")
    for name, run in notebook().items():
        sure, right = sure_and_right(run)
        last = (sure > 0.9) & (sure <= 1)
        assert lines[name]["x"][-1] == pytest.approx(sure[last].mean(), abs=1e-6)
        assert lines[name]["y"][-1] == pytest.approx(right[last].mean())
        assert lines[name]["customdata"][-1] == last.sum()
        assert table[name][:2] == [f"{right.mean():.1%}", f"{sure.mean():.1%}"]
    assert lines["as sure as right"]["line"]["dash"] == "dot"


@pytest.mark.parametrize(
    ("spec", "words"),
    [(OVERFITTED, "surer than it is right"), (shipped.VARIANTS["too_small"], "less sure than")],
)
def test_the_sentence_follows_from_the_run(open_page: OpenPage, spec: RunSpec, words: str) -> None:
    app = opened(open_page, comparison_runs=naming.name(spec))
    assert words in text(app)


@pytest.mark.parametrize("least", [0.0, 0.5, 0.9, 0.99])
def test_only_answers_that_are_sure_enough_count(open_page: OpenPage, least: float) -> None:
    app = opened(open_page, comparison_least_sure=str(least))
    table = rows(app, "answered")
    for name, run in notebook().items():
        sure, right = sure_and_right(run)
        counted = sure >= np.float32(least)
        numbers = (counted.sum(), (counted & right).sum(), (counted & ~right).sum())
        assert table[name] == [f"{number:,}" for number in numbers]
    assert ("answers all 10,000 digits" in text(app)) == (least == 0)


def test_the_slider_moves_the_table(open_page: OpenPage) -> None:
    app = opened(open_page)
    before = rows(app, "answered")
    app.select_slider(key="comparison_least_sure").set_value(0.95).run()
    assert not app.exception
    assert rows(app, "answered") != before


@pytest.mark.parametrize(("told", "value"), [("7", 0.99), ("-1", 0.0), ("nan", 0.0), ("x", 0.0)])
def test_nonsense_in_the_address_is_put_right(open_page: OpenPage, told: str, value: float) -> None:
    app = opened(open_page, comparison_least_sure=told)
    assert app.select_slider(key="comparison_least_sure").value == value
