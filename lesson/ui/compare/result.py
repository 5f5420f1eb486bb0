"""Accuracy with its spread over seeds, parameters and where they sit, and what accuracy costs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lesson import brief, comparison, figures, shipped, tables
from lesson.results import Summary
from lesson.run_files import StoreError
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import frame
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen

SIDE_BY_SIDE = 3
NOTEBOOK = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}


def show(chosen: Chosen) -> None:
    runs = chosen.runs
    networks = {name: run.spec.network for name, run in runs.items()}
    st.dataframe(
        pd.DataFrame(comparison.table(chosen.full, runs)),
        hide_index=True,
        key="comparison_table",
        column_config={
            "Colour": st.column_config.ImageColumn("", width=40),
            "Network": st.column_config.TextColumn(width="large"),
            "Accuracy": st.column_config.NumberColumn(format="%.4f"),
            "Loss": st.column_config.NumberColumn(format="%.4f"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Seconds an epoch": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    every = [*chosen.summaries, *brief_summaries()]
    spread = {name: comparison.seeds(run.spec, every) for name, run in runs.items()}
    parts = {name: [(x.name, x.parameters) for x in net.ledger] for name, net in networks.items()}
    left, right = st.columns(2)
    with left:
        st.markdown("**The same network trained with other seeds**")
        chance = comparison.chance_sentence(spread)
        chart(figures.accuracy_spread(spread), "comparison_spread", chance, 76 + 72 * len(runs))
        st.markdown(f"{comparison.accuracy_sentence(runs)} {chance}")
    with right:
        st.markdown("**Where the parameters are**")
        size = comparison.parameters_sentence(networks)
        figure = figures.parameters_by_layer(parts)
        # Room for the totals at the ends of the bars, in half a page's width.
        most = max(network.parameters for network in networks.values())
        figure.layout.xaxis.range = [0, 1.35 * most]
        chart(figure, "comparison_layers", size, 76 + 72 * len(runs))
        st.markdown(f"{size} {comparison.machine_sentence(runs)}")
    left, right = st.columns([3, 2], vertical_alignment="center")
    points = {name: (networks[name].parameters, run.test_accuracy) for name, run in runs.items()}
    with left:
        chart(figures.accuracy_against_parameters(points), "comparison_price", size, 420)
    right.markdown(
        "**What does accuracy cost?** To the left are small networks, at the top those that read "
        f"most digits right. {comparison.efficiency_sentence(NOTEBOOK)}"
    )
    frame.heading("Where each parameter comes from")
    names = list(runs)
    for start in range(0, len(names), SIDE_BY_SIDE):
        row = names[start : start + SIDE_BY_SIDE]
        for name, column in zip(row, st.columns(SIDE_BY_SIDE), strict=False):
            column.markdown(f"**{name}**\n\n{tables.short_ledger(networks[name])}")


def brief_summaries() -> list[Summary]:
    """The runs that ship in brief; none, if their file cannot be read."""
    try:
        return brief.summaries(shipped.in_brief())
    except StoreError as error:
        st.warning(str(error))
        return []
