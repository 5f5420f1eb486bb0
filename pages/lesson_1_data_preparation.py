from lesson.ui import frame

SLUG = "data-preparation"

frame.header(SLUG)
frame.footer(SLUG)
