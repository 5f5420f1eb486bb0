from lesson.ui import frame

SLUG = "inside-a-cnn"

frame.header(SLUG)
frame.footer(SLUG)
