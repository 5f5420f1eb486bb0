"""The glossary page, and the words of all pages that show what they mean."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from lesson import glossary
from lesson.glossary import A_PAGE, TERMS, Marked
from lesson.ui import navigation
from tests.conftest import OpenPage

MARK = re.compile(r'<dfn class="lesson-term".*?id="(term-[^"]+)"', re.S)


@pytest.fixture(autouse=True)
def _with_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossary, "AT_ONCE", 4)


@pytest.mark.parametrize("slug", [page.slug for page in navigation.PAGES])
def test_a_page_keeps_its_words_and_explains_some_of_them(
    open_page: OpenPage, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Marked]] = []
    mark = glossary.marked

    def kept(markdown: str, *rest: object) -> Marked:
        found = mark(markdown, *rest)  # type: ignore[arg-type]
        asked.append((markdown, found))
        return found

    monkeypatch.setattr(glossary, "marked", kept)
    app = open_page(slug)
    assert not app.exception
    assert all(glossary.plain(found.text) == text for text, found in asked)
    shown = [name for part in app.main.markdown for name in MARK.findall(part.value)]
    assert 0 < len(shown) <= A_PAGE
    assert len(set(shown)) == len(shown)  # each name stands for one meaning


def test_every_term_is_listed_once_below_its_page(open_page: OpenPage) -> None:
    app = open_page("glossary")
    assert not app.exception
    text = "".join(part.value for part in app.main.markdown)
    for term in TERMS:
        assert text.count(f"<dt>{term.name}</dt><dd>{term.says}") == 1
    linked = {page.slug for page in navigation.PAGES} & {term.page for term in TERMS}
    assert len(app.get("page_link")) >= len(linked)


def test_formulas_stand_there_with_their_symbols(open_page: OpenPage) -> None:
    text = "".join(part.value for part in open_page("glossary").main.markdown)
    assert r"\dfrac{n - k}{s}" in text
    assert "$k$: `kernel_size`" in text


def test_a_search_leaves_what_was_looked_for(open_page: OpenPage) -> None:
    app = open_page("glossary", glossary_search="pooling")
    text = "".join(part.value for part in app.main.markdown)
    assert "<dt>max pooling</dt>" in text
    assert "<dt>epoch</dt>" not in text
    assert "The formulas" not in text
    app.text_input("glossary_search").set_value("").run()
    assert "<dt>epoch</dt>" in "".join(part.value for part in app.main.markdown)


def test_a_search_for_nothing_known_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("glossary", glossary_search="<b>zebra")
    (told,) = app.info
    assert "`<b>zebra`" in told.value
    assert "shorter" in told.value


def test_a_search_longer_than_the_field_is_cut_off(open_page: OpenPage) -> None:
    app = open_page("glossary", glossary_search="z" * 100)
    assert not app.exception
    assert app.text_input("glossary_search").value == "z" * 40


def test_a_page_marks_a_term_once_and_again_when_it_runs_again(open_page: OpenPage) -> None:
    app = open_page("pooling")
    first = [part.value for part in app.main.markdown]
    assert [part.value for part in app.run().main.markdown] == first


def test_what_stands_in_a_fragment_is_marked_whatever_stands_above_it() -> None:
    def script() -> None:
        from lesson.ui import frame

        frame.prose("A filter.")
        frame.prose("A filter and strides.")
        frame.prose("A filter once more.", alone=True)

    app = AppTest.from_function(script, default_timeout=30).run()
    marks = [re.findall(r'"term-(\w+)-', part.value)[::2] for part in app.markdown]
    assert marks == [["filter"], ["strides"], ["filter"]]
