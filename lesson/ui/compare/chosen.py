"""The runs that are compared, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from lesson import naming
from lesson.results import Run, Summary
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.ui import controls, resources

MAX_RUNS = 6


@dataclass(frozen=True, eq=False)
class Chosen:
    """One to six finished runs in the order in which they were chosen.

    Attributes:
        runs: each by its label, which is short enough for a chart.
        full: the full name of each label.
        summaries: every finished run there is, for what is said of seeds.
    """

    runs: Mapping[str, Run]
    full: Mapping[str, str]
    summaries: list[Summary]

    def one(self, label: str, key: str) -> str:
        """The label of the run that the reader looks at, one of those chosen."""
        return controls.segmented(label, key, list(self.runs), next(iter(self.runs)))


@lru_cache(maxsize=8)
def _names(specs: tuple[RunSpec, ...]) -> dict[str, str]:
    return naming.names(specs)


def choose() -> Chosen:
    """The control for the runs; those that cannot be read are left out and named."""
    store = resources.store()
    summaries = store.summaries()
    names = _names(tuple(summary.spec for summary in summaries))
    notebook = [spec.digest for spec in NOTEBOOK_RUNS.values() if spec.digest in names]
    digests = controls.multiselect(
        "Finished runs",
        "comparison_runs",
        list(dict.fromkeys([*notebook, *names])),
        notebook,
        names.__getitem__,
        MAX_RUNS,
    )
    found = [(names[digest], store.load(digest)) for digest in digests]
    labels = naming.labels(name for name, run in found if run)
    runs = {labels[name]: run for name, run in found if run}
    if len(runs) < len(digests):
        st.warning("A chosen run could not be read and is left out.")
    for warning in store.warnings:
        st.warning(warning)
    if len(notebook) < len(NOTEBOOK_RUNS):
        st.info(
            "Not all of the notebook's three runs are in assets/runs. "
            "`python -m lesson.shipped --missing` trains what is missing."
        )
    return Chosen(runs, {label: name for name, label in labels.items()}, summaries)
