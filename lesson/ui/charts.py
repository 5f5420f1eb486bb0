"""A Plotly figure on a page, in the same way everywhere."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from lesson import figures
from lesson.ui import presenter


def sized(figure: go.Figure) -> go.Figure:
    """The figure as it is, or larger on a stage."""
    return figures.enlarged(figure, presenter.SCALE) if presenter.on() else figure


def chart(figure: go.Figure, key: str, alt: str, height: int | None = None) -> None:
    """Show a figure as wide as the place it stands in; ``height`` in pixels, if not its own.

    ``alt`` says what the chart shows to those who do not see it.
    """
    if height is not None:
        figure.layout.height = height
    st.plotly_chart(sized(figure), key=key, config=figures.CONFIG, alt=alt)
