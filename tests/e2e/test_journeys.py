"""Journeys through the lesson in a real browser, on a server started for them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import psutil
import pytest
from playwright.sync_api import expect

from bench.browser import APP, Server, serve
from lesson.ui.navigation import PAGES, LessonPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NewPage = Callable[[], "Page"]
QUICK = (
    "feedforward_hidden_layers=1&feedforward_units_1=16"
    "&feedforward_epochs=3&feedforward_training_digits=1000&feedforward_batch_size=16"
)


def address(server: Server, entry: LessonPage, query: str = "") -> str:
    path = "" if entry is PAGES[0] else entry.slug
    return f"{server.address}/{path}" + (f"?{query}" if query else "")


def arrived(page: Page, entry: LessonPage) -> None:
    """The page is there, has run to its end, and shows no error."""
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.title, timeout=60_000)
    settled(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=60_000
    )


def stands_still(page: Page, part: Locator) -> None:
    """Wait until nothing moves a part of the page any more: a cold page is laid out in steps."""
    before = None
    while (now := part.bounding_box()) != before:
        before = now
        page.wait_for_timeout(300)


def find(slug: str) -> LessonPage:
    return next(entry for entry in PAGES if entry.slug == slug)


# One with the explorer, one with charts.
@pytest.mark.parametrize("slug", ["convolution", "comparison"])
def test_a_page_opens_by_its_address_as_the_first_request_after_a_start(
    slug: str, new_page: NewPage, runs: Path
) -> None:
    entry = find(slug)
    with serve(APP, runs) as server:
        page = new_page()
        page.goto(address(server, entry))
        arrived(page, entry)
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(PAGES) + 1)
        # As narrow as the router asks for, not as Streamlit's list of files would open it.
        expect(page.get_by_test_id("stSidebar")).to_have_css("width", "260px")


def test_one_can_read_the_lesson_by_its_links_nothing_sticks_out_or_comes_from_elsewhere(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlparse(request.url).hostname))
    page.goto(server.address)
    arrived(page, PAGES[0])
    nothing_sticks_out(page)
    for entry in PAGES[1:]:
        page.get_by_role("link", name=f"Next: {entry.title}").click()
        arrived(page, entry)
        nothing_sticks_out(page)
    page.go_back()
    arrived(page, PAGES[-2])
    hosts.discard(None)  # blob: and data: addresses
    assert hosts == {"127.0.0.1"}


def nothing_sticks_out(page: Page) -> None:
    for width in (1920, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(500)  # charts are drawn again in their new size
        over = page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth"
            " - document.querySelector('[data-testid=stMain]').clientWidth"
        )
        assert over <= 0, (page.url, width)


def test_a_control_outlives_its_page_and_a_copied_address_restores_it(
    new_page: NewPage, server: Server
) -> None:
    convolution, padding = find("convolution"), find("padding")
    page = new_page()
    page.goto(address(server, convolution, "convolution_strides=3&digit=42"))
    arrived(page, convolution)
    page.get_by_role("link", name=f"Next: {padding.title}").click()
    arrived(page, padding)
    page.get_by_role("link", name=f"Previous: {convolution.title}").click()
    arrived(page, convolution)
    query = parse_qs(urlparse(page.url).query)
    assert query["convolution_strides"] == ["3"]
    assert query["digit"] == ["42"]
    other = new_page()
    other.goto(page.url)
    arrived(other, convolution)
    assert parse_qs(urlparse(other.url).query)["convolution_strides"] == ["3"]
    expect(other.get_by_role("spinbutton", name="Test digit")).to_have_value("42")


def test_a_digit_from_the_address_goes_along_and_each_page_is_one_step_back(
    new_page: NewPage, server: Server
) -> None:
    way = [find("convolution"), find("padding"), find("pooling"), find("inside-a-cnn")]
    page = new_page()
    page.goto(address(server, way[0], "digit=42&convolution_strides=3"))
    arrived(page, way[0])
    for entry in way[1:]:
        page.get_by_role("link", name=f"Next: {entry.title}").click()
        arrived(page, entry)
        expect(page.get_by_role("spinbutton", name="Test digit")).to_have_value("42")
    for entry in way[-2::-1]:
        page.go_back()
        arrived(page, entry)
        expect(page.get_by_role("spinbutton", name="Test digit")).to_have_value("42")
    query = parse_qs(urlparse(page.url).query)
    assert query == {"digit": ["42"], "convolution_strides": ["3"]}


def test_a_small_network_is_trained_live_and_the_server_stays_free_of_tensorflow(
    new_page: NewPage, runs: Path
) -> None:
    feedforward = find("feedforward")
    with serve(APP, runs) as server:
        page = new_page()
        page.goto(address(server, feedforward, QUICK))
        arrived(page, feedforward)
        page.get_by_role("button", name="Train this network").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        expect(page.get_by_text("Accuracy on the test digits").first).to_be_visible(timeout=120_000)
        accuracy = page.get_by_test_id("stMetricValue").first.inner_text()
        assert re.fullmatch(r"\d\d\.\d\d%", accuracy)
        assert 50 < float(accuracy[:-1]) < 99
        expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
        assert [place for place in runs.iterdir() if len(place.name) == 20]

        process = psutil.Process(server.process.pid)
        children = process.children(recursive=True)
        assert not loads_tensorflow(process)
        assert any(loads_tensorflow(child) for child in children)

        # Another reader finds it trained.
        other = new_page()
        other.goto(page.url)
        arrived(other, feedforward)
        expect(other.get_by_test_id("stMetricValue").first).to_have_text(accuracy)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive, "the server is gone, but its worker is not"


def loads_tensorflow(process: psutil.Process) -> bool:
    return any("tensorflow" in file.path for file in process.memory_maps())


def test_a_training_can_be_left_found_again_and_cancelled(new_page: NewPage, runs: Path) -> None:
    feedforward, convolution = find("feedforward"), find("convolution")
    with serve(APP, runs) as server:
        page = new_page()
        query = "feedforward_epochs=30&feedforward_units_1=512&feedforward_validation_split=0"
        page.goto(address(server, feedforward, query))
        arrived(page, feedforward)
        page.get_by_role("button", name="Train this network").click()
        expect(page.get_by_text(re.compile("Training: epoch [1-9]"))).to_be_visible(timeout=120_000)
        page.get_by_role("link", name=f"Next: {convolution.title}").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(convolution.title)
        page.go_back()
        expect(page.get_by_text(re.compile("Training: epoch [1-9]"))).to_be_visible()
        page.reload()
        expect(page.get_by_text(re.compile("Training: epoch [1-9]"))).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        started = time.monotonic()
        expect(page.get_by_role("button", name="Train this network")).to_be_visible()
        assert time.monotonic() - started < 20
        assert not runs.exists() or list(runs.iterdir()) == []
