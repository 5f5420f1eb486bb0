from lesson.ui import frame

SLUG = "padding"

frame.header(SLUG)
frame.footer(SLUG)
