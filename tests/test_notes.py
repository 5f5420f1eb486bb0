"""The speaker's notes and the plans: complete, in time, and computed from what is known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from lesson import notes, outcome
from lesson.notes import MINUTES, PAGES, PLANS, Note
from lesson.runs import RunStore
from lesson.ui import navigation


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Note]:
    """Every page's note, from what ships."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    return {slug: note(store) for slug, note in PAGES.items()}


def test_every_page_of_the_lesson_has_a_note_in_the_order_of_the_lesson(
    written: Mapping[str, Note],
) -> None:
    pages = [page.slug for page in navigation.PAGES]
    assert list(PAGES) == list(MINUTES) == [note.slug for note in written.values()] == pages


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_fills_its_minutes_without_a_gap(plan: int) -> None:
    spans = [notes.times(slug, plan) for slug in MINUTES]
    assert spans[0][0] == 0
    assert spans[-1][1] == plan
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("slug", PAGES)
def test_a_question_has_a_right_answer_and_a_page_a_known_mistake(
    slug: str, written: Mapping[str, Note]
) -> None:
    note = written[slug]
    assert len(note.asks) >= 2
    assert all(any(said.right for said in ask.said) for ask in note.asks)
    assert any(not said.right for ask in note.asks for said in ask.said)
    assert all((note.shows, note.wrong, note.short, note.onward, note.purpose))


def test_notes_without_results_say_so_and_claim_nothing(tmp_path: Path) -> None:
    bare = RunStore(tmp_path, shipped=None)
    for slug, note in PAGES.items():
        text = note(bare).markdown
        assert "None" not in text.replace("“None.”", "")
        if slug in ("overview", "feedforward", "inside-a-cnn", "comparison"):
            assert "missing from assets/runs" in text


def test_notes_tell_the_results_of_the_store(written: Mapping[str, Note], tmp_path: Path) -> None:
    assert outcome.reading(outcome.results(RunStore(tmp_path))) in written["overview"].markdown
