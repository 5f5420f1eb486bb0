"""Runs in plain Keras: reads a run's spec as JSON a line, answers with seconds and weights.

Nothing of the lesson's own training is used here, only the digits and what a spec says.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from bench.training import weights_digest


def layer(described: dict[str, Any]) -> keras.layers.Layer:
    """The Keras layer of a description: its class and its arguments."""
    arguments = dict(described)
    return getattr(keras.layers, arguments.pop("class"))(**arguments)


def fit(spec: dict[str, Any], x: np.ndarray, y: np.ndarray) -> dict[str, object]:
    """Build, compile and fit; only ``fit`` is timed."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(spec["seed"])
    network = spec["network"]
    model = keras.Sequential([keras.Input(network["input_shape"]), *map(layer, network["layers"])])
    rate = {"learning_rate": spec["learning_rate"]}
    optimizer = keras.optimizers.get({"class_name": spec["optimizer"], "config": rate})
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    digits = slice(spec["training_digits"])
    inputs, labels = x[digits], y[digits]
    if spec["scaled"]:
        inputs = inputs / 255
    if spec.get("shuffled_labels"):
        labels = labels[np.random.default_rng(spec["seed"]).permutation(len(labels))]
    started = time.perf_counter()
    model.fit(
        inputs,
        labels,
        batch_size=spec["batch_size"],
        epochs=spec["epochs"],
        validation_split=spec["validation_split"],
        verbose=0,
    )
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "weights": weights_digest(model.get_weights())}


def main() -> None:
    with np.load("assets/mnist.npz") as arrays:
        x = arrays["x_train"].reshape(-1, 28, 28, 1).astype("float32")
        y = keras.utils.to_categorical(arrays["y_train"], 10)
    for line in sys.stdin:
        print(json.dumps(fit(json.loads(line), x, y)), flush=True)


if __name__ == "__main__":
    main()
