"""What can be taken along of a run: a button for each file that is there, words for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesson.errors import LessonError
from lesson.runs import SHIPPED, RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources, taking
from lesson.worth import VARIANTS

ALL = ["Network (.keras)", "History (.csv)", "Code (.py)"]


def page(name: str) -> None:
    from lesson.ui import taking
    from lesson.worth import VARIANTS

    taking.files(VARIANTS[name], name, "here")


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
