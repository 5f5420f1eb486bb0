"""Spec → Keras model. One of the two modules that name Keras; see also :mod:`lesson.training`."""

from __future__ import annotations

import os
import random
from dataclasses import asdict
from typing import Any

# Keras reads its backend, and TensorFlow how much it prints, when they are first imported.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from lesson.layers import Conv2D, Dense, Dropout
from lesson.specs import NetworkSpec, RunSpec


def build_model(network: NetworkSpec, seed: int | None = None) -> keras.Sequential:
    """The Keras model of a network, its layers named as in ``network.names``.

    With a ``seed`` the first weights and the dropout are the very ones that plain Keras draws
    after ``keras.utils.set_random_seed(seed)``. Keras takes each layer's own seed from Python's
    global generator, which other threads of a worker use too; here they come from a private one.

    Raises:
        SpecError: the layers do not fit each other.
    """
    _ = network.ledger  # say in our words what Keras would say in its own
    draws = random.Random(seed)
    model = keras.Sequential([keras.Input(network.input_shape)])
    for name, layer in zip(network.names, network.layers, strict=True):
        arguments: dict[str, Any] = asdict(layer)
        if isinstance(layer, Conv2D | Dense):
            own = draws.randint(1, 10**9)
            arguments["kernel_initializer"] = keras.initializers.GlorotUniform(seed=own)
        elif isinstance(layer, Dropout) and layer.rate > 0:
            arguments["seed"] = draws.randint(1, 10**9)
        model.add(getattr(keras.layers, layer.kind)(**arguments, name=name))
    return model


def optimizer(run: RunSpec) -> keras.optimizers.Optimizer:
    """The run's optimizer with its learning rate, all else as Keras has it."""
    kinds = {
        "adam": keras.optimizers.Adam,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return kinds[run.optimizer](learning_rate=run.learning_rate)
