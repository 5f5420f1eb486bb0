"""The forward pass of a trained network in NumPy, every activation kept.

It is the arithmetic that the convolution page steps through; the tests hold it equal to
Keras's on all 10,000 test digits. Nothing in a network is magic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lesson.convolution import average_pooling2d, conv2d, max_pooling2d
from lesson.layers import AveragePooling2D, Conv2D, Dense, Flatten, Layer, MaxPooling2D
from lesson.specs import NetworkSpec

Float32 = npt.NDArray[np.float32]


def activate(values: Float32, activation: str) -> Float32:
    """Apply a Keras activation by name; softmax runs over the last axis.

    >>> activate(np.array([-1.0, 2.0], dtype=np.float32), "relu").tolist()
    [0.0, 2.0]
    """
    if activation == "relu":
        return np.maximum(values, 0)
    if activation == "sigmoid":
        # tanh saturates where exp would overflow.
        return (0.5 * (1 + np.tanh(0.5 * values))).astype(values.dtype)
    if activation == "tanh":
        return np.tanh(values)
    if activation == "softmax":
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)
    return values


def apply(layer: Layer, values: Float32, weights: Sequence[Float32]) -> Float32:
    """One layer's output for ``values`` ``(n, *input_shape)``; ``weights``: kernel, bias."""
    if isinstance(layer, Conv2D):
        kernel, bias = weights
        sums = conv2d(
            values,
            kernel,
            bias,
            strides=layer.strides,
            padding=layer.padding,
            dilation_rate=layer.dilation_rate,
        )
        return activate(sums, layer.activation)
    if isinstance(layer, MaxPooling2D):
        return max_pooling2d(values, layer.pool_size, layer.strides, layer.padding)
    if isinstance(layer, AveragePooling2D):
        return average_pooling2d(values, layer.pool_size, layer.strides, layer.padding)
    if isinstance(layer, Flatten):
        return values.reshape(len(values), -1)
    if isinstance(layer, Dense):
        kernel, bias = weights
        return activate(values @ kernel + bias, layer.activation)
    return values  # Dropout only acts while training


def split_weights(network: NetworkSpec, weights: Sequence[Float32]) -> Iterator[list[Float32]]:
    """Deal a flat list of arrays, as Keras's ``get_weights`` gives it, out to the layers."""
    arrays = iter(weights)
    for row in network.ledger:
        yield [next(arrays) for _ in row.layer.weight_shapes(row.input_shape)]


def forward(network: NetworkSpec, weights: Sequence[Float32], images: Float32) -> list[Float32]:
    """Every activation from the input to the probabilities.

    Args:
        network: the network's spec.
        weights: its trained arrays, as Keras's ``get_weights`` lists them.
        images: prepared digits, shape ``(n, 28, 28, 1)``.

    Returns:
        The input and the output of each layer, shapes ``(n, *shape)`` for ``network.shapes``.
    """
    activations = [images]
    for layer, own in zip(network.layers, split_weights(network, weights), strict=True):
        activations.append(apply(layer, activations[-1], own))
    return activations


def predict(
    network: NetworkSpec, weights: Sequence[Float32], images: Float32, batch_size: int = 250
) -> Float32:
    """Only the last activation, shape ``(n, 10)``, a batch at a time so that memory stays small."""
    per_layer = list(split_weights(network, weights))
    results = []
    for start in range(0, len(images), batch_size):
        values = images[start : start + batch_size]
        for layer, own in zip(network.layers, per_layer, strict=True):
            values = apply(layer, values, own)
        results.append(values)
    return np.concatenate(results)
