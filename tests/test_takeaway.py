"""What is taken along of an experiment gives, with plain Keras, the numbers of the lesson."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import classbook, evaluation, inside, mnist, network, takeaway, training
from lesson.outcome import MOVED
from lesson.results import Run
from lesson.specs import NOTEBOOK_RUNS, OPTIMIZERS, RunSpec, feedforward
from lesson.takeaway import Answered
from tests import offline
from tests.test_export import SETTINGS

RUNS = {
    **SETTINGS,
    # Bounded by tanh, no answer is so sure that the lesson's loss and Keras's part (see EPSILON).
    "unscaled": replace(SETTINGS["unscaled"], network=feedforward((16,), "tanh")),
    "CNN 1 · 300 digits": replace(NOTEBOOK_RUNS["CNN 1"], epochs=1, training_digits=300),
}
IN_NOTEBOOK = {"most settings changed": RUNS["most settings changed"]}
CLASS = {name: replace(spec, epochs=1, training_digits=300) for name, spec in NOTEBOOK_RUNS.items()}
ANSWERS = (
    Answered("How many?", "Three.", True, "One for each."),
    Answered("Which | one?", "The first\nof them", False, "The second, since it *moves*."),
)
BOTH = """
import runpy, sys
runpy.run_path(sys.argv[1])
runpy.run_path(sys.argv[2])
"""
ROW = re.compile(r"^(.+?) +([\d,]+)  ([\d.]+|nan)    ([\d.]+)      ([\d.]+)$", re.MULTILINE)


def table(text: str) -> dict[str, tuple[str, ...]]:
    """The rows of a printed comparison by the networks' names."""
    return {row[1]: row.groups()[1:] for row in ROW.finditer(text)}


trained = cache(training.train)


def check(row: tuple[str, ...], spec: RunSpec) -> None:
    """A printed row says what the lesson finds for that run, and what its pages show."""
    parameters, loss, accuracy, moved = row
    run = trained(spec)
    assert parameters == f"{spec.network.parameters:,}"
    assert float(loss) == pytest.approx(run.test_loss, abs=1e-4)
    assert accuracy == f"{run.test_accuracy:.4f}"
    assert moved == f"{moved_accuracy(run):.4f}"


def moved_accuracy(run: Run) -> float:
    digits = mnist.load()
    pictures = mnist.prepare(evaluation.move(digits.x_test, MOVED), run.spec.scaled)
    answers = network.forward(run.spec.network, run.weights or (), pictures)[-1]
    return evaluation.accuracy(digits.y_test, answers)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the script of all runs prints, and what it says of an end without any digits."""
    folder = tmp_path_factory.mktemp("script")
    offline.give_digits(folder)
    (folder / "all.py").write_text(takeaway.script(RUNS, ANSWERS), encoding="utf-8")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "without.py").write_text(takeaway.script(RUNS), encoding="utf-8")
    # Not run in its folder: the digits are looked for beside the script.
    done = offline.run(elsewhere, "-c", BOTH, str(folder / "all.py"), "without.py")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def printed(finished: tuple[str, str]) -> str:
    return finished[0]


@pytest.mark.parametrize("name", RUNS)
def test_the_script_prints_the_numbers_of_the_lesson(name: str, printed: str) -> None:
    rows = table(printed)
    assert list(rows) == list(RUNS)
    check(rows[name], RUNS[name])
    parameters, loss, accuracy, moved = rows[name]
    assert f"test loss {loss}, accuracy {accuracy}, moved by {MOVED} pixels {moved}\n" in printed
    assert f"{parameters} parameters\n" in printed


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the notebook of some runs prints, and the solution for the class with few digits."""
    folder = tmp_path_factory.mktemp("notebook")
    offline.give_digits(folder)
    own = nbformat.reads(takeaway.notebook(IN_NOTEBOOK, ANSWERS).decode(), 4)
    lesson = nbformat.reads(classbook.solution().decode(), 4)
    cells = [*own.cells, *lesson.cells]
    few = {"EPOCHS = 5": "EPOCHS = 1", "DIGITS = 60_000": "DIGITS = 300"}
    for cell in lesson.cells:
        for old, new in few.items():
            cell.source = cell.source.replace(old, new)
    for number, cell in enumerate(cells):
        cell.id = f"both-{number}"
    told = offline.execute(cells, folder)
    first = sum(cell.cell_type == "code" for cell in own.cells)
    return "\n".join(told[:first]), "\n".join(told[first:])


@pytest.mark.parametrize("name", IN_NOTEBOOK)
def test_the_notebook_prints_the_numbers_of_the_lesson(
    name: str, executed: tuple[str, str]
) -> None:
    (said,) = re.findall(r"^test loss .*$", executed[0], re.MULTILINE)
    assert list(table(executed[0])) == list(IN_NOTEBOOK)
    check(table(executed[0])[name], IN_NOTEBOOK[name])
    assert f"accuracy {trained(IN_NOTEBOOK[name]).test_accuracy:.4f}" in said


