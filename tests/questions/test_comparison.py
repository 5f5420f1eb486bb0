"""The comparison page's questions: their answers counted again from what ships."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import ASSETS, brief, chance, glossary, hunger, mnist, worth
from lesson.holding import level_in_words
from lesson.questions import bank, comparing, comparison, comparison_answers, measured, of_page
from lesson.questions.kinds import Cell, Choice, Order
from lesson.runs import SHIPPED, RunStore
from lesson.shipped import seeds_of
from lesson.specs import LEVELS, NOTEBOOK_RUNS, RunSpec
from lesson.ui.compare import robustness
from tests.questions.shown import revealed

OpenPage = Callable[..., AppTest]
STORE = RunStore()
SEEDS = range(12)


def accuracy(spec: RunSpec) -> float:
    """What a run reached, from its probabilities or from the file of results."""
    if run := STORE.find(spec):
        return float((run.test_probabilities.argmax(axis=1) == mnist.load().y_test).mean())
    every = json.loads((ASSETS / "results.json").read_text(encoding="utf-8"))
    return float(every[spec.digest]["test_accuracy"])


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(glossary.plain(part.value) for part in app.main.markdown)


# Answers


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_on_changed_digits_is_the_one_that_was_measured(seed: int) -> None:
    asked = bank()["comparison_holds"].ask({}, seed)
    assert isinstance(asked, Order)
    called = robustness.KINDS
    kind = called[asked.settings["comparison_change"]]
    (at,) = [
        n
        for n, level in enumerate(LEVELS[kind])
        if f"all test digits {level_in_words(kind, level)}. None" in asked.prompt
    ]
    shares = {}
    for name, spec in NOTEBOOK_RUNS.items():
        path = SHIPPED / f"{spec.digest}.robustness.json"
        shares[name] = json.loads(path.read_text(encoding="utf-8"))["accuracy"][kind][at]
    ordered = [asked.items[place] for place in asked.right]
    assert ordered == sorted(shares, key=lambda name: -shares[name])
    assert min(np.abs(np.diff(sorted(shares.values())))) >= 0.03
    for name, share in shares.items():
        assert f"{name} {share:.1%}" in asked.explanation
    known = {
        "order by parameters": sorted(
            NOTEBOOK_RUNS, key=lambda name: -NOTEBOOK_RUNS[name].network.parameters
        ),
        "left as they are": sorted(NOTEBOOK_RUNS, key=lambda n: -accuracy(NOTEBOOK_RUNS[n])),
        "hit most": ordered[::-1],
    }
    for mistake in asked.mistakes:
        (order,) = [names for words, names in known.items() if words in mistake.says]
        assert [asked.items[place] for place in mistake.value] == order


def test_every_order_that_was_measured_is_asked_about() -> None:
    assert {order[0] for order in comparison._held()} == {"CNN 2", "Feedforward"}
    assert ("CNN 2", "Feedforward", "CNN 1") in comparison._held()


@pytest.mark.parametrize("current", hunger.SIZES)
def test_who_reads_best_after_few_digits_is_so_with_every_seed(current: int) -> None:
    for seed in range(4):
        values = {"comparison_digits_learned": current}
        asked = bank()["comparison_few"].ask(values, seed)
        assert isinstance(asked, Choice)
        size = asked.settings["comparison_digits_learned"]
        assert size != current
        assert f"{size:,} training digits" in asked.prompt
        reached = {
            name: [accuracy(hunger.spec(name, size, each)) for each in hunger.SEEDS]
            for name in NOTEBOOK_RUNS
        }
        right = asked.told(asked.solution)
        others = [value for name, values in reached.items() if name != right for value in values]
        if "reads most" in asked.prompt:
            assert min(reached[right]) > max(others)
        else:
            assert max(reached[right]) < min(others)
        for option in asked.options:
            if not option.right:
                assert f"It reads {np.mean(reached[option.label]):.1%}" in option.says


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cell_counts_the_most_frequent_mistake_with_a_digit(seed: int) -> None:
    asked = bank()["comparison_cell"].ask({}, seed)
    assert isinstance(asked, Cell)
    name, true = asked.settings["comparison_confusion"], int(asked.settings["comparison_true"])
    run = STORE.find(NOTEBOOK_RUNS[name])
    assert run
    labels, answers = mnist.load().y_test, run.test_probabilities.argmax(axis=1)
    for row in range(10):
        for column in range(10):
            count = int(((labels == row) & (answers == column)).sum())
            assert asked.values[row, column] == count
    wrong = [int(((labels == true) & (answers == k)).sum()) * (k != true) for k in range(10)]
    assert asked.right == {(true, k) for k in range(10) if wrong[k] == max(wrong)}
    assert "read right" in asked.judge((true, true)).says
    # The same cell with row and column changed over.
    row, column = asked.solution
    assert f"{column}s taken for a {row}" in asked.judge((column, row)).says


@pytest.mark.parametrize("seed", SEEDS)
def test_where_a_network_is_not_sure_its_answers_are_counted(seed: int) -> None:
    asked = bank()["comparison_sure"].ask({}, seed)
    assert isinstance(asked, Choice)
    name = next(name for name in NOTEBOOK_RUNS if asked.prompt.startswith(name))
    low = int(re.findall(r"it is (\d+)% to", asked.prompt)[0])
    run = STORE.find(NOTEBOOK_RUNS[name])
    assert run
    sure = run.test_probabilities.max(axis=1).astype(float)
    right = run.test_probabilities.argmax(axis=1) == mnist.load().y_test
    inside = (sure > low / 100) & (sure <= (low + 10) / 100)
    assert f"Of {inside.sum()} of them" in asked.prompt
    assert asked.told(asked.solution) == f"about {100 * right[inside].mean():.0f} of 100"
    known = {
        "accuracy over all": f"{100 * right.mean():.0f}",
        "Not sure is not wrong": "0",
        "guessing": "10",
        "not always the right": "100",
        "So many of them are wrong": f"{100 - round(100 * right[inside].mean())}",
    }
    for option in asked.options:
        if not option.right:
            (number,) = [value for words, value in known.items() if words in option.says]
            assert option.label == f"about {number} of 100"


@pytest.mark.parametrize("seed", range(24))
def test_what_five_trainings_say_is_counted_seed_by_seed(seed: int) -> None:
    asked = bank()["comparison_chance"].ask({}, seed)
    assert isinstance(asked, Choice)
    called = re.findall(r"A is (.*), B is (.*)\. Each was", asked.prompt)[0]
    moved = "all moved 3 pixels" in asked.prompt
    reached = []
    for name in called:
        known = {f"CNN 1 with {way}": spec for way, spec in worth.VARIANTS.items()} | NOTEBOOK_RUNS
        if moved:
            found = [brief.look_up(spec, STORE) for spec in seeds_of(known[name])]
            right = LEVELS["right"].index(3)
            reached.append([each.robustness["right"][right] for each in found if each])
        else:
            reached.append([accuracy(spec) for spec in seeds_of(known[name])])
    a, b = reached
    assert len(a) == len(b) == 5
    assert f"A reads {a[0]:.2%} right and B {b[0]:.2%}" in asked.prompt
    assert a[0] > b[0]
    apart = min(a) > max(b)
    label = asked.told(asked.solution)
    assert label == (
        "Every training of A is better than every one of B"
        if apart
        else "Some trainings of A are worse than some of B"
    )
    same = next(option for option in asked.options if "each time" in option.label)
    gaps = [100 * (one - other) for one, other in zip(a, b, strict=True)]
    assert f"{min(gaps):.2f} to {max(gaps):.2f}".replace("-", "−") in same.says
    assert max(gaps) - min(gaps) > 0.1  # it is not the same each time


def test_pairs_that_differ_and_pairs_that_do_not_are_both_asked_about() -> None:
    pairs = comparison_answers._pairs()
    assert len(pairs[True]) > 1
    assert len(pairs[False]) > 1
    for apart, each in pairs.items():
        for pair in each:
            assert chance.above(*pair.reached) == apart
    names = {pair.names for each in pairs.values() for pair in each}
    assert {("CNN 1", "Feedforward"), ("CNN 2", "Feedforward"), ("CNN 1", "CNN 2")} <= names


def test_the_reason_holds_for_both_networks_and_the_others_do_not() -> None:
    asked = bank()["comparison_reason"].ask({}, 0)
    assert isinstance(asked, Choice)
    said = {option.label: option.says for option in asked.options if not option.right}
    fewer = next(says for label, says in said.items() if "fewer parameters" in label)
    base, one, two = (spec.network.parameters for spec in NOTEBOOK_RUNS.values())
    assert one > base > two  # so it is true of CNN 2 only
    assert f"{one:,}" in fewer
    assert f"{base:,}" in fewer
    moved = brief.look_up(NOTEBOOK_RUNS["CNN 2"], STORE)
    assert moved
    assert f"{moved.robustness['right'][LEVELS['right'].index(3)]:.3f}" in asked.explanation


# Without results


@pytest.fixture
def nothing_ships(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No run is there, and no number of one."""
    kept = (
        comparison._held,
        comparison._curves,
        comparing.accuracy,
        comparison_answers._confusion,
        comparison_answers._bins,
        comparison_answers._pairs,
    )
    monkeypatch.setattr(measured, "run", lambda spec: None)
    monkeypatch.setattr(measured, "in_brief", lambda spec: None)
    monkeypatch.setattr(measured, "robustness", lambda spec: {})
    monkeypatch.setattr(worth, "tried", lambda store: [])
    for each in kept:
        each.cache_clear()
    yield
    for each in kept:
        each.cache_clear()


