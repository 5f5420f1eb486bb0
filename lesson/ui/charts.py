"""A Plotly figure on a page, in the same way everywhere."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from lesson import figures
from lesson.ui import presenter

# What a low chart grows to on a stage, in pixels: larger letters leave its lines less room.
ROOMY = 290


def sized(figure: go.Figure) -> go.Figure:
    """The figure as it is, or set larger on a stage."""
    if not presenter.on():
        return figure
    larger = figures.enlarged(figure, presenter.SCALE)
    larger.layout.height = max(figure.layout.height, ROOMY)
    return larger


def chart(figure: go.Figure, key: str, alt: str, height: int | None = None) -> None:
    """Show a figure as wide as the place it stands in; ``height`` in pixels, if not its own.

    ``alt`` says what the chart shows to those who do not see it.
    """
    if height is not None:
        figure.layout.height = height
    st.plotly_chart(sized(figure), key=key, config=figures.CONFIG, alt=alt)
