"""Where else a filter that slides helps, and where it does not: the notebook's last question."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from lesson.questions.kinds import Asked, Choice, Option, Settings, shuffled


class Data(NamedTuple):
    """A kind of data, why a filter that slides suits it or does not, and who has used one."""

    name: str
    why: str
    source: str = ""


FIT = (
    Data(
        "the voltage of a heart over time",
        "Beats have one shape, and come at any time.",
        "heartbeats (Kiranyaz and others 2016, IEEE TBME 63)",
    ),
    Data(
        "sentences, each word a row of numbers",
        "What a word says depends on the words beside it.",
        "sentences (Kim 2014, arXiv 1408.5882)",
    ),
    Data(
        "films, one picture after another",
        "Movement is what follows in time at one place.",
        "films (Tran and others 2015, arXiv 1412.0767)",
    ),
    Data(
        "speech, as loudness by pitch and time",
        "A sound is a pattern in that picture.",
        "speech (Abdel-Hamid and others 2014, IEEE/ACM TASLP 22)",
    ),
    Data(
        "DNA, one letter after another",
        "Proteins bind where certain letters follow each other.",
        "DNA (Alipanahi and others 2015, Nature Biotechnology 33)",
    ),
    Data(
        "positions in the game of Go",
        "A stone lives or dies with its neighbours, anywhere on the board.",
        "Go (Silver and others 2016, Nature 529)",
    ),
)
UNFIT = (
    Data(
        "age, income and shoe size of people",
        "The three could stand in another order, and nothing would be lost.",
    ),
    Data(
        "baskets: which of 500 goods are in them",
        "The goods could be listed in any order.",
    ),
    Data(
        "answers to 20 questions",
        "The questions could be asked in another order.",
    ),
    Data(
        "ten values of a patient's blood",
        "The ten could be printed in any order.",
    ),
)


def elsewhere(settings: Settings, random: Random) -> Asked:
    """On which data a filter helps, or on which it does not."""
    helps = random.random() < 0.5
    ones, others = (FIT, UNFIT) if helps else (UNFIT, FIT)
    right, *wrong = random.choice(ones), *random.sample(others, 3)
    neighbours = "Side by side means something there." if helps else "Side by side means nothing."
    asked = "is it most likely to help" if helps else "does it not help"
    fine = "" if helps else " So a filter may help."
    useless = " Side by side means nothing." if helps else ""
    return Choice(
        prompt="A filter slides along and looks at neighbours, with the same weights everywhere. "
        f"For which of these data {asked}?",
        explanation=f"{right.why} {neighbours} That is the test: change the order. With the "
        "columns of a table nothing is lost. With the pixels of a digit, or the days of a series, "
        "nobody can read them any more. Where neighbours belong together and a pattern may turn up "
        f"anywhere, filters have been used: {'; '.join(each.source for each in FIT)}.",
        options=shuffled(
            [
                Option(right.name, "", right=True),
                *(Option(each.name, f"{each.why}{fine}{useless}") for each in wrong),
            ],
            random,
        ),
    )
