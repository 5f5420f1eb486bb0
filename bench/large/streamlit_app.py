"""The explorer on a picture of 64×64, the largest that the lesson shows, and nothing else."""

import numpy as np
import streamlit as st

from lesson.convolution import Window
from lesson.filters import FAMILIES
from lesson.sliding import convolution
from lesson.ui import explorer

SIDE = 64
st.set_page_config(layout="wide")
rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
picture = (0.5 + 0.5 * np.sin(40 * rows * columns)).astype(np.float32)
kernel = FAMILIES["vertical-edges"].at(3)
explorer.prepare()
explorer.sliding(
    convolution(picture[..., None], kernel[..., None], Window(3)),
    key="large",
    alt="A picture of 64×64, a kernel, and what it gives",
    titles=("64×64", "Vertical edges", "Result"),
    high=1,
)
