"""What padding costs in CNN 1, and what it gave: two networks that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from lesson import chance, worth
from lesson.layers import Conv2D, shape_text
from lesson.specs import NetworkSpec

# As what was tried calls CNN 1 as it is, and with padding.
WITHOUT, WITH = "max pooling", "padding same"
VALID, SAME = worth.VARIANTS[WITHOUT], worth.VARIANTS[WITH]

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


def measured(tried: Iterable[worth.Tried]) -> tuple[list[Row], str]:
    """What padding gave: rows of a table, and a verdict in sentences.

    Args:
        tried: what is known of CNN 1 with one thing changed.
    """
    rows = {row.name: row for row in tried}
    if not {WITHOUT, WITH} <= rows.keys():
        return [], (
            "The runs that would show what it gives are missing from assets: "
            "`python -m lesson.shipped --missing` trains them again."
        )
    valid, same = rows[WITHOUT], rows[WITH]
    shown = [
        ("Seeds", str(len(valid.accuracies)), str(len(same.accuracies))),
        ("Test accuracy", worth.between(valid.accuracies), worth.between(same.accuracies)),
    ]
    if valid.moved and same.moved:
        moved = worth.between(valid.moved), worth.between(same.moved)
        shown.append((f"… moved right by {worth.MOVED}", *moved))
    found = worth.told(same, valid)
    if found == chance.TOO_FEW:
        counts = f"{len(valid.accuracies)} without it, {len(same.accuracies)} with it"
        return shown, f"Whether it gave anything is not known: {found} ({counts})."
    meaning = f" {chance.MEANING}" if chance.BEYOND in found else ""
    return shown, f"What it gave, beside the network without it: {found}.{meaning}"
