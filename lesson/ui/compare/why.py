"""What each of the chosen runs looks at, and what each of its layers makes of a move."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import answers, diagrams, layerwise, occlusion
from lesson.evaluation import move
from lesson.network import Float32
from lesson.occlusion import Occlusion
from lesson.palette import run_colours
from lesson.results import Run
from lesson.robustness import ink
from lesson.tables import percent
from lesson.ui import controls, digits, explorer, frame
from lesson.ui.compare.chosen import Chosen
from lesson.ui.explorer import Map, Mark
from lesson.words import sure

SIDE, SHIFT = "comparison_why_side", "comparison_why_shift"
RUN, LAYER = "comparison_why_run", "comparison_why_layer"
OCCLUDED = (
    "A patch of paper is slid over the digit. Each cell stands for the patch with its middle "
    "there: **orange** where the answer’s lead over the next best digit shrinks, **blue** "
    "where it grows. The lead is a difference of two sums before the softmax."
)
LAYERS = (
    "How much of each layer’s output changes when the digit is moved: 0% where nothing does, "
    "100% where before and after have nothing in common."
)


def show(chosen: Chosen) -> None:
    problems = {name: answers.problem(name, run) for name, run in chosen.runs.items()}
    runs = {name: run for name, run in chosen.runs.items() if not problems[name]}
    if told := " ".join(filter(None, problems.values())):
        st.info(told)
    if runs:
        # What does not follow a control stands outside of the parts that run alone.
        frame.heading("What does each network need of the digit?")
        _looked_at(runs)
        frame.heading("What does each layer make of a move?")
        # The colours are those that the runs have among all that were chosen.
        _layers(runs, run_colours(chosen.runs))


# What a network needs of a digit


@st.cache_data(max_entries=500, show_spinner=False)
def _occluded(digest: str, picture: bytes, side: int, _run: Run, _ink: Float32) -> Occlusion:
    """The answers with the patch at every place, kept by the run's digest and the digit's bytes."""
    return occlusion.occlude(_run, _ink, side)


@st.fragment
def _looked_at(runs: dict[str, Run]) -> None:
    digit = digits.in_hand()
    picture = ink(digit.image)
    side = controls.slider("Side of the patch", SIDE, occlusion.SIDES[0], occlusion.SIDES[-1], 5, 2)
    found = {
        name: _occluded(run.digest, digit.image.tobytes(), side, run, picture)
        for name, run in runs.items()
    }
    patch = Mark(0, 0, side, side, label="patch", tone="other")
    explorer.pixels(
        [
            Map(
                picture,
                digit.title,
                "the digit in hand",
                numbers=False,
                low=0,
                high=1,
                marks=[patch],
            )
        ]
        + [_map(name, each) for name, each in found.items()],
        key="comparison_occlusion",
        alt=f"{digit.title}, and for each network how far its answer’s lead shrinks or grows with "
        "the patch at each place",
        height=0.42,
        columns=4,
        shared=True,
        linked=True,
    )
    frame.prose(
        "\n".join([OCCLUDED, "", *(f"- {line}" for line in occlusion.told(found))]), alone=True
    )


def _map(name: str, found: Occlusion) -> Map:
    mark = Mark(*occlusion.box(found.worst, found.side), label="here it hurts most", tone="result")
    caption = f"{found.answer}, {sure(found.sure)} sure"
    return Map(
        found.changes,
        name,
        caption,
        scale="diverging",
        numbers=False,
        marks=[mark],
    )


# What each layer makes of a move


@st.fragment
def _layers(runs: dict[str, Run], colours: dict[str, str]) -> None:
    digit = digits.in_hand()
    shift = controls.slider("Move the digit to the right by", SHIFT, -6, 6, 3)
    picture = ink(digit.image[None])
    moved = move(picture, shift)
    pair = np.concatenate([picture, moved])
    both = {name: layerwise.activations(run, pair) for name, run in runs.items()}
    panels = []
    for name, run in runs.items():
        stages = [(each.kind, each.difference) for each in layerwise.stages(run, both[name])]
        before, after = both[name][-1]
        became = f"{before.argmax()} → {after.argmax()}"
        verdict = answers.verdict(int(after.argmax()), digit.label)
        panels.append(
            diagrams.changed_layers(
                name, colours[name], stages, ", ".join(filter(None, [became, verdict]))
            )
        )
    told = [f"- {layerwise.told(name, run, both[name])}" for name, run in runs.items()]
    frame.prose("\n".join([LAYERS, "", diagrams.beside(panels), "", *told]), alone=True)
    _maps(runs, both, shift)


def _maps(runs: dict[str, Run], both: dict[str, list[Float32]], shift: int) -> None:
    """A map of one layer before and after the move."""
    convolutional = [name for name, run in runs.items() if _with_maps(run)]
    if not convolutional:
        return
    with st.container(horizontal=True):
        name = controls.segmented("A map of", RUN, convolutional, convolutional[0])
        layers = _with_maps(runs[name])
        layer = controls.select("Layer", LAYER, list(layers), next(iter(layers)), width=220)
    before, after = both[name][layers[layer]]
    number = layerwise.fullest(before)
    first, second = before[..., number], after[..., number]
    explorer.pixels(
        [
            Map(first, "before", numbers=False),
            Map(second, f"moved by {shift}".replace("-", "−"), numbers=False),
            Map(second - first, "difference", scale="diverging", numbers=False),
        ],
        key="comparison_why_maps",
        alt=f"Map {number + 1} of {layer} of {name} before and after the move",
        height=0.36,
        shared=True,
        linked=True,
    )
    st.markdown(
        f"Map {number + 1} of `{layer}`, the one with the most in it: the move changes "
        f"{percent(layerwise.difference(first, second))} of it."
    )


def _with_maps(run: Run) -> dict[str, int]:
    """The layers that give maps, by name, each with its place among the activations."""
    rows = run.spec.network.ledger
    return {row.name: at for at, row in enumerate(rows, 1) if len(row.output_shape) == 3}
