"""What one predicts on the page that stacks a CNN and looks inside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from random import Random
from typing import Any

from lesson import inside
from lesson.export import layer_line
from lesson.layers import PADDINGS, Conv2D, Dense, shape_text
from lesson.questions.inside_lines import BUILD, LEDGER, line
from lesson.questions.inside_trained import MAP_READS, dropout, filters_map
from lesson.questions.kinds import (
    Asked,
    Choice,
    Mistake,
    Number,
    Option,
    Order,
    Settings,
    numbers,
)
from lesson.questions.question import Question, Read, changed
from lesson.specs import CNN_1, CNN_2, LedgerRow, NetworkSpec

PAGE = "inside-a-cnn"
FLOW = "The row of layers."
MOST_BLOCKS, MOST_DENSE = 4, 3
STACK = {
    "cnn_blocks": Read(2, range(MOST_BLOCKS + 1)),
    "cnn_padding": Read("valid", PADDINGS),
    "cnn_dense_layers": Read(2, range(MOST_DENSE + 1)),
    "cnn_dropout": Read(0.5, tuple(tenths / 10 for tenths in range(10))),
}
for _n in range(1, MOST_BLOCKS + 1):
    STACK[f"cnn_filters_{_n}"] = Read(16 if _n == 1 else 32, range(4, 65, 4))
    STACK[f"cnn_kernel_size_{_n}"] = Read(3, range(1, 10))
    STACK[f"cnn_pooling_{_n}"] = Read("max", tuple(inside.POOLINGS))
for _n in range(1, MOST_DENSE + 1):
    STACK[f"cnn_units_{_n}"] = Read(64 if _n == 1 else 16, range(8, 257, 8))
FIRST = {key: read.default for key, read in STACK.items()}


# The page's controls, and the network that they stack


@lru_cache(maxsize=4_000)
def _stacked(values: tuple[Any, ...]) -> NetworkSpec:
    chosen = dict(zip(STACK, values, strict=True))
    blocks = [
        inside.Block(*(chosen[f"cnn_{name}_{n}"] for name in ("filters", "kernel_size", "pooling")))
        for n in range(1, chosen["cnn_blocks"] + 1)
    ]
    units = [chosen[f"cnn_units_{n}"] for n in range(1, chosen["cnn_dense_layers"] + 1)]
    return inside.stack(blocks, units, chosen["cnn_dropout"], chosen["cnn_padding"])


def _network(settings: Settings) -> NetworkSpec:
    """What the page's controls stack."""
    return _stacked(tuple(settings[key] for key in STACK))


def _fits(settings: Settings) -> bool:
    return _network(settings).problem is None


def _shown(settings: Settings) -> dict[str, Any]:
    """The view that shows shapes and parameters, and the controls that such a stack has."""
    kept = {"cnn_view": BUILD}
    for key, value in settings.items():
        name, _, place = key.rpartition("_")
        count = settings["cnn_dense_layers" if name == "cnn_units" else "cnn_blocks"]
        if not place.isdigit() or int(place) <= count:
            kept[key] = value
    return kept


def _whole(settings: Settings, blocks: int) -> dict[str, Any]:
    """The settings with so many blocks at least; the page's first ones where that does not fit."""
    whole = {**settings, "cnn_blocks": max(settings["cnn_blocks"], blocks)}
    return whole if _fits(whole) else dict(FIRST)


def _of(keys: Iterable[str]) -> dict[str, Read]:
    return {key: STACK[key] for key in keys}


def _flat(network: NetworkSpec) -> int:
    """The place of Flatten."""
    return network.names.index("flatten")


def _first_dense(network: NetworkSpec) -> LedgerRow:
    return next(row for row in network.ledger if isinstance(row.layer, Dense))


# What is asked


