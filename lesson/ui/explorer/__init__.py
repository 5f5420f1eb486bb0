"""The pixel explorer: arrays drawn as pictures whose every cell can be read."""

from lesson.ui.explorer.component import on_its_own, prepare
from lesson.ui.explorer.maps import Map, Mark, decode, encode, gallery, pixels, points
from lesson.ui.explorer.network import network
from lesson.ui.explorer.sliding import Before, sliding

__all__ = [
    "Before",
    "Map",
    "Mark",
    "decode",
    "encode",
    "gallery",
    "network",
    "on_its_own",
    "pixels",
    "points",
    "prepare",
    "sliding",
]
