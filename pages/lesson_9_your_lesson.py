"""What a reader has predicted, trained and found out, to keep and to print."""

from __future__ import annotations

from lesson.ui import frame

SLUG = "your-lesson"

frame.header(SLUG, pictures=False)
