"""What can be taken along of a run: a button for each file that is there, words for what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from lesson import brief, classbook, mnist, takeaway
from lesson.errors import LessonError
from lesson.run_files import StoreError
from lesson.runs import SHIPPED, RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources, taking
from lesson.worth import VARIANTS

ALL = ["Network (.keras)", "History (.csv)", "Script (.py)", "Notebook (.ipynb)"]


def page(name: str) -> None:
    from lesson.ui import taking
    from lesson.worth import VARIANTS

    taking.files(VARIANTS[name], name, "here")


def several() -> None:
    from lesson.specs import NOTEBOOK_RUNS
    from lesson.ui import taking

    taking.experiment(NOTEBOOK_RUNS, "here")
    taking.class_notebooks("class")
    taking.files(NOTEBOOK_RUNS["CNN 1"], "CNN 1", "one")


def impossible() -> None:
    from dataclasses import replace

    from lesson.layers import Conv2D, Flatten
    from lesson.specs import NOTEBOOK_RUNS, NetworkSpec
    from lesson.ui import taking

    network = NetworkSpec((Flatten(), Conv2D(4)))
    taking.experiment({"A": replace(NOTEBOOK_RUNS["CNN 1"], network=network)}, "here")


def shown(name: str) -> tuple[list[str], list[str]]:
    """The buttons for a run's files, and what is said."""
    app = AppTest.from_function(page, args=(name,), default_timeout=60).run()
    assert not app.exception
    buttons = [button.proto.label for button in app.get("download_button")]
    return buttons, [part.value for part in app.caption]


def test_what_is_there_has_a_button_and_what_is_not_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path, SHIPPED)
    monkeypatch.setattr(resources, "store", lambda: store)
    assert shown("max pooling") == (ALL, [])
    assert shown("no pooling") == (ALL[1:], [taking.WITHOUT])
    # Nothing on disk: what was read before is still in memory.
    store.load(VARIANTS["max pooling"].digest)
    store.shipped = tmp_path / "gone"
    assert shown("max pooling") == (ALL[1:], [taking.GONE])
    assert shown("no pooling") == (ALL[2:], [taking.GONE])


def test_a_run_that_goes_after_its_button_was_drawn_gives_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path, shipped=None)
    monkeypatch.setattr(resources, "store", lambda: store)
    for read in (taking._network, taking._history):
        with pytest.raises(LessonError):
            read(NOTEBOOK_RUNS["CNN 1"])


def test_every_button_brings_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, bytes] = {}

    def button(label: str, content: Any, name: str, **look: object) -> None:
        made = content()
        files[name] = made.encode() if isinstance(made, str) else made

    monkeypatch.setattr(streamlit, "download_button", button)
    assert not AppTest.from_function(several, default_timeout=120).run().exception
    assert list(files) == [
        "cnn-classroom.py",
        "cnn-classroom.ipynb",
        "mnist.npz",
        "convolutional-neural-networks.ipynb",
        "convolutional-neural-networks-solution.ipynb",
        "cnn-1.keras",
        "cnn-1.csv",
        "cnn-1.py",
        "cnn-1.ipynb",
    ]
    assert files["cnn-classroom.py"].decode() == takeaway.script(NOTEBOOK_RUNS)
    assert files["cnn-classroom.ipynb"] == takeaway.notebook(NOTEBOOK_RUNS)
    assert files["mnist.npz"] == mnist.PATH.read_bytes()
    assert files["convolutional-neural-networks.ipynb"] == classbook.blanks()
    assert files["convolutional-neural-networks-solution.ipynb"] == classbook.solution()
    assert files["cnn-1.ipynb"] == takeaway.notebook({"CNN 1": NOTEBOOK_RUNS["CNN 1"]})


def test_a_network_that_cannot_be_is_told_of_and_has_no_button() -> None:
    app = AppTest.from_function(impossible, default_timeout=60).run()
    assert not app.exception
    assert not app.get("download_button")
    assert "needs a picture" in app.error[0].value


def test_damaged_results_are_told_of_in_the_place_of_the_class_notebooks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def damaged() -> dict[str, brief.Brief]:
        raise StoreError("It is torn.")

    monkeypatch.setattr(brief, "shipped", damaged)
    app = AppTest.from_function(several, default_timeout=60).run()
    assert not app.exception
    assert [part.value for part in app.error] == ["It is torn."]
    assert "With blanks (.ipynb)" not in [x.proto.label for x in app.get("download_button")]
