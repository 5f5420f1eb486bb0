"""What a page shows as a whole script: the digits, what the page's Keras lines need, its result.

A digit in hand is one of the test digits, given by its ``index``, or the reader's own, given by
its pixels. Scripts print with as many decimals as one can read, and leave the whole result in a
variable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesson import mnist
from lesson.export import DATA, IMPORTS, layer_line, steps_code
from lesson.layers import AveragePooling2D, Conv2D, MaxPooling2D, Shape, shape_text

Numbers = NDArray[np.generic]

_PRINTING = "np.set_printoptions(precision=2, suppress=True, linewidth=200, threshold=5000)"


def _script(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def array_code(name: str, values: ArrayLike, dtype: str = "float32") -> str:
    """An array written out, each value as exactly as it is.

    >>> array_code("bias", np.array([0.5, -1], dtype=np.float32)).splitlines()[1]
    '0.5 -1.0'
    """
    numbers = np.asarray(values, dtype)
    shape = f".reshape{numbers.shape}" if numbers.ndim > 1 else ""
    step = numbers.shape[-1] if numbers.ndim > 1 else 10
    flat = [str(number) for number in numbers.ravel()]
    rows = "\n".join(" ".join(flat[start : start + step]) for start in range(0, len(flat), step))
    return f'{name} = np.array("""\n{rows}\n""".split(), dtype="{dtype}"){shape}'


def digit_code(index: int | None, image: mnist.UInt8) -> str:
    """The digit in hand as ``digit``, bytes ``(28, 28)``."""
    if index is None:
        return array_code("digit", image, "uint8")
    return f"{DATA}\n\ndigit = x_test[{index}]"


def picture_code(index: int | None, picture: NDArray[np.float32]) -> str:
    """A picture of values from 0 to 1 as ``picture``: a test digit if it is one."""
    if index is not None:
        pixels = mnist.load().x_test[index]
        if np.array_equal(picture, mnist.scale(mnist.to_float32(pixels))):
            return f'{digit_code(index, pixels)}\npicture = digit.astype("float32") / 255'
    return array_code("picture", picture)


def preparation(scaled: bool, index: int | None, image: mnist.UInt8) -> str:
    """The preparation, what it does to all digits, and the pixels of the digit in hand."""
    division = " / 255" if scaled else ""
    decimals = 1 if scaled else 0
    own = array_code("digit", image, "uint8") if index is None else f"digit = x_test[{index}]"
    return _script(
        IMPORTS,
        DATA,
        own,
        """\
def tell(step):
    low, high, size = x_train.min(), x_train.max(), x_train.nbytes / 1e6
    print(f"{step}: {x_train.shape}, {x_train.dtype}, {low:g} to {high:g}, {size:.1f} MB")""",
        f'tell("loaded")\n{steps_code(scaled)}\ntell("prepared")',
        'print("labels:", y_train.shape, "the first one:", y_train[0])',
        f"""\
prepared = digit.reshape(28, 28, 1).astype("float32"){division}
print(f"{{np.count_nonzero(digit)}} pixels have ink; the darkest is {{digit.max()}},", end=" ")
print(f"prepared {{prepared.max():.4g}}.")
for row in prepared[..., 0]:
    print(" ".join(f"{{value:3.{decimals}f}}" for value in row))""",
    )


def convolution(lines: str, index: int | None, picture: NDArray[np.float32]) -> str:
    """The page's ``lines`` on their picture, and the answers of the first filter, ``answers``."""
    return _script(
        IMPORTS,
        picture_code(index, picture),
        lines,
        f"""\
answers = keras.ops.convert_to_numpy(result)[0, :, :, 0]
{_PRINTING}
print("The layer gives", result.shape[1:], "for one picture. Its first filter answers:")
print(answers)
print(f"from {{answers.min():.2f}} to {{answers.max():.2f}}")""",
    )


