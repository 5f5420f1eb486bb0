"""Shapes, counts and names against Keras; digests and JSON that can be relied on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import layers, specs
from lesson.checks import SpecError
from lesson.errors import LessonError
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec, RunSpec, feedforward

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = {
    "Feedforward": "4e1cd246b6590bd0b6bc",
    "CNN 1": "0b716d949959d59f43b4",
    "CNN 2": "79d22caecb213014c92c",
}


def in_keras(network: NetworkSpec) -> keras.Sequential:
    """The same stack, built by plain Keras, which also chooses the names."""
    keras.backend.clear_session(free_memory=False)
    model = keras.Sequential([keras.Input(network.input_shape)])
    for layer in network.layers:
        model.add(getattr(keras.layers, type(layer).__name__)(**asdict(layer)))
    return model


def keras_refuses(network: NetworkSpec) -> bool:
    """Keras says it in many ways; 3.12, the last for Python 3.10, goes on with empty pictures."""
    try:
        model = in_keras(network)
    except ValueError:
        return True
    return any(size < 1 for layer in model.layers for size in layer.output.shape[1:])


def agrees_with_keras(network: NetworkSpec) -> None:
    model = in_keras(network)
    assert list(network.shapes[1:]) == [layer.output.shape[1:] for layer in model.layers]
    assert [row.parameters for row in network.ledger] == [
        layer.count_params() for layer in model.layers
    ]
    assert network.parameters == model.count_params()
    assert list(network.names) == [layer.name for layer in model.layers]
    assert [
        shape for row in network.ledger for shape in row.layer.weight_shapes(row.input_shape)
    ] == [weight.shape for weight in model.get_weights()]


# Stacks of layers

# One filter or unit is left to the tests below: Keras warns of softmax over a single one.
PADDING = st.sampled_from(layers.PADDINGS)
ACTIVATION = st.sampled_from(layers.ACTIVATIONS)
POOL = {
    "pool_size": st.integers(1, 6),
    "strides": st.none() | st.integers(1, 6),
    "padding": PADDING,
}
CONV = st.one_of(
    st.builds(
        Conv2D,
        filters=st.integers(2, 4),
        kernel_size=st.integers(1, 7),
        strides=strides,
        padding=PADDING,
        dilation_rate=dilation_rate,
        activation=ACTIVATION,
    )
    for strides, dilation_rate in (
        (st.integers(1, 4), st.just(1)),
        (st.just(1), st.integers(1, 4)),
    )
)
ON_PICTURES = CONV | st.builds(MaxPooling2D, **POOL) | st.builds(AveragePooling2D, **POOL)
DENSE = st.builds(Dense, units=st.integers(2, 9), activation=ACTIVATION)
ANYWHERE = DENSE | st.builds(Dropout, rate=st.sampled_from((0, 0.25, 0.9)))


def stacks(*parts: st.SearchStrategy[list[Layer]]) -> st.SearchStrategy[NetworkSpec]:
    return st.tuples(*parts).map(lambda lists: NetworkSpec(tuple(chain(*lists))))


TIDY_STACKS = stacks(
    st.lists(ON_PICTURES | ANYWHERE, max_size=4),
    st.just([Flatten()]),
    st.lists(ANYWHERE | st.just(Flatten()), max_size=4),
)
WILD_STACKS = stacks(
    st.lists(ON_PICTURES, max_size=3),
    st.lists(st.just(Flatten()), max_size=1),
    st.lists(ON_PICTURES | ANYWHERE, min_size=1, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(TIDY_STACKS | WILD_STACKS)
def test_every_stack_is_judged_and_counted_as_by_keras(network: NetworkSpec) -> None:
    try:
        _ = network.ledger
    except SpecError:
        assert keras_refuses(network)
        assert network.problem
    else:
        agrees_with_keras(network)


@pytest.mark.parametrize(
    ("network", "parameters"),
    [(FEEDFORWARD, 104_938), (CNN_1, 347_690), (CNN_2, 57_274)],
    ids=list(NOTEBOOK_RUNS),
)
def test_the_notebooks_networks_have_their_known_parameters(
    network: NetworkSpec, parameters: int
) -> None:
    assert network.parameters == parameters
    assert network.problem is None
    agrees_with_keras(network)


def test_the_notebooks_trainings_are_as_in_the_notebook() -> None:
    runs = list(NOTEBOOK_RUNS.values())
    assert [run.network for run in runs] == [FEEDFORWARD, CNN_1, CNN_2]
    assert [run.batch_size for run in runs] == [256, 256, 128]
    for run in runs:
        assert (run.optimizer, run.epochs, run.seed, run.training_digits) == ("adam", 5, 42, 60_000)
        # Keras's own default for Adam.
        assert run.learning_rate == pytest.approx(float(keras.optimizers.Adam().learning_rate))
        assert run.scaled
        assert run.validation_split == 0
    assert runs[0].batches == math.ceil(60_000 / 256)


def test_a_feedforward_network_is_built_from_its_units() -> None:
    assert feedforward((7, 5), "tanh").layers == (
        Flatten(),
        Dense(7, "tanh"),
        Dense(5, "tanh"),
        Dense(10, "softmax"),
    )
    assert feedforward((7,), dropout=0.5).layers == (
        Flatten(),
        Dense(7, "relu"),
        Dropout(0.5),
        Dense(10, "softmax"),
    )
    assert feedforward(()).layers == (Flatten(), Dense(10, "softmax"))


def test_the_arithmetic_is_written_out_and_comes_to_the_count() -> None:
    assert [row.arithmetic for row in CNN_2.ledger] == [
        "3×3×1×16 + 16 = 160",
        "0",
        "3×3×16×32 + 32 = 4,640",
        "0",
        "0",
        "800×64 + 64 = 51,264",
        "0",
        "64×16 + 16 = 1,040",
        "0",
        "16×10 + 10 = 170",
    ]


@settings(max_examples=40, deadline=None)
@given(TIDY_STACKS)
def test_each_line_of_arithmetic_is_right(network: NetworkSpec) -> None:
    if network.problem and "does not fit" in network.problem:
        return
    for row in network.ledger:
        products, _, total = row.arithmetic.partition(" = ")
        value = eval(products.replace("×", "*"))
        assert value == row.parameters
        assert not total or int(total.replace(",", "")) == value


def test_dense_on_a_picture_sees_only_the_channels_as_in_keras() -> None:
    """The notebook's ``Dense(1, input_shape=(28, 28, 1))`` has 2 parameters and 784 outputs."""
    network = NetworkSpec((Dense(1), Dense(3), Flatten(), Dense(10, "softmax")))
    assert network.ledger[0].output_shape == (28, 28, 1)
    assert network.ledger[0].parameters == 2
    agrees_with_keras(network)


