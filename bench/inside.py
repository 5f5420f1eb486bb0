"""Inside CNN 2: another digit redraws all maps, a click opens a unit."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.browser import APP, BARE, browser, serve
from bench.measure import Measure
from bench.stopwatch import TEXT, Act, Count, Slide, Turns, Watched, bare, shown, traffic

LIMIT = 200.0  # ms
TIMES_BARE = 2.0
MOVES = 7  # a round on each side: their median counts
FOLLOWED = 4000  # ms, after which the field in the sidebar shows the digit of the last round too
OVERVIEW, SLIDE, WEIGHING = "cnn_network", "cnn_slide", "cnn_weighing"
BACK = Turns(".st-key-cnn_all button")
# The button beside the picture, and the field in the sidebar, with which the whole page runs.
DIGITS: dict[str, Act] = {
    "a digit by number": Count("digit"),
    "the next digit": Turns(".st-key-digit_next button"),
}
# Units of CNN 2, by the names of their buttons, and the picture that each opens.
UNITS = {
    "a map of the first layer": ("conv2d, map 5", SLIDE),
    "a map made of 16 others": ("conv2d_1, map 5", SLIDE),
    "a Dense unit of 800 inputs": ("dense, unit 3", WEIGHING),
}


def measure(rounds: int) -> list[Measure]:
    """The bare slider, digits and units in turn, so that a busy moment meets all."""
    bares: list[float] = []
    digits: dict[str, list[float]] = {name: [] for name in DIGITS}
    opened: dict[str, list[float]] = {name: [] for name in UNITS}
    with ExitStack() as stack:
        runs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lesson = stack.enter_context(serve(APP, runs))
        without = stack.enter_context(serve(BARE, runs))
        chromium = stack.enter_context(browser())
        plain = bare(chromium, without.address)
        address = f"{lesson.address}/inside-a-cnn"
        ours = Watched(chromium, address, shown(OVERVIEW))
        slide = Slide("[data-testid=stSlider]")
        notes = {name: traffic(chromium, address, OVERVIEW, act) for name, act in DIGITS.items()}
        for round_ in range(rounds + 1):
            ours.page.bring_to_front()  # behind another page a browser lets timers wait
            ours.page.wait_for_timeout(FOLLOWED)
            theirs = median(plain.time(slide, TEXT) for _ in range(MOVES))
            mine = {
                name: median(ours.time(act, OVERVIEW) for _ in range(MOVES))
                for name, act in DIGITS.items()
            }
            taken = {name: _opened(ours, *unit) for name, unit in UNITS.items()}
            if round_:  # the first one fills caches
                bares.append(theirs)
                for name, value in mine.items():
                    digits[name].append(value)
                for name, value in taken.items():
                    opened[name].append(value)
    limit = [LIMIT] * rounds
    times, held = ("a bare slider", "ms"), ("200 ms", "ms")
    return [
        *(
            Measure(f"CNN 2: {name}", *times, values, bares, TIMES_BARE, notes[name])
            for name, values in digits.items()
        ),
        *(
            Measure(f"CNN 2: {name}", *held, values, limit, 1.0)
            for name, values in (
                digits | {f"{unit} opens": v for unit, v in opened.items()}
            ).items()
        ),
    ]


def _opened(ours: Watched, unit: str, picture: str) -> float:
    """Milliseconds from the click to the unit drawn; the median of a few, back in between."""
    click = Turns(f"button.unit[aria-label='{unit}']")
    taken = []
    for _ in range(3):
        taken.append(ours.time(click, picture))
        ours.time(BACK, OVERVIEW)
    return median(taken)
