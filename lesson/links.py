"""Links that hide or fix controls, so that a class gets exactly the experiment that is meant.

An address names what it hides and what it fixes: ``?hide=padding_strides,sidebar&lock=digit``.
A name is the key of a control, or the part that the keys of a list have in common (``cnn_units``
for ``cnn_units_1`` and ``cnn_units_2``), or a part of the page. Addresses are never trusted: what
cannot be a name is dropped, and no more than :data:`MOST` names are kept. A name that no page
knows does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from lesson.words import listed

HIDE, LOCK = "hide", "lock"
PARTS = {"sidebar": "the sidebar", "code": "the Keras lines", "questions": "the questions"}
MOST = 100  # names to hide, and as many to fix
NAMED = 4  # what is fixed is counted where it is more than this
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBERS = re.compile(r"(_\d+)+$")


class Made(NamedTuple):
    """A control as a page made it: its label, and its value as it stands in an address."""

    label: str
    texts: Sequence[str]


@dataclass(frozen=True)
class Link:
    """What a link hides and what it fixes, by name; make it with :func:`link`."""

    hide: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hide or self.lock)

    def hides(self, key: str) -> bool:
        """Whether a control is not drawn.

        >>> [link(["cnn_units"], []).hides(key) for key in ("cnn_units_2", "cnn_units", "cnn_seed")]
        [True, True, False]
        """
        return bool(self.hide) and (key in self.hide or family(key) in self.hide)

    def locks(self, key: str) -> bool:
        """Whether a control is drawn, and cannot be moved."""
        named = bool(self.lock) and (key in self.lock or family(key) in self.lock)
        return named and not self.hides(key)

    def texts(self) -> dict[str, str]:
        """What stands in the address; :func:`read` makes the same link of it.

        >>> link(["code"], ["digit", "padding_padding"]).texts()
        {'hide': 'code', 'lock': 'digit,padding_padding'}
        """
        both = {HIDE: ",".join(self.hide), LOCK: ",".join(self.lock)}
        return {name: text for name, text in both.items() if text}


NONE = Link()


def family(key: str) -> str:
    """What the keys of a list of controls have in common: they end in numbers.

    >>> family("convolution_weight_2_1"), family("cnn_units_1"), family("digit")
    ('convolution_weight', 'cnn_units', 'digit')
    """
    return _NUMBERS.sub("", key)


def link(hide: Iterable[str], lock: Iterable[str]) -> Link:
    """A link of names: each once, and what is hidden need not be fixed.

    >>> link(["strides", "strides", "<script>"], ["strides", " digit"])
    Link(hide=('strides',), lock=('digit',))
    """
    hidden = _checked(hide)
    return Link(hidden, tuple(n for n in _checked(lock) if n not in hidden and n not in PARTS))


def _checked(names: Iterable[str]) -> tuple[str, ...]:
    found = (name for name in map(str.strip, names) if _NAME.fullmatch(name))
    return tuple(islice(dict.fromkeys(found), MOST))


def read(hide: Iterable[str], lock: Iterable[str]) -> Link:
    """The link that an address asks for: any texts, each with names between commas.

    >>> read(["padding_strides,code", "code,,☃"], ["padding_padding"])
    Link(hide=('padding_strides', 'code'), lock=('padding_padding',))
    """
    return link(*([name for text in texts for name in text.split(",")] for texts in (hide, lock)))


def choices(made: Mapping[str, Made]) -> dict[str, str]:
    """What can be ticked on a page: names, and what to call them; a list of controls is one.

    Args:
        made: the page's controls by their keys, in their order.

    >>> five, seven = Made("Units in layer 1", ["5"]), Made("Units in layer 2", ["7"])
    >>> choices({"my_units_1": five, "my_units_2": seven, "my_seed": Made("Seed", ["42"])})
    {'my_units': 'units, all 2', 'my_seed': 'Seed'}
    """
    lists: dict[str, list[str]] = {}
    for key in made:
        lists.setdefault(family(key), []).append(key)
    found = {}
    for name, keys in lists.items():
        if len(keys) == 1:
            found[keys[0]] = made[keys[0]].label
        else:
            found[name] = f"{name.partition('_')[2].replace('_', ' ')}, all {len(keys)}"
    return found


def says(asked: Link, made: Mapping[str, Made]) -> str:
    """What a link does to a page, in a sentence; empty where it does nothing.

    >>> made = {"a_size": Made("Size", ["3"]), "a_step": Made("Step", ["1"])}
    >>> says(link(["a_step", "code"], ["a_size", "nobody"]), made)
    'This link fixes Size and hides 1 control and the Keras lines.'
    >>> says(link(["nobody"], []), made)
    ''
    """
    fixed = list(choices({key: each for key, each in made.items() if asked.locks(key)}).values())
    hidden = sum(map(asked.hides, made))
    away = [_controls(hidden)] if hidden else []
    away += [words for part, words in PARTS.items() if part in asked.hide]
    kept = listed(fixed) if len(fixed) <= NAMED else _controls(len(fixed))
    does = [f"fixes {kept}"] * bool(fixed) + [f"hides {listed(away)}"] * bool(away)
    between = ", and " if len(fixed) > 1 else " and "
    return f"This link {between.join(does)}." if does else ""


def _controls(count: int) -> str:
    return "1 control" if count == 1 else f"{count} controls"


def address(page: str, asked: Link, values: Mapping[str, Sequence[str]]) -> str:
    """The link itself: a page's address, what is hidden and fixed, and every value.

    >>> address("http://host/padding", link(["code"], ["digit"]), {"digit": ["42"]})
    'http://host/padding?hide=code&lock=digit&digit=42'
    """
    pairs = list(asked.texts().items())
    pairs += [(key, text) for key, texts in values.items() for text in texts]
    root = page if urlsplit(page).path else f"{page}/"
    return f"{root}?{urlencode(pairs, safe=',')}" if pairs else page
