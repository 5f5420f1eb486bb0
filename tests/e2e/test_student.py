"""A student's way through the lesson in a real browser, with a reload in the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.browser import Server
from lesson import progress
from lesson.progress import Attempt
from lesson.questions import of_page
from lesson.questions.kinds import Asked, Blank, Cell, Choice, Number, Order
from lesson.ui.navigation import PAGES, YOUR_LESSON
from lesson.ui.questions import CARD, key_of
from tests.e2e.test_journeys import arrived, settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NewPage = Callable[[], "Page"]


def kept(page: Page) -> progress.Progress:
    """What the browser keeps."""
    return progress.read(page.evaluate("localStorage.getItem('cnn-classroom')"))


def card(page: Page) -> Locator:
    return page.locator(f".st-key-{CARD}")


def answer(page: Page, asked: Asked) -> None:
    """Give the first answer that comes to hand."""
    here = card(page)
    if isinstance(asked, Choice) and asked.pictures:
        here.locator(".cells").first.click(position={"x": 12, "y": 12})
        expect(here.locator("figure.chosen")).to_have_count(1)
    elif isinstance(asked, Choice):
        here.get_by_test_id("stRadio").locator("label").nth(1).click()
    elif isinstance(asked, Cell):
        here.locator(".cells").click(position={"x": 12, "y": 12})
        expect(here.get_by_text("your cell")).to_be_visible()
    elif isinstance(asked, Number):
        here.get_by_role("spinbutton").fill("5")
    elif isinstance(asked, Blank):
        here.get_by_role("textbox").fill(asked.solution)
    elif isinstance(asked, Order):
        order = range(len(asked.items))[::-1]
        for place in order:
            here.get_by_test_id("stButtonGroup").get_by_text(asked.items[place], exact=True).click()
            settled(page)
        expect(here).to_contain_text(f"Your order: {asked.told(order)}")
    settled(page)


def says(page: Page, attempt: Attempt, slug: str) -> None:
    """The page says what there is to say to a committed answer."""
    question = of_page(slug)[0]
    asked = question.ask(attempt.settings, attempt.seed)
    right = asked.judge(attempt.answer).right
    assert right == attempt.right
    expect(card(page)).to_contain_text("✓ Right" if right else "is not it")
    expect(card(page).get_by_role("button", name="That is my answer")).to_have_count(0)


def test_a_student_predicts_on_every_page_and_a_reload_loses_nothing(
    new_page: NewPage, server: Server, tmp_path: Path
) -> None:
    page = new_page()
    page.goto(server.address)
    for entry in PAGES:
        if entry is not PAGES[0]:
            page.get_by_role("link", name=f"Next: {entry.title}").click()
        arrived(page, entry)
        question = of_page(entry.slug)[0]
        page.locator(f".st-key-{key_of(entry.slug)} button").first.click()
        expect(card(page)).to_contain_text(question.title)
        settled(page)
        # A question asks with the page's settings, which are at their defaults.
        answer(page, question.ask({}, 0))
        card(page).get_by_role("button", name="That is my answer").click()
        page.wait_for_function(
            f"(localStorage.getItem('cnn-classroom') ?? '').includes('{question.key}')"
        )
        settled(page)
        says(page, kept(page).attempts[question.key], entry.slug)
        if entry.slug == "padding":
            before = kept(page)
            page.reload()
            arrived(page, entry)
            says(page, before.attempts[question.key], entry.slug)
            assert kept(page) == before

    page.get_by_role("link", name=f"Next: {YOUR_LESSON.title}").click()
    arrived(page, YOUR_LESSON)
    done = kept(page)
    assert set(done.attempts) == {of_page(entry.slug)[0].key for entry in PAGES}
    for entry in PAGES:
        expect(page.get_by_role("heading", name=entry.title, level=3)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this page").click()
    download.value.save_as(tmp_path / "lesson.html")
    saved = (tmp_path / "lesson.html").read_text("utf-8")
    assert all(f"<h3>{entry.title}</h3>" in saved for entry in PAGES)

    page.get_by_role("button", name="Clear all of it").click()
    page.get_by_role("button", name="Yes, clear it").click()
    expect(page.get_by_text("Nothing is answered yet")).to_be_visible()
    page.wait_for_function("localStorage.getItem('cnn-classroom') === null")
