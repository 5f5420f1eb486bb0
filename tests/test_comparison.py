"""Numbers and sentences of a comparison, on runs made up for the purpose."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from lesson import comparison
from lesson.results import Summary
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, SHIFTS, RunSpec
from tests.made_up import ALL_RIGHT, FOUR_WRONG, PLAIN, TWO_WRONG

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
        {"A": [0.90, 0.91, 0.90], "B": [0.980, 0.984, 0.982], "C": [0.979, 0.983, 0.981]}
    )
    assert "The means of B and C lie 0.10 percentage points apart" in text
    assert "B alone moves by 0.40 percentage points" in text
    assert "their seeds overlap" in text


def test_a_difference_beyond_the_spread_counts() -> None:
    text = comparison.chance_sentence({"A": [0.90, 0.91, 0.92], "B": [0.980, 0.981, 0.982]})
    assert "The means of B and A lie 7.10 percentage points apart" in text
    assert "so the difference counts" in text


@pytest.mark.parametrize("spread", [{"A": [0.9]}, {"A": [0.9, 0.8, 0.8], "B": [0.7, 0.7]}])
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
    assert "Feedforward 0.6000, then 0.8000" in text
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