def test_multiplications_are_one_product_for_each_weight_at_each_place() -> None:
    assert FEEDFORWARD.multiplications == 784 * 128 + 128 * 32 + 32 * 10
    assert CNN_1.multiplications == 26 * 26 * 9 * 16 + 2704 * 128 + 128 * 10
    assert NetworkSpec((Dense(2),)).multiplications == 784 * 2


# What cannot be


@pytest.mark.parametrize(
    ("stack", "says"),
    [
        ((Conv2D(4, kernel_size=28), MaxPooling2D(2)), ("MaxPooling2D", "2×2", "1×1")),
        ((Conv2D(4, kernel_size=15, dilation_rate=2),), ("Conv2D", "29×29", "28×28")),
        ((Flatten(), Conv2D(4)), ("Conv2D", "784", "before Flatten")),
        ((Flatten(), AveragePooling2D()), ("AveragePooling2D", "784", "before Flatten")),
    ],
    ids=["window too large", "dilated too far", "filter after Flatten", "pooling after Flatten"],
)
def test_an_impossible_stack_is_refused_by_both_and_explained(
    stack: tuple[Layer, ...], says: tuple[str, ...]
) -> None:
    network = NetworkSpec((*stack, Flatten(), Dense(10, "softmax")))
    assert network.problem is not None
    assert all(part in network.problem for part in says)
    with pytest.raises(SpecError):
        _ = network.ledger
    assert keras_refuses(network)


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (NetworkSpec(()), "0"),
        (NetworkSpec((*[Dropout(0)] * specs.MAX_LAYERS, *FEEDFORWARD.layers)), "28"),
        (NetworkSpec((Flatten(), Dense(9, "softmax"))), "Dense with the shape 9"),
        (NetworkSpec((Flatten(), Dense(10, "relu"))), "with softmax"),
        (NetworkSpec((Dense(10, "softmax"),)), "28×28×10"),
        (NetworkSpec((Flatten(), Dense(10, "softmax"), Dropout(0.5))), "Dropout"),
        (
            NetworkSpec((Conv2D(128), Flatten(), Dense(1024), Dense(10, "softmax"))),
            f"{26 * 26 * 128 * 1024 + 1024 + 1280 + 10250:,}",
        ),
    ],
    ids=[
        "empty",
        "too deep",
        "nine classes",
        "no softmax",
        "no Flatten",
        "ends in Dropout",
        "huge",
    ],
)
def test_a_network_that_cannot_learn_the_digits_says_why(network: NetworkSpec, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        network.check()
    assert says in str(caught.value)
    assert network.problem == RunSpec(network).problem == str(caught.value)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            RunSpec(NetworkSpec((*[Conv2D(128, padding="same")] * 2, *CNN_1.layers)), epochs=50),
            "multiplications (some ten minutes)",
        ),
        (
            RunSpec(
                NetworkSpec((*[Conv2D(64, 9, padding="same")] * 2, *CNN_1.layers)),
                training_digits=100,
                epochs=1,
            ),
            "One batch here takes at most",
        ),
        (
            RunSpec(
                NetworkSpec(
                    (Conv2D(64, 1), *[MaxPooling2D(1)] * 2, Flatten(), Dense(10, "softmax"))
                ),
                training_digits=4096,
                batch_size=4096,
                epochs=1,
            ),
            "activations in memory",
        ),
    ],
    ids=["too long", "too long a step", "too much memory"],
)
def test_a_run_that_a_laptop_cannot_bear_is_refused_with_its_numbers(
    run: RunSpec, says: str
) -> None:
    assert run.network.problem is None
    with pytest.raises(SpecError) as caught:
        run.check()
    assert says in str(caught.value)
    assert run.problem == str(caught.value)
    assert "Use" in str(caught.value)