def padding(lines: str, size: int) -> str:
    """The page's ``lines`` asked how often they use each pixel of a picture, ``counts``.

    Args:
        lines: they make ``x`` of ``images``.
        size: the side of the picture.
    """
    return _script(
        IMPORTS,
        "keras.utils.set_random_seed(42)",
        f"""\
# One picture for each pixel, with ink on that pixel alone.
size = {size}
images = np.eye(size * size, dtype="float32").reshape(-1, size, size, 1)""",
        lines,
        """\
# A window that holds the pixel answers to it, the others do not.
answers = keras.ops.convert_to_numpy(x)[..., 0]
counts = np.count_nonzero(answers, axis=(1, 2)).reshape(size, size)
print(f"The output has {answers.shape[1]} x {answers.shape[2]} cells.")
print("In how many windows each pixel is:")
print(counts)
print("a corner:", counts[0, 0], "the middle:", counts[size // 2, size // 2])""",
    )


def pooling(
    poolings: dict[str, MaxPooling2D | AveragePooling2D],
    index: int | None,
    image: mnist.UInt8,
    right: int,
    filters: Sequence[Numbers] = (),
    number: int = 0,
) -> str:
    """Pool the digit in hand, ``pooled`` by name, and see what a move by ``right`` changes.

    Args:
        poolings: the layers that the page shows, by their names.
        index: of the digit in hand, if it is a test digit.
        image: the digit.
        right: by how many pixels it is moved.
        filters: kernel ``(size, size, 1, filters)`` and bias ``(filters,)`` of a first layer whose
            map is pooled instead of the digit.
        number: which map, from 0.
    """
    shape: Shape = (28, 28, 1)
    before = 'image.reshape(1, 28, 28, 1).astype("float32")'
    given = ""
    if filters:
        kernel, bias = filters
        layer = Conv2D(len(bias), kernel.shape[0], activation="relu")
        shape = layer.output_shape(shape)
        before = f"keras.ops.convert_to_numpy(first({before} / 255))"
        given = (
            f"{array_code('kernel', kernel.transpose(3, 0, 1, 2).reshape(len(bias), -1))}\n"
            f"kernel = kernel.T.reshape{kernel.shape}\n{array_code('bias', bias)}\n"
            "# The first layer of the trained CNN 1.\n"
            f"first = {layer_line(layer)}\n"
            "first.build((None, 28, 28, 1))\nfirst.set_weights([kernel, bias])"
        )
    layers = "\n".join(
        f'    "{name}": {layer_line(layer)},'
        f"  # {shape_text(shape)} → {shape_text(layer.output_shape(shape))}"
        for name, layer in poolings.items()
    )
    return _script(
        IMPORTS,
        digit_code(index, image),
        given,
        f"poolings = {{\n{layers}\n}}",
        f"""\
def look(image):
    return {before}""",
        f"""\
right = {right}
moved = np.zeros_like(digit)
moved[:, right:] = digit[:, : 28 - right]
maps, maps_moved = look(digit), look(moved)""",
        f"""\
def tell(name, before, after):
    before, after = before[..., {number}], after[..., {number}]
    gaps = np.abs(after - before)
    changed, share = np.count_nonzero(gaps), gaps.sum() / max(before.sum() + after.sum(), 1e-9)
    print(f"{{name}}: {{changed}} of {{gaps.size}} values change, difference {{share:.0%}}")""",
        f"""\
{_PRINTING}
pooled = {{}}
tell("before", maps, maps_moved)
for name, layer in poolings.items():
    small = keras.ops.convert_to_numpy(layer(maps))
    pooled[name] = small[0, :, :, {number}]
    print(f"{{name}}: {{maps.shape[1:]}} becomes {{small.shape[1:]}}")
    print(pooled[name])
    tell(name, small, keras.ops.convert_to_numpy(layer(maps_moved)))""",
    )


def series(lines: str, values: ArrayLike) -> str:
    """The page's ``lines`` on their series, and where the ``answer`` is strongest."""
    return _script(
        IMPORTS,
        array_code("series", values),
        lines,
        f"""\
answer = keras.ops.convert_to_numpy(answer)
{_PRINTING}
print(len(series), "values give", len(answer), "answers:")
print(answer)
place = int(np.abs(answer).argmax())
# An answer stands in the middle of what the filter saw.
time = place + (len(series) - len(answer)) / 2
print(f"The strongest answer is {{answer[place]:.3g}} at time {{time:g}}.")""",
    )
