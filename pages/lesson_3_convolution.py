from lesson.ui import frame

SLUG = "convolution"

frame.header(SLUG)
frame.footer(SLUG)
