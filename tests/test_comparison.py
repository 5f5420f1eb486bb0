"""Names, numbers and sentences of a comparison, on runs made up for the purpose."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lesson import comparison, misread, naming, shipped
from lesson.evaluation import Calibration
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten
from lesson.results import Run, Summary
from lesson.specs import (
    CNN_1,
    CNN_2,
    FEEDFORWARD,
    NOTEBOOK_RUNS,
    SHIFTS,
    NetworkSpec,
    RunSpec,
    feedforward,
)

PLAIN = NOTEBOOK_RUNS["Feedforward"]


def run(spec: RunSpec, answers: Sequence[int], labels: Sequence[int], sure: float = 0.9) -> Run:
    probabilities = np.full((len(answers), 10), (1 - sure) / 9, dtype=np.float32)
    probabilities[np.arange(len(answers)), answers] = sure
    return Run(
        spec=spec,
        history={"accuracy": [0.5, 0.6], "loss": [1.0, 0.9]},
        test_loss=0.25,
        test_accuracy=float(np.mean(np.array(answers) == np.array(labels))),
        test_probabilities=probabilities,
        epoch_seconds=[2.0, 1.0],
        seconds=3.0,
        versions={},
        machine={"system": "Linux", "processor": "x86_64", "cores": "2"},
    )


LABELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
ALL_RIGHT = run(PLAIN, LABELS, LABELS)
TWO_WRONG = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 8, 4], LABELS)
FOUR_WRONG = run(PLAIN, [0, 1, 2, 3, 9, 5, 6, 7, 3, 3], LABELS, sure=0.8)


# Names


def test_the_notebooks_runs_have_their_own_names() -> None:
    assert [naming.name(spec) for spec in NOTEBOOK_RUNS.values()] == list(NOTEBOOK_RUNS)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (replace(PLAIN, network=feedforward((16,)), seed=43), "Feedforward · units 16 · seed 43"),
        (replace(PLAIN, network=feedforward(())), "Feedforward · no hidden layer"),
        (replace(PLAIN, network=feedforward(activation="tanh")), "Feedforward · activation tanh"),
        (replace(PLAIN, network=feedforward(dropout=0.3)), "Feedforward · dropout 0.3"),
        (replace(PLAIN, scaled=False), "Feedforward · pixels not scaled"),
        (replace(PLAIN, training_digits=1000), "Feedforward · 1,000 digits"),
        (
            replace(PLAIN, optimizer="sgd", learning_rate=0.1),
            "Feedforward · sgd · learning_rate 0.1",
        ),
        (replace(NOTEBOOK_RUNS["CNN 2"], batch_size=256), "CNN 2 · batch_size 256"),
        (shipped.VARIANTS["same_padding"], "CNN 1 · padding same"),
        (shipped.VARIANTS["no_pooling"], "CNN 1 · no pooling"),
        (shipped.VARIANTS["average_pooling"], "CNN 1 · average pooling"),
        (shipped.INSIDE_PAGE, "CNN 2 · validation_split 0.1"),
    ],
)
def test_other_runs_are_named_by_what_differs(spec: RunSpec, name: str) -> None:
    assert naming.name(spec) == name


def test_a_run_unlike_all_others_still_has_a_short_name() -> None:
    layers = (Conv2D(8, 5), AveragePooling2D(3), Conv2D(4, 2), Flatten(), Dense(10, "softmax"))
    spec = RunSpec(NetworkSpec(layers), "sgd", 0.5, 64, 2, 1, 500, False, 0.2)
    name = naming.name(spec)
    assert name.startswith("CNN ")
    assert name.endswith(" more")
    assert name.count(" · ") == naming.MAX_DIFFERENCES


def test_all_shipped_runs_have_names_of_their_own() -> None:
    names = naming.names(shipped.all_runs())
    assert len(set(names.values())) == len(shipped.all_runs())
    assert not any(digest[:6] in name for digest, name in names.items())


def test_runs_whose_short_names_agree_are_told_apart_by_their_digests() -> None:
    first = next(n for n, layer in enumerate(CNN_2.layers) if isinstance(layer, Dropout))
    fewer = (*CNN_2.layers[:first], *CNN_2.layers[first + 1 :])
    one = replace(NOTEBOOK_RUNS["CNN 2"], network=NetworkSpec(fewer))
    names = naming.names([NOTEBOOK_RUNS["CNN 2"], one])
    assert list(names.values()) == ["CNN 2", f"CNN 2 · {one.digest[:6]}"]


@settings(max_examples=40, deadline=None)
@given(
    specs=some.lists(
        some.builds(
            RunSpec,
            some.sampled_from([FEEDFORWARD, CNN_1, CNN_2, feedforward((8, 8))]),
            seed=some.integers(40, 44),
            epochs=some.integers(4, 6),
            batch_size=some.sampled_from([128, 256]),
            validation_split=some.sampled_from([0.0, 0.1]),
        ),
        max_size=12,
    )
)
def test_names_are_unique_whatever_the_runs(specs: list[RunSpec]) -> None:
    names = naming.names(specs)
    assert set(names) == {spec.digest for spec in specs}
    assert len(set(names.values())) == len(names)


def test_what_differs_in_one_block_only_is_named() -> None:
    blocks = (CNN_2.layers[0], *CNN_2.layers[2:])  # the first pooling taken away
    other = replace(NOTEBOOK_RUNS["CNN 2"], network=NetworkSpec(blocks))
    assert naming.differences(other, NOTEBOOK_RUNS["CNN 2"]) == ["no-max pooling"]
    assert naming.name(other) == "CNN 2 · no-max pooling"


def test_labels_are_short_and_unique() -> None:
    long = ["CNN 1 · filters 8 · kernel_size 5", "CNN 2 · filters 8 · kernel_size 5"]
    labels = naming.labels(["Feedforward", *long])
    assert labels == {"Feedforward": "Feedforward", long[0]: "Run A", long[1]: "Run B"}


# Numbers


def test_seeds_are_those_runs_that_differ_in_nothing_else() -> None:
    def summary(spec: RunSpec, accuracy: float) -> Summary:
        return Summary(spec, 0.1, accuracy, 1.0, 0.2, False)

    summaries = [
        summary(replace(PLAIN, seed=44), 0.3),
        summary(replace(PLAIN, seed=43, epochs=4), 0.9),
        summary(PLAIN, 0.1),
        summary(replace(PLAIN, seed=43), 0.2),
        summary(NOTEBOOK_RUNS["CNN 1"], 0.8),
    ]
    assert comparison.seeds(PLAIN, summaries) == [0.1, 0.2, 0.3]


def test_the_table_has_a_row_for_each_run_and_the_best_of_a_column_is_bold() -> None:
    table = comparison.table({"A": "A", "Run A": "long"}, {"A": ALL_RIGHT, "Run A": TWO_WRONG})
    head, _, first, second = table.splitlines()
    assert head == "| network | accuracy | loss | parameters | seconds an epoch |"
    assert "●</span> **A** | **1.0000** |" in first
    assert first.endswith("| **104,938** | **1.5** |")
    assert "■</span> **Run A**: long | 0.8000 |" in second
    colours = {line.split('style="color:')[1][:7] for line in (first, second)}
    assert len(colours) == 2
    alone = comparison.table({"A": "A"}, {"A": ALL_RIGHT})
    assert "**1.0000**" not in alone


def test_runs_that_blew_up_and_the_spread_of_the_loss_have_their_place_in_the_table() -> None:
    lost = replace(TWO_WRONG, test_loss=math.nan)
    runs = {"A": lost, "B": lost}
    table = comparison.table({name: name for name in runs}, runs)
    assert table.count("not a number") == 2
    spread = {"A": [0.2, 0.3], "B": [0.25]}
    table = comparison.table({name: name for name in runs}, {"A": ALL_RIGHT, "B": lost}, spread)
    assert "loss (its seeds)" in table
    assert "(0.200 to 0.300)" in table


def test_the_best_with_a_threshold_is_never_one_that_answers_nothing() -> None:
    counted, right = {"A": (9_000, 8_900), "B": (0, 0)}, {"A": 9_700, "B": 9_800}
    said = misread.answered_sentence(counted, right, 10_000, 0.99)
    assert said.startswith("Where it is at least 0.99 sure, **A** misreads 100")
    assert "Not one answer" in misread.answered_sentence({"B": (0, 0)}, right, 10_000, 0.99)


def test_a_lead_of_one_digit_is_told_in_digits() -> None:
    one_more = replace(TWO_WRONG, test_accuracy=0.9601, test_probabilities=np.zeros((10_000, 10)))
    other = replace(one_more, test_accuracy=0.9600)
    said = comparison.accuracy_sentence({"A": one_more, "B": other})
    assert said.endswith("B 9,600: 399 mistakes against 400.")


def test_the_list_of_runs_says_where_each_comes_from() -> None:
    own = replace(PLAIN, seed=7, epochs=2, training_digits=500)
    summaries = [Summary(own, 0.5, 0.9, 3.0, 1.5, True), Summary(PLAIN, 0.1, 0.97, 4.0, 0.8, True)]
    names = {own.digest: "mine", PLAIN.digest: "Feedforward"}
    table = comparison.list_of_runs(summaries, names, {PLAIN.digest}, {own.digest})
    assert table["Run"] == ["mine", "Feedforward"]
    assert table["From"] == ["yours", "ships"]
    others = comparison.list_of_runs(summaries, names, {PLAIN.digest}, {PLAIN.digest})
    assert others["From"] == ["trained here", "ships"]
    assert table["Differs in"] == ["epochs 2, 500 digits, seed 7", ""]
    assert (table["Accuracy"], table["Loss"]) == ([0.9, 0.97], [0.5, 0.1])
    assert table["Parameters"] == [104_938] * 2
    assert table["Seconds"] == [3.0, 4.0]


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


# Sentences: the same words for other runs would be wrong


def test_the_better_run_is_named_first_whichever_it_is() -> None:
    for runs in (
        {"A": FOUR_WRONG, "B": TWO_WRONG},
        {"B": TWO_WRONG, "A": FOUR_WRONG},
    ):
        text = comparison.accuracy_sentence(runs)
        assert text.startswith("**B** reads 8 of the 10 test digits right, A 7")
        assert "of 100 mistakes that A makes, B makes 67" in text
    turned = comparison.accuracy_sentence({"A": TWO_WRONG, "B": FOUR_WRONG})
    assert turned.startswith("**A** reads 8")


def test_equal_runs_are_called_equal() -> None:
    assert "so do the others" in comparison.accuracy_sentence({"A": TWO_WRONG, "B": TWO_WRONG})
    assert comparison.accuracy_sentence({"A": TWO_WRONG}).endswith("test digits right.")


def test_parameters_are_told_beside_the_first_network() -> None:
    text = comparison.parameters_sentence({"Feedforward": FEEDFORWARD, "CNN 1": CNN_1})
    assert text == "Feedforward has 104,938 parameters; CNN 1 has 3.31 times as many (347,690)."
    assert "0.30 times as many (104,938)" in comparison.parameters_sentence(
        {"CNN 1": CNN_1, "Feedforward": FEEDFORWARD}
    )


def test_the_notebooks_claim_is_put_right_by_its_own_networks() -> None:
    text = comparison.efficiency_sentence(
        {"Feedforward": FEEDFORWARD, "CNN 1": CNN_1, "CNN 2": CNN_2}
    )
    assert "CNN 1 has more parameters than the feedforward network, not fewer" in text
    assert "2704×128 + 128 = 346,240" in text
    assert "CNN 2 has fewer" in text


def test_the_notebooks_claim_holds_where_it_is_true() -> None:
    text = comparison.efficiency_sentence({"Feedforward": FEEDFORWARD, "CNN 2": CNN_2})
    assert text.endswith("Here that is true of CNN 2.")


def test_a_difference_within_the_spread_does_not_count() -> None:
    text = comparison.chance_sentence(
        {"A": [0.90, 0.91], "B": [0.980, 0.984], "C": [0.979, 0.983, 0.981]}
    )
    assert "The means of B and C lie 0.10 percentage points apart" in text
    assert "B alone moves by 0.40 percentage points" in text
    assert "does not say which is better" in text


def test_a_difference_beyond_the_spread_counts() -> None:
    text = comparison.chance_sentence({"A": [0.90, 0.91], "B": [0.980, 0.981]})
    assert "The means of B and A lie 7.55 percentage points apart" in text
    assert "so it counts" in text


@pytest.mark.parametrize("spread", [{"A": [0.9]}, {"A": [0.9, 0.8], "B": [0.7]}])
def test_without_other_seeds_nothing_is_said_about_chance(
    spread: dict[str, list[float]],
) -> None:
    assert "fewer than two of these" in comparison.chance_sentence(spread)


def test_seconds_of_different_machines_are_not_compared() -> None:
    other = replace(TWO_WRONG, machine={"system": "Darwin", "processor": "arm", "cores": "8"})
    assert "Linux x86_64 with 2 cores" in comparison.machine_sentence({"A": TWO_WRONG})
    text = comparison.machine_sentence({"A": TWO_WRONG, "B": other, "C": TWO_WRONG})
    assert "cannot be compared: A and C on Linux x86_64 with 2 cores; B on Darwin arm" in text
    assert "an unknown machine" in comparison.machine_sentence({"A": replace(other, machine={})})


def test_dropout_explains_why_training_looks_worse_than_the_test() -> None:
    dropped = replace(TWO_WRONG, spec=NOTEBOOK_RUNS["CNN 2"])
    text = comparison.learning_sentence({"Feedforward": TWO_WRONG, "CNN 2": dropped})
    assert "Feedforward 0.6000 and 0.8000" in text
    assert re.search(r"\. CNN 2 did worse in training than in the test\. Dropout, which", text)
    assert "dropout" not in comparison.learning_sentence({"Feedforward": TWO_WRONG})


def test_what_is_left_of_moved_digits_is_told_best_first() -> None:
    def curve(*, still: float, moved: float) -> list[float]:
        return [moved if shift else still for shift in SHIFTS]

    accuracies = {"A": curve(still=0.9, moved=0.5), "B": curve(still=0.8, moved=0.7)}
    assert comparison.moved_sentence(accuracies, 3, "down") == (
        "Moved by 3 pixels down, B falls from 0.800 to 0.700 and A falls from 0.900 to 0.500."
    )
    even = {"A": curve(still=0.5, moved=0.5)}
    assert "A keeps 0.500" in comparison.moved_sentence(even, 3, "down")


def test_the_answers_take_their_numbers_from_the_networks() -> None:
    answer = comparison.comparison_answer({"A": TWO_WRONG, "B": ALL_RIGHT})
    assert "- A: loss 0.2500, accuracy 0.8000" in answer
    assert "**B** reads 10 of the 10" in answer
    networks = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}
    why = comparison.why_answer(networks, {}, 3)
    assert "3×3×1×16 + 16 = 160" in why
    assert "784×128 + 128 = 100,480" in why
    moved = comparison.why_answer(networks, {"A": [0.25] * len(SHIFTS)}, 3)
    assert moved.startswith(why)
    assert "A keeps 0.250" in moved
