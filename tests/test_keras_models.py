"""A spec becomes the Keras model that one would have written by hand."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from lesson.checks import SpecError
from lesson.keras_models import build_model, optimizer
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from lesson.specs import CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec, RunSpec

ALL_KINDS = NetworkSpec(
    (
        Conv2D(3, kernel_size=5, strides=2, padding="same", activation="relu"),
        MaxPooling2D(pool_size=3, strides=1, padding="same"),
        Conv2D(4, dilation_rate=2, activation="tanh"),
        AveragePooling2D(),
        Dropout(0.25),
        Flatten(),
        Dense(6, "sigmoid"),
        Dropout(0),
        Dense(10, "softmax"),
    )
)


def all_kinds_by_hand() -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(3, 5, strides=2, padding="same", activation="relu"),
            layers.MaxPooling2D(3, strides=1, padding="same"),
            layers.Conv2D(4, 3, dilation_rate=2, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(6, activation="sigmoid"),
            layers.Dropout(0.0),
            layers.Dense(10, activation="softmax"),
        ]
    )


def without_seeds(config: object) -> object:
    """A layer's configuration but for the seeds, which are random numbers."""
    if isinstance(config, dict):
        return {key: without_seeds(value) for key, value in config.items() if key != "seed"}
    return config


def test_every_kind_of_layer_is_configured_as_by_hand() -> None:
    by_hand = all_kinds_by_hand()
    for ours, theirs in zip(build_model(ALL_KINDS).layers, by_hand.layers, strict=True):
        assert type(ours) is type(theirs)
        configs = [layer.get_config() | {"name": ""} for layer in (ours, theirs)]
        assert without_seeds(configs[0]) == without_seeds(configs[1])


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_2, ALL_KINDS])
def test_layers_are_named_as_in_the_spec_however_many_models_were_built(
    network: NetworkSpec,
) -> None:
    for _ in range(2):
        assert [layer.name for layer in build_model(network).layers] == list(network.names)


def test_the_model_has_the_shapes_and_counts_of_the_ledger() -> None:
    model = build_model(ALL_KINDS)
    assert model.input_shape == (None, 28, 28, 1)
    assert [layer.output.shape[1:] for layer in model.layers] == list(ALL_KINDS.shapes[1:])
    assert model.count_params() == ALL_KINDS.parameters


def test_a_seed_gives_the_same_weights_again_and_another_seed_others() -> None:
    first, again, other = (build_model(ALL_KINDS, seed).get_weights() for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    kernels = [position for position, array in enumerate(first) if array.ndim > 1]
    assert kernels
    assert not any(np.array_equal(first[n], other[n]) for n in kernels)


def test_without_a_seed_the_weights_differ_each_time() -> None:
    one, two = (build_model(FEEDFORWARD).get_weights()[0] for _ in range(2))
    assert not np.array_equal(one, two)


def test_building_leaves_pythons_own_random_numbers_alone() -> None:
    random.seed(3)
    expected = random.random()
    random.seed(3)
    build_model(ALL_KINDS, seed=5)
    assert random.random() == expected


def test_an_impossible_stack_is_refused_in_our_words() -> None:
    with pytest.raises(SpecError, match="before Flatten"):
        build_model(NetworkSpec((Flatten(), Conv2D(4))))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", keras.optimizers.Adam),
        ("sgd", keras.optimizers.SGD),
        ("rmsprop", keras.optimizers.RMSprop),
    ],
)
def test_the_optimizer_is_keras_own_but_for_the_learning_rate(
    name: str, kind: type[keras.optimizers.Optimizer]
) -> None:
    run = RunSpec(FEEDFORWARD, optimizer=name, learning_rate=0.0123)
    ours = optimizer(run)
    assert type(ours) is kind
    assert ours.get_config() == kind(learning_rate=0.0123, name=ours.name).get_config()


def test_the_notebooks_runs_use_adam_as_keras_has_it() -> None:
    for run in NOTEBOOK_RUNS.values():
        ours = optimizer(run).get_config()
        default = keras.optimizers.Adam(name=ours["name"]).get_config()
        assert ours.pop("learning_rate") == pytest.approx(default.pop("learning_rate"))
        assert ours == default
