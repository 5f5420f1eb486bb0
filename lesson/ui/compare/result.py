"""Accuracy with its spread over seeds, parameters and where they sit, and what accuracy costs.

This view is drawn anew whenever other runs are chosen, by a whole class at once. So it is text and
SVG alone, in one element, and what was put together for one reader serves all.
"""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lesson import brief, comparison, plots, shipped, tables
from lesson.results import Run, Summary
from lesson.run_files import StoreError
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui.compare.chosen import Chosen
from lesson.ui.frame import prose, side_by_side

SIDE_BY_SIDE = 3
NOTEBOOK = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}


def show(chosen: Chosen) -> None:
    known = _known(chosen)
    kin = tuple(tuple(comparison.kin(run.spec, known)) for run in chosen.runs.values())
    shown = _put_together(tuple(chosen.full.items()), tuple(chosen.runs.values()), kin)
    prose(shown, alone=True)


@lru_cache(maxsize=32)
def _put_together(
    names: tuple[tuple[str, str], ...],
    chosen: tuple[Run, ...],
    kin: tuple[tuple[Summary, ...], ...],
) -> str:
    """The view as Markdown.

    Args:
        names: the label and the full name of each run.
        chosen: the runs.
        kin: every finished run of each one's network, with any seed.
    """
    full = dict(names)
    runs = dict(zip(full, chosen, strict=True))
    spread = {
        name: [each.test_accuracy for each in same] for name, same in zip(full, kin, strict=True)
    }
    losses = {name: [each.test_loss for each in same] for name, same in zip(full, kin, strict=True)}
    networks = {name: run.spec.network for name, run in runs.items()}
    parts = {name: [(x.name, x.parameters) for x in net.ledger] for name, net in networks.items()}
    points = {name: (networks[name].parameters, run.test_accuracy) for name, run in runs.items()}
    ledgers = [f"**{name}**\n\n{tables.short_ledger(net)}" for name, net in networks.items()]
    return "\n\n".join(
        [
            comparison.table(full, runs, losses),
            side_by_side(
                "**The same network trained with other seeds**\n\n"
                + plots.spread(spread, "accuracy on the test digits")
                + f"\n\n{comparison.accuracy_sentence(runs)} {comparison.chance_sentence(spread)}",
                f"**Where the parameters are**\n\n{plots.layers(parts)}\n\n"
                f"{comparison.parameters_sentence(networks)} {comparison.machine_sentence(runs)}",
            ),
            side_by_side(
                plots.price(points),
                "**What does accuracy cost?** To the left are small networks, at the top those "
                f"that read most digits right. {comparison.efficiency_sentence(NOTEBOOK)}",
            ),
            "## Where each parameter comes from",
            *(
                side_by_side(*ledgers[start : start + SIDE_BY_SIDE], places=SIDE_BY_SIDE)
                for start in range(0, len(ledgers), SIDE_BY_SIDE)
            ),
        ]
    )


def _known(chosen: Chosen) -> list[Summary]:
    """Every finished run, those that ship in brief among them, if their file can be read."""
    try:
        return [*chosen.summaries, *brief.summaries(shipped.in_brief())]
    except StoreError as error:
        st.warning(str(error))
        return chosen.summaries
