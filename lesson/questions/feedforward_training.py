"""What one predicts of the training on the feedforward page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

from lesson import fitting
from lesson.presets import (
    APART,
    BY_HEART,
    FEEDFORWARD_PRESETS,
    LOW,
    PLAIN,
)
from lesson.questions.kinds import (
    Asked,
    Choice,
    Mistake,
    Number,
    Option,
    Settings,
    shuffled,
)
from lesson.questions.question import Question, Read, changed
from lesson.runs import RunStore
from lesson.specs import RunSpec

PAGE = "feedforward"
FINE = 0.96  # from here on training and validation are both high, for these digits
SHUFFLED = FEEDFORWARD_PRESETS["Labels shuffled"].spec
DIGITS = {
    "feedforward_batch_size": Read(256, tuple(2**power for power in range(4, 12))),
    "feedforward_training_digits": Read(60_000, (100, 300, 1_000, 3_000, 10_000, 30_000, 60_000)),
    "feedforward_validation_split": Read(0.1, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)),
}


def _controls(spec: RunSpec) -> dict[str, Any]:
    """The page's controls as they ask for a run."""
    return {f"feedforward_{name}": value for name, value in fitting.settings(spec).items()}


def _spec(settings: Settings) -> RunSpec:
    return replace(
        PLAIN,
        batch_size=settings["feedforward_batch_size"],
        training_digits=settings["feedforward_training_digits"],
        validation_split=settings["feedforward_validation_split"],
    )


