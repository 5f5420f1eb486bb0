"""What a speaker may want to know of each page: what to ask, what a class will say, how long.

Every number in the notes is computed by the lesson, or is a result in its store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lesson.notes import beginning, filters, networks
from lesson.notes.note import Ask, Link, Note, Said, Show
from lesson.runs import RunStore

__all__ = [
    "MINUTES",
    "PAGES",
    "PLANS",
    "Ask",
    "Link",
    "Note",
    "Said",
    "Show",
    "bar",
    "times",
]

# The note of each page, in the order in which they are taught.
PAGES: Mapping[str, Callable[[RunStore], Note]] = {
    "overview": beginning.overview,
    "data-preparation": beginning.data_preparation,
    "feedforward": beginning.feedforward,
    "convolution": filters.convolution,
    "padding": filters.padding,
    "pooling": filters.pooling,
    "inside-a-cnn": networks.inside_a_cnn,
    "comparison": networks.comparison_page,
    "beyond-images": networks.beyond_images,
}


PLANS = (45, 90)  # minutes
# What each page takes in either plan.
MINUTES = {
    "overview": (3, 5),
    "data-preparation": (4, 9),
    "feedforward": (7, 15),
    "convolution": (8, 16),
    "padding": (4, 7),
    "pooling": (5, 9),
    "inside-a-cnn": (5, 11),
    "comparison": (6, 12),
    "beyond-images": (3, 6),
}


def times(slug: str, plan: int) -> tuple[int, int]:
    """The minutes of a plan, one of ``PLANS``, at which a page begins and ends.

    >>> times("overview", 45), times("beyond-images", 45), times("beyond-images", 90)
    ((0, 3), (42, 45), (84, 90))
    """
    which, pages = PLANS.index(plan), list(MINUTES)
    begins = sum(MINUTES[page][which] for page in pages[: pages.index(slug)])
    return begins, begins + MINUTES[slug][which]


def bar(slug: str, plan: int) -> str:
    """The plan as a bar, as HTML: a part for each page, the one in hand filled."""
    which = PLANS.index(plan)
    parts = "".join(
        f'<i style="flex: {minutes[which]}; background: currentColor; '
        f'opacity: {0.9 if each == slug else 0.22}; border-radius: 0.2rem"></i>'
        for each, minutes in MINUTES.items()
    )
    begins, ends = times(slug, plan)
    label = f"{ends - begins} minutes, from minute {begins} to minute {ends} of {plan}"
    return (
        f'<div role="img" aria-label="{label}" '
        f'style="display: flex; gap: 0.2rem; height: 0.7rem; margin-bottom: 1rem">{parts}</div>'
    )
