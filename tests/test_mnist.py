"""The bundled digits are the real ones, and the preparation is the notebook's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import numpy as np
import pytest

from lesson import mnist
from lesson.errors import LessonError


@pytest.fixture(scope="module")
def digits() -> mnist.Digits:
    return mnist.load()


def test_there_are_sixty_thousand_training_and_ten_thousand_test_digits(
    digits: mnist.Digits,
) -> None:
    assert [array.shape for array in digits] == [
        (60_000, 28, 28),
        (60_000,),
        (10_000, 28, 28),
        (10_000,),
    ]
    assert all(array.dtype == np.uint8 for array in digits)


def test_the_digits_come_in_mnists_own_order(digits: mnist.Digits) -> None:
    assert digits.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_each_class_is_as_frequent_as_in_mnist(digits: mnist.Digits) -> None:
    # From the published data set.
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(digits.y_train).tolist() == train
    assert np.bincount(digits.y_test).tolist() == test


def test_pixels_are_white_on_black_with_the_known_mean_and_spread(digits: mnist.Digits) -> None:
    assert (digits.x_train.min(), digits.x_train.max()) == (0, 255)
    # Ten thousand at a time: all at once they would fill the memory of a small machine.
    means, squares = [], []
    for part in np.split(digits.x_train, 6):
        scaled = mnist.prepare(part)
        means.append(scaled.mean(dtype=np.float64))
        squares.append(np.square(scaled).mean(dtype=np.float64))
    mean, square = np.mean(means), np.mean(squares)
    assert mean == pytest.approx(0.1307, abs=5e-5)
    assert np.sqrt(square - mean**2) == pytest.approx(0.3081, abs=5e-5)
    # Ink stands in the middle, and the corners are paper.
    assert digits.x_train[:, 14, 14].mean() > 50
    assert not digits.x_train[:, [0, 0, 27, 27], [0, 27, 0, 27]].any()


def test_the_digits_are_loaded_once_and_cannot_be_written(digits: mnist.Digits) -> None:
    assert mnist.load() is digits
    for array in digits:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_stored_sum_is_that_of_the_bundled_file() -> None:
    assert hashlib.sha256(mnist.PATH.read_bytes()).hexdigest() == mnist.SHA256


def altered(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [None, lambda content: b"", lambda content: content[:-1], altered],
    ids=["missing", "empty", "cut off", "one bit altered"],
)
def test_a_damaged_file_is_refused_with_a_sentence_that_helps(damage, tmp_path: Path) -> None:
    path = tmp_path / "assets" / "mnist.npz"
    path.parent.mkdir()
    if damage:
        path.write_bytes(damage(mnist.PATH.read_bytes()))
    with pytest.raises(mnist.DataError) as caught:
        mnist.load(path)
    sentence = str(caught.value)
    assert isinstance(caught.value, LessonError)
    assert "assets/mnist.npz" in sentence
    assert mnist.SHA256 in sentence
    assert "git checkout -- assets/mnist.npz" in sentence
    if damage:
        assert hashlib.sha256(path.read_bytes()).hexdigest() in sentence
        assert f"{path.stat().st_size:,} bytes" in sentence
    # Nothing of the machine's own folders is shown to the reader.
    assert str(tmp_path) not in sentence


def test_a_file_that_is_put_back_is_read_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    with pytest.raises(mnist.DataError):
        mnist.load(path)
    path.write_bytes(mnist.PATH.read_bytes())
    assert np.array_equal(mnist.load(path).y_test, mnist.load().y_test)


def test_each_step_of_the_preparation_is_what_the_notebook_does(digits: mnist.Digits) -> None:
    images = digits.x_test[:50]
    with_channel = mnist.reshape(images)
    assert with_channel.shape == (50, 28, 28, 1)
    assert with_channel.dtype == np.uint8
    assert np.array_equal(with_channel[..., 0], images)

    as_float = mnist.to_float32(with_channel)
    assert as_float.dtype == np.float32
    assert np.array_equal(as_float, with_channel)

    scaled = mnist.scale(as_float)
    assert scaled.dtype == np.float32
    assert np.array_equal(scaled, images.reshape(-1, 28, 28, 1).astype("float32") / 255)
    np.testing.assert_allclose(scaled, keras.layers.Rescaling(1 / 255)(as_float), rtol=1e-6)

    assert np.array_equal(mnist.prepare(images), scaled)
    assert np.array_equal(mnist.prepare(images, scaled=False), as_float)
    assert images.max() == 255


def test_preparing_leaves_the_bundled_digits_alone(digits: mnist.Digits) -> None:
    before = digits.x_test[:50].copy()
    prepared = mnist.prepare(digits.x_test[:50])
    prepared += 1
    assert np.array_equal(digits.x_test[:50], before)


def test_one_hot_labels_are_those_of_keras(digits: mnist.Digits) -> None:
    ours = mnist.one_hot(digits.y_test)
    theirs = keras.utils.to_categorical(digits.y_test, 10)
    assert ours.shape == (10_000, 10)
    assert ours.dtype == np.float32
    assert np.array_equal(ours, theirs)
    assert np.array_equal(
        mnist.one_hot(np.array([2, 0, 3]), num_classes=5), keras.utils.to_categorical([2, 0, 3], 5)
    )
