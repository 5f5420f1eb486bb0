"""Train a run from a page: what it will cost, start, live curves, cancel, result, the way on.

The work is done in another process. What shows it while it goes on is a fragment that looks
several times a second; when the work ends, the whole page runs once more and polling is over.
"""

from __future__ import annotations

import streamlit as st

from lesson import diagrams, estimate
from lesson.estimate import duration
from lesson.palette import run_colours
from lesson.results import Progress, Run
from lesson.specs import RunSpec
from lesson.trainer import CANCELLED, FAILED, MEASURED, Job
from lesson.ui import experiment, resources, result
from lesson.ui.experiment import Lab

POLL_SECONDS = 0.3
OTHERS_SECONDS = 1.0
DRAWN_POINTS = 300  # a long training tells more than a curve on a screen can show
STAGES = {
    "preparing": "Getting the digits and the network ready",
    "training": "Training",
    "evaluating": "Asking the network about the 10,000 test digits",
    "measuring": "Asking the network about changed test digits",
}


def panel(spec: RunSpec, lab: Lab) -> Run | None:
    """The training of ``spec``, in whichever state it is; the button ``…_train`` starts it.

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
    experiment.look_for(lab, spec)
    a = experiment.pinned(lab)
    if a:
        experiment.against(lab, a, spec)
    job = trainer.job(spec, resources.reader())
    if job is not None and not job.done:
        _live(spec, a)
        return None
    if job is not None and job.state == FAILED:
        st.error(job.message)
    run = resources.find(spec)
    if run is not None:
        result.show(run, lab, a)
        if run.weights is None:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button("Train it here", lab.key("train"), None, experiment.train, (spec,))
                st.markdown("This run is kept without its network; trained here, it has one.")
        return run
    _before(spec, lab, cancelled=job is not None and job.state == CANCELLED)
    with st.container(horizontal=True, gap="small"):
        start = ("Train this network", lab.key("train"), None, experiment.train, (spec,))
        st.button(*start, type="primary")
        if a:
            experiment.ways_back(lab, a, spec)
    return None


def _before(spec: RunSpec, lab: Lab, cancelled: bool) -> None:
    """What is about to be trained, and what that will take."""
    need = estimate.memory(spec)
    text = (
        f"**{spec.network.parameters:,} parameters, {spec.fitted_digits:,} digits, "
        f"{_count(spec.epochs, 'epoch')} of {_count(spec.batches, 'batch', 'batches')}.** "
        + ("Cancelled: nothing of it was kept." if cancelled else "Not trained yet.")
    )
    # Each line by itself: the sign that the arithmetic can be read stands behind the memory.
    st.markdown(
        f"{text}\n\nMemory: **{need.megabytes:.1f} MB** at the least. Time: {_time(spec, lab)}.",
        help=need.arithmetic,
    )


def _time(spec: RunSpec, lab: Lab) -> str:
    """How long it will take, judging by the finished run that is most like it."""
    summaries, here = experiment.finished()
    found = estimate.estimate(spec, summaries, here)
    if found is None:
        return "not known, since nothing was trained yet"
    judge = found.judged_by.spec
    return estimate.told(spec, found, lab.called(judge), judge.digest in here)


def _cancel(job: Job) -> None:
    if not resources.trainer().cancel(job, resources.reader()):
        st.toast("Others wait for this run too, so it goes on for them.")


def _others(spec: RunSpec) -> list[Job]:
    """What this reader has asked for with other settings and is not done yet."""
    waited_for = resources.trainer().waited_for(resources.reader())
    return [job for job in waited_for if job.key != spec.digest]


@st.fragment(run_every=OTHERS_SECONDS)
def _go_on_elsewhere(spec: RunSpec, keys: tuple[str, ...]) -> None:
    """How far the reader's other work is, and a way to end it, until some of it is done."""
    others = _others(spec)
    if tuple(job.key for job in others) != keys:
        st.rerun(scope="app")
    for job in others:
        with st.container(horizontal=True, vertical_alignment="center"):
            at = _where(job.spec, job.progress) if job.progress else "Waiting"
            what = "measurement" if job.key.endswith(MEASURED) else "run with other settings"
            st.caption(
                f"Your {what} ({job.spec.network.parameters:,} parameters, "
                f"{_count(job.spec.epochs, 'epoch')}) goes on. {at}.",
                width="content",
            )
            st.button("Cancel it", key=f"cancel_{job.key}", on_click=_cancel, args=(job,))


@st.fragment(run_every=POLL_SECONDS)
def _live(spec: RunSpec, a: Run | None) -> None:
    """The training while it goes on: how far it is, its curves over those of A, a way to cancel."""
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
    if len(job.begun) > 1:
        st.caption(
            "The training process ended during this run, most often because the machine's memory "
            "ran out: it begins again from its first weights."
        )
    button.button("Cancel", key="cancel_training", on_click=_cancel, args=(job,), width="stretch")
    points = list(job.points)
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        column.markdown(_live_curve(spec, points, metric, a), unsafe_allow_html=True)


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
        text += f", about {duration(progress.seconds_left)} left"
    return text


def _epochs_done(progress: Progress) -> float:
    if progress.epoch_end:
        return float(progress.epoch)
    return progress.epoch - 1 + progress.batch / max(1, progress.batches)


def _live_curve(spec: RunSpec, points: list[Progress], metric: str, a: Run | None = None) -> str:
    told = [p for p in points if p.stage == "training" and getattr(p, metric) is not None]
    ends = [p for p in told if p.epoch_end and getattr(p, f"val_{metric}") is not None]
    # Thinned out; the last one and the ends of the epochs are kept.
    sparse = set(range(len(told) - 1, -1, -(1 + len(told) // DRAWN_POINTS)))
    told = [p for n, p in enumerate(told) if n in sparse or p.epoch_end]
    colours = run_colours(("A", "B"))
    return diagrams.live_curve(
        [_epochs_done(p) for p in told],
        [getattr(p, metric) for p in told],
        spec.epochs,
        metric,
        [float(p.epoch) for p in ends],
        [getattr(p, f"val_{metric}") for p in ends],
        colours["B" if a else "A"],
        a.history[metric] if a else (),
        colours["A"],
    )
