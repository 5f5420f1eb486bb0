"""What a reader has answered, done and trained: a value that the reader's browser keeps as text.

The text comes back from the browser, so nothing in it is trusted. What a question was and what is
right is never kept: it is made again from the question's settings and seed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lesson.questions.kinds import Answer
from lesson.questions.question import Question

VERSION = 1
LONGEST = 200_000  # characters of kept text that are read
MOST = 500  # entries of each kind
MOST_TRIES = 9_999
_NAME = re.compile(r"[a-z0-9_]{1,60}")
_DIGEST = re.compile(r"[0-9a-f]{20}")


# What was committed to: the seed and the settings of the question, and the answer.
Committed = tuple[int, Mapping[str, Any], Answer]


@dataclass(frozen=True)
class Attempt:
    """How a question stands for a reader.

    Attributes:
        seed: with ``settings``, the numbers that it was asked with last.
        settings: what it read of the page then.
        answer: what the reader committed to, ``None`` before that.
        shown: whether the answer was asked for: instead of giving one, or on a stage behind it.
        right: whether the last committed answer was right.
        tries: how many answers were committed to.
        rights: how many of them were right.
        first: whether the first of them was.
        last: what was committed to before it was asked again: seed, settings, answer.
    """

    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    shown: bool = False
    right: bool = False
    tries: int = 0
    rights: int = 0
    first: bool = False
    last: Committed | None = None

    @property
    def committed(self) -> Committed | None:
        """What was committed to last, now or before it was asked again."""
        if self.answer is None:
            return self.last
        return self.seed, self.settings, self.answer

    @property
    def open(self) -> bool:
        """Whether an answer can still be given."""
        return self.answer is None and not self.shown

    def commit(self, answer: Answer, right: bool) -> Attempt:
        """The attempt with an answer that can no longer be changed."""
        return replace(
            self,
            answer=answer,
            right=right,
            tries=min(self.tries + 1, MOST_TRIES),
            rights=min(self.rights + right, MOST_TRIES),
            first=self.first if self.tries else right,
        )

    def again(self, settings: Mapping[str, Any]) -> Attempt:
        """The same question anew, with other numbers; what was answered before still counts."""
        seed = self.seed + 1
        return replace(
            self,
            seed=seed,
            settings=settings,
            answer=None,
            shown=False,
            right=False,
            last=self.committed,
        )

    def met(self, other: Attempt) -> Attempt:
        """The one that was asked anew or answered more often, with what both have counted."""

        def far(attempt: Attempt) -> tuple[int, int, bool]:
            return attempt.seed, attempt.tries, not attempt.open

        further, less = (self, other) if far(self) >= far(other) else (other, self)
        return replace(
            further,
            tries=max(further.tries, less.tries),
            rights=max(further.rights, less.rights),
            first=further.first if further.tries else less.first,
            last=further.last if further.answer is not None else further.last or less.committed,
        )


@dataclass(frozen=True)
class Progress:
    """All that a reader has done.

    Attributes:
        attempts: by the question's key.
        tasks: by the design task's key, in words what the reader did it with.
        runs: the digests of runs that the reader asked for, the oldest first.
    """

    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    tasks: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[str, ...] = ()

    @property
    def told(self) -> Progress:
        """Without the answers that wait, on a stage, to be shown."""
        kept = {k: each for k, each in self.attempts.items() if each.answer is None or each.shown}
        return replace(self, attempts=kept)

    def with_attempt(self, key: str, attempt: Attempt) -> Progress:
        return replace(self, attempts={**self.attempts, key: attempt})

    def with_task(self, key: str, done: str) -> Progress:
        return replace(self, tasks={**self.tasks, key: done})

    def with_run(self, digest: str) -> Progress:
        if digest in self.runs:
            return self
        return replace(self, runs=(*self.runs, digest)[-MOST:])

    def met(self, other: Progress) -> Progress:
        """This progress together with what was kept elsewhere; of a question, what went further."""
        attempts = dict(other.attempts)
        for key, mine in self.attempts.items():
            attempts[key] = mine.met(attempts[key]) if key in attempts else mine
        runs = tuple(dict.fromkeys((*other.runs, *self.runs)))[-MOST:]
        return Progress(attempts, {**other.tasks, **self.tasks}, runs)


@dataclass(frozen=True)
class Standing:
    """How far a reader is with the questions of one objective."""

    right: int
    answered: int
    asked: int


def standing(progress: Progress, questions: Iterable[Question]) -> dict[str, Standing]:
    """By objective: how many questions there are, were answered, and were answered rightly."""
    found: dict[str, Standing] = {}
    for question in questions:
        so_far = found.get(question.objective, Standing(0, 0, 0))
        attempt = progress.attempts.get(question.key, Attempt())
        found[question.objective] = Standing(
            so_far.right + bool(attempt.rights),
            so_far.answered + bool(attempt.tries),
            so_far.asked + 1,
        )
    return found


def write(progress: Progress) -> str:
    """The progress as text that :func:`read` reads back."""
    attempts = {
        key: [
            each.seed,
            dict(each.settings),
            list(each.answer) if isinstance(each.answer, tuple) else each.answer,
            [int(flag) for flag in (each.shown, each.right, each.first)],
            each.tries,
            each.rights,
            each.last,
        ]
        for key, each in progress.attempts.items()
    }
    data = {
        "version": VERSION,
        "attempts": attempts,
        "tasks": dict(progress.tasks),
        "runs": list(progress.runs),
    }
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def read(text: object) -> Progress:
    """What :func:`write` wrote, trusting nothing: entries that cannot be are left out.

    >>> read("nonsense") == Progress()
    True
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        return Progress()
    try:
        text.encode()
        data = json.loads(text, parse_constant=_refuse, parse_float=_refuse)
    except (ValueError, RecursionError):
        return Progress()
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return Progress()
    attempts = {key: _attempt(entry) for key, entry in _entries(data.get("attempts"))}
    tasks = {
        key: entry
        for key, entry in _entries(data.get("tasks"))
        if isinstance(entry, str) and len(entry) <= 500
    }
    runs = data.get("runs")
    digests = [
        each
        for each in (runs if isinstance(runs, list) else [])
        if isinstance(each, str) and _DIGEST.fullmatch(each)
    ]
    return Progress(
        {key: attempt for key, attempt in attempts.items() if attempt},
        tasks,
        tuple(dict.fromkeys(digests))[-MOST:],
    )


