"""The notebook's networks in plain Keras: reads a network's name a line, answers with seconds.

Nothing of the lesson's own training is used here, only the digits.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from bench.training import weights_digest

NETWORKS = {
    "Feedforward": lambda: [
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    "CNN 1": lambda: [
        layers.Conv2D(16, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    "CNN 2": lambda: [
        layers.Conv2D(16, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(32, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(16, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ],
}
BATCH_SIZES = {"Feedforward": 256, "CNN 1": 256, "CNN 2": 128}


def fit(name: str, x: np.ndarray, y: np.ndarray, epochs: int = 5) -> dict[str, object]:
    """Build, compile and fit; only ``fit`` is timed."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(42)
    model = keras.Sequential([keras.Input((28, 28, 1)), *NETWORKS[name]()])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    started = time.perf_counter()
    model.fit(x, y, batch_size=BATCH_SIZES[name], epochs=epochs, verbose=0)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "weights": weights_digest(model.get_weights())}


def main() -> None:
    with np.load("assets/mnist.npz") as arrays:
        x = arrays["x_train"].reshape(-1, 28, 28, 1).astype("float32") / 255
        y = keras.utils.to_categorical(arrays["y_train"], 10)
    fit("Feedforward", x[:256], y[:256], epochs=1)
    for line in sys.stdin:
        print(json.dumps(fit(line.strip(), x, y)), flush=True)


if __name__ == "__main__":
    main()
