"""Train a run from a page: start, live curves, time left, cancel, result."""

from __future__ import annotations

import math

import streamlit as st

from lesson import diagrams, figures
from lesson.runs import Progress, Run
from lesson.specs import RunSpec
from lesson.trainer import FAILED, Job
from lesson.ui import resources

POLL_SECONDS = 0.3
STAGES = {
    "preparing": "Getting the digits and the network ready",
    "training": "Training",
    "evaluating": "Asking the network about the 10,000 test digits",
    "measuring": "Asking the network about moved test digits",
}


def panel(spec: RunSpec, key: str) -> Run | None:
    """The training of ``spec``, in whichever state it is, with the button ``key`` to start it.

    Returns:
        The finished run, or ``None`` while there is none.
    """
    resources.trainer().warm()
    for warning in resources.store().warnings:
        st.warning(warning)
    _others(spec)
    if spec.problem:
        st.error(spec.problem)
        return None
    run = resources.find(spec)
    if run is not None:
        _result(run)
        return run
    job = resources.trainer().job(spec, resources.reader())
    if job is not None and not job.done:
        _live(spec)
        return None
    if job is not None and job.state == FAILED:
        st.error(job.message)
    st.markdown(
        f"{spec.network.parameters:,} parameters, {spec.fitted_digits:,} digits, "
        f"{spec.epochs} epochs of {spec.batches:,} batches. Not trained yet with these settings."
    )
    st.button("Train this network", key=key, type="primary", on_click=_start, args=(spec,))
    return None


def learning_curves(run: Run, key: str, name: str = "This run") -> None:
    """Loss and accuracy of a finished run by epoch, side by side."""
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        last = run.history[metric][-1]
        column.plotly_chart(
            figures.learning_curves({name: run.history}, metric),
            key=f"{key}_{metric}",
            config=figures.CONFIG,
            alt=f"The {metric} by epoch; on the training digits it ends at {last:.4f}.",
        )


def _start(spec: RunSpec) -> None:
    resources.trainer().train(spec, resources.reader())


def _cancel(job: Job) -> None:
    if not resources.trainer().cancel(job, resources.reader()):
        st.toast("Others wait for this run too, so it goes on for them.")


def _others(spec: RunSpec) -> None:
    """What this reader has asked for elsewhere and is not done yet, with a way to end it."""
    for job in resources.trainer().waited_for(resources.reader()):
        if job.spec != spec:
            with st.container(horizontal=True, vertical_alignment="center"):
                done = job.progress
                at = f"epoch {done.epoch} of {job.spec.epochs}" if done else "waiting"
                st.caption(f"A run with other settings that you started goes on ({at}).")
                st.button("Cancel it", key=f"cancel_{job.key}", on_click=_cancel, args=(job,))


def _result(run: Run) -> None:
    left, middle, right = st.columns(3)
    left.metric("Accuracy on the test digits", f"{run.test_accuracy:.2%}")
    middle.metric("Loss on the test digits", _loss(run.test_loss))
    right.metric("Training took", f"{run.seconds:.1f} s")
    learning_curves(run, f"curves_{run.digest}")


def _loss(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not a number"


@st.fragment(run_every=POLL_SECONDS)
def _live(spec: RunSpec) -> None:
    """The training while it goes on; the whole page runs again when it ends."""
    trainer = resources.trainer()
    job = trainer.job(spec, resources.reader())
    if job is None or job.done:
        st.rerun(scope="app")
    show(job, "cancel_training")


def show(job: Job, key: str) -> None:
    """A piece of work that goes on: how far it is, its curves, and a button to cancel it."""
    progress = job.progress
    ahead = resources.trainer().ahead(job)
    if progress is None:
        before = "The training process is starting; the first time takes some seconds."
        if ahead:
            before = f"{ahead} other run{'s are' if ahead > 1 else ' is'} ahead of this one."
        st.progress(0.0, before)
    else:
        st.progress(_share(job.spec, progress), _where(job.spec, progress))
    st.button("Cancel", key=key, on_click=_cancel, args=(job,))
    points = list(job.points)
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        column.markdown(_live_curve(job.spec, points, metric), unsafe_allow_html=True)


def _share(spec: RunSpec, progress: Progress) -> float:
    if progress.stage == "training":
        return min(1.0, _epochs_done(progress) / spec.epochs)
    if progress.stage == "measuring":
        return progress.batch / progress.batches
    return 0.0 if progress.stage == "preparing" else 1.0


def _where(spec: RunSpec, progress: Progress) -> str:
    text = STAGES.get(progress.stage, progress.stage)
    if progress.stage == "training":
        text += f": epoch {progress.epoch} of {spec.epochs}"
    if progress.seconds_left is not None:
        text += f", about {max(1, round(progress.seconds_left))} s left"
    return text


def _epochs_done(progress: Progress) -> float:
    if progress.epoch_end:
        return float(progress.epoch)
    return progress.epoch - 1 + progress.batch / max(1, progress.batches)


def _live_curve(spec: RunSpec, points: list[Progress], metric: str) -> str:
    told = [p for p in points if p.stage == "training" and getattr(p, metric) is not None]
    ends = [p for p in told if p.epoch_end and getattr(p, f"val_{metric}") is not None]
    return diagrams.live_curve(
        [_epochs_done(p) for p in told],
        [getattr(p, metric) for p in told],
        spec.epochs,
        metric,
        [float(p.epoch) for p in ends],
        [getattr(p, f"val_{metric}") for p in ends],
    )
