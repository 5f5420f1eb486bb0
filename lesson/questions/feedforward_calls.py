"""What one writes in Keras around the network: the notebook's other blanks."""

from __future__ import annotations

from itertools import permutations
from random import Random

from lesson.questions.kinds import Asked, Blank, Mistake, Settings
from lesson.questions.question import Read, changed

READS = {
    "feedforward_epochs": Read(5, range(1, 51)),
    "feedforward_batch_size": Read(256, tuple(2**power for power in range(4, 12))),
}


def call(settings: Settings, random: Random) -> Asked:
    """One of the lines around the network: its beginning, loss, training, test and summary."""
    kind = random.choice((_begin, _loss, _loss, _fit, _fit, _evaluate, _summary))
    return kind(settings, random)


def _begin(settings: Settings, random: Random) -> Asked:
    return Blank(
        prompt="Layers are going to be added one after the other. Which line comes first?",
        explanation="That is a network without layers yet. The lines at the end of the page say "
        "the same in one go: `keras.Sequential([...])`, with all layers between the brackets.",
        before="import keras\nfrom keras import layers",
        after="model.add(keras.Input((28, 28, 1)))\nmodel.add(layers.Flatten())",
        right=(
            "model = keras.Sequential()",
            "model = keras.models.Sequential()",
            "model = keras.Sequential([])",
        ),
        mistakes=(
            Mistake(
                "model = keras.Sequential",
                "Without brackets that is the class: nothing has been made of it yet.",
            ),
            Mistake("keras.Sequential()", "It needs a name: the next lines call it `model`."),
            Mistake(
                "model = keras.Model()",
                "That kind wants to be told its inputs and outputs. `add` belongs to Sequential.",
            ),
            Mistake("model = []", "A list has no `add`, and cannot be trained."),
            Mistake("model = layers.Dense(128)", "That is a layer. It is going to be added."),
        ),
        otherwise="It has to make an empty network, to which layers are added in sequence.",
    )


def _loss(settings: Settings, random: Random) -> Asked:
    kinds = [
        ("categorical_crossentropy", "CategoricalCrossentropy", "one-hot rows"),
        ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", "numbers from 0 to 9"),
    ]
    random.shuffle(kinds)
    (right, known_as, labels), (other, other_class, other_labels) = kinds
    unlike = f"That takes {other_labels}, but here the labels are {labels}."
    return Blank(
        prompt=f"The network ends in softmax, and the labels are {labels}. Write the loss.",
        explanation=f"It takes {labels}; `{other}` takes {other_labels}. Both take a label as a "
        "name and give the same losses.",
        before="model.compile(\n    optimizer='adam',",
        after="    metrics=['accuracy'],\n)",
        right=(f"loss='{right}'", f"loss=keras.losses.{known_as}()"),
        mistakes=(
            Mistake(f"loss='{other}'", unlike),
            Mistake(f"loss=keras.losses.{other_class}()", unlike),
            Mistake(f"loss={right}", "In quotes: Keras knows it by its name."),
            *(
                Mistake(f"loss='{name}'", "That takes the numbers as quantities to come close to.")
                for name in ("mse", "mean_squared_error")
            ),
            Mistake(
                "loss='binary_crossentropy'",
                "That is for answers of yes or no. Of ten digits only one can be right.",
            ),
            Mistake(
                "loss='accuracy'",
                "Accuracy jumps, so it does not say in which direction to step. It is only "
                "looked at.",
            ),
        ),
        otherwise="It has to be the cross-entropy for ten classes, and for this kind of labels.",
    )


