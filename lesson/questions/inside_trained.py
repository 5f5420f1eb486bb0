"""Questions of the inside-a-CNN page on a trained network."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import numpy as np

from lesson import inside, mnist
from lesson.convolution import conv2d
from lesson.kernels import KERNELS
from lesson.layers import Dropout
from lesson.network import Float32, activate
from lesson.questions import measured
from lesson.questions.kinds import Asked, Choice, Option, Settings, shuffled
from lesson.questions.question import Read
from lesson.shipped import INSIDE_PAGE
from lesson.specs import NOTEBOOK_RUNS, RunSpec

LOOK = "Look inside"  # the view of a trained network
MAP_READS = {"digit": Read(0, range(10_000)), "cnn_blocks": Read(2, range(5))}
APART = 0.4  # maps that lie closer, as a part of the right one, could not be told from each other


def _controls(run: RunSpec, layer: str, unit: str) -> dict[str, Any]:
    """The page's controls, so that they look into a run at one of its layers or units."""
    asked = {f"cnn_{name}": value for name, value in inside.settings(run).items()}
    return {**asked, "cnn_view": LOOK, "cnn_layer": layer, "cnn_unit": unit}


# Which map a filter draws


class Drawn(NamedTuple):
    """What one would take for a filter's map, and what went wrong."""

    values: Float32
    says: str


@lru_cache(maxsize=4)
def _filters(run: RunSpec) -> tuple[Float32, Float32, bool]:
    """The first layer's kernels ``(3, 3, 1, filters)`` and biases, and whether they are trained."""
    found = measured.run(run)
    if found and found.weights:
        kernels, biases, *_ = found.weights
        return kernels, biases, True
    edges = [each.values for key, each in KERNELS.items() if key.endswith("edges")]
    return np.stack(edges, axis=-1)[:, :, None], np.zeros(len(edges), np.float32), False


@lru_cache(maxsize=64)
def _maps(run: RunSpec, digit: int) -> tuple[tuple[Drawn, ...], ...]:
    """For each filter the map that it draws of a test digit, then those of known mistakes."""
    kernels, biases, _ = _filters(run)
    picture = mnist.prepare(mnist.load().x_test[digit][None])[0]
    answers = {
        "The sum at each place of this filter, and what is below 0 is 0.": kernels,
        "That is the kernel turned by half a turn. In Keras it lies on the picture as it stands.": (
            kernels[::-1, ::-1]
        ),
        "That is the kernel with its rows and columns changed over: it answers to edges of "
        "another direction.": kernels.transpose(1, 0, 2, 3),
        "That is the kernel with plus and minus changed over: it answers where this filter gives "
        "least.": -kernels,
    }
    sums = {says: conv2d(picture, each, biases) for says, each in answers.items()}
    stacks = [(says, activate(each, "relu")) for says, each in sums.items()]
    stacks.append(
        (
            "Those are the sums before ReLU. Behind it no answer is below 0.",
            next(iter(sums.values())),
        )
    )
    filters = []
    for unit in range(len(biases)):
        kept = [Drawn(stacks[0][1][..., unit], stacks[0][0])]
        size = float(np.linalg.norm(kept[0].values))
        for says, values in stacks[1:]:
            map_ = values[..., unit]
            if all(np.linalg.norm(map_ - each.values) > APART * size > 0 for each in kept):
                kept.append(Drawn(map_, says))
        filters.append(tuple(kept))
    return tuple(filters)


def filters_map(settings: Settings, random: Random) -> Asked:
    """Which map a trained filter draws, by its weights."""
    # A network that is not in the picture, or the map could be found there.
    name, run = "CNN 1", NOTEBOOK_RUNS["CNN 1"]
    if settings["cnn_blocks"] == 1:
        name, run = "CNN 2", INSIDE_PAGE
    digit = settings["digit"]
    kernels, biases, trained = _filters(run)
    maps = _maps(run, digit)
    most = max(min(len(each), 4) for each in maps)
    unit = random.choice([n for n, each in enumerate(maps) if len(each) >= min(most, 4)])
    right, *others = maps[unit]
    others = random.sample(others, min(len(others), 3))
    mixed = shuffled(
        [
            Option(str(place), each.says, right=place == 0, picture=each.values)
            for place, each in enumerate([right, *others])
        ],
        random,
    )
    options = tuple(
        Option(letter, each.says, each.right, each.picture)
        for letter, each in zip("ABCD", mixed, strict=False)
    )
    rows = r" \\ ".join(
        " & ".join(f"{weight:.2f}" for weight in row) for row in kernels[:, :, 0, unit]
    )
    bias = float(biases[unit])
    row, column = np.unravel_index(right.values.argmax(), right.values.shape)
    label = int(mnist.load().y_test[digit])
    whose = f"of the trained {name}" if trained else "made by hand"
    return Choice(
        prompt=f"A filter {whose} has these weights, and ReLU behind it. Which map does it draw of "
        f"test digit {digit}, a {label}?\n\n$\\begin{{bmatrix}} {rows} \\end{{bmatrix}}$",
        explanation="The kernel lies on each 3×3 pixels as it stands here, its first row on top. "
        f"Nine products and the bias of {inside.signed(bias)} are added up, and ReLU turns what "
        f"is below 0 into 0. The strongest answer, {right.values.max():.2f}, is at row {row} and "
        f"column {column}.",
        settings=_controls(run, "conv2d", str(unit + 1))
        | {"digit": digit, "digit_source": "Test set"}
        if trained
        else {},
        look=f"Filter {unit + 1} of the first layer: the kernel in the middle, its map on the "
        "right.",
        options=options,
        high=max(float(np.abs(each.picture).max()) for each in mixed if each.picture is not None),
    )


# What Dropout does


def dropout(settings: Settings, random: Random) -> Asked:
    """What Dropout does while a network learns, and when it reads a digit."""
    rows = [row for row in INSIDE_PAGE.network.ledger if isinstance(row.layer, Dropout)]
    row = random.choice(rows)
    assert isinstance(row.layer, Dropout)
    (count,), rate = row.input_shape, row.layer.rate
    some = round(rate * count)
    learning = random.random() < 0.5
    when = "in one step of the training" if learning else "when the trained network reads a digit"
    both = (
        f"While training, each value has a chance of {rate:g} to be set to 0, anew in each step, "
        "and the others are divided by what is left to make up for it. So no unit can rely on a "
        "few others alone, which works against overfitting. When the trained network reads a "
        "digit, all values pass as they are."
    )
    none = "That is when a digit is read." if learning else "All values pass as they are."
    about = "Each is drawn by chance." if learning else "That is while training only."
    return Choice(
        prompt=f"`Dropout({rate:g})` stands behind {count} units of CNN 2. How many of their "
        f"values does it set to 0 {when}?",
        explanation=both,
        settings=_controls(INSIDE_PAGE, row.name, "all"),
        look=f"The sentence on `{row.name}` below the picture.",
        options=(
            Option("Not one", none, right=not learning),
            Option(f"About {some}, by chance", about, right=learning),
            Option(f"The {some} smallest", "The size of a value plays no part."),
            Option(f"All {count}", "Then nothing of the digit would reach the layers behind."),
        ),
    )
