"""Presenter mode in a real browser: an instructor's way by keyboard, and what the back row sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from bench.browser import Server
from lesson.ui import presenter
from lesson.ui.navigation import PAGES
from tests.e2e.test_journeys import address, arrived, find, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

NewPage = Callable[[], "Page"]
PROJECTOR = {"width": 1280, "height": 720}
# The parts of the picture that a page begins with, all of which are to be on one screen.
PICTURES = {
    "overview": ".stMarkdown svg[role=img]",
    "data-preparation": ".explorer",
    "feedforward": ".js-plotly-plot",
    "convolution": ".explorer.sliding",
    "padding": ".explorer.sliding",
    "pooling": ".explorer.sliding",
    "inside-a-cnn": ".explorer.network",
    "comparison": "table >> nth=0",
    "beyond-images": ".explorer.sliding",
}
LETTERS = {
    "title": "h1",
    "words": "[data-testid=stMain] [data-testid=stMarkdown] p",
    "arithmetic": ".explorer .window span >> nth=0",
    "status": ".explorer .status >> nth=0",
}


def type_sizes(page: Page, letters: dict[str, str]) -> dict[str, float]:
    return {
        name: page.locator(where).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        for name, where in letters.items()
    }


def in_corner(page: Page) -> None:
    """The sidebar is away but for the switch."""
    expect(page.get_by_role("switch", name="Present")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink").first).not_to_be_visible()


def at_rest(page: Page) -> None:
    """All widgets are there, and nothing moves any more."""
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    settled(page)


def test_an_instructor_leads_through_the_lesson_by_keyboard_alone(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    page.set_viewport_size(PROJECTOR)
    convolution, padding, pooling = (find(slug) for slug in ("convolution", "padding", "pooling"))
    page.goto(address(server, convolution))
    arrived(page, convolution)
    at_rest(page)
    page.locator(".explorer .window span").first.wait_for()
    plain = type_sizes(page, LETTERS)

    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("present=true"))
    in_corner(page)
    at_rest(page)
    expect(page.locator("h1")).not_to_have_css("font-size", f"{plain['title']}px")
    larger = type_sizes(page, LETTERS)
    assert all(larger[name] >= 1.25 * plain[name] for name in LETTERS), (plain, larger)

    # The list of keys keeps the focus, and the keys do nothing behind it.
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    for key, does in (*presenter.STAGE_KEYS, *presenter.PICTURE_KEYS):
        expect(keys.get_by_role("row", name=f"{key} {does}", exact=True)).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("Tab")
        # The page's body stands for the browser's own bar.
        assert page.evaluate("document.activeElement.matches('dialog, dialog *, body')")
    page.keyboard.press("PageDown")
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()
    in_corner(page)

    # A clicker turns the page, even where the picture has the focus; the mode goes along.
    page.evaluate("window.once = true")
    page.keyboard.press("PageDown")
    arrived(page, padding)
    page.locator(".explorer .cells").first.focus()
    page.keyboard.press("PageDown")
    arrived(page, pooling)
    in_corner(page)
    expect(page).to_have_url(re.compile("present=true"))
    page.keyboard.press("PageUp")
    arrived(page, padding)
    # Arrows too, unless what has the focus uses them.
    page.locator(".explorer .cells").first.focus()
    page.keyboard.press("ArrowRight")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    arrived(page, convolution)
    assert page.evaluate("window.once"), "no page was loaded anew"

    # The spot follows the pointer until it is ended.
    spot = page.locator(".stage-spot")
    page.keyboard.press("l")
    page.mouse.move(400, 300)
    box = spot.bounding_box()
    assert box is not None
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx(
        (400, 300), abs=1
    )
    expect(spot).to_have_css("pointer-events", "none")
    page.keyboard.press("Escape")
    expect(spot).to_have_count(0)

    # Whoever types writes letters; S leads back.
    page.mouse.move(5, 5)
    field = page.locator(".explorer .ledger input").first
    field.focus()
    page.keyboard.press("s")
    in_corner(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    expect(page.get_by_test_id("stSidebarNavLink").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("present"))
    at_rest(page)
    expect(page.locator("h1")).to_have_css("font-size", f"{plain['title']}px")
    assert type_sizes(page, LETTERS) == plain
    # Outside of the mode a page key is the browser's.
    page.keyboard.press("PageDown")
    page.keyboard.press("q")
    page.wait_for_timeout(300)
    arrived(page, convolution)


def test_questions_are_opened_and_their_answers_shown_by_keys(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    padding = find("padding")
    page.goto(address(server, padding, "present=true"))
    arrived(page, padding)
    at_rest(page)
    page.keyboard.press("a")  # nothing to show yet
    page.keyboard.press("q")
    expect(page.get_by_text(re.compile("^1 of [0-9]+:"))).to_be_visible()
    settled(page)
    page.keyboard.press("q")
    expect(page.get_by_text(re.compile("^2 of [0-9]+:"))).to_be_visible()
    settled(page)
    expect(page.get_by_text(re.compile("^Answer:"))).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_text(re.compile("^Answer:"))).to_be_visible()


def test_charts_of_plotly_and_of_our_own_have_larger_type(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    page.set_viewport_size(PROJECTOR)
    comparison = find("comparison")
    page.goto(address(server, comparison, "comparison_view=Learning"))
    arrived(page, comparison)
    # A figure that is drawn again is gone for a moment, and nothing of it has a size.
    seen = """() => [".xtick text", ".ytitle"]
      .map((one) => document.querySelector(`.js-plotly-plot ${one}`))
      .map((text) => text ? parseFloat(getComputedStyle(text).fontSize) : 0)
      .concat([...document.querySelectorAll(".stMarkdown svg text")].map((text) =>
        parseFloat(text.getAttribute("font-size")) * text.getScreenCTM().a))"""
    page.locator(".js-plotly-plot .xtick text").first.wait_for()
    at_rest(page)
    plain = page.evaluate(seen)
    assert len(plain) > 5
    assert min(plain) > 0
    page.keyboard.press("s")
    in_corner(page)
    page.wait_for_function(
        f"""(plain) => {{
          const larger = ({seen})();
          return larger.length === plain.length && larger.every((now, i) => now >= 1.25 * plain[i]);
        }}""",
        arg=plain,
    )


def test_every_page_can_be_shown_on_a_projector(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.set_viewport_size(PROJECTOR)
    page.goto(address(server, PAGES[0], "present=true"))
    for entry in PAGES:
        arrived(page, entry)
        at_rest(page)
        whole(page, PICTURES[entry.slug], entry.slug)
        page.keyboard.press("PageDown")


def whole(page: Page, picture: str, slug: str) -> None:
    """Nothing sticks out sideways, and the picture that the page begins with is on the screen."""
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0, slug
    found = page.locator(picture).first
    found.wait_for()
    for _ in range(10):  # what stands above may come late
        box = found.bounding_box()
        assert box is not None
        if box["y"] + box["height"] <= PROJECTOR["height"]:
            break
        page.wait_for_timeout(300)
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= PROJECTOR["height"], (slug, box)
    assert box["x"] + box["width"] <= PROJECTOR["width"], (slug, box)
