"""Hunger for data: the notebook's three networks, trained on fewer and fewer digits."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lesson import brief, figures, hunger
from lesson.palette import NETWORKS
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.ui import controls, frame, resources
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen
from lesson.worth import between

LEVELS = (0.8, 0.85, 0.9, 0.95, 0.97)


def show(chosen: Chosen) -> None:
    store = resources.store()

    def accuracy(spec: RunSpec) -> float | None:
        known = brief.look_up(spec, store)
        return known.test_accuracy if known else None

    found: hunger.Curves = {}
    with frame.guard():
        found = hunger.curves(accuracy)
    counts = [len(values) for points in found.values() for values in points.values()]
    if sum(counts) < len(NOTEBOOK_RUNS) * len(hunger.SIZES) * len(hunger.SEEDS):
        st.info(
            f"Only {sum(counts)} of these results are there: the others are missing from "
            "`assets`. `python -m lesson.shipped --missing` measures them again."
        )
    if not found:
        return
    others = {
        name: (run.spec.fitted_digits, run.test_accuracy)
        for name, run in chosen.runs.items()
        if name not in NETWORKS
    }
    left, right = st.columns([3, 2], gap="medium")
    with right:
        size = controls.stepped("Training digits", "comparison_digits_learned", hunger.SIZES, 1000)
        level = controls.select(
            "Accuracy to reach", "comparison_level", LEVELS, 0.9, "{:.0%}".format
        )
        told = f"{hunger.sentence(found, size, level)}\n\n{hunger.leaders(found)}"
        frame.prose(told, alone=True)
    with left:
        chart(figures.hunger(found, others), "comparison_hunger", told, 470)
    rows = {
        name: {f"{size:,}": between(points.get(size, []), decimals=1) for size in hunger.SIZES}
        for name, points in found.items()
    }
    st.dataframe(pd.DataFrame.from_dict(rows, orient="index"), key="comparison_hunger_table")
    few = ", ".join(f"{size:,}: {epochs}" for size, epochs in hunger.EPOCHS.items())
    frame.prose(
        f"Each entry is the mean of {_numbers(counts)} seeds, with their range. A network sees the "
        f"first so many training digits, in batches of {hunger.BATCH_SIZE}. Fewer digits are shown "
        "more often, or one would measure the number of steps instead "
        f"({few} epochs). All 60,000 are the notebook's own runs: five epochs, its batch sizes. "
        "**Try this:** train a network of yours on 1,000 digits, choose it above, and see where "
        "its mark falls.",
        alone=True,
    )


def _numbers(counts: list[int]) -> str:
    """
    >>> _numbers([5, 5]), _numbers([5, 1])
    ('5', '1 to 5')
    """
    return " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
