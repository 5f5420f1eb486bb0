"""The notebook as a script: load the digits, build, train and evaluate its three networks.

Plain Keras; nothing of the lesson is used here, only the digits.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

NETWORKS = {
    "Feedforward": [
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    "CNN 1": [
        layers.Conv2D(16, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    "CNN 2": [
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
EPOCHS = 5


def main() -> None:
    with np.load(sys.argv[1]) as digits:
        x_train, x_test = (
            digits[name].reshape(-1, 28, 28, 1).astype("float32") / 255
            for name in ("x_train", "x_test")
        )
        y_train, y_test = (
            keras.utils.to_categorical(digits[name], 10) for name in ("y_train", "y_test")
        )
    for name, stack in NETWORKS.items():
        model = keras.Sequential([keras.Input((28, 28, 1)), *stack])
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
        model.fit(x_train, y_train, batch_size=BATCH_SIZES[name], epochs=EPOCHS, verbose=0)
        _, accuracy = model.evaluate(x_test, y_test, verbose=0)
        print(f"{name}: {accuracy:.4f}")


if __name__ == "__main__":
    main()