@pytest.mark.usefixtures("nothing_ships")
def test_without_results_it_is_asked_which_network_is_larger() -> None:
    for question in of_page("comparison"):
        asked = question.ask({}, 1)
        if question.key == "comparison_reason":  # it needs none
            assert "Moved by" not in asked.explanation
            continue
        assert isinstance(asked, Order), question.key
        assert "missing" in asked.prompt
        ordered = [asked.items[place] for place in asked.right]
        assert ordered == ["CNN 1", "Feedforward", "CNN 2"]
        (mistake,) = asked.mistakes
        assert [asked.items[place] for place in mistake.value] == ["CNN 2", "CNN 1", "Feedforward"]


# On the page


@pytest.fixture
def shown(open_page: OpenPage) -> Callable[[str, int], AppTest]:
    """The page with the settings that a question reveals."""
    return partial(revealed, open_page)


def test_the_page_shows_the_curves_of_the_changed_digits(
    shown: Callable[[str, int], AppTest],
) -> None:
    app = shown("comparison_holds", 1)
    assert "Who holds best at what?" in said(app)
    asked = bank()["comparison_holds"].ask({}, 1)
    chosen = app.session_state["comparison_change"]
    assert chosen == asked.settings["comparison_change"]


def test_the_page_shows_what_is_read_after_few_digits(
    shown: Callable[[str, int], AppTest],
) -> None:
    asked = bank()["comparison_few"].ask({}, 0)
    means = re.findall(r"((?:CNN \d|Feedforward) [\d.]+%)", asked.explanation)
    text = said(shown("comparison_few", 0))
    assert len(means) == 3
    assert all(mean in text for mean in means)


