"""The Keras lines do what the lesson does: run as a script they give the same network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import layers, mnist, training
from lesson.export import (
    compile_and_fit_code,
    layer_line,
    network_code,
    preparation_code,
    run_code,
)
from lesson.keras_models import build_model
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec, RunSpec

SMALL = NetworkSpec(
    (
        Conv2D(4, kernel_size=5, strides=2, activation="relu"),
        AveragePooling2D(),
        Flatten(),
        Dense(12, "tanh"),
        Dropout(0.3),
        Dense(10, "softmax"),
    )
)
SETTINGS = {
    "most settings changed": RunSpec(
        SMALL,
        optimizer="rmsprop",
        learning_rate=0.003,
        batch_size=40,
        epochs=2,
        seed=11,
        training_digits=310,
        validation_split=0.1,
    ),
    "unscaled": RunSpec(
        FEEDFORWARD,
        optimizer="sgd",
        learning_rate=1e-05,
        epochs=1,
        training_digits=300,
        scaled=False,
    ),
    "labels shuffled": RunSpec(
        FEEDFORWARD, batch_size=50, epochs=2, training_digits=400, shuffled_labels=True, seed=3
    ),
}

# Runs the script as it is, but for the download of MNIST; then says what came of it.
RUNNER = """
import sys
import numpy as np
import keras

def load_data():
    with np.load(sys.argv[1]) as arrays:
        return (
            (arrays["x_train"], arrays["y_train"]),
            (arrays["x_test"], arrays["y_test"]),
        )

keras.datasets.mnist.load_data = load_data
for script, result in zip(sys.argv[2::2], sys.argv[3::2]):
    keras.backend.clear_session()  # as in a new process
    names = {}
    exec(compile(open(script).read(), script, "exec"), names)
    _, accuracy = names["model"].evaluate(names["x_test"], names["y_test"], verbose=0)
    np.savez(result, accuracy, *names["model"].get_weights())
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[np.ndarray]]:
    """Accuracy and weights that each script arrived at."""
    folder = tmp_path_factory.mktemp("scripts")
    paths: list[str] = []
    for number, spec in enumerate(SETTINGS.values()):
        (folder / f"{number}.py").write_text(run_code(spec), encoding="utf-8")
        paths += [str(folder / f"{number}.py"), str(folder / f"{number}.npz")]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(mnist.PATH), *paths],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    results = {}
    for name, path in zip(SETTINGS, paths[1::2], strict=True):
        with np.load(path) as arrays:
            results[name] = [arrays[key] for key in arrays.files]
    return results


@pytest.mark.parametrize("name", SETTINGS)
def test_the_script_gives_the_very_network_of_the_lesson(
    name: str, scripts: dict[str, list[np.ndarray]]
) -> None:
    accuracy, *weights = scripts[name]
    run = training.train(SETTINGS[name])
    assert run.test_accuracy == pytest.approx(float(accuracy), abs=1e-6)
    for ours, theirs in zip(run.weights or (), weights, strict=True):
        assert ours.tobytes() == theirs.tobytes()


# Line by line

LAYERS = st.one_of(
    st.builds(
        Conv2D,
        filters=st.integers(1, 128),
        kernel_size=st.integers(1, 28),
        strides=st.integers(1, 28),
        padding=st.sampled_from(layers.PADDINGS),
        activation=st.sampled_from(layers.ACTIVATIONS),
    ),
    st.builds(Conv2D, filters=st.integers(1, 128), dilation_rate=st.integers(1, 27)),
    *(
        st.builds(
            kind,
            pool_size=st.integers(1, 28),
            strides=st.none() | st.integers(1, 28),
            padding=st.sampled_from(layers.PADDINGS),
        )
        for kind in (MaxPooling2D, AveragePooling2D)
    ),
    st.just(Flatten()),
    st.builds(Dense, units=st.integers(1, 1024), activation=st.sampled_from(layers.ACTIVATIONS)),
    st.builds(Dropout, rate=st.floats(0, 0.95)),
)


