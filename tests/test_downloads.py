"""What is taken along of a run."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from lesson import downloads
from lesson.runs import RunStore
from lesson.shipped import FEEDFORWARD_PAGE
from lesson.specs import NOTEBOOK_RUNS, RunSpec


@pytest.mark.parametrize("spec", [FEEDFORWARD_PAGE, NOTEBOOK_RUNS["CNN 2"]])
def test_a_history_is_read_back_as_it_was(spec: RunSpec) -> None:
    run = RunStore().find(spec)
    assert run is not None
    table = pd.read_csv(io.StringIO(downloads.history_csv(run)))
    assert list(table) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert list(table["epoch"]) == [1, 2, 3, 4, 5]
    assert list(table["seconds"]) == pytest.approx(list(run.epoch_seconds))
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        if name in run.history:
            assert list(table[name]) == pytest.approx(list(run.history[name]))
        else:
            assert table[name].isna().all()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Feedforward · seed 43", "feedforward-seed-43.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ("···", "run.csv"),
        ("CNN 1 · 1,000 digits", "cnn-1-1-000-digits.csv"),
        ("a" * 300, "a" * 80 + ".csv"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(name: str, safe: str) -> None:
    assert downloads.file_name(name, "csv") == safe
