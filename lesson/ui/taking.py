"""The files of a run that a reader can take along; each is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from lesson import downloads, export
from lesson.errors import LessonError
from lesson.specs import RunSpec
from lesson.ui import resources

LABELS = {"keras": "Network (.keras)", "csv": "History (.csv)", "py": "Code (.py)"}
GONE = (
    "The folder of this run is gone, and its network with it: train it with another seed, or "
    "again after a restart of the server."
)
WITHOUT = "This run is kept without its network: its code trains it again."


def files(
    spec: RunSpec, name: str, key: str, width: Literal["content", "stretch"] = "content"
) -> None:
    """Buttons for the network, the history and the code of a run, as far as they can be had.

    What a button cannot bring it cannot tell either: Streamlit keeps the error to itself. So the
    store is asked before, and what is missing is said.

    Args:
        spec: the run's.
        name: what the run is called, from which the files get their names.
        key: begins the keys of the buttons.
        width: of each button.
    """
    store = resources.store()
    summary = store.summary(spec)
    contents: dict[str, Callable[[], str | bytes]] = {}
    if summary and summary.has_network:
        contents["keras"] = partial(_network, spec)
    # A run whose folder is gone may still be in memory.
    if summary or store.load(spec.digest):
        contents["csv"] = partial(_history, spec)
    contents["py"] = partial(export.run_code, spec)
    for ending, content in contents.items():
        st.download_button(
            LABELS[ending],
            content,
            downloads.file_name(name, ending),
            key=f"{key}_{ending}",
            on_click="ignore",
            icon=":material/download:",
            width=width,
        )
    if "keras" not in contents:
        st.caption(WITHOUT if summary else GONE)


def _network(spec: RunSpec) -> bytes:
    found = resources.store().keras_file(spec.digest)
    if found is None:
        raise LessonError(GONE)
    return found


def _history(spec: RunSpec) -> str:
    found = resources.store().load(spec.digest)
    if found is None:
        raise LessonError("This run can no longer be read.")
    return downloads.history_csv(found)