def steps(settings: Settings, random: Random) -> Asked:
    """How many steps an epoch has."""
    shipped = {
        (spec.batch_size, spec.training_digits, spec.validation_split)
        for spec in (preset.spec for preset in FEEDFORWARD_PRESETS.values())
    }

    def good(one: Settings) -> bool:
        spec = _spec(one)
        # What ships is trained: the page shows its result in place of what it takes.
        known = (spec.batch_size, spec.training_digits, spec.validation_split) in shipped
        return not known and 1 < spec.batches <= 250 and spec.fitted_digits % spec.batch_size > 0

    chosen = changed(settings, DIGITS, random, good)
    spec = _spec(chosen)
    size, fitted, share = spec.batch_size, spec.fitted_digits, spec.validation_split
    last = fitted % size
    held = f"{share:.0%} of them held back" if share else "none of them held back"
    return Number(
        prompt=f"{spec.training_digits:,} training digits, {held}, `batch_size={size}`. In how "
        "many steps does the network see all that it learns from once?",
        explanation=f"It learns from {fitted:,} digits, {size:,} a step: {fitted // size:,} full "
        f"batches, and a last one of {last:,}. Each step changes all weights once. Smaller "
        "batches are more steps an epoch: one of the ways to help a network that is underfitted.",
        settings=chosen,
        look="What the training will take, above *Train this network*: batches are steps.",
        right=spec.batches,
        unit="steps",
        mistakes=(
            Mistake(fitted // size, f"The last {last:,} digits are no full batch, but a step too."),
            Mistake(
                replace(spec, validation_split=0.0).batches,
                "That counts the digits held back for validation too, from which it does not "
                "learn.",
            ),
            Mistake(fitted, "That is a step for each digit. A batch goes through at once."),
            Mistake(size, "That is how many digits a step takes."),
            Mistake(spec.batches * PLAIN.epochs, f"That is {PLAIN.epochs} epochs, not one."),
        ),
    )


# What a training's end says


@dataclass(frozen=True)
class End:
    """How a training ended: accuracies on the digits that it learned from and those held back.

    Attributes:
        name: the experiment's, empty if its run is missing.
    """

    name: str
    spec: RunSpec
    training: float
    validation: float

    @property
    def apart(self) -> float:
        """Percentage points, of the numbers as they are shown."""
        return round(round(100 * self.training, 1) - round(100 * self.validation, 1), 1)

    @property
    def is_what(self) -> str:
        """``"small"``, ``"heart"`` or ``"fine"``; empty where one may argue."""
        if self.apart > APART:
            return "heart"
        if max(self.training, self.validation) < LOW:
            return "small"
        return "fine" if min(self.training, self.validation) > FINE else ""


@lru_cache(maxsize=1)
def experiments() -> tuple[End, ...]:
    """How the page's experiments ended; those whose runs are missing are left out."""
    store, found = RunStore(), []
    for name, preset in FEEDFORWARD_PRESETS.items():
        run = store.find(preset.spec)
        if run and "val_loss" in run.history:
            fit = fitting.fit_of(run)
            found.append(End(name, run.spec, fit.training, fit.validation))
    return tuple(found)


@lru_cache(maxsize=1)
def ends() -> dict[str, list[End]]:
    """Endings by what they are; where no run is known, something supposed."""
    found: dict[str, list[End]] = {}
    for end in experiments():
        if end.is_what and not end.spec.shuffled_labels:
            found.setdefault(end.is_what, []).append(end)
    supposed = (End("", PLAIN, 0.8, 0.8), End("", BY_HEART, 1.0, 0.8), End("", PLAIN, 0.98, 0.98))
    return found or {end.is_what: [end] for end in supposed}


def fit(settings: Settings, random: Random) -> Asked:
    """The notebook's question: what might one do if a network is underfitted?"""
    end = random.choice(ends()[random.choice(list(ends()))])
    is_what = end.is_what
    low, high = f"{end.validation:.1%}", f"{end.training:.1%}"
    lies = f"{abs(end.apart):.1f} points"
    why = {
        "small": f"Both are low, and lie {lies} apart: underfitted. It is wrong even on the digits "
        "that it learns from. More units or layers can express more; more epochs and smaller "
        "batches train it longer; a learning rate that is too small or too large looks much the "
        "same. Change one at a time.",
        "heart": f"They lie {lies} apart: overfitted. It knows the digits that it learned from "
        "better than it knows digits. More of them help, or what keeps it from learning by heart.",
        "fine": f"Both are high, and lie only {lies} apart: what it has learned holds for new "
        "digits as well. What another kind of network reaches is on the Comparison page.",
    }
    says = {
        "small": {
            "heart": "That takes learning away from a network that has learned too little.",
            "small": f"With {high} it does not even get its own digits right.",
            "fine": f"It still gets {1 - end.training:.0%} of its own digits wrong.",
        },
        "heart": {
            "heart": f"It gets {high} of its own digits right, and {low} of the others.",
            "small": f"It gets {high} of its own digits right: it is able enough. More of the same "
            "lets it learn by heart.",
            "fine": f"On new digits it does worse than on its own, by {lies}.",
        },
        "fine": {
            "heart": "It does as well on digits that it has not learned from: nothing was learned "
            "by heart.",
            "small": f"It gets {high} of its own digits right: that is not too little.",
            "fine": "It does as well on new digits.",
        },
    }[is_what]
    labels = {
        "small": "More units or layers, more epochs, smaller batches, another learning rate",
        "heart": "More digits, dropout, fewer units, or an earlier stop",
        "fine": "Nothing: it can stay as it is",
    }
    options = [Option(labels[key], says[key], right=key == is_what) for key in labels]
    options.append(
        Option(
            "Letting it learn from the test digits too",
            "Then its accuracy on them would say nothing about new digits.",
        )
    )
    named = f"It is the experiment *{end.name}*. " if end.name else ""
    return Choice(
        prompt=f"A training ends with {high} right of the digits that it learned from, and {low} "
        "of those held back. What is worth trying?",
        explanation=f"{named}{why[is_what]}",
        settings=_controls(end.spec) if end.name else {},
        look="The curves: solid for the digits that it learned from, dashed for those held back.",
        options=shuffled(options, random),
    )


def heart(settings: Settings, random: Random) -> Asked:
    """The notebook's question: what follows from too many parameters?"""
    end = next((each for each in experiments() if each.spec == SHUFFLED), None)
    fitted = SHUFFLED.fitted_digits
    held = SHUFFLED.training_digits - fitted
    parameters = SHUFFLED.network.parameters
    training, validation = (end.training, end.validation) if end else (1.0, 0.1)
    own = random.random() < 0.5
    share = training if own else validation
    which = f"the {fitted} digits that it learned from" if own else f"the {held} digits held back"
    parts = {
        "Nearly all": (
            f"It has {parameters:,} numbers for {fitted} digits: enough to learn each by heart."
            if own
            else "What is learned by heart helps with no other digit."
        ),
        "About half": "There are ten labels, not two.",
        "About one in ten": (
            "There is nothing to understand in them, but they can be learned by heart."
            if own
            else "That is guessing: there is nothing in these labels that holds for other digits."
        ),
        "About three in four": "It either knows the label by heart, or it has to guess.",
    }
    right = "Nearly all" if share > 0.9 else "About one in ten"
    measured = (
        f"Measured: {training:.1%} of those that it learned from, {validation:.1%} of those held "
        "back. "
        if end
        else ""
    )
    return Choice(
        prompt=f"The labels of 1,000 training digits are dealt out at random. A network of "
        f"{parameters:,} parameters learns {fitted} of them for {SHUFFLED.epochs} epochs. Of "
        f"{which}, how many does it give the label that they have now?",
        explanation=f"{measured}That is what too many parameters can do: learn by heart, whatever "
        "the labels are (Zhang et al. 2017, arXiv 1611.03530, found it in large networks too). "
        "Whether it happens also depends on how many digits there are and how long one trains. "
        "Besides, each step takes longer, and it needs more digits to do well, or something that "
        "holds it back, such as dropout.",
        settings=_controls(SHUFFLED),
        look="The curves of *Labels shuffled*.",
        options=shuffled(
            [Option(label, says, right=label == right) for label, says in parts.items()], random
        ),
    )


QUESTIONS = (
    Question("feedforward_steps", PAGE, "train", "Steps of an epoch", steps, DIGITS),
    Question("feedforward_fit", PAGE, "train", "Two accuracies", fit),
    Question("feedforward_heart", PAGE, "train", "Labels at random", heart),
)
