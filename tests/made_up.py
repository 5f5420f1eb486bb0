"""Runs made up for a test: ten digits, and what is answered to each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lesson.results import Run
from lesson.specs import NOTEBOOK_RUNS, RunSpec

PLAIN = NOTEBOOK_RUNS["Feedforward"]


def run(spec: RunSpec, answers: Sequence[int], labels: Sequence[int], sure: float = 0.9) -> Run:
    probabilities = np.full((len(answers), 10), (1 - sure) / 9, dtype=np.float32)
    probabilities[np.arange(len(answers)), answers] = sure
    return Run(
        spec=spec,
        history={"accuracy": [0.5, 0.6], "loss": [1.0, 0.9]},
        test_loss=0.25,
        test_accuracy=float(np.mean(np.array(answers) == np.array(labels))),
        test_probabilities=probabilities,
        epoch_seconds=[2.0, 1.0],
        seconds=3.0,
        versions={},
        machine={"system": "Linux", "processor": "x86_64", "cores": "2"},
    )


LABELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
ALL_RIGHT = run(PLAIN, LABELS, LABELS)
TWO_WRONG = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 8, 4], LABELS)
FOUR_WRONG = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 3, 3], LABELS, sure=0.8)
