"""The feedforward page's questions, held against Keras, NumPy and the shipped runs."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lesson import export
from lesson.keras_models import build_model
from lesson.layers import Dense, Flatten
from lesson.questions import bank, feedforward, feedforward_calls, feedforward_training, of_page
from lesson.questions.keras_line import Line
from lesson.questions.kinds import Blank, Cell, Choice, Number
from lesson.runs import RunStore
from lesson.specs import NetworkSpec, RunSpec
from lesson.ui import training
from tests.conftest import OpenPage, picture

SEEDS = st.integers(0, 9_999)


def asked(key: str, values: dict[str, Any], seed: int) -> Any:
    return bank()[key].ask(values, seed)


def drawn(key: str) -> st.SearchStrategy[dict[str, Any]]:
    reads = bank()[key].reads
    return st.fixed_dictionaries({k: st.sampled_from(list(r.allowed)) for k, r in reads.items()})


def units(settings: dict[str, Any]) -> list[int]:
    depth = settings["feedforward_hidden_layers"]
    return [settings[f"feedforward_units_{n}"] for n in range(1, depth + 1)]


@settings(max_examples=40, deadline=None)
@given(values=drawn("feedforward_parameters"), seed=SEEDS)
def test_parameters_are_counted_layer_by_layer_and_mistakes_as_they_are_made(
    values: dict[str, Any], seed: int
) -> None:
    question = asked("feedforward_parameters", values, seed)
    hidden = units(question.settings)
    sides = [784, *hidden, 10]
    pairs = list(pairwise(sides))
    total = sum(before * after + after for before, after in pairs)
    told = {option.says[:20]: int(option.label.replace(",", "")) for option in question.options}
    assert int(question.options[question.solution].label.replace(",", "")) == total
    known = {
        "Those are the weight": sum(before * after for before, after in pairs),
        "The 784 values that ": total + 784,
        "The last layer was f": total - (hidden[-1] * 10 + 10),
        "That adds up values ": 784 + sum(hidden) + 10,
        "A picture of 28×28 h": total - 784 * hidden[0] + 28 * hidden[0],
        "That is without Flat": total - 784 * hidden[0] + 1 * hidden[0],
        "That is with 64 unit": total
        - 784 * hidden[0]
        - hidden[0] * sides[2]
        - hidden[0]
        + 784 * 64
        + 64 * sides[2]
        + 64,
    }
    wrong = {says: told[says] for says in told if says in known}
    assert len(wrong) == len(told) - 1
    assert wrong == {says: known[says] for says in wrong}
    assert hidden != units(values)


def test_parameters_are_those_that_keras_counts() -> None:
    question = asked("feedforward_parameters", {}, 1)
    stack = NetworkSpec((Flatten(), *map(Dense, units(question.settings)), Dense(10)))
    right = question.options[question.solution].label
    assert right == f"{build_model(stack).count_params():,}"


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_a_neighbour_is_where_numpy_flattens_it_to(seed: int) -> None:
    question = asked("feedforward_neighbour", {}, seed)
    assert isinstance(question, Cell)
    start, wanted = map(int, re.findall(r"value (\d+)", question.prompt))
    assert question.values.reshape(-1)[start] == 1
    assert question.values.sum() == 1
    numbered = np.arange(784).reshape(28, 28)
    assert question.right == {tuple(map(int, np.argwhere(numbered == wanted)[0]))}
    # Who counts down the columns looks for the value in the picture laid over its diagonal.
    (dark,) = np.argwhere(question.values == 1)
    down = numbered.T
    (along,) = np.argwhere(down == down[tuple(dark)] + wanted - start)
    assert question.near[tuple(map(int, along))].startswith("That counts down the columns")
    assert question.settings == {"feedforward_row": wanted // 28}


def test_the_row_of_the_neighbour_is_marked_on_the_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "panel", lambda spec, lab: None)
    question = asked("feedforward_neighbour", {}, 0)
    ((row, column),) = question.right
    app = open_page("feedforward", feedforward_row=str(row))
    pixels, line = picture(app, "feedforward_flatten").header["maps"]
    top, left, bottom, right, *_ = pixels["marks"][0]
    assert (top, bottom) == (row, row + 1)
    assert left <= column < right
    place = line["marks"][0][0] * 56 + line["marks"][0][1]
    wanted = int(re.findall(r"value (\d+)", question.prompt)[1])
    assert place <= wanted < place + 28


@settings(max_examples=40, deadline=None)
@given(values=drawn("feedforward_line"), seed=SEEDS)
def test_the_line_fills_the_gap_and_makes_the_network(values: dict[str, Any], seed: int) -> None:
    question = asked("feedforward_line", values, seed)
    assert isinstance(question, Blank)
    code = "\n".join((question.before, f"    {question.right[0]},", question.after))
    chosen = question.settings
    activation = chosen["feedforward_activation"]
    hidden = [Dense(count, activation) for count in units(chosen)]
    network = NetworkSpec((Flatten(), *hidden, Dense(10, "softmax")))
    assert code == export.network_code(network)
    lines = [Line.of(line.strip()) for line in code.splitlines()[2:-1]]
    assert [line.layer for line in lines] == list(network.layers)
    shown = {Line.of(line) for line in question.right}
    assert not {Line.of(mistake.value) for mistake in question.mistakes} & shown


def test_reshape_does_what_flatten_does_and_dense_without_it_does_not() -> None:
    import keras

    right, mistakes = set(), set()
    for seed in range(20):
        question = asked("feedforward_line", {}, seed)
        if question.right[0] == "layers.Flatten()":
            right |= set(question.right)
            mistakes |= {each.value for each in question.mistakes}
    assert len(right) == 3

    def shape(line: str) -> tuple[int | None, ...]:
        layer = eval(line, {"layers": keras.layers})
        return tuple(keras.Sequential([keras.Input((28, 28, 1)), layer]).output_shape)

    assert {shape(line) for line in right} == {(None, 784)}
    assert all(shape(line) != (None, 784) for line in mistakes)


def call(kind: str) -> Blank:
    """The first question about a line around the network whose prompt has these words."""
    found = (asked("feedforward_call", {}, seed) for seed in range(200))
    return next(question for question in found if kind in question.prompt)  # type: ignore[no-any-return]


def bound(line: str) -> dict[str, Any]:
    """What a call of a model's method gives for each of the method's own names in Keras."""
    import keras

    (node,) = (each for each in ast.walk(ast.parse(line)) if isinstance(each, ast.Call))
    assert isinstance(node.func, ast.Attribute)
    given = [ast.unparse(each) for each in node.args]
    named = {str(each.arg): ast.unparse(each.value) for each in node.keywords}
    signature = inspect.signature(getattr(keras.Sequential(), node.func.attr))
    values = signature.bind(*given, **named)
    values.apply_defaults()
    return {"method": node.func.attr, **values.arguments}


def test_the_training_takes_what_keras_s_fit_takes() -> None:
    question = call("trains it")
    chosen = question.settings
    size, epochs = (str(chosen[f"feedforward_{name}"]) for name in ("batch_size", "epochs"))
    wanted = ("fit", "x_train", "y_train", size, epochs)

    def told(line: str) -> tuple[str, ...]:
        found = bound(line)
        assert found["batch_size"] is None or found["batch_size"].isdigit()
        return tuple(str(found[name]) for name in ("method", "x", "y", "batch_size", "epochs"))

    assert {told(line) for line in question.right} == {wanted}
    assert wanted not in {told(mistake.value) for mistake in question.mistakes}


def test_the_test_asks_about_the_test_digits() -> None:
    question = call("never seen")
    told = [bound(line) for line in question.right]
    assert {(each["method"], each["x"], each["y"]) for each in told} == {
        ("evaluate", "x_test", "y_test")
    }


@pytest.mark.parametrize("labels", ["one-hot rows", "numbers from 0 to 9"])
def test_the_loss_takes_the_labels_that_there_are(labels: str) -> None:
    import keras

    question = call(f"the labels are {labels}")
    probabilities = np.full((2, 10), 0.1, np.float32)
    answers = np.eye(10)[[3, 4]] if labels == "one-hot rows" else np.array([3, 4])
    for line in question.right:
        loss = keras.losses.get(eval(line.removeprefix("loss="), {"keras": keras}))
        np.testing.assert_allclose(np.mean(loss(answers, probabilities)), np.log(10), rtol=1e-4)
    assert question.mistakes[0].value.removeprefix("loss=") in {
        "'sparse_categorical_crossentropy'",
        "'categorical_crossentropy'",
    }


def test_the_first_line_makes_a_network_that_layers_can_be_added_to() -> None:
    import keras

    question = call("Which line comes first")
    for line in question.right:
        scope: dict[str, Any] = {"keras": keras, "layers": keras.layers}
        exec(f"{line}\n{question.after}", scope)
        assert scope["model"].output_shape == (None, 784)
    for mistake in question.mistakes:
        scope = {"keras": keras, "layers": keras.layers}
        with pytest.raises((TypeError, AttributeError, NameError, ValueError)):
            exec(f"{mistake.value}\n{question.after}", scope)


@settings(max_examples=60, deadline=None)
@given(values=drawn("feedforward_steps"), seed=SEEDS)
def test_the_steps_of_an_epoch_are_the_batches_that_numpy_cuts(
    values: dict[str, Any], seed: int
) -> None:
    question = asked("feedforward_steps", values, seed)
    assert isinstance(question, Number)
    chosen = question.settings
    digits, size = chosen["feedforward_training_digits"], chosen["feedforward_batch_size"]
    share = chosen["feedforward_validation_split"]
    fitted = np.arange(digits)[: int(np.floor(digits * (1 - share)))]
    batches = [fitted[start : start + size] for start in range(0, len(fitted), size)]
    assert question.right == len(batches)
    told = {mistake.says[:16]: mistake.value for mistake in question.mistakes}
    known = {
        f"The last {len(batches[-1]):,} digits"[:16]: sum(len(each) == size for each in batches),
        "That counts the ": -(-digits // size),
        "That is a step f": len(fitted),
        "That is how many": size,
        "That is 5 epochs": 5 * len(batches),
    }
    assert told == {says: known[says] for says in told}


def test_the_page_shows_the_steps_that_were_asked_about(open_page: OpenPage) -> None:
    question = asked("feedforward_steps", {}, 0)
    app = open_page("feedforward")
    for key, value in question.settings.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    said = "\n".join(part.value for part in app.markdown)
    assert f"5 epochs of {question.right:,} batches" in said


def ends() -> list[tuple[str, float, float]]:
    """The prompts' two accuracies, from the runs' own histories."""
    store, found = RunStore(), []
    for name, preset in feedforward_training.FEEDFORWARD_PRESETS.items():
        run = store.find(preset.spec)
        assert run
        if "val_accuracy" in run.history and name != "Labels shuffled":
            found.append((name, run.history["accuracy"][-1], run.history["val_accuracy"][-1]))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_two_accuracies_are_those_of_a_run_and_decide_what_is_worth_trying(seed: int) -> None:
    question = asked("feedforward_fit", {}, seed)
    assert isinstance(question, Choice)
    high, low = map(float, re.findall(r"(\d+\.\d)%", question.prompt))
    name = re.findall(r"the experiment \*(.+?)\*", question.explanation)[0]
    (known,) = [each for each in ends() if each[0] == name]
    assert [f"{100 * share:.1f}" for share in known[1:]] == [f"{high:.1f}", f"{low:.1f}"]
    right = question.options[question.solution].label
    if high - low > 5:
        assert right.startswith("More digits")
    elif high < 93:
        assert right.startswith("More units")
    else:
        assert high > 96
        assert right.startswith("Nothing")


@pytest.mark.parametrize("seed", range(6))
def test_random_labels_are_learned_by_heart_and_hold_for_nothing_else(seed: int) -> None:
    question = asked("feedforward_heart", {}, seed)
    run = RunStore().find(feedforward_training.SHUFFLED)
    assert run
    right = question.options[question.solution].label
    if "that it learned from, how" in question.prompt:
        assert run.history["accuracy"][-1] > 0.9
        assert right == "Nearly all"
    else:
        assert 0.05 < run.history["val_accuracy"][-1] < 0.15
        assert right == "About one in ten"


def test_without_runs_the_questions_are_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feedforward_training, "experiments", lambda: ())
    feedforward_training.ends.cache_clear()
    try:
        for seed in range(6):
            fit = asked("feedforward_fit", {}, seed)
            assert "experiment" not in fit.explanation
            assert "Measured" not in asked("feedforward_heart", {}, seed).explanation
    finally:
        feedforward_training.ends.cache_clear()


@pytest.mark.parametrize("key", ["feedforward_fit", "feedforward_heart"])
def test_the_reveal_is_the_run_that_was_asked_about(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    specs: list[RunSpec] = []
    monkeypatch.setattr(training, "panel", lambda spec, lab: specs.append(spec))
    question = asked(key, {}, 0)
    app = open_page("feedforward")
    for name, value in question.settings.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    name = app.selectbox("feedforward_experiment").value
    assert specs[-1] == feedforward_training.FEEDFORWARD_PRESETS[name].spec
    if key == "feedforward_fit":
        assert f"*{name}*" in question.explanation
    else:
        assert name == "Labels shuffled"


def test_what_the_questions_read_is_what_the_page_allows(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "panel", lambda spec, lab: None)
    app = open_page("feedforward", feedforward_hidden_layers="5")
    for question in of_page("feedforward"):
        for key, read in question.reads.items():
            assert [str(value) for value in read.allowed] == options(app, key), key
            at_first = 5 if key == "feedforward_hidden_layers" else read.default
            assert app.session_state[key] == at_first
    assert set(feedforward_calls.READS) < {key for q in of_page("feedforward") for key in q.reads}
    assert feedforward.UNITS == (128, 32, 32, 32, 32)


def options(app: AppTest, key: str) -> list[str]:
    """The stops of a slider or the entries of a list, as the page writes them."""
    for control in (*app.main.select_slider, *app.main.selectbox):
        if control.key == key:
            return [option.replace(",", "") for option in control.options]
    raise KeyError(key)
