"""What all readers of one server share: the store of runs, the trainer, the prepared digits."""

from __future__ import annotations

import uuid

import streamlit as st

from lesson import mnist, network
from lesson.results import Run
from lesson.runs import RunStore
from lesson.specs import RunSpec
from lesson.trainer import Trainer


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The finished runs."""
    return RunStore()


@st.cache_resource(show_spinner=False)
def trainer() -> Trainer:
    """The one that trains."""
    return Trainer(store())


def reader() -> str:
    """A name for this session, so that a run knows who waits for it."""
    return str(st.session_state.setdefault("_reader", uuid.uuid4().hex))


def find(spec: RunSpec) -> Run | None:
    """The finished run of a spec, or ``None``."""
    return store().find(spec)


def activations(run: Run, image: mnist.UInt8) -> list[network.Float32]:
    """Every activation of a run's network for one picture ``(28, 28)``; see ``network.forward``.

    Raises:
        ValueError: the run was kept without its network.
    """
    if run.weights is None:
        raise ValueError(f"The run {run.digest} has no weights.")
    prepared = mnist.prepare(image[None], run.spec.scaled)
    return network.forward(run.spec.network, run.weights, prepared)
