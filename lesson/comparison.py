"""Several finished runs beside each other: their numbers, and sentences that follow from them.

Nothing here knows beforehand which network is better. Words such as "more" are chosen by
comparing the runs that are given, so a sentence stays true when they are trained again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lesson import chance, tables
from lesson.layers import Conv2D, Dense, Dropout
from lesson.naming import differences, family
from lesson.palette import MARKS, run_colours
from lesson.results import Run, Summary
from lesson.specs import NOTEBOOK_RUNS, SHIFTS, LedgerRow, NetworkSpec, RunSpec
from lesson.words import listed, points

Accuracies = Mapping[str, Sequence[float]]


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
    return ", ".join(differences(spec, NOTEBOOK_RUNS[family(spec.network)]))


def heaviest(network: NetworkSpec) -> LedgerRow:
    """The layer with the most parameters.

    >>> heaviest(NOTEBOOK_RUNS["CNN 1"].network).arithmetic
    '2704×128 + 128 = 346,240'
    """
    return max(network.ledger, key=lambda row: row.parameters)


# Sentences


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
    """Whether the two best networks lie farther apart than chance moves them from seed to seed."""
    spread = {name: each for name, each in accuracies.items() if chance.enough(each)}
    if len(spread) < 2:
        return (
            "How far chance alone moves a result is seen when the same network is trained with "
            f"{chance.FEWEST_SEEDS} seeds or more; that has been done for fewer than two of these."
        )
    means = {name: float(np.mean(each)) for name, each in spread.items()}
    best, second = sorted(means, key=lambda name: -means[name])[:2]
    widest = max((best, second), key=lambda name: float(np.ptp(spread[name])))
    verdict = (
        f"every seed of {best} lies above every seed of {second}, so the difference counts"
        if chance.above(spread[best], spread[second])
        else "their seeds overlap, so the difference does not say which is better"
    )
    return (
        f"The means of {best} and {second} lie {points(means[best] - means[second])} apart, while "
        f"{widest} alone moves by {points(float(np.ptp(spread[widest])))} from seed to seed: "
        f"{verdict}."
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
    shown = [f"{name} {last[name]:.4f}, then {run.test_accuracy:.4f}" for name, run in runs.items()]
    text = (
        "Accuracy on the training digits in the last epoch, and on the test digits after it: "
        f"{'; '.join(shown)}."
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
