"""A link for the class in a real browser: made by ticking, opened by another, put away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import expect

from bench.browser import Server
from tests.e2e.test_journeys import NewPage, address, arrived, find, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

# How far the page sticks out sideways.
OVER = """(() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollWidth - main.clientWidth;
})()"""
PADDING, POOLING = find("padding"), find("pooling")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def slider(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("slider", name=name)


def test_a_link_made_by_ticking_holds_for_another_reader_who_can_put_it_away(
    new_page: NewPage, server: Server, chromium: Browser, axe: Callable[..., list[str]]
) -> None:
    teacher = new_page()
    teacher.goto(address(server, PADDING, "padding_strides=2&digit=7"))
    arrived(teacher, PADDING)
    teacher.get_by_role("button", name="Link for the class").click()
    dialog = teacher.get_by_role("dialog")
    link = dialog.get_by_test_id("stCode")
    expect(link).to_contain_text("padding_strides=2")
    # By keyboard: a tick is a button.
    dialog.locator(".st-key-link_fixed_padding").get_by_role("button", name="padding").focus()
    teacher.keyboard.press("Enter")
    expect(link).to_contain_text("lock=padding_padding")
    hidden = dialog.locator(".st-key-link_hidden_padding")
    hidden.get_by_role("button", name="strides").click()
    expect(link).to_contain_text("hide=padding_strides")
    hidden.get_by_role("button", name="Keras lines").click()
    expect(link).to_contain_text("hide=padding_strides,code")
    made = link.inner_text().strip()
    assert made.startswith(f"{server.address}/padding?")
    assert axe(teacher) == []
    teacher.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    others = chromium.new_context(viewport={"width": 1280, "height": 800})
    reader = others.new_page()
    reader.goto(made)
    arrived(reader, PADDING)
    told = reader.get_by_text("This link fixes padding and hides 1 control and the Keras lines.")
    expect(told).to_be_visible()
    expect(reader.locator(".st-key-padding_padding button").first).to_be_disabled()
    expect(slider(reader, "kernel_size")).to_be_visible()
    expect(slider(reader, "strides")).to_have_count(0)
    expect(reader.get_by_role("spinbutton", name="Test digit")).to_have_value("7")
    assert reader.evaluate(OVER) <= 0
    assert axe(reader) == []

    # A free control can be moved, and the link stays in the address.
    slider(reader, "kernel_size").press("ArrowRight")
    expect(reader).to_have_url(re.compile("padding_kernel_size=4"))
    assert query(reader)["hide"] == ["padding_strides,code"]
    # On the way to another page and back the address begins anew; a reload keeps the link too.
    reader.get_by_role("link", name=f"Next: {POOLING.title}").click()
    arrived(reader, POOLING)
    reader.get_by_role("link", name=f"Previous: {PADDING.title}").click()
    arrived(reader, PADDING)
    expect(slider(reader, "strides")).to_have_count(0)
    reader.reload()
    arrived(reader, PADDING)
    expect(told).to_be_visible()
    assert query(reader)["lock"] == ["padding_padding"]
    assert query(reader)["padding_strides"] == ["2"]

    reader.get_by_role("button", name="Show all controls").click()
    expect(slider(reader, "strides")).to_have_attribute("aria-valuetext", "2")
    expect(reader.locator(".st-key-padding_padding button").first).to_be_enabled()
    expect(told).to_have_count(0)
    settled(reader)
    assert not {"hide", "lock"} & set(query(reader))
    others.close()


def test_without_its_sidebar_a_page_can_be_read_on_and_led_back(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    page.goto(address(server, PADDING, "hide=sidebar,questions"))
    arrived(page, PADDING)
    expect(page.get_by_text("This link hides the sidebar and the questions.")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    page.get_by_role("link", name=f"Next: {POOLING.title}").click()
    arrived(page, POOLING)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert query(page)["hide"] == ["sidebar,questions"]
    page.get_by_role("button", name="Show all controls").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    # The page before still has the link in its address; it was put away all the same.
    page.go_back()
    arrived(page, PADDING)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert "hide" not in query(page)
