"""Several finished runs beside each other: short names, and sentences that follow from them.

Nothing here knows beforehand which network is better. Words such as "more" are chosen by
comparing the runs that are given, so a sentence stays true when they are trained again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson import tables
from lesson.evaluation import Calibration, Labels, disagreements, in_cell, sureness
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, MaxPooling2D
from lesson.palette import MARKS, run_colours
from lesson.results import Run, Summary
from lesson.specs import NOTEBOOK_RUNS, SHIFTS, LedgerRow, NetworkSpec, RunSpec
from lesson.words import listed

# Beyond so many differences a name is no longer short.
MAX_DIFFERENCES = 4
# What fits beside a bar in half a page.
MAX_LABEL = 22

Accuracies = Mapping[str, Sequence[float]]
# Indices of test digits.
Places = npt.NDArray[np.int64]
# A test digit to show: its index, a title, a line below.
Card = tuple[int, str, str]


# Names


def features(network: NetworkSpec) -> dict[str, str]:
    """What tells two networks of a kind apart, in Keras's words; the ten answers left out.

    >>> features(NOTEBOOK_RUNS["Feedforward"].network)
    {'units': 'units 128-32', 'activation': 'activation relu', 'dropout': 'no dropout'}
    """
    convolutions = [layer for layer in network.layers if isinstance(layer, Conv2D)]
    pools = [x for x in network.layers if isinstance(x, MaxPooling2D | AveragePooling2D)]
    hidden = [layer for layer in network.layers if isinstance(layer, Dense)][:-1]
    found = {}
    if convolutions:
        found["filters"] = "filters " + _each(layer.filters for layer in convolutions)
        for name in ("kernel_size", "strides", "padding", "dilation_rate"):
            found[name] = f"{name} " + _merged(getattr(layer, name) for layer in convolutions)
        found["pooling"] = f"{_merged(_poolings(network))} pooling"
        if pools:
            found["pool_size"] = "pool_size " + _merged(pool.pool_size for pool in pools)
    found["units"] = (
        f"units {_each(layer.units for layer in hidden)}" if hidden else "no hidden layer"
    )
    if activations := [x.activation for x in convolutions] + [x.activation for x in hidden]:
        found["activation"] = f"activation {_merged(activations)}"
    rates = [layer.rate for layer in network.layers if isinstance(layer, Dropout)]
    found["dropout"] = f"dropout {_merged(rates)}" if any(rates) else "no dropout"
    return found


def _poolings(network: NetworkSpec) -> list[str]:
    """What follows each convolution."""
    layers = [*network.layers, None]
    return [
        "max"
        if isinstance(behind, MaxPooling2D)
        else "average"
        if isinstance(behind, AveragePooling2D)
        else "no"
        for layer, behind in pairwise(layers)
        if isinstance(layer, Conv2D)
    ]


def _each(values: Iterable[object]) -> str:
    return "-".join(str(value) for value in values)


def _merged(values: Iterable[object]) -> str:
    """The one value that all layers share, else the value of each.

    >>> _merged([3, 3]), _merged([3, 3, 5])
    ('3', '3-3-5')
    """
    texts = [str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else _each(texts)


def _family(network: NetworkSpec) -> str:
    """The notebook's network that a network is most like."""
    own = features(network)

    def unlike(name: str) -> int:
        other = features(NOTEBOOK_RUNS[name].network)
        # Whether there are filters at all is what decides first.
        return 100 * (("filters" in own) != ("filters" in other)) + len(_changed(own, other))

    return min(NOTEBOOK_RUNS, key=unlike)


