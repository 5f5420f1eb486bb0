"""A page with a stopwatch in it, from the reader's key to the frame that shows the answer."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lesson.ui.explorer import decode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCRIPT = Path(__file__).with_suffix(".js")
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
PAUSE = 120  # ms after a change, so that nothing of it runs on into the next
LONG = 60_000  # ms
TEXT = "text"  # the name of the bare page's answer
BARE_TEXT = "[data-testid=stMarkdownContainer]:has-text('The value is')"
Act = Callable[["Page"], None]


class Watched:
    """A page of a reader's own, opened and at rest.

    Attributes:
        page: Playwright's.
        received: what the server sent since it was last emptied, message by message.
    """

    def __init__(self, chromium: Browser, address: str, shows: str, listens: bool = False) -> None:
        """Open ``address`` in a new context and wait until ``shows``, a selector, is there.

        Only who ``listens`` receives what the server sends: it costs time.
        """
        self.page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.set_default_timeout(LONG)
        self.page.add_init_script(path=SCRIPT)
        self.received: list[bytes] = []
        if listens:
            self.page.on("websocket", lambda socket: socket.on("framereceived", self._receive))
        self.page.goto(address)
        self.page.locator(shows).first.wait_for()
        self.rest()

    def _receive(self, message: str | bytes) -> None:
        self.received.append(message if isinstance(message, bytes) else message.encode())

    def rest(self) -> None:
        """Wait until the page has run to its end, and its parts are loaded and drawn."""
        self.page.wait_for_selector(IDLE)
        self.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
        self.page.wait_for_timeout(PAUSE)

    def time(self, act: Act, name: str) -> float:
        """Milliseconds from the key or the click in ``act`` to ``name`` painted; then rest.

        ``name`` is the key of a picture, or what was given to the stopwatch's ``watch``.
        """
        self.received.clear()
        self.page.bring_to_front()
        self.page.evaluate("stopwatch.start()")
        act(self.page)
        taken: float = self.page.evaluate("name => stopwatch.until(name)", name)
        self.rest()
        return taken

    def whole(self) -> float:
        """Milliseconds of the last change until all that it redrew was painted."""
        drawn: list[dict[str, Any]] = self.page.evaluate("stopwatch.drawn()")
        return max(one["taken"] for one in drawn)

    def traffic(self, name: str) -> str:
        """How much came with the last change: in all, for the picture ``name``, for its arrays."""
        for message in self.received:
            picture = ForwardMsg.FromString(message).delta.new_element.bidi_component
            if picture.id.endswith(f"-{name}") and picture.bytes:
                arrays = sum(values.nbytes for values in decode(picture.bytes)[1])
                everything = sum(map(len, self.received))
                return (
                    f"{everything / 1000:.1f} kB a change in {len(self.received)} messages, "
                    f"{len(message) / 1000:.1f} of them this picture, arrays {arrays / 1000:.1f}"
                )
        raise LookupError(f"The server sent no picture {name}.")

    def close(self) -> None:
        self.page.context.close()


def traffic(chromium: Browser, address: str, picture: str, act: Act) -> str:
    """What travels when a reader of a page does ``act``; see ``Watched.traffic``."""
    watched = Watched(chromium, address, shown(picture), listens=True)
    watched.time(deepcopy(act), picture)  # it remembers whose turn it is, and this is another page
    told = watched.traffic(picture)
    watched.close()
    return told


def shown(picture: str) -> str:
    """The selector of a picture that is drawn, by its key."""
    return f".st-key-{picture} .explorer"


def bare(chromium: Browser, address: str) -> Watched:
    """The bare page; what it answers is called ``TEXT``."""
    watched = Watched(chromium, address, BARE_TEXT)
    watched.page.locator(BARE_TEXT).evaluate("(node, name) => stopwatch.watch(node, name)", TEXT)
    return watched


# What a reader does


class Slide:
    """Move a slider by a step with the arrow keys, back and forth between its ends."""

    def __init__(self, selector: str) -> None:
        self.selector = f"{selector} input[type=range]"
        self.key = "ArrowRight"

    def __call__(self, page: Page) -> None:
        slider = page.locator(self.selector)
        place, end = (slider.get_attribute(name) for name in ("value", "max"))
        if place == end:
            self.key = "ArrowLeft"
        elif place == slider.get_attribute("min"):
            self.key = "ArrowRight"
        slider.focus()
        page.keyboard.press(self.key)


class Count:
    """Raise a number by one with the arrow key."""

    def __init__(self, key: str) -> None:
        self.selector = f".st-key-{key} input"

    def __call__(self, page: Page) -> None:
        page.locator(self.selector).focus()
        page.keyboard.press("ArrowUp")


class Turns:
    """Click on one of several in turn, by their selectors."""

    def __init__(self, *selectors: str) -> None:
        self.selectors = list(selectors)

    def __call__(self, page: Page) -> None:
        self.selectors.append(self.selectors.pop(0))
        page.locator(self.selectors[-1]).click()
