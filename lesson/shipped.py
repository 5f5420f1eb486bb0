"""The runs that ship with the lesson, and the command that trains them again.

``python -m lesson.shipped`` trains every run below into ``assets/runs``;
``python -m lesson.shipped --missing`` only those that are not there.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from functools import partial

from lesson.layers import AveragePooling2D, Conv2D
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec, RunSpec, feedforward

# The notebook's networks once more with these seeds: how far does chance alone move the result?
SEEDS = (42, 43, 44, 45, 46)

FEEDFORWARD_PAGE = RunSpec(FEEDFORWARD, validation_split=0.1)
INSIDE_PAGE = RunSpec(CNN_2, batch_size=128, validation_split=0.1)

# One thing changed at a time; the pages speak of each by its key.
VARIANTS: dict[str, RunSpec] = {
    "unscaled": RunSpec(FEEDFORWARD, scaled=False),
    "too_small": RunSpec(feedforward((4,)), validation_split=0.1),
    "overfitted": RunSpec(
        FEEDFORWARD, training_digits=1000, batch_size=32, epochs=50, validation_split=0.2
    ),
    "same_padding": RunSpec(
        NetworkSpec((Conv2D(16, padding="same", activation="relu"), *CNN_1.layers[1:]))
    ),
    "no_pooling": RunSpec(NetworkSpec((CNN_1.layers[0], *CNN_1.layers[2:]))),
    "average_pooling": RunSpec(
        NetworkSpec((CNN_1.layers[0], AveragePooling2D(), *CNN_1.layers[2:]))
    ),
}


def seeds_of(run: RunSpec) -> tuple[RunSpec, ...]:
    """The same run with each of ``SEEDS``."""
    return tuple(replace(run, seed=seed) for seed in SEEDS)


def with_network() -> tuple[RunSpec, ...]:
    """The runs that ship with their trained network."""
    return (*NOTEBOOK_RUNS.values(), FEEDFORWARD_PAGE, INSIDE_PAGE)


def all_runs() -> tuple[RunSpec, ...]:
    """Every run that ships, each once."""
    seeds = (again for run in NOTEBOOK_RUNS.values() for again in seeds_of(run))
    return tuple(dict.fromkeys((*with_network(), *seeds, *VARIANTS.values())))


def main() -> None:
    """Train the shipped runs and measure them on moved digits."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--missing", action="store_true", help="only runs that are not there yet")
    missing = parser.parse_args().missing

    from lesson import mnist, network, training
    from lesson.evaluation import moved_accuracy
    from lesson.runs import SHIPPED, RunStore

    if not missing:
        shutil.rmtree(SHIPPED, ignore_errors=True)
    store = RunStore(SHIPPED, shipped=None)
    digits = mnist.load()
    for spec in all_runs():
        if store.find(spec) is None or store.moved(spec.digest) is None:
            run = training.train(spec)
            store.save(run, with_network=spec in with_network())
            answer = partial(network.predict, spec.network, run.weights or ())
            images = mnist.prepare(digits.x_test, spec.scaled)
            store.save_moved(spec.digest, moved_accuracy(answer, images, digits.y_test))
            print(f"{spec.digest}  {run.test_accuracy:.4f}  {run.seconds:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
