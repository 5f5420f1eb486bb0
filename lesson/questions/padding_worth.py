"""What padding costs and when it is worth it: questions of the padding page."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from lesson import formulas, mnist
from lesson.convolution import coverage, output_size
from lesson.export import layer_line
from lesson.layers import Conv2D, shape_text
from lesson.padded import SAME, VALID, WITH, WITHOUT
from lesson.pictures import inked_at_the_edge
from lesson.questions import variants
from lesson.questions.kinds import Asked, Blank, Choice, Mistake, Option, Settings, shuffled
from lesson.questions.question import Read, changed
from lesson.specs import IMAGE_SHAPE

FILTERS = 16  # as many as the page writes in Keras
KERNEL_SIZE = Read(3, range(1, 10))
PLAIN = {"padding_strides": 1, "padding_dilation_rate": 1}


def cost(settings: Settings, random: Random) -> Asked:
    """What padding costs: the notebook's answer put right."""
    valid, same = VALID.network, SAME.network
    more = same.parameters - valid.parameters
    conv = valid.ledger[0].arithmetic
    return Choice(
        prompt="The convolution of CNN 1 gets `padding='same'` instead of `'valid'`. Which layer "
        "has more parameters then?",
        explanation=f"A filter has as many weights with padding as without: {conv}. But the maps "
        f"stay larger, {shape_text(same.ledger[1].output_shape)} instead of "
        f"{shape_text(valid.ledger[1].output_shape)} behind the pooling, and the Dense layer has "
        f"{more:,} weights more. The notebook says that padding adds parameters without saying "
        "where.",
        settings={"padding_padding": "same"},
        look="The table under *What padding costs, and what it gave*.",
        options=shuffled(
            [
                Option("The Dense layer behind it", "Its input is larger.", right=True),
                Option(
                    "The convolution itself",
                    f"Its filters keep their size: {conv}, with padding and without.",
                ),
                Option("The pooling layer", "Pooling learns nothing: it has no parameters at all."),
                Option("None", "The maps are larger, and some layer takes in all their values."),
            ],
            random,
        ),
    )


@lru_cache(maxsize=1)
def inked() -> int:
    """How many test digits have ink on their outermost pixels."""
    return inked_at_the_edge(mnist.load().x_test)


def digits(settings: Settings, random: Random) -> Asked:
    """Whether padding is a good idea on these digits: the notebook's question."""
    known = variants.known()
    more = SAME.network.parameters - VALID.network.parameters
    return Choice(
        prompt="Is padding a good idea on these digits? CNN 1 was trained with `valid` and with "
        "`same`, several times each, with nothing else changed. What did `same` do to the test "
        "accuracy?",
        explanation=f"`valid`: {variants.spread(known, WITHOUT)}. `same`: "
        f"{variants.spread(known, WITH)}. There is little to win: {inked():,} of 10,000 test "
        "digits have ink at the very edge. And it has a price. The notebook calls padding a bad "
        f"idea here because it takes more parameters: {more:,} more, in the Dense layer behind "
        "the larger maps.",
        settings={"padding_padding": "same"},
        look="The table under *What padding costs, and what it gave*.",
        options=variants.options(
            known,
            WITH,
            WITHOUT,
            {
                variants.MORE: "It made it better, beyond what chance does",
                variants.LESS: "It made it worse, beyond what chance does",
                variants.WITHIN: "Nothing that chance does not do as well",
                variants.UNKNOWN: "There are too few trainings to say",
            },
            random,
        ),
    )


def layers_until_used_up(size: int, kernel_size: int) -> int:
    """How many convolutions without padding, one after another, a picture has room for.

    >>> layers_until_used_up(28, 3), layers_until_used_up(5, 5)
    (13, 1)
    """
    count = 0
    while size >= kernel_size:
        size, count = output_size(size, kernel_size), count + 1
    return count


def worth_it(settings: Settings, random: Random) -> Asked:
    """When padding is worth it: the notebook's self-driving car, and deep networks."""
    size, kernel_size = random.choice((14, 20, 28)), random.choice((3, 5))
    fit = layers_until_used_up(size, kernel_size)
    counts = coverage(size, size, kernel_size)
    corner, inside = formulas.times(counts[0, 0]), formulas.times(counts.max())
    at_edge, deep = (
        "Something at the very edge matters, such as a car that comes from the side",
        f"{fit + 1} convolutions of {kernel_size}×{kernel_size} follow one another on a picture of "
        f"{size}×{size}",
    )
    why = (
        f"Each convolution of {kernel_size}×{kernel_size} without padding takes {kernel_size - 1} "
        f"rows and columns: {size}×{size} has room for {fit}. With `same` it keeps its size. And "
        f"without padding a corner counts {corner}, a pixel inside {inside}: what matters at the "
        "edge should count more. The notebook's example is a car that drives itself."
    )
    wrong = [
        Option(
            "The network should have as few parameters as can be",
            "The larger maps give the Dense layer behind them more weights.",
        ),
        Option(
            "The ink is in the middle, and the outermost pixels are all background",
            f"There is little to win at such an edge: {inked():,} of 10,000 test digits have ink "
            "there.",
        ),
        Option(
            "The background is bright, and no edge should be seen that is not there",
            "Padding is zeros, so a filter sees an edge all around a bright background.",
            show={"padding_swapped": True},
        ),
        Option(
            "The picture should come out smaller after each layer",
            "`same` keeps the size. Strides or pooling make it smaller.",
        ),
    ]
    right = random.choice((at_edge, deep))
    return Choice(
        prompt="Which of these speaks for padding?",
        explanation=why,
        settings={
            **PLAIN,
            "padding_padding": "same",
            "padding_kernel_size": kernel_size,
            "padding_size": size,
        },
        look="How often the corner counts, and that the output is as large as the picture.",
        options=shuffled([Option(right, "", right=True), *random.sample(wrong, 3)], random),
    )


def line(settings: Settings, random: Random) -> Asked:
    """The Keras line that keeps the size of the picture."""

    def good(one: Settings) -> bool:
        return bool(one["padding_kernel_size"] > 1)

    reads = {"padding_kernel_size": KERNEL_SIZE}
    kernel_size = changed(settings, reads, random, good)["padding_kernel_size"]
    layer = Conv2D(FILTERS, kernel_size, padding="same")
    small = shape_text(Conv2D(FILTERS, kernel_size).output_shape(IMAGE_SHAPE))
    return Blank(
        prompt=f"Write the layer: {FILTERS} filters of {kernel_size}×{kernel_size}, and the "
        "output as high and wide as the picture.",
        explanation="`same` adds as many zeros as keep the size when strides are 1.",
        settings={
            **PLAIN,
            "padding_padding": "same",
            "padding_kernel_size": kernel_size,
            "padding_size": 28,
        },
        look="*The same in Keras*.",
        before="model = keras.Sequential()\nmodel.add(keras.Input((28, 28, 1)))",
        after=f"# the output has the shape {shape_text(layer.output_shape(IMAGE_SHAPE))}",
        right=(layer_line(layer),),
        mistakes=(
            Mistake(
                layer_line(Conv2D(FILTERS, kernel_size)),
                f"With `valid`, which is Keras's way if nothing is said, the output is {small}.",
                {"padding_padding": "valid"},
            ),
            Mistake(
                layer_line(Conv2D(kernel_size, FILTERS, padding="same")),
                "The number of filters comes first, then the side of each.",
            ),
        ),
        otherwise=f"It needs {FILTERS} filters, a kernel_size of {kernel_size}, padding that keeps "
        "the size, and nothing else.",
    )
