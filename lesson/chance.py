"""What chance does to a result, as seeds show it: one rule, by which all pages judge."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

FEWEST_SEEDS = 3  # from so many on one sees how far chance moves a result
TOO_FEW = "too few seeds to say"
BEYOND = "beyond chance"
MEANING = f"«{BEYOND.capitalize()}» says that every seed of one lies above every seed of the other."


def enough(*results: Sequence[float]) -> bool:
    """Whether each network was trained with so many seeds that one may judge."""
    return min(map(len, results)) >= FEWEST_SEEDS


def above(values: Sequence[float], base: Sequence[float]) -> bool:
    """Whether every seed of one network lies above every seed of the other.

    >>> above([0.97, 0.98], [0.95, 0.96]), above([0.96, 0.98], [0.95, 0.97])
    (True, False)
    """
    return min(values) > max(base)


def against(values: Sequence[float], base: Sequence[float]) -> str:
    """How accuracies lie to those of another network, in a few words.

    Nothing is claimed of fewer than ``FEWEST_SEEDS`` on either side.

    >>> against([0.95, 0.96, 0.97], [0.90, 0.91, 0.92]), against([0.91], [0.90])
    ('5.00 points more, beyond chance', 'too few seeds to say')
    """
    if not enough(values, base):
        return TOO_FEW
    gap = round(100 * (fmean(values) - fmean(base)), 2)
    if gap > 0 and above(values, base):
        return f"{gap:.2f} points more, {BEYOND}"
    if gap < 0 and above(base, values):
        return f"{-gap:.2f} points less, {BEYOND}"
    return "within chance"
