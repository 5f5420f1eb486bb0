"""Training gives what plain Keras gives, bit for bit, and tells how it goes.

Plain Keras runs in a process of its own, as in a notebook: there no thread of Streamlit or
Dask draws from the random numbers that it uses.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import mnist, training
from lesson.checks import SpecError
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from lesson.results import Progress, Run
from lesson.runs import RunStore
from lesson.specs import CNN_1, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec, RunSpec, feedforward
from lesson.training import Cancelled

SPECS = {
    "feedforward": RunSpec(
        feedforward((16,)), batch_size=32, epochs=2, training_digits=600, seed=42
    ),
    "dropout": RunSpec(
        NetworkSpec(
            (
                Conv2D(4, activation="relu"),
                MaxPooling2D(),
                Dropout(0.25),
                Flatten(),
                Dense(16, "tanh"),
                Dropout(0.5),
                Dense(10, "softmax"),
            )
        ),
        optimizer="rmsprop",
        learning_rate=0.002,
        batch_size=64,
        epochs=3,
        seed=7,
        training_digits=501,
        validation_split=0.1,
    ),
    "unscaled": RunSpec(
        NetworkSpec(
            (
                Conv2D(3, kernel_size=5, strides=2, padding="same", activation="sigmoid"),
                AveragePooling2D(pool_size=3, strides=2),
                Flatten(),
                Dense(10, "softmax"),
            )
        ),
        optimizer="sgd",
        learning_rate=0.01,
        batch_size=50,
        epochs=2,
        seed=2**31 - 1,
        training_digits=420,
        scaled=False,
    ),
}

# The same three trainings as one writes them by hand.
PLAIN_KERAS = """
import json, sys
import numpy as np
import keras
from keras import layers

with np.load(sys.argv[1]) as arrays:
    x_train, y_train, x_test, y_test = (
        arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")
    )
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32")
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32")
y_train = keras.utils.to_categorical(y_train, 10)
y_test = keras.utils.to_categorical(y_test, 10)
folder = sys.argv[2]

def run(name, seed, stack, optimizer, digits, division, **fit):
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((28, 28, 1)), *stack()])
    np.savez(f"{folder}/{name}_initial.npz", *model.get_weights())
    model.compile(loss="categorical_crossentropy", optimizer=optimizer(), metrics=["accuracy"])
    history = model.fit(
        x_train[:digits] / division, y_train[:digits], verbose=0, **fit
    ).history
    loss, accuracy = model.evaluate(x_test / division, y_test, verbose=0)
    np.savez(f"{folder}/{name}_trained.npz", *model.get_weights())
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump({"history": history, "loss": loss, "accuracy": accuracy}, file)

run(
    "feedforward", 42,
    lambda: [layers.Flatten(), layers.Dense(16, activation="relu"),
             layers.Dense(10, activation="softmax")],
    lambda: "adam", 600, 255, batch_size=32, epochs=2,
)
run(
    "dropout", 7,
    lambda: [layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2),
             layers.Dropout(0.25), layers.Flatten(), layers.Dense(16, activation="tanh"),
             layers.Dropout(0.5), layers.Dense(10, activation="softmax")],
    lambda: keras.optimizers.RMSprop(learning_rate=0.002), 501, 255,
    batch_size=64, epochs=3, validation_split=0.1,
)
run(
    "unscaled", 2**31 - 1,
    lambda: [layers.Conv2D(3, 5, strides=2, padding="same", activation="sigmoid"),
             layers.AveragePooling2D(3, strides=2), layers.Flatten(),
             layers.Dense(10, activation="softmax")],
    lambda: keras.optimizers.SGD(learning_rate=0.01), 420, 1, batch_size=50, epochs=2,
)
"""


class PlainKeras:
    """What plain Keras left in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.initial = self._arrays(folder / f"{name}_initial.npz")
        self.trained = self._arrays(folder / f"{name}_trained.npz")
        self.results = json.loads((folder / f"{name}.json").read_text())

    @staticmethod
    def _arrays(path: Path) -> list[np.ndarray]:
        with np.load(path) as arrays:
            return [arrays[name] for name in arrays.files]


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    arguments = [sys.executable, "-c", PLAIN_KERAS, str(mnist.PATH), str(folder)]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def trained() -> Callable[[str], tuple[Run, list[Progress]]]:
    """Each of ``SPECS``, trained once for all tests, with what it told on the way."""
    done: dict[str, tuple[Run, list[Progress]]] = {}

    def once(name: str) -> tuple[Run, list[Progress]]:
        if name not in done:
            told: list[Progress] = []
            done[name] = training.train(SPECS[name], told.append), told
        return done[name]

    return once


