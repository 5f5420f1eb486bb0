"""The pixel explorer: arrays drawn as pictures whose every cell can be read."""

from lesson.ui.explorer.explorer import Map, Mark, decode, encode, gallery, pixels

__all__ = ["Map", "Mark", "decode", "encode", "gallery", "pixels"]
