"""Notes for convolution, padding and pooling."""

from __future__ import annotations

from lesson import mnist, padded, pooled, worth
from lesson.chance import BEYOND
from lesson.convolution import coverage, output_size
from lesson.filters import FAMILIES
from lesson.formulas import times
from lesson.layers import Conv2D
from lesson.notes.beginning import MISSING
from lesson.notes.note import Ask, Note, Said, Show, link
from lesson.pictures import inked_at_the_edge
from lesson.runs import RunStore
from lesson.specs import CNN_1, FEEDFORWARD, IMAGE_SHAPE
from lesson.words import listed

SIZE = 7  # the padding page's picture at first


def convolution(store: RunStore) -> Note:
    small, strided = output_size(28, 3), output_size(28, 3, 2)
    layer = Conv2D(16)
    vertical, horizontal = (FAMILIES[slug].name for slug in ("vertical-edges", "horizontal-edges"))
    return Note(
        slug="convolution",
        purpose="One filter slides over one picture: the class can work out any cell by hand.",
        asks=(
            Ask(
                "The picture has 28 rows, the kernel 3. How many rows has the result?",
                link("A kernel of 3", "convolution"),
                (
                    Said("28.", False, "Then the window would have to hang over the edge."),
                    Said("25.", False, "That is 28 − 3: the first place needs no step. Add 1."),
                    Said(f"{small}.", True, "28 − 3 + 1."),
                ),
            ),
            Ask(
                "And with strides of 2?",
                link("Strides of 2", "convolution", convolution_strides="2"),
                (
                    Said(
                        "13.",
                        strided == 13,
                        "(28 − 3) / 2 is 12.5, rounded down, and 1 for the first.",
                    ),
                    Said("14, half of 28.", strided == 14, "Half of what fits, not of the side."),
                    Said("12.", strided == 12, "The first place was forgotten."),
                ),
            ),
            Ask(
                f"Where is the answer of “{vertical}” 0, and where is it large?",
                link("A cross", "convolution", convolution_picture="Cross"),
                (
                    Said(
                        "Large at every edge.",
                        False,
                        f"At upright ones only. Take “{horizontal}” and look again.",
                    ),
                    Said(
                        "0 where all pixels under it are alike.", True, "Its weights add up to 0."
                    ),
                ),
            ),
            Ask(
                "How many parameters has a layer of 16 such filters?",
                link("CNN 1's filters", "convolution"),
                (
                    Said(f"{16 * 9}.", False, "The biases were forgotten: one for each filter."),
                    Said(
                        f"{layer.parameters(IMAGE_SHAPE)}.",
                        True,
                        f"{layer.arithmetic(IMAGE_SHAPE)}.",
                    ),
                    Said(
                        "It depends on the size of the picture.",
                        False,
                        "No: the same weights are used everywhere. That is the whole idea.",
                    ),
                ),
            ),
        ),
        shows=(
            Show(
                "Play, and stop at a place: one student works out the sum at the board before you "
                "point at the cell.",
                link("The explorer", "convolution"),
            ),
            Show(
                "Double-click a weight and change it. The class says what will change first.",
                link("Blur", "convolution", convolution_kernel="Box blur"),
            ),
            Show(
                "Click on some of CNN 1's filters: nobody wrote them, training found them.",
                link("Learned filter 3", "convolution", convolution_learned="3"),
            ),
        ),
        wrong=(
            "“Filter” and “kernel” get mixed up. Here the kernel is the block of weights; the "
            "filter is the kernel with its bias, over all channels.",
            "“Mathematics turns the kernel.” True, and said on the page. A network learns the "
            "weights either way, so the order is a matter of naming.",
        ),
        short="Leave out strides and the likeness of learned filters.",
        onward=f"28 became {small}: the edge was lost. Could one keep it?",
    )


