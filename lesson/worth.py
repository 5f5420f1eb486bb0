"""What pooling and padding are worth: CNN 1 with one thing changed, each trained with five seeds.

The first of the variants is CNN 1 as it is; what the others do is held against it, and against
what chance alone does to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from lesson import brief
from lesson.chance import TOO_FEW, against
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


def told(row: Tried, base: Tried) -> str:
    """What one change does to accuracy, and to moved digits if both were measured on them."""
    found = [against(row.accuracies, base.accuracies)]
    if row.moved and base.moved:
        found.append(against(row.moved, base.moved))
    if set(found) == {TOO_FEW}:
        return TOO_FEW
    parts = ("accuracy", f"digits moved by {MOVED} pixels")
    return "; ".join(f"{part}: {each}" for part, each in zip(parts, found, strict=False))


def verdict(rows: Sequence[Tried]) -> str:
    """What each change does to size, accuracy and to moved digits, in a list.

    Args:
        rows: the network as it is, then the others.
    """
    first, *others = rows
    lines = []
    for row in others:
        size = row.run.network.parameters / first.run.network.parameters
        same = row.run.network.parameters == first.run.network.parameters
        parameters = "as many parameters" if same else f"{size:.2f} times the parameters"
        lines.append(f"- **{row.name}**: {parameters}; {told(row, first)}.")
    return "\n".join(lines)


def between(values: Sequence[float], decimals: int = 2) -> str:
    """The mean of several accuracies, and how far they reach.

    >>> between([0.981, 0.983]), between([0.98]), between([])
    ('98.20% (98.10–98.30)', '98.00%', '')
    >>> between([0.981, 0.983], decimals=1)
    '98.2% (98.1–98.3)'
    """
    if not values:
        return ""
    low, mean, high = (
        f"{100 * each:.{decimals}f}" for each in (min(values), fmean(values), max(values))
    )
    return f"{mean}% ({low}–{high})" if len(values) > 1 else f"{mean}%"
