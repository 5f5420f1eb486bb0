"""Controls whose values outlive the page and stand in the address bar.

Streamlit binds a widget to the address (``bind="query-params"``) and keeps its value over
pages (``persist_state="session"``). What it does not do is done here: a value from the address
is moved to the nearest valid one instead of being dropped, so is a kept value when its bounds
have changed. The browser's back button gives a page's earlier state, and does not reset the
controls of a page that one returns to. A link may hide a control or fix it (``lesson.ui.links``).
A control whose value is valid costs four look-ups.

Defaults are left out of the address. A key is written ``page_control``; the controls of a list
end in a number, as ``feedforward_units_1``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, Literal, TypeVar, cast

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lesson.ui import links
from lesson.ui.navigation import stayed

T = TypeVar("T")
Number = TypeVar("Number", int, float)

# A slider sends its stops to the browser on each run: beyond this, use ``number``.
MAX_STOPS = 1_000

# Whether controls made now are drawn; ``None`` outside of ``aside``.
_shown: ContextVar[bool | None] = ContextVar("_shown", default=None)


def _going_back() -> bool:
    """Whether this run is the answer to the browser's back or forward button."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def alone() -> bool:
    """Whether only a fragment of the page is run, and the rest of it stays as it is."""
    context = get_script_run_ctx()
    return bool(context and context.fragment_ids_this_run)


def _control(
    make: Callable[..., T],
    label: str,
    key: str,
    default: T,
    read: Callable[[Sequence[str]], T],
    write: Callable[[T], list[str]],
    fit: Callable[[T], T],
) -> T:
    """Make a widget that finds a valid value under ``key``, unless a link hides it.

    ``read`` turns any texts, at least one, into a valid value, ``write`` gives the texts that
    Streamlit reads back to it, ``fit`` moves a kept value into the present bounds.
    """
    link = links.in_hand()
    shown = False if link.hides(key) else _shown.get()
    if link.locks(key):
        make = partial(make, disabled=True)
    texts = st.query_params.get_all(key)
    if _going_back() and stayed():
        # An earlier state of this page: the address says which, and only it.
        st.session_state[key] = read(texts) if texts else default
    if shown is None:
        value = _bound(make, key, default, texts, read, write, fit)
    else:
        value = _aside(make if shown else None, key, default, texts, read, write, fit)
    links.note(key, label, write(value))
    return value


def _bound(
    make: Callable[..., T],
    key: str,
    default: T,
    texts: Sequence[str],
    read: Callable[[Sequence[str]], T],
    write: Callable[[T], list[str]],
    fit: Callable[[T], T],
) -> T:
    """A control that Streamlit itself binds to the address, where ``texts`` stand."""
    wrong = bool(texts) and texts != write(read(texts))
    bind: Literal["query-params"] | None = "query-params"

    if key in st.session_state:
        kept = st.session_state[key]
        fitting = fit(kept)
        if fitting != kept or not stayed():
            st.session_state[key] = fitting
        # What came with an address, Streamlit tells the browser on that page alone.
        if not (texts or stayed() or _going_back()):
            _write(key, fitting, default, write)
        # Streamlit would let an address without a usable value reset the control, and on the
        # way from page to page it leaves such addresses behind in the browser's history.
        if (wrong or not texts) and _going_back():
            bind = None
    elif wrong:
        # Streamlit would drop the text, or keep a value between two stops. So the address is
        # corrected first, and the page starts again from a valid one.
        value = read(texts)
        if value == default:
            del st.query_params[key]
        else:
            st.query_params[key] = write(value)
        st.rerun()

    value = make(key=key, bind=bind, persist_state="session")
    if bind is None:
        _write(key, value, default, write)
    return value


def _write(key: str, value: T, default: T, write: Callable[[T], list[str]]) -> None:
    """Let the address say what Streamlit does not write into it, and nothing of a default."""
    # Where a run was cut short, Streamlit may still hold the address bound, and writes it itself.
    with suppress(StreamlitAPIException):
        if value == default:
            st.query_params.pop(key, None)
        elif st.query_params.get_all(key) != write(value):
            st.query_params[key] = write(value)


