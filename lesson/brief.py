"""Runs of which only the numbers ship, in one file: many small trainings, told of together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lesson import ASSETS
from lesson.results import Robustness, Summary
from lesson.run_files import StoreError, checked_robustness
from lesson.runs import RunStore
from lesson.specs import RunSpec

PATH = ASSETS / "results.json"


@dataclass(frozen=True)
class Brief:
    """What a run reached on the test digits, how long it took, and how it did on changed digits."""

    test_accuracy: float
    test_loss: float
    seconds: float
    epoch_seconds: float
    robustness: Robustness

    @classmethod
    def of(cls, summary: Summary, robustness: Robustness) -> Brief:
        """The numbers of a run, and its accuracy on changed digits, if that was measured."""
        return cls(
            round(summary.test_accuracy, 6),
            round(summary.test_loss, 6),
            round(summary.seconds, 3),
            round(summary.epoch_seconds, 4),
            robustness,
        )


def read(path: Path = PATH) -> dict[str, Brief]:
    """The runs by their digests; none if there is no file.

    Raises:
        StoreError: the file is damaged.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {digest: _brief(entry) for digest, entry in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"The file {path.name} of results that ship cannot be read ({type(error).__name__}: "
            f"{error}). `python -m lesson.shipped --missing` makes it again once it is deleted."
        ) from error


def _brief(entry: Any) -> Brief:
    robustness = entry["robustness"]
    return Brief(
        float(entry["test_accuracy"]),
        float(entry["test_loss"]),
        float(entry["seconds"]),
        float(entry["epoch_seconds"]),
        checked_robustness(robustness) if robustness else {},
    )


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Brief]:
    """What ships, read once.

    Raises:
        StoreError: the file is damaged.
    """
    return read()


def look_up(spec: RunSpec, store: RunStore) -> Brief | None:
    """The numbers of a finished run: from the store, else from what ships in brief."""
    if summary := store.summary(spec):
        return Brief.of(summary, store.robustness(spec.digest))
    return shipped().get(spec.digest)


@lru_cache(maxsize=4)
def summaries(specs: tuple[RunSpec, ...]) -> list[Summary]:
    """Those of the runs that ship in brief, as lists of runs hold them."""
    found = ((spec, shipped().get(spec.digest)) for spec in specs)
    return [
        Summary(spec, each.test_loss, each.test_accuracy, each.seconds, each.epoch_seconds, False)
        for spec, each in found
        if each
    ]


def write(results: Mapping[str, Brief], path: Path = PATH) -> None:
    """Write the runs, one a line.

    Raises:
        OSError: the disk refuses.
    """
    lines = (f"{json.dumps(d)}: {json.dumps(asdict(each))}" for d, each in results.items())
    partial = path.with_suffix(".partial")
    partial.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    partial.replace(path)
