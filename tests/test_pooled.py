"""What pooling keeps, and what a move changes."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lesson import mnist, pooled, worth
from lesson.convolution import dropped
from lesson.evaluation import move
from lesson.layers import AveragePooling2D, Conv2D, MaxPooling2D
from lesson.specs import CNN_1, FEEDFORWARD

RANDOM = np.random.default_rng(0)


def test_a_feature_map_is_the_channel_that_keras_gives() -> None:
    images = mnist.load().x_test[:3]
    kernel = RANDOM.normal(size=(3, 3, 1, 16)).astype(np.float32)
    bias = RANDOM.normal(size=16).astype(np.float32)
    layer = keras.layers.Conv2D(16, kernel_size=3, activation="relu")
    layer.build((None, 28, 28, 1))
    layer.set_weights([kernel, bias])
    expected = np.asarray(layer(mnist.prepare(images)))
    for number in (0, 15):
        found = pooled.feature_map(CNN_1, [kernel, bias], images, number)
        np.testing.assert_allclose(found[..., 0], expected[..., number], atol=1e-5)


def test_a_network_that_does_not_begin_with_a_convolution_has_no_feature_map() -> None:
    with pytest.raises(ValueError, match="begins with Flatten"):
        pooled.feature_map(FEEDFORWARD, [], mnist.load().x_test[:1], 0)


def test_a_picture_that_stays_has_not_changed_and_one_that_leaves_has_changed_wholly() -> None:
    digits = mnist.load().x_test[:20]
    cells, changed, difference = pooled.change(digits, digits)
    assert (cells, changed, difference) == (784, 0, 0)
    assert pooled.change(digits, move(digits, right=28)).difference == 1
    empty = np.zeros((2, 5, 5))
    assert pooled.change(empty, empty) == (25, 0, 0)


def test_the_change_is_the_mean_over_the_pictures() -> None:
    digits = mnist.load().x_test[:7, ..., None]
    moved = move(digits, right=1)
    alone = [pooled.change(digits[[n]], moved[[n]]) for n in range(7)]
    together = pooled.change(digits, moved)
    assert together.changed == pytest.approx(np.mean([one.changed for one in alone]))
    assert together.difference == pytest.approx(np.mean([one.difference for one in alone]))


def test_behind_no_layer_everything_stays_and_behind_pooling_it_is_what_keras_gives() -> None:
    digits = mnist.prepare(mnist.load().x_test[:4])
    assert pooled.behind(None, digits) is digits
    found = pooled.behind(AveragePooling2D(3), digits)
    np.testing.assert_allclose(found, keras.layers.AveragePooling2D(3)(digits), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (MaxPooling2D(2), "side by side: no pixel is in two of them. No pixel is left out."),
        (MaxPooling2D(3, strides=1), "overlap: a pixel lies in up to 9 of them. No pixel"),
        (MaxPooling2D(2, strides=3), "gaps between them"),
        (MaxPooling2D(8), "208 of 784 pixels are in no window."),
    ],
)
def test_the_words_on_windows_follow_strides_and_pool_size(layer: MaxPooling2D, says: str) -> None:
    assert says in pooled.placement(28, layer)


def test_what_is_left_out_at_the_edge_is_what_is_dropped() -> None:
    rest = dropped(28, 8, 8)
    assert f"{784 - (28 - rest) ** 2} of 784" in pooled.placement(28, MaxPooling2D(8))


def test_the_networks_that_are_compared_differ_in_their_pooling_alone() -> None:
    assert worth.VARIANTS[pooled.AS_IS].network == CNN_1
    for name in pooled.TRIED:
        spec = worth.VARIANTS[name]
        layers = spec.network.layers
        assert [layer for layer in layers if "Pooling" not in layer.kind] == [
            layer for layer in CNN_1.layers if "Pooling" not in layer.kind
        ]
        assert isinstance(layers[0], Conv2D)
        assert len(layers) == (4 if name == pooled.NONE else 5)
        assert (spec.seed, spec.epochs, spec.batch_size) == (42, 5, 256)
