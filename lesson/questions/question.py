"""A question of the bank: which settings of its page it reads, and how it is asked with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lesson.questions.kinds import Asked, Settings


@dataclass(frozen=True)
class Read:
    """A setting of the page that a question is made from: what it may be, and what it is at first.

    >>> Read(1, range(1, 5)).of(3), Read(1, range(1, 5)).of("3"), Read(1, range(1, 5)).of(True)
    (3, 1, 1)
    """

    default: Any
    allowed: Collection[Any]

    def of(self, value: Any) -> Any:
        """``value`` if it is allowed, and the default for anything else."""
        # True equals 1 and 1.0 does too, and a list cannot be looked up.
        known = type(value) is type(self.default) and value in self.allowed
        return value if known else self.default


def changed(
    settings: Settings,
    reads: Mapping[str, Read],
    random: Random,
    good: Callable[[Settings], bool],
) -> dict[str, Any]:
    """The settings with one of them changed, so that the picture does not show the answer yet.

    Where no single change is good for the question, all of them are left to chance.

    Args:
        settings: as they are on the page.
        reads: what may be changed, and into what.
        random: decides.
        good: whether a question can be made of settings.

    Raises:
        ValueError: no settings are good.
    """
    for key in random.sample(list(reads), len(reads)):
        values = [value for value in reads[key].allowed if value != settings[key]]
        for value in random.sample(values, min(len(values), 20)):
            one = {**settings, key: value}
            if good(one):
                return one
    choices = {key: list(read.allowed) for key, read in reads.items()}
    for _ in range(5_000):
        one = {**settings, **{key: random.choice(values) for key, values in choices.items()}}
        if good(one):
            return one
    raise ValueError(f"No settings of {', '.join(reads)} are good for this question.")


@dataclass(frozen=True, eq=False)
class Question:
    """A question of the bank.

    Attributes:
        key: names it everywhere, ``page_what``.
        page: the address of the page that it stands on.
        objective: the key of the objective that it belongs to.
        title: in a few words, without the answer.
        make: the question with its numbers, from what it reads and from chance. For the same of
            both it gives the same.
        reads: the settings that it is made from, by the keys of their controls.
        varies: whether it can be asked with other numbers.
    """

    key: str
    page: str
    objective: str
    title: str
    make: Callable[[Settings, Random], Asked]
    reads: Mapping[str, Read] = field(default_factory=dict)
    varies: bool = True

    def settings(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What it reads, out of any values, trusting none of them."""
        return {key: read.of(values.get(key, read.default)) for key, read in self.reads.items()}

    def ask(self, values: Mapping[str, Any], seed: int) -> Asked:
        """The question with the numbers that these settings and this seed give."""
        return self.make(self.settings(values), Random(f"{self.key}/{seed}"))
