"""Measure a finished run on changed digits from a page: start, how far it is, cancel."""

from __future__ import annotations

import streamlit as st

from lesson.errors import LessonError
from lesson.estimate import duration
from lesson.results import Run
from lesson.robustness import WAYS, affordable, seconds
from lesson.specs import LEVELS
from lesson.trainer import FAILED, Job
from lesson.ui import resources

POLL_SECONDS = 0.3


def ask(run: Run, name: str, kind: str) -> None:
    """The way to a measurement of a run that was not asked about a kind yet, see ``LEVELS``.

    The button's key is ``comparison_measure_`` and the run's digest. It measures all kinds.
    """
    way = WAYS[kind].name.lower()
    if run.weights is None:
        st.caption(
            f"{name} is kept without its network, and only a run that keeps its network can be "
            f"asked about changed digits: there are no numbers for it at “{way}”."
        )
        return
    try:
        kinds = affordable(run.spec.network)
    except LessonError as error:
        st.caption(f"{name}: {error}")
        return
    if kind not in kinds:
        st.caption(
            f"{name} is so large that it is not asked about digits moved both ways at once: that "
            f"alone are {len(LEVELS[kind])} times 10,000 answers."
        )
        return
    job = resources.trainer().job(run.spec, resources.reader(), measured=True)
    if job is not None and not job.done:
        _going_on(run, name)
        return
    if job is not None and job.state == FAILED:
        st.error(job.message)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Measure {name} on changed digits",
            key=f"comparison_measure_{run.digest}",
            on_click=_start,
            args=(run,),
        )
        st.caption(
            f"{name} has not been asked about “{way}” yet. To ask in all ways takes about "
            f"{duration(seconds(run.spec.network))}."
        )


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
        text = "answering changed test digits"
        if progress.seconds_left is not None:
            text += f", about {duration(progress.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, f"{name}: {text}")
        st.button("Cancel", key=f"cancel_{job.key}", on_click=_cancel, args=(job,))
