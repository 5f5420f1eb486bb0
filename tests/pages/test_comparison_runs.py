"""All finished runs on the comparison page: selected, compared and taken along."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import evaluation, export, mnist, naming, shipped
from lesson.results import Run
from lesson.runs import SHIPPED, RunStore, default_folder
from lesson.specs import NOTEBOOK_RUNS, RunSpec, feedforward
from lesson.ui import resources, taking
from tests.conftest import OpenPage

SLUG = "comparison"
OWN = replace(NOTEBOOK_RUNS["Feedforward"], network=feedforward((8,)), seed=7, epochs=2)
ALL = ["Network (.keras)", "History (.csv)", "Script (.py)", "Notebook (.ipynb)"]


def made(spec: RunSpec) -> Run:
    """A run that did not learn anything, with a file in the place of its network."""
    answers = np.full((10_000, 10), 0.1, dtype=np.float32)
    labels = mnist.load().y_test
    return Run(
        spec=spec,
        history={"loss": [2.0, 1.0], "accuracy": [0.25, 0.5]},
        test_loss=evaluation.cross_entropy(labels, answers),
        test_accuracy=evaluation.accuracy(labels, answers),
        test_probabilities=answers,
        epoch_seconds=[1.0, 2.0],
        seconds=3.5,
        versions={},
        machine={},
        weights=tuple(
            np.zeros(shape, dtype=np.float32)
            for row in spec.network.ledger
            for shape in row.layer.weight_shapes(row.input_shape)
        ),
        keras_file=b"a network",
    )


@pytest.fixture(autouse=True)
def _only_what_ships() -> None:
    """What other tests trained is gone: only this file's runs stand in the table."""
    store = resources.store()
    shutil.rmtree(store.folder, ignore_errors=True)
    for digest in [each for each in store._memory if not (SHIPPED / each).exists()]:
        del store._memory[digest]


@pytest.fixture
def own() -> Iterator[RunSpec]:
    """A run that was trained here."""
    store = RunStore(default_folder())
    store.save(made(OWN))
    yield OWN
    shutil.rmtree(store.folder / OWN.digest)
    resources.store()._memory.pop(OWN.digest, None)


def opened(open_page: OpenPage, **query: Any) -> AppTest:
    app = open_page(SLUG, comparison_view="Runs", **query)
    assert not app.exception
    return app


def select(app: AppTest, rows: list[int]) -> AppTest:
    """Select rows of the table, as the boxes at their left do."""
    (table,) = app.dataframe
    key = table.proto.id.rsplit("-", 1)[-1]
    app.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return app.run()


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.main.markdown, *app.caption))


def labels(app: AppTest) -> list[str]:
    return [part.proto.label for part in app.get("download_button")]


def test_every_finished_run_has_a_row_the_notebooks_first(open_page: OpenPage) -> None:
    table = opened(open_page).dataframe[0].value
    assert len(table) == len(resources.store().summaries())
    assert list(table["Run"][:3]) == list(NOTEBOOK_RUNS)
    assert list(table["Run"][3:]) == sorted(table["Run"][3:])
    assert set(table["From"]) == {"ships"}
    for name, spec in NOTEBOOK_RUNS.items():
        run, (row,) = resources.find(spec), table[table["Run"] == name].to_dict("records")
        assert run is not None
        assert (row["Accuracy"], row["Loss"]) == (run.test_accuracy, run.test_loss)
        assert row["Parameters"] == spec.network.parameters
        assert row["Seconds"] == run.seconds


def test_a_run_that_was_trained_here_stands_on_top(open_page: OpenPage, own: RunSpec) -> None:
    first = opened(open_page).dataframe[0].value.iloc[0]
    assert first["Run"] == naming.name(own)
    assert first["From"] == "trained here"
    assert first["Seconds"] == 3.5
    assert "epochs 2" in first["Differs in"]
    assert first["Differs in"] == "units 8, epochs 2, seed 7"


def test_a_run_that_this_session_asked_for_is_the_readers_own(
    open_page: OpenPage, own: RunSpec
) -> None:
    app = opened(open_page)
    app.session_state["_mine"] = {own.digest}
    table = app.run().dataframe[0].value
    assert table["From"][0] == "yours"
    assert set(table["From"][1:]) == {"ships"}


def test_selected_runs_are_compared(open_page: OpenPage) -> None:
    app = opened(open_page)
    assert app.button(key="comparison_these").disabled
    assert "Select runs" in text(app)
    app = select(app, [2, 0])
    assert "2 runs are selected." in text(app)
    app.button(key="comparison_these").click().run()
    assert not app.exception
    chosen = [NOTEBOOK_RUNS[name].digest for name in ("CNN 2", "Feedforward")]
    assert app.multiselect(key="comparison_runs").value == chosen
    assert app.segmented_control(key="comparison_view").value == "Result"
    assert app.query_params["comparison_runs"] == ["CNN 2", "Feedforward"]


def test_more_runs_than_can_be_compared_are_counted(open_page: OpenPage) -> None:
    app = select(opened(open_page), list(range(8)))
    assert "At most 6 runs can be compared at once, but 8 are selected: take away 2." in text(app)
    assert app.button(key="comparison_these").disabled
    assert not app.exception


@pytest.mark.parametrize("name", list(NOTEBOOK_RUNS))
def test_the_code_is_that_of_the_run_that_is_taken_along(open_page: OpenPage, name: str) -> None:
    app = opened(open_page, comparison_run=name)
    assert app.code[0].value == export.run_code(NOTEBOOK_RUNS[name])
    assert labels(app) == ALL


def test_a_run_without_its_network_says_so(open_page: OpenPage) -> None:
    spec = shipped.VARIANTS["no_pooling"]
    app = opened(open_page, comparison_run=naming.name(spec))
    assert labels(app) == ALL[1:]
    assert "kept without its network" in text(app)
    assert app.code[0].value == export.run_code(spec)


def test_a_run_whose_folder_is_gone_says_what_to_do_instead(
    open_page: OpenPage, own: RunSpec
) -> None:
    resources.store().load(own.digest)
    folder = resources.store().folder / own.digest
    elsewhere = folder.with_name(".elsewhere")
    app = opened(open_page, comparison_run=naming.name(own))
    assert labels(app) == ALL
    folder.rename(elsewhere)
    app.run()
    # What was read stays in memory, so its history can still be had.
    assert app.selectbox(key="comparison_run").value == own.digest
    assert labels(app) == ALL[1:]
    assert taking.GONE in text(app)
    elsewhere.rename(folder)


def test_no_network_is_read_before_it_is_asked_for(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(digest: str) -> bytes:
        raise AssertionError(digest)

    monkeypatch.setattr(resources.store(), "keras_file", read)
    assert "Network (.keras)" in labels(opened(open_page))


def test_nonsense_in_the_address_is_put_right(open_page: OpenPage) -> None:
    app = opened(open_page, comparison_run="nobody")
    assert app.selectbox(key="comparison_run").value == NOTEBOOK_RUNS["Feedforward"].digest
