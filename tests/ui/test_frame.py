"""What stands around every page."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesson.ui import frame


def test_a_guard_turns_an_error_for_the_reader_into_a_sentence_and_goes_on() -> None:
    def script() -> None:
        import streamlit as st

        from lesson.errors import LessonError
        from lesson.ui import frame

        with frame.guard():
            raise LessonError("strides must be at least 1, but it is 0. Use 1.")
        st.text("after")

    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "strides must be at least 1, but it is 0. Use 1."
    ]
    assert app.text[0].value == "after"


def test_a_guard_lets_defects_and_streamlits_own_signals_pass() -> None:
    def stop() -> None:
        import streamlit as st

        from lesson.ui import frame

        with frame.guard():
            st.stop()
        st.text("never reached")

    with pytest.raises(ValueError, match="a defect"), frame.guard():
        raise ValueError("a defect")
    stopped = AppTest.from_function(stop, default_timeout=30).run()
    assert not stopped.exception
    assert not stopped.error
    assert not stopped.text


def test_keras_lines_are_shown_as_python() -> None:
    def script() -> None:
        from lesson.ui import frame

        frame.keras_lines("model.add(Flatten())")

    app = AppTest.from_function(script, default_timeout=30).run()
    assert (app.code[0].value, app.code[0].language) == ("model.add(Flatten())", "python")


def test_without_its_icon_the_lesson_has_none_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = frame.icon()
    assert shown
    assert shown.startswith("data:image/png;base64,")
    monkeypatch.setattr(frame, "ASSETS", tmp_path)
    frame.icon.cache_clear()
    assert frame.icon() is None
    frame.icon.cache_clear()
