"""The comparison page, through the router."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import comparison, evaluation, mnist, naming, network, plots, shipped, tables
from lesson.results import Run
from lesson.runs import RunStore, default_folder
from lesson.specs import NOTEBOOK_RUNS, RunSpec, feedforward
from lesson.ui import resources

SLUG = "comparison"
VIEWS = [
    *("Result", "Learning", "Mistakes", "Sureness", "Robustness"),
    *("One digit", "Why", "Data", "Layers", "Runs"),
]
SMALL = replace(NOTEBOOK_RUNS["Feedforward"], network=feedforward((8,)), seed=7)
LATER = replace(SMALL, seed=8, epochs=3)
SMALL_NAME, LATER_NAME = naming.name(SMALL), naming.name(LATER)


def made(spec: RunSpec) -> Run:
    """A run with random weights, and what they really answer."""
    random, digits = np.random.default_rng(spec.seed), mnist.load()
    weights = tuple(
        random.normal(0, 0.1, shape).astype(np.float32)
        for row in spec.network.ledger
        for shape in row.layer.weight_shapes(row.input_shape)
    )
    answers = network.predict(spec.network, weights, mnist.prepare(digits.x_test))
    return Run(
        spec=spec,
        history={"accuracy": [0.5] * spec.epochs, "loss": [1.0] * spec.epochs},
        test_loss=evaluation.cross_entropy(digits.y_test, answers),
        test_accuracy=evaluation.accuracy(digits.y_test, answers),
        test_probabilities=answers,
        epoch_seconds=[1.0] * spec.epochs,
        seconds=5.0,
        versions={},
        machine={"system": "Test", "processor": "none", "cores": "1"},
        weights=weights,
        keras_file=b"not needed here",
    )


@pytest.fixture
def kept() -> Iterator[dict[str, Run]]:
    """Two finished runs in the store: one with its network, one without."""
    store = RunStore(default_folder())
    runs = {SMALL_NAME: made(SMALL), LATER_NAME: made(LATER)}
    store.save(runs[SMALL_NAME])
    store.save(runs[LATER_NAME], with_network=False)
    yield runs
    for run in runs.values():
        shutil.rmtree(store.folder / run.digest, ignore_errors=True)
        resources.store()._memory.pop(run.digest, None)
        (store.folder / f"{run.digest}.robustness.json").unlink(missing_ok=True)


def notebook() -> dict[str, Run]:
    runs = {name: resources.find(spec) for name, spec in NOTEBOOK_RUNS.items()}
    assert all(runs.values())
    return runs


def figures(app: AppTest) -> list[dict[str, Any]]:
    assert not app.exception
    return [json.loads(part.proto.spec) for part in app.get("plotly_chart")]


def lines(figure: dict[str, Any]) -> dict[str, list[float]]:
    return {trace["name"]: trace["y"] for trace in figure["data"] if trace.get("name")}


def drawn(app: AppTest) -> list[Any]:
    """The elements that show a picture; the script that draws it is an element without one."""
    return [part for part in app.get("bidi_component") if part.proto.bytes]


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption, *app.info))


def test_the_notebooks_three_networks_are_compared_at_once(open_page: Any) -> None:
    app, runs = open_page(SLUG), notebook()
    assert not app.exception
    assert not app.info
    assert app.multiselect(key="comparison_runs").value == [run.digest for run in runs.values()]
    shown = text(app)
    store = resources.store()
    losses = {
        name: [s.test_loss for again in shipped.seeds_of(spec) if (s := store.summary(again))]
        for name, spec in NOTEBOOK_RUNS.items()
    }
    assert comparison.table({name: name for name in runs}, runs, losses) in shown
    spread = {
        name: [s.test_accuracy for again in shipped.seeds_of(spec) if (s := store.summary(again))]
        for name, spec in NOTEBOOK_RUNS.items()
    }
    assert all(len(points) == 5 for points in spread.values())
    assert plots.spread(spread, "accuracy on the test digits") in shown
    ledgers = {name: run.spec.network.ledger for name, run in runs.items()}
    parts = {name: [(row.name, row.parameters) for row in rows] for name, rows in ledgers.items()}
    assert plots.layers(parts) in shown
    points = {name: (run.spec.network.parameters, run.test_accuracy) for name, run in runs.items()}
    assert plots.price(points) in shown
    for run in runs.values():
        assert tables.short_ledger(run.spec.network) in shown
    assert comparison.accuracy_sentence(runs) in shown
    assert "CNN 1 has more parameters than the feedforward network, not fewer" in shown


def test_seconds_are_said_to_be_of_a_machine(open_page: Any) -> None:
    assert comparison.machine_sentence(notebook()) in text(open_page(SLUG))


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_its_own_pictures_only(open_page: Any, view: str) -> None:
    app = open_page(SLUG, comparison_view=view)
    counts = {"Learning": 2, "Data": 1, "Mistakes": 1, "Sureness": 1}
    assert len(figures(app)) == counts.get(view, 0)
    assert len(app.dataframe) == (view in ("Data", "Layers", "Runs"))
    pictures = {"Mistakes": 1, "Robustness": 1, "One digit": 1, "Why": 2}
    assert len(drawn(app)) == pictures.get(view, 0)


def test_learning_curves_are_the_histories_of_the_runs(open_page: Any) -> None:
    accuracy, loss = figures(open_page(SLUG, comparison_view="Learning"))
    for name, run in notebook().items():
        assert lines(accuracy)[f"{name}, training"] == list(run.history["accuracy"])
        assert lines(loss)[f"{name}, training"] == list(run.history["loss"])


def test_any_finished_run_can_be_compared_and_has_a_colour_of_its_own(
    open_page: Any, kept: dict[str, Run]
) -> None:
    app = open_page(SLUG, comparison_runs=["CNN 1", LATER_NAME, SMALL_NAME])
    shown = text(app)
    (rows,) = re.findall(r"\| network \|.*\n.*\n((?:\|.*\n?)+)", shown)
    first, second, third = rows.splitlines()
    assert "**CNN 1** |" in first
    for row, name in ((second, LATER_NAME), (third, SMALL_NAME)):
        assert f": {name} |" in row
        assert f"{kept[name].test_accuracy:.4f}" in row
    assert len({row.split('style="color:')[1][:7] for row in (first, second, third)}) == 3
    app.segmented_control(key="comparison_view").set_value("Learning").run()
    accuracy, _ = figures(app)
    assert len(lines(accuracy)["Run A, training"]) == LATER.epochs
    assert LATER_NAME in text(app)
    assert text(app).count("one epoch: 1.00") == LATER.epochs + SMALL.epochs


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [1, 6])
def test_one_run_alone_and_six_together_are_shown(
    open_page: Any, kept: dict[str, Run], view: str, count: int
) -> None:
    names = [*kept, *NOTEBOOK_RUNS, naming.name(shipped.FEEDFORWARD_PAGE)][:count]
    for digits in ("its worst mistakes", "where the runs disagree"):
        app = open_page(SLUG, comparison_runs=names, comparison_view=view, comparison_digits=digits)
        assert not app.exception
        assert len(app.multiselect(key="comparison_runs").value) == count


@pytest.mark.parametrize(
    "address",
    [
        {"comparison_runs": "nobody"},
        {"comparison_runs": ["CNN 2", "\0", "9" * 3000]},
        {"comparison_runs": ""},
        {"comparison_view": "Nothing", "comparison_confusion": "nobody"},
        {"comparison_view": "Mistakes", "comparison_digits": "[]", "comparison_confusion": "🙂"},
        {"comparison_view": "Robustness", "comparison_confusion": "CNN 1 · seed 1"},
    ],
)
def test_nonsense_in_the_address_is_put_right(open_page: Any, address: dict[str, Any]) -> None:
    app = open_page(SLUG, **address)
    assert not app.exception
    chosen = app.multiselect(key="comparison_runs").value
    runs = notebook()
    if address.get("comparison_runs") == "":
        assert chosen == []
        assert "Choose at least one finished run" in text(app)
    elif "CNN 2" in address.get("comparison_runs", ""):
        assert chosen == [runs["CNN 2"].digest]
    else:
        assert chosen == [run.digest for run in runs.values()]


def test_the_choice_is_kept_while_other_pages_are_read(open_page: Any) -> None:
    app = open_page(SLUG)
    cnns = [NOTEBOOK_RUNS[name].digest for name in ("CNN 2", "CNN 1")]
    app.multiselect(key="comparison_runs").set_value(cnns).run()
    app.switch_page("pages/lesson_8_beyond_images.py").run()
    app.switch_page("pages/lesson_7_comparison.py").run()
    assert not app.exception
    assert app.multiselect(key="comparison_runs").value == cnns
    assert app.query_params["comparison_runs"] == ["CNN 2", "CNN 1"]


def test_without_the_shipped_runs_the_page_says_how_to_get_them(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources.store(), "shipped", None)
    monkeypatch.setattr(resources.store(), "_memory", {})
    app = open_page(SLUG)
    assert not app.exception
    assert "python -m lesson.shipped --missing" in text(app)
    assert "Choose at least one finished run" in text(app)
