"""What came of a training: its numbers and curves, beside those of A, and what one does next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lesson import figures
from lesson.experiment import loss_apart, points
from lesson.palette import MARKS, run_colours
from lesson.results import Run
from lesson.ui import experiment, taking
from lesson.ui.charts import chart
from lesson.ui.experiment import Lab

Better = Literal["normal", "inverse", "off"]

HEIGHT = 230  # of the curves, in pixels: with all around it, the result is on the first screen


def show(run: Run, lab: Lab, a: Run | None) -> None:
    """The result of a run, held against the run A if there is one, and the ways on."""
    beside = a if a and a.spec != run.spec else None
    _numbers(run, beside)
    if not math.isfinite(run.test_loss):
        st.warning(
            "The loss grew beyond all numbers: the steps were too large. Use a smaller learning "
            "rate, or scale the pixels."
        )
    _curves({"A": beside, "B": run} if beside else {"This run": run}, f"curves_{run.digest}")
    experiment.sentence(lab, beside, run)
    with st.container(horizontal=True, gap="small"):
        experiment.ways_on(lab, a, run)
        with st.popover("Download"):
            taking.files(run.spec, lab.called(run.spec), lab.key("download"), "stretch")


def _numbers(run: Run, a: Run | None) -> None:
    """Accuracy, loss and seconds; below each, what it was in A and how far it lies from that."""
    left, middle, right = st.columns(3)
    accuracy = loss = seconds = ""
    if a:
        accuracy = f"{points(a.test_accuracy, run.test_accuracy)}: A {a.test_accuracy:.2%}"
        loss = f"{loss_apart(a.test_loss, run.test_loss)}: A {_loss(a.test_loss)}".lstrip(": ")
        seconds = f"A {a.seconds:.1f} s"
    _metric(left, "Accuracy on the test digits", f"{run.test_accuracy:.2%}", accuracy, "normal")
    _metric(middle, "Loss on the test digits", _loss(run.test_loss), loss, "inverse")
    _metric(right, "Training took", f"{run.seconds:.1f} s", seconds)


def _metric(
    place: DeltaGenerator, label: str, value: str, apart: str, better: Better = "off"
) -> None:
    """A number, and below it the one it is held against, with an arrow if it has a sign.

    ``better`` says whether more of it is good, as Streamlit's ``delta_color`` does.
    """
    arrow: Literal["auto", "off"] = "auto" if apart.startswith(("+", "-")) else "off"
    place.metric(
        label, value, apart or None, better if arrow == "auto" else "off", delta_arrow=arrow
    )


def _curves(runs: Mapping[str, Run], key: str) -> None:
    """Accuracy and loss by epoch, side by side, with one legend for both."""
    with st.container(gap=None):
        if legend := _legend(runs):
            st.markdown(legend, unsafe_allow_html=True)
        for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
            figure = figures.learning_curves({n: run.history for n, run in runs.items()}, metric)
            figure.layout.showlegend, figure.layout.margin.t = False, 12
            alt = "; ".join(_in_words(name, run, metric) for name, run in runs.items())
            with column:
                chart(figure, f"{key}_{metric}", f"{alt}.", HEIGHT)


def _legend(runs: Mapping[str, Run]) -> str:
    """What the colours, marks and lines of the curves mean, in one line of HTML."""
    colours = run_colours(runs)
    parts = [
        f'<span style="color:{colours[name]}">{mark}</span> **{name}**&emsp;'
        for name, mark in zip(runs, MARKS, strict=False)
        if len(runs) > 1
    ]
    if any("val_loss" in run.history for run in runs.values()):
        parts.append("solid: training, dashed: validation (digits held back)")
    return "".join(parts)


def _in_words(name: str, run: Run, metric: str) -> str:
    text = f"{name}: the {metric} by epoch; "
    text += f"on the training digits it ends at {run.history[metric][-1]:.4f}"
    if held_back := run.history.get(f"val_{metric}"):
        text += f", on those held back at {held_back[-1]:.4f}"
    return text


def _loss(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not a number"
