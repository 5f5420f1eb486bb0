"""The lesson: everything that can be said about it without a screen.

Nothing in this package outside :mod:`lesson.ui` names Streamlit, and only
:mod:`lesson.keras_models` and :mod:`lesson.training` name Keras or TensorFlow.
"""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
