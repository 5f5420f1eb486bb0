from lesson.ui import frame

SLUG = "feedforward"

frame.header(SLUG)
frame.footer(SLUG)
