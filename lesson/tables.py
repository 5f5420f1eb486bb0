"""Tables as the pages write them: Markdown, and the parameter ledger of a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lesson.layers import shape_text
from lesson.specs import NetworkSpec


def percent(share: float) -> str:
    """A share as the pages write it: certain only where nothing is missing.

    >>> percent(0.98765), percent(0.99999), percent(1.0), percent(0.00001)
    ('98.8%', 'more than 99.9%', '100%', 'less than 0.1%')
    """
    if share in (0, 1):
        return f"{share:.0%}"
    if share > 0.9995:
        return "more than 99.9%"
    return "less than 0.1%" if share < 0.0005 else f"{share:.1%}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> str:
    """A Markdown table.

    Args:
        head: the headings, one a column.
        rows: the cells of each row.
        align: ``l`` or ``r`` for each column; by default the first is aligned to the left
            and the others, which hold numbers, to the right.

    >>> print(table(["layer", "parameters"], [["Dense", "10"]]))
    | layer | parameters |
    | :-- | --: |
    | Dense | 10 |
    """
    sides = align or "l" + "r" * (len(head) - 1)
    rule = [":--" if side == "l" else "--:" for side in sides]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def ledger(network: NetworkSpec) -> str:
    """The parameter ledger: each layer's shape, its parameters as arithmetic, its share of all.

    Raises:
        SpecError: a layer cannot take what the one before it gives.
    """
    rows = [
        (
            f"`{row.name}`",
            shape_text(row.output_shape),
            row.arithmetic,
            percent(row.parameters / network.parameters) if row.parameters else "",
        )
        for row in network.ledger
    ]
    total = ("**total**", "", f"**{network.parameters:,}**", "")
    return table(("layer", "output shape", "parameters", "share"), [*rows, total], "lllr")


def short_ledger(network: NetworkSpec) -> str:
    """The ledger where there is little room: the layers that learn, and what they add up to.

    >>> from lesson.specs import CNN_1
    >>> print(short_ledger(CNN_1))
    | layer | parameters |
    | :-- | --: |
    | `conv2d` | 3×3×1×16 + 16 = 160 |
    | `dense` | 2704×128 + 128 = 346,240 |
    | `dense_1` | 128×10 + 10 = 1,290 |
    | **total** | **347,690** |
    """
    rows = [(f"`{row.name}`", row.arithmetic) for row in network.ledger if row.parameters]
    return table(("layer", "parameters"), [*rows, ("**total**", f"**{network.parameters:,}**")])
