"""What pooling does to a whole network: questions of the pooling page."""

from __future__ import annotations

from random import Random

from lesson import chance, worth
from lesson.convolution import output_size
from lesson.export import layer_line
from lesson.layers import PADDINGS, Dense, Flatten, MaxPooling2D, shape_text
from lesson.pooled import AS_IS, AVERAGE, NONE
from lesson.questions import variants
from lesson.questions.kinds import Asked, Choice, Mistake, Option, Settings, numbers, shuffled
from lesson.questions.question import Read, changed
from lesson.specs import CNN_1, FEEDFORWARD, NetworkSpec

BEHIND = CNN_1.shapes[1]  # what the pooling of CNN 1 gets
STEPS = {"None": None, **{str(step): step for step in range(1, 9)}}
READS = {
    "pooling_pool_size": Read(2, range(1, 9)),
    "pooling_strides": Read("None", STEPS),
    "pooling_padding": Read("valid", PADDINGS),
}


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
        layer = layer_of(one)
        gaps = layer.window[1] > layer.pool_size
        return not gaps and 1 < layer.output_shape(BEHIND)[0] < BEHIND[0]

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
        mistakes.append(Mistake(of(by_size, by_size, maps), size, {"pooling_strides": "None"}))
    out = shape_text(network.shapes[2])
    return Choice(
        prompt=f"In CNN 1, maps of {shape_text(BEHIND)} go through `{layer_line(layer)}`, then "
        f"Flatten, then a Dense layer of {head.units} units. How many parameters has that Dense "
        "layer?",
        explanation=f"The maps become {out}, in a row {behind.input_shape[0]:,} values: "
        f"{behind.arithmetic}. The "
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
