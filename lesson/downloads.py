"""What a reader can take along of a run: its history as a table, and what a file is called."""

from __future__ import annotations

import csv
import io
import re

from lesson.results import Run

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
LONGEST = 80


def history_csv(run: Run) -> str:
    """The history as comma-separated values, with a line for each epoch.

    The columns are the epoch, Keras's four metrics and the epoch's seconds; a run without
    validation digits leaves those of validation empty.
    """
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(["epoch", *METRICS, "seconds"])
    for place, seconds in enumerate(run.epoch_seconds):
        values = [run.history[name][place] if name in run.history else "" for name in METRICS]
        lines.writerow([place + 1, *values, seconds])
    return file.getvalue()


def file_name(name: str, ending: str) -> str:
    """A name for a file that every system takes, from what the run is called.

    >>> file_name("CNN 1 · kernel_size 5 · dropout 0.3", "keras")
    'cnn-1-kernel_size-5-dropout-0.3.keras'
    """
    safe = re.sub(r"[^a-z0-9_.]+", "-", name.lower())[:LONGEST].strip("-.")
    return f"{safe or 'run'}.{ending}"
