"""Measure a finished run on moved digits from a page: start, how far it is, cancel."""

from __future__ import annotations

import streamlit as st

from lesson.results import Robustness, Run
from lesson.trainer import FAILED, Job
from lesson.ui import resources

POLL_SECONDS = 0.3


def moved(run: Run, name: str) -> Robustness | None:
    """The run's accuracy on moved digits; while there is none, the way to it.

    The button's key is ``comparison_measure_`` and the run's digest.
    """
    found = resources.store().robustness(run.digest)
    if found:
        return found
    if run.weights is None:
        st.caption(
            f"{name} is kept without its network, and only a run that keeps its network can be "
            "measured on moved digits."
        )
        return None
    job = resources.trainer().job(run.spec, resources.reader(), measured=True)
    if job is not None and not job.done:
        _going_on(run, name)
        return None
    if job is not None and job.state == FAILED:
        st.error(job.message)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure this run on moved digits",
            key=f"comparison_measure_{run.digest}",
            on_click=_start,
            args=(run,),
        )
        st.caption(f"{name} has not been asked about moved digits yet.")
    return None


def _start(run: Run) -> None:
    resources.trainer().measure(run.spec, resources.reader())


def _cancel(job: Job) -> None:
    if not resources.trainer().cancel(job, resources.reader()):
        st.toast("Others wait for this measurement too, so it goes on for them.")


@st.fragment(run_every=POLL_SECONDS)
def _going_on(run: Run, name: str) -> None:
    """The measurement while it goes on; the whole page runs again when it ends."""
    job = resources.trainer().job(run.spec, resources.reader(), measured=True)
    if job is None or job.done:
        st.rerun(scope="app")
    progress = job.progress
    share, text = 0.0, "waiting for the training process"
    if progress is not None and progress.batches:
        share = min(1.0, progress.batch / progress.batches)
        text = "answering moved test digits"
        if progress.seconds_left is not None:
            text += f", about {max(1, round(progress.seconds_left))} s left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, f"{name}: {text}")
        st.button("Cancel", key=f"cancel_{job.key}", on_click=_cancel, args=(job,))
