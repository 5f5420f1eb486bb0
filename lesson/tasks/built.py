"""Tasks that are done with settings alone: windows, filters, and what a cell sees."""

from __future__ import annotations

import math
import re

import numpy as np

from lesson import series
from lesson.convolution import Window, conv2d, receptive_field
from lesson.errors import LessonError
from lesson.filters import FAMILIES, Float32
from lesson.layers import Conv2D
from lesson.pictures import PICTURES
from lesson.questions.padding import PADDINGS, READS
from lesson.tasks.task import Checked, Settings, Situation, Stands, Task
from lesson.windows import output_size
from lesson.words import listed

SIDE, OUTPUT, WAYS, MOST_WAYS = 28, 14, 3, 8
SEEN, KERNEL = 20, 3
CORNER, NOTHING = 1.0, 0.005  # the least answer that counts, and what is shown as 0.00
CLEARLY = 1.5
WEIGHT, OWN_WEIGHT = 99.0, 2.0  # how large the pages let weights be
LARGEST = 7  # kernel_size on the convolution page
WINDOW = ("kernel_size", "strides", "padding", "dilation_rate")
_WAY = re.compile(r"kernel_size (\d), strides (\d), padding (\w+), dilation_rate (\d)")


def three_ways(situation: Situation) -> Checked:
    """Whether the padding page is set to an output of 14×14, in a way that is not counted yet."""
    chosen = {key: read.of(situation.settings.get(key)) for key, read in READS.items()}
    size, counted = chosen["padding_size"], ways(situation.kept)
    if size != SIDE:
        says = f"The picture has {size}×{size} pixels: {SIDE}×{SIDE} are asked for."
        return Checked(False, says, "", {"padding_size": SIDE}, f"Make it {SIDE}×{SIDE}")
    kernel_size, strides, padding, dilation_rate = (chosen[f"padding_{name}"] for name in WINDOW)
    way = ", ".join(f"{name} {chosen[f'padding_{name}']}" for name in WINDOW)
    try:
        side = output_size(SIDE, kernel_size, strides, PADDINGS[padding], dilation_rate)
    except LessonError as error:
        return Checked(False, str(error))
    if side != OUTPUT:
        says = f"The output is {side}×{side}, and {OUTPUT}×{OUTPUT} is asked for: {way}."
        return Checked(False, says)
    if way in counted:
        return Checked(False, f"These settings are counted already: {way}. Change one of them.")
    if len(counted) == MOST_WAYS:
        return Checked(True, f"The output is {side}×{side} again: {MOST_WAYS} ways are enough.")
    counted.append(way)
    many = f"{len(counted)} of {WAYS} ways" if len(counted) <= WAYS else f"{len(counted)} ways"
    says = f"The output is {side}×{side}: {way}. That makes {many}."
    return Checked(len(counted) >= WAYS, says, "; ".join(counted))


def ways(kept: str) -> list[str]:
    """The ways that are kept; those that do not give the output are left out.

    >>> ways("kernel_size 2, strides 2, padding valid, dilation_rate 1; nonsense")
    ['kernel_size 2, strides 2, padding valid, dilation_rate 1']
    """
    return [way for way in dict.fromkeys(kept.split("; ")) if _gives_output(way)][:MOST_WAYS]


def _gives_output(way: str) -> bool:
    match = _WAY.fullmatch(way)
    if match is None or match[3] not in PADDINGS:
        return False
    kernel_size, strides, dilation_rate = (int(match[n]) for n in (1, 2, 4))
    try:
        side = output_size(SIDE, kernel_size, strides, PADDINGS[match[3]], dilation_rate)
    except LessonError:
        return False
    return side == OUTPUT


def _ways_stand(kept: str) -> Stands:
    counted = ways(kept)
    if len(counted) >= WAYS:
        return Stands(True, "; ".join(counted))
    return Stands(False, f"{len(counted)} of {WAYS} ways: {'; '.join(counted)}" if counted else "")


