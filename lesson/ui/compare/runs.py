"""All finished runs in one table: choose which to compare, and take one along."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from lesson import comparison, export, naming
from lesson.results import Summary
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import controls, frame, resources, taking
from lesson.ui.compare.chosen import MAX_RUNS, Chosen

RUN = "comparison_run"
TALL = 355  # leaves room on a projector's screen for what is done with the runs
COLUMNS = {
    "Run": st.column_config.TextColumn(width=245),
    "Accuracy": st.column_config.NumberColumn(format="%.4f"),
    "Loss": st.column_config.NumberColumn(format="%.4f"),
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Seconds": st.column_config.NumberColumn(format="%.1f"),
    "From": st.column_config.TextColumn(
        help="Yours: you asked for it in this session. Trained here: earlier, or by another "
        "reader of this server. Ships: it came with the lesson."
    ),
    "Differs in": st.column_config.TextColumn(
        width="large", help="From the notebook's run that it is most like."
    ),
}


def show(chosen: Chosen) -> None:
    names = naming.names(each.spec for each in chosen.summaries)
    shipped = _shipped(names)
    runs = {each.spec.digest: each for each in _ordered(chosen.summaries, names, shipped)}
    columns = comparison.list_of_runs(runs.values(), names, shipped, resources.mine())
    selected = _table(pd.DataFrame(columns), [*runs])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Compare these",
            "comparison_these",
            on_click=_compare,
            args=(selected,),
            disabled=not 1 <= len(selected) <= MAX_RUNS,
        )
        st.markdown(_told(len(selected)))
    if not runs:
        st.info("There is no finished run yet: train one on the pages before.")
        return
    first = next((run.digest for run in chosen.runs.values()), next(iter(runs)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digest = controls.select(
            "Run to take along", RUN, [*runs], first, names.__getitem__, width=240
        )
        taking.files(runs[digest].spec, names[digest], "comparison")
    frame.keras_lines(export.run_code(runs[digest].spec))


def _shipped(digests: Iterable[str]) -> set[str]:
    folder = resources.store().shipped
    return {each for each in digests if folder and (folder / each).exists()}


def _ordered(
    summaries: Sequence[Summary], names: Mapping[str, str], shipped: set[str]
) -> list[Summary]:
    """The runs trained here first, the newest on top, then the notebook's, then the lesson's."""
    own = [each for each in summaries if each.spec.digest not in shipped]
    theirs = [each for each in summaries if each.spec.digest in shipped]
    first = {spec.digest: place for place, spec in enumerate(NOTEBOOK_RUNS.values())}

    def place(each: Summary) -> tuple[int, str]:
        return first.get(each.spec.digest, len(first)), names[each.spec.digest]

    return own + sorted(theirs, key=place)


def _table(frame: pd.DataFrame, digests: list[str]) -> list[str]:
    """The table; gives the digests of the selected rows."""
    # What is selected are places in the table: with another run in it, it is another table.
    key = f"comparison_all_{zlib.crc32(''.join(digests).encode())}"
    st.dataframe(
        frame,
        hide_index=True,
        height=TALL,
        key=key,
        on_select=partial(_selected, key, digests),
        selection_mode="multi-row",
        column_config=COLUMNS,
    )
    return _rows(key, digests)


def _rows(key: str, digests: list[str]) -> list[str]:
    return [
        digests[row] for row in st.session_state[key]["selection"]["rows"] if row < len(digests)
    ]


def _selected(key: str, digests: list[str]) -> None:
    """One run alone is also the one to take along."""
    rows = _rows(key, digests)
    if len(rows) == 1:
        st.session_state[RUN] = rows[0]


def _told(count: int) -> str:
    if not count:
        return "Select runs by the boxes at the left of their rows."
    if count > MAX_RUNS:
        return (
            f"At most {MAX_RUNS} runs can be compared at once, but {count} are selected: "
            f"take away {count - MAX_RUNS}."
        )
    return "1 run is selected." if count == 1 else f"{count} runs are selected."


def _compare(digests: list[str]) -> None:
    st.session_state["comparison_runs"] = digests
    st.session_state["comparison_view"] = "Result"
