"""What runs are called, beside each other and alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lesson import naming, shipped
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten
from lesson.specs import (
    CNN_1,
    CNN_2,
    FEEDFORWARD,
    NOTEBOOK_RUNS,
    NetworkSpec,
    RunSpec,
    feedforward,
)
from tests.made_up import PLAIN


def test_the_notebooks_runs_have_their_own_names() -> None:
    assert [naming.name(spec) for spec in NOTEBOOK_RUNS.values()] == list(NOTEBOOK_RUNS)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (replace(PLAIN, network=feedforward((16,)), seed=43), "Feedforward · units 16 · seed 43"),
        (replace(PLAIN, network=feedforward(())), "Feedforward · no hidden layer"),
        (replace(PLAIN, network=feedforward(activation="tanh")), "Feedforward · activation tanh"),
        (replace(PLAIN, network=feedforward(dropout=0.3)), "Feedforward · dropout 0.3"),
        (replace(PLAIN, scaled=False), "Feedforward · pixels not scaled"),
        (replace(PLAIN, training_digits=1000), "Feedforward · 1,000 digits"),
        (
            replace(PLAIN, optimizer="sgd", learning_rate=0.1),
            "Feedforward · sgd · learning_rate 0.1",
        ),
        (replace(NOTEBOOK_RUNS["CNN 2"], batch_size=256), "CNN 2 · batch_size 256"),
        (shipped.VARIANTS["same_padding"], "CNN 1 · padding same"),
        (shipped.VARIANTS["no_pooling"], "CNN 1 · no pooling"),
        (shipped.VARIANTS["average_pooling"], "CNN 1 · average pooling"),
        (shipped.INSIDE_PAGE, "CNN 2 · validation_split 0.1"),
    ],
)
def test_other_runs_are_named_by_what_differs(spec: RunSpec, name: str) -> None:
    assert naming.name(spec) == name


def test_a_run_unlike_all_others_still_has_a_short_name() -> None:
    layers = (Conv2D(8, 5), AveragePooling2D(3), Conv2D(4, 2), Flatten(), Dense(10, "softmax"))
    spec = RunSpec(NetworkSpec(layers), "sgd", 0.5, 64, 2, 1, 500, False, 0.2)
    name = naming.name(spec)
    assert name.startswith("CNN ")
    assert name.endswith(" more")
    assert name.count(" · ") == naming.MAX_DIFFERENCES


def test_all_shipped_runs_have_names_of_their_own() -> None:
    names = naming.names(shipped.all_runs())
    assert len(set(names.values())) == len(shipped.all_runs())
    assert not any(digest[:6] in name for digest, name in names.items())


def test_runs_whose_short_names_agree_are_told_apart_by_their_digests() -> None:
    first = next(n for n, layer in enumerate(CNN_2.layers) if isinstance(layer, Dropout))
    fewer = (*CNN_2.layers[:first], *CNN_2.layers[first + 1 :])
    one = replace(NOTEBOOK_RUNS["CNN 2"], network=NetworkSpec(fewer))
    names = naming.names([NOTEBOOK_RUNS["CNN 2"], one])
    assert list(names.values()) == ["CNN 2", f"CNN 2 · {one.digest[:6]}"]


@settings(max_examples=40, deadline=None)
@given(
    specs=some.lists(
        some.builds(
            RunSpec,
            some.sampled_from([FEEDFORWARD, CNN_1, CNN_2, feedforward((8, 8))]),
            seed=some.integers(40, 44),
            epochs=some.integers(4, 6),
            batch_size=some.sampled_from([128, 256]),
            validation_split=some.sampled_from([0.0, 0.1]),
        ),
        max_size=12,
    )
)
def test_names_are_unique_whatever_the_runs(specs: list[RunSpec]) -> None:
    names = naming.names(specs)
    assert set(names) == {spec.digest for spec in specs}
    assert len(set(names.values())) == len(names)


def test_what_differs_in_one_block_only_is_named() -> None:
    blocks = (CNN_2.layers[0], *CNN_2.layers[2:])  # the first pooling taken away
    other = replace(NOTEBOOK_RUNS["CNN 2"], network=NetworkSpec(blocks))
    assert naming.differences(other, NOTEBOOK_RUNS["CNN 2"]) == ["no-max pooling"]
    assert naming.name(other) == "CNN 2 · no-max pooling"


def test_labels_are_short_and_unique() -> None:
    long = ["CNN 1 · filters 8 · kernel_size 5", "CNN 2 · filters 8 · kernel_size 5"]
    labels = naming.labels(["Feedforward", *long])
    assert labels == {"Feedforward": "Feedforward", long[0]: "Run A", long[1]: "Run B"}
