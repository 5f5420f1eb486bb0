"""The presets: each can be trained and is within reach of its page; their outcome is in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import presets
from lesson.presets import CNN_PRESETS, FEEDFORWARD_PRESETS, PRESETS
from lesson.results import Run
from lesson.specs import RunSpec
from lesson.ui import resources, training
from lesson.ui.experiment import CNN, FEEDFORWARD, Lab

OpenPage = Callable[..., AppTest]
ON_PAGES = [
    *(("feedforward", FEEDFORWARD, name) for name in FEEDFORWARD_PRESETS),
    *(("inside-a-cnn", CNN, name) for name in CNN_PRESETS),
]


@pytest.mark.parametrize("name", PRESETS)
def test_each_can_be_trained_and_is_held_against_another_of_its_page(name: str) -> None:
    family = next(found for found in (FEEDFORWARD_PRESETS, CNN_PRESETS) if name in found)
    preset = PRESETS[name]
    assert preset.spec.problem is None
    assert preset.beside in family
    assert family[preset.beside].spec != preset.spec
    assert preset.look.endswith("?")


def test_no_two_are_the_same() -> None:
    assert len(PRESETS) == len(FEEDFORWARD_PRESETS) + len(CNN_PRESETS)
    assert len({preset.spec for preset in PRESETS.values()}) == len(PRESETS)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """The runs that a page hands to its training panel, which does nothing here."""
    specs: list[RunSpec] = []
    monkeypatch.setattr(training, "panel", lambda spec, lab: specs.append(spec))
    monkeypatch.setattr(resources, "find", lambda spec: None)
    return specs


@pytest.mark.parametrize(("slug", "lab", "name"), ON_PAGES)
def test_the_list_of_its_page_moves_the_controls_to_it(
    open_page: OpenPage, asked: list[RunSpec], slug: str, lab: Lab, name: str
) -> None:
    app = open_page(slug, cnn_view="Build and train", **{lab.key("seed"): "7"})
    assert app.selectbox(lab.choice).value == "Your own"
    app.selectbox(lab.choice).select(name).run()
    assert not app.exception
    assert asked[-1] == PRESETS[name].spec
    assert app.selectbox(lab.choice).value == name


@pytest.mark.parametrize(("slug", "lab", "name"), ON_PAGES)
def test_an_address_with_its_settings_opens_it(
    open_page: OpenPage, asked: list[RunSpec], slug: str, lab: Lab, name: str
) -> None:
    settings = {lab.key(k): str(value) for k, value in lab.settings(PRESETS[name].spec).items()}
    app = open_page(slug, cnn_view="Build and train", **settings)
    assert not app.exception
    assert asked[-1] == PRESETS[name].spec
    assert app.selectbox(lab.choice).value == name


def run(
    spec: RunSpec = presets.PLAIN,
    accuracy: Sequence[float] = (0.9, 0.97),
    val_accuracy: Sequence[float] = (0.9, 0.965),
    loss: Sequence[float] = (0.5, 0.1),
    val_loss: Sequence[float] = (0.4, 0.1),
    test: float = 0.96,
) -> Run:
    history = {
        "accuracy": accuracy,
        "val_accuracy": val_accuracy,
        "loss": loss,
        "val_loss": val_loss,
    }
    none = np.zeros((0, 10), np.float32)
    return Run(spec, history, 0.1, test, none, [1.0, 1.0], 2.0, {}, {})


def test_an_outcome_is_told_beside_the_other_run() -> None:
    said = presets.outcome(run(test=0.8123), run(test=0.9668), "Other")
    assert said.startswith("It reads 81.2% of the test digits right; «Other» reads 96.7%.")
    assert "«Other» is not trained yet." in presets.outcome(run(), None, "Other")
    assert "no more than guessing" in presets.outcome(run(test=0.0982), None, "Other")


def test_overfitting_is_told_by_the_gap_and_by_the_epoch_of_the_lowest_loss() -> None:
    said = " ".join(
        presets.course(
            run(
                accuracy=[0.9, 0.99, 1.0],
                val_accuracy=[0.85, 0.88, 0.875],
                loss=[0.5, 0.2, 0.1],
                val_loss=[0.6, 0.5, 0.75],
            )
        )
    )
    assert "Training ends at 100.0%, validation at 87.5%: 12.5 points apart." in said
    assert "That is overfitting." in said
    assert "lowest after epoch 2, at 0.500, and ends at 0.750." in said


def test_a_gap_alone_while_validation_still_gains_is_not_called_overfitting() -> None:
    said = presets.course(run(accuracy=[0.93, 0.95], val_accuracy=[0.85, 0.88]))
    assert said[0] == "Training ends at 95.0%, validation at 88.0%: 7.0 points apart."


@pytest.mark.parametrize("spec", [presets.PLAIN, presets.CNN], ids=["plain", "with dropout"])
@pytest.mark.parametrize("validation", [0.091, 0.105])
def test_a_training_that_learned_nothing_is_called_so(spec: RunSpec, validation: float) -> None:
    lost = run(spec, accuracy=[0.1, 0.102], val_accuracy=[0.1, validation], val_loss=[2.3, 9.0])
    assert presets.course(lost) == [
        f"Training ends at 10.2%, validation at {validation:.1%}: nothing was learned."
    ]


def test_underfitting_is_told_by_two_low_curves() -> None:
    said = " ".join(presets.course(run(accuracy=[0.75, 0.8], val_accuracy=[0.76, 0.83])))
    assert "both low, 3.0 points apart. That is underfitting." in said
    assert "Accuracy still rose by 5.0 points in the last epoch" in said


def test_validation_above_training_is_put_down_to_dropout_where_there_is_some() -> None:
    values = {"accuracy": [0.8, 0.82], "val_accuracy": [0.9, 0.97]}
    dropped = run(presets.CNN, **values)
    assert "15.0 points above it, partly because dropout silences" in " ".join(
        presets.course(dropped)
    )
    assert "dropout" not in " ".join(presets.course(run(**values)))


def test_a_first_epoch_worse_than_guessing_is_told() -> None:
    said = presets.course(run(loss=[3.78, 0.4]))[0]
    assert said.startswith("In the first epoch its loss is 3.78")
    assert f"{math.log(10):.2f}" in said


def test_a_good_training_has_little_to_tell() -> None:
    calm = run(accuracy=[0.968, 0.97], val_accuracy=[0.964, 0.965])
    assert presets.course(calm) == [
        "Training ends at 97.0%, validation at 96.5%: 0.5 points apart."
    ]


def test_a_training_without_validation_or_numbers_is_told_of_all_the_same() -> None:
    bare = run()
    history = {name: bare.history[name] for name in ("loss", "accuracy")}
    assert presets.course(replace(bare, history=history)) == [
        "Accuracy still rose by 7.0 points in the last epoch: more of them may help."
    ]
    nothing = [math.nan, math.nan]
    wild = run(accuracy=[0.1, 0.1], val_accuracy=[0.1, 0.1], loss=nothing, val_loss=nothing)
    assert len(presets.course(wild)) == 1


def test_no_outcome_is_long() -> None:
    worst = run(
        accuracy=[0.5, 0.9], val_accuracy=[0.4, 0.5], loss=[5.0, 1.0], val_loss=[1.0, 2.0], test=0.1
    )
    assert len(presets.course(worst)) == 3
