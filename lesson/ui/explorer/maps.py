"""Pixel maps side by side, drawn in the browser: Python owns the values, JavaScript the pointer.

A picture travels as one piece of bytes, since that is the leanest thing that a component takes:
the length of a header (4 bytes, little-endian), the header as JSON, then the values of each map
in order, as ``uint8`` where they are bytes and as ``float32`` everywhere else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from lesson.errors import LessonError
from lesson.ui.explorer.component import mount

Values = npt.NDArray[np.generic]
Scale = Literal["ink", "diverging", "count"]
Tone = Literal["window", "result", "other"]

MAX_SIDE = 512
MAX_MAPS = 256
GALLERY_CELLS = 48  # the smallest side of a map in a gallery, in pixels of the screen


@dataclass(frozen=True)
class Mark:
    """A box drawn around cells, half-open as slices are: ``values[top:bottom, left:right]``.

    A label is explained below the map; the tone says what kind of thing the box is.
    """

    top: int
    left: int
    bottom: int
    right: int
    label: str = ""
    tone: Tone = "window"


@dataclass(frozen=True, eq=False)
class Map:
    """One array as a picture of square cells, or a stack of arrays that share one scale.

    Attributes:
        values: ``(height, width)`` or, for a stack, ``(count, height, width)``; numbers or
            booleans, each side 1 to 512. Cells that are not finite are drawn crossed out.
        title, caption: the lines above and below.
        scale: ``"ink"`` from paper (the page's background) at 0 to ink; ``"diverging"`` from orange
            through the background at zero to blue; ``"count"`` from the background at 0 to green.
        low, high: the ends of the scale. By default 0 to 255 for bytes drawn in ink, otherwise
            what the values ask for. A diverging scale is always as long on both sides of zero.
        numbers: write the value into each cell: always, never, or (``None``) where it is readable.
        decimals: places behind the point in the cells; by default 0 where all are whole, else 2.
        marks: boxes around cells.
        padding: how many of the outermost rows and columns of ``values`` are padding:
            ``(top, right, bottom, left)``. Rows and columns are then counted from the image.
        dropped: how many trailing ``(rows, columns)`` no window reaches.
        size: this map's cells are so many times as large as they would be.
        role: what the map is in a picture whose maps play different parts.
        choice: what Python is told when the map is taken from a gallery to choose from.
    """

    values: Values
    title: str = ""
    caption: str = ""
    scale: Scale = "ink"
    low: float | None = None
    high: float | None = None
    numbers: bool | None = None
    decimals: int | None = None
    marks: Sequence[Mark] = ()
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dropped: tuple[int, int] = (0, 0)
    size: float = 1.0
    role: str = ""
    choice: int | str | None = None

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        object.__setattr__(self, "values", values)
        if values.ndim not in (2, 3) or not all(1 <= side <= MAX_SIDE for side in values.shape):
            raise LessonError(
                f"A map shows an array (height, width), or several of them (count, height, width), "
                f"each axis 1 to {MAX_SIDE}, but the shape is {values.shape}. "
                f"Choose one channel of one picture."
            )
        if values.dtype.kind not in "buif":
            raise LessonError(
                f"A map shows real numbers, but the array holds {values.dtype}. Convert it first."
            )
        if self.scale not in get_args(Scale):
            choices = ", ".join(get_args(Scale))
            raise LessonError(f"scale must be one of {choices}, but it is {self.scale!r}.")
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if not all(math.isfinite(bound) for bound in bounds) or bounds != sorted(bounds):
            raise LessonError(
                "low and high must be finite, and low the smaller one, but they are "
                f"{self.low!r} and {self.high!r}."
            )
        if not 0 < self.size <= 16:
            raise LessonError(f"size must be above 0 and at most 16, but it is {self.size!r}.")
        if self.decimals is not None and not 0 <= self.decimals <= 6:
            raise LessonError(f"decimals must be 0 to 6, but it is {self.decimals!r}.")
        self._check_borders(*values.shape[-2:])

    def _check_borders(self, height: int, width: int) -> None:
        top, right, bottom, left = self.padding
        below, beside = self.dropped
        if (
            min(*self.padding, *self.dropped) < 0
            or top + bottom >= height
            or left + right >= width
            or below >= height
            or beside >= width
        ):
            raise LessonError(
                f"Padding {self.padding} and dropped {self.dropped} must not be negative and must "
                f"leave something of a picture of {height}×{width}."
            )
        for mark in self.marks:
            if not (0 <= mark.top < mark.bottom <= height and 0 <= mark.left < mark.right <= width):
                raise LessonError(f"{mark} must lie inside its map of {height}×{width}.")
            if mark.tone not in get_args(Tone):
                raise LessonError(f"tone must be one of {get_args(Tone)}, but it is {mark.tone!r}.")

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of this map's own colour scale.

        >>> Map(np.array([[-1.0, 3.0]]), scale="diverging").bounds
        (-3.0, 3.0)
        >>> Map(np.array([[0, 90]], dtype=np.uint8)).bounds
        (0.0, 255.0)
        """
        smallest, largest = _extremes(self.values)
        if self.scale == "diverging":
            given = [abs(bound) for bound in (self.low, self.high) if bound is not None]
            reach = max(given, default=max(-smallest, largest)) or 1.0
            return -reach, reach
        low = min(0.0, smallest) if self.low is None else float(self.low)
        if self.high is not None:
            high = float(self.high)
        elif self.scale == "ink" and self.values.dtype == np.uint8:
            high = 255.0
        else:
            high = largest
        return low, high if high > low else low + 1.0


def _extremes(values: Values) -> tuple[float, float]:
    """The smallest and the largest value that is finite; (0, 0) where there is none."""
    smallest, largest = float(values.min()), float(values.max())
    if math.isfinite(smallest) and math.isfinite(largest):
        return smallest, largest
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _shared_bounds(maps: Sequence[Map]) -> list[tuple[float, float]]:
    """One scale for all maps of a kind, save where a map names an end of its own."""
    own = [map_.bounds for map_ in maps]
    ends: dict[str, tuple[float, float]] = {}
    for map_, (low, high) in zip(maps, own, strict=True):
        least, most = ends.get(map_.scale, (low, high))
        ends[map_.scale] = (min(least, low), max(most, high))
    return [
        bounds if map_.low is not None or map_.high is not None else ends[map_.scale]
        for map_, bounds in zip(maps, own, strict=True)
    ]


def _header(map_: Map, bounds: tuple[float, float]) -> dict[str, Any]:
    """What the browser must know of a map beside its values, without what is at its default."""
    whole = map_.values.dtype.kind in "bui"
    all_whole = whole or bool((map_.values == np.rint(map_.values)).all())
    *count, height, width = map_.values.shape
    header: dict[str, Any] = {
        "rows": height,
        "columns": width,
        "type": "uint8" if _is_bytes(map_) else "float32",
        "whole": whole,
        "scale": map_.scale,
        "low": bounds[0],
        "high": bounds[1],
        "decimals": map_.decimals if map_.decimals is not None else 0 if all_whole else 2,
    }
    if count:
        header["count"] = count[0]
    if map_.role:
        header["role"] = map_.role
    if map_.choice is not None:
        header["choice"] = map_.choice
    if map_.title:
        header["title"] = map_.title
    if map_.caption:
        header["caption"] = map_.caption
    if map_.numbers is not None:
        header["numbers"] = map_.numbers
    if map_.size != 1:
        header["size"] = map_.size
    if any(map_.padding):
        header["padding"] = map_.padding
    if any(map_.dropped):
        header["dropped"] = map_.dropped
    if map_.marks:
        header["marks"] = [
            [mark.top, mark.left, mark.bottom, mark.right, mark.label, mark.tone]
            for mark in map_.marks
        ]
    return header


def _is_bytes(map_: Map) -> bool:
    return map_.values.dtype in (np.uint8, np.bool_)


def encode(maps: Sequence[Map], *, shared: bool = False, **layout: Any) -> bytes:
    """The picture as it travels: a header and the values, all in one piece of bytes.

    Args:
        maps: what is drawn, in order.
        shared: whether all maps of one kind of scale have the same ends of it.
        layout: JSON values that go into the header as they are.

    >>> header, arrays = decode(encode([Map(np.eye(2))], alt="the unit matrix"))
    >>> header["alt"], arrays[0].tolist()
    ('the unit matrix', [[1.0, 0.0], [0.0, 1.0]])
    """
    if not 1 <= len(maps) <= MAX_MAPS:
        raise LessonError(f"A picture has 1 to {MAX_MAPS} maps, but {len(maps)} were given.")
    bounds = _shared_bounds(maps) if shared else [map_.bounds for map_ in maps]
    headers = [_header(map_, ends) for map_, ends in zip(maps, bounds, strict=True)]
    header = json.dumps(
        {**layout, "maps": headers}, separators=(",", ":"), ensure_ascii=False
    ).encode()
    parts = [len(header).to_bytes(4, "little"), header]
    for map_ in maps:
        dtype = np.uint8 if _is_bytes(map_) else np.dtype("<f4")
        with np.errstate(over="ignore"):  # beyond float32 is infinite, and drawn crossed out
            parts.append(map_.values.astype(dtype, copy=False).tobytes())
    return b"".join(parts)


def decode(payload: bytes) -> tuple[dict[str, Any], list[Values]]:
    """The header and the arrays of an encoded picture, in the shapes that its maps have."""
    start = 4 + int.from_bytes(payload[:4], "little")
    header: dict[str, Any] = json.loads(payload[4:start])
    arrays: list[Values] = []
    for map_ in header["maps"]:
        dtype = np.dtype(np.uint8 if map_["type"] == "uint8" else "<f4")
        shape = (*([map_["count"]] if "count" in map_ else []), map_["rows"], map_["columns"])
        values = np.frombuffer(payload, dtype, math.prod(shape), start).reshape(shape)
        arrays.append(values)
        start += values.nbytes
    return header, arrays


def pixels(
    maps: Sequence[Map],
    *,
    key: str,
    alt: str,
    height: float | None = None,
    columns: int | None = None,
    between: Sequence[str] | None = None,
    legend: bool = True,
    shared: bool = False,
    linked: bool = False,
    places: Sequence[str] | None = None,
    tiles: tuple[int, int] | None = None,
) -> None:
    """Draw a main picture: maps in one row, as large as the page allows, wrapped on a phone.

    Cells are square, and maps of about the same size share one size of cell; a small one, such as
    a kernel, has larger cells. Pointing at a cell, or going there with the arrow keys, shows its
    row, column (from 0) and value below.

    Args:
        maps: from left to right.
        key: Streamlit's key; the picture is changed in place as long as it stays the same.
        alt: what the picture shows, for those who do not see it.
        height: the largest height of a map in pixels, or up to 1 as a share of the window's; by
            default 60 % of it.
        columns: maps in a row; by default all of them.
        between: the signs between the maps, one fewer than there are maps, such as ``("∗", "=")``.
        legend: whether the ends of each map's colours stand below it.
        shared: whether all maps of one kind of scale have the same ends of it.
        linked: the maps, of one shape, belong together cell by cell: pointing at a cell of one
            reads the same cell of all.
        places: what the cells of linked maps are called, row after row.
        tiles: the linked maps are laid of smaller ones of this height and width, side by side; a
            cell is then called by its map, from 1, and its place in that.

    Raises:
        LessonError: no maps, or a wrong number of signs, or linked maps of different shapes.
    """
    if between is not None and len(between) != len(maps) - 1:
        raise LessonError(
            f"Between {len(maps)} maps stand {len(maps) - 1} signs, but {len(between)} were given."
        )
    if linked and len({map_.values.shape for map_ in maps}) > 1:
        shapes = ", ".join(str(map_.values.shape) for map_ in maps)
        raise LessonError(f"Linked maps have one shape, but these have {shapes}.")
    layout: dict[str, Any] = {
        "kind": "row",
        "alt": alt,
        "height": height,
        "columns": columns,
        "between": list(between or ()),
        "legend": legend,
    }
    if linked:
        layout["linked"] = True
        if places:
            layout["places"] = list(places)
        if tiles:
            layout["tiles"] = tiles
    mount(key, encode(maps, shared=shared, **layout))


def gallery(
    maps: Sequence[Map],
    *,
    key: str,
    alt: str,
    height: int | None = None,
    columns: int | None = None,
    legend: bool = True,
    shared: bool = True,
    chosen: int | str | None = None,
    on_chosen: Callable[[], None] | None = None,
) -> None:
    """Draw many maps as a grid, each at least 48 pixels wide, as large as fits ``height`` in all.

    Arguments as for :func:`pixels`; here the maps share their colours unless told otherwise.
    With ``on_chosen`` a click on a map, or the Enter key, puts the map's ``choice`` into
    ``st.session_state[key].chosen`` and calls it; the map whose choice is ``chosen`` is framed.
    """
    layout: dict[str, Any] = {
        "kind": "grid",
        "alt": alt,
        "height": height,
        "columns": columns,
        "least": GALLERY_CELLS,
        "legend": legend,
    }
    callbacks = {}
    if on_chosen:
        layout |= {"choose": True, "chosen": chosen}
        callbacks["on_chosen_change"] = on_chosen
    mount(key, encode(maps, shared=shared, **layout), **callbacks)


def points(
    map_: Map, *, key: str, alt: str, height: int = 280, on_chosen: Callable[[], None] | None = None
) -> None:
    """Draw one map of which a cell can be pointed at.

    A click on a cell, or the Enter key, puts its ``[row, column]``, counted from 0, into
    ``st.session_state[key].chosen`` and calls ``on_chosen``. Other arguments as for :func:`pixels`.
    """
    layout: dict[str, Any] = {"kind": "row", "alt": alt, "height": height, "legend": False}
    callbacks = {}
    if on_chosen:
        layout["choose"] = "cells"
        callbacks["on_chosen_change"] = on_chosen
    mount(key, encode([map_], **layout), **callbacks)
