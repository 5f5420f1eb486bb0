"""One colour for one meaning, wherever it is drawn.

All are mid-tones: each has a contrast of 3:1 or more on white and on the dark theme's
background, so a picture needs only one set. Those that meet in one picture can be told
apart by readers with deuteranopia or protanopia. Colour never stands alone: validation is
dashed, runs have markers of their own, and right and wrong are also said in words.
"""

from __future__ import annotations

from collections.abc import Iterable

NETWORKS = {"Feedforward": "#B07A00", "CNN 1": "#009E73", "CNN 2": "#B75CA0"}
# For runs that the reader has trained, in the order in which they are shown.
OTHER_RUNS = ("#7A7AE0", "#C0504D", "#5F8A1E", "#3A8FC0", "#A0703C", "#D0507F")
# As the charts mark the runs beside their colours, in their order.
MARKS = "●■◆▲✕✚"

CORRECT = "#1B7CC4"
WRONG = "#D55E00"
FILTER = "#7A7AE0"
POOLING = "#2F93A6"
NEUTRAL = "#808080"
FAINT = "rgba(128,128,128,0.2)"
# The mid-tones are lighter than they look: near-black reads better on them than white.
ON_COLOUR = "#111111"


def run_colour(name_or_position: str | int) -> str:
    """The colour of a run, by its name or by its place in a list.

    The notebook's three networks come first and have colours of their own; a name that
    is none of them gets the first of the other runs' colours.

    >>> run_colour("CNN 1") == run_colour(1)
    True
    """
    if isinstance(name_or_position, str):
        return NETWORKS.get(name_or_position, OTHER_RUNS[0])
    if name_or_position < len(NETWORKS):
        return tuple(NETWORKS.values())[name_or_position]
    return OTHER_RUNS[(name_or_position - len(NETWORKS)) % len(OTHER_RUNS)]


def run_colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each of several runs in one picture.

    >>> run_colours(["My network", "CNN 2", "Another"])["CNN 2"] == run_colour("CNN 2")
    True
    """
    position = len(NETWORKS)
    colours = {}
    for name in names:
        if name in NETWORKS:
            colours[name] = NETWORKS[name]
        else:
            colours[name] = run_colour(position)
            position += 1
    return colours


def lighter(colour: str, share: float = 0.4) -> str:
    """``colour`` mixed with that share of white.

    >>> lighter("#000000", 0.5)
    '#808080'
    """
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