def same_bits(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True)
    )


@contextmanager
def threads_that_draw() -> Iterator[None]:
    """Other threads that use the global random numbers all the time, as Dask's do."""
    end = threading.Event()

    def draw() -> None:
        while not end.is_set():
            random.random()
            np.random.random()
            time.sleep(1e-4)

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


# The same as plain Keras


@pytest.mark.parametrize("name", SPECS)
def test_the_first_weights_are_those_of_plain_keras(name: str, plain_folder: Path) -> None:
    plain = PlainKeras(plain_folder, name)
    assert same_bits(training.initial_weights(SPECS[name]), plain.initial)


@pytest.mark.parametrize("name", SPECS)
def test_the_trained_weights_are_those_of_plain_keras(
    name: str, plain_folder: Path, trained: Any
) -> None:
    # Several steps at once against one at a time, the last batch smaller than the others.
    spec = SPECS[name]
    assert training.steps_per_execution(spec) > 1
    assert spec.fitted_digits % spec.batch_size
    run, _ = trained(name)
    assert same_bits(run.weights, PlainKeras(plain_folder, name).trained)


@pytest.mark.parametrize("name", SPECS)
def test_history_loss_and_accuracy_are_those_that_keras_reports(
    name: str, plain_folder: Path, trained: Any
) -> None:
    run, _ = trained(name)
    plain = PlainKeras(plain_folder, name).results
    assert set(run.history) == set(plain["history"])
    for measure, values in plain["history"].items():
        assert list(run.history[measure]) == pytest.approx(values, abs=1e-6)
    assert run.test_loss == pytest.approx(plain["loss"], abs=1e-5)
    assert run.test_accuracy == pytest.approx(plain["accuracy"], abs=1e-5)


def test_training_again_gives_the_same_bits_whatever_ran_between(trained: Any) -> None:
    first, _ = trained("dropout")
    assert training.warm() == keras.__version__
    again = training.train(SPECS["dropout"])
    assert same_bits(again.weights, first.weights)
    assert same_bits([again.test_probabilities], [first.test_probabilities])
    assert again.history == first.history


def test_threads_that_draw_random_numbers_change_nothing(trained: Any) -> None:
    first, _ = trained("dropout")
    initial = training.initial_weights(SPECS["dropout"])
    with threads_that_draw():
        for _ in range(3):
            assert same_bits(training.initial_weights(SPECS["dropout"]), initial)
        again = training.train(SPECS["dropout"])
    assert same_bits(again.weights, first.weights)


def test_another_seed_gives_other_weights() -> None:
    spec = SPECS["feedforward"]
    one, other = (training.initial_weights(replace(spec, seed=seed)) for seed in (42, 43))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize(
    ("training_digits", "validation_split", "batch_size"),
    [(100, 0.5, 8), (333, 0.1, 64), (1001, 0.37, 100), (777, 0.0, 777)],
)
def test_validation_digits_and_batches_are_counted_as_fit_counts_them(
    training_digits: int, validation_split: float, batch_size: int
) -> None:
    spec = RunSpec(
        FEEDFORWARD,
        training_digits=training_digits,
        validation_split=validation_split,
        batch_size=batch_size,
    )
    seen: dict[str, Any] = {}

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen["steps"] = batch + 1

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(
        np.zeros((training_digits, 1), dtype=np.float32),
        np.zeros((training_digits, 1), dtype=np.float32),
        batch_size=batch_size,
        validation_split=validation_split,
        verbose=0,
        callbacks=[Count()],
    )
    assert seen["steps"] == spec.batches


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        (FEEDFORWARD, CNN_1, NetworkSpec((Conv2D(128, 9, padding="same"), *CNN_1.layers)))
    ),
    st.integers(8, 4096),
    st.integers(100, 60_000),
    st.floats(0, 0.5),
)
def test_steps_at_once_stay_within_an_epoch_and_a_short_time(
    network: NetworkSpec, batch_size: int, digits: int, split: float
) -> None:
    spec = RunSpec(network, batch_size=batch_size, training_digits=digits, validation_split=split)
    steps = training.steps_per_execution(spec)
    assert isinstance(steps, int)
    assert 1 <= steps <= min(training.MAX_STEPS_PER_EXECUTION, spec.batches)
    products = network.multiplications * batch_size * steps
    assert steps == 1 or products * training.SECONDS_PER_MULTIPLICATION <= training.CALL_SECONDS


# What a run is


