"""The drawing pad: the pen is the browser's, the strokes come to Python when one is finished."""

from __future__ import annotations

import json
from collections.abc import Callable

from lesson import drawing
from lesson.errors import LessonError
from lesson.ui.explorer.component import mount

SIDE = 220  # pixels of the screen; it fits the sidebar
MAX_SERIAL = 2**31


def encode(strokes: drawing.Strokes, serial: int, alt: str) -> bytes:
    """The pad as it travels: a header without maps.

    >>> from lesson.ui.explorer.maps import decode
    >>> decode(encode((((5, 6), (7, 8)),), serial=1, alt="a pad"))[0]["strokes"]
    [[5, 6, 7, 8]]
    """
    header = {
        "kind": "pad",
        "alt": alt,
        "side": SIDE,
        "grid": drawing.GRID,
        "pen": drawing.PEN,
        "most_strokes": drawing.MAX_STROKES,
        "most_points": drawing.MAX_POINTS,
        "serial": serial,
        "strokes": [[place for point in stroke for place in point] for stroke in strokes],
        "maps": [],
    }
    written = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return len(written).to_bytes(4, "little") + written


def read(sent: object) -> tuple[drawing.Strokes, int]:
    """The strokes that the pad sent, and the number of the change.

    >>> read({"serial": 3, "strokes": [[5, 6, 7, 8]]})
    ((((5, 6), (7, 8)),), 3)

    Raises:
        LessonError: the pad would not send this.
    """
    serial = sent.get("serial") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or type(serial) is not int or not 0 <= serial < MAX_SERIAL:
        raise LessonError(
            "A drawing comes with its strokes and a number that counts its changes, but something "
            "else came. Reload the page and draw it again."
        )
    return drawing.read_strokes(sent.get("strokes")), serial


def pad(
    strokes: drawing.Strokes, serial: int, *, key: str, alt: str, on_drawn: Callable[[], None]
) -> None:
    """Show a pad with a drawing on it.

    When a stroke ends, is taken back, or all are cleared, ``on_drawn`` is called, with
    ``{"serial": ..., "strokes": ...}`` in ``st.session_state[key].drawn``: the browser's, not yet
    checked.

    Args:
        strokes: the drawing that the last ``on_drawn`` brought.
        serial: its number; the browser numbers its changes, and keeps what is newer than this.
        key: Streamlit's key.
        alt: what the pad is for.
        on_drawn: called before the page runs again.
    """
    mount(key, encode(strokes, serial, alt), True, on_drawn_change=on_drawn)
