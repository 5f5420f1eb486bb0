"""The kinds of question: what is asked, which answers can be given, and what is said to each.

A question is asked with numbers of its own, and is a value: what it asks, the one right answer, and
the known mistakes. Each mistake says what went wrong. Answers are plain data, so that they can be
kept: an option's place, a number, a cell ``(row, column)``, an order of places, or a typed line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from lesson.questions.keras_line import Line, LineError, code
from lesson.words import listed

if TYPE_CHECKING:  # the first page of a class need not wait for NumPy
    import numpy as np
    import numpy.typing as npt

    Values = npt.NDArray[np.generic]

Scale = Literal["ink", "diverging", "count"]
Answer = int | str | tuple[int, ...]
# What the page's controls are set to, by their keys.
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, what is said to it, and what to set the picture to, if not as
    the question asks for it."""

    right: bool
    says: str
    show: Settings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with its numbers.

    Attributes:
        prompt: what is asked, in Markdown.
        explanation: why the right answer is right, in Markdown.
        settings: what the page's controls are set to, so that the live picture shows the answer.
        look: where on the page the answer is to be seen then.
    """

    prompt: str
    explanation: str
    settings: Settings = field(default_factory=dict)
    look: str = ""

    def problem(self, answer: object) -> str | None:
        """Why this is no answer to this question, in a sentence; ``None`` if it is one."""
        raise NotImplementedError

    def judge(self, answer: Any) -> Verdict:
        """What is said to an answer that has no problem."""
        raise NotImplementedError

    def told(self, answer: Any) -> str:
        """An answer in words."""
        return str(answer)

    @property
    def solution(self) -> Answer:
        """The right answer."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Option:
    """One of the answers to choose from.

    Attributes:
        label: in Markdown; a picture's is its letter or name.
        says: what the reader is told who chose it.
        right: whether it is the right one.
        picture: ``(height, width)``, where one chooses among pictures.
        show: what the page's controls are set to, to see what is wrong with it.
    """

    label: str
    says: str
    right: bool = False
    picture: Values | None = None
    show: Settings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Choice(Asked):
    """Choose one of several; with pictures, the right picture. An answer is an option's place.

    Attributes:
        options: two to six, one of them right, in the order in which they are shown.
        scale, high: how pictures are coloured, as the explorer's maps are.
    """

    options: tuple[Option, ...]
    scale: Scale = "diverging"
    high: float | None = None

    def __post_init__(self) -> None:
        labels = [option.label for option in self.options]
        if not 2 <= len(labels) <= 6 or len(set(labels)) < len(labels):
            raise ValueError(f"A question has 2 to 6 options, no two alike, but these: {labels}.")
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"One option is right, but of {labels} it is not one.")

    @property
    def pictures(self) -> bool:
        """Whether one chooses among pictures."""
        return all(option.picture is not None for option in self.options)

    @property
    def solution(self) -> int:
        return next(place for place, option in enumerate(self.options) if option.right)

    def problem(self, answer: object) -> str | None:
        if type(answer) is int and 0 <= answer < len(self.options):
            return None
        return f"Choose one of the {len(self.options)} answers."

    def judge(self, answer: Any) -> Verdict:
        chosen = self.options[answer]
        return Verdict(chosen.right, chosen.says, chosen.show)

    def told(self, answer: Any) -> str:
        return self.options[answer].label


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known, and what went wrong in it."""

    value: Any
    says: str
    show: Settings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Number(Asked):
    """Choose a number. An answer is a whole number from 0 to ``most``.

    Attributes:
        right: the right one.
        mistakes: wrong numbers that are known; those equal to ``right`` or to one before are
            dropped, since the numbers decide whether a mistake shows.
        unit: what is counted, as ``"rows"``.
    """

    right: int
    mistakes: tuple[Mistake, ...] = ()
    unit: str = ""
    most: int = 9_999_999

    def __post_init__(self) -> None:
        object.__setattr__(self, "mistakes", distinct(self.right, self.mistakes))

    @property
    def solution(self) -> int:
        return self.right

    def problem(self, answer: object) -> str | None:
        if type(answer) is int and 0 <= answer <= self.most:
            return None
        return f"The answer is a whole number from 0 to {self.most:,}."

    def judge(self, answer: Any) -> Verdict:
        if known := _known(answer, self.right, self.mistakes):
            return known
        size = "more" if answer > self.right else "fewer" if self.unit else "less"
        return Verdict(False, f"That is {size} than it is.")

    def told(self, answer: Any) -> str:
        unit = self.unit.removesuffix("s") if answer == 1 else self.unit
        return f"{answer:,} {unit}".strip()


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell(Asked):
    """Point at the cell. An answer is ``(row, column)``, from 0.

    Attributes:
        values: ``(height, width)``, at most 28 each; drawn with its numbers where they are legible.
        right: every cell that is right: where several hold the same value, each of them.
        near: what is said to cells that are a known mistake.
        otherwise: what is said to any other.
        scale, high, decimals, numbers: how it is drawn, as the explorer's maps are.
    """

    values: Values
    right: frozenset[tuple[int, int]]
    near: Mapping[tuple[int, int], str] = field(default_factory=dict)
    otherwise: str = "It is another cell."
    scale: Scale = "ink"
    high: float | None = None
    decimals: int | None = None
    numbers: bool | None = None

    def __post_init__(self) -> None:
        height, width = self.values.shape
        inside = all(0 <= row < height and 0 <= column < width for row, column in self.right)
        if not self.right or not inside or len(self.right) == height * width:
            raise ValueError(f"Right are some cells of {height}×{width}, but not {self.right}.")

    @property
    def solution(self) -> tuple[int, int]:
        return min(self.right)

    def problem(self, answer: object) -> str | None:
        height, width = self.values.shape
        if isinstance(answer, tuple) and len(answer) == 2:
            whole = all(type(place) is int for place in answer)
            if whole and 0 <= answer[0] < height and 0 <= answer[1] < width:
                return None
        return f"Point at one cell of the {height}×{width}."

    def judge(self, answer: Any) -> Verdict:
        if answer in self.right:
            return Verdict(True, "")
        return Verdict(False, self.near.get(answer, self.otherwise))

    def told(self, answer: Any) -> str:
        return f"row {answer[0]}, column {answer[1]}"


@dataclass(frozen=True, kw_only=True)
class Order(Asked):
    """Put in order. An answer is the items' places, in the order that the reader gives them.

    Attributes:
        items: as they are shown, no two alike.
        right: their places in the right order.
        mistakes: orders that are a known mistake.
        otherwise: what is said to any other.
    """

    items: tuple[str, ...]
    right: tuple[int, ...]
    mistakes: tuple[Mistake, ...] = ()
    otherwise: str = "The order is another one."

    def __post_init__(self) -> None:
        count = len(self.items)
        if len(set(self.items)) < count or sorted(self.right) != list(range(count)):
            raise ValueError(f"{self.items} cannot be put into the order {self.right}.")
        if self.right == tuple(range(count)):
            raise ValueError("The items already stand in the right order.")
        object.__setattr__(self, "mistakes", distinct(self.right, self.mistakes))

    @property
    def solution(self) -> tuple[int, ...]:
        return self.right

    def problem(self, answer: object) -> str | None:
        places = list(range(len(self.items)))
        if isinstance(answer, tuple) and all(type(place) is int for place in answer):
            if sorted(answer) == places:
                return None
            left = [self.items[place] for place in places if place not in answer]
            if left:
                return f"Not in the order yet: {listed(left)}."
        return f"Put all {len(places)} in order."

    def judge(self, answer: Any) -> Verdict:
        if known := _known(answer, self.right, self.mistakes):
            return known
        for place, (given, wanted) in enumerate(zip(answer, self.right, strict=True)):
            if given != wanted:
                first = "begins with" if place == 0 else f"goes on, at place {place + 1}, with"
                return Verdict(False, f"It {first} *{self.items[wanted]}*. {self.otherwise}")
        raise AssertionError("An order that differs nowhere is the right one.")

    def told(self, answer: Any) -> str:
        return " → ".join(self.items[place] for place in answer)


@dataclass(frozen=True, kw_only=True)
class Blank(Asked):
    """Fill in the Keras line. An answer is what the reader typed; it is read, and never run.

    Attributes:
        before, after: the lines around the blank.
        right: lines that are right, the first of them the one that is shown.
        mistakes: lines that are a known mistake.
        otherwise: what is said to any other line.
    """

    right: tuple[str, ...]
    before: str = ""
    after: str = ""
    mistakes: tuple[Mistake, ...] = ()
    otherwise: str = "This line does something else."

    LONGEST = 200

    def __post_init__(self) -> None:
        right = {Line.of(line) for line in self.right}
        kept, seen = [], set(right)
        for mistake in self.mistakes:
            if (line := Line.of(mistake.value)) not in seen:
                kept.append(mistake)
                seen.add(line)
        object.__setattr__(self, "mistakes", tuple(kept))

    @property
    def solution(self) -> str:
        return self.right[0]

    def problem(self, answer: object) -> str | None:
        if not isinstance(answer, str) or not answer.strip():
            return "Type the line that is missing."
        if len(answer) > self.LONGEST:
            return f"A line has at most {self.LONGEST} characters, but this has {len(answer)}."
        try:
            Line.of(answer)
        except LineError as error:
            return str(error)
        return None

    def judge(self, answer: Any) -> Verdict:
        line = Line.of(answer)
        if any(line == Line.of(right) for right in self.right):
            return Verdict(True, "")
        for mistake in self.mistakes:
            if line == Line.of(mistake.value):
                return Verdict(False, mistake.says, mistake.show)
        return Verdict(False, self.otherwise)

    def told(self, answer: Any) -> str:
        return code(str(answer))


def _known(answer: Any, right: Any, mistakes: Iterable[Mistake]) -> Verdict | None:
    """What is said to the right answer and to known mistakes; ``None`` to any other answer."""
    if answer == right:
        return Verdict(True, "")
    found = (Verdict(False, each.says, each.show) for each in mistakes if each.value == answer)
    return next(found, None)


def distinct(right: Any, mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """The mistakes that differ from what is right and from those before them.

    >>> [each.value for each in distinct(5, [Mistake(4, "a"), Mistake(5, "b"), Mistake(4, "c")])]
    [4]
    """
    kept: dict[Any, Mistake] = {}
    for mistake in mistakes:
        if mistake.value != right:
            kept.setdefault(mistake.value, mistake)
    return tuple(kept.values())


def numbers(
    right: int,
    says: str,
    mistakes: Sequence[Mistake],
    most: int = 4,
    write: str = "{:,}",
) -> tuple[Option, ...]:
    """Options to choose a number from, the smallest first: the right one and known mistakes.

    Args:
        right: the right number.
        says: what is said to it.
        mistakes: the likeliest first; those that come to the same are left out.
        most: how many options at the most.
        write: how a number is written.

    Raises:
        ValueError: no mistake is left, so that there is nothing to choose.
    """
    wrong = distinct(right, mistakes)[: most - 1]
    if not wrong:
        raise ValueError(f"With these numbers every mistake comes to {right} too.")
    options = {right: Option(write.format(right), says, right=True)}
    options |= {
        each.value: Option(write.format(each.value), each.says, show=each.show) for each in wrong
    }
    return tuple(options[value] for value in sorted(options))


def shuffled(options: Sequence[Option], random: Random) -> tuple[Option, ...]:
    """Options in an order that chance decides."""
    mixed = list(options)
    random.shuffle(mixed)
    return tuple(mixed)
