"""Training with live curves through the trainer, against plain ``model.fit``."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.browser import ROOT
from bench.measure import Measure
from lesson.runs import RunStore
from lesson.specs import FEEDFORWARD, NOTEBOOK_RUNS, RunSpec
from lesson.trainer import FINISHED, Trainer

TARGET = 1.0
FAST_TARGET = 0.75  # without convolutions
WARM = RunSpec(FEEDFORWARD, training_digits=100, epochs=1)


def _target(spec: RunSpec) -> float:
    """What a training may take of plain Keras's time: less where a step is short."""
    return TARGET if any(layer.kind == "Conv2D" for layer in spec.network.layers) else FAST_TARGET


def measure(rounds: int) -> list[Measure]:
    """The notebook's three trainings."""
    return compare(NOTEBOOK_RUNS, rounds)


def compare(specs: Mapping[str, RunSpec], rounds: int) -> list[Measure]:
    """Trainings by their names, each side in turn, both processes warm."""
    ours: dict[str, list[float]] = {name: [] for name in specs}
    theirs: dict[str, list[float]] = {name: [] for name in specs}
    whole: dict[str, list[float]] = {name: [] for name in specs}
    equal: dict[str, bool] = dict.fromkeys(specs, True)
    with _Plain() as plain:
        plain.fit(WARM)
        for _ in range(rounds):
            for name, spec in specs.items():
                answer = plain.fit(spec)
                seconds, total, weights = _through_the_trainer(spec)
                theirs[name].append(answer["seconds"])
                ours[name].append(seconds)
                whole[name].append(total)
                equal[name] &= weights == answer["weights"]
    return [
        Measure(
            f"training {name}",
            "plain model.fit",
            "s",
            ours[name],
            theirs[name],
            _target(specs[name]),
            f"weights {'equal' if equal[name] else 'NOT EQUAL'} bit for bit; "
            f"asked → kept in the store {min(whole[name]):.1f} s",
        )
        for name in specs
    ]


_trainers: list[Trainer] = []


def _through_the_trainer(spec: RunSpec) -> tuple[float, float, str]:
    """Seconds of the fit, seconds from asking to the stored run, and the weights' digest."""
    with tempfile.TemporaryDirectory() as folder:
        if not _trainers:
            _trainers.append(Trainer(RunStore(Path(folder), shipped=None)))
            _wait(_trainers[0], WARM)
        trainer = _trainers[0]
        trainer.store = RunStore(Path(folder), shipped=None)
        started = time.perf_counter()
        _wait(trainer, spec)
        total = time.perf_counter() - started
        run = trainer.store.find(spec)
        assert run is not None
        return run.seconds, total, weights_digest(run.weights or ())


def _wait(trainer: Trainer, spec: RunSpec) -> None:
    job = trainer.train(spec, "bench")
    while not job.done:
        time.sleep(0.02)
    if job.state != FINISHED:
        raise RuntimeError(job.message)


def weights_digest(weights: Sequence[Any]) -> str:
    """A digest of arrays, bit for bit."""
    return hashlib.sha256(b"".join(array.tobytes() for array in weights)).hexdigest()


class _Plain:
    """A process of its own with plain Keras in it, warm, that fits when asked."""

    def __enter__(self) -> _Plain:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.plain_keras"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def fit(self, spec: RunSpec) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(spec.to_json()) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.wait()
        for trainer in _trainers:
            trainer.close()
        _trainers.clear()
