"""The comparison page's view of how much data each network needs, through the router."""

from __future__ import annotations

import json
from statistics import fmean
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesson import brief, hunger, shipped
from lesson.run_files import StoreError
from lesson.specs import NOTEBOOK_RUNS, TRAINING_DIGITS
from lesson.ui import resources


def opened(open_page: Any, **query: Any) -> AppTest:
    app = open_page("comparison", comparison_view="Data", **query)
    assert not app.exception
    return app


def curves() -> hunger.Curves:
    found = ((spec, brief.look_up(spec, resources.store())) for spec in all_points())
    return hunger.curves({spec: each.test_accuracy for spec, each in found if each}.get)


def all_points() -> list[Any]:
    sizes, names = hunger.SIZES, NOTEBOOK_RUNS
    return [
        hunger.spec(name, size, seed) for name in names for size in sizes for seed in hunger.SEEDS
    ]


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.info, *app.error))


def test_every_point_is_one_seed_of_one_network(open_page: Any) -> None:
    app = opened(open_page)
    (chart,) = app.get("plotly_chart")
    traces = json.loads(chart.proto.spec)["data"]
    known = curves()
    assert set(known) == set(NOTEBOOK_RUNS)
    for name, points in known.items():
        assert set(points) == set(hunger.SIZES)
        (line,) = (t for t in traces if t["name"] == name and t["mode"] == "lines+markers")
        assert line["x"] == sorted(points)
        assert line["y"] == pytest.approx([fmean(points[size]) for size in sorted(points)])
        dots = [t for t in traces if t["name"] == name and t["mode"] == "markers"]
        assert [t["y"] for t in dots] == [points[size] for size in sorted(points)]
        assert all(len(points[size]) == 5 for size in points)
    # A network that has seen more digits reads better, on average.
    for points in known.values():
        assert fmean(points[100]) < fmean(points[1_000]) < fmean(points[TRAINING_DIGITS])


@pytest.mark.parametrize("size", [100, 10_000])
def test_the_sentence_follows_the_controls(open_page: Any, size: int) -> None:
    app = opened(open_page, comparison_digits_learned=str(size), comparison_level="95%")
    assert hunger.sentence(curves(), size, 0.95) in text(app)
    assert hunger.leaders(curves()) in text(app)


def test_a_run_of_ones_own_has_its_mark(open_page: Any) -> None:
    app = opened(open_page, comparison_runs=["CNN 1", shipped_name()])
    (chart,) = app.get("plotly_chart")
    traces = json.loads(chart.proto.spec)["data"]
    (mark,) = (t for t in traces if t["name"] not in NOTEBOOK_RUNS)
    assert mark["x"] == [shipped.FEEDFORWARD_PAGE.fitted_digits]


def shipped_name() -> str:
    from lesson import naming

    return naming.name(shipped.FEEDFORWARD_PAGE)


def test_without_the_results_the_page_says_how_to_get_them(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "shipped", dict)
    monkeypatch.setattr(resources.store(), "shipped", None)
    monkeypatch.setattr(resources.store(), "_memory", {})
    app = open_page("comparison", comparison_view="Data")
    assert not app.exception


def test_a_damaged_file_of_results_gets_a_sentence(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> Any:
        raise StoreError("The file results.json of results that ship cannot be read.")

    monkeypatch.setattr(brief, "shipped", damaged)
    app = opened(open_page)
    assert "cannot be read" in text(app)
