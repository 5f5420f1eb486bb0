"""The lesson's words: what each means, and marks that show it where the word first stands.

A mark changes nothing of a text but adds to it: the word becomes an element that one can point at,
reach with the Tab key, or touch, and its meaning appears beside it, by CSS alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import NamedTuple
from zlib import crc32

A_PAGE, AT_ONCE = 8, 4  # marks that leave a page, and one piece of its text, calm to read


@dataclass(frozen=True)
class Term:
    """A word of the lesson.

    Attributes:
        name: as it stands in the list.
        says: its meaning in one or two sentences, plain text without Markdown.
        page: the address of the page on which it is met.
        forms: how it stands in sentences, in small letters where a sentence may begin with it;
            none for words that mean something else in everyday language.
        keras: what Keras calls it, where that is another word.
    """

    name: str
    says: str
    page: str
    forms: tuple[str, ...] = ()
    keras: str = ""

    @property
    def slug(self) -> str:
        """The name as it may stand in an address.

        >>> BY_NAME["Adam"].slug, BY_NAME["batch size"].slug
        ('adam', 'batch-size')
        """
        return re.sub(r"\W+", "-", self.name.lower()).strip("-")


TERMS = (
    Term(
        "accuracy",
        "The share of digits that a network reads right: 0.97 means 97 of 100.",
        "data-preparation",
        ("accuracy",),
    ),
    Term(
        "activation",
        "What a unit or a layer hands on: first the weighted sum is taken, then a function such "
        "as ReLU is applied to it. Both the function and its result go by this name.",
        "feedforward",
        ("activation", "activations"),
    ),
    Term(
        "Adam",
        "An optimizer that gives each weight a step length of its own, from how that weight's "
        "slopes were lately.",
        "feedforward",
        ("Adam",),
        "optimizer='adam'",
    ),
    Term(
        "average pooling",
        "Pooling that keeps the mean of each window.",
        "pooling",
        ("average pooling",),
        "AveragePooling2D",
    ),
    Term(
        "batch",
        "The digits that a network is shown before its weights are changed once.",
        "feedforward",
        ("batch", "batches"),
    ),
    Term(
        "batch size",
        "How many digits there are in a batch. Smaller batches mean more steps in an epoch.",
        "feedforward",
        ("batch size", "batch sizes"),
        "batch_size",
    ),
    Term(
        "bias",
        "A number that a unit or filter adds to its weighted sum. Like a weight, it is learned.",
        "feedforward",
        ("bias", "biases"),
        "use_bias",
    ),
    Term(
        "calibration",
        "Whether a network is as often right as it is sure: of the answers with 80% sureness, "
        "about 80 of 100 should be right.",
        "comparison",
        ("calibration", "calibration error"),
    ),
    Term(
        "causal",
        "Padding of a series in front only, so that no answer knows what comes later.",
        "beyond-images",
        keras="padding='causal'",
    ),
    Term(
        "channel",
        "One of the sheets of numbers that a picture is made of. A grey picture has one, a "
        "coloured one has three, and behind a convolution there are as many as filters.",
        "data-preparation",
        ("channel", "channels"),
    ),
    Term(
        "class",
        "One of the answers that a network can give. Here there are ten, the digits 0 to 9.",
        "data-preparation",
        ("classes",),
    ),
    Term(
        "confusion matrix",
        "A table that counts for each digit, one row each, how often it got which answer. What is "
        "right stands on the diagonal.",
        "comparison",
        ("confusion matrix",),
    ),
    Term(
        "convolution",
        "Sliding one small block of weights over a picture, and writing down a weighted sum at "
        "each place.",
        "convolution",
        ("convolution", "convolutions", "convolutional layer", "convolutional layers"),
        "Conv2D",
    ),
    Term(
        "convolutional network",
        "A network whose first layers slide filters over the picture, CNN for short.",
        "overview",
        ("convolutional network", "convolutional networks"),
    ),
    Term(
        "cross-correlation",
        "What mathematics calls a convolution whose weights are not turned by half a turn first. "
        "It is what Keras computes.",
        "convolution",
        ("cross-correlation",),
    ),
    Term(
        "cross-entropy",
        "The loss for classes: the less probability the network gave to the right digit, the "
        "higher. It is minus the logarithm of that probability.",
        "data-preparation",
        ("cross-entropy",),
        "categorical_crossentropy",
    ),
    Term(
        "Dense layer",
        "A layer in which every unit has a weight for every value that comes in.",
        "feedforward",
        ("Dense layer", "Dense layers", "Dense"),
        "Dense",
    ),
    Term(
        "dilation rate",
        "How far apart neighbouring pixels of a window are: 1 if they touch, 2 if one is left out.",
        "padding",
        ("dilation rate",),
        "dilation_rate",
    ),
    Term(
        "dropout",
        "While training, some units are silenced at random in each step, so that the others "
        "cannot rely on them. The trained network uses all of them.",
        "feedforward",
        ("dropout",),
        "Dropout",
    ),
    Term(
        "epoch",
        "One round of training in which each training digit is shown once.",
        "feedforward",
        ("epoch", "epochs"),
        "epochs",
    ),
    Term(
        "feature map",
        "What one filter makes of a picture: a picture of where its pattern was found.",
        "convolution",
        ("feature map", "feature maps"),
    ),
    Term(
        "feedforward network",
        "Here: a network of Dense layers only. Values go in one direction, from the pixels to the "
        "answer.",
        "feedforward",
        ("feedforward network",),
    ),
    Term(
        "filter",
        "A small block of weights with one bias that slides over all channels of its input and "
        "looks for one pattern everywhere.",
        "convolution",
        ("filter", "filters"),
        "filters",
    ),
    Term(
        "Flatten",
        "Lays all values of a picture or of feature maps in one row, for a Dense layer. It learns "
        "nothing.",
        "feedforward",
        ("Flatten",),
        "Flatten",
    ),
    Term(
        "hyperparameter",
        "A setting that people choose before training, such as the number of filters. "
        "Parameters, in contrast, are found by training.",
        "convolution",
        ("hyperparameter", "hyperparameters"),
    ),
    Term(
        "kernel",
        "The weights of a filter, often 3×3. With several channels there are so many for each.",
        "convolution",
        ("kernel", "kernels"),
        "kernel_size",
    ),
    Term(
        "label",
        "What a person said that a picture shows: here a digit from 0 to 9.",
        "data-preparation",
        ("label", "labels"),
    ),
    Term(
        "layer",
        "One step of a network: it takes numbers in, works out others, and hands them on.",
        "feedforward",
        ("layer", "layers"),
    ),
    Term(
        "learning rate",
        "How long the steps are by which training changes the weights. Too long, and it "
        "overshoots; too short, and it does not arrive.",
        "feedforward",
        ("learning rate",),
        "learning_rate",
    ),
    Term(
        "ledger",
        "The list of a network's layers with their shapes, and with how many parameters each has.",
        "feedforward",
        ("ledger", "ledgers"),
        "model.summary()",
    ),
    Term(
        "loss",
        "One number that says how wrong a network's answers are. Training makes it smaller.",
        "data-preparation",
        ("loss", "losses"),
    ),
    Term(
        "max pooling",
        "Pooling that keeps the largest value of each window.",
        "pooling",
        ("max pooling",),
        "MaxPooling2D",
    ),
    Term(
        "MNIST",
        "A set of 70,000 handwritten digits as grey pictures of 28×28 pixels, each with its label.",
        "data-preparation",
        ("MNIST",),
        "keras.datasets.mnist",
    ),
    Term(
        "one-hot",
        "A label as a row of ten numbers: 1 in the place of its digit, 0 in all others.",
        "data-preparation",
        ("one-hot",),
        "keras.utils.to_categorical",
    ),
    Term(
        "optimizer",
        "The rule by which training changes the weights after each batch, to make the loss "
        "smaller.",
        "feedforward",
        ("optimizer",),
        "optimizer",
    ),
    Term(
        "overfitting",
        "Learning the training digits by heart: these go well, new digits less and less.",
        "feedforward",
        ("overfitting", "overfitted"),
    ),
    Term(
        "padding",
        "Cells with 0 that are put around a picture, so that a window finds more places at its "
        "edge.",
        "padding",
        ("padding",),
        "padding",
    ),
    Term(
        "parameter",
        "A number that training sets: a weight or a bias.",
        "overview",
        ("parameter", "parameters"),
    ),
    Term(
        "pixel",
        "One cell of a picture, a number for how much ink is there.",
        "data-preparation",
        ("pixel", "pixels"),
    ),
    Term(
        "pooling",
        "Making a map smaller by keeping one value for each window, such as the largest.",
        "pooling",
        ("pooling",),
        "MaxPooling2D, AveragePooling2D",
    ),
    Term(
        "receptive field",
        "The part of the input picture that one value of a later layer depends on.",
        "inside-a-cnn",
        ("receptive field",),
    ),
    Term(
        "ReLU",
        "The activation that turns what is below 0 into 0 and leaves the rest as it is.",
        "feedforward",
        ("ReLU",),
        "activation='relu'",
    ),
    Term(
        "run",
        "One finished training with all of its settings, its weights and its results.",
        "comparison",
    ),
    Term(
        "same",
        "Padding of just so many cells that, with strides of 1, the output is as large as the "
        "input.",
        "padding",
        keras="padding='same'",
    ),
    Term(
        "seed",
        "The number from which chance is drawn: the first weights, the order of the digits. The "
        "same seed gives the same network again.",
        "feedforward",
        ("seed", "seeds"),
        "keras.utils.set_random_seed",
    ),
    Term(
        "shape",
        "How many numbers there are along each axis: 28×28×1 is 28 rows, 28 columns, 1 channel.",
        "data-preparation",
    ),
    Term(
        "softmax",
        "Turns the ten sums of the last layer into ten probabilities that add up to 1.",
        "inside-a-cnn",
        ("softmax",),
        "activation='softmax'",
    ),
    Term(
        "spec",
        "All that decides a training, written down: network, digits, settings and seed.",
        "comparison",
    ),
    Term(
        "strides",
        "How many pixels a window moves on each time.",
        "convolution",
        ("strides", "stride"),
        "strides",
    ),
    Term(
        "tensor",
        "Numbers in a grid with any number of axes. A row, a picture and a stack of pictures are "
        "tensors.",
        "data-preparation",
        ("tensor", "tensors"),
    ),
    Term(
        "test set",
        "Digits that training never sees: 10,000 here. Only they say how well a network reads what "
        "is new to it.",
        "overview",
        ("test set", "test digits", "test digit"),
    ),
    Term(
        "training set",
        "The digits that a network learns from: 60,000 here, unless some are held back.",
        "overview",
        ("training set", "training digits", "training digit"),
    ),
    Term(
        "underfitting",
        "Being wrong even on the training digits: the network is too small, or was trained too "
        "little.",
        "feedforward",
        ("underfitting", "underfitted", "underfit"),
    ),
    Term(
        "unit",
        "One cell of a layer: it adds up its inputs, each times a weight, adds its bias, and "
        "hands the result on. Also called a neuron.",
        "feedforward",
        ("unit", "units"),
        "units",
    ),
    Term(
        "valid",
        "No padding: a window lies only where it fits into the picture.",
        "padding",
        keras="padding='valid'",
    ),
    Term(
        "validation",
        "Testing during training on digits that were held back, to see in time whether a network "
        "learns by heart.",
        "feedforward",
        ("validation",),
        "validation_split",
    ),
    Term(
        "weight",
        "A number by which an input is multiplied. Training finds it.",
        "feedforward",
        ("weight", "weights"),
    ),
    Term(
        "window",
        "The block of pixels that lie under a filter, or that pooling makes one value of.",
        "convolution",
        ("window", "windows"),
    ),
)
BY_NAME = {term.name: term for term in TERMS}


class Marked(NamedTuple):
    """A text with its marks, and the slugs of the terms that have one."""

    text: str
    terms: frozenset[str]


def search(asked: str) -> list[Term]:
    """The terms that a text is found in; those whose name begins with it come first.

    >>> [term.name for term in search("Pool")]
    ['pooling', 'average pooling', 'max pooling', 'window']
    """
    wanted = asked.strip().casefold()

    def place(term: Term) -> int | None:
        names = [text.casefold() for text in (term.name, term.keras, *term.forms)]
        if names[0].startswith(wanted):
            return 0
        if any(wanted in name for name in names):
            return 1
        return 2 if wanted in term.says.casefold() else None

    found = [(at, term) for term in TERMS if (at := place(term)) is not None]
    return [term for _, term in sorted(found, key=lambda each: each[0])]


def listed(terms: Iterable[Term]) -> str:
    """Terms with their meanings, as a list in HTML."""
    rows = []
    for term in terms:
        keras = f"<br>In Keras: <code>{escape(term.keras)}</code>" if term.keras else ""
        rows.append(f"<div><dt>{term.name}</dt><dd>{term.says}{keras}</dd></div>")
    return f'<dl class="lesson-words">{"".join(rows)}</dl>'


def marked(markdown: str, seen: Set[str] = frozenset(), most: int = AT_ONCE) -> Marked:
    """Mark the first occurrence of each term in a piece of prose.

    Code, formulas, links, headings, tables and what stands in HTML tags stay as they are.

    Args:
        markdown: the text.
        seen: the slugs of terms that need no mark any more.
        most: marks that the text may have, with those that it brings along.

    >>> plain(marked("Padding is not code: `padding`.").text)
    'Padding is not code: `padding`.'
    >>> marked("Padding, and padding again. `kernel`").terms
    frozenset({'padding'})
    """
    return _marked(markdown, frozenset(seen), most)


def plain(markdown: str) -> str:
    """A text without its marks."""
    return _MARK.sub(r"\1", markdown)


def element(term: Term, shown: str, place: str) -> str:
    """A word that shows its meaning; ``place`` makes its name unique on the page."""
    name = f"term-{term.slug}-{place}"
    return (
        f'<dfn class="lesson-term" tabindex="0" aria-describedby="{name}">{shown}'
        f'<span role="tooltip" id="{name}">{term.says}</span></dfn>'
    )


_MARK = re.compile(
    r'<dfn class="lesson-term" tabindex="0" aria-describedby="term-[\w-]+">([^<]*)'
    r'<span role="tooltip" id="term-(?:[\w-]+)-[0-9a-f]+">[^<]*</span></dfn>'
)
_MARKED_TERM = re.compile(r'id="term-([\w-]+)-[0-9a-f]+"')


def _spellings() -> dict[str, Term]:
    """Every form, also with a capital, as it begins a sentence."""
    forms = {form: term for term in TERMS for form in term.forms}
    return forms | {form[0].upper() + form[1:]: term for form, term in forms.items()}


_TERM_OF = _spellings()
# The longest first: max pooling, not pooling. Part of a name, as in kernel_size, is no word; stars
# before one are Markdown's where a word can begin.
_WORD = "|".join(map(re.escape, sorted(_TERM_OF, key=len, reverse=True)))
# What is no prose, and the words in between. The first that begins wins, so that a bracket within
# code opens no link.
_PARTS = re.compile(
    rf"""
    {_MARK.pattern.replace(" ", "[ ]")}
    | ^[ ]{{0,3}}(?P<fence>```+|~~~+).*?(?:^[ ]{{0,3}}(?P=fence)|\Z)     # code between fences
    | ^(?:[ ]{{4}}|\t)[^\n]*                                             # code, indented
    | ^[ ]{{0,3}}\#{{1,6}}[ \t][^\n]* | ^[^\n]+\n(?:=+|-+)[ \t]*$        # headings
    | ^\*\*[^*\n]+\*\*[ \t]*$                                            # words that stand as one
    | ^[ ]*\|[^\n]*                                                      # rows of a table
    | (?P<ticks>(?<!`)`+(?!`))(?:(?!\n\n).)*?(?<!`)(?P=ticks)(?!`)       # code within a line
    | \$\$.*?\$\$ | \$[^$\n]+\$                                          # formulas
    | <(?P<tag>svg|style|script|pre|code|a|summary|table|h[1-6]|button|math|textarea)\b
      .*?(?:</(?P=tag)\s*>|\Z)
    | <!--.*?(?:-->|\Z) | </?[a-z][^>]*(?:>|\Z)                          # other tags
    | !?\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\]) | \w+://\S+             # links and pictures
    | ^[ ]{{0,3}}\[[^\]\n]+\]:[^\n]*                                     # where links lead to
    | :[\w/-]+: | &\#?\w+; | \\.                                         # icons, entities, escapes
    | (?:(?<![\w*/=.>-])|(?<=[\s(])\*\*?|^\*\*?)(?P<word>(?-i:{_WORD}))(?![\w=(-])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def _marked(markdown: str, seen: frozenset[str], most: int) -> Marked:
    brought = set(_MARKED_TERM.findall(markdown))
    given: set[str] = set()
    place = f"{crc32(markdown.encode('utf-8', 'surrogatepass')):x}"

    def mark(found: re.Match[str]) -> str:
        word = found["word"]
        if word is None:
            return found[0]
        term = _TERM_OF[word]
        if term.slug in seen | brought | given or len(brought | given) >= most:
            return found[0]
        given.add(term.slug)
        return found[0].removesuffix(word) + element(term, word, place)

    return Marked(_PARTS.sub(mark, markdown), frozenset(brought | given))
