"""Start → overview on screen, against a bare Streamlit page under the same settings."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.browser import APP, BARE, Server, browser
from bench.measure import Measure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TARGET = 1.15
# What shows that the page is there: the main picture, and the last text.
PICTURE = {APP: "[data-testid='stMarkdownContainer'] svg[role='img']", BARE: "text=The value is"}


def seconds_to_screen(script: Path, runs: Path, chromium: Browser) -> float:
    """From starting the server to the page's picture in a browser that is already open."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        started = time.perf_counter()
        server = Server(script, runs)
        try:
            server.wait()
            page.goto(server.address)
            page.locator(PICTURE[script]).first.wait_for(state="visible", timeout=60_000)
            return time.perf_counter() - started
        finally:
            server.stop()
    finally:
        context.close()


def measure(rounds: int) -> list[Measure]:
    """Both apps in turn, so that a busy moment meets both."""
    seconds: dict[Path, list[float]] = {APP: [], BARE: []}
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for script in (APP, BARE):  # a first start of each fills the disk's and Python's caches
            seconds_to_screen(script, Path(folder), chromium)
        for _ in range(rounds):
            for script, found in seconds.items():
                found.append(seconds_to_screen(script, Path(folder), chromium))
    return [Measure("start → overview", "a bare page", "s", seconds[APP], seconds[BARE], TARGET)]
