"""Slider → picture on the pages whose picture is the explorer, against a bare slider."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.browser import APP, BARE, browser, serve
from bench.measure import Measure
from bench.stopwatch import TEXT, Act, Slide, Turns, Watched, bare, shown, traffic

TARGET = 1.5
MOVES = 7  # a round on each side: their median counts


@dataclass(frozen=True)
class Case:
    """A control of a page, and the key of the picture that follows it."""

    name: str
    page: str
    picture: str
    act: Act


def cases() -> list[Case]:
    """All that are measured; the page about series has no slider for its picture."""
    options = [f".st-key-beyond_padding button:has-text('{p}')" for p in ("causal", "valid")]
    pages = {
        "convolution": ("convolution_main", ("strides", "kernel_size")),
        "padding": ("padding_coverage", ("kernel_size", "strides")),
        "pooling": ("pooling_maps", ("pool_size",)),
    }
    sliders = [
        Case(f"{page}: {name}", page, picture, Slide(f".st-key-{page}_{name}"))
        for page, (picture, names) in pages.items()
        for name in names
    ]
    series = "beyond images: padding", "beyond-images", "beyond_series_explorer"
    return [*sliders, Case(*series, Turns(*options))]


def measure(rounds: int) -> list[Measure]:
    """Each control in turn with the bare slider, so that a busy moment meets both."""
    found = []
    with ExitStack() as stack:
        runs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lesson = stack.enter_context(serve(APP, runs))
        plain = stack.enter_context(serve(BARE, runs))
        chromium = stack.enter_context(browser())
        theirs = bare(chromium, plain.address)
        for case in cases():
            address = f"{lesson.address}/{case.page}"
            ours = Watched(chromium, address, shown(case.picture))
            sent = traffic(chromium, address, case.picture, case.act)
            found.append(compare(case, ours, theirs, rounds, sent))
            ours.close()
    return found


def compare(case: Case, ours: Watched, theirs: Watched, rounds: int, sent: str) -> Measure:
    """Both sides in turn; what is ``sent`` for a change goes into the note."""
    slide = Slide("[data-testid=stSlider]")
    mine: list[float] = []
    bares: list[float] = []
    for round_ in range(rounds + 1):
        plain = median(theirs.time(slide, TEXT) for _ in range(MOVES))
        taken, wholes = [], []
        for _ in range(MOVES):
            taken.append(ours.time(case.act, case.picture))
            wholes.append(ours.whole())
        if round_:  # the first one fills caches
            bares.append(plain)
            mine.append(median(taken))
    note = f"all pictures of the page {median(wholes):.0f} ms; {sent}"
    return Measure(case.name, "a bare slider", "ms", mine, bares, TARGET, note)