def _changed(own: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [text for name, text in own.items() if other.get(name) != text]


def differences(spec: RunSpec, base: RunSpec) -> list[str]:
    """What ``spec`` does otherwise than ``base``, each in one or two words.

    >>> from dataclasses import replace
    >>> differences(replace(NOTEBOOK_RUNS["CNN 1"], seed=7, epochs=2), NOTEBOOK_RUNS["CNN 1"])
    ['epochs 2', 'seed 7']
    """
    found = _changed(features(spec.network), features(base.network))
    if spec.optimizer != base.optimizer:
        found.append(spec.optimizer)
    if spec.learning_rate != base.learning_rate:
        found.append(f"learning_rate {spec.learning_rate:g}")
    if spec.batch_size != base.batch_size:
        found.append(f"batch_size {spec.batch_size}")
    if spec.epochs != base.epochs:
        found.append(f"epochs {spec.epochs}")
    if spec.training_digits != base.training_digits:
        found.append(f"{spec.training_digits:,} digits")
    if spec.scaled != base.scaled:
        found.append("pixels scaled" if spec.scaled else "pixels not scaled")
    if spec.shuffled_labels != base.shuffled_labels:
        found.append("labels shuffled" if spec.shuffled_labels else "labels as they are")
    if spec.validation_split != base.validation_split:
        found.append(f"validation_split {spec.validation_split:g}")
    if spec.seed != base.seed:
        found.append(f"seed {spec.seed}")
    return found


@lru_cache(maxsize=1000)
def name(spec: RunSpec) -> str:
    """A short name: the notebook's run that is most like this one, and what differs from it.

    >>> from dataclasses import replace
    >>> name(NOTEBOOK_RUNS["CNN 2"]), name(replace(NOTEBOOK_RUNS["CNN 2"], seed=43))
    ('CNN 2', 'CNN 2 · seed 43')
    """
    family = _family(spec.network)
    found = differences(spec, NOTEBOOK_RUNS[family])
    if len(found) > MAX_DIFFERENCES:
        found = [*found[: MAX_DIFFERENCES - 1], f"{len(found) - MAX_DIFFERENCES + 1} more"]
    return " · ".join([family, *found])


def names(specs: Iterable[RunSpec]) -> dict[str, str]:
    """A name for each digest, no two the same: where short names agree, the digest decides."""
    chosen = {spec.digest: spec for spec in specs}
    short = {digest: name(spec) for digest, spec in chosen.items()}
    notebook = {spec.digest for spec in NOTEBOOK_RUNS.values()}
    often = Counter(short.values())
    return {
        digest: text if often[text] == 1 or digest in notebook else f"{text} · {digest[:6]}"
        for digest, text in short.items()
    }


def labels(called: Iterable[str]) -> dict[str, str]:
    """What stands for each name where there is little room: itself, or a letter if it is long.

    >>> labels(["CNN 1", "CNN 1 · filters 8 · kernel_size 5"])
    {'CNN 1': 'CNN 1', 'CNN 1 · filters 8 · kernel_size 5': 'Run A'}
    """
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return {
        name: name if len(name) <= MAX_LABEL else f"Run {next(letters)}"
        for name in dict.fromkeys(called)
    }


# Numbers


def kin(spec: RunSpec, summaries: Iterable[Summary]) -> list[Summary]:
    """Every finished run that differs from ``spec`` in nothing but the seed, by seed.

    Of two of one seed the first counts.
    """
    found: dict[int, Summary] = {}
    for each in summaries:
        if each.spec.kin == spec.kin:
            found.setdefault(each.spec.seed, each)
    return [found[seed] for seed in sorted(found)]


def seeds(spec: RunSpec, summaries: Iterable[Summary]) -> list[float]:
    """The accuracy of every finished run that differs from ``spec`` in nothing but the seed."""
    return [each.test_accuracy for each in kin(spec, summaries)]


def table(
    names: Mapping[str, str],
    runs: Mapping[str, Run],
    losses: Mapping[str, Sequence[float]] | None = None,
) -> str:
    """A row for each run in Markdown, with its colour and mark; the best of each column is bold.

    Args:
        names: the full name of each label.
        runs: the run of each label.
        losses: of each run's network with several seeds, if they are known.
    """
    colours = run_colours(runs)
    columns = {
        "accuracy": _column([run.test_accuracy for run in runs.values()], ".4f", max),
        "loss": _column([run.test_loss for run in runs.values()], ".4f", min),
        "parameters": _column([x.spec.network.parameters for x in runs.values()], ",", min),
        "seconds an epoch": _column([x.summary.epoch_seconds for x in runs.values()], ".1f", min),
    }
    rows = []
    for place, label in enumerate(runs):
        mark = f'<span style="color:{colours[label]}">{MARKS[place % len(MARKS)]}</span>'
        full = "" if label == names[label] else f": {names[label]}"
        cells = [told[place] for told in columns.values()]
        if losses and len(losses[label]) > 1:
            cells[1] += f" ({min(losses[label]):.3f} to {max(losses[label]):.3f})"
        rows.append((f"{mark} **{label}**{full}", *cells))
    spread = " (its seeds)" if losses and any(len(each) > 1 for each in losses.values()) else ""
    heads = [f"loss{spread}" if head == "loss" else head for head in columns]
    return tables.table(("network", *heads), rows)


def _column(values: Sequence[float], form: str, best: Callable[[list[float]], float]) -> list[str]:
    """Numbers as a table shows them, the best of several in bold.

    >>> _column([0.5, math.nan, 0.25], ".2f", min)
    ['0.50', 'not a number', '**0.25**']
    """
    finite = [value for value in values if math.isfinite(value)]
    first = f"{best(finite):{form}}" if finite and len(values) > 1 else None
    told = [f"{v:{form}}" if math.isfinite(v) else "not a number" for v in values]
    return [f"**{text}**" if text == first else text for text in told]


def list_of_runs(
    summaries: Iterable[Summary],
    names: Mapping[str, str],
    shipped: Container[str],
    mine: Container[str],
) -> dict[str, list[Any]]:
    """The columns of a table with a row for every finished run.

    Args:
        summaries: the runs, in the order of the rows.
        names: what each is called, by its digest.
        shipped: the digests of those that came with the lesson.
        mine: the digests of those that the reader has asked for.
    """
    runs = list(summaries)

    def origin(digest: str) -> str:
        return "ships" if digest in shipped else "yours" if digest in mine else "trained here"

    return {
        "Run": [names[each.spec.digest] for each in runs],
        "Accuracy": [each.test_accuracy for each in runs],
        "Loss": [each.test_loss for each in runs],
        "Parameters": [each.spec.network.parameters for each in runs],
        "Seconds": [each.seconds for each in runs],
        "From": [origin(each.spec.digest) for each in runs],
        "Differs in": [_differs_in(each.spec) for each in runs],
    }


@lru_cache(maxsize=1000)
def _differs_in(spec: RunSpec) -> str:
    """All that a run does otherwise than the notebook's run that it is most like."""
    return ", ".join(differences(spec, NOTEBOOK_RUNS[_family(spec.network)]))


def heaviest(network: NetworkSpec) -> LedgerRow:
    """The layer with the most parameters.

    >>> heaviest(NOTEBOOK_RUNS["CNN 1"].network).arithmetic
    '2704×128 + 128 = 346,240'
    """
    return max(network.ledger, key=lambda row: row.parameters)


# Sentences


def _points(difference: float) -> str:
    return f"{100 * abs(difference):.2f} percentage points"


def accuracy_sentence(runs: Mapping[str, Run]) -> str:
    """Which run reads most digits right, and by how much."""
    total = max(len(run.test_probabilities) for run in runs.values())
    right = {name: round(run.test_accuracy * total) for name, run in runs.items()}
    ranked = sorted(right, key=lambda name: -right[name])
    best, worst = ranked[0], ranked[-1]
    text = f"**{best}** reads {right[best]:,} of the {total:,} test digits right"
    if right[best] == right[worst]:
        return f"{text}, and so do the others." if len(runs) > 1 else f"{text}."
    missed, most = total - right[best], total - right[worst]
    text += f", {worst} {right[worst]:,}"
    of_hundred = f"{100 * missed / most:.0f}"
    if of_hundred == "100":
        return f"{text}: {missed:,} mistakes against {most:,}."
    return f"{text}: of 100 mistakes that {worst} makes, {best} makes {of_hundred}."


def parameters_sentence(networks: Mapping[str, NetworkSpec]) -> str:
    """How many parameters each network has, beside the first."""
    (first, base), *others = networks.items()
    text = f"{first} has {base.parameters:,} parameters"
    if not others:
        return f"{text}."
    compared = [f"{name} has {_times(each.parameters, base.parameters)}" for name, each in others]
    return f"{text}; {listed(compared)}."


def _times(count: int, of: int) -> str:
    """
    >>> _times(300, 200), _times(100, 200), _times(5, 5)
    ('1.50 times as many (300)', '0.50 times as many (100)', 'as many')
    """
    return "as many" if count == of else f"{count / of:.2f} times as many ({count:,})"


def efficiency_sentence(networks: Mapping[str, NetworkSpec]) -> str:
    """The notebook's claim that CNNs have fewer parameters, held against the networks.

    Args:
        networks: the feedforward network first, then CNNs.
    """
    (_, base), *others = networks.items()
    cnns = dict(others)
    more = {n: each for n, each in cnns.items() if each.parameters > base.parameters}
    fewer = [n for n, each in cnns.items() if each.parameters < base.parameters]
    claim = "The notebook calls efficiency the main advantage: far fewer parameters. "
    if not more:
        return f"{claim}Here that is true of {listed(list(cnns))}."
    parts = []
    for called, network in more.items():
        row = heaviest(network)
        parts.append(
            f"{called} has more parameters than the feedforward network, not fewer: "
            f"its layer `{row.name}` alone takes {row.arithmetic}"
        )
    text = f"{claim}{'; '.join(parts)}."
    if fewer:
        text += f" {listed(fewer)} {'has' if len(fewer) == 1 else 'have'} fewer."
    return text


def chance_sentence(accuracies: Accuracies) -> str:
    """Whether the two best networks differ by more than one network does from seed to seed."""
    spread = {name: points for name, points in accuracies.items() if len(points) > 1}
    if len(spread) < 2:
        return (
            "How far chance alone moves a result is seen when the same network is trained with "
            "several seeds; that has been done for fewer than two of these."
        )
    means = {name: float(np.mean(points)) for name, points in spread.items()}
    best, second = sorted(means, key=lambda name: -means[name])[:2]
    apart = means[best] - means[second]
    widest = max((best, second), key=lambda name: float(np.ptp(spread[name])))
    width = float(np.ptp(spread[widest]))
    verdict = (
        "the difference is larger than that chance, so it counts"
        if apart > width
        else "the difference is not larger than chance, so it does not say which is better"
    )
    return (
        f"The means of {best} and {second} lie {_points(apart)} apart, while {widest} alone "
        f"moves by {_points(width)} from seed to seed: {verdict}."
    )


def machine_sentence(runs: Mapping[str, Run]) -> str:
    """Whose seconds these are."""
    machines: dict[str, list[str]] = {}
    for called, run in runs.items():
        cores = run.machine.get("cores", "an unknown number of")
        told = [run.machine.get("system", ""), run.machine.get("processor", "")]
        where = " ".join(filter(None, told)) or "an unknown machine"
        machines.setdefault(f"{where} with {cores} cores", []).append(called)
    if len(machines) == 1:
        where = next(iter(machines))
        return f"The seconds are those of the machine that trained the runs: {where}."
    parts = [f"{listed(which)} on {machine}" for machine, which in machines.items()]
    return f"The seconds come from different machines and cannot be compared: {'; '.join(parts)}."


def learning_sentence(runs: Mapping[str, Run]) -> str:
    """The last epoch's accuracy beside the test's, and why one may lie below the other."""
    last = {name: float(run.history["accuracy"][-1]) for name, run in runs.items()}
    shown = [f"{name} {last[name]:.4f} and {run.test_accuracy:.4f}" for name, run in runs.items()]
    text = (
        "Accuracy on the training digits in the last epoch, and on the test digits after it: "
        f"{listed(shown)}."
    )
    if dropped := [
        name
        for name, run in runs.items()
        if last[name] < run.test_accuracy
        and any(isinstance(layer, Dropout) and layer.rate for layer in run.spec.network.layers)
    ]:
        text += (
            f" {listed(dropped)} did worse in training than in the test. Dropout, which silences "
            "units while training only, is one reason; another is that the training's number is a "
            "mean over the epoch, while the network still learned."
        )
    return text


def misread(
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
    return at, title, f"sure: {_sure(float(sureness(run.test_probabilities[[at]])[0]))}"


def _sure(share: float) -> str:
    """
    >>> _sure(0.987), _sure(0.99999), _sure(1.0)
    ('98.7%', '99.9%', '100%')
    """
    return "100%" if share >= 1 else f"{min(share, 0.999):.1%}"


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

    >>> sure = Calibration(np.array([4]), np.array([0.9]), np.array([0.5]))
    >>> calibration_sentence({"A": sure})
    '**A** is surer than it is right: on average 90.0% sure, and right for 50.0% of the digits.'
    """
    ranked = sorted(calibrations, key=lambda name: calibrations[name].error)
    closest, farthest = ranked[0], ranked[-1]
    found = calibrations[farthest]
    sure, right = f"{found.mean_sureness:.1%}", f"{found.mean_accuracy:.1%}"
    if sure == right:
        how = "as sure as it is right"
    else:
        more = found.mean_sureness > found.mean_accuracy
        how = f"{'surer' if more else 'less sure'} than it is right"
    text = f"**{farthest}** is {how}: on average {sure} sure, and right for {right} of the digits."
    if closest == farthest or _points(calibrations[closest].error) == _points(found.error):
        return text
    return (
        f"**{closest}** lies closest to the line, {_points(calibrations[closest].error)} away on "
        f"average, and **{farthest}** farthest, {_points(found.error)}. {text}"
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


def moved_sentence(accuracies: Accuracies, shift: int, direction: str) -> str:
    """What is left of each accuracy when the digits move.

    Args:
        accuracies: for each run one number for each of ``SHIFTS``.
        shift: by how many pixels.
        direction: the way in words, such as ``"to the right"``.
    """
    place, unmoved = SHIFTS.index(shift), SHIFTS.index(0)
    left = sorted(accuracies.items(), key=lambda item: -item[1][place])
    parts = [
        f"{name} falls from {values[unmoved]:.3f} to {values[place]:.3f}"
        if values[place] < values[unmoved]
        else f"{name} keeps {values[place]:.3f}"
        for name, values in left
    ]
    return f"Moved by {shift} pixels {direction}, {listed(parts)}."


def comparison_answer(runs: Mapping[str, Run]) -> str:
    """The notebook's last cell, answered: loss and accuracy of each run."""
    lines = [
        f"- {name}: loss {run.test_loss:.4f}, accuracy {run.test_accuracy:.4f}"
        for name, run in runs.items()
    ]
    return "\n".join([*lines, "", accuracy_sentence(runs)])


def why_answer(networks: Mapping[str, NetworkSpec], moved_right: Accuracies, shift: int) -> str:
    """Why CNNs suit pictures, with the notebook's answer put right by its own networks."""
    base, cnn = list(networks.values())[:2]
    dense = next(row for row in base.ledger if isinstance(row.layer, Dense))
    filters = next(row for row in cnn.ledger if isinstance(row.layer, Conv2D))
    text = (
        "They look at pixels that lie close together, and everywhere with the same few weights. "
        f"All filters of CNN 1 together take {filters.arithmetic} parameters; the first Dense "
        f"layer of the feedforward network takes {dense.arithmetic}. "
        f"{efficiency_sentence(networks)} Sharing the filters brings something else: a stroke is "
        "found wherever it lies."
    )
    if not moved_right:
        return text
    return f"{text} {moved_sentence(moved_right, shift, 'to the right')}"
