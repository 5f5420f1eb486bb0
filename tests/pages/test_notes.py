"""The notes page, and where the links of the notes and of the lesson plan lead."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from lesson.notes import PAGES, PLANS, times
from lesson.runs import RunStore
from lesson.ui.navigation import page
from tests.conftest import ROOT, OpenPage

PLAN = (ROOT / "docs" / "lesson-plan.md").read_text("utf-8")


def addresses() -> list[str]:
    """Every address with settings, of the notes and of the plan."""
    linked = [link.address for note in PAGES.values() for link in note(RunStore()).links]
    planned = re.findall(r"`(/[a-z-]*(?:\?[^`]*)?)`", PLAN)
    assert len(planned) > 10
    return sorted({each for each in linked + planned if "?" in each})


@pytest.mark.parametrize("address", addresses())
def test_a_link_leads_to_the_settings_that_it_names(open_page: OpenPage, address: str) -> None:
    parts = urlsplit(address)
    settings = dict(parse_qsl(parts.query, strict_parsing=True))
    app = open_page(parts.path.strip("/"), **settings)
    assert not app.exception
    # A value that is not allowed, is written otherwise or is the default would be gone.
    stands = {key: app.query_params.get(key) for key in settings}
    assert stands in (settings, {key: [value] for key, value in settings.items()})
    assert all(key in app.session_state for key in settings)


def test_the_plan_names_only_pages_that_there_are() -> None:
    paths = {urlsplit(each).path for each in re.findall(r"`(/[^`]*)`", PLAN)}
    assert all(page(path.strip("/") or "overview") for path in paths)


@pytest.mark.parametrize("plan", PLANS)
def test_the_plan_gives_each_page_the_minutes_that_the_notes_give_it(plan: int) -> None:
    (part,) = re.findall(rf"## {plan} minutes\n(.*?)\n## ", PLAN, re.S)
    rows = re.findall(r"^\| (\d+)–(\d+) \| ([^|]+) \|", part, re.M)
    assert [(int(begin), int(end), title) for begin, end, title in rows] == [
        (*times(slug, plan), page(slug).title) for slug in PAGES
    ]


def test_the_notes_of_a_page_are_shown_with_its_minutes(open_page: OpenPage) -> None:
    app = open_page("notes", notes_page="Padding")
    assert not app.exception
    texts = [part.value for part in app.main.markdown]
    assert any("Padding: minutes 22 to 26 of 45" in text for text in texts)
    assert any("Padding keeps a map large" in text for text in texts)
    app.button("notes_next").click().run()
    assert any("## Pooling: minutes" in part.value for part in app.main.markdown)
    assert app.button("notes_next").label == "Next: Inside a CNN"


def test_the_longer_plan_gives_a_page_more_minutes(open_page: OpenPage) -> None:
    app = open_page("notes", notes_page="Convolution", notes_plan="90 minutes")
    assert any("minutes 29 to 45 of 90" in part.value for part in app.main.markdown)


@pytest.mark.parametrize(("end", "button"), [("Overview", "previous"), ("Beyond images", "next")])
def test_at_either_end_there_is_no_further_page(open_page: OpenPage, end: str, button: str) -> None:
    assert open_page("notes", notes_page=end).button(f"notes_{button}").disabled