def far_sight(situation: Situation) -> Checked:
    """Whether a cell behind the last block sees enough of the picture, through small windows."""
    spec = situation.spec
    if spec is None:
        return Checked(False, "Nothing is set yet: choose the blocks of a network on this page.")
    if spec.network.problem:
        return Checked(False, spec.network.problem)
    rows = [row for row in spec.network.ledger if len(row.output_shape) == 3]
    kernels = [row.layer.kernel_size for row in rows if isinstance(row.layer, Conv2D)]
    if not kernels:
        return Checked(False, "There is no block yet: set one at least.")
    height, width, _ = rows[-1].output_shape
    windows = [Window(*row.layer.window) for row in rows]  # type: ignore[attr-defined]
    box = receptive_field(windows, (SIDE, SIDE), height // 2, width // 2)
    missing = []
    if max(kernels) > KERNEL:
        large = f"{max(kernels)}×{max(kernels)}"
        missing.append(f"kernels of at most {KERNEL}×{KERNEL} are allowed, one is {large}")
    if min(box.height, box.width) < SEEN:
        missing.append(f"at least {SEEN}×{SEEN} are asked for")
    seen = f"{box.height}×{box.width} pixels"
    found = f"A cell in the middle of `{rows[-1].name}` sees {seen}"
    if missing:
        return Checked(False, f"{found}; {listed(missing)}.")
    return Checked(True, f"{found}.", f"{seen}, kernel_size {'-'.join(map(str, kernels))}")


def corners(situation: Situation) -> Checked:
    """Whether the convolution page's filter is blind to straight edges, and sees corners."""
    settings = situation.settings
    weights, name = _kernel(settings)
    bias = _within(settings.get("convolution_bias"), WEIGHT, 0.0)
    relu = settings.get("convolution_relu") is True

    def largest(*pictures: Float32) -> float:
        maps = conv2d(np.stack(pictures)[..., None], weights[..., None, None], np.array([bias]))
        return float(np.abs(np.maximum(maps, 0) if relu else maps).max())

    step, board = PICTURES["step"].values, PICTURES["checkerboard"].values
    blind = {
        "on an even area": largest(np.ones_like(step), np.zeros_like(step)),
        "along an upright edge": largest(step, step[:, ::-1]),
        "along a level edge": largest(step.T, step.T[::-1]),
    }
    on_board = largest(board)
    told = listed([f"{found:.2f} {where}" for where, found in blind.items()])
    says = f"**{name}** answers, sign aside, up to {told}, and {on_board:.2f} on the checkerboard"
    missing = [f"0 {where}" for where, found in blind.items() if found >= NOTHING]
    missing += [f"{CORNER:g} or more on the checkerboard"] if on_board < CORNER - NOTHING else []
    if missing:
        return Checked(False, f"{says}. Asked for: {listed(missing)}.")
    with_bias = f", bias {bias:g}" if bias else ""
    return Checked(True, f"{says}.", f"{_written(weights)}{with_bias}{', ReLU' if relu else ''}")


def _kernel(settings: Settings) -> tuple[Float32, str]:
    """The kernel that the convolution page is set to, ``(size, size)``, and what it is called."""
    slug, size = settings.get("convolution_kernel"), settings.get("convolution_kernel_size")
    size = size if type(size) is int and 1 <= size <= LARGEST else 3
    if slug != "custom":
        family = FAMILIES[slug if isinstance(slug, str) and slug in FAMILIES else "vertical-edges"]
        return family.at(min(max(size, family.smallest), family.largest)), family.name
    places = range(1, size + 1)
    keys = [[f"convolution_weight_{row}_{column}" for column in places] for row in places]
    weights = [[_within(settings.get(key), WEIGHT, 1.0) for key in row] for row in keys]
    return np.array(weights, dtype=np.float32), "Your kernel"


def _written(weights: Float32) -> str:
    """A small kernel row by row, or the size of a larger one.

    >>> _written(np.array([[1, -1], [-0.5, 0]], dtype=np.float32))
    '1 −1 / −0.5 0'
    """
    if len(weights) > 4:
        return f"a kernel of {len(weights)}×{len(weights)}"
    rows = [" ".join(f"{weight:.3g}" for weight in row) for row in weights]
    return " / ".join(rows).replace("-", "−")


def beats(situation: Situation) -> Checked:
    """Whether a filter of the reader's answers to every heartbeat more than to all else."""
    settings = situation.settings
    if settings.get("beyond_kernel") != series.OWN:
        show = {"beyond_series": "heartbeat", "beyond_kernel": series.OWN}
        says = "The filter in hand is not yours: choose **My own**, and set its weights."
        return Checked(False, says, "", show, "Take my own filter")
    weights = [
        _within(settings.get(f"beyond_weight_{place}"), OWN_WEIGHT, start)
        for place, start in enumerate(series.OWN_START, 1)
    ]
    answers = np.abs(series.slide(series.SERIES["heartbeat"].values, weights))
    # An answer is told by the middle of the values that it was made of.
    reach = (len(weights) - 1) // 2
    times = np.arange(len(answers)) + reach
    near = np.abs(times[:, None] - np.array(series.BEATS)) <= reach
    weakest = min(float(answers[at].max()) for at in near.T)
    elsewhere = np.where(near.any(axis=1), 0, answers)
    other, time = float(elsewhere.max()), int(times[elsewhere.argmax()])
    if weakest < NOTHING:
        return Checked(False, "At least one of the six beats answers 0: it is not seen.")
    ratio = weakest / other if other >= NOTHING else math.inf
    found = (
        f"Sign aside, the weakest of the six beats answers {weakest:.2f}, and elsewhere the most "
        f"is {other:.2f}, at time {time}: {ratio:.2f} times as much"
    )
    if ratio < CLEARLY:
        return Checked(False, f"{found}, where {CLEARLY:g} times are asked for.")
    written = " ".join(f"{weight:g}" for weight in weights).replace("-", "−")
    return Checked(True, f"{found}.", f"{ratio:.2f} times, with {written}")


def _within(value: object, limit: float, default: float) -> float:
    """A weight from a control, or the default for what cannot be one.

    >>> _within(2, 99.0, 1.0), _within(float("nan"), 99.0, 1.0), _within("2", 99.0, 1.0)
    (2.0, 1.0, 1.0)
    """
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit
    return float(value) if known else default  # type: ignore[arg-type]


TASKS = (
    Task(
        key="convolution_task_corners",
        page="convolution",
        objective="edges",
        title="Corners only",
        prompt="Set a kernel that answers 0 on every even area and along every straight edge, "
        f"upright or level, but at least {CORNER:g}, sign aside, at the corners of the "
        "*Checkerboard*. Its weights can be changed under **More**, or by a double click.",
        hint="Along an upright edge the columns of the kernel that lie on the bright side add up: "
        "when is that 0 wherever the edge is? Ask the same of the rows. Bias and ReLU count too: "
        "they can make what is small nothing.",
        check=corners,
    ),
    Task(
        key="padding_task_ways",
        page="padding",
        objective="shapes",
        title=f"{OUTPUT}×{OUTPUT} in three ways",
        prompt=f"Make the output {OUTPUT}×{OUTPUT} of a picture of {SIDE}×{SIDE}, in three ways: "
        "each must differ in `kernel_size`, `strides`, `padding` or `dilation_rate`.",
        hint="Half the side comes from strides of 2, with whatever padding suits the window. But a "
        "window that reaches far without padding takes as much away: how far must it reach?",
        check=three_ways,
        button="Count these settings",
        stands=_ways_stand,
    ),
    Task(
        key="inside_a_cnn_task_sight",
        page="inside-a-cnn",
        objective="layers",
        title="See far with small windows",
        prompt=f"Stack blocks so that a cell behind the last one sees at least {SEEN}×{SEEN} of "
        f"the {SIDE}×{SIDE} pixels, with no kernel larger than {KERNEL}×{KERNEL}. It need not be "
        "trained.",
        hint="Pooling doubles the distance between neighbouring cells, so each window behind it "
        "reaches twice as far. What does one block more add, and what does pooling add to that?",
        check=far_sight,
        lab="cnn",
    ),
    Task(
        key="beyond_images_task_beats",
        page="beyond-images",
        objective="when",
        title="The beats, not the wire",
        prompt="Set a filter of your own that finds the six beats in *Heartbeat* and not the "
        "touched wire: sign aside, the weakest beat must answer at least "
        f"{CLEARLY:g} times as much as anything else.",
        hint="A beat is one high value between two dips; the touched wire stays high for six. "
        "Weights that add up to 0 answer nothing where all values are alike.",
        check=beats,
    ),
)
