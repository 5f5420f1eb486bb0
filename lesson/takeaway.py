"""A whole experiment to take away: data, networks, training, comparison, the reader's answers.

One list of cells makes the script and the notebook. Both train with plain Keras and come to the
numbers that the pages show for the same runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lesson import cells, tables
from lesson.cells import Cell, code, markdown
from lesson.export import (
    DATA,
    IMPORTS,
    compile_code,
    first_digits,
    fit_arguments,
    network_code,
    order_code,
)
from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from lesson.outcome import MOVED
from lesson.specs import RunSpec
from lesson.words import listed

Answers = Sequence["Answered"]

MEASURE = f"""\
def measure(model, images, labels):
    \"\"\"Parameters, loss and accuracy, and the accuracy with every digit moved to the right.\"\"\"
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    moved = np.zeros_like(images)
    moved[:, :, {MOVED}:] = images[:, :, :-{MOVED}]  # what leaves the picture is lost
    _, accuracy_moved = model.evaluate(moved, labels, verbose=0)
    return model.count_params(), loss, accuracy, accuracy_moved


results = {{}}"""
COMPARE = f"""\
width = max(len(name) for name in results)
print(f"{{'network':{{width}}}}  parameters    loss  accuracy  moved by {MOVED}")
for name, (parameters, loss, accuracy, moved) in results.items():
    numbers = f"{{parameters:10,}}  {{loss:6.4f}}    {{accuracy:.4f}}      {{moved:.4f}}"
    print(f"{{name:{{width}}}}  {{numbers}}")"""


@dataclass(frozen=True)
class Answered:
    """A question of the lesson that the reader has answered, all texts in Markdown.

    Attributes:
        question: what was asked, its title in bold.
        answer: what the reader said.
        right: whether that is so.
        explanation: what there is to say about it.
    """

    question: str
    answer: str
    right: bool
    explanation: str


def script(runs: Mapping[str, RunSpec], answers: Answers = ()) -> str:
    """The experiment as a Python script, see :func:`experiment`."""
    return cells.script(experiment(runs, answers))


def notebook(runs: Mapping[str, RunSpec], answers: Answers = ()) -> bytes:
    """The experiment as a Jupyter notebook, see :func:`experiment`."""
    return cells.notebook(experiment(runs, answers))


def experiment(runs: Mapping[str, RunSpec], answers: Answers = ()) -> list[Cell]:
    """Everything from the data to the comparison.

    Args:
        runs: by what they are called; without any, only the answers are left.
        answers: the reader's.

    Raises:
        SpecError: the layers of a network do not fit each other.
    """
    runs = {_plain(name): spec for name, spec in runs.items()}
    return [*(_trained(runs) if runs else ()), *_answered(answers)]


def _plain(name: str) -> str:
    """A name in one line, of what can be seen.

    >>> _plain("CNN 1\\n·\\x00 seed 7")
    'CNN 1 · seed 7'
    """
    return " ".join("".join(c for c in word if c.isprintable()) for word in name.split())


def _trained(runs: Mapping[str, RunSpec]) -> Iterator[Cell]:
    specs = list(runs.values())
    these = "this network" if len(runs) == 1 else "these networks"
    yield markdown(
        f"# {listed(list(runs))}\n\nFrom the CNN classroom: {these} trained and measured with "
        "Keras alone. It needs `pip install keras tensorflow`, and on two cores of a laptop some "
        "minutes. The same seeds give the numbers of the lesson; on another kind of processor, or "
        "with other versions of Keras and TensorFlow, the last digits may differ."
    )
    yield code(IMPORTS)
    yield markdown(
        "## The digits\n\nMNIST: 60,000 handwritten digits to train on and 10,000 to test with, "
        "grey pictures of 28×28 pixels, each with a label of 0 to 9."
    )
    yield code(DATA)
    yield markdown(_preparation_words({spec.scaled for spec in specs}))
    yield code(_preparation({spec.scaled for spec in specs}))
    yield markdown(
        "## What is measured\n\nThe test digits were never trained on. The loss says how far the "
        "probabilities of the right answers are from 1; the accuracy is the share of digits that "
        f"are answered right. The third number asks the same with each digit {MOVED} pixels "
        "further to the right: nobody trained on that, so it shows whether a network depends on "
        "where exactly a digit stands."
    )
    yield code(MEASURE)
    told: set[str] = set()
    both = len({spec.scaled for spec in specs}) > 1
    for name, spec in runs.items():
        yield from _run(name, spec, both, told)
    yield markdown(_comparison_words(runs))
    yield code(COMPARE)


def _preparation_words(scaled: set[bool]) -> str:
    words = (
        "## Preparation\n\nKeras's layers for pictures want a channel axis, here one of length 1. "
        "A label becomes a row of ten numbers, 1 at its class and 0 elsewhere: it is a name, and "
        "no name is closer to another."
    )
    if True in scaled:
        words += (
            " Divided by 255 the pixels lie between 0 and 1, the size of input for which first "
            "weights and learning rates are usually chosen."
        )
    if False in scaled:
        words += " Pixels of 0 to 255 are kept too." if True in scaled else " Pixels stay 0 to 255."
    return words


def _preparation(scaled: set[bool]) -> str:
    lines = [
        f'{name}_{part} = x_{part}.reshape(-1, 28, 28, 1).astype("float32"){division}'
        # The scaled ones last, since they take the name of what was loaded.
        for value, name, division in ((False, "raw", ""), (True, "x", " / 255"))
        if value in scaled
        for part in ("train", "test")
    ]
    lines += [f"y_{part} = keras.utils.to_categorical(y_{part}, 10)" for part in ("train", "test")]
    return "\n".join(lines)


def _run(name: str, spec: RunSpec, both: bool, told: set[str]) -> Iterator[Cell]:
    """One network: what it is, its layers, its training, its measurement.

    Args:
        name: what the run is called.
        spec: its settings.
        both: whether other runs have pixels of the other kind.
        told: the explanations that were given before; those that are given here come to it.
    """
    pixels = "x" if spec.scaled else "raw"
    new = [words for fits, words in EXPLANATIONS if fits(spec) and words not in told]
    told.update(new)
    explained = "\n".join(f"- {words}" for words in new)
    yield markdown(
        f"## {name}\n\n{settings(spec)}\n\n{tables.ledger(spec.network)}"
        + (f"\n\n{explained}" if explained else "")
    )
    yield code(
        f"keras.utils.clear_session()\nkeras.utils.set_random_seed({spec.seed})\n"
        f"{network_code(spec.network)}\n"
        'print(f"{model.count_params():,} parameters")'
    )
    digits = first_digits(spec)
    lines = [f"x, y = {pixels}_train{digits}, y_train{digits}"]
    if spec.shuffled_labels:
        lines += [order_code(spec), "y = y[order]  # each digit now has the label of another one"]
    lines += [compile_code(spec), f"history = model.fit(x, y, {fit_arguments(spec)}, verbose=2)"]
    yield code("\n".join(lines))
    key = json.dumps(name, ensure_ascii=False)
    yield code(
        f"results[{key}] = measure(model, {pixels}_test, y_test)\n"
        f"_, loss, accuracy, moved = results[{key}]\n"
        f'print(f"test loss {{loss:.4f}}, accuracy {{accuracy:.4f}}, '
        f'moved by {MOVED} pixels {{moved:.4f}}")'
    )


def settings(spec: RunSpec) -> str:
    """How a run is trained, in a sentence.

    >>> from lesson.specs import NOTEBOOK_RUNS
    >>> settings(NOTEBOOK_RUNS["CNN 1"])
    'Trained on 60,000 digits in 5 epochs of 235 batches of 256, by adam with a learning rate of \
0.001, from the seed 42.'
    """
    held_back = (
        f" ({spec.validation_split:.0%} of {spec.training_digits:,} are held back for validation)"
        if spec.validation_split
        else ""
    )
    labels = " with shuffled labels" if spec.shuffled_labels else ""
    epochs = "1 epoch" if spec.epochs == 1 else f"{spec.epochs} epochs"
    batches = "1 batch" if spec.batches == 1 else f"{spec.batches:,} batches"
    return (
        f"Trained on {spec.fitted_digits:,} digits{held_back}{labels} in {epochs} of {batches} of "
        f"{spec.batch_size}, by {spec.optimizer} with a learning rate of {spec.learning_rate:g}, "
        f"from the seed {spec.seed}."
    )


def _has(*kinds: type) -> Callable[[RunSpec], bool]:
    return lambda spec: any(isinstance(layer, kinds) for layer in spec.network.layers)


def _padded(spec: RunSpec) -> bool:
    return any(getattr(layer, "padding", "") == "same" for layer in spec.network.layers)


# What is said of the first run that a sentence fits.
EXPLANATIONS: tuple[tuple[Callable[[RunSpec], bool], str], ...] = (
    (
        _has(Conv2D),
        "**Conv2D** slides small blocks of weights, the filters, over the picture. A filter has "
        "the same weights at every place and one bias, so it has few parameters and finds its "
        "pattern wherever it stands. Each filter gives a map of its own.",
    ),
    (
        _padded,
        "**padding='same'** puts zeros around the picture, so that it keeps its size. It adds no "
        "parameters to the convolution; a Dense layer behind the larger maps has more.",
    ),
    (
        _has(MaxPooling2D, AveragePooling2D),
        "**Pooling** keeps one value of each window of a map: its largest, or its mean. It learns "
        "nothing, but what it makes smaller needs fewer weights in the first Dense layer.",
    ),
    (
        _has(Flatten),
        "**Flatten** lays all values in one row, since Dense works along the last axis only.",
    ),
    (
        _has(Dense),
        "**Dense** joins each unit to every value before it: inputs × units weights, and a bias "
        "for each unit. It does not know which pixels are neighbours.",
    ),
    (
        _has(Dropout),
        "**Dropout** sets a random share of the values to 0 in each training step, against "
        "overfitting. When the trained network answers, it passes everything on.",
    ),
    (
        lambda spec: spec.validation_split > 0,
        "**Validation**: the last digits are held back. The weights are not fitted to them, so "
        "their loss tells when the network begins to learn the others by heart.",
    ),
    (
        lambda spec: spec.shuffled_labels,
        "**Shuffled labels**: what a digit shows and what it is called no longer belong together. "
        "All that can be learned is learned by heart, and of no use on the test digits.",
    ),
)


def _comparison_words(runs: Mapping[str, RunSpec]) -> str:
    if len(runs) == 1:
        return (
            "## In one line\n\nAnother seed alone gives somewhat other numbers: change it above "
            "and run again before you call a small difference an improvement."
        )
    sizes = {name: spec.network.parameters for name, spec in runs.items()}
    largest, smallest = max(sizes, key=sizes.__getitem__), min(sizes, key=sizes.__getitem__)
    words = "## Comparison\n\n"
    if sizes[largest] > sizes[smallest]:
        words += (
            f"{largest} has the most parameters, {sizes[largest]:,}, and {smallest} the fewest, "
            f"{sizes[smallest]:,}. See whether accuracy follows size. "
        )
    return words + (
        "Compare how much each loses when the digits move. Differences of a few tenths of a "
        "percentage point may be chance: train with other seeds to see how far they go."
    )


def _answered(answers: Answers) -> Iterator[Cell]:
    if not answers:
        return
    right = sum(each.right for each in answers)
    yield markdown(f"# Your answers\n\n{right} of {len(answers)} right.")
    for each in answers:
        verdict = "Right." if each.right else "Not so."
        yield markdown(
            f"{each.question}\n\nYou said: {each.answer}\n\n{verdict} {each.explanation}"
        )
