"""What one predicts on the data preparation page."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson import mnist
from lesson.preparation import squared_errors
from lesson.questions.kinds import Asked, Blank, Cell, Choice, Mistake, Option, Settings, shuffled
from lesson.questions.question import Question

PAGE = "data-preparation"
FULL, MOST = 10, 0.4  # pixels of full ink enough to be seen, and few enough to be missed
LETTERS = "ABCDEF"


def _digit(index: int) -> dict[str, Any]:
    """The page with a test digit in hand."""
    return {"digit_source": "Test set", "digit": index}


@lru_cache(maxsize=1)
def inked() -> tuple[int, ...]:
    """The test digits of which some pixels have full ink, but not most of them."""
    images = mnist.load().x_test
    full, ink = ((where).sum(axis=(1, 2)) for where in (images == 255, images > 0))
    return tuple(map(int, np.flatnonzero((full >= FULL) & (full <= MOST * ink))))


@lru_cache(maxsize=1)
def labelled() -> dict[int, npt.NDArray[np.int64]]:
    """The test digits of each label, by their numbers."""
    labels = mnist.load().y_test
    return {label: np.flatnonzero(labels == label) for label in range(10)}


def _any_labelled(label: int, random: Random) -> int:
    return int(random.choice(labelled()[label][:100]))


def whole(settings: Settings, random: Random) -> Asked:
    """What is left of a digit when the division leaves whole numbers only."""
    index = random.choice(inked())
    image = mnist.load().x_test[index]
    scaled = mnist.scale(mnist.to_float32(image))
    full = int((image == 255).sum())
    drawn = [
        (image // 255, f"The {full} pixels of 255 become 1, all others 0.", True),
        (scaled, "That is `/ 255`, which keeps what stands behind the point.", False),
        (np.round(scaled), "That is rounded. `//` cuts off: 254 becomes 0.", False),
        (scaled * 0, f"Not quite: 255 // 255 is 1, and {full} pixels have full ink.", False),
    ]
    random.shuffle(drawn)
    return Choice(
        prompt="The pixels are whole numbers from 0 to 255. A programmer scales them with "
        f"`x_train // 255` instead of `x_train / 255`. What is left of this "
        f"{mnist.load().y_test[index]}, drawn from 0 to 1?",
        explanation="`//` divides and cuts off what stands behind the point: 255 becomes 1, and "
        f"all that is paler becomes 0. Of this digit {full} of {np.count_nonzero(image)} pixels "
        "with ink are left. Nothing complains: look at what goes into a network.",
        settings={**_digit(index), "data_scaled": False},
        look=f"The cells with 255 are the {full} that are left.",
        options=tuple(
            Option(letter, says, right, picture.astype(np.float32))
            for letter, (picture, says, right) in zip(LETTERS, drawn, strict=False)
        ),
        scale="ink",
        high=1.0,
    )


def pictures(settings: Settings, random: Random) -> Asked:
    """The notebook's blanks for the pictures: the channel axis, and the scale."""
    name, count = random.choice((("x_train", 60_000), ("x_test", 10_000)))
    return (_scale if random.random() < 1 / 3 else _reshape)(name, count, random)


def _reshape(name: str, count: int, random: Random) -> Asked:
    size, channels, what = random.choice(
        (
            (28, 1, "grey pictures of digits"),
            (32, 3, "coloured photos of things"),
            (20, 1, "grey pictures of letters"),
            (64, 3, "coloured pictures of traffic signs"),
        )
    )
    grey = channels == 1
    values = size * size * channels
    comes = (count, size, size) if grey else (count, values)
    shape = f"{size}, {size}, {channels}"
    all_of = ("-1", str(count), f"len({name})")
    right = [f"{name}.reshape({first}, {shape})" for first in all_of]
    right += [f"{name}.reshape(({first}, {shape}))" for first in all_of]
    if grey:
        right += [f"np.expand_dims({name}, {axis})" for axis in ("-1", "axis=-1")]
        right += [f"{name}[..., {new}]" for new in ("None", "np.newaxis")]

    def mistake(shape: str, says: str) -> tuple[Mistake, ...]:
        return _either(name, f"{name}.reshape({shape})", says)

    row = "That lays each picture in a row" + (": Flatten does that." if grey else ", as it is.")
    lost = "the axis for the channels is missing, and `Conv2D` asks for it"
    first = (
        mistake(f"-1, {size}, {size}", f"Nothing has changed: {lost}.")
        if grey
        else mistake(f"-1, {size}, {size}, 1", "A coloured picture has three channels, not one.")
    )
    return Blank(
        prompt=f"`{name}` holds {count:,} {what} of {size}×{size} pixels; its shape is `{comes}`. "
        "Write the line that makes it ready for a `Conv2D` layer.",
        explanation="Height, width, channels, and the pictures in front of them: a grey picture "
        "has one channel, a coloured one three. Keras expects the channels last. `reshape` changes "
        "and moves no value. A network that flattens the pictures first does not need that axis, "
        "but does not mind it either.",
        settings={"data_scaled": False},
        look="The second line under *The shape at each step*.",
        right=_assigned(name, right),
        before=f"# {name}.shape is {comes}",
        after=f"# {name}.shape is {(count, size, size, channels)}",
        mistakes=(
            *first,
            *mistake(
                f"-1, {channels}, {size}, {size}",
                "That puts the channels first, as some other libraries do.",
            ),
            *mistake(shape, f"That is the shape of one picture, but there are {count:,}."),
            *mistake(f"-1, {values}", row),
        ),
        otherwise=f"Keep all {count:,}, and give each of them height, width and channels.",
    )


