"""What pooling and padding are worth: CNN 1 with one thing changed, each trained with five seeds.

The first of the variants is CNN 1 as it is; what the others do is held against it, and against
what chance alone does to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from lesson import brief
from lesson.runs import RunStore
from lesson.shipped import LAYER_VARIANTS, seeds_of
from lesson.specs import NOTEBOOK_RUNS, SHIFTS, RunSpec

MOVED = 3
VARIANTS: dict[str, RunSpec] = {
    "max pooling": NOTEBOOK_RUNS["CNN 1"],
    "average pooling": LAYER_VARIANTS["average_pooling"],
    "strides of 2, no pooling": LAYER_VARIANTS["strided"],
    "no pooling": LAYER_VARIANTS["no_pooling"],
    "padding same": LAYER_VARIANTS["same_padding"],
}


@dataclass(frozen=True)
class Tried:
    """One variant and what came of it.

    Attributes:
        name: what it does otherwise.
        run: its run with the first seed.
        accuracies: on the test digits, one for each seed.
        moved: the same with all digits moved ``MOVED`` pixels to the right.
        epoch_seconds: the mean over all seeds.
    """

    name: str
    run: RunSpec
    accuracies: tuple[float, ...]
    moved: tuple[float, ...]
    epoch_seconds: float


def tried(store: RunStore) -> list[Tried]:
    """Every variant of which a run is known, with all seeds that are known.

    Raises:
        StoreError: what ships in brief is damaged.
    """
    rows = []
    for name, run in VARIANTS.items():
        known = [found for spec in seeds_of(run) if (found := brief.look_up(spec, store))]
        moved = [each.robustness["right"] for each in known if "right" in each.robustness]
        if known:
            rows.append(
                Tried(
                    name,
                    run,
                    tuple(each.test_accuracy for each in known),
                    tuple(values[SHIFTS.index(MOVED)] for values in moved),
                    fmean(each.epoch_seconds for each in known),
                )
            )
    return rows


def against(values: Sequence[float], base: Sequence[float]) -> str:
    """How accuracies lie to those of the network as it is, seed by seed, in a few words.

    >>> against([0.95, 0.96], [0.90, 0.92]), against([0.91, 0.93], [0.90, 0.92])
    ('4.5 points more, beyond chance', 'within chance')
    """
    gap = 100 * (fmean(values) - fmean(base))
    if min(values) > max(base):
        return f"{gap:.1f} points more, beyond chance"
    if max(values) < min(base):
        return f"{-gap:.1f} points less, beyond chance"
    return "within chance"


def verdict(rows: Sequence[Tried]) -> str:
    """What each change does to size, accuracy and to moved digits, in a list."""
    first, *others = rows
    lines = []
    for row in others:
        size = row.run.network.parameters / first.run.network.parameters
        same = row.run.network.parameters == first.run.network.parameters
        parts = [
            "as many parameters" if same else f"{size:.2f} times the parameters",
            f"accuracy {against(row.accuracies, first.accuracies)}",
        ]
        if row.moved and first.moved:
            parts.append(f"moved digits {against(row.moved, first.moved)}")
        lines.append(f"- **{row.name}**: {'; '.join(parts)}.")
    return "\n".join(lines)


def between(values: Sequence[float]) -> str:
    """The mean of several accuracies, and how far they reach.

    >>> between([0.981, 0.983]), between([0.98]), between([])
    ('98.20% (98.10 to 98.30)', '98.00%', '')
    """
    if not values:
        return ""
    mean = f"{100 * fmean(values):.2f}%"
    if len(values) == 1:
        return mean
    return f"{mean} ({100 * min(values):.2f} to {100 * max(values):.2f})"
