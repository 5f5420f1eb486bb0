"""What a reader has predicted, trained and found out, to keep and to print."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from lesson import summary
from lesson.progress import Progress
from lesson.runs import RunStore
from lesson.ui import frame, keeping, presenter, resources, taking
from lesson.ui.navigation import PAGES

SLUG = "your-lesson"
TITLES = {page.slug: page.title for page in PAGES}


def saved(progress: Progress, store: RunStore) -> str:
    """The summary as a file: made at the click, when no page is run and no session is at hand."""
    today = date.today()
    said = summary.text(progress, store, TITLES)
    return summary.page(said, "Your lesson", f"{today.day} {today:%B %Y}")


frame.header(SLUG, pictures=False)
progress = keeping.so_far().told if presenter.on() else keeping.so_far()
runs = summary.own_runs(progress, resources.store())
with st.container(horizontal=True, vertical_alignment="center", key="lesson_print"):
    st.download_button(
        "Save this page (.html)",
        partial(saved, progress, resources.store()),
        "your-lesson.html",
        key="summary_save",
        on_click="ignore",
        icon=":material/download:",
    )
    with st.popover("Clear all of it"):
        st.markdown(
            "All answers, designs and the list of your runs are forgotten, here and in this "
            "browser. Trained networks stay in the store."
        )
        st.button("Yes, clear it", "summary_clear", on_click=keeping.clear, type="primary")
    st.caption(
        "Kept in this browser only; nobody else sees it. To print it, use the browser's own "
        "printing (Ctrl+P, on a Mac ⌘P).",
        width="stretch",
    )
st.markdown(summary.text(progress, resources.store(), TITLES), unsafe_allow_html=True)

if runs:
    frame.heading("Your experiment, to run and to change")
    specs = {name: each.spec for name, each in runs.items()}
    taking.experiment(specs, "summary", summary.answered(progress), "your-lesson")
frame.heading("The lesson's notebook")
st.markdown(
    "The whole lesson as a Jupyter notebook: with blanks to fill in, and with its solution."
)
taking.class_notebooks("summary_class")
if not runs:
    taking.digits("summary_class")
before = PAGES[-1]
st.page_link(before.file, label=f"Previous: {before.title}", icon=":material/arrow_back:")