@pytest.mark.parametrize("name", SPECS)
def test_a_run_holds_all_that_the_pages_tell_of_it(name: str, trained: Any) -> None:
    spec = SPECS[name]
    run, _ = trained(name)
    assert run.spec == spec
    measures = {"loss", "accuracy"}
    if spec.validation_split:
        measures |= {"val_loss", "val_accuracy"}
    assert set(run.history) == measures
    assert all(len(values) == spec.epochs for values in run.history.values())
    assert all(type(value) is float for values in run.history.values() for value in values)
    assert run.test_probabilities.shape == (10_000, 10)
    assert run.test_probabilities.dtype == np.float32
    np.testing.assert_allclose(run.test_probabilities.sum(axis=1), 1, atol=1e-5)
    assert run.confusion.sum() == 10_000
    assert np.trace(run.confusion) == round(run.test_accuracy * 10_000)
    assert len(run.epoch_seconds) == spec.epochs
    assert all(seconds > 0 for seconds in run.epoch_seconds)
    assert sum(run.epoch_seconds) <= run.seconds
    assert run.versions["keras"] == keras.__version__
    assert set(run.versions) == {"python", "keras", "tensorflow", "numpy"}
    assert int(run.machine["cores"]) >= 1


@pytest.mark.parametrize("name", SPECS)
def test_the_keras_file_is_loaded_by_plain_keras_and_answers_the_same(
    name: str, trained: Any, tmp_path: Path
) -> None:
    run, _ = trained(name)
    path = tmp_path / "network.keras"
    path.write_bytes(run.keras_file)
    model = keras.models.load_model(path)  # a warning would be an error here
    assert [layer.name for layer in model.layers] == list(run.spec.network.names)
    assert same_bits(model.get_weights(), run.weights)
    digits = mnist.load()
    images = mnist.prepare(digits.x_test, run.spec.scaled)
    answers = model.predict(images, batch_size=1000, verbose=0)
    np.testing.assert_allclose(answers, run.test_probabilities, atol=1e-5)
    loss, accuracy = model.evaluate(
        images, mnist.one_hot(digits.y_test), batch_size=1000, verbose=0
    )
    assert loss == pytest.approx(run.test_loss, abs=1e-5)
    assert accuracy == pytest.approx(run.test_accuracy, abs=1e-5)
    # It can be trained on, with the optimizer of the run.
    assert float(model.optimizer.learning_rate) == pytest.approx(run.spec.learning_rate)
    x_train = mnist.prepare(digits.x_train[:50], run.spec.scaled)
    model.fit(x_train, mnist.one_hot(digits.y_train[:50]), verbose=0)


def test_the_keras_file_holds_little_more_than_the_weights(trained: Any) -> None:
    run, _ = trained("feedforward")
    assert len(run.keras_file) < sum(array.nbytes for array in run.weights) + 30_000


def test_a_training_that_blows_up_is_kept_like_any_other(tmp_path: Path) -> None:
    spec = RunSpec(
        feedforward((16,), "linear"),
        optimizer="sgd",
        learning_rate=10,
        scaled=False,
        batch_size=32,
        epochs=2,
        training_digits=320,
        validation_split=0.2,
    )
    told: list[Progress] = []
    run = training.train(spec, told.append)
    assert not all(math.isfinite(loss) for loss in run.history["loss"])
    assert 0 <= run.test_accuracy <= 1
    assert run.confusion.sum() == 10_000
    assert told[-1].stage == "evaluating"

    store = RunStore(tmp_path, shipped=None)
    store.save(run)
    again = RunStore(tmp_path, shipped=None).find(spec)
    assert again is not None
    assert not store.warnings
    np.testing.assert_array_equal(again.history["loss"], run.history["loss"])
    np.testing.assert_array_equal(again.test_probabilities, run.test_probabilities)
    for ours, kept in zip(run.weights or (), again.weights or (), strict=True):
        np.testing.assert_array_equal(ours, kept)


def test_a_run_that_cannot_be_made_is_refused_before_it_starts() -> None:
    told: list[Progress] = []
    with pytest.raises(SpecError):
        training.train(RunSpec(NetworkSpec((Flatten(), Conv2D(4)))), told.append)
    with pytest.raises(SpecError):
        training.train(RunSpec(feedforward((4,)), batch_size=4096, epochs=0), told.append)
    assert told == []


# What it tells


