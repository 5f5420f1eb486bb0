"""The hand-made kernels do to simple pictures, through Keras, what they say."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from lesson.errors import LessonError
from lesson.kernels import KERNELS, Kernel

Array = NDArray[Any]

EVERY = sorted(KERNELS)
EDGES = [slug for slug in EVERY if "edges" in slug or slug.startswith(("sobel", "laplacian"))]
BLURS = [slug for slug in EVERY if "blur" in slug]

ROWS, COLUMNS = np.mgrid[0:12, 0:12]
EVEN = np.full((12, 12), 0.7)
# Each is bright on the side that its edge kernel calls the bright one.
BRIGHT = {
    "vertical-edges": COLUMNS > 5,
    "horizontal-edges": ROWS > 5,
    "falling-diagonal-edges": COLUMNS > ROWS,
    "rising-diagonal-edges": ROWS + COLUMNS > 11,
    "sobel-x": COLUMNS > 5,
    "sobel-y": ROWS > 5,
}


def answer(slug: str, picture: Array) -> Array:
    values = KERNELS[slug].values[..., None, None]
    image = np.asarray(picture, dtype=np.float32)[None, ..., None]
    return np.asarray(keras.ops.conv(image, values, data_format="channels_last"))[0, ..., 0]


@pytest.mark.parametrize("slug", EVERY)
def test_a_kernel_is_a_read_only_odd_square_of_float32(slug: str) -> None:
    kernel = KERNELS[slug]
    assert kernel.values.dtype == np.float32
    assert kernel.values.shape == (kernel.size, kernel.size)
    assert kernel.size % 2 == 1
    with pytest.raises(ValueError, match="read-only"):
        kernel.values[0, 0] = 1
    with pytest.raises(FrozenInstanceError):
        kernel.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("slug", EVERY)
def test_a_kernel_has_a_plain_key_and_one_sentence(slug: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    says = KERNELS[slug].says
    assert says[0].isupper()
    assert says.count(".") == 1
    assert says.endswith(".")


def test_names_and_values_are_told_apart() -> None:
    assert len({kernel.name for kernel in KERNELS.values()}) == len(KERNELS)
    assert len({kernel.values.tobytes() for kernel in KERNELS.values()}) == len(KERNELS)


@pytest.mark.parametrize("slug", EDGES)
def test_an_edge_kernel_is_silent_where_the_picture_is_even(slug: str) -> None:
    np.testing.assert_allclose(answer(slug, EVEN), 0, atol=1e-6)


@pytest.mark.parametrize("slug", sorted(BRIGHT))
def test_an_edge_kernel_answers_with_plus_to_its_bright_side(slug: str) -> None:
    picture = BRIGHT[slug]
    plus = answer(slug, picture)
    assert plus.min() == 0
    assert plus.max() > 0
    np.testing.assert_array_equal(answer(slug, ~picture), -plus)


@pytest.mark.parametrize("slug", sorted(BRIGHT))
def test_an_edge_kernel_answers_most_to_edges_of_its_own_direction(slug: str) -> None:
    strongest = {other: np.abs(answer(slug, picture)).max() for other, picture in BRIGHT.items()}
    assert strongest[slug] == max(strongest.values())


@pytest.mark.parametrize(
    ("slug", "across"),
    [
        ("vertical-edges", "horizontal-edges"),
        ("horizontal-edges", "vertical-edges"),
        ("falling-diagonal-edges", "rising-diagonal-edges"),
        ("rising-diagonal-edges", "falling-diagonal-edges"),
        ("sobel-x", "sobel-y"),
        ("sobel-y", "sobel-x"),
    ],
)
def test_an_edge_kernel_is_blind_to_edges_across_its_own(slug: str, across: str) -> None:
    assert not answer(slug, BRIGHT[across]).any()


@pytest.mark.parametrize("slug", ["laplacian-4", "laplacian-8"])
@pytest.mark.parametrize("direction", sorted(BRIGHT))
def test_a_laplacian_answers_to_edges_in_every_direction(slug: str, direction: str) -> None:
    result = answer(slug, BRIGHT[direction])
    assert result.max() > 0
    assert result.min() < 0


@pytest.mark.parametrize("slug", [*BLURS, "identity", "sharpen", "emboss"])
def test_what_is_not_an_edge_kernel_keeps_the_brightness(slug: str) -> None:
    np.testing.assert_allclose(answer(slug, EVEN), 0.7, atol=1e-6)


@pytest.mark.parametrize("slug", BLURS)
def test_a_blur_mixes_by_positive_shares_and_softens(slug: str) -> None:
    values = KERNELS[slug].values
    assert values.min() > 0
    noise = np.random.default_rng(0).random((12, 12))
    assert answer(slug, noise).std() < 0.6 * noise.std()


def test_larger_blurs_are_softer_and_boxes_softer_than_bells() -> None:
    noise = np.random.default_rng(0).random((60, 60))
    left = {slug: answer(slug, noise).std() for slug in BLURS}
    assert left["box-blur-5"] < left["box-blur-3"] < left["gaussian-blur-3"]
    assert left["box-blur-5"] < left["gaussian-blur-5"] < left["gaussian-blur-3"]


def test_identity_gives_the_picture_back() -> None:
    noise = np.random.default_rng(0).random((12, 12)).astype(np.float32)
    np.testing.assert_array_equal(answer("identity", noise), noise[1:-1, 1:-1])


def test_sharpening_widens_the_contrast_of_an_edge() -> None:
    edge = np.where(COLUMNS > 5, 0.7, 0.3)
    sharp = answer("sharpen", edge)
    assert sharp.max() > 0.7
    assert sharp.min() < 0.3


def test_emboss_lights_one_side_of_a_stroke_and_shades_the_other() -> None:
    stroke = np.where(np.abs(ROWS + COLUMNS - 11) < 2, 0.5, 0.0)
    raised = answer("emboss", stroke)
    assert raised.max() > 0.5
    assert raised.min() < 0


@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 5), (1, 3, 3), (0, 0)])
def test_values_that_have_no_middle_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LessonError, match=f"{re.escape(str(shape))}.*Use 3×3 or 5×5"):
        Kernel("odd", np.zeros(shape, dtype=np.float32), "Says nothing.")


def test_a_kernel_keeps_its_own_copy_of_the_values() -> None:
    mine = np.zeros((3, 3), dtype=np.float32)
    kernel = Kernel("mine", mine, "Answers to nothing.")
    mine[...] = 1
    assert not kernel.values.any()
