"""The forward pass in NumPy against Keras: on the shipped networks and on random ones."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import mnist, network
from lesson.layers import (
    ACTIVATIONS,
    PADDINGS,
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from lesson.results import Run
from lesson.runs import SHIPPED, RunStore
from lesson.shipped import FEEDFORWARD_PAGE, INSIDE_PAGE
from lesson.specs import CNN_2, NOTEBOOK_RUNS, NetworkSpec


def every_activation(model: keras.Sequential, images: network.Float32) -> list[network.Float32]:
    """What Keras computes in each layer."""
    inside = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    outputs = inside(images, training=False)
    return [np.asarray(output) for output in (outputs if len(model.layers) > 1 else [outputs])]


RUNS = {**NOTEBOOK_RUNS, "feedforward page": FEEDFORWARD_PAGE, "inside page": INSIDE_PAGE}


@pytest.fixture(scope="module", params=RUNS)
def shipped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, keras.Model]:
    """A shipped run, and its ``.keras`` file as plain Keras loads it."""
    spec = RUNS[request.param]
    run = RunStore(tmp_path_factory.mktemp("runs")).find(spec)
    assert run is not None, f"assets/runs lacks {request.param}"
    return run, keras.models.load_model(Path(SHIPPED) / run.digest / "network.keras")


def test_all_test_digits_get_the_class_and_probabilities_that_keras_gives(
    shipped: tuple[Run, keras.Model],
) -> None:
    run, model = shipped
    images = mnist.prepare(mnist.load().x_test, run.spec.scaled)
    ours = network.predict(run.spec.network, run.weights or (), images)
    theirs = model.predict(images, batch_size=500, verbose=0)
    assert ours.shape == (10_000, 10)
    assert ours.dtype == np.float32
    assert np.array_equal(ours.argmax(axis=1), theirs.argmax(axis=1))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)
    # And the stored answers and results are those of the stored network.
    np.testing.assert_allclose(run.test_probabilities, theirs, rtol=0, atol=1e-4)
    truth = mnist.one_hot(mnist.load().y_test)
    loss, accuracy = model.evaluate(images, truth, batch_size=500, verbose=0)
    assert run.test_loss == pytest.approx(loss, abs=1e-5)
    assert run.test_accuracy == pytest.approx(accuracy, abs=2e-4)


def test_every_activation_is_that_of_keras(shipped: tuple[Run, keras.Model]) -> None:
    run, model = shipped
    images = mnist.prepare(mnist.load().x_test[:12], run.spec.scaled)
    ours = network.forward(run.spec.network, run.weights or (), images)
    assert ours[0] is images
    assert [values.shape[1:] for values in ours] == list(run.spec.network.shapes)
    theirs = every_activation(model, images)
    for ours_here, theirs_here in zip(ours[1:], theirs, strict=True):
        assert ours_here.dtype == np.float32
        np.testing.assert_allclose(ours_here, theirs_here, rtol=1e-5, atol=1e-5)


def test_the_stored_weights_are_those_in_the_keras_file(shipped: tuple[Run, keras.Model]) -> None:
    run, model = shipped
    for ours, theirs in zip(run.weights or (), model.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


# Random networks

# More than one filter or unit: Keras warns of softmax over a single one.
MANY = st.integers(2, 5)
ACTIVATION = st.sampled_from(ACTIVATIONS)
CONV = st.builds(
    Conv2D,
    filters=MANY,
    kernel_size=st.integers(1, 4),
    padding=st.sampled_from(PADDINGS),
    dilation_rate=st.integers(1, 2),
    activation=ACTIVATION,
) | st.builds(Conv2D, filters=MANY, kernel_size=st.integers(1, 4), strides=st.integers(1, 3))
POOLING = st.one_of(
    st.builds(
        kind,
        pool_size=st.integers(1, 3),
        strides=st.none() | st.integers(1, 3),
        padding=st.sampled_from(PADDINGS),
    )
    for kind in (MaxPooling2D, AveragePooling2D)
)
ANYWHERE = st.builds(Dense, units=MANY, activation=ACTIVATION) | st.just(Dropout(0.5))
NETWORKS = st.tuples(
    st.lists(CONV | POOLING | ANYWHERE, min_size=1, max_size=4),
    st.lists(st.just(Flatten()), max_size=1),
    st.lists(ANYWHERE, max_size=3),
).map(lambda parts: NetworkSpec(tuple(chain(*parts)), (11, 9, 2)))


def is_possible(spec: NetworkSpec) -> bool:
    return spec.problem is None or "does not fit" not in spec.problem


@settings(max_examples=40, deadline=None)
@given(NETWORKS.filter(is_possible), st.integers(0, 2**32 - 1))
def test_any_network_with_any_weights_computes_as_in_keras(spec: NetworkSpec, seed: int) -> None:
    generator = np.random.default_rng(seed)
    model = keras.Sequential([keras.Input(spec.input_shape)])
    for layer in spec.layers:
        model.add(getattr(keras.layers, type(layer).__name__)(**asdict(layer)))
    weights = [
        generator.normal(0, 0.5, array.shape).astype(np.float32) for array in model.get_weights()
    ]
    model.set_weights(weights)
    images = generator.random((3, *spec.input_shape), dtype=np.float32)

    ours = network.forward(spec, weights, images)
    assert [values.shape[1:] for values in ours] == list(spec.shapes)
    for ours_here, theirs in zip(ours[1:], every_activation(model, images), strict=True):
        np.testing.assert_allclose(ours_here, theirs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(network.predict(spec, weights, images), ours[-1], rtol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_are_those_of_keras_and_do_not_overflow(activation: str) -> None:
    values = np.array([[-1e4, -200, -1, -1e-3, 0, 1e-3, 1, 200, 1e4]], dtype=np.float32)
    for rows in (values, values[:, :4], values.T.repeat(2, axis=1)):
        ours = network.activate(rows, activation)
        theirs = np.asarray(keras.activations.get(activation)(rows))
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


# How it is used


def random_weights(spec: NetworkSpec) -> list[network.Float32]:
    generator = np.random.default_rng(7)
    return [
        generator.normal(0, 0.1, shape).astype(np.float32)
        for row in spec.ledger
        for shape in row.layer.weight_shapes(row.input_shape)
    ]


def test_neither_the_pictures_nor_the_weights_are_changed() -> None:
    images = mnist.prepare(mnist.load().x_test[:4])
    weights = random_weights(CNN_2)
    kept = [array.copy() for array in (images, *weights)]
    for array in (images, *weights):
        array.setflags(write=False)
    network.forward(CNN_2, weights, images)
    network.predict(CNN_2, weights, images)
    assert all(np.array_equal(a, b) for a, b in zip((images, *weights), kept, strict=True))


@pytest.mark.parametrize("batch_size", [1, 3, 7, 1000])
def test_the_size_of_the_batches_does_not_matter(batch_size: int) -> None:
    images = mnist.prepare(mnist.load().x_test[:7])
    weights = random_weights(CNN_2)
    whole = network.forward(CNN_2, weights, images)[-1]
    parts = network.predict(CNN_2, weights, images, batch_size=batch_size)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-7)


def test_weights_are_dealt_out_to_the_layers_that_own_them() -> None:
    weights = random_weights(CNN_2)
    dealt = list(network.split_weights(CNN_2, weights))
    assert [len(own) for own in dealt] == [2, 0, 2, 0, 0, 2, 0, 2, 0, 2]
    assert all(a is b for a, b in zip(chain(*dealt), weights, strict=True))


def test_weights_that_do_not_fit_are_not_accepted() -> None:
    images = mnist.prepare(mnist.load().x_test[:1])
    with pytest.raises((RuntimeError, ValueError)):
        network.forward(CNN_2, random_weights(CNN_2)[:-1], images)
    with pytest.raises(ValueError):  # noqa: PT011, NumPy's own words
        network.forward(CNN_2, random_weights(CNN_2)[2:], images)
