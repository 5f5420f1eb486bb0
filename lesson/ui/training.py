"""Train a run from a page: start, live curves, time left, cancel, result.

The work is done in another process. What shows it while it goes on is a fragment that looks
several times a second; when the work ends, the whole page runs once more and polling is over.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st

from lesson import diagrams, figures
from lesson.results import Progress, Run
from lesson.specs import RunSpec
from lesson.trainer import CANCELLED, FAILED, Job
from lesson.ui import resources

POLL_SECONDS = 0.3
OTHERS_SECONDS = 1.0
DRAWN_POINTS = 300  # a long training tells more than a curve on a screen can show
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
    trainer = resources.trainer()
    trainer.warm()
    for warning in resources.store().warnings:
        st.warning(warning)
    others = _others(spec)
    if others:
        _go_on_elsewhere(spec, tuple(job.key for job in others))
    if spec.problem:
        st.error(spec.problem)
        return None
    run = resources.find(spec)
    if run is not None:
        _result(run)
        return run
    job = trainer.job(spec, resources.reader())
    if job is not None and not job.done:
        _live(spec)
        return None
    if job is not None and job.state == FAILED:
        st.error(job.message)
    cancelled = job is not None and job.state == CANCELLED
    st.markdown(
        f"{spec.network.parameters:,} parameters, {spec.fitted_digits:,} digits, "
        f"{_count(spec.epochs, 'epoch')} of {_count(spec.batches, 'batch', 'batches')}. "
        + ("Cancelled: nothing of it was kept." if cancelled else "Not trained yet.")
    )
    st.button("Train this network", key=key, type="primary", on_click=_start, args=(spec,))
    return None


def learning_curves(run: Run, key: str, name: str = "This run") -> None:
    """Accuracy and loss of a finished run by epoch, side by side."""
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            _curve(run, metric, f"{key}_{metric}", name)


def example(spec: RunSpec, key: str, take: Callable[[RunSpec], None]) -> Run | None:
    """The accuracy of a run that ships with the lesson, by epoch, and a button to its settings.

    Args:
        spec: what was run.
        key: begins the keys of the figure and of the button, ``{key}_take``.
        take: moves the page's controls to a run's settings.

    Returns:
        The run, or ``None`` where it is missing; then a sentence says so.
    """
    run = resources.find(spec)
    if run is None:
        st.info(
            f"The run {spec.digest} is missing from `assets/runs`. "
            "`python -m lesson.shipped --missing` trains it again."
        )
        return None
    _curve(run, "accuracy", key, "This run")
    st.button("Set the controls to this run", key=f"{key}_take", on_click=take, args=(spec,))
    return run


def _curve(run: Run, metric: str, key: str, name: str) -> None:
    alt = f"The {metric} by epoch; on the training digits it ends at {run.history[metric][-1]:.4f}"
    if held_back := run.history.get(f"val_{metric}"):
        alt += f", on those held back at {held_back[-1]:.4f}"
    figure = figures.learning_curves({name: run.history}, metric)
    st.plotly_chart(figure, key=key, config=figures.CONFIG, alt=f"{alt}.")


def _start(spec: RunSpec) -> None:
    resources.trainer().train(spec, resources.reader())


def _cancel(job: Job) -> None:
    if not resources.trainer().cancel(job, resources.reader()):
        st.toast("Others wait for this run too, so it goes on for them.")


def _result(run: Run) -> None:
    left, middle, right = st.columns(3)
    left.metric("Accuracy on the test digits", f"{run.test_accuracy:.2%}")
    middle.metric("Loss on the test digits", _loss(run.test_loss))
    right.metric("Training took", f"{run.seconds:.1f} s")
    if not math.isfinite(run.test_loss):
        st.warning(
            "The loss grew beyond all numbers: the steps were too large. Use a smaller learning "
            "rate, or scale the pixels."
        )
    learning_curves(run, f"curves_{run.digest}")


def _loss(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not a number"


def _others(spec: RunSpec) -> list[Job]:
    """What this reader has asked for with other settings and is not done yet."""
    waited_for = resources.trainer().waited_for(resources.reader())
    return [job for job in waited_for if job.spec != spec]


@st.fragment(run_every=OTHERS_SECONDS)
def _go_on_elsewhere(spec: RunSpec, keys: tuple[str, ...]) -> None:
    """How far the reader's other work is, and a way to end it, until some of it is done."""
    others = _others(spec)
    if tuple(job.key for job in others) != keys:
        st.rerun(scope="app")
    for job in others:
        with st.container(horizontal=True, vertical_alignment="center"):
            at = _where(job.spec, job.progress) if job.progress else "Waiting"
            st.caption(
                f"Your run with other settings ({job.spec.network.parameters:,} parameters, "
                f"{_count(job.spec.epochs, 'epoch')}) goes on. {at}.",
                width="content",
            )
            st.button("Cancel it", key=f"cancel_{job.key}", on_click=_cancel, args=(job,))


@st.fragment(run_every=POLL_SECONDS)
def _live(spec: RunSpec) -> None:
    """The training while it goes on: how far it is, its curves, and a button to cancel it."""
    trainer = resources.trainer()
    job = trainer.job(spec, resources.reader())
    if job is None or job.done:
        st.rerun(scope="app")
    progress = job.progress
    bar, button = st.columns([5, 1], vertical_alignment="center")
    if progress is not None:
        bar.progress(_share(spec, progress), _where(spec, progress))
    elif ahead := trainer.ahead(job):
        bar.progress(0.0, f"Waiting: {_count(ahead, 'run')} ahead of this one")
    else:
        bar.progress(0.0, "Waiting for the training process; a start of it takes some seconds")
    button.button("Cancel", key="cancel_training", on_click=_cancel, args=(job,), width="stretch")
    points = list(job.points)
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        column.markdown(_live_curve(spec, points, metric), unsafe_allow_html=True)


def _count(number: int, one: str, more: str = "") -> str:
    """A number with its word.

    >>> _count(1, "epoch"), _count(1200, "batch", "batches")
    ('1 epoch', '1,200 batches')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


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
        text += f", about {_duration(progress.seconds_left)} left"
    return text


def _duration(seconds: float) -> str:
    """A stretch of time as one says it.

    >>> _duration(0.2), _duration(89.6), _duration(150)
    ('1 s', '90 s', '2 min')
    """
    return f"{max(1, round(seconds))} s" if seconds <= 90 else f"{round(seconds / 60)} min"


def _epochs_done(progress: Progress) -> float:
    if progress.epoch_end:
        return float(progress.epoch)
    return progress.epoch - 1 + progress.batch / max(1, progress.batches)


def _live_curve(spec: RunSpec, points: list[Progress], metric: str) -> str:
    told = [p for p in points if p.stage == "training" and getattr(p, metric) is not None]
    ends = [p for p in told if p.epoch_end and getattr(p, f"val_{metric}") is not None]
    told = told[:: -(1 + len(told) // DRAWN_POINTS)][::-1]  # thinned out, the last one kept
    return diagrams.live_curve(
        [_epochs_done(p) for p in told],
        [getattr(p, metric) for p in told],
        spec.epochs,
        metric,
        [float(p.epoch) for p in ends],
        [getattr(p, f"val_{metric}") for p in ends],
    )
