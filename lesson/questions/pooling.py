"""What one predicts on the pooling page."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson import chance, mnist, worth
from lesson.convolution import average_pooling2d, max_pooling2d, output_size
from lesson.export import layer_line
from lesson.layers import PADDINGS, Dense, Flatten, MaxPooling2D, shape_text
from lesson.pooled import AS_IS, AVERAGE, NONE
from lesson.questions import variants
from lesson.questions.kinds import (
    Asked,
    Cell,
    Choice,
    Mistake,
    Option,
    Order,
    Settings,
    numbers,
    shuffled,
)
from lesson.questions.question import Question, Read, changed
from lesson.specs import CNN_1, FEEDFORWARD, NetworkSpec

PAGE = "pooling"
DIGIT, TEST_SET = "the digit", "Test set"
TEST_DIGITS, SIDE = 10_000, 28
BEHIND = CNN_1.shapes[1]  # what the pooling of CNN 1 gets
STEPS = {"None": None, **{str(step): step for step in range(1, 9)}}
READS = {
    "pooling_pool_size": Read(2, range(1, 9)),
    "pooling_strides": Read("None", STEPS),
    "pooling_padding": Read("valid", PADDINGS),
}
ORDINALS = ("first", "second", "third")
KINDS = {
    "max": "Max pooling keeps the largest of each window, so strokes stay dark and get wider.",
    "average": "Average pooling gives the mean of each window, so strokes get paler.",
}

Pixels = npt.NDArray[np.uint8]


def _on_the_digit(number: int, pool_size: int, strides: int | None) -> dict[str, Any]:
    """Settings of the page that pool a test digit."""
    return {
        "digit": number,
        "digit_source": TEST_SET,
        "pooling_input": DIGIT,
        "pooling_kind": "both",
        "pooling_pool_size": pool_size,
        "pooling_strides": "None" if strides is None else str(strides),
        "pooling_padding": "valid",
    }


def which_map(settings: Settings, random: Random) -> Asked:
    """Which of four pictures pooling makes."""
    pool_size = random.choice([n for n in (2, 3, 4) if n != settings["pooling_pool_size"]])
    kind = random.choice(("max", "average"))
    number = random.randrange(TEST_DIGITS)
    image = mnist.load().x_test[number][..., None]
    side = output_size(SIDE, pool_size, pool_size)
    made = {
        "max": max_pooling2d(image, pool_size),
        "average": average_pooling2d(image, pool_size),
        "first": image[::pool_size, ::pool_size][:side, :side],
        "least": 255 - max_pooling2d(255 - image, pool_size),
    }
    says = {
        "max": "That keeps the largest of each window: strokes are as dark as before, and wider.",
        "average": "That is the mean of each window: strokes are paler where background is mixed "
        "in.",
        "first": f"That skips pixels, as strides of {pool_size} do: of each window only the first "
        "pixel is looked at.",
        "least": "That keeps the smallest of each window, mostly background.",
    }
    shows: dict[str, Settings] = {
        "first": _on_the_digit(number, 1, pool_size),
        "max": {"pooling_kind": "max"},
        "average": {"pooling_kind": "average"},
    }
    order = random.sample(list(made), len(made))
    return Choice(
        prompt=f"A test digit goes through {kind} pooling with `pool_size={pool_size}`. Which of "
        "the pictures comes out?",
        explanation=f"{KINDS[kind]} The page writes no weight for it: nothing is learned.",
        settings=_on_the_digit(number, pool_size, None),
        look="The two results, side by side.",
        options=tuple(
            Option(
                letter,
                "" if name == kind else says[name],
                right=name == kind,
                picture=made[name][..., 0].astype(np.float32),
                show={} if name == kind else shows.get(name, {}),
            )
            for letter, name in zip("ABCD", order, strict=True)
        ),
        scale="ink",
        high=255.0,
    )


def largest(pixels: Pixels, row: int, column: int, pool_size: int) -> set[tuple[int, int]]:
    """The cells of a window that hold its largest value; none where the window does not fit."""
    window = pixels[row : row + pool_size, column : column + pool_size]
    if window.shape != (pool_size, pool_size):
        return set()
    most = np.argwhere(window == window.max())
    return {(row + int(down), column + int(across)) for down, across in most}


def wins(settings: Settings, random: Random) -> Asked:
    """Which pixel max pooling keeps."""
    while True:
        pool_size = random.choice((2, 3))
        strides = random.choice([n for n in (1, 2, 3) if n != pool_size])
        number, side = random.randrange(TEST_DIGITS), 2 * strides + pool_size
        down, across = (random.randrange(4 // strides, 16 // strides) for _ in range(2))
        row, column = random.choice([(a, b) for a in range(3) for b in range(3) if a != b])
        top, left = down * strides, across * strides
        pixels = mnist.load().x_test[number][top : top + side, left : left + side]
        first, start = row * strides, column * strides
        right = largest(pixels, first, start, pool_size)
        by_size = largest(pixels, row * pool_size, column * pool_size, pool_size)
        swapped = largest(pixels, start, first, pool_size)
        most = pixels[first : first + pool_size, start : start + pool_size].max()
        # One pixel wins, and who moves the window wrongly points at another.
        if most > 0 and len(right) == 1 and not right & (by_size | swapped):
            break
    inside = [(first + a, start + b) for a in range(pool_size) for b in range(pool_size)]
    near = dict.fromkeys(by_size, f"The window moves by strides={strides}, not by its own size.")
    near |= dict.fromkeys(swapped, "Rows come first, then columns: this is the other way round.")
    near |= dict.fromkeys(inside, "It is in the window, but it is not the largest there.")
    layer = layer_line(MaxPooling2D(pool_size, strides))
    return Cell(
        prompt=f"`{layer}` slides over these pixels of a digit, from the upper left. Point at the "
        f"pixel that wins the **{ORDINALS[column]}** window of the **{ORDINALS[row]}** row of "
        "windows.",
        explanation=f"That window covers rows {first} to {first + pool_size - 1} and columns "
        f"{start} to {start + pool_size - 1} of what is shown, since it moves by {strides}. The "
        f"largest value there is {most}; where it stood in the window is forgotten.",
        settings=_on_the_digit(number, pool_size, strides),
        look=f"Point at row {down + row}, column {across + column} of the result *max*: its window "
        "lights up.",
        values=pixels,
        high=255.0,
        decimals=0,
        numbers=True,
        right=frozenset(right),
        near={cell: says for cell, says in near.items() if cell not in right},
        otherwise=f"It is not in that window, which begins at row {first} and column {start}.",
    )


def order(settings: Settings, random: Random) -> Asked:
    """Which pooling keeps most values: strides decide, not the size of the window."""
    own = settings["pooling_pool_size"]
    while True:
        sizes = random.sample([n for n in range(2, 9) if n != own], 3)
        layers = [MaxPooling2D(own)]
        for pool_size in sizes:
            others = [n for n in (None, 1, 2, 3) if n != pool_size]
            layers.append(MaxPooling2D(pool_size, random.choice(others)))
        random.shuffle(layers)
        sides = [layer.output_shape((SIDE, SIDE, 1))[0] for layer in layers]
        right = tuple(sorted(range(len(layers)), key=lambda n: -sides[n]))
        by_size = tuple(sorted(range(len(layers)), key=lambda n: layers[n].pool_size))
        # Of the results no two are alike, and who goes by the size of the window errs.
        if len(set(sides)) == len(sides) and right not in (by_size, (0, 1, 2, 3)):
            break
    items = tuple(_in_brief(layer) for layer in layers)
    # The page shows the one that moves least for its size.
    shown = max(range(len(layers)), key=lambda n: layers[n].pool_size - layers[n].window[1])
    return Order(
        prompt=f"Four poolings of a picture of {SIDE}×{SIDE}. Put them in order: the one that "
        "keeps the **most values** first.",
        explanation=", ".join(f"`{items[n]}` gives {sides[n]}×{sides[n]}" for n in right)
        + ". How far the window moves decides. Without strides it moves by its own size, and each "
        "value is told of once: that is the usual way. With smaller strides windows overlap and "
        "the map shrinks less, so more parameters stay behind it. Nothing forbids it.",
        settings={
            "pooling_input": DIGIT,
            "pooling_pool_size": layers[shown].pool_size,
            "pooling_strides": str(layers[shown].strides),
            "pooling_padding": "valid",
        },
        look=f"The results with `{items[shown]}`. Try the others.",
        items=items,
        right=right,
        mistakes=(
            Mistake(
                by_size,
                "That goes by pool_size. A large window that moves by little still gives a value "
                "at each place.",
            ),
            Mistake(right[::-1], "That begins with the one that keeps the fewest."),
        ),
        otherwise="Where no strides are given, the window moves by pool_size.",
    )


def _in_brief(layer: MaxPooling2D) -> str:
    """A pooling by what is set of it.

    >>> _in_brief(MaxPooling2D(4)), _in_brief(MaxPooling2D(4, strides=1))
    ('pool_size=4', 'pool_size=4, strides=1')
    """
    step = "" if layer.strides is None else f", strides={layer.strides}"
    return f"pool_size={layer.pool_size}{step}"


def with_pooling(pooling: MaxPooling2D) -> NetworkSpec:
    """CNN 1 with this pooling in place of its own."""
    return NetworkSpec((CNN_1.layers[0], pooling, *CNN_1.layers[2:]))


def dense(settings: Settings, random: Random) -> Asked:
    """How many parameters the Dense layer behind a pooling has."""

    def layer_of(one: Settings) -> MaxPooling2D:
        return MaxPooling2D(
            one["pooling_pool_size"], STEPS[one["pooling_strides"]], one["pooling_padding"]
        )

    def good(one: Settings) -> bool:
        return 1 < layer_of(one).output_shape(BEHIND)[0] < BEHIND[0]

    chosen = changed(settings, READS, random, good)
    layer = layer_of(chosen)
    network = with_pooling(layer)
    behind = network.ledger[3]
    head = behind.layer
    assert isinstance(head, Dense)
    side, _, maps = network.shapes[2]
    pool_size, strides, padding, _ = layer.window

    def of(*shape: int) -> int:
        return head.parameters(Flatten().output_shape(shape))

    mistakes = [
        Mistake(of(side, side), f"The channels were forgotten: there are {maps} maps to flatten."),
        Mistake(behind.parameters - head.units, "The biases were forgotten: each unit has one."),
        Mistake(
            of(BEHIND[0], side, maps),
            "The window moves down and across: both sides of a map get smaller.",
        ),
        Mistake(
            of(*BEHIND),
            "That is without pooling.",
            {"pooling_pool_size": 1, "pooling_strides": "None"},
        ),
        Mistake(
            behind.parameters + pool_size**2 * maps,
            "The pooling has no weights of its own: it takes the largest, and learns nothing.",
        ),
    ]
    if padding == "valid" and (BEHIND[0] - pool_size) % strides:
        up = "That is rounded up: a window that would reach over the edge is left out."
        mistakes.append(Mistake(of(side + 1, side + 1, maps), up))
    by_size = output_size(BEHIND[0], pool_size, pool_size, padding)
    if by_size != side:
        size = f"The window moves by strides={strides}, not by its own size."
        mistakes.append(Mistake(of(by_size, by_size, maps), size))
    out = shape_text(network.shapes[2])
    return Choice(
        prompt=f"In CNN 1, maps of {shape_text(BEHIND)} go through `{layer_line(layer)}`, then "
        f"Flatten, then a Dense layer of {head.units} units. How many parameters has that Dense "
        "layer?",
        explanation=f"The maps become {out}, and {out} values in a row: {behind.arithmetic}. The "
        "channels stay, since each map is pooled by itself.",
        settings=chosen,
        look="The sentences under *Where the parameters go*.",
        options=numbers(behind.parameters, "", random.sample(mistakes, len(mistakes)), most=4),
    )


def reduction(settings: Settings, random: Random) -> Asked:
    """What pooling saves: the notebook's claim, checked."""
    without = worth.VARIANTS[NONE].network
    larger = CNN_1.parameters > FEEDFORWARD.parameters
    sizes = f"CNN 1 has {CNN_1.parameters:,} parameters, the feedforward network "
    sizes += f"{FEEDFORWARD.parameters:,}."
    return Choice(
        prompt="The notebook says that CNNs learn far fewer parameters than a feedforward network, "
        "and that most of the reduction comes from pooling. How large is CNN 1, which pools once, "
        "beside the feedforward network?",
        explanation=f"{sizes} Without its pooling CNN 1 would have {without.parameters:,}, since "
        "the Dense layer would have four times the weights: so far the notebook is right. But "
        "that is against the same CNN. What costs parameters in it is that sixteen maps are made "
        "of one picture.",
        settings={
            "pooling_pool_size": 2,
            "pooling_strides": "None",
            "pooling_padding": "valid",
        },
        look="The bars under *Where the parameters go*.",
        options=shuffled(
            [
                Option("It is smaller: pooling saves a lot", sizes, right=not larger),
                Option("It is larger: its maps cost a lot", sizes, right=larger),
                Option(
                    "It is smaller: pooling leaves its filters fewer weights",
                    "The filters come before the pooling, and keep their weights: "
                    f"{CNN_1.ledger[0].arithmetic}.",
                ),
                Option(
                    "It is larger: pooling has weights too",
                    "A pooling layer learns nothing: there is nothing to learn.",
                ),
            ],
            random,
        ),
    )


