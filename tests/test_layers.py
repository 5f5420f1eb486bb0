"""One layer at a time: what Keras refuses is refused here, with the name and the value.

Shapes and counts are held against Keras in stacks of layers, in ``test_specs``.
"""

from __future__ import annotations

import keras
import pytest

from lesson import layers
from lesson.checks import SpecError
from lesson.layers import LAYERS, Conv2D, Dense, MaxPooling2D

INVALID_SETTINGS = [
    ("Conv2D(0)", "filters", "0"),
    ("Conv2D(-3)", "filters", "-3"),
    ("Conv2D(4, kernel_size=0)", "kernel_size", "0"),
    ("Conv2D(4, strides=0)", "strides", "0"),
    ("Conv2D(4, dilation_rate=0)", "dilation_rate", "0"),
    ('Conv2D(4, padding="wrong")', "padding", "'wrong'"),
    ('Conv2D(4, activation="wrong")', "activation", "'wrong'"),
    ("Conv2D(4, strides=2, dilation_rate=3)", "strides", "3"),
    ("MaxPooling2D(0)", "pool_size", "0"),
    ('MaxPooling2D(padding="wrong")', "padding", "'wrong'"),
    ("AveragePooling2D(0)", "pool_size", "0"),
    ("Dense(0)", "units", "0"),
    ("Dense(2.5)", "units", "2.5"),
    ('Dense("12")', "units", "'12'"),
    ('Dense(4, activation="wrong")', "activation", "'wrong'"),
    ("Dropout(-0.1)", "rate", "-0.1"),
    ("Dropout(1.5)", "rate", "1.5"),
    ('Dropout("0.5")', "rate", "'0.5'"),
]


@pytest.mark.parametrize(
    ("call", "name", "value"), INVALID_SETTINGS, ids=[call for call, _, _ in INVALID_SETTINGS]
)
def test_a_setting_that_keras_refuses_is_refused_with_its_name_and_value(
    call: str, name: str, value: str
) -> None:
    with pytest.raises(SpecError) as caught:
        eval(call, vars(layers).copy())
    assert name in str(caught.value)
    assert value in str(caught.value)
    try:
        output = eval(call, vars(keras.layers).copy())(keras.Input((28, 28, 1)))
    except (ValueError, TypeError):
        return
    # Keras 3.12, the last for Python 3.10, lets one through and gives nothing.
    assert 0 in output.shape


def test_every_layer_has_the_name_that_keras_gives_it() -> None:
    for name, layer in LAYERS.items():
        in_keras = getattr(keras.layers, name)
        keras.backend.clear_session(free_memory=False)
        arguments = {
            "Conv2D": (4, 3),
            "Dense": (4,),
            "Dropout": (0.5,),
            "AveragePooling2D": (2,),
        }.get(name, ())
        assert in_keras(*arguments).name == layer.prefix


def test_a_layer_that_needs_a_picture_says_so() -> None:
    for layer in (Conv2D(4), MaxPooling2D()):
        with pytest.raises(SpecError, match="784"):
            layer.output_shape((784,))


def test_a_dense_layer_weighs_the_last_axis_alone() -> None:
    assert Dense(3).weight_shapes((28, 28, 5)) == ((5, 3), (3,))
    assert Dense(3).multiplications((28, 28, 5)) == 28 * 28 * 5 * 3
