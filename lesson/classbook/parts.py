"""The parts of the lesson's notebook for a class, and the two ways to write them out.

In the code of a part, what stands between « and » is for the class to write: the notebook with
blanks has ``...`` in its place, and the comment above says what to write. A question is followed by
room for an answer, or by the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lesson import cells
from lesson.cells import Cell
from lesson.results import Summary

BLANK = "..."
ROOM = "*Your answer:* …"
_MARKED = re.compile("«(.*?)»", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """Prose in Markdown."""

    text: str


@dataclass(frozen=True)
class Code:
    """Python, with what the class is to write between « and »."""

    text: str


@dataclass(frozen=True)
class Question:
    """What the class is asked, and what there is to say, both in Markdown."""

    text: str
    answer: str


Part = Text | Code | Question


@dataclass(frozen=True)
class Facts:
    """What the answers say of trained networks; without any, they say nothing of it.

    Attributes:
        summaries: the notebook's finished runs by their names.
        reading: what comes of comparing them, in sentences.
        padding: what padding gave CNN 1.
        average: what average pooling instead of max pooling does to CNN 1.
        edged: how many of the test digits have ink on their outermost pixels.
    """

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    reading: str = ""
    padding: str = ""
    average: str = ""
    edged: int = 0


def blank_cells(parts: Iterable[Part]) -> Iterator[Cell]:
    """The cells that the class gets."""
    for part in parts:
        if isinstance(part, Code):
            yield cells.code(_MARKED.sub(BLANK, part.text))
        else:
            yield from _prose(part, ROOM)


def solved_cells(parts: Iterable[Part]) -> Iterator[Cell]:
    """The same with the code written and the questions answered.

    >>> part = Code("# A row of all pixels.\\nrow = «picture.ravel()»")
    >>> [cell.text.splitlines()[1] for make in (blank_cells, solved_cells) for cell in make([part])]
    ['row = ...', 'row = picture.ravel()']
    """
    for part in parts:
        if isinstance(part, Code):
            yield cells.code(_MARKED.sub(r"\1", part.text))
        else:
            yield from _prose(part, part.answer if isinstance(part, Question) else "")


def _prose(part: Text | Question, answer: str) -> Iterator[Cell]:
    if isinstance(part, Question):
        yield cells.markdown(f"**Question.** {part.text}")
        yield cells.markdown(answer)
    else:
        yield cells.markdown(part.text)
