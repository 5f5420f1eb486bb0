"""Which of several runs holds best when the digits are changed, in numbers and in words.

Words such as "best" are chosen by comparing the runs that are given: nothing here knows
beforehand which network holds. What the kinds and their levels are stands in
:data:`lesson.specs.LEVELS` and :data:`lesson.robustness.WAYS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from lesson import tables
from lesson.palette import run_colours
from lesson.results import Robustness
from lesson.robustness import WAYS
from lesson.specs import LEVELS
from lesson.words import listed

# For each kind what each run holds: by kind, then by run.
Means = Mapping[str, Mapping[str, float]]
# Two runs whose means lie closer than a percentage point hold equally well.
CLOSE = 0.01
LEVEL = 0.0005  # accuracies that are written alike
ARROWS = {"right": "←→", "down": "↑↓"}


def level_in_words(kind: str, level: Any) -> str:
    """What is done to the digits at a level of one kind, as it stands in a sentence.

    >>> level_in_words("right", -3), level_in_words("rotation", 30), level_in_words("contrast", 0.1)
    ('moved 3 pixels to the left', 'turned by 30° clockwise', 'with 10% of the ink left')
    >>> level_in_words("moved", (2, 0)), level_in_words("moved", (0, 0))
    ('moved 2 pixels down', 'left as they are')
    """
    if level == WAYS[kind].rest:
        return "left as they are"
    if kind in ("right", "down"):
        way = ("to the left", "to the right") if kind == "right" else ("up", "down")
        return f"moved {abs(level)} pixel{'s' * (abs(level) > 1)} {way[level > 0]}"
    if kind == "moved":
        ways = zip(("down", "right"), level, strict=True)
        first, *others = [level_in_words(way, by) for way, by in ways if by]
        return " and ".join([first, *(each.removeprefix("moved ") for each in others)])
    if kind == "rotation":
        return f"turned by {abs(level)}° {'clockwise' if level > 0 else 'counterclockwise'}"
    return {
        "scale": f"{level:g} times as large",
        "noise": f"with noise of a standard deviation of {level:g}",
        "contrast": f"with {level:.0%} of the ink left",
        "blur": f"blurred by {level:g} pixels",
        "patch": f"with {level}×{level} pixels covered",
    }[kind]


def level_in_short(kind: str, level: Any) -> str:
    """A level as it stands above a small picture.

    >>> level_in_short("rotation", -45), level_in_short("patch", 4), level_in_short("blur", 0.5)
    ('−45°', '4×4', '0.5 px')
    >>> level_in_short("right", -3), level_in_short("moved", (0, 6)), level_in_short("down", 0)
    ('← 3', '→ 6', '0')
    """
    if kind in ARROWS:
        return f"{ARROWS[kind][level > 0]} {abs(level)}" if level else "0"
    if kind == "moved":
        ways = zip(("down", "right"), level, strict=True)
        return " ".join(level_in_short(way, by) for way, by in ways if by) or "0"
    if kind == "patch":
        return f"{level}×{level}"
    if kind == "contrast":
        return f"{level:.0%}"
    unit = {"rotation": "°", "scale": " ×", "blur": " px"}
    return f"{level:g}{unit.get(kind, '')}".replace("-", "−")


def _ranked(accuracies: Mapping[str, float]) -> str:
    """Runs with their accuracies, the best first."""
    ranked = sorted(accuracies.items(), key=lambda item: -item[1])
    return listed([f"{name} {value:.3f}" for name, value in ranked])


def furthest_apart(kind: str, accuracies: Mapping[str, Sequence[float]]) -> str:
    """At which level of a kind runs lie furthest apart; of one run alone, where it is worst.

    Args:
        kind: a key of ``LEVELS``.
        accuracies: for each run one number for each of its levels.
    """
    values = np.array(list(accuracies.values()))
    if len(values) == 1:
        at, text = int(values[0].argmin()), "It is hit hardest by digits"
    else:
        at = int(np.ptp(values, axis=0).argmax())
        text = "They lie furthest apart on digits"
    shares = {name: float(each[at]) for name, each in accuracies.items()}
    spread = np.ptp(values) if len(values) == 1 else np.ptp(values, axis=0).max()
    if spread < LEVEL:
        return "It makes no difference that could be seen in three places behind the point."
    return f"{text} **{level_in_words(kind, LEVELS[kind][at])}**: {_ranked(shares)} are read right."


def means(measured: Mapping[str, Robustness]) -> dict[str, dict[str, float]]:
    """For each kind and run the mean accuracy over all levels; what is not measured is left out."""
    return {
        kind: {
            name: float(np.mean(values[kind]))
            for name, values in measured.items()
            if kind in values
        }
        for kind in LEVELS
    }


def best(shares: Mapping[str, float]) -> list[str]:
    """The run with the largest number, and those that come close to it.

    >>> best({"A": 0.76, "B": 0.5, "C": 0.755})
    ['A', 'C']
    """
    most = max(shares.values(), default=0.0)
    return [name for name, share in shares.items() if share > most - CLOSE]


def table(means: Means, names: Sequence[str]) -> str:
    """Who holds best at what: a row for each kind, a column for each run, the best in bold.

    Args:
        means: what :func:`means` gives.
        names: the runs. Each has a square of its colour; the table is HTML within Markdown.
    """
    colours = run_colours(names)
    heads = [
        f'<span style="white-space:nowrap"><span style="color:{colours[name]}">■</span> '
        f"{escape(name)}</span>"
        for name in names
    ]
    rows = []
    for kind, shares in means.items():
        leading = best(shares) if len(shares) > 1 else []
        shown = [f"{shares[name]:.3f}" if name in shares else "–" for name in names]
        marked = [
            f"**{text}**" if name in leading else text
            for name, text in zip(names, shown, strict=True)
        ]
        rows.append((WAYS[kind].name, *marked))
    return tables.table(("Mean accuracy over the levels", *heads), rows)


def verdict(means: Means) -> str:
    """Who holds best at what, in words; of the kinds at which two or more runs were measured."""
    compared = {kind: shares for kind, shares in means.items() if len(shares) > 1}
    if not compared:
        return "Choose a second run that has been measured, to see which one holds better."
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, shares in compared.items():
        kinds.setdefault(tuple(best(shares)), []).append(WAYS[kind].name.lower())
    unbeaten = set.intersection(*map(set, kinds))
    if unbeaten:
        verb = "is" if len(unbeaten) == 1 else "are"
        opening = f"On average {_bold(sorted(unbeaten))} {verb} never beaten"
    else:
        opening = "No network holds best at everything"
    parts = [
        f"{_bold(names)} {'are level' if len(names) > 1 else 'holds best'}: {', '.join(which)}"
        for names, which in sorted(kinds.items(), key=lambda item: len(item[0]))
    ]
    return f"{opening}. {'. '.join(parts)}."


def _bold(names: Sequence[str]) -> str:
    return listed([f"**{name}**" for name in names])


def widest_gap(measured: Mapping[str, Robustness]) -> str:
    """Where any two runs lie furthest apart, over all levels of all kinds; empty for one run."""
    gaps: list[tuple[float, str, int]] = []
    for kind in LEVELS:
        values = [each[kind] for each in measured.values() if kind in each]
        if len(values) > 1:
            gap = np.ptp(np.array(values), axis=0)
            gaps.append((float(gap.max()), kind, int(gap.argmax())))
    if not gaps:
        return ""
    gap, kind, at = max(gaps)
    if gap < LEVEL:
        return ""
    shares = {name: each[kind][at] for name, each in measured.items() if kind in each}
    ranked = sorted(shares, key=lambda name: -shares[name])
    best, worst = ranked[0], ranked[-1]
    return (
        f"The widest gap of all: of digits {level_in_words(kind, LEVELS[kind][at])}, {best} reads "
        f"{shares[best]:.3f} right, {worst} {shares[worst]:.3f}."
    )
