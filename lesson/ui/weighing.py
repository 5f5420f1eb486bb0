"""A Dense unit opened: every input times its weight, what pushes the unit, a weight changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lesson import inside, units
from lesson.network import Float32
from lesson.specs import NetworkSpec
from lesson.ui import explorer
from lesson.ui.explorer import Map

# Of the window's height, so that what pushes the unit stands on the first screen.
HIGH = 0.23
BIAS, OTHER = "the bias", "another one"
VALUE = "cnn_value"


def weighing(
    network: NetworkSpec,
    weights: Sequence[Float32],
    activations: Sequence[Float32],
    place: int,
    unit: int,
    edit: Callable[[dict[str, float]], None],
) -> None:
    """Show a Dense unit for one digit.

    Args:
        network, weights, activations, place, unit: as for :func:`lesson.units.weighed`.
        edit: takes a change as :func:`lesson.units.read_edit` reads it.
    """
    row = network.ledger[place]
    weighed = units.weighed(network, weights, activations, place, unit)
    shape = units.flattened(network, place)
    maps = [
        Map(_lay(values, shape), title, scale="diverging")
        for values, title in (
            (weighed.inputs, f"{len(weighed.inputs):,} inputs"),
            (weighed.weights, f"weights of {units.called(row, unit)}"),
            (weighed.products, "what each adds"),
        )
    ]
    explorer.pixels(
        maps,
        key="cnn_weighing",
        alt=f"Each input of {row.name}, {units.called(row, unit)}, its weight and their product.",
        height=HIGH,
        between=("×", "="),
        linked=True,
        tiles=(shape[0], shape[1]) if shape and shape[2] > 1 else None,
        places=None if shape else [f"Unit {n}" for n in range(1, len(weighed.inputs) + 1)],
    )
    up, down = weighed.pushes()
    steps = None
    if units.is_classes(row):
        steps = inside.softmax_steps(inside.logits(network, weights, activations)[0])
    share = next((s.probability for s in steps or () if s.digit == unit), None)
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.markdown(inside.sum_in_words(weighed, share))
    with button.popover("Change a weight", width="stretch"):
        _change(network, place, weighed, [*up, *down], edit)
    sides = st.columns([1.22, 1.22, 2] if steps else 2)
    for column, inputs, way in zip(sides, (up, down), ("up", "down"), strict=False):
        head = f"**The strongest pushes {way}**  \n"
        column.markdown(head + inside.pushes(network, place, weighed, inputs))
    if steps:
        sides[2].markdown(inside.softmax_table(steps, chosen=unit))


def _lay(values: Float32, shape: tuple[int, ...] | None) -> Float32:
    """Inputs, weights or products as a picture: the maps that they are, or as square as can be."""
    if shape:
        return units.mosaic(values, shape)
    return values.reshape(units.block(values.size), -1)


def _change(
    network: NetworkSpec,
    place: int,
    weighed: units.Weighed,
    listed: Sequence[int],
    edit: Callable[[dict[str, float]], None],
) -> None:
    """Choose one of the listed inputs, any other by its number, or the bias; give it a value."""
    choices: list[int | str] = [*listed, OTHER, BIAS]

    def named(choice: int | str) -> str:
        return choice if isinstance(choice, str) else units.input_name(network, place, choice)

    chosen = st.selectbox("The weight of", choices, format_func=named, key="cnn_weight")
    number = chosen if isinstance(chosen, int) else None
    if chosen == OTHER:
        most = len(weighed.inputs)
        number = int(st.number_input(f"Input, 1 to {most:,}", 1, most, 1)) - 1
        st.caption(units.input_name(network, place, number))
    old = weighed.bias if number is None else float(weighed.weights[number])
    most_weight = units.LARGEST_WEIGHT
    label = f"Instead of {inside.signed(old, 4)}"
    st.number_input(label, -most_weight, most_weight, 0.0, key=VALUE)

    def take() -> None:
        # Read at the click: a number just typed has not been through a run of the page yet.
        value = st.session_state[VALUE]
        edit({"bias": value} if number is None else {"input": number, "value": value})

    st.button("Change it", "cnn_change", type="primary", on_click=take)
