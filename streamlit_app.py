"""The router of the CNN classroom: set the page up, find the one asked for, run it."""

from __future__ import annotations

import streamlit as st

from lesson.ui import frame
from lesson.ui.navigation import navigation

# A filter over four pixels. Drawn here, since a named icon would be fetched from the network.
ICON = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="1" y="1" width="30" height="30" rx="5" fill="#1b1f24"/>
  <path d="M5 5h6v6H5zM13 13h6v6h-6zM21 5h6v6h-6zM5 21h6v6H5z" fill="#78aeed"/>
  <path d="M3.5 3.5h17v17h-17z" fill="none" stroke="#ffffff" stroke-width="2"/>
</svg>
""".strip()

# A projector has few lines: give them to the lesson instead of to margins.
MARGINS = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 2.5rem 2.5rem 3rem; }
</style>
"""

st.set_page_config(
    page_title="CNN classroom", page_icon=ICON, layout="wide", initial_sidebar_state=260
)
st.html(MARGINS)

current = navigation()
with frame.guard():
    current.run()
