"""The simple test pictures are what they are called, seen through Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lesson import mnist
from lesson.pictures import PICTURES, inked_at_the_edge


def slopes(slug: str) -> tuple[np.ndarray, np.ndarray]:
    """How much the picture grows from left to right, and from top to bottom, at each place."""
    image = PICTURES[slug].values[None, ..., None]
    across = np.array([[-1.0, 1.0]], dtype=np.float32)[..., None, None]
    down = across.transpose(1, 0, 2, 3)
    return tuple(  # type: ignore[return-value]
        np.asarray(keras.ops.conv(image, kernel, data_format="channels_last"))[0, ..., 0]
        for kernel in (across, down)
    )


@pytest.mark.parametrize("slug", PICTURES)
def test_a_picture_has_the_shape_and_range_of_a_scaled_digit(slug: str) -> None:
    picture = PICTURES[slug]
    assert picture.values.shape == (28, 28)
    assert picture.values.dtype == np.float32
    assert (picture.values.min(), picture.values.max()) == (0, 1)
    assert picture.name
    assert picture.says.endswith(".")


@pytest.mark.parametrize("slug", PICTURES)
def test_a_picture_that_all_readers_share_cannot_be_changed(slug: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        PICTURES[slug].values[0, 0] = 1


def test_the_step_has_one_vertical_edge_and_nothing_else() -> None:
    across, down = slopes("step")
    assert not down.any()
    assert np.unique(np.nonzero(across)[1]).tolist() == [13]
    assert (across[:, 13] == 1).all()


def test_the_ramp_grows_by_the_same_amount_at_each_column() -> None:
    across, down = slopes("ramp")
    assert not down.any()
    np.testing.assert_allclose(across, 1 / 27, atol=1e-6)


@pytest.mark.parametrize("slug", ["cross", "circle"])
def test_cross_and_circle_look_the_same_from_all_four_sides(slug: str) -> None:
    values = PICTURES[slug].values
    np.testing.assert_allclose(values, np.rot90(values), atol=1e-6)
    np.testing.assert_allclose(values, values[:, ::-1], atol=1e-6)
    assert inked_at_the_edge(values[None]) == 0


def test_each_side_of_the_cross_is_an_edge_in_both_directions() -> None:
    for slope in slopes("cross"):
        assert {-1.0, 1.0} <= set(slope.ravel().tolist())


def test_the_circle_has_the_area_of_a_circle() -> None:
    assert PICTURES["circle"].values.sum() == pytest.approx(np.pi * 9**2, rel=0.01)


def test_the_checkerboard_changes_every_four_pixels_and_is_half_ink() -> None:
    values = PICTURES["checkerboard"].values
    blocks = values.reshape(7, 4, 7, 4)
    assert (blocks == blocks[:, :1, :, :1]).all()
    squares = blocks[:, 0, :, 0]
    assert (squares[1:] != squares[:-1]).all()
    assert (squares[:, 1:] != squares[:, :-1]).all()


@pytest.mark.parametrize(
    ("row", "column", "at_the_edge"),
    [(0, 3, 1), (4, 3, 1), (2, 0, 1), (2, 5, 1), (1, 1, 0), (3, 4, 0)],
)
def test_ink_counts_as_at_the_edge_on_the_outermost_pixels_only(
    row: int, column: int, at_the_edge: int
) -> None:
    images = np.zeros((3, 5, 6), dtype=np.uint8)
    images[1, row, column] = 1
    assert inked_at_the_edge(images) == at_the_edge


def test_few_digits_have_ink_at_the_edge() -> None:
    images = mnist.load().x_test
    inner = images.copy()
    inner[:, 1:-1, 1:-1] = 0
    assert inked_at_the_edge(images) == np.count_nonzero(inner.sum(axis=(1, 2)))
