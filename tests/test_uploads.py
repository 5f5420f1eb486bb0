"""A file from anybody is a picture, or a sentence: whatever its bytes."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lesson import drawing, mnist, uploads
from lesson.errors import LessonError

DIGIT = mnist.load().x_test[0]
LARGE = np.kron(255 - DIGIT, np.ones((8, 8), dtype=np.uint8))  # dark on white, 224×224


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def prepared(content: bytes) -> np.ndarray:
    return drawing.prepare(uploads.read(content).ink).image


def grey(values: np.ndarray = LARGE) -> Image.Image:
    return Image.fromarray(values)


def on_alpha(mode: str) -> Image.Image:
    """Black where there is ink, and nothing at all around it."""
    image = Image.new("LA", grey().size, 0)
    image.putalpha(grey(255 - LARGE))
    return image.convert(mode)


def palette() -> Image.Image:
    image = Image.new("P", grey().size, 1)
    image.putpalette([0, 0, 0, 90, 90, 90])
    image.paste(0, mask=grey(255 - LARGE).point(lambda value: 255 * (value > 127)))
    return image


def deep() -> Image.Image:
    return Image.fromarray(LARGE.astype(np.uint16) * 257)


PICTURES: dict[str, bytes] = {
    "1": saved(grey().convert("1", dither=Image.Dither.NONE)),
    "L": saved(grey()),
    "L on black": saved(grey(255 - LARGE)),
    "LA": saved(on_alpha("LA")),
    "RGB": saved(grey().convert("RGB")),
    "RGBA": saved(on_alpha("RGBA")),
    "RGBA white ink": saved(
        Image.merge("RGBA", [grey(np.full_like(LARGE, 255))] * 3 + [grey(255 - LARGE)])
    ),
    "P transparent": saved(palette(), transparency=1),
    "P": saved(grey().convert("P")),
    "I;16": saved(deep()),
    "L with tRNS": saved(grey(), transparency=255),
    "CMYK": saved(grey().convert("CMYK"), "JPEG", quality=95),
    "JPEG": saved(grey(), "JPEG", quality=75),
    "JPEG progressive": saved(grey().convert("RGB"), "JPEG", quality=90, progressive=True),
    "WebP": saved(grey().convert("RGB"), "WEBP", lossless=True),
    "WebP with alpha": saved(on_alpha("RGBA"), "WEBP", lossless=True),
    "WebP lossy": saved(grey().convert("RGB"), "WEBP", quality=80),
    "GIF": saved(grey(), "GIF"),
    "GIF animated": saved(
        grey(), "GIF", save_all=True, append_images=[grey(np.full_like(LARGE, 255))]
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_digit_is_read_from_every_kind_of_picture(name: str) -> None:
    found = prepared(PICTURES[name]).astype(int)
    overlap = np.corrcoef(found.ravel(), DIGIT.astype(int).ravel())[0, 1]
    assert overlap > 0.95


@pytest.mark.parametrize("name", ["L", "L on black", "LA", "RGB", "I;16", "GIF", "WebP"])
def test_without_loss_in_the_file_there_is_next_to_none_in_the_digit(name: str) -> None:
    assert np.abs(prepared(PICTURES[name]).astype(int) - DIGIT).max() <= 2


def test_the_border_says_what_is_ink() -> None:
    dark, light = uploads.read(PICTURES["L"]), uploads.read(PICTURES["L on black"])
    assert dark.says == "The picture in grey. Its border is light, so what is darker counts as ink."
    assert (
        light.says == "The picture in grey. Its border is dark, so what is lighter counts as ink."
    )
    np.testing.assert_allclose(dark.picture, light.picture, atol=0.01)


def turned(orientation: int) -> bytes:
    """A file whose pixels lie so that the orientation brings the digit upright again."""
    undo: dict[int, Image.Transpose] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = grey(LARGE[:, 20:])  # not square
    image = image.transpose(undo[orientation]) if orientation > 1 else image
    exif = Image.Exif()
    exif[uploads.ORIENTATION] = orientation
    return saved(image, "JPEG", quality=95, exif=exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    values = uploads.decode(turned(orientation))
    assert values.shape == (224, 204)
    assert np.abs(values - LARGE[:, 20:] / 255).mean() < 0.02


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_notes_about_the_picture_do_no_harm() -> None:
    content = saved(grey(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\xff" * 40)
    assert uploads.decode(content).shape == (224, 224)


def test_sixteen_bits_are_not_cut_to_eight() -> None:
    values = np.array([[0, 1, 65535], [257, 32768, 65535]], dtype=np.uint16)
    read = uploads.decode(saved(Image.fromarray(values)))
    np.testing.assert_allclose(read, values / 65535, atol=1e-6)


def test_a_photograph_of_paper_gives_the_digit_and_not_its_shadow() -> None:
    rng = np.random.default_rng(0)
    light = np.linspace(0.95, 0.75, 600)[None] * np.linspace(1, 0.95, 800)[:, None]
    sheet = np.zeros((800, 600))
    sheet[300:524, 200:424] = 1 - LARGE / 255
    taken = np.clip(light * (1 - 0.7 * sheet) + rng.normal(0, 0.02, sheet.shape), 0, 1)
    found = prepared(saved(grey((taken * 255).astype(np.uint8)), "JPEG", quality=85))
    assert np.corrcoef(found.ravel(), DIGIT.ravel())[0, 1] > 0.95
    assert not found[:6].any()


def test_a_picture_is_kept_as_a_picture() -> None:
    picture = uploads.read(saved(grey(np.tile(LARGE, (1, 2))))).picture
    assert picture.shape == (32, 64)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() < 0.01  # the light border
    assert picture.max() > 0.9


def test_a_small_picture_is_not_made_larger() -> None:
    picture = uploads.read(saved(grey(255 - DIGIT))).picture
    np.testing.assert_allclose(picture, DIGIT / 255, atol=1e-6)


# ---- what is no picture, or none to take


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("digit.txt", "7" * 1000)
    return file.getvalue()


REFUSED = {
    "empty": (b"", "the file is empty"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', "none"),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "none of them"),
    "zip": (zipped(), "none of them"),
    "BMP": (saved(grey(), "BMP"), "none of them"),
    "TIFF": (saved(grey(), "TIFF"), "none of them"),
    "only a signature": (PICTURES["L"][:8], "none of them"),
    "6 MB": (b"\x89PNG\r\n\x1a\n" + bytes(6 * 2**20), "this file has 6.0 MB"),
    "bomb": (png_header(50_000, 50_000), "20 million pixels"),
    "wide bomb": (png_header(2**31 - 1, 1), "20 million pixels"),
    "between Pillow's limit and twice it": (png_header(10_000, 10_000), "20 million pixels"),
    "just too large": (png_header(20_000_001, 1), "20,000,001×1, 20.0 million"),
    "white": (saved(grey(np.full((50, 50), 255, dtype=np.uint8))), "nothing does"),
    "transparent": (saved(Image.new("RGBA", (9, 9))), "nothing does"),
    "one pixel": (saved(Image.new("L", (1, 1))), "nothing does"),
    "lying header": (png_header(300, 300), "cut off or damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_to_take_is_told_of_at_once(name: str) -> None:
    content, says = REFUSED[name]
    started = time.perf_counter()
    with pytest.raises(LessonError, match=says) as refused:
        uploads.read(content)
    assert time.perf_counter() - started < 2
    assert "Traceback" not in str(refused.value)


def test_a_real_bomb_is_not_decoded() -> None:
    content = saved(Image.new("L", (5_000, 5_001)))
    assert len(content) < 100_000
    with pytest.raises(LessonError, match=r"5,000×5,001, 25\.0 million"):
        uploads.read(content)


@pytest.mark.parametrize("name", ["L", "I;16", "RGBA", "JPEG", "JPEG progressive", "WebP", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_told_of_or_read(name: str, share: float) -> None:
    content = PICTURES[name][: int(len(PICTURES[name]) * share)]
    with pytest.raises(LessonError, match="damaged"):
        uploads.read(content)


@pytest.mark.parametrize("size", [(20_000_000, 1), (1, 20_000_000), (5_000, 4_000)])
def test_the_largest_pictures_of_any_proportion_are_read_soon(size: tuple[int, int]) -> None:
    values = np.full(size[::-1], 255, dtype=np.uint8)
    values[
        values.shape[0] // 3 : -(values.shape[0] // 3) or None, size[0] // 3 : -(size[0] // 3)
    ] = 0
    values[0] = 0 if size[1] == 1 else 255
    content = saved(grey(values), compress_level=1)
    started = time.perf_counter()
    grey_values = uploads.decode(content)
    assert time.perf_counter() - started < 10
    assert max(grey_values.shape) == uploads.MAX_SIDE
    assert min(grey_values.shape) >= 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_a_sentence(content: bytes) -> None:
    attempt(content)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(PICTURES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_any_damage_to_a_picture_leaves_a_picture_or_a_sentence(
    name: str, damage: list[tuple[float, int]]
) -> None:
    content = bytearray(PICTURES[name])
    for place, value in damage:
        content[int(place * (len(content) - 1))] = value
    attempt(bytes(content))


def attempt(content: bytes) -> None:
    try:
        upload = uploads.read(content)
    except LessonError:
        return
    assert max(upload.picture.shape) <= 64
    assert drawing.prepare(upload.ink).image.any()


@pytest.mark.parametrize(("form", "quality"), [("JPEG", 75), ("WEBP", 60)])
def test_what_compression_leaves_on_the_paper_does_not_move_the_box(
    form: str, quality: int
) -> None:
    ink = drawing.draw((((90, 60), (200, 60), (120, 230)),))
    grey = Image.fromarray(255 - drawing.to_bytes(ink))
    file = io.BytesIO()
    grey.save(file, form, quality=quality)
    found = uploads.read(file.getvalue()).ink
    for axis in (0, 1):
        drawn, kept = (np.flatnonzero(each.any(axis=axis)) for each in (ink > 0, found > 0))
        assert abs(int(kept[0]) - int(drawn[0])) <= 3
        assert abs(int(kept[-1]) - int(drawn[-1])) <= 3
