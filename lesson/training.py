"""One run: fit, evaluate, what it learned. One of the two modules that name Keras."""

from __future__ import annotations

import io
import os
import platform
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lesson import mnist
from lesson.evaluation import accuracy, cross_entropy
from lesson.keras_models import build_model, optimizer
from lesson.layers import Conv2D, Dense, Flatten
from lesson.results import LEARNED_UNITS, Progress, Run
from lesson.specs import NUM_CLASSES, NetworkSpec, RunSpec

Float32 = npt.NDArray[np.float32]

EVENT_SECONDS = 0.25
# Several steps in one call of TensorFlow save its overhead and change no bit of the weights;
# a call must stay short enough that the curves move and a cancel is heard.
MAX_STEPS_PER_EXECUTION = 60
CALL_SECONDS = 0.15
SECONDS_PER_MULTIPLICATION = 9e-11  # forward and backward, seen on two cores
LOSS = "categorical_crossentropy"


class Cancelled(Exception):  # noqa: N818, named as asyncio and Dask name theirs
    """The training was called off; nothing of it is kept."""


def train(
    spec: RunSpec,
    tell: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Run:
    """Train a run from its first weights to its results.

    The same spec gives the same weights, bit for bit, on the same machine, and the very ones
    that plain Keras gives with ``keras.utils.set_random_seed(spec.seed)`` before the model.

    Args:
        spec: what to train.
        tell: receives the progress, about four times a second.
        cancelled: asked as often; once it answers ``True`` the training ends.

    Raises:
        SpecError: the run cannot be made.
        Cancelled: it was called off.
    """
    spec.check()
    started = time.perf_counter()
    tell(Progress("preparing"))
    digits = mnist.load()
    x_train, y_train = _training_tensors(spec.scaled)
    x_train, y_train = x_train[: spec.training_digits], y_train[: spec.training_digits]
    if spec.shuffled_labels:
        order = np.random.default_rng(spec.seed).permutation(spec.training_digits)
        y_train = tf.gather(y_train, order)
    model = first_model(spec)
    watcher = _Watcher(spec, tell, cancelled)
    fit_started = time.perf_counter()
    history = model.fit(
        x_train,
        y_train,
        batch_size=spec.batch_size,
        epochs=spec.epochs,
        validation_split=spec.validation_split,
        callbacks=[watcher],
        verbose=0,
    ).history
    seconds = time.perf_counter() - fit_started

    tell(Progress("evaluating", epoch=spec.epochs, seconds=time.perf_counter() - started))
    probabilities = _answering(model, cancelled)(mnist.prepare(digits.x_test, spec.scaled))
    return Run(
        spec=spec,
        history={name: [float(value) for value in values] for name, values in history.items()},
        test_loss=cross_entropy(digits.y_test, probabilities),
        test_accuracy=accuracy(digits.y_test, probabilities),
        test_probabilities=probabilities,
        epoch_seconds=watcher.epoch_seconds,
        seconds=seconds,
        versions={
            "python": platform.python_version(),
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "numpy": np.__version__,
        },
        machine={
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": str(os.cpu_count()),
        },
        weights=tuple(model.get_weights()),
        learned=np.stack(watcher.learned),
        keras_file=keras_file(spec, model.get_weights()),
    )


def first_model(spec: RunSpec) -> keras.Sequential:
    """The compiled model with the weights that the spec's seed draws, before any training."""
    # A new session: layers of earlier runs in this process must not shift the seeds.
    keras.backend.clear_session()
    keras.utils.set_random_seed(spec.seed)  # decides how ``fit`` shuffles
    model = build_model(spec.network, spec.seed)
    model.compile(
        optimizer=optimizer(spec),
        loss=LOSS,
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(spec),
    )
    # TensorFlow traces a training step twice if variables come to be in it: make them before.
    model.optimizer.build(model.trainable_variables)
    nothing = tf.zeros((1, NUM_CLASSES))
    model.compute_metrics(None, nothing, nothing)
    model.reset_metrics()
    return model


def initial_weights(spec: RunSpec) -> tuple[Float32, ...]:
    """The weights from which the run starts, as Keras's ``get_weights`` lists them."""
    return tuple(first_model(spec).get_weights())


def steps_per_execution(spec: RunSpec) -> int:
    """How many batches to hand to TensorFlow at once."""
    step = spec.network.multiplications * spec.batch_size * SECONDS_PER_MULTIPLICATION
    most = min(MAX_STEPS_PER_EXECUTION, spec.batches)
    return int(np.clip(CALL_SECONDS / max(step, 1e-9), 1, most))


def warm() -> str:
    """Load and start all that the first training would otherwise wait for; the Keras version."""
    smallest = NetworkSpec((Conv2D(1), Flatten(), Dense(10, "softmax")))
    x_train, y_train = _training_tensors(True)
    first_model(RunSpec(smallest)).fit(x_train[:100], y_train[:100], verbose=0)
    return str(keras.__version__)


@lru_cache(maxsize=1)
def _training_tensors(scaled: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """All training digits as TensorFlow holds them: ``fit`` need not copy 188 MB each time."""
    digits = mnist.load()
    x_train, y_train = mnist.prepare(digits.x_train, scaled), mnist.one_hot(digits.y_train)
    return tf.convert_to_tensor(x_train), tf.convert_to_tensor(y_train)


def answering(
    spec: RunSpec, weights: Sequence[Float32], cancelled: Callable[[], bool] = lambda: False
) -> Callable[[Float32], Float32]:
    """What Keras answers with trained weights: prepared digits → probabilities ``(n, 10)``.

    Raises:
        Cancelled: by what is returned, when it was called off meanwhile.
    """
    model = build_model(spec.network)
    model.set_weights(list(weights))
    return _answering(model, cancelled)


def _answering(
    model: keras.Sequential, cancelled: Callable[[], bool], batch_size: int = 500
) -> Callable[[Float32], Float32]:
    answer = tf.function(lambda batch: model(batch, training=False))

    def answers(images: Float32) -> Float32:
        parts = []
        for start in range(0, len(images), batch_size):
            if cancelled():
                raise Cancelled
            parts.append(answer(images[start : start + batch_size]).numpy())
        return np.concatenate(parts)

    return answers


def keras_file(spec: RunSpec, weights: Sequence[Float32]) -> bytes:
    """The trained network as plain Keras saves and loads it, its optimizer as if just compiled."""
    fresh = build_model(spec.network)
    fresh.compile(optimizer=optimizer(spec), loss=LOSS, metrics=["accuracy"])
    fresh.set_weights(list(weights))
    # Keras warns of a file that lacks the optimizer's variables. All zero, they take no room
    # once the archive, which Keras does not compress, is packed again.
    fresh.optimizer.build(fresh.trainable_variables)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        fresh.save(path)
        packed = io.BytesIO()
        with zipfile.ZipFile(path) as saved, zipfile.ZipFile(packed, "w") as smaller:
            for entry in saved.infolist():
                smaller.writestr(entry, saved.read(entry), zipfile.ZIP_DEFLATED, compresslevel=1)
    return packed.getvalue()


class _Watcher(keras.callbacks.Callback):
    """Tells how the training goes, and ends it when it is called off."""

    def __init__(
        self, spec: RunSpec, tell: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.spec, self.tell, self.cancelled = spec, tell, cancelled
        self.epoch_seconds: list[float] = []
        self.learned: list[npt.NDArray[np.float16]] = []
        self.first_layer = next(n for n, row in enumerate(spec.network.ledger) if row.parameters)
        self.epoch = 1
        self.first: tuple[int, float] | None = None
        self.started = self.epoch_started = self.told = time.perf_counter()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._keep_what_was_learned()
        self.started = time.perf_counter()
        self.tell(Progress("training", epoch=1, batches=self.spec.batches))

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch + 1
        self.epoch_started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.perf_counter()
        if now - self.told >= EVENT_SECONDS:
            self.told = now
            if self.cancelled():
                raise Cancelled
            self.tell(self._progress(batch + 1, logs or {}, now))

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self.cancelled():
            raise Cancelled

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        now = self.told = time.perf_counter()
        self.epoch_seconds.append(now - self.epoch_started)
        self._keep_what_was_learned()
        progress = self._progress(self.spec.batches, logs or {}, now)
        self.tell(replace(progress, epoch_end=True))
        # Epochs shorter than a quarter of a second are only heard here.
        if self.cancelled():
            raise Cancelled

    def _keep_what_was_learned(self) -> None:
        kernel = self.model.layers[self.first_layer].kernel.numpy()
        self.learned.append(kernel[..., :LEARNED_UNITS].astype(np.float16))

    def _progress(self, batch: int, logs: dict[str, float], now: float) -> Progress:
        done = (self.epoch - 1) * self.spec.batches + batch
        left = self.spec.epochs * self.spec.batches - done
        # The first steps also wait for TensorFlow's graph: the estimate begins behind them.
        if self.first is None:
            self.first = (done, now)
        seconds_left = None if left else 0.0
        if left and done > self.first[0]:
            seconds_left = (now - self.first[1]) / (done - self.first[0]) * left
        return Progress(
            "training",
            epoch=self.epoch,
            batch=batch,
            batches=self.spec.batches,
            loss=logs.get("loss"),
            accuracy=logs.get("accuracy"),
            val_loss=logs.get("val_loss"),
            val_accuracy=logs.get("val_accuracy"),
            seconds=now - self.started,
            seconds_left=seconds_left,
        )
