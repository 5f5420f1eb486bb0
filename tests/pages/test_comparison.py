"""The comparison page, through the router."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import comparison, evaluation, mnist, network, shipped
from lesson.results import Run
from lesson.runs import RunStore, default_folder
from lesson.specs import NOTEBOOK_RUNS, SHIFTS, RunSpec, feedforward
from lesson.ui import explorer, resources
from tests.conftest import questions

SLUG = "comparison"
VIEWS = ["Result", "Learning", "Mistakes", "Moved digits"]
SMALL = replace(NOTEBOOK_RUNS["Feedforward"], network=feedforward((8,)), seed=7)
LATER = replace(SMALL, seed=8, epochs=3)
SMALL_NAME, LATER_NAME = comparison.name(SMALL), comparison.name(LATER)


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
        (store.folder / f"{run.digest}.moved.json").unlink(missing_ok=True)


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


def gallery(app: AppTest) -> tuple[list[str], list[str], list[np.ndarray]]:
    (part,) = drawn(app)
    header, arrays = explorer.decode(part.proto.bytes)
    maps = header["maps"]
    return [m["title"] for m in maps], [m["caption"] for m in maps], arrays


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption, *app.info))


def test_the_notebooks_three_networks_are_compared_at_once(open_page: Any) -> None:
    app, runs = open_page(SLUG), notebook()
    spread, layers, price = figures(app)
    assert not app.info
    assert app.multiselect(key="comparison_runs").value == [run.digest for run in runs.values()]
    table = app.dataframe[0].value
    assert list(table["Network"]) == list(NOTEBOOK_RUNS)
    assert list(table["Accuracy"]) == [run.test_accuracy for run in runs.values()]
    assert list(table["Loss"]) == [run.test_loss for run in runs.values()]
    assert list(table["Parameters"]) == [104_938, 347_690, 57_274]
    means = [np.mean(run.epoch_seconds) for run in runs.values()]
    assert list(table["Seconds an epoch"]) == pytest.approx(means)

    points = [trace["x"] for trace in spread["data"][1::2]]
    store = resources.store()
    seeds = [
        [s.test_accuracy for again in shipped.seeds_of(spec) if (s := store.summary(again))]
        for spec in NOTEBOOK_RUNS.values()
    ]
    assert points == seeds
    pieces = [trace["x"][0] for trace in layers["data"][:-1]]
    assert sum(pieces) == sum(run.spec.network.parameters for run in runs.values())
    assert [trace["y"][0] for trace in price["data"]] == list(table["Accuracy"])
    assert comparison.accuracy_sentence(runs) in text(app)
    assert "CNN 1 has more parameters than the feedforward network, not fewer" in text(app)


def test_seconds_are_said_to_be_of_a_machine(open_page: Any) -> None:
    assert comparison.machine_sentence(notebook()) in text(open_page(SLUG))


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_its_own_pictures_only(open_page: Any, view: str) -> None:
    app = open_page(SLUG, comparison_view=view)
    assert len(figures(app)) == {"Result": 3, "Learning": 3, "Mistakes": 1, "Moved digits": 2}[view]
    assert len(app.dataframe) == (view == "Result")
    assert len(drawn(app)) == (view == "Mistakes")


def test_learning_curves_are_the_histories_of_the_runs(open_page: Any) -> None:
    accuracy, loss, _ = figures(open_page(SLUG, comparison_view="Learning"))
    for name, run in notebook().items():
        assert lines(accuracy)[f"{name}, training"] == list(run.history["accuracy"])
        assert lines(loss)[f"{name}, training"] == list(run.history["loss"])


@pytest.mark.parametrize("name", ["Feedforward", "CNN 2"])
def test_the_matrix_and_the_mistakes_are_those_of_the_chosen_run(open_page: Any, name: str) -> None:
    app = open_page(SLUG, comparison_view="Mistakes", comparison_confusion=name)
    digits, run = mnist.load(), notebook()[name]
    answers = run.test_probabilities.argmax(axis=1)

    (figure,) = figures(app)
    written = figure["data"][2]
    counts = np.zeros((10, 10), dtype=int)
    for row, column, count in zip(written["y"], written["x"], written["text"], strict=True):
        counts[row, column] = int(count.replace(",", ""))
    expected = np.zeros((10, 10), dtype=int)
    np.add.at(expected, (digits.y_test, answers), 1)
    np.testing.assert_array_equal(counts, expected)

    titles, captions, pictures = gallery(app)
    places = evaluation.mistakes(digits.y_test, run.test_probabilities)[: len(titles)]
    assert titles == [f"{digits.y_test[at]} taken for {answers[at]}" for at in places]
    assert captions[0] == f"sure: {run.test_probabilities[places[0]].max():.0%}"
    for at, picture in zip(places, pictures, strict=True):
        np.testing.assert_array_equal(picture, digits.x_test[at])
    assert f"misreads {(answers != digits.y_test).sum():,} of the 10,000" in text(app)


def test_disagreements_show_the_answer_of_every_run(open_page: Any) -> None:
    app = open_page(SLUG, comparison_view="Mistakes", comparison_digits="where the runs disagree")
    digits = mnist.load()
    answers = np.stack([run.test_probabilities.argmax(axis=1) for run in notebook().values()])
    titles, captions, pictures = gallery(app)
    for title, caption, picture in zip(titles, captions, pictures, strict=True):
        (at,) = np.flatnonzero((digits.x_test == picture).all(axis=(1, 2)))
        assert title == f"a {digits.y_test[at]}"
        assert caption.split() == [str(answer) for answer in answers[:, at]]
        assert len(set(caption.split())) > 1
    differ = (answers != answers[0]).any(axis=0).sum()
    assert f"differ on {differ:,} of the 10,000" in text(app)


def test_moved_digits_are_shown_as_measured(open_page: Any) -> None:
    app = open_page(SLUG, comparison_view="Moved digits")
    for figure, way in zip(figures(app), ("right", "down"), strict=True):
        for name, run in notebook().items():
            moved = resources.store().moved(run.digest)
            assert moved is not None
            assert lines(figure)[name] == moved[way]
    assert not [button for button in app.button if "Measure" in button.label]


@pytest.mark.parametrize("view", ["Result", "Mistakes"])
@pytest.mark.parametrize("name", list(NOTEBOOK_RUNS))
def test_the_script_is_that_of_the_chosen_run(open_page: Any, view: str, name: str) -> None:
    code = open_page(SLUG, comparison_view=view, comparison_confusion=name).code[0].value
    assert f"batch_size={NOTEBOOK_RUNS[name].batch_size}, epochs=5" in code
    assert ("Conv2D(32" in code) == (name == "CNN 2")
    assert ("Conv2D" in code) == (name != "Feedforward")


def test_any_finished_run_can_be_compared_and_has_a_colour_of_its_own(
    open_page: Any, kept: dict[str, Run]
) -> None:
    app = open_page(SLUG, comparison_runs=["CNN 1", LATER_NAME, SMALL_NAME])
    table = app.dataframe[0].value
    assert table["Network"].iloc[0] == "CNN 1"
    assert [
        name.endswith(own)
        for name, own in zip(table["Network"][1:], (LATER_NAME, SMALL_NAME), strict=True)
    ] == [True, True]
    assert list(table["Accuracy"][1:]) == [kept[n].test_accuracy for n in (LATER_NAME, SMALL_NAME)]
    assert len(set(table["Colour"])) == 3
    app.segmented_control(key="comparison_view").set_value("Learning").run()
    accuracy, _, seconds = figures(app)
    assert len(lines(accuracy)["Run A, training"]) == LATER.epochs
    assert LATER_NAME in text(app)
    assert len(seconds["data"]) == 9


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [1, 6])
def test_one_run_alone_and_six_together_are_shown(
    open_page: Any, kept: dict[str, Run], view: str, count: int
) -> None:
    names = [*kept, *NOTEBOOK_RUNS, comparison.name(shipped.FEEDFORWARD_PAGE)][:count]
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
        {"comparison_view": "Moved digits", "comparison_confusion": "CNN 1 · seed 1"},
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


def test_a_run_without_its_network_cannot_be_measured_and_the_page_says_so(
    open_page: Any, kept: dict[str, Run]
) -> None:
    app = open_page(SLUG, comparison_view="Moved digits", comparison_runs=["CNN 1", LATER_NAME])
    assert "kept without its network" in text(app)
    assert not [button for button in app.button if "Measure" in button.label]
    right, _ = figures(app)
    assert list(lines(right)) == ["CNN 1", "guessing"]


def test_a_finished_run_is_measured_on_moved_digits(open_page: Any, kept: dict[str, Run]) -> None:
    app = open_page(SLUG, comparison_view="Moved digits", comparison_runs=SMALL_NAME)
    assert figures(app) == []
    app.button(key=f"comparison_measure_{SMALL.digest}").click().run()
    assert not app.exception
    until = time.monotonic() + 100
    while resources.store().moved(SMALL.digest) is None and time.monotonic() < until:
        time.sleep(0.2)
    right, down = figures(app.run())
    digits, run = mnist.load(), kept[SMALL_NAME]
    (curve, _), (column, _) = lines(right).values(), lines(down).values()
    assert curve[SHIFTS.index(0)] == column[SHIFTS.index(0)] == pytest.approx(run.test_accuracy)
    rolled = np.roll(digits.x_test, 2, axis=2)
    rolled[:, :, :2] = 0
    answers = network.predict(SMALL.network, run.weights or (), mnist.prepare(rolled))
    assert curve[SHIFTS.index(2)] == pytest.approx(evaluation.accuracy(digits.y_test, answers))


def test_the_choice_is_kept_while_other_pages_are_read(open_page: Any) -> None:
    app = open_page(SLUG)
    cnns = [NOTEBOOK_RUNS[name].digest for name in ("CNN 2", "CNN 1")]
    app.multiselect(key="comparison_runs").set_value(cnns).run()
    app.switch_page("pages/lesson_8_beyond_images.py").run()
    app.switch_page("pages/lesson_7_comparison.py").run()
    assert not app.exception
    assert app.multiselect(key="comparison_runs").value == cnns
    assert app.query_params["comparison_runs"] == ["CNN 2", "CNN 1"]


def test_the_notebooks_questions_are_answered_from_the_runs(open_page: Any) -> None:
    app, runs = open_page(SLUG), notebook()
    answers = questions(app)
    compared = answers["Compare the CNN and the feedforward network."]
    for name, run in runs.items():
        assert f"{name}: loss {run.test_loss:.4f}, accuracy {run.test_accuracy:.4f}" in compared
    (why,) = (answer for label, answer in answers.items() if label.startswith("Why"))
    moved = resources.store().moved(runs["CNN 2"].digest)
    assert moved is not None
    assert f"{moved['right'][SHIFTS.index(3)]:.3f}" in why


def test_without_the_shipped_runs_the_page_says_how_to_get_them(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources.store(), "shipped", None)
    monkeypatch.setattr(resources.store(), "_memory", {})
    app = open_page(SLUG)
    assert not app.exception
    assert "python -m lesson.shipped --missing" in text(app)
    assert "Choose at least one finished run" in text(app)
