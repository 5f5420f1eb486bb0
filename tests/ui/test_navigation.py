"""The table of pages, and the way through them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.source_util import page_icon_and_name
from streamlit.testing.v1 import AppTest

from lesson.ui.navigation import OTHERS, PAGES, LessonPage, neighbours, page

ROOT = Path(__file__).resolve().parents[2]


def test_the_addresses_are_the_ones_that_others_rely_on() -> None:
    assert [entry.slug for entry in PAGES[1:]] == [
        "data-preparation",
        "feedforward",
        "convolution",
        "padding",
        "pooling",
        "inside-a-cnn",
        "comparison",
        "beyond-images",
    ]


def test_every_file_of_the_lesson_has_its_place_in_the_table() -> None:
    folder = (ROOT / PAGES[0].file).parent
    assert {ROOT / entry.file for entry in (*PAGES, *OTHERS)} == set(folder.glob("*.py"))
    assert list(PAGES) == sorted(PAGES, key=lambda entry: entry.file)


def test_no_address_is_the_one_that_streamlit_infers_from_a_file() -> None:
    inferred = {page_icon_and_name(ROOT / entry.file)[1] for entry in (*PAGES, *OTHERS)}
    assert inferred.isdisjoint(entry.slug for entry in (*PAGES, *OTHERS))


def test_a_page_is_found_by_its_address() -> None:
    assert [page(entry.slug) for entry in (*PAGES, *OTHERS)] == [*PAGES, *OTHERS]
    with pytest.raises(KeyError):
        page("lesson_3_convolution")


def test_going_on_from_the_first_page_visits_each_page_once() -> None:
    visited: list[LessonPage] = []
    here: LessonPage | None = PAGES[0]
    while here is not None:
        visited.append(here)
        before, after = neighbours(here.slug)
        assert before == (visited[-2] if len(visited) > 1 else None)
        here = after
    assert visited == list(PAGES)


def test_the_app_opens_at_the_overview() -> None:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run()
    assert not app.exception
    assert f"<h1>{PAGES[0].title}</h1>" in app.main.markdown[0].value
