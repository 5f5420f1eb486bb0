"""The words that show what they mean: by pointer, by keyboard, and never off the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from lesson.glossary import BY_NAME
from tests.e2e.test_journeys import arrived, find, stands_still

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.browser import Server


def test_a_word_shows_its_meaning_to_pointer_and_keyboard_within_the_screen(
    new_page: Callable[[], Page], server: Server
) -> None:
    page = new_page()
    page.goto(f"{server.address}/pooling")
    words = page.locator(".lesson-term")
    arrived(page, find("pooling"))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        stands_still(page, words.last)
        for place in range(words.count()):
            word = words.nth(place)
            meaning = word.get_by_role("tooltip")
            expect(meaning).to_be_hidden()
            word.focus()
            expect(meaning).to_be_visible()
            box = meaning.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 800
    channels = page.locator(".lesson-term", has_text="channels")
    page.locator("h1").click()
    channels.hover()
    expect(channels.get_by_role("tooltip")).to_have_text(BY_NAME["channel"].says)
    assert channels.get_attribute("aria-describedby") == channels.get_by_role(
        "tooltip"
    ).get_attribute("id")
