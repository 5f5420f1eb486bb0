"""The lesson's notebook for a class, first half of its parts: digits, filters, padding, pooling.

The numbers in the answers are computed here, or come from finished runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lesson import outcome
from lesson.classbook.parts import Code, Facts, Part, Question, Text
from lesson.convolution import coverage, output_size
from lesson.formulas import times
from lesson.layers import shape_text
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD
from lesson.takeaway import MEASURE
from lesson.worth import VARIANTS


def digits() -> Iterator[Part]:
    yield Text(
        "## Digits as numbers\n\nMNIST holds grey pictures of handwritten digits. A pixel is a "
        "number from 0, paper, to 255, full ink. Here is one, a sign for each pixel."
    )
    yield Code("""\
for row in x_train[0]:
    print("".join(" .:-=+*#%@"[value // 26] for value in row))
print("label:", y_train[0], " pictures:", x_train.shape)
print("values from", x_train.min(), "to", x_train.max())""")
    yield Text(
        "Before a network can learn from them, the pictures get a channel axis (a coloured picture "
        "would have three channels), and values near 0 to 1."
    )
    yield Code("""\
# Reshape the pictures to 28×28×1. A size of -1 is worked out from the others.
x_train = «x_train.reshape(-1, 28, 28, 1)»
x_test = «x_test.reshape(-1, 28, 28, 1)»

# Turn the bytes into "float32": a byte holds no fractions.
x_train = «x_train.astype("float32")»
x_test = «x_test.astype("float32")»

# Scale 0..255 to 0..1.
x_train = «x_train / 255»
x_test = «x_test / 255»

print(x_train.shape, x_train.dtype, x_train.min(), x_train.max())""")
    yield Question(
        "Scaling changes nothing that one can see in a picture. Why do it?",
        "A unit adds up hundreds of products of a weight and a pixel. With pixels of up to 255 the "
        "sums begin some 255 times as large, while first weights and learning rates are usually "
        "chosen for inputs near 0 to 1. It also puts pictures from different sources on one scale.",
    )
    yield Question(
        "What has to be changed about `y_train`, and why?",
        "A label is a name, not a quantity. If the network had to come close to a number, a 4 "
        "would be nearly right for a 5, and a 1 quite wrong; but both are wrong. One-hot, a label "
        "is a row of ten numbers, 1 at its class and 0 elsewhere, and no two classes are closer "
        "than others. It is the loss that decides how labels are taken: categorical cross-entropy "
        "takes one-hot rows as names, and sparse categorical cross-entropy the plain 0 to 9.",
    )
    yield Code("""\
# Turn the labels into one-hot rows of 10, with keras.utils.
y_train = «keras.utils.to_categorical(y_train, 10)»
y_test = «keras.utils.to_categorical(y_test, 10)»

x_train, y_train = x_train[:DIGITS], y_train[:DIGITS]
print(y_train[0])""")
    yield Text(
        "What will be measured of each network: its parameters, loss and accuracy on the 10,000 "
        f"test digits, and its accuracy when each of them stands {outcome.MOVED} pixels further to "
        "the right."
    )
    yield Code(MEASURE)


def convolution() -> Iterator[Part]:
    first, second = CNN_1.ledger[0], CNN_2.ledger[2]
    cells = int(np.prod(first.output_shape))
    yield Text(
        "## Convolution\n\nA filter is a small block of weights. It lies on a part of the picture, "
        "each weight is multiplied by the pixel below it, and the sum is one number of the output. "
        "Then it moves on. Here is one with −1 on its left side and 1 on its right."
    )
    yield Code("""\
edges = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], dtype="float32")
picture = x_test[0, :, :, 0]

# How many places are there for 3 pixels, down and across, in a picture of 28 pixels?
places = «28 - 3 + 1»
answers = np.zeros((places, places))
for row in range(places):
    for column in range(places):
        window = picture[row : row + 3, column : column + 3]
        # Multiply the window by the filter and add everything up.
        answers[row, column] = «(window * edges).sum()»

for row in answers:
    print("".join("+" if value > 1 else "-" if value < -1 else " " for value in row))""")
    yield Question(
        "What does this filter find? Why does it give 0 inside a broad stroke?",
        "Vertical edges: + where it gets brighter from left to right, - where it gets darker. Its "
        "weights add up to 0, so on an even area the products cancel. Turned by a quarter, it "
        "would find horizontal edges.",
    )
    yield Text(
        "`Conv2D` does the same with many filters at once, and training finds their weights. We "
        "choose the hyperparameters: `filters`, how many; `kernel_size`, how large; `strides`, how "
        "far a filter moves at a time; `padding`, what happens at the border."
    )
    yield Code("""\
# A convolutional layer of 16 filters, 3×3 pixels each.
layer = «layers.Conv2D(16, kernel_size=3)»
print("output:", layer(x_test[:1]).shape, " parameters:", layer.count_params())

# The same with strides of 2: what will the output be? Say it first.
layer = «layers.Conv2D(16, kernel_size=3, strides=2)»
print("output:", layer(x_test[:1]).shape, " parameters:", layer.count_params())""")
    yield Question(
        "Where do the shape and the number of parameters come from?",
        f"With strides of 1 a window of 3 has 28 − 3 + 1 = {output_size(28, 3)} places each way, "
        f"with strides of 2 (28 − 3) / 2, rounded down, + 1 = {output_size(28, 3, 2)}. Each filter "
        f"gives one map. The parameters are {first.arithmetic}, wherever the filter goes: a weight "
        f"for each of its cells and channels, and one bias a filter. A Dense layer from 784 "
        f"pixels to as many values as {shape_text(first.output_shape)} would have "
        f"{784 * cells + cells:,}.",
    )
    yield Question(
        "A second layer, `Conv2D(32, kernel_size=3)`, gets 16 maps. How many parameters has it?",
        f"A filter is as deep as what it looks at: {second.arithmetic}.",
    )


def padding(facts: Facts) -> Iterator[Part]:
    counts = coverage(5, 5, 3)
    same = VARIANTS["padding same"].network
    more = same.parameters - CNN_1.parameters
    yield Text("### Padding\n\nHow often is each pixel of a 5×5 picture part of a 3×3 window?")
    yield Code("""\
counts = np.zeros((5, 5), dtype=int)
for row in range(3):
    for column in range(3):
        # Add 1 to each pixel under the window that begins at this row and column.
        «counts[row : row + 3, column : column + 3] += 1»
print(counts)""")
    yield Question(
        "How often does a corner count, and how often the pixel in the middle?",
        f"A corner {times(counts[0, 0])}, the middle {times(counts[2, 2])}. So what is at the "
        "border has less say. Padding puts zeros around the picture and evens that out.",
    )
    yield Code("""\
# A layer of 16 filters, 3×3, whose output is as large as its input.
layer = «layers.Conv2D(16, kernel_size=3, padding="same")»
print("output:", layer(x_test[:1]).shape, " parameters:", layer.count_params())""")
    yield Question(
        "Does padding add parameters? Is it a good idea for these digits?",
        f"Not to the convolution: its filters are what they were ({CNN_1.ledger[0].arithmetic}). "
        f"But the maps stay larger, and in the network below the Dense layer behind them would get "
        f"{more:,} weights more. {_edged(facts)}{facts.padding}".strip(),
    )


def _edged(facts: Facts) -> str:
    if not facts.edged:
        return ""
    return (
        f"There is little to win at the border: only {facts.edged:,} of the 10,000 test digits "
        "have ink on their outermost pixels. "
    )


def pooling(facts: Facts) -> Iterator[Part]:
    without = VARIANTS["no pooling"].network
    small = np.array([[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 6], [2, 2, 7, 8]])
    blocks = small.reshape(2, 2, 2, 2)
    largest, mean = blocks.max(axis=(1, 3)).tolist(), blocks.mean(axis=(1, 3)).tolist()
    yield Text(
        "### Pooling\n\nA pooling layer keeps one value of each window of a map: the largest, or "
        "the mean. Its windows usually lie side by side, since `strides` is `pool_size` unless one "
        "says otherwise. There are no weights in it."
    )
    yield Code(f"""\
small = np.array({small.tolist()}, dtype="float32")
# Max pooling and average pooling with windows of 2×2.
for layer in («layers.MaxPooling2D(pool_size=2)», «layers.AveragePooling2D(pool_size=2)»):
    pooled = layer(small.reshape(1, 4, 4, 1))
    print(layer.name, keras.ops.convert_to_numpy(pooled).reshape(2, 2).tolist())""")
    yield Question(
        "Pool the 4×4 numbers by hand, both ways, before you run the cell.",
        f"The largest: {largest}. The mean: {mean}.",
    )
    average = ""
    if facts.average:
        average = (
            " Max pooling is what is usually advised. In CNN 1 below, average pooling instead "
            f"gave this ({facts.average}); that is one small network on one set of digits."
        )
    yield Question(
        "Does the pooling layer save parameters? Is that where a CNN's savings come from?",
        f"It learns nothing itself, but the Dense layer behind it gets a quarter of the values. "
        f"CNN 1 below has {CNN_1.parameters:,} parameters with pooling and "
        f"{without.parameters:,} without. Still that is more than the feedforward network's "
        f"{FEEDFORWARD.parameters:,}, since sixteen maps are made of one picture. What the "
        "convolution saves is in its own layer: the same few weights at every place. Whether a "
        f"whole network is small depends on how much is pooled before the first Dense layer."
        f"{average}",
    )
