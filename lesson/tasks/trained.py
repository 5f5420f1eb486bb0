"""Tasks that are done with a network of one's own: what counts is what it does once it is trained.

None of the trainings that ship does one of them: a test holds that.
"""

from __future__ import annotations

from functools import partial

from lesson import naming
from lesson.layers import Conv2D
from lesson.results import Robustness
from lesson.specs import CHANGES, NOTEBOOK_RUNS, SHIFTS, RunSpec
from lesson.tasks.task import Checked, Situation, Task
from lesson.words import listed, points

DENSE_RIGHT, DENSE_PARAMETERS = 0.975, 99_999
CNN_RIGHT, CNN_PARAMETERS = 0.98, 29_999
STEADY, PIXELS = 0.75, 3
# By the name of a direction: which kind of change it is in ``LEVELS``, and by how much.
DIRECTIONS = {
    "right": ("right", PIXELS),
    "left": ("right", -PIXELS),
    "down": ("down", PIXELS),
    "up": ("down", -PIXELS),
}
BUILD = {"cnn_view": "Build and train"}


def accurate(situation: Situation, *, filters: bool, least: float, most: int) -> Checked:
    """Whether enough test digits are read right with few enough parameters.

    Args:
        situation: of the reader.
        filters: whether networks with Conv2D count, or those without.
        least: the share of the test digits that has to be right.
        most: how many parameters there may be.
    """
    runs = [run.summary for run in situation.runs if _convolves(run.spec) == filters]
    lines = []
    if runs:
        best = max(runs, key=lambda run: (run.spec.network.parameters <= most, run.test_accuracy))
        parameters, name = best.spec.network.parameters, naming.name(best.spec)
        found = f"{best.test_accuracy:.2%} right with {parameters:,} parameters"
        missing = []
        if parameters > most:
            missing.append(f"at most {most:,} parameters are allowed")
        if best.test_accuracy < least:
            short = points(least - best.test_accuracy)
            missing.append(f"at least {least:.2%} right are asked for, {short} more")
        if not missing:
            return Checked(True, f"**{name}**: {found}.", f"{found} ({name})")
        lines.append(f"The best so far, **{name}**: {found}; {listed(missing)}.")
    else:
        lines.append("No run of yours is finished yet: train one on this page.")
    lines += _untrained(situation, most)
    there = not filters or situation.settings.get("cnn_view") == BUILD["cnn_view"]
    return Checked(False, " ".join(lines), "", {} if there else BUILD, "Go to the training")


def _convolves(spec: RunSpec) -> bool:
    return any(isinstance(layer, Conv2D) for layer in spec.network.layers)


def _untrained(situation: Situation, most: int) -> list[str]:
    """What is to be said of the network that the controls are set to, if it is not trained."""
    spec = situation.spec
    if spec is None or spec.problem or any(run.spec == spec for run in situation.runs):
        return []
    parameters = spec.network.parameters
    over = parameters - most
    return [
        f"The network that the controls are set to is not trained yet; its {parameters:,} "
        f"parameters are {f'{over:,} too many' if over > 0 else 'few enough'}."
    ]


def moved(robustness: Robustness) -> dict[str, float]:
    """The accuracy when all test digits are moved, by the direction; nothing if not measured.

    >>> moved({"right": [n / 100 for n in range(13)], "down": [0.5] * 13})
    {'right': 0.09, 'left': 0.03, 'down': 0.5, 'up': 0.5}
    """
    if not {kind for kind, _ in DIRECTIONS.values()} <= robustness.keys():
        return {}
    return {name: robustness[kind][SHIFTS.index(by)] for name, (kind, by) in DIRECTIONS.items()}


def steady(situation: Situation) -> Checked:
    """Whether moved digits are still recognised, in whichever direction they move."""
    measured = [(run.spec, found) for run in situation.runs if (found := moved(run.robustness))]
    unasked = [run for run in situation.runs if not moved(run.robustness)]
    waiting = [run.spec for run in unasked if run.summary.has_network]
    lines = []
    if measured:
        spec, found = max(measured, key=lambda pair: min(pair[1].values()))
        name = naming.name(spec)
        told = listed([f"{way} {share:.1%}" for way, share in found.items()])
        weakest = min(found, key=lambda way: found[way])
        if found[weakest] >= STEADY:
            return Checked(
                True, f"**{name}**, moved by {PIXELS} pixels: {told}.", f"{told} ({name})"
            )
        lines.append(
            f"The best so far, **{name}**, moved by {PIXELS} pixels: {told}. At least "
            f"{STEADY:.0%} are asked for in each direction: {weakest} lacks "
            f"{points(STEADY - found[weakest])}."
        )
    if not waiting:
        lines.append("Train another one." if lines else "No run of yours is finished: train one.")
        return Checked(False, " ".join(lines))
    newest = waiting[-1]
    lines.append(
        f"**{naming.name(newest)}** was not asked about moved digits yet: measure it below, under "
        "Robustness."
    )
    show = {
        "comparison_runs": [NOTEBOOK_RUNS["CNN 2"].digest, newest.digest],
        "comparison_view": "Robustness",
        "comparison_change": CHANGES["right"],
    }
    return Checked(False, " ".join(lines), "", show, "Go to its robustness")


TASKS = (
    Task(
        key="feedforward_task_small",
        page="feedforward",
        objective="train",
        title="Better than the notebook's, and smaller",
        prompt=f"Train a network of Dense layers that reads at least {DENSE_RIGHT:.1%} of the test "
        f"digits right with fewer than {DENSE_PARAMETERS + 1:,} parameters.",
        hint="Nearly all parameters join the pixels to the first hidden layer: it decides the "
        "size. For accuracy look at the curves: do they still rise when training ends?",
        check=partial(accurate, filters=False, least=DENSE_RIGHT, most=DENSE_PARAMETERS),
        lab="feedforward",
    ),
    Task(
        key="inside_a_cnn_task_small",
        page="inside-a-cnn",
        objective="train",
        title="Small and right",
        prompt=f"Train a CNN that reads at least {CNN_RIGHT:.0%} of the test digits right with "
        f"fewer than {CNN_PARAMETERS + 1:,} parameters.",
        hint="See in the ledger where the parameters sit: mostly in the first Dense layer behind "
        "Flatten. Fewer of its units, or none of it, or smaller maps before it, take most away.",
        check=partial(accurate, filters=True, least=CNN_RIGHT, most=CNN_PARAMETERS),
        lab="cnn",
    ),
    Task(
        key="comparison_task_steady",
        page="comparison",
        objective="when",
        title=f"Still recognised when moved by {PIXELS} pixels",
        prompt=f"Train a network that reads at least {STEADY:.0%} of the test digits right when "
        f"all of them are moved by {PIXELS} pixels: to the right, to the left, down, and up. Train "
        "it on the page Inside a CNN, then measure it here, under Robustness.",
        hint="Each pooling makes the place at which a pattern was found matter less, and a Dense "
        "layer behind large maps knows each place by itself. How many blocks does it take until "
        "only a cell or a few are left?",
        check=steady,
        lab="cnn",
        link="inside-a-cnn",
    ),
)