def padding(store: RunStore) -> Note:
    counts = coverage(SIZE, SIZE, 3)
    same = coverage(SIZE, SIZE, 3, 1, "same")
    edged = inked_at_the_edge(mnist.load().x_test)
    more = padded.SAME.network.parameters - padded.VALID.network.parameters
    _, verdict = padded.measured(worth.tried(store))
    return Note(
        slug="padding",
        purpose="What happens at the edge, and what it costs to care about it.",
        asks=(
            Ask(
                "In how many windows is a corner pixel, and in how many the one in the middle?",
                link("A picture of 7 × 7", "padding"),
                (
                    Said(
                        "All in the same number.", False, "Point at the corner: one window has it."
                    ),
                    Said(
                        f"The corner {times(int(counts[0, 0]))}, the middle "
                        f"{times(int(counts[SIZE // 2, SIZE // 2]))}.",
                        True,
                        "3 × 3 windows reach a pixel that is far enough from every edge.",
                    ),
                ),
            ),
            Ask(
                "And with `same`?",
                link("Padding same", "padding", padding_padding="same"),
                (
                    Said(
                        "All 9 times.",
                        False,
                        "The corner still has fewer: the padding takes the rest.",
                    ),
                    Said(
                        f"The corner {times(int(same[0, 0]))}.",
                        True,
                        "Two rows and two columns of windows reach it.",
                    ),
                ),
            ),
            Ask(
                "On these digits, is padding worth it?",
                link("The digit with padding", "padding", padding_padding="same"),
                (
                    Said("Yes, nothing is lost then.", False, verdict),
                    Said(
                        "No, it needs more parameters.",
                        False,
                        f"The convolution needs none more; the Dense layer behind it {more:,}.",
                    ),
                    Said(
                        "It makes little difference here.",
                        True,
                        f"Only {edged:,} of 10,000 test digits have ink at the very edge.",
                    ),
                ),
            ),
        ),
        shows=(
            Show(
                "From `valid` to `same`: the border of zeros appears, and the output grows.",
                link("Valid", "padding"),
            ),
            Show(
                "Swap black and white: padding draws an edge that is not in the picture.",
                link("Swapped", "padding", padding_padding="same", padding_swapped="true"),
            ),
            Show(
                "Strides of 3 on 8 pixels: rows at the end are dropped.",
                link("Dropped", "padding", padding_size="8", padding_strides="3"),
            ),
        ),
        wrong=(
            "“Same means that nothing changes.” It means the same size, with strides of 1 only.",
            "The dilation rate leads away: leave it unless somebody asks.",
        ),
        short="Ask the first question and show the swap.",
        onward="Padding keeps a map large. The next page makes it small, on purpose.",
    )


def _beside_max_pooling(store: RunStore) -> str:
    """What was measured of other poolings on CNN 1, in sentences."""
    tried = {row.name: row for row in worth.tried(store) if row.name != padded.WITH}
    base = tried.pop(pooled.AS_IS, None)
    if base is None:
        return MISSING
    found = {name: worth.told(row, base) for name, row in tried.items()}
    beyond = {name: told for name, told in found.items() if BEYOND in told}
    within = [name for name in found if name not in beyond]
    said = (
        [f"Measured on CNN 1, beside max pooling, within chance: {listed(within)}."]
        if within
        else []
    )
    return " ".join([*said, *(f"{name.capitalize()}: {told}." for name, told in beyond.items())])


def pooling(store: RunStore) -> Note:
    without = worth.VARIANTS[pooled.NONE].network
    return Note(
        slug="pooling",
        purpose="Smaller maps: what is lost, what is won, and which claims about it hold.",
        asks=(
            Ask(
                "How many parameters has the pooling layer?",
                link("Pool size 2", "pooling"),
                (
                    Said("4, one for each cell of the window.", False, "It multiplies nothing."),
                    Said("None.", True, "Taking the largest has nothing to learn."),
                ),
            ),
            Ask(
                "Then where do the parameters go that it is said to save?",
                link("The bars", "pooling"),
                (
                    Said(
                        "From the Dense layer behind it.",
                        True,
                        f"CNN 1 would have {without.parameters:,} without pooling, and has "
                        f"{CNN_1.parameters:,}.",
                    ),
                    Said(
                        "So CNN 1 is smaller than the feedforward network.",
                        CNN_1.parameters < FEEDFORWARD.parameters,
                        f"The feedforward network has {FEEDFORWARD.parameters:,}. Compare with "
                        "the bars, not with the slogan.",
                    ),
                ),
            ),
            Ask(
                "Move the digit by one pixel. Does the pooled picture stay the same?",
                link("Moved by 1", "pooling"),
                (
                    Said(
                        "Yes, pooling forgets where things were.",
                        False,
                        "Only in part: see the table.",
                    ),
                    Said("It changes, but less.", True, "Softened, not undone."),
                ),
            ),
        ),
        shows=(
            Show(
                "Maximum and mean side by side: stop where they differ most.",
                link("Both", "pooling"),
            ),
            Show(
                "Windows that overlap: strides of 1.",
                link("Strides of 1", "pooling", pooling_strides="1"),
            ),
            Show(
                "A pool size of 8: can the class still read the digit?",
                link("Pool size 8", "pooling", pooling_pool_size="8"),
            ),
        ),
        wrong=(
            f"“Max pooling is best.” {_beside_max_pooling(store)}",
            "“Most of the reduction comes from pooling.” Against the same CNN without it. Ask: "
            "compared with what?",
        ),
        short="Leave out the table of the moved digit.",
        onward="We have all the parts. Now they are stacked, trained, and looked into.",
    )
