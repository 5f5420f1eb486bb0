"""One component for all pictures: its code goes to the browser once, the pictures as bytes.

Streamlit sends a component's script along with each change of what it shows. So the script stands
in an element of its own that never changes, of which Streamlit sends only the hash again, and a
picture carries a few lines that wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

from lesson.ui import controls
from lesson.ui.lean import lean

_HERE = Path(__file__).parent
SHARED = ("base", "places", "pane", "arithmetic", "timeline")
SCRIPTS = ("maps", "sliding", "network", "pad")  # each has a scope of its own; all see the shared
CODE_KEY = "explorer_code"  # the page hides the element with this key
ON_ITS_OWN = "_explorer_on_its_own"
# What a picture says of the page around it, in the byte behind its own.
WHOLE, AHEAD, ALONE = b"\0", b"\1", b"\2"

# A picture's own script. Whichever of the two comes first makes the place where they meet.
PICTURE = """
export default async function (component) {
const place = (globalThis.cnnClassroom ??= {});
place.ready ??= new Promise((resolve) => (place.resolve = resolve));
return (await place.ready)(component);
}
"""
MEET = """
export default function ({ setTriggerValue }) {
const place = (globalThis.cnnClassroom ??= {});
follow.ask = () => setTriggerValue("rested", true);
if (!place.touched) {
const touch = () => (place.touched = performance.now());
const kinds = ["pointerdown", "pointerup", "keydown", "popstate"];
for (const kind of kinds) addEventListener(kind, touch, true);
touch();
}
place.resolve?.(show);
place.ready = Promise.resolve(show);
}
"""


def prepare() -> None:
    """Send the script that draws the pictures; once on a page, before the first of them.

    When a picture was changed by a fragment of the page alone and then rests, this element asks
    for the whole page. Call it outside of any fragment.
    """
    on_its_own(False)
    _component("code", _runtime())(key=CODE_KEY, on_rested_change=_nothing)


def on_its_own(whether: bool) -> None:
    """Say that nothing outside of a picture's fragment follows it: the page is not asked for."""
    st.session_state[ON_ITS_OWN] = whether


def _nothing() -> None:
    """That it is asked for is enough for the page to run."""


def mount(key: str, data: bytes, leads: bool = False, /, **callbacks: Callable[[], None]) -> Any:
    """Show a picture; ``on_chosen_change`` and the like are called when the browser tells so.

    Args:
        key: Streamlit's key.
        data: what is shown.
        leads: the page follows this picture, even if it does not follow its others.
        callbacks: what is called for each event.
    """
    shown = data + _of_the_page(leads)
    return _component("picture", _runtime())(key=key, data=shown, **callbacks)


def _of_the_page(leads: bool) -> bytes:
    """Whether the rest of the page shows the same, does not yet, or need not."""
    if not controls.alone():
        return WHOLE
    return AHEAD if leads or not st.session_state.get(ON_ITS_OWN) else ALONE


def _runtime() -> Runtime | None:
    return Runtime.instance() if Runtime.exists() else None


@lru_cache(maxsize=4)
def _component(part: str, runtime: Runtime | None) -> Callable[..., Any]:
    """A component, registered once on a server (each AppTest is a server of its own)."""
    js = code() if part == "code" else lean(PICTURE)
    return st.components.v2.component(f"cnn_classroom_{part}", js=js)


@lru_cache(maxsize=1)
def code() -> str:
    """All scripts as one module, with the style sheet in it."""
    shared, scripts = (
        [(_HERE / "js" / f"{name}.js").read_text("utf-8") for name in names]
        for names in (SHARED, SCRIPTS)
    )
    style = json.dumps(lean((_HERE / "explorer.css").read_text("utf-8")))
    sheet = f"const SHEET = new CSSStyleSheet();\nSHEET.replaceSync({style});"
    own = [f"{{\n{script}\n}}" for script in scripts]
    return lean("\n".join([sheet, *shared, *own, MEET]))
