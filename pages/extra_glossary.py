"""Every word of the lesson that has a meaning of its own."""

from __future__ import annotations

from lesson.ui import frame

SLUG = "glossary"

frame.header(SLUG, pictures=False)
