from lesson.ui import frame

SLUG = "comparison"

frame.header(SLUG)
frame.footer(SLUG)
