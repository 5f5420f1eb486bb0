from lesson.ui import frame

SLUG = "overview"

frame.header(SLUG)
frame.footer(SLUG)
