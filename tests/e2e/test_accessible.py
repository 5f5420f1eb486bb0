"""What axe finds on every page, as a student and as a class see it, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from bench.browser import Server
from lesson.ui.navigation import page as entry_of
from lesson.ui.questions import CARD, REVEAL
from tests.e2e.test_journeys import address, arrived, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

NewPage = Callable[[], "Page"]
Axe = Callable[..., list[str]]

# Pages, and what is opened on them: each kind of question, a design task, a pad to draw on, a map
# and a unit of a network.
PLACES = {
    "lesson": [
        ("overview", ""),
        ("data-preparation", ""),
        ("feedforward", "feedforward_question=feedforward_neighbour"),
        ("convolution", "digit_source=Draw&convolution_question=convolution_map"),
        ("padding", "padding_padding=same&padding_question=padding_line"),
        ("pooling", "pooling_question=pooling_order"),
        ("beyond-images", ""),
    ],
    "more": [
        ("inside-a-cnn", "inside_a_cnn_question=inside_a_cnn_task_sight"),
        ("inside-a-cnn", "cnn_layer=conv2d_1&cnn_unit=5"),
        ("inside-a-cnn", "cnn_layer=dense&cnn_unit=5"),
        ("comparison", "comparison_question=comparison_few"),
        ("your-lesson", ""),  # which tells of the answer above
        ("glossary", ""),
        ("notes", "notes_page=convolution"),
    ],
}
# Streamlit's backgrounds, and those on a stage.
COLOURS = {
    "plain": {"light": "rgb(255, 255, 255)", "dark": "rgb(3, 4, 5)"},
    "stage": {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"},
}


@pytest.mark.parametrize("which", PLACES)
def test_axe_finds_nothing_serious_on_any_page_in_both_modes_and_colours(
    which: str, new_page: NewPage, server: Server, axe: Axe
) -> None:
    page = new_page()
    for slug, query in PLACES[which]:
        page.emulate_media(color_scheme="light")
        page.goto(address(server, entry_of(slug), query))
        arrived(page, entry_of(slug))
        opened = "question" in query
        if opened:
            expect(page.locator(f".st-key-{CARD}")).to_be_visible()
        both_colours(page, "plain", axe, f"{slug}?{query}")
        page.locator("body").press("s")
        expect(page.get_by_test_id("stSidebarNavLink").first).not_to_be_visible()
        settled(page)
        if opened and "_task_" not in query:  # a design task has no answer to show
            page.locator(f".st-key-{REVEAL} button").click()
            settled(page)
            expect(page.get_by_role("status").filter(has_text="Answer:")).to_be_visible()
        both_colours(page, "stage", axe, f"{slug}?{query}, presented")


def both_colours(page: Page, mode: str, axe: Axe, where: str) -> None:
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    if page.get_by_test_id("stCode").count():
        page.locator(".token").first.wait_for(state="attached")  # the colours of code come late
    background = page.get_by_test_id("stApp")
    expect(background).to_have_css("background-color", COLOURS[mode]["light"])
    assert axe(page) == [], where
    # In the dark it is the same page in other colours.
    page.emulate_media(color_scheme="dark")
    expect(background).to_have_css("background-color", COLOURS[mode]["dark"])
    assert axe(page, "color-contrast") == [], f"{where}, dark"
    page.emulate_media(color_scheme="light")
