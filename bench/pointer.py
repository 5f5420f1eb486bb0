"""Pointer → highlight, against one frame: the browser shows 60 a second."""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.browser import APP, ROOT, browser, serve
from bench.measure import Measure
from bench.stopwatch import Watched, shown

if TYPE_CHECKING:
    from playwright.sync_api import Locator

LARGE = ROOT / "bench" / "large" / "streamlit_app.py"
FRAME = 1000 / 60  # ms
MOVES = 60  # a round, spread over what can be pointed at
# Selectors of what is pointed at: the maps and the kernel of the explorer, the whole overview.
SLIDING = (".pane.input .cells", ".middle .window", ".pane.output:not([hidden]) .cells")
OVERVIEW = (".stage",)


def measure(rounds: int) -> list[Measure]:
    """Real moves of the mouse; from the event to the end of the frame that shows the highlight."""
    found = []
    with ExitStack() as stack:
        runs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lesson = stack.enter_context(serve(APP, runs)).address
        large = stack.enter_context(serve(LARGE, runs)).address
        chromium = stack.enter_context(browser())
        for name, address, key, parts, frames in (
            ("pointer at 28×28", f"{lesson}/convolution", "convolution_main", SLIDING, 1.0),
            ("pointer at 64×64", large, "large", SLIDING, 2.0),
            ("pointer over CNN 2", f"{lesson}/inside-a-cnn", "cnn_network", OVERVIEW, 1.0),
        ):
            place = shown(key)
            watched = Watched(chromium, address, place)
            found.append(_measured(name, watched, place, parts, frames, rounds))
            watched.close()
    return found


def _measured(
    name: str, watched: Watched, place: str, parts: tuple[str, ...], frames: float, rounds: int
) -> Measure:
    areas = [watched.page.locator(f"{place} {part}").first for part in parts]
    sweep(watched, areas)  # what runs for the first time is not yet compiled
    taken, worked, every = [], [], []
    for _ in range(rounds):
        moves = sweep(watched, areas)
        taken.append(median(move["taken"] for move in moves))
        worked += [move["worked"] for move in moves]
        every += [move["taken"] for move in moves]
    late = quantiles(every, n=20)[-1]
    note = f"95 of 100 within {late:.0f} ms; scripts {median(worked):.1f} ms of it"
    return Measure(name, "one frame", "ms", taken, [FRAME] * rounds, frames, note)


def sweep(watched: Watched, areas: list[Locator]) -> list[dict[str, float]]:
    """Point at places in each area, one after the other: what each took, and the scripts in it."""
    watched.page.bring_to_front()
    for area in areas:
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box is not None
        for n in range(MOVES // len(areas)):
            # From cell to cell, everywhere: along two sequences that do not repeat.
            x, y = (n * 0.618 + 0.05) % 1, (n * 0.755 + 0.05) % 1
            watched.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            # The reader's hand does not wait for frames.
            time.sleep(random.uniform(0.02, 0.05))
    moves: list[dict[str, float]] = watched.page.evaluate("stopwatch.moves()")
    return moves