def _fit(settings: Settings, random: Random) -> Asked:
    chosen = changed(settings, READS, random, lambda one: one["feedforward_epochs"] > 1)
    size, epochs = chosen["feedforward_batch_size"], chosen["feedforward_epochs"]
    said = [f"batch_size={size}", f"epochs={epochs}"]
    orders = [*permutations(said), (*said, "verbose=0"), (*said, "verbose=1")]
    right = [f"model.fit(x_train, y_train, {', '.join(each)})" for each in orders]
    right += [f"model.fit(x_train, y_train, {size}, {epochs})"]
    right += [f"history = {each}" for each in right]
    if size == 32:  # Keras's own
        right.append(f"model.fit(x_train, y_train, epochs={epochs})")
    return Blank(
        prompt=f"Write the line that trains it: {size:,} digits a step, and all training digits "
        f"{epochs} times.",
        explanation="The pictures, their labels, how many digits a step, how often all of them.",
        settings=chosen,
        look="The lines at the end of the page, *The same in Keras*.",
        before="model.compile(loss='categorical_crossentropy', optimizer='adam')",
        right=tuple(right),
        mistakes=(
            Mistake(
                f"model.fit(x_train, y_train, batch_size={epochs}, epochs={size})",
                f"Turned round: that is {size:,} epochs with {epochs} digits a step.",
            ),
            Mistake(
                f"model.fit(x_test, y_test, batch_size={size}, epochs={epochs})",
                "Those are the test digits. What it learned from says nothing about new digits.",
            ),
            Mistake(
                f"model.fit(y_train, x_train, batch_size={size}, epochs={epochs})",
                "The pictures come first, then their labels.",
            ),
            Mistake(
                f"model.fit(x_train, batch_size={size}, epochs={epochs})",
                "Without labels nobody says which digit it is.",
            ),
            Mistake(
                f"model.fit(x_train, y_train, epochs={epochs})",
                "Without a word about it, Keras takes 32 digits a step.",
            ),
            Mistake(
                "model.fit(x_train, y_train)",
                "Without a word about it, Keras takes 32 digits a step, for one epoch.",
            ),
            Mistake(
                f"model.fit(x_train, y_train, batch_size={size})",
                "Without a word about it, Keras trains for one epoch.",
            ),
        ),
        otherwise="It needs the pictures, the labels, batch_size and epochs.",
    )


def _evaluate(settings: Settings, random: Random) -> Asked:
    quiet = ("", ", verbose=0", ", verbose=1", ", verbose=2")
    right = [f"model.evaluate(x_test, y_test{how})" for how in quiet]
    return Blank(
        prompt="Training is over. Write the line that says how well it reads digits that it has "
        "never seen.",
        explanation="It gives the loss and the accuracy on the 10,000 test digits, and changes no "
        "weight.",
        before="model.fit(x_train, y_train, batch_size=256, epochs=5)",
        right=(*right, *(f"score = {each}" for each in right)),
        mistakes=(
            Mistake(
                "model.evaluate(x_train, y_train)",
                "It has learned from these: it may know them by heart.",
            ),
            Mistake(
                "model.predict(x_test)",
                "That gives ten probabilities for each digit. Whether they are right, it cannot "
                "say without the labels.",
            ),
            Mistake(
                "model.fit(x_test, y_test)",
                "That learns from the test digits: then no digits are left that it has not seen.",
            ),
            Mistake("model.evaluate(x_test)", "Without labels nobody knows what is right."),
        ),
        otherwise="It has to be asked about the test digits, beside their labels.",
    )


def _summary(settings: Settings, random: Random) -> Asked:
    return Blank(
        prompt="Write the line that lists every layer with its output shape and its parameters.",
        explanation="It prints the table of layers. This page has the same under *How many numbers "
        "does it learn?*, with the arithmetic.",
        before="model = keras.Sequential([...])",
        right=("model.summary()", "print(model.summary())"),
        mistakes=(
            Mistake("model.summary", "Without brackets nothing is called."),
            Mistake("print(model)", "That says only that it is a Sequential, and its name."),
            Mistake("model.count_params()", "That is the sum alone."),
            Mistake("model.layers", "Those are the layers themselves, without a table."),
        ),
        otherwise="It is a method of the model, without anything between the brackets.",
    )
