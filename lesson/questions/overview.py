"""What one predicts on the overview page: nothing heavy is loaded before a question is open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from lesson import outcome
from lesson.questions.kinds import (
    Asked,
    Choice,
    Mistake,
    Option,
    Order,
    Settings,
    numbers,
    shuffled,
)
from lesson.questions.question import Question
from lesson.results import Robustness
from lesson.runs import RunStore
from lesson.specs import CHANGES, CNN_1, CNN_2, LEVELS, NOTEBOOK_RUNS, SHIFTS, LedgerRow
from lesson.tables import percent
from lesson.words import listed

PAGE = "overview"
GUESSED = 10  # percent: ten digits of about the same number
APART = 4  # percentage points between two answers to choose from
CLEAR = 0.02  # of two networks that lie closer than that, one cannot be told to be better
LOOK = "The last column of the picture."
ASKED = [kind for kind in CHANGES if kind != "moved"]  # one number says how far


@lru_cache(maxsize=1)
def measured() -> dict[str, Robustness]:
    """The notebook's networks on changed test digits; nothing if one was not measured."""
    store = RunStore()
    found: dict[str, Robustness] = {
        name: store.robustness(run.digest) for name, run in NOTEBOOK_RUNS.items()
    }
    whole = all(set(ASKED) <= set(values) for values in found.values())
    return found if whole else {}


def _mistakes_of(name: str) -> float:
    """The share of the unchanged test digits that a network reads wrongly."""
    return 1 - measured()[name]["right"][SHIFTS.index(0)]


def _at(kind: str, level: Any) -> dict[str, float]:
    """Each network's accuracy on digits that are changed in one way by so much."""
    at = LEVELS[kind].index(level)
    return {name: values[kind][at] for name, values in measured().items()}


def _changed(kind: str, level: Any) -> str:
    """What is done to the digits: they come so."""
    from lesson.holding import level_in_words  # NumPy comes with it

    return level_in_words(kind, level)


def _measured_on(kind: str, level: Any) -> str:
    """Each network's accuracy on changed digits in a sentence, the best first."""
    shares = _at(kind, level)
    ranked = sorted(shares, key=lambda name: -shares[name])
    found = listed([f"{name} {shares[name]:.1%}" for name in ranked])
    return f"Measured on digits {_changed(kind, level)}: {found}."


def _the(name: str) -> str:
    """What a network is called in a sentence."""
    return "the feedforward network" if name == "Feedforward" else name


def _compare(view: str) -> dict[str, Any]:
    """The Comparison page, set to show the notebook's networks in one way."""
    runs = [run.digest for run in NOTEBOOK_RUNS.values()]
    return {"comparison_runs": runs, "comparison_view": view}


def _reveal(kind: str, level: Any) -> dict[str, Any]:
    """The overview's picture with the digits changed, and the Comparison page likewise."""
    compared = {**_compare("Robustness"), "comparison_change": CHANGES[kind]}
    return {"overview_change": (kind, level), **compared}


def moved(settings: Settings, random: Random) -> Asked:
    """How much is left when the digits move by another distance than in the picture."""
    if not measured():
        return _sizes(random)
    name = random.choice(list(NOTEBOOK_RUNS))
    kind = random.choice(("right", "down"))
    level = random.choice([by for by in SHIFTS if abs(by) in (1, 2, 4, 5)])
    accuracy = _at(kind, level)
    still, three = _at("right", 0)[name], _at("right", outcome.MOVED)[name]
    in_step = still - (still - three) / outcome.MOVED * abs(level)
    way = level // abs(level)
    one, two = (_at(kind, by)[name] for by in (way, 2 * way))
    other = random.choice([each for each in NOTEBOOK_RUNS if each != name])
    right = round(100 * accuracy[name])
    guessing = "better" if right > GUESSED else "even worse"
    mistakes = [
        Mistake(
            round(100 * max(in_step, 0)),
            f"That takes as much away for each pixel. But the first pixel this way costs "
            f"{100 * (still - one):.1f} points, the second {100 * (one - two):.1f}.",
        ),
        Mistake(
            round(100 * still),
            "That is the accuracy on digits in the middle. It promises nothing for moved ones: "
            "no network was trained on them.",
        ),
        Mistake(round(100 * accuracy[other]), f"So many {_the(other)} reads right."),
        Mistake(GUESSED, f"So many are right by guessing. It does {guessing}."),
    ]
    return Choice(
        prompt=f"The picture moves the test digits {outcome.MOVED} pixels to the right. Now they "
        f"come {_changed(kind, level)}. How many of 100 does {_the(name)} still read right?",
        explanation=f"{_measured_on(kind, level)} Comparison now shows this change at all its "
        "levels, under *Robustness*.",
        settings=_reveal(kind, level),
        look=LOOK,
        options=numbers(right, "Measured on all 10,000.", _spaced(right, mistakes), write="{:,}"),
    )