def average(settings: Settings, random: Random) -> Asked:
    """What training says to max pooling or average pooling."""
    rows = variants.known()
    moved = ""
    if {AS_IS, AVERAGE} <= rows.keys() and rows[AVERAGE].moved and rows[AS_IS].moved:
        moved = f" {_moved(rows[AVERAGE].moved, rows[AS_IS].moved)}"
    return Choice(
        prompt="The notebook passes on Andrew Ng's advice to use max pooling. CNN 1 was trained "
        "with both kinds, several times each. What did average pooling do to the test accuracy?",
        explanation=f"Max pooling: {variants.spread(rows, AS_IS)}. Average pooling: "
        f"{variants.spread(rows, AVERAGE)}.{moved} It is one small network on one set of digits, "
        "no proof for others.",
        settings={"pooling_kind": "both"},
        look="The table under *What it does to a whole network*.",
        options=variants.options(
            rows,
            AVERAGE,
            AS_IS,
            {
                variants.MORE: "It made it better, beyond what chance does",
                variants.LESS: "It made it worse, beyond what chance does",
                variants.WITHIN: "Nothing that chance does not do as well",
                variants.UNKNOWN: "There are too few trainings to say",
            },
            random,
        ),
    )


def _moved(values: tuple[float, ...], base: tuple[float, ...]) -> str:
    """In words, what the same trainings gave on moved digits."""
    return (
        f"On digits moved by {worth.MOVED} pixels: {worth.between(base)} and "
        f"{worth.between(values)}; {chance.against(values, base)}."
    )


QUESTIONS = (
    Question(
        "pooling_map",
        PAGE,
        "layers",
        "Which picture comes out?",
        which_map,
        {"pooling_pool_size": READS["pooling_pool_size"]},
    ),
    Question("pooling_wins", PAGE, "layers", "Which pixel wins?", wins),
    Question(
        "pooling_order",
        PAGE,
        "layers",
        "What keeps most?",
        order,
        {"pooling_pool_size": Read(2, range(2, 9))},
    ),
    Question("pooling_dense", PAGE, "layers", "What is left to learn behind it?", dense, READS),
    Question("pooling_reduction", PAGE, "layers", "Smaller than what?", reduction, varies=False),
    Question("pooling_average", PAGE, "layers", "Max or average?", average, varies=False),
)
