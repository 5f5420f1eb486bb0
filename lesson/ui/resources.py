"""What all readers of one server share: the store of runs, and the trainer.

What only some pages need is loaded with the first of them.
"""

from __future__ import annotations

import importlib
import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from lesson.errors import LessonError
from lesson.results import Run
from lesson.runs import RunStore
from lesson.specs import RunSpec

if TYPE_CHECKING:
    from lesson.mnist import UInt8
    from lesson.network import Float32
    from lesson.trainer import Trainer


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The finished runs."""
    return RunStore()


@st.cache_resource(show_spinner=False)
def trainer() -> Trainer:
    """The one that trains."""
    from lesson.trainer import Trainer

    return Trainer(store())


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Load what the other pages will ask for, once the first one has had time to appear."""
    later = threading.Timer(1.0, _prepare)
    later.daemon = True
    later.start()


def _prepare() -> None:
    for module in ("PIL.Image", "pandas", "lesson.figures", "lesson.network", "lesson.trainer"):
        importlib.import_module(module)
    # Missing or damaged digits are told of on the page that needs them.
    with suppress(LessonError):
        importlib.import_module("lesson.mnist").load()


def reader() -> str:
    """A name for this session, so that a run knows who waits for it."""
    return str(st.session_state.setdefault("_reader", uuid.uuid4().hex))


def mine(digest: str | None = None) -> set[str]:
    """The digests of the runs that this session has asked for, with this one from now on."""
    asked: set[str] = st.session_state.setdefault("_mine", set())
    if digest:
        asked.add(digest)
    return asked


def find(spec: RunSpec) -> Run | None:
    """The finished run of a spec, or ``None``."""
    return store().find(spec)


def activations(run: Run, image: UInt8, weights: Sequence[Float32] | None = None) -> list[Float32]:
    """Every activation of a run's network for one picture ``(28, 28)``; see ``network.forward``.

    Args:
        run: whose network.
        image: bytes, 255 for ink.
        weights: used instead of the run's own, which all readers share.

    Raises:
        ValueError: the run was kept without its network.
    """
    from lesson import mnist, network

    weights = run.weights if weights is None else weights
    if weights is None:
        raise ValueError(f"The run {run.digest} has no weights.")
    prepared = mnist.prepare(image[None], run.spec.scaled)
    return network.forward(run.spec.network, weights, prepared)
