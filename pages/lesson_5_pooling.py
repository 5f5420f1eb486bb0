from lesson.ui import frame

SLUG = "pooling"

frame.header(SLUG)
frame.footer(SLUG)
