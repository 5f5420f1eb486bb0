"""What the speaker may want to know of each page."""

from __future__ import annotations

from lesson.ui import frame

SLUG = "notes"

frame.header(SLUG, pictures=False)
