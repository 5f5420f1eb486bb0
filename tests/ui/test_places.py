"""The browser's own arithmetic, run in node: what it reckons from what Python sent.

``base.js`` reads the bytes, ``places.js`` says which cells meet. Here both run on what the explorer
is sent, and what they make of it is held to Keras, and to ``lesson.convolution``, which is held to
Keras itself.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from importlib import import_module
from typing import Any

import keras
import numpy as np
import pytest

from lesson import sliding
from lesson.convolution import Window, coverage, receptive_field
from lesson.sliding import Slide
from lesson.ui import explorer
from lesson.ui.explorer import Before, component
from tests.test_convolution import keras_conv, noise

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="node is not installed, so no script can be run"
)

SCRIPTS = ("base", "places")
# What the view does at every place, without the elements that it writes the numbers into.
HARNESS = """
const answers = cases.map((text) => {
  const picture = decode(new Uint8Array(Buffer.from(text, "base64")));
  const role = (name) => picture.maps.filter((map) => map.role === name);
  const [[input], [kernel], results] = [role("input"), role("kernel"), role("output")];
  const places = new Places(picture, input, kernel, results[0]);
  const cells = Array.from({ length: input.rows * input.columns }, (_, n) => [
    Math.floor(n / input.columns), n % input.columns,
  ]);
  const at = (act) => Array.from({ length: places.count }, (_, place) => act(places.at(place)));
  const sums = input.stack.map((values, channel) => at(({ row, column }) => {
    let sum = 0;
    places.each((i, j, n) => {
      const [y, x] = places.meets(i, j, row, column);
      sum += values[y * input.columns + x] * kernel.stack[channel][n];
    });
    return sum;
  }));
  const real = at(({ row, column }) => {
    const found = [];
    places.each((i, j) => {
      const [y, x] = places.meets(i, j, row, column);
      if (!places.isPadding(y, x)) found.push(input.values[y * input.columns + x]);
    });
    return found;
  });
  let wrong = 0; // ways from a pixel to a result that do not lead back to it
  const fed = cells.map(([y, x]) => {
    let count = 0;
    places.each((i, j) => {
      const to = places.fed(i, j, y, x);
      if (!to) return;
      count += 1;
      if (String(places.meets(i, j, ...to)) !== String([y, x])) wrong += 1;
    });
    return count;
  });
  const field = at(({ row, column }) => {
    const [top, , , left] = input.padding;
    const box = places.window({ row, column });
    let rows = [Math.max(0, box.top - top), Math.min(input.rows, box.bottom - top)];
    let columns = [Math.max(0, box.left - left), Math.min(input.columns, box.right - left)];
    const traced = role("before");
    for (let i = traced.length - 1; i >= 0; i -= 1) {
      const [size, strides, down, across, dilation] = picture.before[i];
      rows = backward({ size, strides, before: down, dilation }, rows, traced[i].rows);
      columns = backward({ size, strides, before: across, dilation }, columns, traced[i].columns);
    }
    return [rows[0], columns[0], rows[1], columns[1]];
  });
  return {
    sums, real, fed, wrong, field,
    windows: at((place) => places.window(place)),
    padding: cells.map(([y, x]) => isPadding(input, y, x)),
    dropped: cells.map(([y, x]) => isDropped(input, y, x)),
    names: cells.map(([y, x]) => places.name(y, x)),
    results: results.map((map) => [...map.values]),
    parts: role("parts").flatMap((map) => map.stack.map((values) => [...values])),
  };
});
process.stdout.write(JSON.stringify(answers));
"""

Explore = Callable[..., bytes]


@pytest.fixture
def explore(monkeypatch: pytest.MonkeyPatch) -> Explore:
    """What the explorer sends for a slide."""
    payloads: list[bytes] = []
    module = import_module("lesson.ui.explorer.sliding")
    monkeypatch.setattr(module, "mount", lambda key, data, **callbacks: payloads.append(data))

    def explored(slide: Slide, **settings: Any) -> bytes:
        titles = ("in", "kernel", *slide.results)
        explorer.sliding(slide, key="k", alt="any", titles=titles, **settings)
        return payloads.pop()

    return explored


def reckon(payloads: list[bytes]) -> list[dict[str, Any]]:
    """What the browser's scripts make of pictures."""
    canvas = "{ createElement: () => ({ getContext: () => ({}) }) }"
    scripts = [(component._HERE / "js" / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    cases = json.dumps([base64.b64encode(payload).decode() for payload in payloads])
    source = "\n".join(
        [f"const document = {canvas};", *scripts, f"const cases = {cases};", HARNESS]
    )
    ended = subprocess.run(
        ["node", "-"], input=source, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    answers: list[dict[str, Any]] = json.loads(ended.stdout)
    return answers


# A shape is height, width and channels.
CASES = [
    ((height, width, channels), Window(kernel_size, strides, padding, dilation_rate))
    for height, width, channels in [(28, 28, 1), (13, 7, 16)]
    for kernel_size in (1, 4, 5)
    for strides in (1, 3)
    for padding in ("valid", "same", 2)
    for dilation_rate in (1, 2)
    if padding == "same" or (kernel_size - 1) * dilation_rate < min(height, width)
]


def test_every_sum_that_the_browser_shows_is_keras_s(explore: Explore) -> None:
    payloads, expected = [], []
    for n, (shape, window) in enumerate(CASES):
        picture, kernel = noise(n, *shape), noise(n + 1, *[window.kernel_size] * 2, shape[2])
        payloads.append(explore(sliding.convolution(picture, kernel, window)))
        settings = (window.strides, window.padding, window.dilation_rate)
        expected.append(keras_conv(picture[None], kernel[..., None], *settings)[0, ..., 0].ravel())
    for answer, theirs in zip(reckon(payloads), expected, strict=True):
        np.testing.assert_allclose(np.sum(answer["sums"], axis=0), theirs, atol=1e-4)
        # What it calls the result, and the part of each channel, are the numbers that it sums up.
        np.testing.assert_allclose(answer["results"][0], theirs, atol=1e-4)
        if answer["parts"]:
            np.testing.assert_allclose(answer["sums"], answer["parts"], atol=1e-4)
        assert answer["wrong"] == 0


def test_pixels_windows_padding_and_what_is_dropped_are_where_python_says(explore: Explore) -> None:
    shapes = [(shape, window) for shape, window in CASES if shape[2] == 1]
    slides = [sliding.counting(*shape[:2], window) for shape, window in shapes]
    answers = reckon([explore(slide, scale="count") for slide in slides])
    for (shape, window), slide, answer in zip(shapes, slides, answers, strict=True):
        height, width = shape[:2]
        top, right, bottom, left = slide.padding
        padded = slide.inputs.shape[1:]
        settings = (window.strides, window.padding, window.dilation_rate)
        image = ~np.array(answer["padding"]).reshape(padded)
        fed = np.array(answer["fed"]).reshape(padded)
        used = coverage(height, width, window.kernel_size, *settings)
        np.testing.assert_array_equal(fed[image].reshape(height, width), used)
        assert [len(found) for found in answer["real"]] == slide.result.ravel().tolist()
        assert image[top : padded[0] - bottom, left : padded[1] - right].all()
        assert image.sum() == height * width
        dropped = np.array(answer["dropped"]).reshape(padded)
        # In a dropped row or column no cell is met.
        assert not fed[dropped].any()
        assert answer["windows"][-1]["bottom"] == padded[0] - slide.dropped[0]
        assert answer["windows"][-1]["right"] == padded[1] - slide.dropped[1]
        names = np.array(answer["names"]).reshape(padded)
        assert set(names[~image]) <= {"padding"}
        assert names[top, left] == "row 0, column 0"
        assert names[padded[0] - bottom - 1, left] == f"row {height - 1}, column 0"


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_largest_and_the_mean_that_the_browser_finds_are_keras_s(
    explore: Explore, padding: str
) -> None:
    windows = [Window(k, s, padding) for k in range(1, 9) for s in range(1, 9)]
    picture = noise(8, 28, 26) - 0.5
    answers = reckon([explore(sliding.pooling(picture, window)) for window in windows])
    for window, answer in zip(windows, answers, strict=True):
        settings = (window.kernel_size, window.strides, padding)
        largest = keras.layers.MaxPooling2D(*settings)(picture[None, ..., None])
        mean = keras.layers.AveragePooling2D(*settings)(picture[None, ..., None])
        found = answer["real"]
        np.testing.assert_allclose([max(v) for v in found], np.ravel(largest), atol=1e-6)
        np.testing.assert_allclose([np.mean(v) for v in found], np.ravel(mean), atol=1e-5)


@pytest.mark.parametrize(
    "windows",
    [
        [Window(3)],
        [Window(3), Window(2, 2)],
        [Window(3, 1, "same"), Window(2, 2, "same"), Window(3, 2, "same")],
        [Window(5, 2), Window(3, 1, 2, dilation_rate=2), Window(2, 3)],
        [Window(2, 1, "same", dilation_rate=3), Window(4, 3, 1)],
    ],
)
def test_the_receptive_field_is_drawn_where_the_layers_in_front_lead(
    explore: Explore, windows: list[Window]
) -> None:
    shape = (28, 25)
    sizes = [shape]
    for window in windows:
        sizes.append(sliding.counting(*sizes[-1], window).result.shape)
    last = sliding.convolution(
        np.zeros((*sizes[-2], 1)), np.ones([windows[-1].kernel_size] * 2 + [1]), windows[-1]
    )
    before = [
        Before(f"layer {n}", np.zeros(size), window)
        for n, (size, window) in enumerate(zip(sizes, windows[:-1], strict=False))
    ]
    (answer,) = reckon([explore(last, before=before)])
    for place, field in enumerate(answer["field"]):
        box = receptive_field(windows, shape, *divmod(place, last.result.shape[1]))
        assert field == [box.top, box.left, box.bottom, box.right]
