"""The runs that ship with the lesson, and the command that trains them again.

``python -m lesson.shipped`` trains every run below: those in ``assets/runs``, and those of which
only the numbers ship, in ``assets/results.json``. ``python -m lesson.shipped --missing`` trains
and measures only what is not there.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lesson import hunger, presets
from lesson.layers import AveragePooling2D, Conv2D
from lesson.specs import CNN_1, LEVELS, NOTEBOOK_RUNS, NetworkSpec, RunSpec

# The notebook's networks once more with these seeds: how far does chance alone move the result?
SEEDS = hunger.SEEDS

FEEDFORWARD_PAGE = presets.PLAIN
INSIDE_PAGE = presets.CNN

# CNN 1 with one thing changed, and what it is called.
_CONVOLUTION, _POOLING, *_DENSE = CNN_1.layers
LAYER_VARIANTS: dict[str, RunSpec] = {
    "average_pooling": RunSpec(NetworkSpec((_CONVOLUTION, AveragePooling2D(), *_DENSE))),
    "strided": RunSpec(
        NetworkSpec((Conv2D(16, kernel_size=3, strides=2, activation="relu"), *_DENSE))
    ),
    "no_pooling": RunSpec(NetworkSpec((_CONVOLUTION, *_DENSE))),
    "same_padding": RunSpec(
        NetworkSpec((Conv2D(16, padding="same", activation="relu"), _POOLING, *_DENSE))
    ),
}
# One thing changed at a time; the pages speak of each by its key.
VARIANTS: dict[str, RunSpec] = {
    "unscaled": replace(NOTEBOOK_RUNS["Feedforward"], scaled=False),
    "too_small": presets.PRESETS["Underfit: 4 units"].spec,
    "overfitted": presets.BY_HEART,
    **LAYER_VARIANTS,
}


def seeds_of(run: RunSpec) -> tuple[RunSpec, ...]:
    """The same run with each of ``SEEDS``."""
    return tuple(replace(run, seed=seed) for seed in SEEDS)


def with_network() -> tuple[RunSpec, ...]:
    """The runs that ship with their trained network."""
    return (*NOTEBOOK_RUNS.values(), FEEDFORWARD_PAGE, INSIDE_PAGE)


def all_runs() -> tuple[RunSpec, ...]:
    """Every run that ships as a run, each once."""
    seeds = (again for run in NOTEBOOK_RUNS.values() for again in seeds_of(run))
    tried = (preset.spec for preset in presets.PRESETS.values())
    return tuple(dict.fromkeys((*with_network(), *seeds, *VARIANTS.values(), *tried)))


@lru_cache(maxsize=1)
def in_brief() -> tuple[RunSpec, ...]:
    """Every run of which only the numbers ship."""
    seeds = (again for run in LAYER_VARIANTS.values() for again in seeds_of(run))
    whole = set(all_runs())
    return tuple(run for run in (*seeds, *hunger.small_runs()) if run not in whole)


def measured_kinds(run: RunSpec) -> tuple[str, ...]:
    """On which changed digits a run that ships is measured."""
    if run in with_network():
        return tuple(LEVELS)
    if run in LAYER_VARIANTS.values():
        return tuple(kind for kind in LEVELS if kind != "moved")
    return () if run in hunger.small_runs() else ("right", "down")


def main() -> None:
    """Train the runs that ship, and measure them on changed digits."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--missing", action="store_true", help="only what is not there yet")
    missing = parser.parse_args().missing

    from lesson import brief, training
    from lesson.runs import SHIPPED, RunStore

    if not missing:
        shutil.rmtree(SHIPPED, ignore_errors=True)
        brief.PATH.unlink(missing_ok=True)
    store = RunStore(SHIPPED, shipped=None)
    for spec in all_runs():
        run, known = store.find(spec), store.robustness(spec.digest)
        kinds = tuple(kind for kind in measured_kinds(spec) if kind not in known)
        if run is None or (kinds and run.weights is None):
            run = training.train(spec)
            store.save(run, with_network=spec in with_network())
            kinds = measured_kinds(spec)
            print(f"{spec.digest}  {run.test_accuracy:.4f}  {run.seconds:6.1f} s", flush=True)
        if kinds:
            store.save_robustness(spec.digest, {**known, **_measured(spec, run.weights, kinds)})
    results = brief.read()
    for spec in in_brief():
        if spec.digest not in results:
            run = training.train(spec)
            measured = _measured(spec, run.weights, measured_kinds(spec))
            results[spec.digest] = brief.Brief.of(run.summary, measured)
            brief.write(results)
            print(f"{spec.digest}  {run.test_accuracy:.4f}  {run.seconds:6.1f} s", flush=True)


def _measured(spec: RunSpec, weights: Any, kinds: Iterable[str]) -> dict[str, list[float]]:
    from lesson import mnist, robustness, training

    answer, digits = training.answering(spec, weights), mnist.load()
    return robustness.measure(
        lambda pictures: answer(robustness.prepared(pictures, spec.scaled)),
        robustness.ink(digits.x_test),
        digits.y_test,
        kinds,
    )


if __name__ == "__main__":
    main()
