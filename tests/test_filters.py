"""Kernels at all sizes: equal to the printed ones, and answering as those do, through Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lesson.errors import LessonError
from lesson.filters import FAMILIES, likeness, most_alike, when_turned
from lesson.kernels import KERNELS

SIZES = range(2, 10)
GROWN = [(slug, size) for slug, family in FAMILIES.items() for size in SIZES if family.has(size)]
ROWS, COLUMNS = np.mgrid[0:20, 0:20]
BRIGHT = {
    "vertical-edges": COLUMNS > 9,
    "horizontal-edges": ROWS > 9,
    "falling-diagonal-edges": COLUMNS > ROWS,
    "rising-diagonal-edges": ROWS + COLUMNS > 19,
    "sobel-x": COLUMNS > 9,
    "sobel-y": ROWS > 9,
}


def answers(slug: str, size: int, picture: np.ndarray) -> np.ndarray:
    kernel = FAMILIES[slug].at(size)[..., None, None]
    image = np.asarray(picture, dtype=np.float32)[None, ..., None]
    return np.asarray(keras.ops.conv(image, kernel, data_format="channels_last"))[0, ..., 0]


@pytest.mark.parametrize("printed", KERNELS)
def test_at_its_printed_size_a_family_is_the_printed_kernel(printed: str) -> None:
    slug = printed.removesuffix("-3").removesuffix("-5")
    kernel = KERNELS[printed]
    np.testing.assert_array_equal(FAMILIES[slug].at(kernel.size), kernel.values)


@pytest.mark.parametrize(("slug", "size"), GROWN)
def test_a_kernel_keeps_its_nature_at_every_size(slug: str, size: int) -> None:
    even = answers(slug, size, np.full((20, 20), 0.5))
    if "edges" in slug or slug.startswith(("sobel", "laplacian")):
        np.testing.assert_allclose(even, 0, atol=1e-4)
    else:
        np.testing.assert_allclose(even, 0.5, atol=1e-5)


@pytest.mark.parametrize(("slug", "size"), [(s, n) for s, n in GROWN if s in BRIGHT])
def test_an_edge_kernel_answers_with_plus_to_its_own_edge_at_every_size(
    slug: str, size: int
) -> None:
    found = answers(slug, size, BRIGHT[slug])
    assert found.max() > 0
    assert found.min() >= 0
    np.testing.assert_array_equal(answers(slug, size, ~BRIGHT[slug]), -found)


def test_weights_that_all_readers_share_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        FAMILIES["box-blur"].at(3)[0, 0] = 1


def test_a_size_that_a_family_has_not_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(LessonError, match="from 2×2 to 9×9, but kernel_size is 10"):
        FAMILIES["box-blur"].at(10)
    with pytest.raises(LessonError, match="from 3×3 to 3×3, but kernel_size is 5"):
        FAMILIES["sharpen"].at(5)


@pytest.mark.parametrize(("slug", "size"), GROWN)
def test_a_named_kernel_is_most_like_itself_however_strong(slug: str, size: int) -> None:
    weights = FAMILIES[slug].at(size)
    for factor in (0.01, 5, -3):
        found, cosine = most_alike(np.float32(factor) * weights)
        # At some sizes two families have the same weights.
        assert abs(likeness(FAMILIES[found].at(size), weights)) == pytest.approx(1)
        assert cosine == pytest.approx(np.sign(factor))


def test_kernels_of_zeros_are_like_nothing() -> None:
    assert most_alike(np.zeros((3, 3), np.float32))[1] == 0


@pytest.mark.parametrize("slug", FAMILIES)
def test_what_is_said_of_half_a_turn_is_what_happens(slug: str) -> None:
    size = max(3, FAMILIES[slug].smallest)
    picture = np.random.default_rng(0).random((20, 20))
    weights = FAMILIES[slug].at(size)
    image = picture.astype(np.float32)[None, ..., None]
    plain, turned = (
        np.asarray(keras.ops.conv(image, kernel[..., None, None], data_format="channels_last"))
        for kernel in (weights, weights[::-1, ::-1].copy())
    )
    said = when_turned(weights)
    assert ("same as before" in said) == np.allclose(plain, turned, atol=1e-5)
    assert ("every sign changed" in said) == np.allclose(plain, -turned, atol=1e-5)
