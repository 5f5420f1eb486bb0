"""Your lesson, and the overview's account of it."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from lesson import progress, summary, tasks
from lesson.progress import Progress
from lesson.questions import bank
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import keeping
from tests.conftest import OpenPage, tell
from tests.test_summary import with_answer

ROWS = bank()["padding_rows"]
DONE = with_answer(Progress(runs=(NOTEBOOK_RUNS["CNN 1"].digest,)), ROWS, True)


def told(app: AppTest, kept: Progress) -> AppTest:
    """The browser tells what it keeps."""
    return tell(app, keeping.KEY, "found", progress.write(kept))


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in app.main.markdown)


def labels(app: AppTest) -> list[Any]:
    return [part.proto.label for part in app.get("download_button")]


def test_a_reader_who_has_done_nothing_is_told_where_to_begin(open_page: OpenPage) -> None:
    app = open_page("your-lesson")
    assert not app.exception
    assert summary.NOTHING in said(app)
    assert "Your experiment" not in said(app)


def test_what_the_browser_keeps_is_told_and_can_be_taken_away(open_page: OpenPage) -> None:
    app = told(open_page("your-lesson"), DONE)
    assert not app.exception
    assert ROWS.ask(DONE.attempts[ROWS.key].settings, 0).prompt in said(app)
    assert "| CNN 1 | 347,690 |" in said(app)
    assert "Your experiment, to run and to change" in said(app)
    assert "Script (.py)" in labels(app)
    assert "Notebook (.ipynb)" in labels(app)


def test_all_of_it_can_be_cleared_and_the_browser_hears_of_it(open_page: OpenPage) -> None:
    app = told(open_page("your-lesson"), DONE)
    app = app.button(key="summary_clear").click().run()
    assert summary.NOTHING in said(app)
    assert app.session_state["_progress"] == Progress()


def test_another_tab_s_news_are_taken_in_and_clearing_there_clears_here(
    open_page: OpenPage,
) -> None:
    app = told(open_page("your-lesson"), DONE)
    app = told(app, with_answer(Progress(), bank()["padding_corner"], False))
    assert set(app.session_state["_progress"].attempts) == {ROWS.key, "padding_corner"}
    app = tell(app, keeping.KEY, "found", "")
    assert app.session_state["_progress"] == Progress()


def test_the_overview_counts_by_objective_once_there_is_something_to_count(
    open_page: OpenPage,
) -> None:
    app = open_page("overview")
    assert "** done" not in said(app)
    app = told(app, DONE)
    there = [*bank().values(), *tasks.bank().values()]
    of_shapes = sum(each.objective == ROWS.objective for each in there)
    assert f"**1 of {of_shapes}** done" in said(app)
    assert "your-lesson" in [link.proto.page for link in app.get("page_link")]
