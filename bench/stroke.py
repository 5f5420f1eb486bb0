"""A stroke's end → what the three networks say of the drawing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.browser import APP, browser, serve
from bench.measure import Measure
from bench.stopwatch import TEXT, Watched, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMIT = 300.0  # ms
STROKES = 5  # a round: their median counts
PAUSE = 800  # ms, until the rest of the page has followed
PAD = shown("digit_pad")


def measure(rounds: int) -> list[Measure]:
    """A one is drawn with the mouse, and wiped away, on a page with an explorer of its own."""
    taken = []
    with (
        tempfile.TemporaryDirectory() as runs,
        serve(APP, Path(runs)) as lesson,
        browser() as chromium,
    ):
        watched = Watched(chromium, f"{lesson.address}/convolution?digit_source=Draw", PAD)
        sidebar = watched.page.locator("[data-testid=stSidebarUserContent]")
        sidebar.evaluate("(node, name) => stopwatch.watch(node, name)", TEXT)
        for round_ in range(rounds + 1):
            times = [_drawn(watched) for _ in range(STROKES)]
            if round_:  # the first one fills caches
                taken.append(median(times))
    name = "a stroke's end → three answers"
    return [Measure(name, "300 ms", "ms", taken, [LIMIT] * rounds, 1.0)]


def _drawn(watched: Watched) -> float:
    """Milliseconds from the end of a stroke on an empty pad to the answers below it."""
    watched.page.wait_for_timeout(PAUSE)
    taken = watched.time(_stroke, TEXT)
    assert watched.page.get_by_text("The networks, and how sure they are").is_visible()
    watched.page.wait_for_timeout(PAUSE)
    watched.page.locator(PAD).get_by_role("button", name="Clear").click()
    watched.rest()
    return taken


def _stroke(page: Page) -> None:
    box = page.locator(f"{PAD} canvas").first.bounding_box()
    assert box is not None
    x, y, high = box["x"] + box["width"] / 2, box["y"], box["height"]
    page.mouse.move(x, y + 0.2 * high)
    page.mouse.down()
    page.mouse.move(x, y + 0.8 * high, steps=8)
    page.mouse.up()