@pytest.mark.parametrize("name", SPECS)
def test_progress_goes_from_preparing_through_every_epoch_to_evaluating(
    name: str, trained: Any
) -> None:
    spec = SPECS[name]
    run, told = trained(name)
    assert [told[0].stage, told[-1].stage] == ["preparing", "evaluating"]
    during = told[1:-1]
    assert {progress.stage for progress in during} == {"training"}

    places = [(progress.epoch, progress.batch) for progress in during]
    assert places == sorted(places)
    for progress in during:
        assert 1 <= progress.epoch <= spec.epochs
        assert 0 <= progress.batch <= progress.batches == spec.batches

    ends = [progress for progress in during if progress.epoch_end]
    assert [progress.epoch for progress in ends] == list(range(1, spec.epochs + 1))
    for progress in ends:
        assert progress.batch == spec.batches
        for measure in ("loss", "accuracy", "val_loss", "val_accuracy"):
            values = run.history.get(measure)
            expected = None if values is None else values[progress.epoch - 1]
            assert getattr(progress, measure) == expected


@pytest.mark.parametrize("name", SPECS)
def test_seconds_rise_and_seconds_left_fall_to_zero(name: str, trained: Any) -> None:
    spec = SPECS[name]
    _, told = trained(name)
    seconds = [progress.seconds for progress in told if progress.stage == "training"]
    assert seconds == sorted(seconds)
    within = [progress for progress in told if progress.batch]
    known = [progress for progress in within if progress.seconds_left is not None]
    # What happened in one place alone says nothing of the pace; later it is always known.
    assert known == within[len(within) - len(known) :]
    # Zero with the last batch: it may be told on its own, before its epoch's validation.
    last = (spec.epochs, spec.batches)
    for progress in known:
        assert (progress.seconds_left == 0) == ((progress.epoch, progress.batch) == last)
    assert known[-1].seconds_left == 0


ENDLESS = RunSpec(
    NetworkSpec((Flatten(), Dense(512, "relu"), Dense(512, "relu"), Dense(10, "softmax"))),
    epochs=50,
)


def test_within_an_epoch_it_tells_about_four_times_a_second() -> None:
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        training.train(
            ENDLESS, told.append, lambda: len([p for p in told if p.loss is not None]) >= 5
        )
    within = [progress for progress in told if progress.batch and not progress.epoch_end]
    assert within
    for before, after in pairwise(told[1:]):
        if not (before.epoch_end or after.epoch_end):
            assert after.seconds - before.seconds > 0.9 * training.EVENT_SECONDS
    for progress in within:
        assert progress.loss > 0
        assert 0 <= progress.accuracy <= 1
        assert progress.val_loss is None
    assert all((progress.seconds_left or 0) > 0 for progress in within[1:])


# Calling it off


class CallOff:
    """Calls a training off once it has told something, and notes what comes after."""

    def __init__(self, when: Callable[[Progress], bool]) -> None:
        self.when, self.at, self.after = when, math.inf, 0

    def tell(self, progress: Progress) -> None:
        self.after += self.at < math.inf
        if self.at == math.inf and self.when(progress):
            self.at = time.perf_counter()

    def cancelled(self) -> bool:
        return self.at < math.inf


@pytest.mark.parametrize(
    ("spec", "when"),
    [
        (ENDLESS, lambda progress: progress.batch > 0),
        (replace(ENDLESS, training_digits=100, batch_size=8), lambda p: p.epoch_end),
        (replace(SPECS["dropout"], epochs=50), lambda progress: progress.epoch == 2),
        (SPECS["feedforward"], lambda progress: progress.stage == "evaluating"),
    ],
    ids=["within an epoch", "short epochs", "with validation", "evaluating"],
)
def test_a_training_that_is_called_off_ends_at_once(
    spec: RunSpec, when: Callable[[Progress], bool]
) -> None:
    call_off = CallOff(when)
    with pytest.raises(Cancelled):
        training.train(spec, call_off.tell, call_off.cancelled)
    assert call_off.after <= 1
    assert time.perf_counter() - call_off.at < 5


def test_a_training_that_was_called_off_leaves_no_trace_in_the_next(trained: Any) -> None:
    first, _ = trained("feedforward")
    call_off = CallOff(lambda progress: progress.epoch_end)
    with pytest.raises(Cancelled):
        training.train(SPECS["dropout"], call_off.tell, call_off.cancelled)
    assert same_bits(training.train(SPECS["feedforward"]).weights, first.weights)


def test_the_notebooks_trainings_take_several_steps_at_once() -> None:
    """The feedforward network's steps are so short that TensorFlow's overhead shows."""
    steps = {name: training.steps_per_execution(run) for name, run in NOTEBOOK_RUNS.items()}
    assert steps["Feedforward"] == training.MAX_STEPS_PER_EXECUTION
    assert all(count > 1 for count in steps.values())