def types(settings: Settings, random: Random) -> Asked:
    """What each type of layer does: the notebook's three, Flatten, and the last one."""
    chosen = {
        **FIRST,
        "cnn_blocks": 1,
        "cnn_filters_1": random.choice((8, 12, 16, 24)),
        "cnn_kernel_size_1": random.choice((3, 5)),
        "cnn_dense_layers": 1,
        "cnn_units_1": random.choice((32, 64, 96, 128)),
        "cnn_dropout": 0.0,
    }
    network = _network(chosen)
    conv, pool, flat, dense, _ = network.ledger
    does = (
        f"draws {conv.output_shape[-1]} maps of patterns",
        f"shrinks maps to {pool.output_shape[0]}×{pool.output_shape[1]}",
        f"gives {flat.output_shape[0]:,} values in a row",
        f"weighs all in {dense.output_shape[0]} units",
        "gives ten probabilities",
    )
    places = list(range(len(does)))
    while places == sorted(places):
        random.shuffle(places)

    def order(*steps: int) -> tuple[int, ...]:
        return tuple(places.index(step) for step in steps)

    return Order(
        prompt=f"A digit goes through `{'` → `'.join(network.names)}`. Put what the five layers do "
        "in the same order.",
        explanation="The **convolution** looks for small patterns everywhere in the picture: the "
        "few weights of a filter are used at every place. **Pooling** makes the maps smaller; it "
        "learns nothing, and behind it it matters less where exactly a pattern was found. "
        f"**Flatten** lays {shape_text(flat.input_shape)} in one row. The **Dense** layers weigh "
        "everything that was found, and the last one decides.",
        settings=_shown(chosen),
        look=FLOW,
        items=tuple(does[place] for place in places),
        right=order(0, 1, 2, 3, 4),
        mistakes=(
            Mistake(
                order(0, 1, 3, 2, 4),
                "Flatten has no weights: it only lays values in a row. Dense is what weighs them.",
            ),
            Mistake(
                order(1, 0, 2, 3, 4),
                "The filters of the convolution draw the maps. Pooling comes behind and makes "
                "them smaller.",
            ),
            Mistake(
                order(0, 2, 1, 3, 4),
                "Pooling keeps maps, with fewer values. Flatten keeps all values, and no maps.",
            ),
            Mistake(
                order(0, 1, 2, 4, 3),
                "The last layer has as many units as there are digits, and its softmax gives the "
                "probabilities.",
            ),
        ),
        otherwise="Compare what each layer takes in and what it gives.",
    )


def weights(settings: Settings, random: Random) -> Asked:
    """How many parameters a convolution over maps has."""
    keys = ("cnn_filters_1", "cnn_filters_2", "cnn_kernel_size_2")
    chosen = changed(_whole(settings, 2), _of(keys), random, _fits)
    first, second = [row for row in _network(chosen).ledger if row.layer.kind == "Conv2D"][:2]
    layer = second.layer
    assert isinstance(layer, Conv2D)
    maps, filters, window = second.input_shape[-1], layer.filters, layer.kernel_size**2
    mistakes = [
        Mistake(
            window * filters + filters,
            f"That is a filter over one picture. Here it looks at {maps} maps, and has a kernel "
            "of its own for each of them.",
        ),
        Mistake(window * maps * filters, "The biases are missing: each filter has one."),
        Mistake(
            window * maps * filters + maps * filters,
            "That is a bias for each kernel. A filter adds up what all its kernels give, and then "
            "one bias.",
        ),
        Mistake(
            window * maps + filters,
            f"Those are the weights of one filter. There are {filters} of them.",
        ),
    ]
    return Choice(
        prompt=f"The second convolution is `Conv2D({filters}, kernel_size={layer.kernel_size})`, "
        f"and {maps} maps go in. How many parameters has it?",
        explanation=f"{second.arithmetic}. The first looks at one picture: {first.arithmetic}. A "
        "filter is as deep as what it looks at.",
        settings=_shown(chosen),
        look=f"`{second.name}` in the table under *Where the parameters sit*.",
        options=numbers(
            second.parameters,
            "A kernel for each map that goes in, and one bias for each filter.",
            random.sample(mistakes, 3),
        ),
    )


