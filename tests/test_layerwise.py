"""How far a change of the picture reaches, layer by layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import layerwise, mnist, pooled, robustness
from lesson.evaluation import move
from lesson.layers import Dense, Flatten
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec
from tests.test_answers import made

DIGIT = robustness.ink(mnist.load().x_test[:1])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_difference_is_that_of_the_pooling_page_and_lies_between_0_and_1(
    seed: int, signed: bool
) -> None:
    random = np.random.default_rng(seed)
    first, second = random.normal(size=(2, 5, 6)).astype(np.float32)
    found = layerwise.difference(first, second)
    assert 0 <= found <= 1
    assert layerwise.difference(first, first) == 0
    assert layerwise.difference(second, first) == pytest.approx(found)
    assert layerwise.difference(3 * first, 3 * second) == pytest.approx(found)
    first, second = np.maximum(first, 0), np.maximum(second, 0)
    expected = pooled.change(first[None], second[None]).difference
    assert layerwise.difference(first, second) == pytest.approx(expected, abs=1e-6)


def test_what_has_nothing_in_common_differs_entirely() -> None:
    assert layerwise.difference(np.array([1.0, 0]), np.array([0, 1.0])) == 1


@pytest.mark.parametrize(
    ("network", "names"),
    [
        (FEEDFORWARD, ["picture", "dense", "dense_1", "answer"]),
        (CNN_1, ["picture", "conv2d", "max_pooling2d", "dense", "answer"]),
        (
            CNN_2,
            [
                *("picture", "conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1"),
                *("dense", "dense_1", "answer"),
            ],
        ),
    ],
    ids=["dense", "cnn 1", "cnn 2"],
)
def test_every_layer_that_computes_is_a_stage(network: NetworkSpec, names: list[str]) -> None:
    run, model = made(network)
    pair = np.concatenate([DIGIT, move(DIGIT, 3)])
    both = layerwise.activations(run, pair)
    found = layerwise.stages(run, both)
    assert [stage.name for stage in found] == names
    assert found[0].difference == layerwise.difference(*pair)
    # The answer's difference is half the sum of what the ten probabilities differ by.
    first, second = model.predict(pair[..., None], verbose=0)
    assert found[-1].difference == pytest.approx(np.abs(first - second).sum() / 2, abs=1e-5)


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_2], ids=["dense", "cnn 2"])
def test_a_digit_that_stays_changes_nothing(network: NetworkSpec) -> None:
    run, _ = made(network)
    both = layerwise.activations(run, np.concatenate([DIGIT, DIGIT]))
    assert {stage.difference for stage in layerwise.stages(run, both)} == {0}
    assert "every layer changes by 0%" in layerwise.told("A", run, both)


def test_the_layers_with_the_most_and_the_least_change_are_named() -> None:
    run, _ = made(CNN_1)
    both = layerwise.activations(run, np.concatenate([DIGIT, move(DIGIT, 3)]))
    inner = layerwise.stages(run, both)[1:-1]
    told = layerwise.told("A", run, both)
    most = max(inner, key=lambda stage: stage.difference)
    least = min(inner, key=lambda stage: stage.difference)
    assert f"`{most.name}` changes most ({most.difference:.1%})" in told
    assert f"`{least.name}` least ({least.difference:.1%})" in told


def test_what_became_of_the_answer_is_told() -> None:
    run, _ = made(CNN_1)
    both = layerwise.activations(run, np.concatenate([DIGIT, DIGIT]))
    seven, one = np.eye(10, dtype=np.float32)[[7, 1]]
    both[-1] = np.stack([seven, one])
    assert "its answer goes from 7 (over 99.9%) to 1 (over 99.9%)" in layerwise.told("A", run, both)
    both[-1] = np.stack([seven, seven])
    assert "it answers 7 before (over 99.9%) and after (over 99.9%)" in layerwise.told(
        "A", run, both
    )


def test_a_network_of_one_layer_has_nothing_between() -> None:
    run, _ = made(NetworkSpec((Flatten(), Dense(10, "softmax"))))
    both = layerwise.activations(run, np.concatenate([DIGIT, move(DIGIT, 3)]))
    assert "has no layer between" in layerwise.told("A", run, both)


def test_a_run_without_its_network_has_no_activations() -> None:
    run, _ = made(FEEDFORWARD)
    with pytest.raises(ValueError, match="no weights"):
        layerwise.activations(replace(run, weights=None), DIGIT)
