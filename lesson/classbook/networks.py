"""The lesson's notebook for a class, the other parts: its beginning, its networks, its end.

The numbers in the answers are computed here, or come from finished runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from lesson import outcome, tables
from lesson.classbook.parts import Code, Facts, Part, Question, Text
from lesson.export import DATA, IMPORTS
from lesson.layers import Dense, shape_text
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, IMAGE_SHAPE, NOTEBOOK_RUNS
from lesson.specs import feedforward as dense_network
from lesson.takeaway import COMPARE

SEED = NOTEBOOK_RUNS["Feedforward"].seed
_COMPILE = """\
# Compile it: categorical cross-entropy as the loss, adam as the optimizer, accuracy as the metric.
«{name}.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])»"""
_FIT = """\
# Fit it to the training digits, with a batch_size of {batch_size} and EPOCHS epochs.
history = «{name}.fit(x_train, y_train, batch_size={batch_size}, epochs=EPOCHS, verbose=2)»"""
_EVALUATE = """\
# Loss and accuracy on the test digits.
loss, accuracy = «{name}.evaluate(x_test, y_test, verbose=0)»
print(f"test loss {{loss:.4f}}, accuracy {{accuracy:.4f}}")
results["{called}"] = measure({name}, x_test, y_test)"""


def _training(called: str, name: str) -> Iterator[Part]:
    """Compile, fit and evaluate a network that was put together."""
    batch_size = NOTEBOOK_RUNS[called].batch_size
    yield Code(_COMPILE.format(name=name))
    yield Code(_FIT.format(name=name, batch_size=batch_size))
    yield Code(_EVALUATE.format(name=name, called=called))


def start() -> Iterator[Part]:
    goals = "\n".join(f"- {objective.goal}" for objective in outcome.OBJECTIVES)
    yield Text(
        "# Convolutional neural networks\n\nAfter this notebook you can:\n\n"
        f"{goals}\n\nRun the cells from top to bottom. Where `...` stands there is something for "
        "you to write: the comment above says what. Below each question there is room for your "
        "answer. It needs `pip install keras tensorflow`; on two cores of a laptop, training "
        "everything takes a few minutes."
    )
    yield Code(
        "EPOCHS = 5  # how often a network sees each training digit\n"
        "DIGITS = 60_000  # how many it trains on; fewer are faster and teach less\n"
        f"SEED = {SEED}  # another seed gives other first weights, and somewhat other results"
    )
    yield Code(IMPORTS)
    yield Code(DATA)


def feedforward() -> Iterator[Part]:
    lone = Dense(1)
    yield Text(
        "## A feedforward network\n\nFirst a network that does not know which pixels are "
        "neighbours. Let us begin with one Dense unit on the picture as it is."
    )
    yield Code("""\
first_try = keras.Sequential([keras.Input((28, 28, 1)), layers.Dense(1)])
print("output:", first_try.output_shape, " parameters:", first_try.count_params())""")
    yield Question(
        "One unit that sees a whole picture should give one number. What does this one do?",
        "Dense works along the last axis, and that one holds the single channel. So each pixel by "
        f"itself is multiplied by the same weight: the output has the shape "
        f"{shape_text(lone.output_shape(IMAGE_SHAPE))}, the parameters are "
        f"{lone.arithmetic(IMAGE_SHAPE)}. Flatten lays the pixels in one row first; then one unit "
        f"has {lone.arithmetic((784,))} parameters and gives one number.",
    )
    yield Code("""\
keras.utils.clear_session()
keras.utils.set_random_seed(SEED)

# What do we write first? An empty stack of layers.
model = «keras.Sequential()»
model.add(keras.Input((28, 28, 1)))

# Lay all pixels in one row.
«model.add(layers.Flatten())»

# A Dense layer of 128 units with the activation "relu".
«model.add(layers.Dense(128, activation="relu"))»

# A Dense layer of 32 units with ReLU.
«model.add(layers.Dense(32, activation="relu"))»

# The end: a unit for each class, with "softmax", which gives probabilities.
«model.add(layers.Dense(10, activation="softmax"))»""")
    yield Question(
        "How many parameters does this network learn? Work it out before you run the next cell.",
        f"{tables.ledger(FEEDFORWARD)}\n\nEach unit has a weight for every value that comes in, "
        f"and a bias. It matters that the first layer has 128 units: with 64 there would be "
        f"{dense_network((64, 32)).parameters:,}.",
    )
    yield Code("# Show the summary of the model.\n«model.summary()»")
    yield from _training("Feedforward", "model")
    yield Question(
        "What would you try if the network underfits?",
        "See first whether it does: then it is often wrong on its training digits too. More units "
        "or layers can express more. More epochs help while the loss still falls. A smaller batch "
        "size gives more steps in an epoch: that is more training, not a more able network. A "
        "learning rate far too small or too large looks much the same. Change one thing at a time.",
    )
    yield Question(
        "What may come of having too many parameters?",
        "The network can learn its training digits by heart and do worse on others. Each step "
        "takes longer. More data are needed, or something that holds it back, such as dropout.",
    )


def first_cnn() -> Iterator[Part]:
    pool, dense = CNN_1.ledger[1], CNN_1.ledger[3]
    yield Text(
        "## A first convolutional network\n\nConvolution and pooling find patterns; Dense layers "
        "decide what they mean."
    )
    yield Code("""\
keras.utils.clear_session()
keras.utils.set_random_seed(SEED)

# Begin a CNN.
cnn_1 = «keras.Sequential()»
cnn_1.add(keras.Input((28, 28, 1)))

# 16 filters of 3×3 with ReLU.
«cnn_1.add(layers.Conv2D(16, kernel_size=3, activation="relu"))»