@pytest.mark.parametrize("name", CLASS)
def test_the_solution_for_the_class_prints_the_numbers_of_the_lesson(
    name: str, executed: tuple[str, str]
) -> None:
    rows = table(executed[1])
    assert list(rows) == list(CLASS)
    check(rows[name], CLASS[name])


def test_the_solution_prints_what_its_answers_say(executed: tuple[str, str]) -> None:
    said = executed[1]
    assert "output: (None, 28, 28, 1)  parameters: 2" in said
    assert "output: (1, 26, 26, 16)  parameters: 160" in said
    assert "output: (1, 13, 13, 16)  parameters: 160" in said
    assert "output: (1, 28, 28, 16)  parameters: 160" in said
    assert "[[4.0, 2.0], [2.0, 8.0]]" in said
    assert "[[2.5, 1.0], [1.25, 6.5]]" in said
    assert "[[1 2 3 2 1]" in said
    for spec in CLASS.values():
        assert f"Total params: {spec.network.parameters:,}" in said


def test_without_digits_and_without_the_internet_a_sentence_says_what_to_do(
    finished: tuple[str, str],
) -> None:
    said = finished[1].strip().splitlines()[-1]
    assert said.startswith("Keras could not fetch the digits (URL fetch failure")
    assert said.endswith("put it beside this file, and run it again.")


# What is written


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
RUN_SPECS = st.builds(
    RunSpec,
    network=st.builds(
        feedforward,
        st.lists(st.integers(1, 64), max_size=3).map(tuple),
        st.sampled_from(("relu", "tanh")),
        st.sampled_from((0.0, 0.3)),
    )
    | st.builds(
        inside.stack,
        st.lists(
            st.builds(
                inside.Block,
                st.integers(4, 16),
                st.integers(1, 3),
                st.sampled_from(list(inside.POOLINGS)),
            ),
            max_size=2,
        ),
        st.lists(st.integers(8, 32), max_size=2),
        st.sampled_from((0.0, 0.5)),
        st.sampled_from(("valid", "same")),
    ),
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.sampled_from((1e-5, 0.003, 1.0)),
    batch_size=st.sampled_from((16, 256)),
    epochs=st.integers(1, 50),
    seed=st.integers(0, 2**31 - 1),
    training_digits=st.integers(100, 60_000),
    scaled=st.booleans(),
    validation_split=st.sampled_from((0.0, 0.1, 0.5)),
    shuffled_labels=st.booleans(),
)


@settings(max_examples=12, deadline=None)
@given(st.dictionaries(NAMES, RUN_SPECS, min_size=1, max_size=2))
def test_every_run_is_written_as_code_that_builds_its_network(runs: dict[str, RunSpec]) -> None:
    text = takeaway.script(runs)
    tree = ast.parse(text)
    networks = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "model"
    ]
    for node, spec in zip(networks, runs.values(), strict=True):
        scope: dict[str, Any] = {"keras": keras, "layers": keras.layers}
        exec(ast.unparse(node), scope)
        assert scope["model"].count_params() == spec.network.parameters
        assert f"learning_rate={spec.learning_rate!r}" in text
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert ("raw_train" in code) == any(not spec.scaled for spec in runs.values())


def test_the_same_experiment_gives_the_same_bytes_and_a_valid_notebook() -> None:
    made = takeaway.notebook(RUNS, ANSWERS)
    assert made == takeaway.notebook(RUNS, ANSWERS)
    book = nbformat.reads(made.decode(), 4)
    nbformat.validate(book)
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)


def test_a_name_cannot_end_a_comment_or_a_text() -> None:
    text = takeaway.script({'a"\n\x00import os  # \u2028\\': NOTEBOOK_RUNS["CNN 1"]})
    assert '# ## a" import os # \\\n' in text
    scope = {"measure": lambda *rest: (1, 0.5, 0.25, 0.125), "model": 0, "x_test": 0, "y_test": 0}
    (line,) = re.findall(r"^results\[.*measure.*$", text, re.M)
    results: dict[str, Any] = {}
    exec(line, {**scope, "results": results})
    assert list(results) == ['a" import os # \\']


def test_the_readers_answers_come_along_with_what_is_right() -> None:
    book = nbformat.reads(takeaway.notebook({}, ANSWERS).decode(), 4)
    said = "\n\n".join(cell.source for cell in book.cells)
    assert "1 of 2 right." in said
    assert "How many?\n\nYou said: Three.\n\nRight. One for each." in said
    assert "You said: The first\nof them\n\nNot so. The second" in said
    # As comments they are no code.
    assert ast.parse(takeaway.script({}, ANSWERS)).body == []


def test_an_explanation_is_given_once_and_only_where_it_fits() -> None:
    text = takeaway.script(NOTEBOOK_RUNS)
    for word in ("**Conv2D**", "**Pooling**", "**Flatten**", "**Dense**", "**Dropout**"):
        assert text.count(word) == 1
    assert "**Validation**" not in text
    assert "**Shuffled labels**" not in text
    shuffled = takeaway.script({"one": RUNS["labels shuffled"]})
    assert "**Shuffled labels**" in shuffled
    assert "**Conv2D**" not in shuffled