def _refuse(number: str) -> Any:
    raise ValueError(f"{number} is no number that is kept: all of them are whole.")


def _entries(data: object) -> Iterable[tuple[str, Any]]:
    if not isinstance(data, dict):
        return []
    named = [(key, entry) for key, entry in data.items() if _NAME.fullmatch(key)]
    return named[:MOST]


def _attempt(entry: Any) -> Attempt | None:
    try:
        seed, settings, answer, flags, tries, rights, last = entry
        shown, right, first = flags
    except (TypeError, ValueError):
        return None
    counts = (seed, tries, rights)
    if not all(type(count) is int and 0 <= count <= MOST_TRIES for count in counts):
        return None
    if not isinstance(settings, dict) or len(settings) > 50 or rights > tries:
        return None
    answer, last = _answer(answer), _committed(last)
    return Attempt(seed, settings, answer, shown == 1, right == 1, tries, rights, first == 1, last)


def _answer(kept: Any) -> Answer | None:
    """An answer as the questions know them, or ``None``."""
    if isinstance(kept, list) and all(type(place) is int for place in kept):
        return tuple(kept)
    return kept if type(kept) in (int, str) else None


def _committed(kept: Any) -> Committed | None:
    try:
        seed, settings, answer = kept
    except (TypeError, ValueError):
        return None
    answer = _answer(answer)
    if type(seed) is not int or not isinstance(settings, dict) or answer is None:
        return None
    return seed, settings, answer