def row(settings: Settings, random: Random) -> Asked:
    """How many values Flatten lays in one row, and why it must."""
    start = _whole(settings, 1)
    last = start["cnn_blocks"] = min(start["cnn_blocks"], 2)  # behind more, little is left
    keys = (f"cnn_filters_{last}", f"cnn_kernel_size_{last}", f"cnn_pooling_{last}", "cnn_padding")

    def good(one: Settings) -> bool:
        if not _fits(one) or one[f"cnn_pooling_{last}"] == "none":
            return False
        network = _network(one)
        differs = network.shapes[_flat(network) + 1] != given
        return differs and network.shapes[_flat(network)][0] > 1

    now = _network(start)
    given = now.shapes[_flat(now) + 1]
    chosen = changed(start, _of(keys), random, good)
    network = _network(chosen)
    before, (high, wide, maps) = network.shapes[_flat(network) - 1 : _flat(network) + 1]
    right = high * wide * maps
    return Number(
        prompt=f"Here the last convolution gives {shape_text(before)}. Pooling of 2×2 follows, "
        "then Flatten. How many values does Flatten lay in one row?",
        explanation=f"Of each of the {maps} maps {before[0]}×{before[1]} become {high}×{wide}, "
        f"and Flatten lays {shape_text((high, wide, maps))} = {right:,} in one row. Dense looks "
        f"along the last axis only: without Flatten it would weigh the {maps} values of each of "
        f"the {high}×{wide} places by themselves, and there would be an answer for each place. "
        "The notebook tells you to remember Flatten, and yet its CNN 1 has none.",
        settings=_shown(chosen),
        look=FLOW,
        right=right,
        unit="values",
        mistakes=(
            Mistake(high * wide, f"That is one map. There are {maps}."),
            Mistake(maps, "That is one value of each map. Flatten takes those of all places."),
            Mistake(before[0] * before[1] * maps, "That many values go into the pooling."),
            Mistake(
                -(-before[0] // 2) * -(-before[1] // 2) * maps,
                "That is rounded up. The last row and column fill no window and are dropped.",
            ),
            Mistake(
                high * wide * (maps // 2),
                "Pooling makes the maps smaller, not fewer.",
            ),
            Mistake(
                (before[0] - 1) * (before[1] - 1) * maps,
                "That is with `strides=1`. Pooling moves by its own size, so windows of 2×2 do "
                "not overlap.",
            ),
        ),
    )


def block(settings: Settings, random: Random) -> Asked:
    """Whether one block more makes the network larger."""
    chosen, fewer = _before_block(settings, random)
    deeper = _deeper(chosen)
    small, large = _network(chosen), _network(deeper)
    now, then = _first_dense(small), _first_dense(large)
    added = large.ledger[_flat(small) : _flat(large)]
    layers = " and ".join(f"`{layer_line(each.layer)}`" for each in added)
    counts = f"{small.parameters:,} parameters become {large.parameters:,}"
    dense = f"the first Dense layer {now.arithmetic} becomes {then.arithmetic}"
    return Choice(
        prompt=f"One block more, {layers}, is put in front of Flatten. Until now Flatten gets "
        f"{shape_text(small.shapes[_flat(small)])}, and Dense behind it has "
        f"{now.output_shape[0]} units. What happens to the number of parameters?",
        explanation=f"{counts}. The new convolution has {added[0].parameters:,}, and {dense}. What "
        "counts is how many values are left for it. CNN 2 has more layers than CNN 1, but pools "
        f"twice: {CNN_2.parameters:,} parameters instead of {CNN_1.parameters:,}.",
        settings=_shown(deeper),
        look=LEDGER,
        options=(
            Option(
                "It rises",
                f"{counts}."
                if not fewer
                else f"One layer more is not more parameters: {dense}, which saves more than the "
                f"{added[0].parameters:,} of the new convolution.",
                right=not fewer,
                show=_shown(chosen) if fewer else {},
            ),
            Option(
                "It falls",
                f"{counts}."
                if fewer
                else f"That it does where the block leaves fewer values. Here {dense}.",
                right=fewer,
                show={} if fewer else _shown(chosen),
            ),
            Option(
                "It stays",
                "Pooling, Flatten and Dropout learn nothing, but the new convolution does, and "
                f"{dense}.",
                show=_shown(chosen),
            ),
        ),
    )


def _before_block(settings: Settings, random: Random) -> tuple[dict[str, Any], bool]:
    """Settings whose next block changes the number of parameters, and whether it falls."""
    start = _whole(settings, 1)
    behind = min(start["cnn_blocks"], MOST_BLOCKS - 1) + 1
    start |= {"cnn_blocks": behind - 1, "cnn_dense_layers": max(start["cnn_dense_layers"], 1)}
    ways = random.sample((True, False), 2)
    for fewer in ways:
        for _ in range(100):
            block = {
                f"cnn_filters_{behind}": random.choice((8, 16, 32, 48, 64)),
                f"cnn_kernel_size_{behind}": random.choice((1, 3, 5)),
                f"cnn_pooling_{behind}": random.choice(("max", "none")),
            }
            if _changes({**start, **block}, fewer):
                return {**start, **block}, fewer
    # After so many blocks as are set, or with so few values left, no block does.
    return _before_block({**FIRST, "cnn_blocks": 1}, random)


def _deeper(settings: Settings) -> dict[str, Any]:
    return {**settings, "cnn_blocks": settings["cnn_blocks"] + 1}


def _changes(settings: Settings, fewer: bool) -> bool:
    """Whether a block more changes the number of parameters clearly, and in that direction."""
    if not _fits(settings) or not _fits(_deeper(settings)):
        return False
    change = _network(_deeper(settings)).parameters / _network(settings).parameters
    return change < 0.9 if fewer else change > 1.1


QUESTIONS = (
    Question("inside_types", PAGE, "layers", "What does each layer do?", types),
    Question("inside_weights", PAGE, "layers", "A filter over maps", weights, STACK),
    Question("inside_row", PAGE, "layers", "How long is the row?", row, STACK),
    Question("inside_block", PAGE, "train", "Larger or smaller?", block, STACK),
    Question("inside_map", PAGE, "edges", "Which map?", filters_map, MAP_READS),
    Question("inside_dropout", PAGE, "train", "What does Dropout do?", dropout),
    Question("inside_line", PAGE, "layers", "The Keras line", line),
)
