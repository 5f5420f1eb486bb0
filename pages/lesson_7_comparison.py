from __future__ import annotations

import importlib

import streamlit as st

from lesson.ui import controls, digits, explorer, frame, links, taking
from lesson.ui.compare.chosen import choose

SLUG = "comparison"
# What one can look at, and the module of lesson.ui.compare that shows it.
VIEWS = {
    "Result": "result",
    "Learning": "learning",
    "Mistakes": "mistakes",
    "Sureness": "sureness",
    "Robustness": "robustness",
    "One digit": "one_digit",
    "Why": "why",
    "Data": "data",
    "Layers": "layers",
    "Runs": "runs",
}
RESULT = "Result"
ON_THEIR_OWN = ("Robustness", "One digit", "Why")  # what a class moves all the time
ALONE = ("Data", "Layers", "Runs")  # what can be looked at without a chosen run


@st.fragment
def compare() -> None:
    """The runs, the view, and what it shows; nothing else on the page depends on them."""
    chosen = choose()
    view = controls.segmented("What to look at", "comparison_view", list(VIEWS), RESULT)
    if not chosen.runs and view not in ALONE:
        st.info("Choose at least one finished run, or train one on the pages before.")
        return
    if view != RESULT and (lettered := [f"{a}: {b}" for a, b in chosen.full.items() if a != b]):
        st.caption("; ".join(lettered))
    explorer.on_its_own(view in ON_THEIR_OWN)
    # Only the view that is looked at is loaded.
    with frame.guard():
        importlib.import_module(f"lesson.ui.compare.{VIEWS[view]}").show(chosen)
    if chosen.runs and view not in ON_THEIR_OWN and not links.hidden("code"):
        code = st.expander("The chosen runs in Keras", key="comparison_in_keras", on_change="rerun")
        if code.open:
            with code:
                specs = {chosen.full[label]: run.spec for label, run in chosen.runs.items()}
                taking.in_keras(specs, SLUG)


frame.header(SLUG)
digits.choose()
compare()
frame.footer(SLUG)
