"""What pooling and padding are worth, measured on CNN 1 with one thing changed at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lesson import chance, plots, worth
from lesson.ui import frame, resources
from lesson.ui.compare.chosen import Chosen


def show(chosen: Chosen) -> None:
    rows: list[worth.Tried] = []
    with frame.guard():
        rows = worth.tried(resources.store())
    missing = worth.VARIANTS.keys() - {row.name for row in rows}
    if missing or not rows:
        st.info(
            f"Runs are missing from assets: {', '.join(sorted(missing))}. "
            "`python -m lesson.shipped --missing` trains them again."
        )
    if not rows or rows[0].name in missing:
        return
    seeds = sorted({len(row.accuracies) for row in rows})
    many = " to ".join(str(count) for count in sorted({seeds[0], seeds[-1]}))
    st.markdown(f"**CNN 1 with one thing changed**, each trained with {many} seeds")
    measured = [
        {
            "CNN 1 with": row.name,
            "Parameters": row.run.network.parameters,
            "Seconds an epoch": row.epoch_seconds,
            "Accuracy, %": worth.between(row.accuracies),
            f"Moved {worth.MOVED} pixels to the right, %": worth.between(row.moved),
        }
        for row in rows
    ]
    st.dataframe(
        pd.DataFrame(measured),
        hide_index=True,
        key="comparison_worth",
        column_config={
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Seconds an epoch": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    accuracies = {row.name: row.accuracies for row in rows}
    moved = {row.name: row.moved for row in rows if row.moved}
    told = worth.verdict(rows)
    title = f"accuracy, digits moved {worth.MOVED} pixels to the right"
    left, right = st.columns(2)
    left.markdown(plots.spread(accuracies, "accuracy on the test digits"), unsafe_allow_html=True)
    right.markdown(plots.spread(moved, title), unsafe_allow_html=True)
    left, right = st.columns(2)
    frame.prose(f"Beside CNN 1 as it is, with max pooling:\n\n{told}", left, alone=True)
    frame.prose(
        f"{chance.MEANING} Strides of 2 make the map as small as pooling does, by leaving windows "
        "out, where pooling looks at all of them and keeps the largest. All of this is one "
        "small network on one set of digits, no proof for others.",
        right,
        alone=True,
    )
