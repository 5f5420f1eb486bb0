"""Accuracy with its spread over seeds, parameters and where they sit, and what accuracy costs.

This view is drawn anew whenever other runs are chosen, so it is made of text and SVG alone.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesson import brief, comparison, plots, shipped, tables
from lesson.results import Summary
from lesson.run_files import StoreError
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui.compare.chosen import Chosen

SIDE_BY_SIDE = 3
NOTEBOOK = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}


def show(chosen: Chosen) -> None:
    runs = chosen.runs
    networks = {name: run.spec.network for name, run in runs.items()}
    spread = {name: comparison.seeds(run.spec, _known(chosen)) for name, run in runs.items()}
    parts = {name: [(x.name, x.parameters) for x in net.ledger] for name, net in networks.items()}
    points = {name: (networks[name].parameters, run.test_accuracy) for name, run in runs.items()}
    _html(st, comparison.table(chosen.full, runs))
    left, right = st.columns(2)
    _html(
        left,
        "**The same network trained with other seeds**",
        plots.spread(spread, "accuracy on the test digits"),
        f"{comparison.accuracy_sentence(runs)} {comparison.chance_sentence(spread)}",
    )
    _html(
        right,
        "**Where the parameters are**",
        plots.layers(parts),
        f"{comparison.parameters_sentence(networks)} {comparison.machine_sentence(runs)}",
    )
    left, right = st.columns([3, 2], vertical_alignment="center")
    _html(left, plots.price(points))
    right.markdown(
        "**What does accuracy cost?** To the left are small networks, at the top those that read "
        f"most digits right. {comparison.efficiency_sentence(NOTEBOOK)}"
    )
    st.markdown("## Where each parameter comes from")
    names = list(runs)
    for start in range(0, len(names), SIDE_BY_SIDE):
        row = names[start : start + SIDE_BY_SIDE]
        for name, column in zip(row, st.columns(SIDE_BY_SIDE), strict=False):
            column.markdown(f"**{name}**\n\n{tables.short_ledger(networks[name])}")


def _html(place: Any, *paragraphs: str) -> None:
    """Markdown and pictures one below the other, as one element: each costs time at each change."""
    place.markdown("\n\n".join(paragraphs), unsafe_allow_html=True)


def _known(chosen: Chosen) -> list[Summary]:
    """Every finished run, those that ship in brief among them, if their file can be read."""
    try:
        return [*chosen.summaries, *brief.summaries(shipped.in_brief())]
    except StoreError as error:
        st.warning(str(error))
        return chosen.summaries