def _aside(
    make: Callable[..., T] | None,
    key: str,
    default: T,
    texts: Sequence[str],
    read: Callable[[Sequence[str]], T],
    write: Callable[[T], list[str]],
    fit: Callable[[T], T],
) -> T:
    """A control whose value holds while it is not on the page: without ``make`` it is not drawn."""
    if key in st.session_state:
        value = fit(st.session_state[key])
    else:
        value = read(texts) if texts else default
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    if make:
        value = make(key=key, bind=None, persist_state="session")
    # Not bound: Streamlit takes a bound value out of the address with its widget.
    _write(key, value, default, write)
    return value


@contextmanager
def aside(shown: bool) -> Iterator[None]:
    """Controls that the page needs the values of and does not always show.

    A page with many controls that are seldom touched answers sooner without them: each costs the
    server and the browser about as much as a picture.
    """
    token = _shown.set(shown)
    try:
        yield
    finally:
        _shown.reset(token)


def _stops(low: Number, high: Number, step: Number) -> list[Number]:
    """All values from ``low`` to ``high`` in steps of ``step``, without float dust.

    >>> _stops(1, 8, 3), _stops(0.0, 0.3, 0.1)
    ([1, 4, 7], [0.0, 0.1, 0.2, 0.3])
    """
    if not step > 0 or (high - low) / step > MAX_STOPS:
        raise ValueError(
            f"A slider needs a step above 0 and at most {MAX_STOPS:,} steps, but it goes from "
            f"{low} to {high} in steps of {step}. Use a larger step, or a number field."
        )
    count = math.floor((high - low) / step + 1e-9) + 1
    if isinstance(step, int):
        return [low + index * step for index in range(count)]
    return [round(low + index * step, 10) for index in range(count)]


def _nearest(value: float, stops: Sequence[Number]) -> Number:
    """The stop nearest to ``value``, the lower one of two.

    >>> _nearest(1e99, [1, 4, 7]), _nearest(-5, [1, 4, 7]), _nearest(4.2, [1, 4, 7])
    (7, 1, 4)
    """
    # Bounded first: seen from far enough away, all stops are equally distant.
    value = min(max(value, stops[0]), stops[-1])
    return min(stops, key=lambda stop: abs(stop - value))


def _text(value: Number) -> list[str]:
    return [str(value)]