def _spaced(right: int, mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes that lie clear of the right number and of those before them."""
    kept: list[Mistake] = []
    for mistake in mistakes:
        if all(abs(mistake.value - value) >= APART for value in (right, *(m.value for m in kept))):
            kept.append(mistake)
    return kept or [Mistake(GUESSED if right > 2 * GUESSED else 50, mistakes[-1].says)]


@lru_cache(maxsize=1)
def orders() -> dict[tuple[str, ...], list[tuple[str, Any]]]:
    """In which order the networks do best, and the changes of the digits that lead to it."""
    found: dict[tuple[str, ...], list[tuple[str, Any]]] = {}
    for kind in ASKED if measured() else ():
        for level in LEVELS[kind]:
            shares = _at(kind, level)
            ranked = tuple(sorted(shares, key=lambda name: -shares[name]))
            gaps = [shares[a] - shares[b] for a, b in pairwise(ranked)]
            seen = kind == "right" and level == outcome.MOVED
            if min(gaps) > CLEAR and not seen:
                found.setdefault(ranked, []).append((kind, level))
    return found


def order(settings: Settings, random: Random) -> Asked:
    """Which network does best when the digits are changed in another way."""
    if not orders():
        return _sizes(random)
    ranked = random.choice(list(orders()))
    kind, level = random.choice(orders()[ranked])
    sizes = {name: run.network.parameters for name, run in NOTEBOOK_RUNS.items()}
    items = _mixed(ranked, random)
    place = {name: at for at, name in enumerate(items)}

    def by(values: dict[str, Any], says: str) -> Mistake:
        best_first = sorted(values, key=lambda name: -values[name])
        return Mistake(tuple(place[name] for name in best_first), says)

    return Order(
        prompt="No network was trained on changed digits. Now the test digits come "
        f"{_changed(kind, level)}. Which network reads most of them right, which is next?",
        explanation=f"{_measured_on(kind, level)} Who holds best depends on what is done to the "
        "digits, so it has to be measured. Comparison now shows this change at all its levels, "
        "under *Robustness*.",
        settings=_reveal(kind, level),
        look=LOOK,
        items=items,
        right=tuple(place[name] for name in ranked),
        mistakes=(
            by(sizes, "That is the order of their sizes. More parameters do not make it steadier."),
            by(
                _at("right", 0),
                "That is the order on unchanged digits. It need not last.",
            ),
            by(
                _at("right", outcome.MOVED),
                f"That is the order when they move {outcome.MOVED} pixels, as in the picture. "
                "This is another change.",
            ),
        ),
        otherwise="What counts is this change, not the one in the picture.",
    )


def _mixed(names: Sequence[str], random: Random) -> tuple[str, ...]:
    """The names in any order but the one that they have."""
    mixed = list(names)
    while mixed == list(names):
        random.shuffle(mixed)
    return tuple(mixed)


def mistakes(settings: Settings, random: Random) -> Asked:
    """How many mistakes are left: an accuracy of 98 instead of 97 sounds like nothing."""
    if not measured():
        return _sizes(random)
    base, other = random.choice(
        [("Feedforward", "CNN 1"), ("Feedforward", "CNN 2"), ("CNN 2", "Feedforward")]
    )
    one, two = _mistakes_of(base), _mistakes_of(other)
    right = round(100 * two / one)
    apart = round(100 * (one - two))
    return Choice(
        prompt=f"{base} reads {1 - one:.1%} of the test digits right, {other} {1 - two:.1%}. For "
        f"every 100 mistakes that {_the(base)} makes, how many does {_the(other)} make?",
        explanation=f"{base} makes {round(10_000 * one):,} mistakes on the 10,000 digits, {other} "
        f"{round(10_000 * two):,}: {right} for every 100. Near 100% an accuracy hides how much "
        "better one is: look at what is wrong. Comparison now shows both, under *Result*.",
        settings=_compare("Result"),
        options=numbers(
            right,
            "What is wrong is compared, not what is right.",
            [
                Mistake(100 - apart, "That moves 100 by the difference of the two accuracies."),
                Mistake(
                    round(100 * one / two),
                    f"That divides the mistakes of {_the(base)} by those of {_the(other)}.",
                ),
                Mistake(
                    round(100 * (1 - two) / (1 - one)),
                    "That compares how many they read right, not how many they read wrong.",
                ),
            ],
            write="about {:,}",
        ),
    )


def layer(settings: Settings, random: Random) -> Asked:
    """Where a CNN keeps its parameters, of which the picture shows the sum."""
    name, network = random.choice((("CNN 1", CNN_1), ("CNN 2", CNN_2)))
    rows = [row for row in network.ledger if row.layer.kind not in ("Flatten", "Dropout")]
    most = max(rows, key=lambda row: row.parameters)
    first = {row.layer.kind: row for row in reversed(rows)}

    def option(row: LedgerRow) -> Option:
        if row is most:
            says = "Each of its units has a weight for every value that comes in."
        elif row.layer.kind == "Conv2D":
            says = (
                f"It learns {row.parameters:,}. The same few weights are used at every place of "
                "the picture, so a filter is small."
            )
        elif not row.parameters:
            says = "It learns nothing: it only picks the largest value of each window."
        else:
            says = f"Few values come in here: it learns {row.parameters:,}."
        return Option(_described(row), says, right=row is most)

    chosen = [first["Conv2D"], first["MaxPooling2D"], most, rows[-1]]
    return Choice(
        prompt=f"{name} has {network.parameters:,} parameters. Which of its layers has the most?",
        explanation=f"`{most.name}`: {most.arithmetic}, which is "
        f"{percent(most.parameters / network.parameters)} of all. The first convolution has "
        f"{first['Conv2D'].arithmetic}. So it matters how many values come into the first "
        "Dense layer. Comparison now shows each layer, under *Result*.",
        settings=_compare("Result"),
        options=shuffled([option(row) for row in chosen], random),
    )


def _described(row: LedgerRow) -> str:
    """A layer in words, without how many parameters it has."""
    layer: Any = row.layer
    if row.layer.kind == "Conv2D":
        return f"The first convolution: {layer.filters} filters of 3×3"
    if row.layer.kind == "Dense":
        place = "The last layer" if layer.units == 10 else "The Dense layer behind Flatten"
        return f"{place}: {layer.units} units"
    return "The first pooling layer: windows of 2×2"


def _sizes(random: Random) -> Asked:
    """What can be asked where the lesson's own results are missing: it needs only the networks."""
    sizes = {name: run.network.parameters for name, run in NOTEBOOK_RUNS.items()}
    ranked = tuple(sorted(sizes, key=lambda name: sizes[name]))
    items = _mixed(ranked, random)
    return Order(
        prompt="Which network has the fewest parameters, which is next?",
        explanation=f"{listed([f'{name} has {sizes[name]:,}' for name in ranked])}. (The lesson's "
        "measured results are missing, so this is asked in place of another question.)",
        items=items,
        right=tuple(items.index(name) for name in ranked),
        mistakes=(
            Mistake(
                tuple(items.index(name) for name in NOTEBOOK_RUNS),
                "More layers are not more parameters: a convolution has few.",
            ),
        ),
        otherwise="Look at the sizes in the middle of the picture.",
    )


QUESTIONS = (
    Question("overview_moved", PAGE, "when", "Moved further", moved),
    Question("overview_order", PAGE, "when", "Changed in another way", order),
    Question("overview_mistakes", PAGE, "train", "How much better?", mistakes),
    Question("overview_layer", PAGE, "layers", "Where are the parameters?", layer),
)
