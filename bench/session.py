"""A reader without a browser: one session over Streamlit's websocket, as its frontend holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 30.0  # seconds for an answer
# What the frontend sends as second subprotocol where it has no cookie against forged requests.
SUBPROTOCOLS = [Subprotocol("streamlit"), Subprotocol("PLACEHOLDER_AUTH_TOKEN")]
# How the state of each kind of control is sent.
FIELDS = {
    "button": "trigger_value",
    "button_group": "string_array_value",
    "checkbox": "bool_value",
    "multiselect": "string_array_value",
    "number_input": "double_value",
    "radio": "string_value",
    "selectbox": "string_value",
    "slider": "double_array_value",
    "text_area": "string_value",
    "text_input": "string_value",
}


@dataclass(frozen=True)
class Control:
    """A control as the server last sent it.

    Attributes:
        kind: its name among Streamlit's elements.
        sent: the element.
        fragment: the part of the page that runs when it moves; empty for all of it.
    """

    kind: str
    sent: Any
    fragment: str

    @property
    def options(self) -> list[str]:
        """All that can be chosen; a select slider is a slider with options."""
        given = getattr(self.sent, "options", ())
        return [option if isinstance(option, str) else option.content for option in given]

    @property
    def default(self) -> list[str]:
        options = self.options
        return [options[int(at)] if options else str(at) for at in _listed(self.sent.default)]

    @property
    def shown(self) -> list[str]:
        """What the server wants it to show."""
        if not self.sent.set_value:
            return self.default
        names = ("raw_values", "raw_value", "value") if self.options else ("value",)
        value = next(getattr(self.sent, name) for name in names if hasattr(self.sent, name))
        return [str(one) for one in _listed(value)]

    def state(self, texts: Sequence[str]) -> WidgetState:
        """What the frontend sends when the control shows ``texts``."""
        field = FIELDS[self.kind]
        if self.kind == "slider" and self.options:
            field = "string_array_value"
        state = WidgetState(id=self.sent.id)
        if field == "double_array_value":
            state.double_array_value.data.extend(map(float, texts))
        elif field == "string_array_value":
            state.string_array_value.data.extend(texts)
        elif field == "double_value":
            state.double_value = float(texts[0])
        elif field == "string_value":
            state.string_value = texts[0]
        else:
            setattr(state, field, texts[0].lower() == "true")
        return state


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, int, float)) else list(value)


class Session:
    """A page that one reader has open.

    Attributes:
        errors: what went wrong, in the page's own words.
        behind: whether a picture was redrawn by a part of the page alone, and the browser would
            soon ask for the rest.
    """

    def __init__(self, socket: ClientConnection, address: str, page: str, query: str) -> None:
        self.socket = socket
        self.errors: list[str] = []
        self.behind = False
        self._page = page
        self._url = f"{address}/{page}"
        self._query = parse_qs(query)
        self._script = ""  # the page's name among the server's; it tells
        self._controls: dict[str, Control] = {}
        self._states: dict[str, WidgetState] = {}
        self._met: set[str] = set()  # controls of the run that is under way
        self._kept: set[str] = set()  # large elements, by their hashes; the server sends these

    async def load(self) -> None:
        """Have the whole page run."""
        await self._run("")

    async def move(self, key: str, texts: Sequence[str]) -> None:
        """Let a control show ``texts`` and wait until the page has followed.

        Raises:
            TimeoutError: it did not within ``PATIENCE``.
        """
        control = self.control(key)
        self._states[control.sent.id] = control.state(texts)
        if name := getattr(control.sent, "query_param_key", ""):
            self._query.pop(name, None)
            if list(texts) != control.default:
                self._query[name] = list(texts)
        await self._run(control.fragment)
        if control.kind == "button":
            del self._states[control.sent.id]

    def control(self, key: str) -> Control:
        """The control that the page gave this key."""
        for name, control in self._controls.items():
            if name.endswith(f"-{key}"):
                return control
        there = ", ".join(sorted(name.split("-", 2)[-1] for name in self._controls))
        raise LookupError(f"The page {self._page} has no control {key}; it has {there}.")

    async def _run(self, fragment: str) -> None:
        asked = ClientState(
            query_string=urlencode(self._query, doseq=True),
            widget_states=WidgetStates(widgets=self._states.values()),
            page_script_hash=self._script,
            page_name="" if self._script else self._page,
            fragment_id=fragment,
            cached_message_hashes=sorted(self._kept),
            context_info=ContextInfo(url=self._url, timezone="UTC", locale="en", is_embedded=False),
        )
        self.behind = False
        await self.socket.send(BackMsg(rerun_script=asked).SerializeToString())
        await asyncio.wait_for(self._finished(), PATIENCE)

    async def _finished(self) -> None:
        """Take in what comes, up to the end of a run that was not cut short."""
        while True:
            data = await self.socket.recv(decode=False)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._take(message.delta)
                if message.metadata.cacheable:
                    self._kept.add(message.hash)
            elif kind == "new_session":
                self._script = message.new_session.page_script_hash
                self._met = set()
            elif kind == "navigation":
                self._script = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self._query = parse_qs(message.page_info_changed.query_string)
            elif kind == "session_event":
                self.errors.append(str(message.session_event))
            elif kind == "script_finished":
                status = message.script_finished
                if status == ForwardMsg.FINISHED_SUCCESSFULLY:
                    for gone in self._controls.keys() - self._met:
                        del self._controls[gone]
                        self._states.pop(gone, None)
                if status != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return

    def _take(self, delta: Delta) -> None:
        """Remember a control and what it shows, and whatever is wrong."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind in FIELDS:
            control = Control(kind, getattr(element, kind), delta.fragment_id)
            name = control.sent.id
            self._controls[name] = control
            self._met.add(name)
            if kind != "button" and (control.sent.set_value or name not in self._states):
                self._states[name] = control.state(control.shown)
        elif kind == "bidi_component":
            self.behind |= element.bidi_component.bytes[-1:] == b"\1"
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)


@asynccontextmanager
async def session(address: str, page: str, query: str = "") -> AsyncIterator[Session]:
    """A reader opens a page of the server at ``address`` and waits until it has run."""
    stream = address.replace("http://", "ws://", 1) + "/_stcore/stream"
    async with connect(
        stream,
        origin=Origin(address),
        subprotocols=SUBPROTOCOLS,
        compression=None,  # as the server has it
        max_size=None,
        ping_interval=None,
        proxy=None,
    ) as socket:
        reader = Session(socket, address, page, query)
        await reader.load()
        yield reader
