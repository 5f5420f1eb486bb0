"""The lesson's notebook for a class, with blanks, and its solution: one list of parts for both."""

from __future__ import annotations

from collections.abc import Iterator

from lesson import cells, mnist, outcome, padded, pooled, worth
from lesson.classbook import filters, networks
from lesson.classbook.parts import Facts, Part, blank_cells, solved_cells
from lesson.pictures import inked_at_the_edge
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS


def lesson(facts: Facts) -> Iterator[Part]:
    """The whole notebook, part by part, in the order of the pages."""
    yield from networks.start()
    yield from filters.digits()
    yield from networks.feedforward()
    yield from filters.convolution()
    yield from filters.padding(facts)
    yield from filters.pooling(facts)
    yield from networks.first_cnn()
    yield from networks.second_cnn()
    yield from networks.comparison(facts)


def facts(store: RunStore) -> Facts:
    """What the finished runs say.

    Raises:
        LessonError: the digits, or what ships in brief, are damaged.
    """
    tried = worth.tried(store)
    rows = {row.name: row for row in tried}
    average = ""
    if {pooled.AS_IS, pooled.AVERAGE} <= rows.keys():
        average = worth.told(rows[pooled.AVERAGE], rows[pooled.AS_IS])
    padding = ""
    if {padded.WITHOUT, padded.WITH} <= rows.keys():
        padding = padded.measured(tried)[1]
    found = {name: store.summary(spec) for name, spec in NOTEBOOK_RUNS.items()}
    return Facts(
        {name: each for name, each in found.items() if each is not None},
        outcome.reading(outcome.results(store)),
        padding,
        average,
        inked_at_the_edge(mnist.load().x_test),
    )


def blanks() -> bytes:
    """The notebook for the class."""
    return cells.notebook(blank_cells(lesson(Facts())))


def solution(store: RunStore | None = None) -> bytes:
    """The notebook with everything filled in and answered.

    Args:
        store: of the runs that the answers speak of; by default those that ship and those here.

    Raises:
        LessonError: the digits, or what ships in brief, are damaged.
    """
    return cells.notebook(solved_cells(lesson(facts(store or RunStore()))))