def _number(text: str) -> float | None:
    """The finite number that ``text`` spells, if it does.

    >>> [_number(text) for text in ("5", "3.7", "abc", "nan", "1e999")]
    [5.0, 3.7, None, None, None]
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def slider(
    label: str,
    key: str,
    min_value: Number,
    max_value: Number,
    default: Number,
    step: Number = 1,
    help: str | None = None,
) -> Number:
    """A slider that stops at ``min_value``, ``min_value + step``, and so on up to ``max_value``.

    The bounds may follow other controls: a value outside of them moves to the nearest stop.
    Where they leave no choice, the slider shows the only value and cannot be moved.
    """
    return stepped(label, key, _stops(min_value, max(min_value, max_value), step), default, help)


def stepped(
    label: str, key: str, stops: Sequence[Number], default: Number, help: str | None = None
) -> Number:
    """A slider over the given numbers, for steps that grow, such as 2, 4, 8, 16."""
    default = _nearest(default, stops)

    def read(texts: Sequence[str]) -> Number:
        value = _number(texts[-1])
        return default if value is None else _nearest(value, stops)

    def fit(kept: Number) -> Number:
        return kept if kept in stops else _nearest(kept, stops)

    # A select_slider, since a plain slider becomes another widget when its bounds change,
    # and forgets its value.
    def make(disabled: bool = False, **binding: Any) -> Any:
        disabled = disabled or len(stops) == 1
        return st.select_slider(label, stops, default, help=help, disabled=disabled, **binding)

    return _control(make, label, key, default, read, _text, fit)


def number(
    label: str,
    key: str,
    min_value: Number,
    max_value: Number,
    default: Number,
    step: Number = 1,
    help: str | None = None,
    format: str | None = None,
) -> Number:
    """A field for a number between the bounds, for ranges too wide for a slider.

    ``format`` is Streamlit's, as ``"%.4g"`` for weights that may be small.
    """
    max_value = max(min_value, max_value)
    whole = isinstance(default, int)

    def fit(value: float) -> Number:
        value = min(max(value, min_value), max_value)
        return cast(Number, math.floor(value + 0.5) if whole else float(value))

    def read(texts: Sequence[str]) -> Number:
        value = _number(texts[-1])
        return default if value is None else fit(value)

    default = fit(default)

    def make(**binding: Any) -> Any:
        return st.number_input(
            label, min_value, max_value, default, step, format, help=help, **binding
        )

    return _control(make, label, key, default, read, _text, fit)


def _choice(
    make: Callable[..., T],
    label: str,
    key: str,
    options: Sequence[T],
    default: T,
    format_func: Callable[[T], str],
) -> T:
    """Choices stand in the address as they are shown; their plain value is understood too."""

    def read(texts: Sequence[str]) -> T:
        for option in options:
            if texts[-1] in (format_func(option), str(option)):
                return option
        return default

    def write(value: T) -> list[str]:
        return [format_func(value)]

    def fit(kept: T) -> T:
        return kept if kept in options else default

    return _control(make, label, key, default, read, write, fit)


def select(
    label: str,
    key: str,
    options: Sequence[T],
    default: T,
    format_func: Callable[[T], str] = str,
    help: str | None = None,
    **look: Any,
) -> T:
    """A list to choose one of ``options`` from; ``default`` must be among them.

    ``look`` is Streamlit's ``label_visibility`` and ``width``.
    """

    def make(**binding: Any) -> Any:
        index = options.index(default)
        return st.selectbox(label, options, index, format_func, help=help, **look, **binding)

    return _choice(make, label, key, options, default, format_func)


def segmented(
    label: str,
    key: str,
    options: Sequence[T],
    default: T,
    format_func: Callable[[T], str] = str,
    help: str | None = None,
    required: bool = True,
    **look: Any,
) -> T:
    """The options side by side, one of them chosen; ``look`` as for a list.

    Where it is not ``required``, the chosen one can be let go, which gives ``None``.
    """

    def make(**binding: Any) -> Any:
        return st.segmented_control(
            label,
            options,
            default=default,
            format_func=format_func,
            help=help,
            required=required,
            **look,
            **binding,
        )

    return _choice(make, label, key, options, default, format_func)


def toggle(label: str, key: str, default: bool = False, help: str | None = None) -> bool:
    """A switch."""
    texts = {"true": True, "false": False}

    def make(**binding: Any) -> Any:
        return st.toggle(label, default, help=help, **binding)

    def read(found: Sequence[str]) -> bool:
        return texts.get(found[-1].lower(), default)

    def write(value: bool) -> list[str]:
        return [str(value).lower()]

    return _control(make, label, key, default, read, write, fit=bool)


def text(label: str, key: str, max_chars: int, **look: Any) -> str:
    """A field for a few words, empty at first; an address with more is cut off.

    ``look`` is Streamlit's ``placeholder``, ``label_visibility`` and ``width``.
    """

    def fit(value: str) -> str:
        return value[:max_chars]

    def make(**binding: Any) -> Any:
        return st.text_input(label, "", max_chars, **look, **binding)

    return _control(make, label, key, "", lambda texts: fit(texts[-1]), lambda v: [v], fit)


def multiselect(
    label: str,
    key: str,
    options: Sequence[T],
    default: Sequence[T],
    format_func: Callable[[T], str] = str,
    max_selections: int | None = None,
    help: str | None = None,
) -> list[T]:
    """Several of ``options``, in the order in which they were chosen, or none of them.

    The address names the key once for each. Unknown names are dropped, those beyond
    ``max_selections`` are cut off, and where nothing is left the default holds.
    """
    by_text = {str(option): option for option in options}
    by_text |= {format_func(option): option for option in options}

    def fit(chosen: Iterable[T]) -> list[T]:
        known = [option for option in dict.fromkeys(chosen) if option in options]
        return known[:max_selections]

    def write(value: Iterable[T]) -> list[str]:
        return [format_func(option) for option in value] or [""]

    def read(texts: Sequence[str]) -> list[T]:
        known = fit(by_text[text] for text in texts if text in by_text)
        return known or ([] if texts == [""] else fit(default))

    def make(**binding: Any) -> Any:
        return st.multiselect(
            label,
            options,
            default,
            format_func,
            help=help,
            max_selections=max_selections,
            **binding,
        )

    default = fit(default)
    return _control(make, label, key, default, read, write, fit)
