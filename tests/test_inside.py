"""Stacks made from choices, and the arithmetic that is shown of one digit in them."""

from __future__ import annotations

from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import inside, network, units
from lesson.keras_models import build_model
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from lesson.specs import CNN_1, CNN_2, NetworkSpec, RunSpec
from lesson.ui.explorer.maps import MAX_SIDE

BLOCKS = st.lists(
    st.builds(
        inside.Block,
        st.integers(1, 64),
        st.integers(1, 9),
        st.sampled_from(sorted(inside.POOLINGS)),
    ),
    max_size=4,
)
UNITS = st.lists(st.integers(1, 256), max_size=3)


def row_of(layer: object, image: np.ndarray) -> tuple[inside.LedgerRow, np.ndarray]:
    """The ledger's line of one layer for an input, and what Keras makes of it."""
    spec = NetworkSpec((layer,), image.shape[1:])  # type: ignore[arg-type]
    model = build_model(spec, seed=1)
    return spec.ledger[0], np.asarray(model(image, training=False))


def test_the_notebooks_networks_can_be_stacked() -> None:
    assert inside.stack([inside.Block(16)], [128]) == CNN_1
    assert inside.stack([inside.Block(16), inside.Block(32)], [64, 16], 0.5) == CNN_2


@given(BLOCKS, UNITS, st.sampled_from([0.0, 0.1, 0.5]), st.sampled_from(["valid", "same"]))
def test_the_settings_of_a_run_give_it_back(
    blocks: list[inside.Block], units: list[int], dropout: float, padding: str
) -> None:
    run = RunSpec(inside.stack(blocks, units, dropout, padding), batch_size=64, seed=7)
    chosen = inside.settings(run)
    again = [
        inside.Block(*(chosen[f"{name}_{n}"] for name in ("filters", "kernel_size", "pooling")))  # type: ignore[arg-type]
        for n in range(1, int(chosen["blocks"]) + 1)
    ]
    assert again == blocks
    assert [chosen[f"units_{n}"] for n in range(1, int(chosen["dense_layers"]) + 1)] == units
    assert chosen["dropout"] == (dropout if units else 0)
    assert chosen["padding"] == (padding if blocks else "valid")
    assert (chosen["batch_size"], chosen["seed"], chosen["epochs"]) == (64, 7, 5)


def test_every_row_that_a_dense_layer_of_the_page_sees_can_be_drawn() -> None:
    for side, filters in product(range(1, 29), [1, *range(4, 65, 4)]):
        row = np.zeros(side * side * filters, np.float32)
        assert max(units.mosaic(row, (side, side, filters)).shape) <= MAX_SIDE
    for count in range(8, 257, 8):
        assert count // units.block(count) <= MAX_SIDE


def test_the_sums_before_softmax_are_those_of_keras_without_it() -> None:
    spec = inside.stack([inside.Block(4)], [8], 0.5)
    linear = NetworkSpec((*spec.layers[:-1], Dense(10)))
    model = build_model(linear, seed=3)
    images = np.random.default_rng(1).random((3, 28, 28, 1), dtype=np.float32)
    weights = model.get_weights()
    activations = network.forward(spec, weights, images)
    sums = inside.logits(spec, weights, activations)
    np.testing.assert_allclose(sums, model(images, training=False), atol=1e-5)
    np.testing.assert_array_equal(network.activate(sums, "softmax"), activations[-1])


@settings(max_examples=30)
@given(st.lists(st.floats(-200, 1000, width=32), min_size=10, max_size=10))
def test_softmax_written_out_is_keras_softmax(sums: list[float]) -> None:
    steps = inside.softmax_steps(sums)
    theirs = np.asarray(keras.ops.softmax(np.array(sums, dtype=np.float64)))
    assert sorted(step.digit for step in steps) == list(range(10))
    for step in steps:
        assert step.logit == sums[step.digit]
        assert step.probability == pytest.approx(theirs[step.digit], abs=1e-6)
    assert steps[0].distance == 0
    assert [s.probability for s in steps] == sorted((s.probability for s in steps), reverse=True)
    assert sum(step.probability for step in steps) == pytest.approx(1)


def test_the_softmax_table_adds_up() -> None:
    steps = inside.softmax_steps([2.0, 1.0, 0.0, -1.0, -2.0, 0.5, 0.25, -3.0, -0.5, 1.5])
    rows = [
        [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        for line in inside.softmax_table(steps).splitlines()[2:]
    ]
    assert [row[0] for row in rows] == ["0", "9", "1", "the rest", "total"]
    assert rows[1][1:3] == ["1.50", "−0.50"]
    for column in (3, 4):
        *parts, total = (float(row[column]) for row in rows)
        assert sum(parts) == pytest.approx(total, abs=3e-4)


def test_a_convolution_says_how_much_relu_silenced() -> None:
    image = np.random.default_rng(2).random((1, 9, 9, 3), dtype=np.float32)
    row, after = row_of(Conv2D(6, 3, activation="relu"), image)
    said = inside.says(row, image, after)
    assert f"{100 * (after == 0).mean():.1f}% of this digit's {7 * 7 * 6} values are 0" in said
    assert "6 filters of 3×3×3 slide over all 3 maps at once" in said
    assert f"{after.max():.2f}, comes from filter {after.max(axis=(0, 1, 2)).argmax() + 1}." in said


@pytest.mark.parametrize(
    ("layer", "kept"), [(MaxPooling2D(2), "largest value"), (AveragePooling2D(2), "mean")]
)
@pytest.mark.parametrize(("side", "dropped"), [(6, False), (7, True)])
def test_pooling_says_what_it_keeps_and_what_it_drops(
    layer: object, kept: str, side: int, dropped: bool
) -> None:
    image = np.random.default_rng(3).random((1, side, side, 2), dtype=np.float32)
    row, after = row_of(layer, image)
    said = inside.says(row, image, after)
    assert f"only the {kept} goes on: {side * side * 2} values become {after.size}." in said
    assert ("are dropped" in said) == dropped


def test_dense_says_how_many_units_are_awake_and_softmax_which_is_the_largest() -> None:
    row_before = np.random.default_rng(4).normal(size=(1, 20)).astype(np.float32)
    row, after = row_of(Dense(12, "relu"), row_before)
    assert f"{np.count_nonzero(after)} of 12 are above 0" in inside.says(row, row_before, after)
    row, after = row_of(Dense(10, "softmax"), row_before)
    said = inside.says(row, row_before, after)
    assert f"the largest {after.max():.4f} for the digit {after.argmax()}" in said


def test_flatten_and_dropout_say_that_no_value_changes() -> None:
    image = np.random.default_rng(5).random((1, 5, 5, 4), dtype=np.float32)
    row, after = row_of(Flatten(), image)
    assert "5×5×4 values are laid in one row of 100" in inside.says(row, image, after)
    row, passed = row_of(Dropout(0.2), after)
    np.testing.assert_array_equal(passed, after)
    said = inside.says(row, after, passed)
    assert "20% of the values are set to 0" in said
    assert "divided by 0.8" in said
    assert "passes on all 100 values as they are" in said