# Max pooling with windows of 2×2.
«cnn_1.add(layers.MaxPooling2D(pool_size=2))»

# From maps to one row of values.
«cnn_1.add(layers.Flatten())»

# A Dense layer of 128 units with ReLU.
«cnn_1.add(layers.Dense(128, activation="relu"))»

# The ten classes.
«cnn_1.add(layers.Dense(10, activation="softmax"))»""")
    yield Code("# Show the summary.\n«cnn_1.summary()»")
    yield from _training("CNN 1", "cnn_1")
    yield Question(
        "What does each of the three kinds of layers do in a CNN?",
        "The convolutional layer looks for small patterns everywhere in the picture. The pooling "
        "layer makes the maps smaller, so that it matters less where exactly a pattern was found. "
        "The Dense layers weigh all that was found, and the last one decides.",
    )
    yield Question(
        "Why is Flatten needed, and what would Dense do without it?",
        f"Behind pooling the shape is {shape_text(pool.output_shape)}. Dense would work on the "
        f"{pool.output_shape[-1]} values of each place by itself and answer "
        f"{pool.output_shape[0]}×{pool.output_shape[1]} times. Flatten gives one row of "
        f"{dense.input_shape[0]:,}, and so one answer for the picture.",
    )
    yield Question(
        "Has this CNN more or fewer parameters than the feedforward network? Where are they?",
        f"More: {CNN_1.parameters:,} against {FEEDFORWARD.parameters:,}.\n\n{tables.ledger(CNN_1)}"
        "\n\nNearly all of them are in the first Dense layer.",
    )


def second_cnn() -> Iterator[Part]:
    first, _, second, pool, _, dense = CNN_2.ledger[:6]
    yield Text(
        "## A deeper one\n\nConvolve and pool twice before the first Dense layer, and use dropout "
        "against overfitting."
    )
    yield Code("""\
keras.utils.clear_session()
keras.utils.set_random_seed(SEED)
cnn_2 = keras.Sequential()
cnn_2.add(keras.Input((28, 28, 1)))

# 16 filters of 3×3 with ReLU, then max pooling of 2×2.
«cnn_2.add(layers.Conv2D(16, kernel_size=3, activation="relu"))»
«cnn_2.add(layers.MaxPooling2D(pool_size=2))»

# 32 filters of 3×3 with ReLU, then max pooling of 2×2.
«cnn_2.add(layers.Conv2D(32, kernel_size=3, activation="relu"))»
«cnn_2.add(layers.MaxPooling2D(pool_size=2))»

# From the box of maps to one row.
«cnn_2.add(layers.Flatten())»

# 64 units with ReLU, then drop half of their values while training.
«cnn_2.add(layers.Dense(64, activation="relu"))»
«cnn_2.add(layers.Dropout(0.5))»

# 16 units with ReLU, then drop half again.
«cnn_2.add(layers.Dense(16, activation="relu"))»
«cnn_2.add(layers.Dropout(0.5))»

# The ten classes.
«cnn_2.add(layers.Dense(10, activation="softmax"))»""")
    yield Code("# Show the summary.\n«cnn_2.summary()»")
    yield from _training("CNN 2", "cnn_2")
    yield Question(
        "CNN 2 has more layers than CNN 1, and yet fewer parameters. Why?",
        f"{tables.ledger(CNN_2)}\n\nThe second convolution and pooling cost "
        f"{second.parameters:,} parameters, {second.parameters // first.parameters} times as many "
        f"as the first, whose filters are one channel deep. But only "
        f"{shape_text(pool.output_shape)} values reach the first Dense layer, so it has "
        f"{dense.arithmetic}: {CNN_2.parameters:,} in all, against {CNN_1.parameters:,}.",
    )
    yield Question(
        "The accuracy while training may be lower than on the test digits. How can that be?",
        "Dropout sets half of the values to 0 while training only; the trained network answers "
        "with all of them. And what is told of an epoch is a mean over it, while the network still "
        "learned.",
    )


def comparison(facts: Facts) -> Iterator[Part]:
    yield Text("## Comparison")
    yield Code(COMPARE)
    yield Question(
        "Which network reads the digits best, at what price? What happens when the digits move?",
        _measured(facts),
    )
    yield Question(
        "Why do convolutional networks suit pictures better than Dense layers alone?",
        "They look at pixels that lie close together, where strokes and edges are, and everywhere "
        "with the same weights, so that what was learned in one place is found in any other. The "
        "convolutional layers themselves need few parameters for that; the whole network is small "
        "only if enough is pooled before the first Dense layer.",
    )
    yield Question(
        "Where else could one use them?",
        "Wherever things have neighbours and a pattern may turn up anywhere: **series**, with a "
        "filter over neighbouring times; **text**, over neighbouring words; **films**, over "
        "pictures and time; **sound**, over pitch and time. A test: put the values in another "
        "order. If nothing is lost, as with the columns of a table, a filter has nothing to find.",
    )


def _measured(facts: Facts) -> str:
    """What the lesson's own runs came to, with the settings that stand at the top."""
    rows = [
        (
            name,
            f"{each.spec.network.parameters:,}",
            f"{each.test_loss:.4f}",
            f"{each.test_accuracy:.4f}",
        )
        for name, each in facts.summaries.items()
    ]
    if not rows:
        return "See the table above."
    table = tables.table(("network", "parameters", "loss", "accuracy"), rows)
    return (
        f"Trained with 5 epochs on 60,000 digits from the seed {SEED}, the lesson's networks came "
        f"to:\n\n{table}\n\n{facts.reading}"
    )
