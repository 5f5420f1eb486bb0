"""How sure the chosen runs are, and how often they are right when they are so sure."""

from __future__ import annotations

import streamlit as st

from lesson import evaluation, figures, misread, mnist
from lesson.ui import controls, frame
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen

EXPLAINED = (
    "**How sure?** The softmax gives each of the ten digits a probability, and the largest one "
    "says how sure the answer is. Each point stands for the digits that a network answers about "
    "equally sure: if it says 0.8 and reads 80 of 100 right, the point lies on the dotted line. "
    "The calibration error is how far the points lie from the line, on average over all digits. "
    "Points that stand for few digits move with chance: point at one to see how many there are."
)


def show(chosen: Chosen) -> None:
    labels = mnist.load().y_test
    answers = {name: run.test_probabilities for name, run in chosen.runs.items()}
    calibrations = {name: evaluation.calibration(labels, each) for name, each in answers.items()}
    told = misread.calibration_sentence(calibrations)
    left, right = st.columns(2)
    with left:
        chart(figures.reliability(calibrations), "comparison_reliability", told, 440)
        st.markdown(told)
    with right:
        st.markdown(misread.calibration_table(calibrations))
        least = controls.slider(
            "Only count answers at least this sure", "comparison_least_sure", 0.0, 0.99, 0.0, 0.01
        )
        counted = {n: evaluation.answered(labels, each, least) for n, each in answers.items()}
        all_right = {n: evaluation.answered(labels, each, 0)[1] for n, each in answers.items()}
        st.markdown(misread.answered_table(counted))
        st.markdown(misread.answered_sentence(counted, all_right, len(labels), least))
    frame.prose(EXPLAINED, alone=True)