def _scale(name: str, count: int, random: Random) -> Asked:
    right = [
        f"{name} / 255",
        f"{name} * (1 / 255)",
        f"{name} / {name}.max()",
        f"{name} / np.max({name})",
    ]
    return Blank(
        prompt=f"`{name}` holds {count:,} pictures with values from 0 to 255. Write the line that "
        "scales them to 0 to 1.",
        explanation="Full ink is 255, so 255 becomes 1 and 0 stays 0. The picture is the same in "
        "another unit. Weights and learning rate were chosen for inputs of about 0 to 1.",
        settings={"data_scaled": True},
        look="The switch *Scale to 0..1* is on: point at a cell.",
        right=(*_assigned(name, right), f"{name} /= 255"),
        before=f'{name} = {name}.reshape(-1, 28, 28, 1).astype("float32")',
        after=f"# {name}.min() is 0.0, {name}.max() is 1.0",
        mistakes=(
            *_either(name, f"{name} / 256", "There are 256 values, but the largest is 255."),
            *_either(name, f"{name} / 28", "28 is the side of a picture, not its largest value."),
            *_either(name, f"{name} / 784", "784 is how many pixels there are."),
            *_either(
                name,
                f"{name} // 255",
                "`//` cuts off what stands behind the point: only full ink is left.",
                {"data_scaled": False},
            ),
            *_either(name, f"{name} - 255", "That moves the values to −255 to 0."),
            *_either(name, f"{name} * 255", "That makes them 255 times as large."),
        ),
        otherwise="It has to take 255 to 1, and 0 to 0.",
    )


def _either(name: str, value: str, says: str, show: Settings | None = None) -> tuple[Mistake, ...]:
    """A wrong value, given to the name or alone."""
    return tuple(Mistake(line, says, show or {}) for line in _assigned(name, [value]))


def _assigned(name: str, values: list[str]) -> tuple[str, ...]:
    """Lines that give a name a value, and the values alone."""
    return (*(f"{name} = {value}" for value in values), *values)


def labels(settings: Settings, random: Random) -> Asked:
    """The notebook's question: what has to be changed in the labels?"""
    name = random.choice(("y_train", "y_test"))
    classes, what = random.choice(
        ((10, "digits"), (26, "letters, 0 for A"), (7, "days, 0 for Monday"))
    )
    call = "keras.utils.to_categorical"
    forms = (f"{name}, {classes}", f"{name}, num_classes={classes}", name)
    right = [f"{call}({form})" for form in forms]
    right += [f"np.eye({classes})[{name}]", f"keras.ops.one_hot({name}, {classes})"]
    return Blank(
        prompt=f"The labels in `{name}` are numbers, 0 to {classes - 1} ({what}). The loss will be "
        "`categorical_crossentropy`. What has to be changed in them? Write the line.",
        explanation=f"One-hot: a row of {classes} numbers for each label, 1 at the label and 0 "
        "elsewhere. As a plain number with the squared error, a 4 would be a better answer to a 5 "
        "than a 1 is. But the classes are names: no two are closer than any others. It is the loss "
        "that decides this: `sparse_categorical_crossentropy` takes plain labels as names and "
        "gives the same losses.",
        settings={"digit_source": "Test set"},
        look="The ten cells under *A label is a name, not a quantity*.",
        right=_assigned(name, right),
        before=f"# {name}[0] is {classes - 3}",
        after=f"# {name}[0] is a row of {classes} numbers",
        mistakes=(
            *_either(
                name,
                f"np_utils.to_categorical({name}, {classes})",
                "`np_utils` was its place when the notebook was written. Today it is "
                "`keras.utils`.",
            ),
            *_either(
                name,
                f"keras.utils.to_categorical({name}, {classes - 1})",
                f"0 to {classes - 1} are {classes} classes: 0 is one too.",
            ),
            *_either(
                name,
                f"{name} / {classes - 1}",
                "A smaller quantity is still a quantity: 4 and 5 remain close.",
            ),
            *_either(
                name,
                f"{name}.reshape(-1, {classes})",
                f"That puts {classes} labels into each row instead of one.",
            ),
            *_either(
                name,
                f'{name}.astype("float32")',
                "The type is another, but each label is still one quantity.",
            ),
        ),
        otherwise=f"Each label has to become a row of {classes} numbers, one of them 1.",
    )