@settings(max_examples=80, deadline=None)
@given(LAYERS)
def test_a_layers_line_makes_the_layer_and_nothing_else(layer: Layer) -> None:
    line = layer_line(layer)
    # Read back as a spec, it is the spec; read by Keras, it is the layer that the lesson builds.
    assert eval(line, {"layers": SimpleNamespace(**layers.LAYERS)}) == layer
    by_line = eval(line, {"layers": keras.layers}).get_config()
    expected = getattr(keras.layers, type(layer).__name__)(
        **asdict(layer), name=by_line["name"]
    ).get_config()
    assert by_line == expected


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (Conv2D(16, activation="relu"), "layers.Conv2D(16, kernel_size=3, activation='relu')"),
        (Conv2D(8, 5, padding="same"), "layers.Conv2D(8, kernel_size=5, padding='same')"),
        (MaxPooling2D(), "layers.MaxPooling2D(pool_size=2)"),
        (AveragePooling2D(3, strides=1), "layers.AveragePooling2D(pool_size=3, strides=1)"),
        (Flatten(), "layers.Flatten()"),
        (Dense(1), "layers.Dense(1)"),
        (Dense(10, "softmax"), "layers.Dense(10, activation='softmax')"),
        (Dropout(), "layers.Dropout(rate=0.5)"),
    ],
    ids=lambda value: value.kind if isinstance(value, Layer) else "",
)
def test_a_line_says_what_one_would_write_by_hand(layer: Layer, line: str) -> None:
    assert layer_line(layer) == line


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_1, CNN_2, SMALL])
def test_a_networks_lines_make_the_model_that_the_lesson_trains(network: NetworkSpec) -> None:
    names: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    exec(network_code(network), names)
    ours = build_model(network)
    assert [(type(a), a.output.shape) for a in names["model"].layers] == [
        (type(b), b.output.shape) for b in ours.layers
    ]
    assert names["model"].count_params() == network.parameters


def without_a_download(monkeypatch: pytest.MonkeyPatch) -> mnist.Digits:
    digits = mnist.load()
    monkeypatch.setattr(
        keras.datasets.mnist,
        "load_data",
        lambda: (
            (digits.x_train[:50], digits.y_train[:50]),
            (digits.x_test[:20], digits.y_test[:20]),
        ),
    )
    return digits


@pytest.mark.parametrize("scaled", [True, False])
def test_the_preparation_is_that_of_the_lesson(
    scaled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = without_a_download(monkeypatch)
    names: dict[str, Any] = {"keras": keras}
    exec(preparation_code(scaled), names)
    for suffix, images, labels, count in (
        ("train", digits.x_train, digits.y_train, 50),
        ("test", digits.x_test, digits.y_test, 20),
    ):
        x, y = names[f"x_{suffix}"], names[f"y_{suffix}"]
        assert x.dtype == np.float32
        assert x.tobytes() == mnist.prepare(images[:count], scaled).tobytes()
        assert np.array_equal(y, mnist.one_hot(labels[:count]))


class Listener:
    """Stands in for a model and notes how it is called."""

    def __init__(self) -> None:
        self.calls: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: self.calls.update({name: (arguments, named)})


@pytest.mark.parametrize("spec", [*NOTEBOOK_RUNS.values(), *SETTINGS.values()])
def test_compile_and_fit_hold_the_settings_of_the_run(spec: RunSpec) -> None:
    model, x, y = Listener(), np.arange(60_000), -np.arange(60_000)
    names = {"keras": keras, "model": model, "x_train": x, "y_train": y, "x_test": 1, "y_test": 2}
    exec(compile_and_fit_code(spec), names)

    _, compiled = model.calls["compile"]
    assert compiled["loss"] == training.LOSS
    assert compiled["metrics"] == ["accuracy"]
    optimizer = compiled["optimizer"]
    assert type(optimizer).__name__.lower() == spec.optimizer
    assert float(optimizer.learning_rate) == pytest.approx(spec.learning_rate)

    (fitted_x, fitted_y), fitted = model.calls["fit"]
    assert np.array_equal(fitted_x, x[: spec.training_digits])
    assert np.array_equal(fitted_y, y[: spec.training_digits])
    assert fitted["batch_size"] == spec.batch_size
    assert fitted["epochs"] == spec.epochs
    assert fitted.get("validation_split", 0) == spec.validation_split
    assert model.calls["evaluate"] == ((1, 2), {})


def test_the_notebooks_script_reads_as_one_would_write_it() -> None:
    code = run_code(NOTEBOOK_RUNS["CNN 1"])
    assert code.startswith("import keras\nfrom keras import layers\n")
    assert "keras.utils.set_random_seed(42)\nmodel = keras.Sequential([" in code
    assert "model.fit(x_train, y_train, batch_size=256, epochs=5)" in code
    assert "validation_split" not in code
    assert max(len(line) for line in code.splitlines()) <= 100