def test_the_page_shows_the_digits_of_the_cell(shown: Callable[[str, int], AppTest]) -> None:
    asked = bank()["comparison_cell"].ask({}, 0)
    row, column = asked.solution  # type: ignore[misc]
    assert isinstance(asked, Cell)
    app = shown("comparison_cell", 0)
    name = asked.settings["comparison_confusion"]
    (told,) = re.findall(rf"Of the [\d,]+ digits labelled {row}, .* for an? {column}", said(app))
    assert f"**{name}** takes {asked.values[row, column]} for" in told


def test_the_page_shows_how_sure_the_networks_are(shown: Callable[[str, int], AppTest]) -> None:
    app = shown("comparison_sure", 0)
    asked = bank()["comparison_sure"].ask({}, 0)
    (name, sure) = re.findall(r"point of (.*) above (\d\.\d\d)", asked.look)[0]
    (right,) = re.findall(r"^([\d.]+)%", asked.explanation)
    (chart,) = [json.loads(part.proto.spec) for part in app.get("plotly_chart")]
    (curve,) = [trace for trace in chart["data"] if trace.get("name") == name]
    (place,) = [n for n, x in enumerate(curve["x"]) if f"{x:.2f}" == sure]
    assert 100 * curve["y"][place] == pytest.approx(float(right), abs=0.06)


@pytest.mark.parametrize("view", ["Layers", "Result"])
def test_the_page_shows_every_training_of_a_pair(
    shown: Callable[[str, int], AppTest], view: str
) -> None:
    question = bank()["comparison_chance"]
    seed = next(n for n in range(99) if question.ask({}, n).settings["comparison_view"] == view)
    text = said(shown("comparison_chance", seed))
    assert text.count("mean of 5 seeds") >= 3
