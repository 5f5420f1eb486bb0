"""What a speaker's note is made of."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode


@dataclass(frozen=True)
class Link:
    """A lesson page with its controls set.

    Attributes:
        label: what one finds there.
        slug: the page's address.
        settings: keys of controls and their values, as the address has them.
    """

    label: str
    slug: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """Where the link leads.

        >>> link("Padding of one pixel", "padding", padding_padding="1").address
        '/padding?padding_padding=1'
        """
        # The overview is the app's first page, whose address is empty.
        path = "/" if self.slug == "overview" else f"/{self.slug}"
        return path + (f"?{urlencode(self.settings)}" if self.settings else "")

    @property
    def html(self) -> str:
        """The link, which leaves the notes where they are."""
        address = escape(self.address)
        return f'<a href="{address}" target="_blank">{self.label}</a>'


def link(label: str, slug: str, **settings: str) -> Link:
    """A link whose settings are written as keywords."""
    return Link(label, slug, tuple(settings.items()))


@dataclass(frozen=True)
class Said:
    """What a class will say to a question, and what to answer to it."""

    words: str
    right: bool
    answer: str


@dataclass(frozen=True)
class Ask:
    """A question for the class, and the page's picture that it is about."""

    question: str
    link: Link
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Show:
    """A thing to do before the class, and the settings that it begins with."""

    words: str
    link: Link


@dataclass(frozen=True)
class Note:
    """The speaker's notes for one page.

    Attributes:
        slug: the page's address.
        purpose: what the page is for.
        asks: in the order in which they are asked.
        shows: what to show, step by step.
        wrong: what goes wrong, and what to do then.
        short: what to leave out in the shorter plan.
        onward: how to pass to the next page.
    """

    slug: str
    purpose: str
    asks: tuple[Ask, ...]
    shows: tuple[Show, ...]
    wrong: tuple[str, ...]
    short: str
    onward: str

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link of the note."""
        return (*(ask.link for ask in self.asks), *(show.link for show in self.shows))

    @property
    def markdown(self) -> str:
        """The note as the speaker reads it."""
        parts = [f"**What it is for.** {self.purpose}", "## What to ask"]
        for ask in self.asks:
            parts.append(f"**{ask.question}** {ask.link.html}")
            parts.append(
                "\n".join(
                    f"- {'Right' if said.right else 'Wrong'}: “{said.words}” {said.answer}"
                    for said in ask.said
                )
            )
        shows = (f"{n}. {show.words} {show.link.html}" for n, show in enumerate(self.shows, 1))
        parts += ["## What to show", "\n".join(shows)]
        parts += ["## What goes wrong", "\n".join(f"- {each}" for each in self.wrong)]
        parts += [f"**Short of time?** {self.short}", f"**On to the next page.** {self.onward}"]
        return "\n\n".join(parts)
