"""What trainings have shown of CNN 1 and its variants, for questions that ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from random import Random

from lesson import chance, worth
from lesson.errors import LessonError
from lesson.questions import measured
from lesson.questions.kinds import Option, shuffled

MORE, LESS, WITHIN, UNKNOWN = "more", "less", "within", "unknown"


@lru_cache(maxsize=1)
def known() -> dict[str, worth.Tried]:
    """What was tried, by its name; nothing if what ships is damaged."""
    try:
        return {row.name: row for row in worth.tried(measured.store())}
    except LessonError:
        return {}


def found(rows: Mapping[str, worth.Tried], name: str, base: str) -> str:
    """How the accuracy of a variant lies to that of ``base``, by the lesson's rule of chance."""
    if not {name, base} <= rows.keys():
        return UNKNOWN
    said = chance.against(rows[name].accuracies, rows[base].accuracies)
    if said == chance.TOO_FEW:
        return UNKNOWN
    if chance.BEYOND not in said:
        return WITHIN
    return MORE if "more" in said else LESS


def spread(rows: Mapping[str, worth.Tried], name: str) -> str:
    """A variant's accuracies in words.

    >>> spread({}, "no pooling")
    'not known, since its trainings are missing from assets'
    """
    if name not in rows:
        return "not known, since its trainings are missing from assets"
    return f"{worth.between(rows[name].accuracies)} in {len(rows[name].accuracies)} trainings"


def options(
    rows: Mapping[str, worth.Tried], name: str, base: str, labels: Mapping[str, str], random: Random
) -> tuple[Option, ...]:
    """What a variant may have done to the accuracy; right is what the trainings bear out.

    Args:
        rows: what was tried, by its name.
        name, base: as :data:`lesson.worth.VARIANTS` calls them.
        labels: how each of ``MORE``, ``LESS``, ``WITHIN`` and ``UNKNOWN`` is put into words.
        random: decides the order.
    """
    right = found(rows, name, base)
    says = {
        WITHIN: "The two ranges overlap: another seed changes as much.",
        MORE: "Every training of one lies above every training of the other.",
        LESS: "Every training of one lies above every training of the other.",
        UNKNOWN: f"Judging takes at least {chance.FEWEST_SEEDS} trainings of each.",
    }[right]
    enough = f"From {chance.FEWEST_SEEDS} trainings of each one sees how far chance moves a result."
    return shuffled(
        [
            Option(
                label, enough if kind == UNKNOWN and kind != right else says, right=kind == right
            )
            for kind, label in labels.items()
        ],
        random,
    )