def torn(settings: Settings, random: Random) -> Asked:
    """What a network does best to say that cannot decide, if labels are quantities."""
    low = random.choice(range(7))
    high = random.choice(range(low + 2, 10, 2))
    middle = (low + high) // 2
    costs = (squared_errors(low) + squared_errors(high)) / 2
    each = f"Half of the time it costs 0, the other half {squared_errors(low)[high]}"
    return Choice(
        prompt=f"A network cannot tell whether a digit is a {low} or {_a(high)}: each is as "
        "likely. Its label is kept as a number, and an answer costs the square of the difference. "
        "Which answer costs least on average?",
        explanation=f"{low} and {high} cost {costs[low]:g} on average, {middle} only "
        f"{costs[middle]:g}, though it is certainly wrong. With the label as a name, one-hot and "
        f"cross-entropy, it would say: {low} with 50%, {high} with 50%, {middle} with 0%.",
        settings={**_digit(_any_labelled(low, random)), "data_wrong_answer": middle},
        look=f"The line *as a number* under *A label is a name*: {middle} costs "
        f"{squared_errors(low)[middle]} if it is a {low}, and as much if it is {_a(high)}.",
        options=shuffled(
            [
                Option(str(low), f"{each}: {costs[low]:g} on average.", show=_sure(low)),
                Option(str(high), f"{each}: {costs[high]:g} on average.", show=_sure(high)),
                Option(str(middle), "In the middle both errors are small.", right=True),
                Option(
                    f"{low} or {high}, both alike",
                    f"These two do cost alike, {costs[low]:g} on average. But one costs less.",
                ),
            ],
            random,
        ),
    )


def _sure(answer: int) -> dict[str, int]:
    return {"data_wrong_answer": answer}


def _a(label: int) -> str:
    """A digit with its article."""
    return f"{'an' if label == 8 else 'a'} {label}"


def one_hot(settings: Settings, random: Random) -> Asked:
    """Where the 1 stands."""
    label = random.choice(range(10))
    cells = mnist.one_hot(np.array([label]))
    near = {
        (0, label - 1): f"That is cell {label}, counted from 1. The first cell stands for 0.",
        (0, 9 - label): "That counts from the right. The first cell stands for 0.",
    }
    if not label:
        near = {(0, 9): "0 comes first here, not behind 9 as on a keyboard."}
    return Cell(
        prompt=f"The label is **{label}**. It is turned into a one-hot row of ten numbers. Point "
        "at the one that is 1.",
        explanation=f"The ten classes are 0 to 9, so the 1 stands at place {label} counted from 0, "
        f"which is the {_ordinal(label + 1)} cell. All others are 0: there is no half-right.",
        settings=_digit(_any_labelled(label, random)),
        look="The ten cells under *A label is a name, not a quantity*.",
        values=cells * 0,
        numbers=False,
        right=frozenset({(0, label)}),
        near={cell: says for cell, says in near.items() if cell != (0, label) and cell[1] >= 0},
        otherwise="Count from the left, beginning with 0.",
    )


def _ordinal(number: int) -> str:
    """
    >>> _ordinal(1), _ordinal(3), _ordinal(10)
    ('1st', '3rd', '10th')
    """
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


QUESTIONS = (
    Question("data_whole", PAGE, "prepare", "Whole numbers", whole),
    Question("data_pictures", PAGE, "prepare", "The line for the pictures", pictures),
    Question("data_labels", PAGE, "prepare", "The line for the labels", labels),
    Question("data_one_hot", PAGE, "prepare", "One-hot", one_hot),
    Question("data_torn", PAGE, "prepare", "Torn between two", torn),
)
