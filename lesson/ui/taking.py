"""What one can take along: a run's files, an experiment, the class's notebook, the digits.

Each file is made when it is asked for. What a button cannot bring it cannot tell either, since
Streamlit keeps the error to itself: so whether it can is looked at before it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import streamlit as st

from lesson import classbook, downloads, export, mnist, takeaway
from lesson.errors import LessonError
from lesson.specs import RunSpec
from lesson.ui import resources

Width = Literal["content", "stretch"]
Content = Callable[[], str | bytes]

LABELS = {
    "keras": "Network (.keras)",
    "csv": "History (.csv)",
    "py": "Script (.py)",
    "ipynb": "Notebook (.ipynb)",
    "npz": "The digits (mnist.npz)",
}
GONE = (
    "The folder of this run is gone, and its network with it: train it with another seed, or "
    "again after a restart of the server."
)
WITHOUT = "This run is kept without its network: its script trains it again."
OFFLINE = "Without the internet the script and the notebook need mnist.npz beside them."


def files(spec: RunSpec, name: str, key: str, width: Width = "content") -> None:
    """Buttons for the network, the history, the script and the notebook of a run, if there are.

    Args:
        spec: the run's.
        name: what the run is called, from which the files get their names.
        key: begins the keys of the buttons.
        width: of each button.
    """
    store = resources.store()
    summary = store.summary(spec)
    contents: dict[str, Content] = {}
    if summary and summary.has_network:
        contents["keras"] = partial(_network, spec)
    # A run whose folder is gone may still be in memory.
    if summary or store.load(spec.digest):
        contents["csv"] = partial(_history, spec)
    contents["py"] = partial(takeaway.script, {name: spec})
    contents["ipynb"] = partial(takeaway.notebook, {name: spec})
    for ending, content in contents.items():
        _button(LABELS[ending], content, downloads.file_name(name, ending), key, ending, width)
    if "keras" not in contents:
        st.caption(WITHOUT if summary else GONE)


def experiment(
    runs: Mapping[str, RunSpec],
    key: str,
    answers: Sequence[takeaway.Answered] = (),
    name: str = "cnn-classroom",
) -> None:
    """Buttons, side by side, for several runs as one script and as one notebook, and the digits.

    Args:
        runs: by what they are called.
        key: begins the keys of the buttons.
        answers: the reader's, which come along.
        name: of the files.
    """
    if problem := next((p for spec in runs.values() if (p := spec.network.problem)), None):
        st.error(problem)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        script, notebook = (
            partial(make, dict(runs), tuple(answers))
            for make in (takeaway.script, takeaway.notebook)
        )
        _button(LABELS["py"], script, f"{name}.py", key, "py")
        _button(LABELS["ipynb"], notebook, f"{name}.ipynb", key, "ipynb")
        digits(key)


def in_keras(runs: Mapping[str, RunSpec], key: str) -> None:
    """The networks of several runs as Keras lines, and their experiment.

    The browser takes long to colour code: let it stand where it is shown only if asked for.
    """
    experiment(runs, key)
    lines = export.networks_code({name: spec.network for name, spec in runs.items()})
    st.code(lines, language="python", wrap_lines=True)


def class_notebooks(key: str) -> None:
    """Buttons, side by side, for the lesson's notebook with blanks and for its solution."""
    try:
        classbook.facts(resources.store())
    except LessonError as error:
        st.error(str(error))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        solution = partial(classbook.solution, resources.store())
        name = "convolutional-neural-networks"
        _button("With blanks (.ipynb)", classbook.blanks, f"{name}.ipynb", key, "blanks")
        _button("Solution (.ipynb)", solution, f"{name}-solution.ipynb", key, "solution")


def digits(key: str) -> None:
    """A button for the file of digits that a script or notebook needs without the internet."""
    if mnist.PATH.is_file():
        _button(LABELS["npz"], mnist.PATH.read_bytes, mnist.PATH.name, key, "npz", help=OFFLINE)


def _button(
    label: str,
    content: Content,
    file: str,
    key: str,
    ending: str,
    width: Width = "content",
    help: str | None = None,
) -> None:
    st.download_button(
        label,
        content,
        file,
        key=f"{key}_{ending}",
        on_click="ignore",
        icon=":material/download:",
        width=width,
        help=help,
    )


def _network(spec: RunSpec) -> bytes:
    found = resources.store().keras_file(spec.digest)
    if found is None:
        raise LessonError(GONE)
    return found


def _history(spec: RunSpec) -> str:
    found = resources.store().load(spec.digest)
    if found is None:
        raise LessonError("This run can no longer be read.")
    return downloads.history_csv(found)
