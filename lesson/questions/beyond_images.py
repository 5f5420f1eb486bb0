"""What one predicts on the page on series, words and films."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random
from typing import NamedTuple

import numpy as np

from lesson import series
from lesson.questions.beyond_elsewhere import elsewhere
from lesson.questions.kinds import (
    Asked,
    Choice,
    Mistake,
    Number,
    Option,
    Settings,
    numbers,
)
from lesson.questions.question import Question, Read, changed
from lesson.series import KERNELS, NOT_GOOD, OWN, OWN_START, PADDINGS, SERIES, WORDS
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD

PAGE = "beyond-images"
FILTERS = (*KERNELS, OWN)
READS = {
    "beyond_series": Read("heartbeat", tuple(SERIES)),
    "beyond_kernel": Read("pulse", FILTERS),
    "beyond_padding": Read("valid", PADDINGS),
}
NEAR = 6  # places that lie closer cannot be told apart in the picture
CLEAR = 0.9  # of a filter's strongest answer; one that comes so near elsewhere would be no mistake


# Where a filter answers most


class Strongest(NamedTuple):
    """Where a filter's answer is furthest from 0, and whether it is clearly so nowhere else."""

    time: int
    answer: float
    clear: bool


@lru_cache(maxsize=32)
def _answers(name: str, kernel: str) -> tuple[float, ...]:
    """A filter's answers to a series; each belongs to the time in the middle of its window."""
    return tuple(series.slide(SERIES[name].values, KERNELS[kernel].values).tolist())


def _edge(kernel: str) -> int:
    """The time that the first answer belongs to."""
    return len(KERNELS[kernel].values) // 2


@lru_cache(maxsize=32)
def _strongest(name: str, kernel: str) -> Strongest:
    sizes = np.abs(_answers(name, kernel))
    place = int(sizes.argmax())
    elsewhere = sizes[np.abs(np.arange(len(sizes)) - place) >= NEAR]
    clear = bool(elsewhere.max() < CLEAR * sizes[place])
    return Strongest(place + _edge(kernel), float(_answers(name, kernel)[place]), clear)


def strongest(settings: Settings, random: Random) -> Asked:
    """At which time a filter answers most."""

    name, kernel = settings["beyond_series"], settings["beyond_kernel"]
    # With the filter in the picture one would only have to look there.
    ways = [(one, other) for one in SERIES for other in KERNELS if other != kernel]
    clear = [way for way in ways if _strongest(*way).clear and len(_mistaken(*way)) > 1]
    # A series that is in the picture already is twice as likely.
    name, kernel = random.choice([*clear, *(way for way in clear if way[0] == name)])
    look = "" if name == settings["beyond_series"] else " (choose it below to see it)"
    chosen = {"beyond_series": name, "beyond_kernel": kernel, "beyond_padding": "valid"}
    time, answer, _ = _strongest(name, kernel)
    told = f"At time {time} this filter answers {_number(answer)}."
    return Choice(
        prompt=f"The filter *{KERNELS[kernel].name}* slides over the series *{SERIES[name].name}*"
        f"{look}. {KERNELS[kernel].says} At which time, 0 to {series.LENGTH - 1}, is its answer "
        "furthest from 0?",
        explanation=told,
        settings=chosen,
        look="The lower curve, and the sentence below the picture.",
        options=numbers(time, "", _mistaken(name, kernel), write="at {}"),
    )


