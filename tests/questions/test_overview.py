"""The overview's questions: their numbers are those that the shipped runs measured."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson.mnist import load
from lesson.questions import bank, overview
from lesson.questions.kinds import Asked, Choice, Order
from lesson.runs import RunStore
from lesson.specs import LEVELS, NOTEBOOK_RUNS
from lesson.ui.compare.robustness import KINDS
from tests.conftest import OpenPage

SEEDS = st.integers(0, 9_999)
STORE = RunStore()


def asked(key: str, seed: int) -> Any:
    return bank()[key].ask({}, seed)


def shares(question: Asked) -> dict[str, float]:
    """Each network's accuracy on digits changed as the reveal shows them, straight from the run."""
    kind, level = question.settings["overview_change"]
    at = list(LEVELS[kind]).index(level)
    return {n: STORE.robustness(run.digest)[kind][at] for n, run in NOTEBOOK_RUNS.items()}


def named(text: str) -> str:
    """The network that a prompt is about."""
    told = text.rsplit(". ", 1)[1].replace("the feedforward network", "Feedforward")
    return next(name for name in NOTEBOOK_RUNS if name in told)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_what_is_left_of_moved_digits_was_measured(seed: int) -> None:
    question = asked("overview_moved", seed)
    found = shares(question)
    right = question.options[question.solution].label
    assert int(right) == round(100 * found[named(question.prompt)])
    others = [int(option.label) for option in question.options if not option.right]
    assert all(abs(int(right) - other) >= overview.APART for other in others)
    for option in question.options:
        if "network reads right" in option.says or re.search(r"CNN \d reads right", option.says):
            said = option.says.replace("the feedforward network", "Feedforward")
            (other,) = (name for name in NOTEBOOK_RUNS if name in said)
            assert int(option.label) == round(100 * found[other])


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_the_order_is_that_of_the_measured_accuracies_and_is_clear(seed: int) -> None:
    question = asked("overview_order", seed)
    assert isinstance(question, Order)
    found = shares(question)
    ranked = [question.items[place] for place in question.right]
    gaps = [found[better] - found[worse] for better, worse in pairwise(ranked)]
    assert min(gaps) > 0.02
    for mistake in question.mistakes:
        told = [question.items[place] for place in mistake.value]
        if "sizes" in mistake.says:
            sizes = [NOTEBOOK_RUNS[name].network.parameters for name in told]
            assert sizes == sorted(sizes, reverse=True)


def test_not_always_the_same_network_holds_best() -> None:
    firsts = set()
    for seed in range(40):
        question = asked("overview_order", seed)
        firsts.add(question.items[question.right[0]])
    assert len(firsts) > 1


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_mistakes_are_counted_digit_by_digit(seed: int) -> None:
    question = asked("overview_mistakes", seed)
    base, other = (
        name.replace("the feedforward network", "Feedforward")
        for name in re.findall(r"that (.+?) makes, how many does (.+?) make\?", question.prompt)[0]
    )
    counts = {}
    for name in (base, other):
        run = STORE.find(NOTEBOOK_RUNS[name])
        assert run
        counts[name] = int((run.test_probabilities.argmax(axis=1) != load().y_test).sum())
    told = question.options[question.solution].label
    assert told == f"about {100 * counts[other] / counts[base]:.0f}"
    wrong = {option.says[:16]: option.label for option in question.options if not option.right}
    assert wrong["That divides the"] == f"about {100 * counts[base] / counts[other]:.0f}"
    right = 100 * (10_000 - counts[other]) / (10_000 - counts[base])
    assert wrong["That compares ho"] == f"about {right:.0f}"


def test_the_layer_with_the_most_parameters_is_the_one_keras_counts_most_in() -> None:
    from lesson.keras_models import build_model

    for seed in range(8):
        question = asked("overview_layer", seed)
        assert isinstance(question, Choice)
        network = NOTEBOOK_RUNS[question.prompt[:5]].network
        counts = {layer.name: layer.count_params() for layer in build_model(network).layers}
        most = max(counts, key=lambda name: counts[name])
        assert question.explanation.startswith(f"`{most}`")
        assert f"= {counts[most]:,}," in question.explanation
        right = question.options[question.solution].label
        units = next(layer.units for layer in network.layers if layer.kind == "Dense")  # type: ignore[attr-defined]
        assert right == f"The Dense layer behind Flatten: {units} units"


def test_without_measured_results_the_sizes_are_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overview, "measured", lambda: {})
    monkeypatch.setattr(overview, "orders", lambda: {})
    for make in (overview.moved, overview.order, overview.mistakes):
        question = make({}, Random(1))
        assert isinstance(question, Order)
        told = [question.items[place] for place in question.right]
        sizes = [NOTEBOOK_RUNS[name].network.parameters for name in told]
        assert sizes == sorted(sizes)


def test_comparison_is_set_to_what_it_knows() -> None:
    assert set(overview.ASKED) == set(LEVELS) - {"moved"}
    assert set(KINDS.values()) == set(LEVELS)


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_reveal_shows_the_answer_on_the_page_and_on_comparison(
    open_page: OpenPage, seed: int
) -> None:
    from lesson.ui.navigation import page

    question = asked("overview_order", seed)
    app = open_page("overview")
    for key, value in question.settings.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    picture = next(part.value for part in app.markdown if "<svg" in part.value)
    for share in shares(question).values():
        assert f">{share:.0%}<" in picture
    app.switch_page(page("comparison").file).run()
    assert not app.exception
    kind, _ = question.settings["overview_change"]
    assert KINDS[app.session_state["comparison_change"]] == kind
    assert app.session_state["comparison_view"] == "Robustness"
    curves = next(part.value for part in app.markdown if "<svg" in part.value)
    assert np.all([name in curves for name in NOTEBOOK_RUNS])
