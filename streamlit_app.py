"""The router of the CNN classroom: set the page up, find the one asked for, run it."""

from __future__ import annotations

import sys

import streamlit as st

from lesson.ui import frame, resources
from lesson.ui.navigation import navigation

# A filter over four pixels. Drawn here, since a named icon would be fetched from the network.
ICON = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="1" y="1" width="30" height="30" rx="5" fill="#1b1f24"/>
  <path d="M5 5h6v6H5zM13 13h6v6h-6zM21 5h6v6h-6zM5 21h6v6H5z" fill="#78aeed"/>
  <path d="M3.5 3.5h17v17h-17z" fill="none" stroke="#ffffff" stroke-width="2"/>
</svg>
""".strip()

st.set_page_config(
    page_title="CNN classroom",
    # Streamlit loads NumPy and PIL to look at an icon; the first reader need not wait for them.
    page_icon=ICON if "PIL.Image" in sys.modules else None,
    layout="wide",
    initial_sidebar_state=260,
)
current = navigation()
with frame.guard():
    current.run()
resources.prepare()
