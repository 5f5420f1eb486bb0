"""What runs misread, where they disagree, how sure they are: on runs made up for the purpose."""

from __future__ import annotations

import numpy as np
import pytest

from lesson import misread
from lesson.evaluation import Calibration
from tests.made_up import ALL_RIGHT, FOUR_WRONG, LABELS, PLAIN, TWO_WRONG, run


def test_the_worst_mistakes_say_what_was_taken_for_what() -> None:
    mixed = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 8, 4], LABELS)
    mixed.test_probabilities[9, 4] = 0.99
    text, places = misread.mistakes_of(np.array(LABELS), "A", mixed)
    cards = [misread.answer_card(np.array(LABELS), mixed, at) for at in places.tolist()]
    assert cards == [(9, "9 taken for 4", "sure: 99.0%"), (4, "4 taken for 9", "sure: 90.0%")]
    assert text.startswith("**A** misreads 2 of the 10 test digits")


def test_a_run_without_mistakes_has_none_to_show() -> None:
    text, places = misread.mistakes_of(np.array(LABELS), "A", ALL_RIGHT)
    assert text == "**A** misreads 0 of the 10 test digits."
    assert not len(places)


LABELLED = np.array([8, 8, 8, 8, 3, 3, 0, 0, 0, 0])
READ = run(PLAIN, [8, 3, 3, 0, 3, 8, 0, 0, 0, 0], LABELLED.tolist())


@pytest.mark.parametrize(
    ("true", "answer", "told", "places"),
    [
        (8, 3, "Of the 4 digits labelled 8, **A** takes 2 for a 3.", [1, 2]),
        (3, 8, "Of the 2 digits labelled 3, **A** takes 1 for an 8.", [5]),
        (3, 9, "Of the 2 digits labelled 3, **A** takes none for a 9.", []),
        (8, 8, "**A** reads 1 of the 4 digits labelled 8 right.", [0]),
        (
            8,
            None,
            "**A** misreads 3 of the 4 digits labelled 8, most often as a 3 (2 times).",
            [1, 2, 3],
        ),
        (3, None, "**A** misreads 1 of the 2 digits labelled 3.", [5]),
        (0, None, "**A** misreads 0 of the 4 digits labelled 0.", []),
        (
            None,
            3,
            "**A** answers 3 to 2 digits that are another one, most often to an 8 (2 times).",
            [1, 2],
        ),
        (None, 9, "**A** answers 9 to 0 digits that are another one.", []),
    ],
)
def test_a_part_of_the_matrix_is_told_in_numbers(
    true: int | None, answer: int | None, told: str, places: list[int]
) -> None:
    text, found = misread.mistakes_of(LABELLED, "A", READ, true, answer)
    assert (text, found.tolist()) == (told, places)


def test_a_digit_that_is_read_right_says_so() -> None:
    _, title, caption = misread.answer_card(np.array(LABELS), ALL_RIGHT, 8)
    assert (title, caption) == ("an 8, read right", "sure: 90.0%")


def test_disagreements_show_every_answer_and_are_counted() -> None:
    runs = {"A": ALL_RIGHT, "B": TWO_WRONG, "C": FOUR_WRONG}
    text, places = misread.contested(np.array(LABELS), runs)
    assert places.tolist() == [4, 8, 9]
    assert misread.answers_card(np.array(LABELS), runs, 4) == (4, "a 4", "4  9  9")
    assert "what A, B and C answer" in text
    assert "differ on 3 of the 10 test digits" in text
    assert "3 are misread by at least one of them, 0 by all" in text


def test_digits_on_which_all_are_sure_come_first() -> None:
    unsure = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 3, 9], LABELS)
    unsure.test_probabilities[4, 9] = 0.6
    _, places = misread.contested(np.array(LABELS), {"A": ALL_RIGHT, "B": unsure})
    assert places.tolist() == [8, 4]


def test_one_run_alone_cannot_disagree() -> None:
    text, places = misread.contested(np.array(LABELS), {"A": TWO_WRONG})
    assert not len(places)
    assert "choose another one" in text


def calibrated(sure: float, right: float) -> Calibration:
    return Calibration(np.array([0, 100]), np.array([0, sure]), np.array([0, right]))


@pytest.mark.parametrize(
    ("sure", "right", "words"),
    [
        (0.9, 0.8, "surer than it is right"),
        (0.8, 0.9, "less sure than it is right"),
        (0.8, 0.8001, "as sure as it is right"),
    ],
)
def test_sureness_is_compared_with_being_right(sure: float, right: float, words: str) -> None:
    text = misread.calibration_sentence({"A": calibrated(sure, right)})
    assert text == (
        f"**A** is {words}: on average {sure:.1%} sure, and right for {right:.1%} of the digits."
    )


def test_the_run_farthest_from_the_line_and_the_one_closest_are_named() -> None:
    runs = {"A": calibrated(0.9, 0.8), "B": calibrated(0.9, 0.89), "C": calibrated(0.8, 0.95)}
    text = misread.calibration_sentence(runs)
    assert text.startswith(
        "**B** lies closest to the line, 1.00 percentage points away on average, "
        "and **C** farthest, 15.00 percentage points. **C** is less sure than it is right"
    )
    assert "| B | 89.0% | 90.0% | 0.0100 |" in misread.calibration_table(runs)


def test_what_counts_only_if_sure_is_told_of_the_run_with_the_fewest_mistakes() -> None:
    counted = {"A": (9_000, 8_950), "B": (8_000, 7_990)}
    all_right = {"A": 9_700, "B": 9_800}
    assert "| A | 9,000 | 8,950 | 50 |" in misread.answered_table(counted)
    assert misread.answered_sentence(counted, all_right, 10_000, 0.9) == (
        "Where it is at least 0.90 sure, **B** misreads 10 instead of 200 digits. "
        "It leaves out 2,000, of which it would have read 1,810 right."
    )
    everything = {"A": (10_000, 9_700)}
    assert misread.answered_sentence(everything, {"A": 9_700}, 10_000, 0.0) == (
        "**A** answers all 10,000 digits and misreads 300."
    )


def test_the_best_with_a_threshold_is_never_one_that_answers_nothing() -> None:
    counted, right = {"A": (9_000, 8_900), "B": (0, 0)}, {"A": 9_700, "B": 9_800}
    said = misread.answered_sentence(counted, right, 10_000, 0.99)
    assert said.startswith("Where it is at least 0.99 sure, **A** misreads 100")
    assert "Not one answer" in misread.answered_sentence({"B": (0, 0)}, right, 10_000, 0.99)