def _mistaken(name: str, kernel: str) -> list[Mistake]:
    """Times that one might take instead, far enough from the right one and from each other."""
    values, right = SERIES[name].values, _strongest(name, kernel)
    candidates = [
        (_middle(values == values.max()), "The series is highest there."),
        *(
            (_strongest(name, other).time, f"There *{KERNELS[other].name}* answers most.")
            for other in KERNELS
            if other != kernel
        ),
        (_middle(values == values.min()), "The series is lowest there."),
        (len(values) // 2, "That is the middle of the series."),
    ]
    kept, times = [], [right.time]
    for time, why in candidates:
        place = time - _edge(kernel)
        inside = 0 <= place < len(_answers(name, kernel))
        if inside and min(abs(time - other) for other in times) >= NEAR:
            times.append(time)
            here = _number(_answers(name, kernel)[place])
            kept.append(Mistake(time, f"{why} This filter answers {here} there."))
    return kept


def _middle(places: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """The middle one of the places where something holds."""
    found = np.flatnonzero(places)
    return int(found[len(found) // 2])


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


# Which padding


# What an answer has to be, and what each other padding does instead.
NEEDS: dict[str, str] = {
    "causal": "An alarm shall ring as soon as the heart beats out of step, and there shall be an "
    "answer from the first value on.",
    "same": "A recording is evened out. The result is laid over it, as long as the recording, and "
    "each answer in the middle of the values that it was made of.",
    "valid": "Beats are counted in a recording, and no answer may be made of anything but what was "
    "measured.",
}


def padding(settings: Settings, random: Random) -> Asked:
    """Which padding a task needs: an alarm's, the closing question, and two others."""
    others = [name for name in PADDINGS if name != settings["beyond_padding"]]
    needed = random.choice(others)
    kernel = settings["beyond_kernel"]
    size = len(OWN_START if kernel == OWN else KERNELS[kernel].values)
    wrong = {
        "valid": f"`valid` gives {series.LENGTH - size + 1} answers to {series.LENGTH} values: "
        "none before the first window is full.",
        "same": f"With `same` each answer needs values that come later, {size // 2} with this "
        "filter, and at the ends zeros.",
        "causal": "With `causal` each answer stands where its window ends, and those at the "
        "beginning are partly made of zeros.",
    }
    _, _, told = series.padding_in_words(needed, series.LENGTH, size).partition(": ")
    return Choice(
        prompt=f"{NEEDS[needed]} Which padding does that need?",
        explanation=told[0].upper() + told[1:],
        settings={"beyond_padding": needed, "beyond_kernel": kernel},
        look="The lower curve, at both ends, and the sentences below the picture.",
        options=tuple(
            Option(
                f"`{name}`",
                "" if name == needed else wrong[name],
                right=name == needed,
                show={} if name == needed else {"beyond_padding": name},
            )
            for name in PADDINGS
        ),
    )


# How many weights


def shared(settings: Settings, random: Random) -> Asked:
    """What a filter saves beside a Dense layer: why convolutional networks suit such data."""
    reads = {key: READS[key] for key in ("beyond_kernel", "beyond_padding")}
    chosen = changed(settings, reads, random, lambda one: one["beyond_kernel"] != OWN)
    kernel, given = KERNELS[chosen["beyond_kernel"]], chosen["beyond_padding"]
    size, length = len(kernel.values), series.LENGTH
    answers = len(series.slide(SERIES[chosen["beyond_series"]].values, kernel.values, given))
    conv = CNN_1.ledger[0]
    cells = math.prod(conv.output_shape)
    return Number(
        prompt=f"With `padding='{given}'` the filter *{kernel.name}* gives {answers} answers to "
        f"{length} values, all with the same {size} weights. A Dense layer shall give as many "
        "answers to the same values. How many weights has it, biases left aside?",
        explanation=f"{length}×{answers} = {length * answers:,}: each unit has a weight of its own "
        f"for each value. The filter sees only {size} neighbours at a time, and what it learned in "
        "one place it finds in any other. It is so with pictures: the convolution of CNN 1 has "
        f"{conv.arithmetic}; a Dense layer that gives as many values would need 784×{cells:,} + "
        f"{cells:,} = {784 * cells + cells:,}. Often one adds that the whole network gets smaller. "
        f"But CNN 1 has {CNN_1.parameters:,} parameters and the feedforward network "
        f"{FEEDFORWARD.parameters:,}, since the Dense layer behind the filters of CNN 1 alone has "
        f"{CNN_1.ledger[3].arithmetic}. CNN 2 pools twice before its first Dense layer: "
        f"{CNN_2.parameters:,}.",
        settings=chosen,
        look="The number of answers stands below the picture; its weights are those of the filter.",
        right=length * answers,
        unit="weights",
        mistakes=(
            Mistake(answers, "Those are its units. Each has a weight for each value."),
            Mistake(
                size,
                "So many has the filter, which is the same at all places. The units of Dense share "
                "nothing.",
            ),
            Mistake(
                size * answers,
                f"Then each unit would see {size} values. In a Dense layer it sees all {length}.",
            ),
            Mistake(
                length * answers + answers, "That is with a bias for each unit. Leave them aside."
            ),
            Mistake(
                length**2,
                f"That is one unit for each value. Here come {answers} answers out.",
            ),
        ),
    )


# Words


def words(settings: Settings, random: Random) -> Asked:
    """Where a filter over two words answers most."""
    names = list(WORDS)
    tones = [WORDS[name] for name in names]
    answers = series.slide(tones, NOT_GOOD)

    def pair(place: int) -> str:
        return f"*{names[place]} {names[place + 1]}*"

    def says(place: int, why: str) -> str:
        return f"{why} {series.sum_in_words(WORDS, NOT_GOOD, place)}."

    right = int(answers.argmax())
    turned = int(series.slide(tones, NOT_GOOD[::-1]).argmax())
    added = int(series.slide(tones, (1.0, 1.0)).argmax())
    before = right - 1
    wrong = {
        turned: "That is the filter turned: its first weight belongs to the first word.",
        added: "Those are the two words that praise most. The filter looks for something else.",
        before: "There the word that turns round lies under the weight for praise.",
    }
    told = ", ".join(f"*{name}* {_tone(WORDS[name])}" for name in names)
    return Choice(
        prompt=f"Each word has a number: {told}. A filter with the weights "
        f"{_tone(NOT_GOOD[0])} and {_tone(NOT_GOOD[1])} slides over them. Where is its answer "
        "largest?",
        explanation=f"At *{series.best_words(WORDS, NOT_GOOD)}*: "
        f"{series.sum_in_words(WORDS, NOT_GOOD, right)}. It looks for a word that turns things "
        "round before one that praises, and would find the two wherever they stood.",
        settings={"beyond_position": right + 1},
        look="The picture under *Words*.",
        options=tuple(
            Option(
                pair(place),
                "" if place == right else says(place, wrong[place]),
                right=place == right,
                show={} if place == right else {"beyond_position": place + 1},
            )
            for place in sorted({right, *wrong})
        ),
    )


def _tone(value: float) -> str:
    return f"{value:g}".replace("-", "−")


QUESTIONS = (
    Question("beyond_strongest", PAGE, "when", "Where does it answer?", strongest, READS),
    Question("beyond_alarm", PAGE, "when", "Which padding?", padding, READS),
    Question("beyond_words", PAGE, "when", "A filter over words", words, varies=False),
    Question("beyond_shared", PAGE, "when", "The same weights everywhere", shared, READS),
    Question("beyond_elsewhere", PAGE, "when", "Where else?", elsewhere),
)
