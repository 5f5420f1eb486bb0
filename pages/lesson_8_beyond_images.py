from lesson.ui import frame

SLUG = "beyond-images"

frame.header(SLUG)
frame.footer(SLUG)
