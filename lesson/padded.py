"""What padding costs in CNN 1, and what it gave: two networks that differ in nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from lesson.layers import Conv2D, shape_text
from lesson.runs import RunStore
from lesson.shipped import VARIANTS, seeds_of
from lesson.specs import NOTEBOOK_RUNS, SHIFTS, NetworkSpec

VALID, SAME = NOTEBOOK_RUNS["CNN 1"], VARIANTS["same_padding"]
# By how many pixels to the right the digits are moved.
MOVED = (1, 3)

Row = tuple[str, str, str]


def cost_rows(valid: NetworkSpec, same: NetworkSpec) -> list[Row]:
    """Rows of a table: shapes and parameters of two networks with the same layers.

    Shown are the output of each layer that pictures leave, the arithmetic of each layer whose
    parameters differ or that convolves, and the totals.
    """
    rows = []
    for ours, theirs in zip(valid.ledger, same.ledger, strict=True):
        kind = ours.layer.kind
        if len(ours.output_shape) == 3:
            shapes = shape_text(ours.output_shape), shape_text(theirs.output_shape)
            rows.append((f"Output of {kind}", *shapes))
        if isinstance(ours.layer, Conv2D) or ours.parameters != theirs.parameters:
            rows.append((f"Parameters of {kind}", ours.arithmetic, theirs.arithmetic))
    return [*rows, ("Parameters in all", f"{valid.parameters:,}", f"{same.parameters:,}")]


def measured(store: RunStore) -> tuple[list[Row], str]:
    """What padding gave: rows of a table, and a verdict in sentences.

    ``valid`` was trained with several seeds, ``same`` with one, so that a difference can be held
    against what chance does.
    """
    specs = [spec for spec in seeds_of(VALID) if store.summary(spec)]
    chance = [summary.test_accuracy for spec in specs if (summary := store.summary(spec))]
    padded = store.summary(SAME)
    if not chance or padded is None:
        return [], "The runs that would show what it gives are missing from assets/runs."
    reached = padded.test_accuracy
    seeds = f"Test accuracy (`valid`: {len(chance)} seeds)"
    rows = [(seeds, between(chance), between([reached]))]
    verdict = f"Its accuracy is {reached:.4f}. {against_chance(reached, chance)}"
    others = [
        moved["right"] for spec in specs if "right" in (moved := store.robustness(spec.digest))
    ]
    ours = store.robustness(SAME.digest)
    if not others or "right" not in ours:
        return rows, verdict
    for pixels in MOVED:
        at = SHIFTS.index(pixels)
        chance, reached = [values[at] for values in others], ours["right"][at]
        rows.append((f"… moved right by {pixels}", between(chance), between([reached])))
    verdict += f" With the digits moved right by {pixels} pixels it is {reached:.4f}. "
    return rows, verdict + against_chance(reached, chance)


def against_chance(accuracy: float, chance: Sequence[float]) -> str:
    """Whether an accuracy differs from those of the same network with other seeds, in a sentence.

    >>> against_chance(0.985, [0.981, 0.984])
    'It lies above what every seed reached without it.'
    """
    if accuracy > max(chance):
        return "It lies above what every seed reached without it."
    if accuracy < min(chance):
        return "It lies below what every seed reached without it."
    return "It lies within what another seed alone changes, so no gain or loss can be seen."


def between(values: Sequence[float]) -> str:
    """Several accuracies in one cell: the smallest and the largest.

    >>> between([0.984, 0.98, 0.981]), between([0.984])
    ('0.9800 to 0.9840', '0.9840')
    """
    return " to ".join(f"{value:.4f}" for value in sorted({min(values), max(values)}))
