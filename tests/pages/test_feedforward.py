"""The feedforward page: its controls make the run, and everything on it follows from the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import export, fitting, mnist, shipped
from lesson.layers import Dense, Flatten
from lesson.results import Run
from lesson.specs import NOTEBOOK_RUNS, NetworkSpec, RunSpec, feedforward
from lesson.ui import explorer, resources, training
from lesson.ui.navigation import page

OpenPage = Callable[..., AppTest]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """The runs that the page hands to the training panel, which does nothing here."""
    specs: list[RunSpec] = []
    monkeypatch.setattr(training, "panel", lambda spec, lab: specs.append(spec))
    return specs


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def drawing(app: AppTest) -> str:
    return next(text.value for text in app.markdown if "<svg" in text.value)


def test_the_page_opens_with_the_run_that_ships_for_it(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_page("feedforward")
    assert not app.exception
    assert asked == [shipped.FEEDFORWARD_PAGE]
    assert app.query_params == {}


def test_its_result_shows_at_once_and_says_why_the_comparison_page_differs(
    open_page: OpenPage,
) -> None:
    run = resources.find(shipped.FEEDFORWARD_PAGE)
    whole = resources.find(NOTEBOOK_RUNS["Feedforward"])
    assert run
    assert whole
    app = open_page("feedforward")
    assert not app.exception
    assert app.metric[0].value == f"{run.test_accuracy:.2%}"
    assert app.selectbox("feedforward_experiment").value == "The notebook's, 10% held back"
    sentence = next(text.value for text in app.markdown if "Comparison" in text.value)
    assert "54,000" in sentence
    assert "60,000" in sentence
    assert f"{whole.test_accuracy:.2%}" in sentence


def test_every_control_changes_the_run(open_page: OpenPage, asked: list[RunSpec]) -> None:
    app = open_page("feedforward")
    sliders = {
        "hidden_layers": 1,
        "units_1": 64,
        "epochs": 7,
        "dropout": 0.5,
        "validation_split": 0.2,
    }
    for name, value in sliders.items():
        app.select_slider(f"feedforward_{name}").set_value(value)
    choices = {
        "activation": "tanh",
        "batch_size": 64,
        "learning_rate": 0.01,
        "training_digits": 1_000,
    }
    for name, choice in choices.items():
        app.selectbox(f"feedforward_{name}").set_value(choice)
    app.session_state["feedforward_optimizer"] = "sgd"
    app.number_input("feedforward_seed").set_value(7)
    app.toggle("feedforward_scaled").set_value(False)
    app.toggle("feedforward_shuffled_labels").set_value(True)
    app.run()
    assert not app.exception
    assert app.selectbox("feedforward_experiment").value == "Your own"
    assert asked[-1] == RunSpec(
        feedforward((64,), "tanh", dropout=0.5),
        optimizer="sgd",
        learning_rate=0.01,
        batch_size=64,
        epochs=7,
        seed=7,
        training_digits=1_000,
        scaled=False,
        validation_split=0.2,
        shuffled_labels=True,
    )
    assert export.run_code(asked[-1]) == app.code[0].value
    compile(app.code[0].value, "keras lines", "exec")


@pytest.mark.parametrize("end", [0, -1])
def test_at_either_end_of_every_control_the_run_can_be_made(
    open_page: OpenPage, asked: list[RunSpec], end: int
) -> None:
    app = open_page("feedforward", feedforward_hidden_layers="0" if end == 0 else "5")
    for slider in app.select_slider:
        slider.set_value(type(slider.value)(float(slider.options[end])))
    for choice in app.main.selectbox:
        if choice.key != "feedforward_experiment":
            choice.select_index(end % len(choice.options))
    app.run()
    assert not app.exception
    assert asked[-1].problem is None
    assert f"{asked[-1].network.parameters:,} parameters" in drawing(app)


def test_the_largest_network_that_the_sliders_allow_can_be_trained_with_any_batch(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    app = open_page("feedforward")
    units = [int(size) for size in app.select_slider("feedforward_units_1").options]
    batches = [int(size) for size in app.selectbox("feedforward_batch_size").options]
    assert {4, 10, 32, 64, 128} <= set(units)
    most = RunSpec(feedforward((max(units),) * 5), epochs=50)
    assert [replace(most, batch_size=size).problem for size in batches] == [None] * len(batches)


def test_an_address_restores_the_run(open_page: OpenPage, asked: list[RunSpec]) -> None:
    address = {
        "feedforward_hidden_layers": "1",
        "feedforward_units_1": "10",
        "feedforward_optimizer": "rmsprop",
        "feedforward_training_digits": "3,000",
        "feedforward_learning_rate": "0.00001",
        "feedforward_scaled": "false",
        "feedforward_shuffled_labels": "true",
        "feedforward_row": "3",
    }
    app = open_page("feedforward", **address)
    assert not app.exception
    expected = replace(
        shipped.FEEDFORWARD_PAGE,
        network=feedforward((10,)),
        optimizer="rmsprop",
        learning_rate=0.00001,
        training_digits=3_000,
        scaled=False,
        shuffled_labels=True,
    )
    assert asked[-1] == expected
    assert dict(app.query_params) == address


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("hidden_layers", "99", {"network": feedforward((128, 32, 32, 32, 32))}),
        ("hidden_layers", "-1", {"network": feedforward(())}),
        ("units_1", "100000", {"network": feedforward((512, 32))}),
        ("units_1", "65", {"network": feedforward((64, 32))}),
        ("units_2", "none", {}),
        ("activation", "softmax", {}),
        ("dropout", "1", {"network": feedforward(dropout=0.9)}),
        ("epochs", "1e9", {"epochs": 50}),
        ("batch_size", "0", {}),
        ("learning_rate", "<script>", {}),
        ("seed", "-3", {"seed": 0}),
        ("seed", "99999999999", {"seed": 2**31 - 1}),
        ("training_digits", "1000", {"training_digits": 1_000}),
        ("training_digits", "70000", {}),
        ("validation_split", "0.93", {"validation_split": 0.5}),
        ("scaled", "maybe", {}),
        ("shuffled_labels", "1", {}),
        ("row", "28", {}),
    ],
)
def test_nonsense_in_the_address_is_moved_to_what_is_possible(
    open_page: OpenPage, asked: list[RunSpec], key: str, text: str, expected: dict[str, object]
) -> None:
    app = open_page("feedforward", **{f"feedforward_{key}": text})
    assert not app.exception
    assert asked[-1] == replace(shipped.FEEDFORWARD_PAGE, **expected)


def test_the_ledger_is_that_of_the_drawn_network(open_page: OpenPage, asked: list[RunSpec]) -> None:
    app = open_page("feedforward", feedforward_units_1="64")
    table = next(text.value for text in app.markdown if text.value.startswith("| layer"))
    assert "| `dense` | 64 | 784×64 + 64 = 50,240 | 95.4% |" in table
    assert "| **total** |  | **52,650** |  |" in table
    assert "784×64 + 64" in drawing(app)
    assert "52,650 parameters" in drawing(app)


def test_the_notebooks_miscount_and_its_dense_1_are_put_right_as_keras_counts(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    from lesson.keras_models import build_model

    told = texts(open_page("feedforward"))
    for units in (64, 128):
        parameters = build_model(feedforward((units, 32))).count_params()
        assert f"{parameters:,}" in told
    alone = build_model(NetworkSpec((Dense(1),)))
    assert alone.output_shape == (None, 28, 28, 1)
    assert f"output shape 28×28×1, parameters 1×1 + 1 = {alone.count_params()}" in told
    behind = build_model(NetworkSpec((Flatten(), Dense(1))))
    assert behind.output_shape == (None, 1)
    assert f"output shape 1, parameters 784×1 + 1 = {behind.count_params()}" in told


@pytest.mark.parametrize("row", [0, 13, 27])
def test_the_flattened_row_holds_the_digits_values_where_the_text_says(
    open_page: OpenPage, asked: list[RunSpec], row: int
) -> None:
    app = open_page("feedforward", feedforward_row=str(row), digit="18")
    image = mnist.load().x_test[18]
    (part,) = [part for part in app.get("bidi_component") if part.proto.bytes]
    header, (picture, folded) = explorer.decode(part.proto.bytes)
    np.testing.assert_array_equal(picture, image)
    first, last = map(int, re.findall(r"the values (\d+) to (\d+)", texts(app))[0])
    flattened = folded.reshape(-1)
    np.testing.assert_array_equal(flattened[first : last + 1], image[row])
    top, left, bottom, right, *_ = header["maps"][1]["marks"][0]
    np.testing.assert_array_equal(folded[top:bottom, left:right], image[row : row + 1])


def example(key: str) -> Run:
    """A run as it may ship, with round numbers."""
    losses = [0.5, 0.25, 0.5, 0.75]
    training_accuracy = 0.75 if key == "too_small" else 1.0
    return Run(
        spec=shipped.VARIANTS[key],
        history={
            "loss": losses,
            "val_loss": losses,
            "accuracy": [0.5, 0.5, 0.5, training_accuracy],
            "val_accuracy": [0.5, 0.5, 0.5, 0.765],
        },
        test_loss=0.5,
        test_accuracy=0.75,
        test_probabilities=np.full((10_000, 10), 0.1, np.float32),
        epoch_seconds=[1.0] * 4,
        seconds=4.0,
        versions={},
        machine={},
    )


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("too_small", "Training ends at 75.0%, validation at 76.5%: both low, 1.5 points apart."),
        ("overfitted", "Training ends at 100.0%, validation at 76.5%: 23.5 points apart."),
    ],
)
def test_a_button_moves_the_controls_to_a_run_that_is_told_of_in_its_numbers(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, key: str, told: str
) -> None:
    monkeypatch.setattr(resources, "find", {shipped.VARIANTS[key]: example(key)}.get)
    app = open_page("feedforward", feedforward_activation="tanh", feedforward_dropout="0.5")
    assert not app.metric
    app.button(f"feedforward_{key}_take").click().run()
    assert not app.exception
    assert app.metric[0].value == "75.00%"
    assert told in texts(app)
    if key == "overfitted":
        assert "lowest after epoch 2, at 0.250, and ends at 0.750" in texts(app)


def test_smaller_batches_are_more_steps_as_the_text_counts_them(
    open_page: OpenPage, asked: list[RunSpec]
) -> None:
    told = " ".join(texts(open_page("feedforward")).split())
    assert "(211 at 256, 844 at 64)" in told


def test_runs_that_are_missing_can_be_trained(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "find", lambda spec: None)
    for key in ("too_small", "overfitted"):
        app = open_page("feedforward")
        app.button(f"feedforward_{key}_take").click().run()
        assert not app.exception
        assert "Not trained yet." in texts(app)
        assert app.button("feedforward_train")


def test_run_a_outlives_a_visit_to_another_page(open_page: OpenPage) -> None:
    app = open_page("feedforward")
    app.button("feedforward_compare").click().run()
    app.switch_page(page("inside-a-cnn").file).run()
    assert "**A**" not in texts(app)
    app.switch_page(page("feedforward").file).run()
    app.select_slider("feedforward_epochs").set_value(6).run()
    assert not app.exception
    assert "**A**, «The notebook's, 10% held back»," in texts(app)
    assert "**epochs 5**. **B**: **epochs 6**." in texts(app)


def test_settings_of_any_feedforward_run_lead_back_to_it() -> None:
    for run in (
        RunSpec(feedforward((64,), "tanh", 0.3), optimizer="sgd", seed=3, scaled=False),
        RunSpec(feedforward(()), validation_split=0.5, shuffled_labels=True),
    ):
        found = fitting.settings(run)
        units = tuple(found[f"units_{n}"] for n in range(1, found["hidden_layers"] + 1))
        network = feedforward(units, found["activation"], found["dropout"])
        others = {name: found[name] for name in fitting.TRAINING_SETTINGS}
        assert RunSpec(network, **others) == run


def test_the_best_epoch_of_a_run_that_blew_up_is_one_with_a_number() -> None:
    run = example("overfitted")
    history = {**run.history, "val_loss": [float("nan"), 0.5, 0.25, float("nan")]}
    fit = fitting.fit_of(replace(run, history=history))
    assert (fit.best_epoch, fit.lowest_loss) == (3, 0.25)
