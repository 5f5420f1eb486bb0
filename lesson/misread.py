"""What runs misread, where they disagree, and how sure they are: sentences, and digits to show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from lesson import tables
from lesson.evaluation import Calibration, Labels, disagreements, in_cell, sureness
from lesson.results import Run
from lesson.words import listed, points, sure

# Indices of test digits.
Places = npt.NDArray[np.int64]
# A test digit to show: its index, a title, a line below.
Card = tuple[int, str, str]


def mistakes_of(
    labels: Labels, name: str, run: Run, true: int | None = None, answer: int | None = None
) -> tuple[str, Places]:
    """A sentence on a part of a run's confusion matrix, and its digits, the surest first.

    Args:
        labels: what the test digits are.
        name: what the run is called.
        run: whose matrix.
        true: the row.
        answer: the column. Without both, it is about the mistakes in what is named.
    """
    places = in_cell(labels, run.test_probabilities, true, answer)
    count, of = len(places), int((labels == true).sum())
    if true is None and answer is None:
        text = f"**{name}** misreads {count:,} of the {len(labels):,} test digits"
        return f"{text}, here the surest first." if count else f"{text}.", places
    if true is None:
        taken = labels[places]
        text = f"**{name}** answers {answer} to {count:,} digits that are another one"
        return f"{text}{_most_often('to', taken)}.", places
    if answer is None:
        answers = run.test_probabilities[places].argmax(axis=1)
        text = f"**{name}** misreads {count:,} of the {of:,} digits labelled {true}"
        return f"{text}{_most_often('as', answers)}.", places
    if true == answer:
        return f"**{name}** reads {count:,} of the {of:,} digits labelled {true} right.", places
    text = f"Of the {of:,} digits labelled {true}, **{name}** takes {count or 'none'} for"
    return f"{text} {_a(answer)}.", places


def _a(digit: int) -> str:
    """
    >>> _a(7), _a(8)
    ('a 7', 'an 8')
    """
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _most_often(word: str, digits: Labels) -> str:
    """What stands most often among the digits, unless all of them stand alone."""
    counts = np.bincount(digits, minlength=1)
    most = int(counts.argmax())
    return f", most often {word} {_a(most)} ({counts[most]:,} times)" if counts[most] > 1 else ""


def answer_card(labels: Labels, run: Run, at: int) -> Card:
    """What a run answers to a test digit, and how sure it is."""
    answer = int(run.test_probabilities[at].argmax())
    label = int(labels[at])
    title = f"{_a(label)}, read right" if answer == label else f"{label} taken for {answer}"
    return at, title, f"sure: {sure(float(sureness(run.test_probabilities[[at]])[0]))}"


def contested(labels: Labels, runs: Mapping[str, Run]) -> tuple[str, Places]:
    """A sentence on how far runs agree, and the digits on which they do not.

    Those come first of which all are sure, but not of one mind.
    """
    if len(runs) < 2:
        none = np.array([], dtype=np.int64)
        return "One run cannot disagree with itself: choose another one to go with it.", none
    probabilities = np.stack([run.test_probabilities for run in runs.values()])
    answers, places = probabilities.argmax(axis=2), disagreements(probabilities)
    wrong = answers != labels
    least_sure = probabilities[:, places].max(axis=2).min(axis=0)
    text = (
        f"They differ on {len(places):,} of the {len(labels):,} test digits. "
        f"{int(wrong.any(axis=0).sum()):,} are misread by at least one of them, "
        f"{int(wrong.all(axis=0).sum()):,} by all."
    )
    if len(places):
        text = f"Below each digit: what {listed(list(runs))} answer, in this order. {text}"
    return text, places[np.argsort(-least_sure, kind="stable")]


def answers_card(labels: Labels, runs: Mapping[str, Run], at: int) -> Card:
    """What each run answers to a test digit."""
    answers = [str(run.test_probabilities[at].argmax()) for run in runs.values()]
    return at, _a(int(labels[at])), "  ".join(answers)


def calibration_table(calibrations: Mapping[str, Calibration]) -> str:
    """A row for each run: how often right, how sure on average, how far both lie apart."""
    rows = [
        (name, f"{each.mean_accuracy:.1%}", f"{each.mean_sureness:.1%}", f"{each.error:.4f}")
        for name, each in calibrations.items()
    ]
    return tables.table(("network", "right", "sure", "calibration error"), rows)


def calibration_sentence(calibrations: Mapping[str, Calibration]) -> str:
    """Which run lies farthest from being as sure as it is right, in which direction; which closest.

    >>> found = Calibration(np.array([4]), np.array([0.9]), np.array([0.5]))
    >>> calibration_sentence({"A": found})
    '**A** is surer than it is right: on average 90.0% sure, and right for 50.0% of the digits.'
    """
    ranked = sorted(calibrations, key=lambda name: calibrations[name].error)
    closest, farthest = ranked[0], ranked[-1]
    found = calibrations[farthest]
    said, right = f"{found.mean_sureness:.1%}", f"{found.mean_accuracy:.1%}"
    if said == right:
        how = "as sure as it is right"
    else:
        more = found.mean_sureness > found.mean_accuracy
        how = f"{'surer' if more else 'less sure'} than it is right"
    text = f"**{farthest}** is {how}: on average {said} sure, and right for {right} of the digits."
    if closest == farthest or points(calibrations[closest].error) == points(found.error):
        return text
    return (
        f"**{closest}** lies closest to the line, {points(calibrations[closest].error)} away on "
        f"average, and **{farthest}** farthest, {points(found.error)}. {text}"
    )


def answered_table(counted: Mapping[str, tuple[int, int]]) -> str:
    """A row for each run: how many of its answers count, and how many of these are right.

    Args:
        counted: both numbers for each run.
    """
    rows = [
        (name, f"{count:,}", f"{right:,}", f"{count - right:,}")
        for name, (count, right) in counted.items()
    ]
    return tables.table(("network", "answered", "right", "wrong"), rows)


def answered_sentence(
    counted: Mapping[str, tuple[int, int]], all_right: Mapping[str, int], total: int, least: float
) -> str:
    """What is gained and lost when a network need not answer: of the run that is right most often.

    Args:
        counted: how many answers of each run count, and how many of these are right.
        all_right: how many digits each run reads right when it answers all.
        total: how many digits there are.
        least: an answer counts if it is at least that sure.
    """
    wrong = {name: count - right for name, (count, right) in counted.items() if count}
    if not wrong:
        return f"Not one answer is at least {least:.2f} sure."
    name = min(wrong, key=lambda name: (wrong[name] / counted[name][0], -counted[name][0]))
    before, left_out = total - all_right[name], total - counted[name][0]
    if not left_out:
        return f"**{name}** answers all {total:,} digits and misreads {before:,}."
    kept = f"Where it is at least {least:.2f} sure, **{name}** misreads {wrong[name]:,}"
    lost = left_out - (before - wrong[name])
    return (
        f"{kept} instead of {before:,} digits. It leaves out {left_out:,}, "
        f"of which it would have read {lost:,} right."
    )
