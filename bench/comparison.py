"""The comparison page: from the start until its charts are drawn, and when runs are chosen."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.browser import APP, BARE, ROOT, Server, browser, serve
from bench.measure import Measure
from bench.stopwatch import TEXT, Slide, Watched, bare

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START, CHANGE = 1 / 15, 3.0  # to reach
MOVES = 6  # a round on each side: their median counts
SETTLED = 400  # ms after a change until the last chart is surely drawn
# What is this page's own.
PAGE = "comparison"
CHOICE = ".st-key-comparison_runs input"
RUN = "CNN 2"  # is chosen from the start
MAIN = "[data-testid=stMainBlockContainer]"
# There are charts, each has something on its axes, and nothing is still being loaded or run.
DRAWN = """() => {
  const main = document.querySelector("[data-testid=stMainBlockContainer]");
  const charts = [...(main?.querySelectorAll("[data-testid=stPlotlyChart], svg[role=img]") ?? [])];
  const drawn = (chart) => chart.matches("svg")
    || chart.querySelector(".js-plotly-plot .overplot :is(path, image)");
  return charts.length > 0 && charts.every(drawn)
    && !document.querySelector("[data-testid=stSkeleton]")
    && document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
}"""


def measure(rounds: int) -> list[Measure]:
    """First the starts, each beside the notebook as a script, then the changes."""
    with browser() as chromium:
        return [_start(chromium, rounds), _change(chromium, rounds)]


def _start(chromium: Browser, rounds: int) -> Measure:
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as runs:
        _seconds_to_charts(Path(runs), chromium)  # fills the disk's and Python's caches
        for _ in range(rounds):
            ours.append(_seconds_to_charts(Path(runs), chromium))
            theirs.append(_notebook_seconds())
    return Measure(
        "start → three networks compared", "the notebook as a script", "s", ours, theirs, START
    )


def _seconds_to_charts(runs: Path, chromium: Browser) -> float:
    """From starting the server to the charts in a browser that is already open."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        started = time.perf_counter()
        server = Server(APP, runs)
        try:
            server.wait()
            page.goto(f"{server.address}/{PAGE}")
            page.wait_for_function(DRAWN, timeout=60_000)
            return time.perf_counter() - started
        finally:
            server.stop()
    finally:
        context.close()


def _notebook_seconds() -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bench.notebook", "assets/mnist.npz"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


def _change(chromium: Browser, rounds: int) -> Measure:
    """The last of the chosen runs is taken out and put back, in turn with the bare slider."""
    ours: list[float] = []
    theirs: list[float] = []
    with ExitStack() as stack:
        runs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lesson = stack.enter_context(serve(APP, runs))
        plain = stack.enter_context(serve(BARE, runs))
        slider = bare(chromium, plain.address)
        slide = Slide("[data-testid=stSlider]")
        watched = Watched(chromium, f"{lesson.address}/{PAGE}", CHOICE)
        watched.page.wait_for_function(DRAWN)
        watched.page.locator(MAIN).evaluate("(node, name) => stopwatch.watch(node, name)", PAGE)
        choose = Choose()
        for round_ in range(rounds + 1):
            bares = [slider.time(slide, TEXT) for _ in range(MOVES)]
            taken = [_redrawn(watched, choose) for _ in range(MOVES)]
            if round_:  # the first one fills caches
                theirs.append(median(bares))
                ours.append(median(taken))
    return Measure("other runs → page redrawn", "a bare slider", "ms", ours, theirs, CHANGE)


def _redrawn(watched: Watched, choose: Choose) -> float:
    """Milliseconds from the key to the last that changes on the page."""
    choose.prepare(watched.page)
    watched.time(choose, PAGE)
    watched.page.wait_for_function(DRAWN)
    watched.page.wait_for_timeout(SETTLED)
    return watched.whole()


class Choose:
    """Take a run out of those that are chosen, and put it back, with the keyboard."""

    def __init__(self) -> None:
        self.chosen = True

    def prepare(self, page: Page) -> None:
        """All that comes before the key that counts."""
        choice = page.locator(CHOICE)
        choice.blur()
        choice.focus()
        if not self.chosen:
            page.keyboard.type(RUN)
            page.locator("[role=option]").first.wait_for()
            while page.locator("[role=option][data-focused]").text_content() != RUN:
                page.keyboard.press("ArrowDown")

    def __call__(self, page: Page) -> None:
        page.keyboard.press("Backspace" if self.chosen else "Enter")
        self.chosen = not self.chosen
