"""A picture file from a reader: checked before it is decoded, made grey, its ink found.

Grey is ``(height, width)``, float32, 0 for black to 1 for white.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from lesson.drawing import Float32, within
from lesson.errors import LessonError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MEGABYTES = 5
MEGAPIXELS = 20
MAX_SIDE = 512  # a larger picture is made smaller first: a digit needs no more
PICTURE_SIDE = 64
ORIENTATION = 0x0112  # EXIF's tag: how the camera was held
LEAST_CONTRAST = 0.08
EVEN = 0.004  # a border that varies by less is of one grey, as in a picture that was not taken
FAINT = 0.06  # of full ink
PLAIN = (
    "A digit stands out from the paper around it, but in this picture nothing does. Take one with "
    "more contrast."
)


@dataclass(frozen=True, eq=False)
class Upload:
    """An uploaded picture.

    Attributes:
        whole: 0..1, the paper's end of black and white at 0, the ink's at 1.
        ink: the same, 0 for paper to 1 for full ink, what is faint on the paper taken away.
        says: what was taken for ink, in a sentence.
    """

    whole: Float32
    ink: Float32
    says: str

    @property
    def picture(self) -> Float32:
        """The whole of it kept as a picture, no side longer than 64."""
        return within(self.whole, PICTURE_SIDE)


def read(content: bytes) -> Upload:
    """What a picture file holds.

    Raises:
        LessonError: the file is no picture, too large or damaged, or nothing stands out in it.
    """
    grey = decode(content)
    ink, dark = find_ink(grey)
    paper, drawn = ("light", "darker") if dark else ("dark", "lighter")
    says = f"The picture in grey. Its border is {paper}, so what is {drawn} counts as ink."
    return Upload(1 - grey if dark else grey, ink, says)


def decode(content: bytes) -> Float32:
    """The grey values of a picture file, upright, no side longer than 512.

    What is transparent is laid on white, and of several pictures the first is taken.

    Raises:
        LessonError: the file is no picture, too large or damaged.
    """
    if not content:
        raise LessonError("A picture is needed, but the file is empty. Choose another one.")
    if len(content) > MEGABYTES * 2**20:
        raise LessonError(
            f"A picture may have {MEGABYTES} MB, but this file has {len(content) / 2**20:.1f} MB. "
            f"Save it smaller and try again."
        )
    try:
        # Only the header is read here.
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check(*image.size)
            return _grey(image)
    except LessonError:
        raise
    except UnidentifiedImageError:
        raise LessonError(
            "A picture is a PNG, JPEG, WebP or GIF file, but this file is none of them, or its "
            "beginning is damaged. Save the picture in one of these formats and try again."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise LessonError(_too_large("more than 80")) from None
    except Exception as error:  # on a damaged file Pillow's readers raise almost anything
        raise LessonError(
            "A picture must be whole, but this file is cut off or damaged. Open it in another "
            "program, save it again, and try with that."
        ) from error


def _check(width: int, height: int) -> None:
    if width * height > MEGAPIXELS * 1_000_000:
        raise LessonError(_too_large(f"{width:,}×{height:,}, {width * height / 1e6:,.1f}"))


def _too_large(received: str) -> str:
    return (
        f"A picture may have {MEGAPIXELS} million pixels, but this one has {received} million. "
        f"Save it smaller and try again."
    )


def _grey(image: Image.Image) -> Float32:
    image.draft("L", (MAX_SIDE, MAX_SIDE))  # a JPEG can be decoded smaller than it is
    image.load()
    if image.mode.startswith("I"):  # 16 bits
        deep = Image.fromarray(np.asarray(image, dtype=np.float32))
        values = _values(_smaller(deep), most=65535)
    elif image.has_transparency_data:
        values = _on_paper(_smaller(image.convert("RGBA")))
    else:
        values = _values(_smaller(image.convert("L")))
    return np.ascontiguousarray(_upright(values, _orientation(image)))


def _smaller(image: Image.Image) -> Image.Image:
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    return image


def _values(image: Image.Image, most: int = 255) -> Float32:
    return np.asarray(image, dtype=np.float32) / np.float32(most)


def _on_paper(image: Image.Image) -> Float32:
    """What is transparent is laid on white; on black if on white there is nothing to be seen."""
    grey, alpha = _values(image.convert("L")), _values(image.getchannel("A"))
    on_white = 1 - alpha + grey * alpha
    return on_white if np.ptp(on_white) >= LEAST_CONTRAST else grey * alpha


def _orientation(image: Image.Image) -> object:
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # damaged notes about a picture are no reason to refuse it
        return None


def _upright(values: Float32, orientation: object) -> Float32:
    """Turn and mirror the picture as EXIF's numbers 1 to 8 ask for.

    >>> _upright(np.array([[1, 2]], dtype=np.float32), 6).tolist()
    [[1.0], [2.0]]
    """
    if orientation in (5, 6, 7, 8):
        values = values.T
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return values


def find_ink(grey: Float32) -> tuple[Float32, bool]:
    """The ink of a grey picture, and whether it is the dark that is ink.

    The border is paper. Ink is what differs most from it, and its full strength is 1.

    >>> find_ink(np.array([[1, 1, 1], [1, 0.5, 1], [1, 1, 1]], dtype=np.float32))[0].tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]

    Raises:
        LessonError: nothing stands out.
    """
    paper = np.float32(np.median(_border(grey)))
    darker, lighter = paper - grey.min(), grey.max() - paper
    contrast, dark = max(darker, lighter), bool(darker >= lighter)
    if contrast < LEAST_CONTRAST:
        raise LessonError(PLAIN)
    ink = (paper - grey if dark else grey - paper) / contrast
    if _unevenness(ink) > EVEN:
        # A photograph: grain and shadow are not ink, and no stroke is equally dark everywhere.
        light = _light(grey)
        ink = (light - grey if dark else grey - light) / contrast
        ink = np.clip(ink - np.clip(2 * _unevenness(ink), 0.2, 0.5), 0, None)
        if not ink.any():
            raise LessonError(PLAIN)
        ink /= np.percentile(ink[ink > 0], 75)
    else:
        # What JPEG and WebP leave about the paper must not make the box around the digit wider.
        plain = ink > FAINT
        ink *= np.outer(_within(plain.any(axis=1)), _within(plain.any(axis=0)))
    return np.clip(ink, 0, 1).astype(np.float32), dark


def _within(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """All from the first that is found to the last.

    >>> _within(np.array([False, True, False, True, False])).tolist()
    [False, True, True, True, False]
    """
    return np.logical_or.accumulate(found) & np.logical_or.accumulate(found[::-1])[::-1]


def _unevenness(ink: Float32) -> float:
    return float(np.percentile(np.abs(_border(ink)), 95))


def _light(grey: Float32) -> Float32:
    """Paper that grows darker to one side: the plane that comes nearest to the border's greys."""
    rows, columns = np.indices(grey.shape, dtype=np.float32)
    at = np.stack([np.ones_like(grey), rows, columns])
    sides = np.stack([_border(each) for each in at], axis=1)
    plane, *_ = np.linalg.lstsq(sides, _border(grey), rcond=None)
    return np.tensordot(plane, at, axes=1).astype(np.float32)


def _border(values: Float32) -> Float32:
    wide = max(1, min(values.shape) // 50)
    sides = (values[:wide], values[-wide:], values[:, :wide], values[:, -wide:])
    return np.concatenate([side.ravel() for side in sides])