BEYOND = [math.nan, math.inf, -math.inf, True, "1", None, [1], {}, 10**12, -(10**12), 10**5000]


@pytest.mark.parametrize("value", BEYOND, ids=lambda value: repr(type(value).__name__))
@pytest.mark.parametrize(
    "make",
    [
        lambda value: Conv2D(filters=value),
        lambda value: Conv2D(4, kernel_size=value),
        lambda value: Conv2D(4, dilation_rate=value),
        lambda value: MaxPooling2D(pool_size=value),
        lambda value: MaxPooling2D(strides=value if value is not None else 0),
        lambda value: Dense(units=value),
        lambda value: Dense(4, activation=value),
        lambda value: Dropout(rate=value),
        lambda value: RunSpec(FEEDFORWARD, optimizer=value),
        lambda value: RunSpec(FEEDFORWARD, learning_rate=value),
        lambda value: RunSpec(FEEDFORWARD, batch_size=value),
        lambda value: RunSpec(FEEDFORWARD, epochs=value),
        lambda value: RunSpec(FEEDFORWARD, seed=value),
        lambda value: RunSpec(FEEDFORWARD, training_digits=value),
        lambda value: RunSpec(FEEDFORWARD, scaled=value if value is not True else 1),
        lambda value: RunSpec(FEEDFORWARD, validation_split=value),
    ],
    ids=[
        *("filters", "kernel_size", "dilation_rate", "pool_size", "strides", "units"),
        *("activation", "rate", "optimizer", "learning_rate", "batch_size", "epochs", "seed"),
        *("training_digits", "scaled", "validation_split"),
    ],
)
def test_limits_hold_whatever_the_page_sends(make: Any, value: Any) -> None:
    with pytest.raises(SpecError) as caught:
        make(value)
    assert isinstance(caught.value, LessonError)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("batch_size", specs.MIN_BATCH_SIZE, specs.MAX_BATCH_SIZE),
        ("epochs", 1, specs.MAX_EPOCHS),
        ("training_digits", specs.MIN_TRAINING_DIGITS, 60_000),
        ("seed", 0, 2**31 - 1),
    ],
)
def test_both_ends_are_allowed_and_one_beyond_is_not(name: str, low: int, high: int) -> None:
    run = NOTEBOOK_RUNS["Feedforward"]
    for value in (low, high):
        assert getattr(replace(run, **{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(SpecError, match=name):
            replace(run, **{name: value})


# Values that name themselves


def test_specs_are_frozen_and_equal_by_value() -> None:
    again = NetworkSpec([*CNN_2.layers], [28, 28, 1])  # type: ignore[arg-type]
    assert again == CNN_2
    assert hash(again) == hash(CNN_2)
    run = RunSpec(again, batch_size=128)
    assert {run: "known"}[NOTEBOOK_RUNS["CNN 2"]] == "known"
    assert run != replace(run, seed=43)
    for frozen, name in ((again.layers[0], "filters"), (again, "layers"), (run, "seed")):
        with pytest.raises(FrozenInstanceError):
            setattr(frozen, name, 1)


def test_layers_that_differ_only_in_kind_are_different() -> None:
    assert MaxPooling2D() != AveragePooling2D()
    maximum, average = (
        RunSpec(NetworkSpec((pooling, *FEEDFORWARD.layers)))
        for pooling in (MaxPooling2D(), AveragePooling2D())
    )
    assert maximum.digest != average.digest


@pytest.mark.parametrize("name", NOTEBOOK_RUNS)
def test_the_digest_is_the_one_under_which_the_run_ships(name: str) -> None:
    assert NOTEBOOK_RUNS[name].digest == GOLDEN[name]


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_gives_the_same_digests(hash_seed: str) -> None:
    code = "from lesson.specs import NOTEBOOK_RUNS as r; print(*[s.digest for s in r.values()])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == list(GOLDEN.values())


def test_every_setting_changes_the_digest() -> None:
    run = NOTEBOOK_RUNS["CNN 1"]
    changes: dict[str, Any] = {
        "network": CNN_2,
        "optimizer": "sgd",
        "learning_rate": 0.002,
        "batch_size": 64,
        "epochs": 6,
        "seed": 43,
        "training_digits": 59_999,
        "scaled": False,
        "validation_split": 0.1,
        "shuffled_labels": True,
    }
    assert set(changes) == {field.name for field in fields(RunSpec)}
    digests = {replace(run, **{name: value}).digest for name, value in changes.items()}
    assert len(digests | {run.digest}) == len(changes) + 1
    for name in ("kernel_size", "strides", "padding", "dilation_rate", "activation", "filters"):
        value = {"padding": "same", "activation": "tanh"}.get(name, 5)
        first = replace(CNN_1.layers[0], **{name: value})
        digests.add(replace(run, network=NetworkSpec((first, *CNN_1.layers[1:]))).digest)
    assert len(digests) == len(changes) + 6


def test_runs_are_kin_that_differ_in_the_seed_alone() -> None:
    run = NOTEBOOK_RUNS["CNN 1"]
    assert replace(run, seed=7).kin == run.kin
    for change in ({"epochs": 6}, {"network": CNN_2}, {"shuffled_labels": True}):
        assert replace(run, **change).kin != run.kin


def test_equal_specs_have_one_digest_however_their_numbers_were_written() -> None:
    for one, other in (
        (RunSpec(FEEDFORWARD, learning_rate=1), RunSpec(FEEDFORWARD, learning_rate=1.0)),
        (RunSpec(FEEDFORWARD, validation_split=0.0), RunSpec(FEEDFORWARD, validation_split=-0.0)),
        (RunSpec(NetworkSpec((Dropout(0),))), RunSpec(NetworkSpec((Dropout(-0.0),)))),
    ):
        assert one == other
        assert one.digest == other.digest


RUNS = st.builds(
    RunSpec,
    network=TIDY_STACKS,
    optimizer=st.sampled_from(specs.OPTIMIZERS),
    learning_rate=st.floats(1e-6, 10),
    batch_size=st.integers(8, 4096),
    epochs=st.integers(1, 50),
    seed=st.integers(0, 2**31 - 1),
    training_digits=st.integers(100, 60_000),
    scaled=st.booleans(),
    validation_split=st.floats(0, 0.5),
    shuffled_labels=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_a_run_comes_back_from_json_as_it_was(run: RunSpec) -> None:
    again = RunSpec.from_json(json.loads(json.dumps(run.to_json(), allow_nan=False)))
    assert again == run
    assert hash(again) == hash(run)
    assert again.digest == run.digest
    assert len(run.digest) == 20
    assert set(run.digest) <= set("0123456789abcdef")


# JSON that was not written here

NUMBERS = st.integers(-3, 70_000) | st.integers() | st.floats()
WORDS = st.text(max_size=8) | st.sampled_from(
    [*layers.LAYERS, *layers.ACTIVATIONS, *specs.OPTIMIZERS, *layers.PADDINGS, "Layer", "__class__"]
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def reads_calmly(data: Any) -> None:
    """Either a sentence, or a run that is as good as one made here."""
    try:
        run = RunSpec.from_json(data)
    except SpecError:
        return
    assert run.network.input_shape == specs.IMAGE_SHAPE
    again = RunSpec.from_json(json.loads(json.dumps(run.to_json(), allow_nan=False)))
    assert again == run
    assert again.digest == run.digest
    assert run.problem is None or run.problem
    for known in NOTEBOOK_RUNS.values():
        assert (run == known) == (run.digest == known.digest)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_read_calmly(data: Any) -> None:
    reads_calmly(data)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value inside."""
    if not isinstance(data, dict | list):
        return [path]
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    return [path, *(way for key, value in inner for way in places(value, (*path, key)))]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_runs_json_with_one_value_replaced_is_read_calmly(data: st.DataObject) -> None:
    document: Any = {"run": NOTEBOOK_RUNS["CNN 2"].to_json()}
    document = json.loads(json.dumps(document))
    *way, last = data.draw(st.sampled_from(places(document)[1:]))
    parent = document
    for step in way:
        parent = parent[step]
    if data.draw(st.booleans()):
        parent[last] = data.draw(JSON)
    elif isinstance(parent, dict) and data.draw(st.booleans()):
        parent[data.draw(WORDS)] = parent.pop(last)
    else:
        del parent[last]
    reads_calmly(document.get("run"))


@pytest.mark.parametrize("shape", [[28.0, 28.0, 1.0], [28, 28, True], [14, 56, 1], [28, 28], "28"])
def test_an_input_shape_is_read_as_28_by_28_by_1_or_not_at_all(shape: Any) -> None:
    data = NOTEBOOK_RUNS["CNN 1"].to_json()
    data["network"]["input_shape"] = shape
    reads_calmly(data)


def test_json_nested_beyond_reason_gets_a_sentence() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for data in (deep, {"format": deep}, {"format": 1, "network": {"layers": [deep]}}):
        with pytest.raises(SpecError):
            RunSpec.from_json(data)
    data = NOTEBOOK_RUNS["CNN 1"].to_json()
    with pytest.raises(SpecError):
        RunSpec.from_json({**data, "seed": deep})


def test_another_format_is_named() -> None:
    data = {**NOTEBOOK_RUNS["CNN 1"].to_json(), "format": 99}
    with pytest.raises(SpecError, match="99"):
        RunSpec.from_json(data)
